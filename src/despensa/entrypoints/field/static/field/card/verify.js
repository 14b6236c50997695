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
import * as cose from "../domain/cose.js";
import { areEqual } from "../domain/octets.js";

/** Alphanumeric capacity of the largest QR code, ISO/IEC 18004 table 7. */
export const TEXT_LENGTH_MAX = 4296;
/** A Claim 169 token is signed without a label. */
const LABEL = "";

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
  try {
    const parsed = cose.parse(signed);
    const payload = await cose.verifyParsed(parsed, { label: LABEL, keys: issuerKeys });
    if (parsed.certificate) throw new cose.MalformedSignature("a card carries no certificate");
    return { card: cardOf(payload), kid: parsed.kid };
  } catch (error) {
    if (error instanceof cose.MalformedSignature) throw new CardError("not_cose", error.message);
    if (error instanceof cose.UnknownKey) throw new CardError("unknown_key", error.message);
    if (error instanceof cose.BadSignature) throw new CardError("bad_signature", error.message);
    throw error;
  }
}

/** @param {Uint8Array} payload */
function cardOf(payload) {
  const fields = decoded(payload);
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

/** @param {Uint8Array} payload @returns {cbor.Value} */
function decoded(payload) {
  try {
    return cbor.decode(payload);
  } catch (error) {
    if (error instanceof cbor.EncodingError) throw new CardError("wrong_claims", error.message);
    throw error;
  }
}
