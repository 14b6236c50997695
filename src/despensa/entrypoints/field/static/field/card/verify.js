/**
 * The three answers about a card: genuine, not genuine, cannot tell.
 *
 * The twin of domain/card/envelope.py and verify.py; both read the cases of vectors/card/token.json.
 * Source: docs/reference/formats.md section 1; docs/explanation/design.md section 6.
 */

import * as base45 from "./base45.js";
import * as cbor from "./cbor.js";
import { ClaimsError, IDENTITY, fromClaims } from "./claims.js";
import * as zlib from "./deflate.js";
import { verify as ed25519 } from "./ed25519.js";

/** Alphanumeric capacity of the largest QR code, ISO/IEC 18004 table 7. */
export const TEXT_LENGTH_MAX = 4296;
const HEADER_LENGTH_MAX = 32;
const ALGORITHM_EDDSA = -8;
const CERTIFICATE_HEADER = -65537;

export const GENUINE = "genuine";
export const NOT_GENUINE = "not genuine";
export const CANNOT_TELL = "cannot tell";

/**
 * @typedef {"bad_base45" | "bad_zlib" | "too_large" | "encrypted" | "not_cose" | "unknown_key" |
 *   "bad_signature" | "no_claim_169" | "wrong_claims" | "unsigned" | "unknown_algorithm"} Fault
 */

/**
 * The answer about one text: a genuine card has a card, a key id and both facts about time; the
 * others have a fault and nothing that could be acted upon.
 *
 * @typedef {object} Verification
 * @property {typeof GENUINE | typeof NOT_GENUINE | typeof CANNOT_TELL} verdict
 * @property {Fault | null} fault
 * @property {import("./claims.js").Card | null} card
 * @property {string | null} kid hex of 8 bytes
 * @property {boolean | null} expired
 * @property {boolean | null} notYetValid
 */

/** @typedef {Map<string, Uint8Array<ArrayBuffer>>} IssuerKeys hex of kid8 -> raw Ed25519 public key */

/** The text is no card of ours, for the reason in `fault`. */
export class CardError extends Error {
  /** @param {Fault} fault @param {string} message */
  constructor(fault, message) {
    super(message);
    this.fault = fault;
  }
}

/**
 * Return whether a QR text is a card of a listed issuer. Never rejects on any text.
 *
 * @param {string} text
 * @param {{issuerKeys: IssuerKeys, now: number}} known `now` in seconds UTC
 * @returns {Promise<Verification>}
 */
export async function verify(text, { issuerKeys, now }) {
  try {
    const { card, kid } = await decode(text, issuerKeys);
    const expired = now >= card.expiresAt;
    return { verdict: GENUINE, fault: null, card, kid, expired, notYetValid: now < card.issuedAt };
  } catch (error) {
    if (!(error instanceof CardError)) throw error;
    const verdict = error.fault === "unknown_key" ? CANNOT_TELL : NOT_GENUINE;
    const { fault } = error;
    return { verdict, fault, card: null, kid: null, expired: null, notYetValid: null };
  }
}

/**
 * Return the signed bytes inside a QR text, without looking at them.
 *
 * @param {string} text
 * @returns {{stream: Uint8Array, signed: Uint8Array}}
 * @throws {CardError} with bad_base45, bad_zlib or too_large.
 */
export function openText(text) {
  if (!text || text.length > TEXT_LENGTH_MAX) throw new CardError("bad_base45", "no card's length");
  try {
    const stream = base45.decode(text);
    return { stream, signed: zlib.inflate(stream) };
  } catch (error) {
    if (error instanceof base45.Base45Error) throw new CardError("bad_base45", error.message);
    if (error instanceof zlib.DeflateError) throw new CardError("bad_zlib", error.message);
    if (error instanceof zlib.TooLarge) throw new CardError("too_large", error.message);
    throw error;
  }
}

/** @param {string} text @param {IssuerKeys} issuerKeys */
async function decode(text, issuerKeys) {
  const { stream, signed } = openText(text);
  if (!areEqual(zlib.deflate(signed), stream)) throw new CardError("bad_zlib", "another form");
  const { header, unprotected, payload, signature } = sign1(signed);
  const kid = keyId(header);
  const key = issuerKeys.get(kid);
  if (!key) throw new CardError("unknown_key", "signed by an issuer unknown here");
  const isGood = await ed25519(copied(signature), cbor.toBeSigned(header, payload), key);
  if (!isGood) throw new CardError("bad_signature", "the signature does not belong to this card");
  if (unprotected.size) throw new CardError("not_cose", "a card carries no certificate");
  return { card: cardOf(payload), kid };
}

/** @param {Uint8Array} signed */
function sign1(signed) {
  const value = decoded(signed, "not_cose");
  const parts = value instanceof cbor.Tagged && value.tag === cbor.SIGN1_TAG ? value.value : null;
  if (!Array.isArray(parts) || parts.length !== 4) throw new CardError("not_cose", "no COSE_Sign1");
  const [header, unprotected, payload, signature] = parts;
  const areBytes = header instanceof Uint8Array && payload instanceof Uint8Array;
  if (!areBytes || !(signature instanceof Uint8Array) || signature.length !== 64) {
    throw new CardError("not_cose", "not the parts of a COSE_Sign1");
  }
  if (!(unprotected instanceof Map)) throw new CardError("not_cose", "the header is no map");
  const certificate = unprotected.get(CERTIFICATE_HEADER);
  const hasOneCertificate = unprotected.size === 1 && certificate instanceof Uint8Array;
  if (unprotected.size && !hasOneCertificate) throw new CardError("not_cose", "unknown header");
  return { header, unprotected, payload, signature };
}

/** @param {Uint8Array} header @returns {string} hex */
function keyId(header) {
  if (header.length > HEADER_LENGTH_MAX) throw new CardError("not_cose", "not our header");
  const fields = decoded(header, "not_cose");
  const known = fields instanceof Map && [...fields.keys()].every((key) => key === 1 || key === 4);
  const kid = known ? fields.get(4) : null;
  const isOurs = known && fields.get(1) === ALGORITHM_EDDSA;
  if (!isOurs || !(kid instanceof Uint8Array) || kid.length !== 8) {
    throw new CardError("not_cose", "only EdDSA with an 8 byte key id");
  }
  return hex(kid);
}

/** @param {Uint8Array} payload */
function cardOf(payload) {
  const fields = decoded(payload, "wrong_claims");
  if (!(fields instanceof Map) || !fields.has(IDENTITY)) {
    throw new CardError("no_claim_169", "no claim 169 inside");
  }
  try {
    return fromClaims(fields);
  } catch (error) {
    if (error instanceof ClaimsError) throw new CardError("wrong_claims", error.message);
    throw error;
  }
}

/** @param {Uint8Array} data @param {Fault} fault */
function decoded(data, fault) {
  try {
    return cbor.decode(data);
  } catch (error) {
    if (error instanceof cbor.EncodingError) throw new CardError(fault, error.message);
    throw error;
  }
}

/** @param {Uint8Array} one @param {Uint8Array} other */
function areEqual(one, other) {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** @param {Uint8Array} data @returns {Uint8Array<ArrayBuffer>} */
function copied(data) {
  return new Uint8Array(data);
}

/** @param {Uint8Array} data */
export function hex(data) {
  return [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
