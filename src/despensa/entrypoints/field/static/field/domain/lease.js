/**
 * The lease: the signed list of entitlements that one phone may hand over in one session.
 *
 * The twin of domain/lease.py. Source: docs/reference/formats.md sections 2 and 3.
 */

import * as cbor from "../card/cbor.js";
import { SealBroken, gcmOpen } from "../crypto/primitives.js";
import * as cose from "./cose.js";
import { areEqual, joined } from "./octets.js";
import { ID_LENGTH, KEY_LENGTH, Reader, withoutHeader } from "./payload.js";

/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./payload.js").Goods} Goods */

const LABEL = "despensa/lease/1";
const BYTES_MAX = 2 ** 24;
const KEYS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17];
const NONCE_LENGTH = 12;
const LOOKUP_LENGTH = 8;
const STEP_MAX = 2 ** 16 - 1;
const NAME_MAX = 120;

/** How a programme has its collectors confirmed. */
export const CHECK = Object.freeze({ NONE: 0, PIN: 1, NAME: 2 });
export const ROLE = Object.freeze({ PRIMARY: 1, ALTERNATE: 2, PROXY: 3 });

/** The sealed collectors do not belong to this card, this lease or this tag. */
export class HolderSealBroken extends Error {}

/** @typedef {{role: number, name: string, pin: string | null}} Collector */

/**
 * One usable card of a household: how to find it, and who may collect with it.
 *
 * @typedef {object} LeaseCard
 * @property {number} step
 * @property {Octets} tag
 * @property {Octets} numberLookup
 * @property {number} holderEpoch
 * @property {Octets | null} holder
 */

/**
 * What one household gets; `origin` is the list it came from, where it was taken over.
 *
 * @typedef {{scope: number, goods: Goods, cards: LeaseCard[],
 *   origin?: {leaseId: Octets, lookupKey: Octets}}} LeaseEntitlement
 */
/** @typedef {{programme: Octets, cycle: Octets}} Scope */

/**
 * @typedef {object} Lease
 * @property {Octets} leaseId
 * @property {Octets} workspaceId
 * @property {Octets} deviceId
 * @property {Octets} sessionId
 * @property {Octets} pointId
 * @property {number} issuedAt seconds UTC
 * @property {number} expiresAt
 * @property {{day: number, opensAt: number, closesAt: number}} hours day since 1970-01-01, local
 * @property {Octets[]} issuerKeys raw
 * @property {Scope[]} scopes
 * @property {LeaseEntitlement[]} entitlements
 * @property {Octets} lookupKey
 * @property {number} table 0: the only one
 * @property {number} check
 * @property {Octets} inboxKey raw X25519
 * @property {number} appealDays
 * @property {number} supervisedCap
 */

/**
 * Return a lease once one of the authority's keys vouches for it.
 *
 * Whether it is meant for this phone, and still runs, is asked by the caller.
 *
 * @param {Uint8Array} data @param {cose.KeyRing} authorityKeys
 * @returns {Promise<Lease>}
 * @throws {cose.MalformedSignature | cose.UnknownKey | cose.BadSignature}
 */
export async function verifyLease(data, authorityKeys) {
  const known = { label: LABEL, keys: authorityKeys, bytesMax: BYTES_MAX };
  const fields = withoutHeader(await cose.verify(data, known), "lease");
  fields.exactly(KEYS);
  fields.uint(0, 1, 1);
  const issuedAt = fields.uint(6);
  const scopes = fields.array(10).map((item) => readScope(fields, 10, item));
  const names = scopes.map(({ programme, cycle }) => joined(programme, cycle).join());
  if (!scopes.length || new Set(names).size !== names.length) {
    fields.refuse(10, "must name at least one cycle, each once");
  }
  const entitlements = fields.array(11).map((item) => readEntitlement(fields, 11, item, scopes.length));
  const tags = entitlements.flatMap(({ cards }) => cards.map((card) => card.tag.join()));
  if (new Set(tags).size !== tags.length) fields.refuse(11, "must not list a tag twice");
  return {
    leaseId: fields.octets(1, ID_LENGTH),
    workspaceId: fields.octets(2, ID_LENGTH),
    deviceId: fields.octets(3, ID_LENGTH),
    sessionId: fields.octets(4, ID_LENGTH),
    pointId: fields.octets(5, ID_LENGTH),
    issuedAt,
    expiresAt: fields.uint(7, issuedAt + 1),
    hours: hours(fields),
    issuerKeys: await keyed(fields, 9, fields.array(9)),
    scopes,
    entitlements,
    lookupKey: fields.octets(12, KEY_LENGTH),
    table: fields.uint(13),
    check: fields.uint(14, 0, 2),
    inboxKey: (await keyed(fields, 15, [fields.value(15)]))[0],
    appealDays: fields.uint(16),
    supervisedCap: fields.uint(17),
  };
}

/** @param {Uint8Array} deviceId @param {Uint8Array} leaseId the HPKE info a lease is wrapped under */
export function leaseInfo(deviceId, leaseId) {
  return joined(LABEL, deviceId, leaseId);
}

/**
 * Return the collectors of the card whose chain made the holder key.
 *
 * @param {Uint8Array} data @param {{holderKey: Uint8Array, tag: Uint8Array}} card
 * @returns {Promise<Collector[]>}
 * @throws {HolderSealBroken}
 */
export async function openHolder(data, { holderKey, tag }) {
  const [nonce, sealed] = [data.slice(0, NONCE_LENGTH), data.slice(NONCE_LENGTH)];
  try {
    const opened = await gcmOpen(holderKey, nonce, sealed, joined("despensa/holder/1", tag));
    const fields = new Reader("holder", new Map([[0, cbor.decode(opened)]]));
    return fields.array(0).map((row) => collector(fields, row));
  } catch (error) {
    const kinds = [SealBroken, cbor.EncodingError, cose.MalformedSignature];
    if (!kinds.some((kind) => error instanceof kind)) throw error;
    throw new HolderSealBroken("the collectors' names do not open with this card");
  }
}

/** @param {Reader} fields @param {number} key @param {any} value @returns {LeaseCard} */
export function readCard(fields, key, value) {
  const [step, tag, lookup, holderEpoch, holder] = fields.asArray(key, value, 5);
  const readStep = fields.asUint(key, step, 0, STEP_MAX);
  if (holder !== null && !(holder instanceof Uint8Array && holder.length > NONCE_LENGTH)) {
    fields.refuse(key, "must hold sealed collectors or null");
  }
  return {
    step: readStep,
    tag: fields.asOctets(key, tag, ID_LENGTH),
    numberLookup: fields.asOctets(key, lookup, LOOKUP_LENGTH),
    // a name is never sealed under an older link than the tag: that would outlive the step
    holderEpoch: fields.asUint(key, holderEpoch, readStep, STEP_MAX),
    holder,
  };
}

/** @param {Reader} fields @param {number} key @param {any} value @returns {Scope} */
export function readScope(fields, key, value) {
  const [programme, cycle] = fields.asArray(key, value, 2);
  return {
    programme: fields.asOctets(key, programme, ID_LENGTH),
    cycle: fields.asOctets(key, cycle, ID_LENGTH),
  };
}

/** @param {Reader} fields @param {any} row @returns {Collector} */
function collector(fields, row) {
  const [role, name, pin] = fields.asArray(0, row, 3);
  return {
    role: fields.asUint(0, role, 1, 2),
    name: fields.asText(0, name, NAME_MAX),
    pin: pin === null ? null : fields.asText(0, pin),
  };
}

/** @param {Reader} fields */
function hours(fields) {
  const [day, opens, closes] = fields.array(8, 3);
  const opensAt = fields.asUint(8, opens);
  return { day: fields.asUint(8, day), opensAt, closesAt: fields.asUint(8, closes, opensAt + 1) };
}

/** @param {Reader} fields @param {number} key @param {any[]} values @returns {Promise<Octets[]>} */
async function keyed(fields, key, values) {
  const keys = [];
  for (const value of values) {
    const [kid, raw] = fields.asArray(key, value, 2);
    const publicKey = fields.asOctets(key, raw, KEY_LENGTH);
    if (!(kid instanceof Uint8Array) || !areEqual(kid, await cose.keyId(publicKey))) {
      fields.refuse(key, "must name each key by its own id");
    }
    keys.push(publicKey);
  }
  return keys;
}

/** @param {Reader} fields @param {number} key @param {any} value @param {number} scopes @returns {LeaseEntitlement} */
export function readEntitlement(fields, key, value, scopes) {
  const [scope, goods, cards] = fields.asArray(key, value, 3);
  const read = fields.asArray(key, cards).map((card) => readCard(fields, key, card));
  if (!read.length) fields.refuse(key, "must list at least one card per entitlement");
  return {
    scope: fields.asUint(key, scope, 0, scopes - 1),
    goods: fields.asGoods(key, goods),
    cards: read,
  };
}
