/**
 * Whether a text is a Claim 169 token of somebody this device cannot judge.
 *
 * What the strict reader calls no card of ours may be another issuer's good card: that is *cannot
 * tell*, never *not genuine*. Source: domain/card/foreign.py; MOSIP Claim 169 1.2.0.
 */

import * as cbor from "./cbor.js";
import { IDENTITY } from "./claims.js";
import { hex } from "../domain/octets.js";
import { CardError, openText } from "./verify.js";

const CWT_TAG = 61;
const SEALED_TAGS = [16, 96];

/**
 * @param {string} text
 * @param {import("./verify.js").IssuerKeys} issuerKeys
 * @returns {boolean}
 */
export function isOfAnotherIssuer(text, issuerKeys) {
  try {
    let value = cbor.decode(openText(text).signed, { lenient: true });
    if (value instanceof cbor.Tagged && value.tag === CWT_TAG) value = value.value;
    if (value instanceof cbor.Tagged && SEALED_TAGS.includes(Number(value.tag))) return true;
    if (value instanceof cbor.Tagged && value.tag === cbor.SIGN1_TAG) value = value.value;
    if (!Array.isArray(value) || value.length !== 4) return false;
    const [header, unprotected, payload] = value;
    if (!(header instanceof Uint8Array) || !(payload instanceof Uint8Array)) return false;
    const claims = cbor.decode(payload, { lenient: true });
    if (!(claims instanceof Map) || !(claims.get(IDENTITY) instanceof Map)) return false;
    const fields = header.length ? cbor.decode(header, { lenient: true }) : new Map();
    const named = fields instanceof Map && fields.has(4) ? fields : unprotected;
    const kid = named instanceof Map ? named.get(4) : null;
    return !(kid instanceof Uint8Array && issuerKeys.has(hex(kid)));
  } catch (error) {
    if (error instanceof CardError || error instanceof cbor.EncodingError) return false;
    throw error;
  }
}
