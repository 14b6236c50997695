/**
 * One phone takes over from another what it has not handed out, with no network between them.
 *
 * The twin of domain/redemption/take_over.py; both play vectors/lease/takeover.json.
 * Source: docs/reference/formats.md section 3; docs/decisions/0039.
 */

import * as cose from "./cose.js";
import { keysOf, verifyCertificate } from "./device.js";
import { KIND, verifyEvent } from "./event.js";
import { readEntitlement, readScope } from "./lease.js";
import { areEqual, hex, joined } from "./octets.js";
import { ID_LENGTH, KEY_LENGTH, Reader } from "./payload.js";

/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./lease.js").Lease} Lease */
/** @typedef {import("./lease.js").LeaseEntitlement} LeaseEntitlement */
/** @typedef {import("./device.js").DeviceCertificate} DeviceCertificate */
/** @typedef {{publicKey: Octets, signer: cose.Signer, certificate: Uint8Array}} Signing */

const ASK_LABEL = "despensa/take-over/1";
const LABEL = "despensa/hand-over/1";
const VERSION = 1;

/**
 * Entitlements of one list, which finds typed numbers by its own key.
 *
 * @typedef {{leaseId: Octets, lookupKey: Octets, entitlements: LeaseEntitlement[]}} Group
 */
/** @typedef {{deviceId: Octets, leaseId: Octets, sessionId: Octets, nonce: Octets, sealingKey: Octets}} Asking */
/** @typedef {{other: DeviceCertificate, event: import("./event.js").Event, release: Octets, groups: Group[]}} Taken */

/** The code moves nothing; `trouble` says why, in the words of the vectors. */
export class TakeOverRefused extends Error {
  /** @param {string} trouble */
  constructor(trouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

/**
 * Return a phone's asking, under its certificate.
 *
 * @param {{deviceId: Octets, leaseId: Octets, sessionId: Octets, askedAt: number, nonce: Octets}} asking
 * @param {Signing} signing
 */
export function signAsking({ deviceId, leaseId, sessionId, askedAt, nonce }, signing) {
  const fields = [VERSION, deviceId, leaseId, sessionId, askedAt, nonce];
  return cose.sign(new Map(fields.map((value, key) => [key, value])), { label: ASK_LABEL, ...signing });
}

/**
 * Return another phone's asking, as the phone sees it whose list is `own`.
 *
 * @param {Uint8Array} data @param {Lease} own @param {{authorityKeys: cose.KeyRing, now: number}} known
 * @returns {Promise<Asking>} @throws {TakeOverRefused}
 */
export async function readAsking(data, own, known) {
  const { fields, other } = await signed(data, ASK_LABEL, own, known);
  return refusing(async () => {
    fields.exactly([0, 1, 2, 3, 4, 5]);
    fields.uint(0, VERSION, VERSION);
    fields.uint(4);
    const asking = {
      deviceId: fields.octets(1, ID_LENGTH),
      leaseId: fields.octets(2, ID_LENGTH),
      sessionId: fields.octets(3, ID_LENGTH),
      nonce: fields.octets(5, ID_LENGTH),
      sealingKey: other.sealingKey,
    };
    if (!areEqual(asking.deviceId, other.deviceId)) fields.refuse(1, "must name the phone that signs");
    if (!areEqual(asking.sessionId, own.sessionId)) throw new TakeOverRefused("other_session");
    return asking;
  });
}

/**
 * Return what a phone releases, under its certificate; it is sealed to the other phone's key.
 *
 * @param {{release: Octets, nonce: Octets, scopes: import("./lease.js").Scope[], groups: Group[]}} made
 * @param {Signing} signing
 */
export function signHandOver({ release, nonce, scopes, groups }, signing) {
  const rows = (/** @type {LeaseEntitlement[]} */ entitlements) =>
    entitlements.map(({ scope, goods, cards }) => [
      scope,
      goods,
      cards.map((card) => [card.step, card.tag, card.numberLookup, card.holderEpoch, card.holder]),
    ]);
  const fields = [
    VERSION,
    release,
    nonce,
    scopes.map(({ programme, cycle }) => [programme, cycle]),
    groups.map(({ leaseId, lookupKey, entitlements }) => [leaseId, lookupKey, rows(entitlements)]),
  ];
  return cose.sign(new Map(fields.map((value, key) => [key, value])), { label: LABEL, ...signing });
}

/** @param {Uint8Array} nonce the HPKE info under which a hand-over is sealed to the phone that asked */
export function sealInfo(nonce) {
  return joined(LABEL, nonce);
}

/**
 * Return what the phone whose list is `own` may take into it; `nonce` is that of its asking.
 *
 * @param {Uint8Array} data @param {Lease} own
 * @param {{nonce: Uint8Array, authorityKeys: cose.KeyRing, now: number}} known
 * @returns {Promise<Taken>} @throws {TakeOverRefused}
 */
export async function readHandOver(data, own, { nonce, ...known }) {
  const { fields, other } = await signed(data, LABEL, own, known);
  return refusing(async () => {
    const made = handOver(fields);
    const event = await verifyEvent(made.release, other).catch((error) => {
      if (error instanceof cose.MalformedSignature) throw error;
      throw new TakeOverRefused("bad_signature");
    });
    if (!areEqual(event.sessionId, own.sessionId)) throw new TakeOverRefused("other_session");
    if (!areEqual(made.nonce, nonce)) throw new TakeOverRefused("not_asked");
    checkRelease(event, made.groups, own);
    return { other, event, release: made.release, groups: groupsIn(made, own) };
  });
}

/** @param {Uint8Array} data @param {string} label @param {Lease} own @param {{authorityKeys: cose.KeyRing, now: number}} known */
async function signed(data, label, own, { authorityKeys, now }) {
  return refusing(async () => {
    const header = cose.parse(data).certificate;
    if (!header) throw new TakeOverRefused("malformed");
    const other = await verifyCertificate(header, authorityKeys);
    const verified = await cose.verify(data, { label, keys: await keysOf(other) });
    if (!areEqual(other.workspaceId, own.workspaceId)) throw new TakeOverRefused("other_office");
    if (now < other.issuedAt || now >= other.expiresAt) throw new TakeOverRefused("expired");
    if (areEqual(other.deviceId, own.deviceId)) throw new TakeOverRefused("own");
    return { fields: new Reader("take-over", verified.payload), other };
  });
}

/** @param {Reader} fields */
function handOver(fields) {
  fields.exactly([0, 1, 2, 3, 4]);
  fields.uint(0, VERSION, VERSION);
  const release = fields.value(1);
  if (!(release instanceof Uint8Array)) fields.refuse(1, "must hold a signed event");
  const scopes = fields.array(3).map((item) => readScope(fields, 3, item));
  const groups = fields.array(4).map((item) => group(fields, item, scopes.length));
  const tags = tagsOf(groups);
  if (!tags.length || new Set(tags).size !== tags.length) {
    fields.refuse(4, "must list at least one card, each once");
  }
  return { release: /** @type {Octets} */ (release), nonce: fields.octets(2, ID_LENGTH), scopes, groups };
}

/** @param {Reader} fields @param {any} value @param {number} scopes @returns {Group} */
function group(fields, value, scopes) {
  const [leaseId, lookupKey, listed] = fields.asArray(4, value, 3);
  return {
    leaseId: fields.asOctets(4, leaseId, ID_LENGTH),
    lookupKey: fields.asOctets(4, lookupKey, KEY_LENGTH),
    entitlements: fields.asArray(4, listed).map((item) => readEntitlement(fields, 4, item, scopes)),
  };
}

/** @param {import("./event.js").Event} event @param {Group[]} groups @param {Lease} own */
function checkRelease({ kind, handover }, groups, own) {
  const isForUs =
    kind === KIND.ROW_RELEASED &&
    handover?.otherLease &&
    areEqual(handover.other, own.deviceId) &&
    areEqual(handover.otherLease, own.leaseId);
  if (!isForUs) throw new TakeOverRefused("other_list");
  const released = handover.tags.map(hex).sort().join();
  if (tagsOf(groups).sort().join() !== released) throw new TakeOverRefused("not_released");
}

/** @param {{scopes: import("./lease.js").Scope[], groups: Group[]}} made @param {Lease} own @returns {Group[]} */
function groupsIn({ scopes, groups }, own) {
  const places = scopes.map(({ programme, cycle }) =>
    own.scopes.findIndex((one) => areEqual(one.programme, programme) && areEqual(one.cycle, cycle)),
  );
  if (places.includes(-1)) throw new TakeOverRefused("other_cycle");
  const listed = new Set(own.entitlements.flatMap(({ cards }) => cards.map(({ tag }) => hex(tag))));
  if (tagsOf(groups).some((tag) => listed.has(tag))) throw new TakeOverRefused("card_listed");
  return groups.map((one) => ({
    ...one,
    entitlements: one.entitlements.map((item) => ({ ...item, scope: places[item.scope] })),
  }));
}

/** @param {Group[]} groups */
function tagsOf(groups) {
  return groups.flatMap(({ entitlements }) =>
    entitlements.flatMap(({ cards }) => cards.map(({ tag }) => hex(tag))),
  );
}

/**
 * @template Result
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
async function refusing(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof cose.MalformedSignature) throw new TakeOverRefused("malformed");
    if (error instanceof cose.UnknownKey) throw new TakeOverRefused("unknown_key");
    if (error instanceof cose.BadSignature) throw new TakeOverRefused("bad_signature");
    throw error;
  }
}
