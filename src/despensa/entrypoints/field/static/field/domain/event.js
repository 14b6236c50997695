/**
 * The event: what one phone says happened, signed, numbered and chained to the event before.
 *
 * The twin of domain/event/record.py and chain.py. Source: docs/reference/formats.md section 4.
 */

import { sha256 } from "../crypto/primitives.js";
import * as cose from "./cose.js";
import { keysOf } from "./device.js";
import { ROLE } from "./lease.js";
import { areEqual, hex } from "./octets.js";
import { HASH_LENGTH, ID_LENGTH, NUMBER_LENGTH, Reader, withoutHeader } from "./payload.js";
import { ABORTS, REASON, REASONS } from "./refusal.js";

/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./payload.js").Goods} Goods */

const LABEL = "despensa/event/1";
const VERSION = 1;
const SERIAL_LENGTH_MAX = 32;
const REASON_MAX = 255;

/** Why somebody who is not named collects; closed, and never what somebody suffers from. */
export const PROXY_REASON = Object.freeze({
  CANNOT_COME: 1,
  WORKS_OR_STUDIES: 2,
  LIVES_FAR: 3,
  INSTITUTION_COLLECTS: 4,
});
const SEALED_WORD_MAX = 4096;
const RELEASE_BYTES_MAX = 2 ** 18;
/** Stands in key 15 where a reason would: the second person vouches for a typed card number. */
const TYPED_ENTRY = 0;
export const NO_SESSION = new Uint8Array(ID_LENGTH);

/** What happened; 10 to 15 are reserved for stock and sale. */
export const KIND = Object.freeze({
  DELIVERED: 1,
  REFUSED: 2,
  ABORTED: 3,
  SESSION_OPENED: 4,
  SESSION_CLOSED: 5,
  LEASE_RETURNED: 6,
  CARD_HANDED_OVER: 7,
  TAKEN_OVER: 8,
  ROW_RELEASED: 9,
});

/** How the card came to the phone. */
export const MEANS = Object.freeze({ CAMERA: 1, FILE: 2, TYPED: 3, KEYBOARD_SCANNER: 4, NO_CARD: 5 });

const ALWAYS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
/** Keys beside 0 to 9: what an event of each kind must have, and what it may have. */
const RULES = new Map([
  [KIND.DELIVERED, { must: [11, 14], may: [10, 15, 16, 17, 18] }],
  [KIND.REFUSED, { must: [12, 14], may: [13, 15, 17, 18] }],
  [KIND.ABORTED, { must: [12], may: [18] }],
  [KIND.SESSION_OPENED, { must: [], may: [15, 18] }],
  [KIND.SESSION_CLOSED, { must: [], may: [18] }],
  [KIND.LEASE_RETURNED, { must: [], may: [18] }],
  [KIND.CARD_HANDED_OVER, { must: [19], may: [18] }],
  // key 20: the other phone's signed release, on which the taking over stands; its list (kind 9)
  [KIND.TAKEN_OVER, { must: [19, 20], may: [18] }],
  [KIND.ROW_RELEASED, { must: [19, 20], may: [18] }],
]);
/** @type {number[]} */
const NEEDS_LEASE = [KIND.LEASE_RETURNED, KIND.TAKEN_OVER, KIND.ROW_RELEASED];
/** @type {number[]} */
const HANDOVERS = [KIND.TAKEN_OVER, KIND.ROW_RELEASED];

/**
 * One event; a field that is missing is a key that is missing, leaseId null stands in the map.
 *
 * @typedef {object} Event
 * @property {Octets} eventId
 * @property {Octets} deviceId
 * @property {number} seq
 * @property {Octets} previousHash
 * @property {number} kind
 * @property {number} claimedAt seconds UTC
 * @property {Octets} sessionId NO_SESSION where the phone knew of no session
 * @property {Octets | null} leaseId
 * @property {Octets} operatorId
 * @property {Octets} [tag]
 * @property {Goods} [goods]
 * @property {number} [reason]
 * @property {Octets} [commitment]
 * @property {number} [means]
 * @property {{second: Octets, reason: number | null, sealedWord: Uint8Array}} [supervised] reason null:
 *   the second person vouches for a typed card number, and for no more
 * @property {{role: number, proxyReason: number | null}} [collector]
 * @property {string} [paperSerial]
 * @property {{size: number, root: Octets}} [checkpoint]
 * @property {string} [cardNumber]
 * @property {Handover} [handover]
 */

/**
 * A release names the list of the phone that takes over; a taking over holds the signed release.
 *
 * @typedef {{other: Octets, tags: Octets[], otherLease?: Octets, release?: Octets}} Handover
 */

/** @param {Uint8Array} data the whole COSE_Sign1 */
export function eventHash(data) {
  return sha256(data);
}

/**
 * Return an event signed by its phone.
 *
 * @param {Event} event @param {{publicKey: Octets, signer: cose.Signer}} phone
 * @throws {cose.MalformedSignature} when the event breaks a rule of its kind.
 */
export async function signEvent(event, { publicKey, signer }) {
  const payload = toMap(event);
  fromMap(new Reader("event", payload));
  return cose.sign(payload, { label: LABEL, publicKey, signer });
}

/**
 * Return an event once the certified phone's key vouches for it.
 *
 * @param {Uint8Array} data @param {import("./device.js").DeviceCertificate} certificate
 * @returns {Promise<Event>}
 */
export async function verifyEvent(data, certificate) {
  const known = { label: LABEL, keys: await keysOf(certificate) };
  return fromMap(withoutHeader(await cose.verify(data, known), "event"));
}

/** The events do not continue the journal; `position` counts from 0 in the batch. */
export class ChainError extends Error {
  /** @param {string} fault @param {number} position */
  constructor(fault, position) {
    super(`event ${position} of the batch: ${fault}`);
    this.fault = fault;
    this.position = position;
  }
}

/**
 * Return the events of a batch that continues one phone's journal.
 *
 * @param {Uint8Array[]} events
 * @param {{certificate: import("./device.js").DeviceCertificate, seq: number, previousHash: Uint8Array}} place
 * @throws {ChainError} of several faults the one in the earliest event.
 */
export async function verifyChain(events, { certificate, seq, previousHash }) {
  const verified = [];
  const seen = new Set();
  let previous = previousHash;
  for (const [position, data] of events.entries()) {
    const event = await verifiedAt(data, certificate, position);
    if (!areEqual(event.deviceId, certificate.deviceId)) {
      throw new ChainError("wrong device", position);
    }
    if (event.seq !== seq + position) throw new ChainError("sequence broken", position);
    if (!areEqual(event.previousHash, previous)) throw new ChainError("link broken", position);
    if (seen.has(hex(event.eventId))) throw new ChainError("identifier repeated", position);
    seen.add(hex(event.eventId));
    previous = await eventHash(data);
    verified.push({ event, eventHash: previous, data });
  }
  return verified;
}

/** @param {Uint8Array} data @param {import("./device.js").DeviceCertificate} certificate @param {number} position */
async function verifiedAt(data, certificate, position) {
  try {
    return await verifyEvent(data, certificate);
  } catch (error) {
    const faults = [cose.MalformedSignature, cose.UnknownKey, cose.BadSignature];
    if (!faults.some((fault) => error instanceof fault)) throw error;
    throw new ChainError("not signed", position);
  }
}

/** @param {Event} event @returns {Map<number, any>} */
export function toMap(event) {
  const { supervised, collector, checkpoint, handover } = event;
  const fields = [
    [0, VERSION],
    [1, event.eventId],
    [2, event.deviceId],
    [3, event.seq],
    [4, event.previousHash],
    [5, event.kind],
    [6, event.claimedAt],
    [7, event.sessionId],
    [8, event.leaseId],
    [9, event.operatorId],
    [10, event.tag],
    [11, event.goods],
    [12, event.reason],
    [13, event.commitment],
    [14, event.means],
    [15, supervised && [supervised.second, supervised.reason ?? TYPED_ENTRY, supervised.sealedWord]],
    [16, collector && [collector.role, collector.proxyReason]],
    [17, event.paperSerial],
    [18, checkpoint && [checkpoint.size, checkpoint.root]],
    [19, event.cardNumber ? [event.cardNumber] : handover && [handover.other, handover.tags]],
    [20, handover && (handover.otherLease ?? handover.release)],
  ];
  return new Map(/** @type {[number, any][]} */ (fields.filter(([, value]) => value !== undefined)));
}

/** @param {Reader} fields @returns {Event} */
function fromMap(fields) {
  fields.uint(0, VERSION, VERSION);
  const kind = fields.uint(5, 1, KIND.ROW_RELEASED);
  const rule = RULES.get(/** @type {any} */ (kind));
  fields.exactly([...ALWAYS, ...(rule?.must ?? [])], rule?.may);
  /** @type {Event} */
  const event = {
    eventId: fields.octets(1, ID_LENGTH),
    deviceId: fields.octets(2, ID_LENGTH),
    seq: fields.uint(3, 1),
    previousHash: fields.octets(4, HASH_LENGTH),
    kind,
    claimedAt: fields.uint(6),
    sessionId: fields.octets(7, ID_LENGTH),
    leaseId: fields.octetsOrNull(8, ID_LENGTH),
    operatorId: fields.octets(9, ID_LENGTH),
  };
  if (fields.has(10)) event.tag = fields.octets(10, ID_LENGTH);
  if (fields.has(11)) event.goods = fields.goods(11);
  if (fields.has(12)) event.reason = reasonOf(fields, kind);
  if (fields.has(13)) event.commitment = fields.octets(13, HASH_LENGTH);
  if (fields.has(14)) event.means = fields.uint(14, 1, 5);
  if (fields.has(15)) event.supervised = supervisedIn(fields);
  if (fields.has(16)) event.collector = collectorIn(fields);
  if (fields.has(17)) event.paperSerial = fields.text(17, SERIAL_LENGTH_MAX);
  if (fields.has(18)) event.checkpoint = checkpointIn(fields);
  if (kind === KIND.CARD_HANDED_OVER) event.cardNumber = cardNumberIn(fields);
  if (HANDOVERS.includes(kind)) event.handover = handoverIn(fields, kind);
  checkTogether(fields, event);
  return event;
}

/**
 * Check what no single key can tell.
 *
 * @param {Reader} fields @param {Event} event
 */
function checkTogether(fields, event) {
  const { kind, supervised, tag } = event;
  const isTyped = event.means === MEANS.TYPED;
  const isSupervised = supervised !== undefined && supervised.reason !== null;
  if (NEEDS_LEASE.includes(kind) && !event.leaseId) fields.refuse(8, "must name the lease");
  if (kind === KIND.DELIVERED && !tag && !isSupervised) {
    fields.refuse(10, "is missing and nobody answers for the delivery");
  }
  if (kind === KIND.DELIVERED && tag && event.means === MEANS.NO_CARD) {
    fields.refuse(10, "has no place where no card was shown");
  }
  if (isTyped && !supervised) fields.refuse(15, "is missing: a typed number takes a second person");
  if (supervised && !isSupervised && (!isTyped || supervised.sealedWord.length)) {
    fields.refuse(15, "has no reason, which only a typed card number needs not");
  }
  if (kind === KIND.REFUSED && isSupervised) fields.refuse(15, "has no place on a refusal");
  if (event.reason === REASON.UNREADABLE && event.commitment) {
    fields.refuse(13, "has no place where the card could not be read");
  }
}

/** @param {Reader} fields @param {number} kind */
function reasonOf(fields, kind) {
  const reason = fields.uint(12, 0, REASON_MAX);
  const listed = kind === KIND.REFUSED ? REASONS : ABORTS;
  if (!listed.includes(reason)) fields.refuse(12, "must be a reason of the closed list");
  return reason;
}

/** @param {Reader} fields */
function supervisedIn(fields) {
  const [second, reason, word] = fields.array(15, 3);
  if (!(word instanceof Uint8Array) || word.length > SEALED_WORD_MAX) {
    fields.refuse(15, `must hold at most ${SEALED_WORD_MAX} sealed bytes`);
  }
  const operator = fields.asOctets(15, second, ID_LENGTH);
  const first = fields.value(9);
  if (first instanceof Uint8Array && areEqual(operator, first)) {
    fields.refuse(15, "must name a second person");
  }
  const number = fields.asUint(15, reason, 0, REASON_MAX);
  if (number !== TYPED_ENTRY && !REASONS.includes(number)) {
    fields.refuse(15, "must be a reason of the closed list");
  }
  return { second: operator, reason: number === TYPED_ENTRY ? null : number, sealedWord: word };
}

/** @param {Reader} fields */
function collectorIn(fields) {
  const [role, reason] = fields.array(16, 2);
  const readRole = fields.asUint(16, role, 1, 3);
  if ((reason !== null) !== (readRole === ROLE.PROXY)) {
    fields.refuse(16, "must give a reason for a proxy and only there");
  }
  const proxyReason = reason === null ? null : fields.asUint(16, reason, 1, PROXY_REASON.INSTITUTION_COLLECTS);
  return { role: readRole, proxyReason };
}

/** @param {Reader} fields */
function checkpointIn(fields) {
  const [size, root] = fields.array(18, 2);
  return { size: fields.asUint(18, size), root: fields.asOctets(18, root, HASH_LENGTH) };
}

/** @param {Reader} fields */
function cardNumberIn(fields) {
  const [number] = fields.array(19, 1);
  if (fields.asText(19, number).length !== NUMBER_LENGTH) {
    fields.refuse(19, `must be a card number of ${NUMBER_LENGTH} characters`);
  }
  return number;
}

/** @param {Reader} fields @param {number} kind @returns {Handover} */
function handoverIn(fields, kind) {
  const [phone, listed] = fields.array(19, 2);
  const tags = fields.asArray(19, listed).map((tag) => fields.asOctets(19, tag, ID_LENGTH));
  if (!tags.length || new Set(tags.map(hex)).size !== tags.length) {
    fields.refuse(19, "must list at least one tag, each once");
  }
  const other = fields.asOctets(19, phone, ID_LENGTH);
  if (areEqual(other, fields.octets(2, ID_LENGTH))) fields.refuse(19, "must name another phone");
  if (kind === KIND.ROW_RELEASED) return { other, tags, otherLease: fields.octets(20, ID_LENGTH) };
  const release = fields.value(20);
  if (!(release instanceof Uint8Array) || !release.length || release.length > RELEASE_BYTES_MAX) {
    fields.refuse(20, `must hold a signed event of at most ${RELEASE_BYTES_MAX} bytes`);
  }
  return { other, tags, release: /** @type {Octets} */ (release) };
}
