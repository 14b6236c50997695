/**
 * The operators' PINs: each sets her own on this phone, with her own code of the office; the server
 * never learns it.
 *
 * Ten wrong ones in a row destroy the list, never the journal. Source: docs/explanation/design.md
 * section 7.6.
 */

import { randomOctets } from "../crypto/primitives.js";
import { areEqual, hex, joined } from "../domain/octets.js";

/** @typedef {{salt: Uint8Array<ArrayBuffer>, hash: Uint8Array<ArrayBuffer>}} Pin */
/** @typedef {{wrong: number, of: Record<string, Pin>, used?: string[]}} Pins by operator in hex; used codes */

export const WRONG_MAX = 10;
const DIGITS = /^[0-9]{4,8}$/;
/** OWASP Password Storage Cheat Sheet 2023, PBKDF2-HMAC-SHA256. */
const ROUNDS = 600_000;

/** @param {string} pin */
export function isPin(pin) {
  return DIGITS.test(pin);
}

/** @param {string} pin @returns {Promise<Pin>} */
export async function hashed(pin) {
  const salt = randomOctets(16);
  return { salt, hash: await derived(pin, salt) };
}

/** @param {Pins} pins @param {Uint8Array} operator @param {string} pin */
export async function isRight(pins, operator, pin) {
  const known = pins.of[hex(operator)];
  return Boolean(known) && areEqual(known.hash, await derived(pin, known.salt));
}

/** @param {string} pin @param {Uint8Array<ArrayBuffer>} salt */
async function derived(pin, salt) {
  const key = await crypto.subtle.importKey("raw", joined(pin), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}
