/**
 * Events under seal on the phone and the wire: each under a key of its own from a chain that only
 * goes forward, so that a seized phone cannot read what it did.
 *
 * The twin of domain/event/sealing.py. Source: docs/reference/formats.md section 4.
 */

import * as cbor from "../card/cbor.js";
import { SealBroken, gcmOpen, gcmSeal, hmac } from "../crypto/primitives.js";
import { MalformedSignature } from "./cose.js";
import { bigEndian, joined } from "./octets.js";
import { ID_LENGTH, Reader } from "./payload.js";

/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {{deviceId: Octets, leaseId: Octets}} Lane a phone under one lease (NO_LEASE before any) */
/** @typedef {{lane: Lane, wrappedKey: Octets, first: number, sealed: Octets[]}} SealedBatch */

export const NO_LEASE = new Uint8Array(ID_LENGTH);
export const BATCH_MAX = 500;
export const BATCH_BYTES_MAX = 2 ** 20;
export const CHAIN_KEY_LENGTH = 32;
const WRAPPED_KEY_LENGTH = 32 + CHAIN_KEY_LENGTH + 16;
const PLACE_MAX = 2 ** 17;
const VERSION = 1;
/** Every message key seals one event, so the nonce may be constant. */
const NONCE = new Uint8Array(12);

/** @param {Lane} lane the HPKE info under which a lane's first chain key is wrapped */
export function inboxInfo({ deviceId, leaseId }) {
  return joined("despensa/inbox/1", deviceId, leaseId);
}

/** @param {Uint8Array} chainKey @returns {Promise<Octets>} whoever holds it cannot make the one before */
export function nextChainKey(chainKey) {
  return hmac(chainKey, joined("despensa/event-chain/1"));
}

/**
 * Return a signed event sealed at its place of a lane, `chainKey` being that of the place.
 *
 * No two different events are ever sealed at one place.
 *
 * @param {Uint8Array} data @param {{chainKey: Uint8Array, lane: Lane, place: number}} where
 */
export async function sealEvent(data, { chainKey, lane, place }) {
  return gcmSeal(await eventKey(chainKey), NONCE, data, placeLabel(lane, place));
}

/**
 * Return the signed events of a batch, `firstChainKey` being the lane's first.
 *
 * @param {SealedBatch} batch @param {Uint8Array} firstChainKey
 * @returns {Promise<Octets[]>}
 * @throws {SealBroken}
 */
export async function openEvents({ lane, first, sealed }, firstChainKey) {
  let chainKey = firstChainKey;
  for (let place = 1; place < first; place++) chainKey = await nextChainKey(chainKey);
  const events = [];
  for (const [index, item] of sealed.entries()) {
    const label = placeLabel(lane, first + index);
    events.push(await gcmOpen(await eventKey(chainKey), NONCE, item, label));
    chainKey = await nextChainKey(chainKey);
  }
  return events;
}

/** @param {SealedBatch} batch @returns {Octets} as it is sent and exported */
export function encodeBatch({ lane, wrappedKey, first, sealed }) {
  const fields = [VERSION, lane.deviceId, lane.leaseId, wrappedKey, first, sealed];
  return cbor.encode(new Map(fields.map((value, key) => [key, value])));
}

/**
 * Return the batch that bytes describe.
 *
 * @param {Uint8Array} data
 * @returns {SealedBatch}
 * @throws {MalformedSignature}
 */
export function decodeBatch(data) {
  const fields = new Reader("event batch", mapIn(data));
  fields.exactly([0, 1, 2, 3, 4, 5]);
  fields.uint(0, VERSION, VERSION);
  const sealed = fields.array(5);
  const areBytes = sealed.every((item) => item instanceof Uint8Array);
  if (!sealed.length || sealed.length > BATCH_MAX || !areBytes) {
    fields.refuse(5, `must hold 1 to ${BATCH_MAX} sealed events`);
  }
  return {
    lane: { deviceId: fields.octets(1, ID_LENGTH), leaseId: fields.octets(2, ID_LENGTH) },
    wrappedKey: fields.octets(3, WRAPPED_KEY_LENGTH),
    first: fields.uint(4, 1, PLACE_MAX),
    sealed,
  };
}

/** @param {Uint8Array} data */
function mapIn(data) {
  try {
    const value = data.length > BATCH_BYTES_MAX ? null : cbor.decode(data);
    if (value instanceof Map) return value;
  } catch (error) {
    if (!(error instanceof cbor.EncodingError)) throw error;
  }
  throw new MalformedSignature("event batch: no batch");
}

/** @param {Uint8Array} chainKey */
function eventKey(chainKey) {
  return hmac(chainKey, joined("despensa/event-key/1"));
}

/** @param {Lane} lane @param {number} place */
function placeLabel({ deviceId, leaseId }, place) {
  return joined("despensa/sealed-event/1", deviceId, leaseId, bigEndian(place, 8));
}

export { SealBroken };
