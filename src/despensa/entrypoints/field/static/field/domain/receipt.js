/**
 * The receipts a phone gives, provable by anybody with only the authority's key.
 *
 * The twin of the phone's part of domain/receipt.py: what is delivered and what is refused. The
 * office's other receipts are not read here. Source: docs/reference/formats.md section 5.
 */

import { sha256 } from "../crypto/primitives.js";
import * as cose from "./cose.js";
import { keysOf, verifyCertificate } from "./device.js";
import { areEqual } from "./octets.js";
import { HASH_LENGTH, ID_LENGTH, Reader } from "./payload.js";
import { OFFERED, REASONS } from "./refusal.js";

/** @typedef {import("./octets.js").Octets} Octets */

export const RECEIPT = Object.freeze({ DELIVERED: 1, REFUSED: 2 });
const LABEL = "despensa/receipt/1";
const VERSION = 1;
const SERIAL_LENGTH_MAX = 32;
const REASON_MAX = 255;
const ALWAYS = [0, 1, 2, 3, 4, 5];
const WORD_COUNT = 8;
const BITS_PER_WORD = 11;

/**
 * @typedef {object} Receipt
 * @property {number} kind
 * @property {Octets} workspaceId
 * @property {Octets} contentHash the event's
 * @property {number} day since 1970-01-01, local
 * @property {string} serial
 * @property {import("./payload.js").Goods} [goods]
 * @property {number} [reason]
 * @property {number} [appealUntil] day
 * @property {Octets} [nonce]
 * @property {Octets} [pointId]
 * @property {number} [offered]
 */

/**
 * Return a receipt signed by a phone, whose certificate rides along.
 *
 * @param {Receipt} receipt
 * @param {{publicKey: Octets, signer: cose.Signer, certificate: Uint8Array}} phone
 * @throws {cose.MalformedSignature}
 */
export async function signReceipt(receipt, phone) {
  const payload = toMap(receipt);
  fromMap(new Reader("receipt", payload));
  return cose.sign(payload, { label: LABEL, ...phone });
}

/**
 * Return what a delivery's or a refusal's receipt says.
 *
 * @param {Uint8Array} data @param {cose.KeyRing} authorityKeys
 * @returns {Promise<Receipt>}
 * @throws {cose.MalformedSignature | cose.UnknownKey | cose.BadSignature}
 */
export async function verifyReceipt(data, authorityKeys) {
  const riding = cose.parse(data).certificate;
  const certificate = riding ? await verifyCertificate(riding, authorityKeys) : null;
  const keys = certificate ? await keysOf(certificate) : authorityKeys;
  const { payload } = await cose.verify(data, { label: LABEL, keys });
  const receipt = fromMap(new Reader("receipt", payload));
  if (certificate && !areEqual(receipt.workspaceId, certificate.workspaceId)) {
    throw new cose.MalformedSignature("receipt: its phone belongs to another workspace");
  }
  return receipt;
}

/** @param {Uint8Array} data @returns {Promise<string[]>} eight words of 11 bits to read aloud */
export async function spokenCode(data) {
  const hash = (await sha256(data)).slice(0, (WORD_COUNT * BITS_PER_WORD) / 8);
  let bits = hash.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const words = [];
  for (let place = 0; place < WORD_COUNT; place++) {
    words.unshift(spokenWord(Number(bits & 0x7ffn)));
    bits >>= BigInt(BITS_PER_WORD);
  }
  return words;
}

/**
 * Return a word of 2,048 that means nothing in any language: consonant, vowel, twice, and a final.
 *
 * @param {number} index
 */
export function spokenWord(index) {
  const [consonants, vowels, finals] = ["bdlmnrstwy", "aiu", "lns"];
  let [rest, word] = [index, ""];
  for (const letters of [finals, vowels, consonants, vowels, consonants]) {
    word = letters[rest % letters.length] + word;
    rest = Math.floor(rest / letters.length);
  }
  return word;
}

/** @param {Receipt} receipt @returns {Map<number, any>} */
export function toMap(receipt) {
  const fields = [
    VERSION,
    receipt.kind,
    receipt.workspaceId,
    receipt.contentHash,
    receipt.day,
    receipt.serial,
    receipt.goods,
    receipt.reason,
    receipt.appealUntil,
    receipt.nonce,
    receipt.pointId,
    receipt.offered,
  ];
  const keyed = fields.map((value, key) => /** @type {[number, any]} */ ([key, value]));
  return new Map(keyed.filter(([, value]) => value !== undefined));
}

/** @param {Reader} fields @returns {Receipt} */
function fromMap(fields) {
  fields.uint(0, VERSION, VERSION);
  const kind = fields.uint(1, RECEIPT.DELIVERED, RECEIPT.REFUSED);
  const isDelivery = kind === RECEIPT.DELIVERED;
  fields.exactly([...ALWAYS, ...(isDelivery ? [6] : [7, 8, 11])], isDelivery ? [] : [9, 10]);
  /** @type {Receipt} */
  const receipt = {
    kind,
    workspaceId: fields.octets(2, ID_LENGTH),
    contentHash: fields.octets(3, HASH_LENGTH),
    day: fields.uint(4),
    serial: fields.text(5, SERIAL_LENGTH_MAX),
  };
  if (isDelivery) return { ...receipt, goods: fields.goods(6) };
  receipt.reason = fields.uint(7, 0, REASON_MAX);
  if (!REASONS.includes(receipt.reason)) fields.refuse(7, "must be a reason of the closed list");
  receipt.appealUntil = fields.uint(8, receipt.day);
  receipt.offered = fields.uint(11, 0, OFFERED.OTHER_POINT);
  if (fields.has(9)) receipt.nonce = fields.octets(9, ID_LENGTH);
  if (fields.has(10)) receipt.pointId = fields.octets(10, ID_LENGTH);
  return receipt;
}
