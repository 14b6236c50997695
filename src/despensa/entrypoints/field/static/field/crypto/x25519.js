/**
 * The key agreement under every seal: the browser's own X25519 where it has one, else these sums.
 *
 * Phones that are not updated any more have WebCrypto without X25519; they are the ones that poor
 * offices have. The sums are not made in constant time: whoever can measure them on the phone itself
 * has the phone. Source: RFC 7748 sections 5 and 6.1.
 */

import { randomOctets } from "./primitives.js";

/** @typedef {import("../domain/octets.js").Octets} Octets */
/** @typedef {CryptoKey | Octets} PrivateKey a key of the browser, or 32 raw bytes where it has none */

const LENGTH = 32;
const P = 2n ** 255n - 19n;
const A24 = 121_665n;
const BASE = new Uint8Array(LENGTH);
BASE[0] = 9;

/** These bytes are no usable key. */
export class UnusableKey extends Error {}

/** @type {Promise<boolean> | null} */
let known = null;

/** @returns {Promise<boolean>} whether the browser has X25519 itself */
export function hasX25519() {
  known ??= crypto.subtle
    .generateKey("X25519", false, ["deriveBits"])
    .then(() => true)
    .catch(() => false);
  return known;
}

/** @returns {Promise<{privateKey: PrivateKey, publicKey: Octets}>} never extractable where the browser makes it */
export async function createPair() {
  if (!(await hasX25519())) {
    const privateKey = randomOctets(LENGTH);
    return { privateKey, publicKey: multiplied(privateKey, BASE) };
  }
  const pair = /** @type {CryptoKeyPair} */ (
    await crypto.subtle.generateKey("X25519", false, ["deriveBits"])
  );
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { privateKey: pair.privateKey, publicKey };
}

/**
 * Return what both sides of an agreement know.
 *
 * @param {PrivateKey} privateKey @param {Uint8Array} publicKey raw
 * @returns {Promise<Octets>}
 * @throws {UnusableKey}
 */
export async function agreed(privateKey, publicKey) {
  const raw = new Uint8Array(publicKey);
  if (raw.length !== LENGTH) throw new UnusableKey("a public key has 32 bytes");
  if (privateKey instanceof Uint8Array) {
    const secret = multiplied(privateKey, raw);
    // a point of small order makes a secret that everybody knows
    if (secret.every((byte) => byte === 0)) throw new UnusableKey("a point of small order");
    return secret;
  }
  try {
    const other = await crypto.subtle.importKey("raw", raw, "X25519", true, []);
    const how = { name: "X25519", public: other };
    return new Uint8Array(await crypto.subtle.deriveBits(how, privateKey, 256));
  } catch {
    throw new UnusableKey("this is no usable key");
  }
}

/**
 * The Montgomery ladder. Source: RFC 7748 section 5.
 *
 * @param {Uint8Array} secret @param {Uint8Array} u
 * @returns {Octets}
 */
function multiplied(secret, u) {
  const scalar = numberIn(secret, (bytes) => {
    bytes[0] &= 248;
    bytes[31] = (bytes[31] & 127) | 64;
  });
  const x1 = numberIn(u, (bytes) => {
    bytes[31] &= 127;
  });
  let [x2, z2, x3, z3] = [1n, 0n, x1, 1n];
  let isSwapped = 0n;
  for (let bit = 254n; bit >= 0n; bit--) {
    const wanted = (scalar >> bit) & 1n;
    if (wanted !== isSwapped) [x2, x3, z2, z3] = [x3, x2, z3, z2];
    isSwapped = wanted;
    const [a, b, c, d] = [x2 + z2, x2 - z2, x3 + z3, x3 - z3];
    const [aa, bb, da, cb] = [(a * a) % P, (b * b) % P, (d * a) % P, (c * b) % P];
    const e = aa - bb;
    x3 = (da + cb) ** 2n % P;
    z3 = (x1 * ((da - cb) ** 2n % P)) % P;
    x2 = (aa * bb) % P;
    z2 = (e * (aa + A24 * e)) % P;
  }
  if (isSwapped) [x2, z2] = [x3, z3];
  return octetsOf(modulo(x2 * inverted(z2)));
}

/** @param {bigint} value @returns {bigint} value^(p - 2) */
function inverted(value) {
  let [result, base] = [1n, modulo(value)];
  for (let rest = P - 2n; rest; rest >>= 1n) {
    if (rest & 1n) result = (result * base) % P;
    base = (base * base) % P;
  }
  return result;
}

/** @param {bigint} value */
function modulo(value) {
  return ((value % P) + P) % P;
}

/** @param {Uint8Array} data little-endian @param {(bytes: Uint8Array) => void} masked */
function numberIn(data, masked) {
  const bytes = data.slice();
  masked(bytes);
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** @param {bigint} value @returns {Octets} little-endian */
function octetsOf(value) {
  return Uint8Array.from({ length: LENGTH }, (_, place) => Number((value >> BigInt(8 * place)) & 255n));
}
