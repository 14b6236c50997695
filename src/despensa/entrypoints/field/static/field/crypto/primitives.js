/**
 * The sums that formats are made of, from the browser's own cryptography.
 *
 * Source: FIPS 180-4, RFC 2104, RFC 5869, NIST SP 800-38D; docs/reference/formats.md, Conventions.
 */

/** @typedef {import("../domain/octets.js").Octets} Octets */

/** The sealed bytes do not belong to this key, nonce or label. */
export class SealBroken extends Error {}

/** @param {Uint8Array} data @returns {Octets} */
function whole(data) {
  return new Uint8Array(data);
}

/** @param {Uint8Array} data @returns {Promise<Octets>} */
export async function sha256(data) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", whole(data)));
}

/** @param {Uint8Array} key @param {Uint8Array} message @returns {Promise<Octets>} */
export async function hmac(key, message) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const loaded = await crypto.subtle.importKey("raw", whole(key), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", loaded, whole(message)));
}

/**
 * Return 32 bytes of HKDF with an empty salt.
 *
 * @param {Uint8Array} material @param {Uint8Array} info
 * @returns {Promise<Octets>}
 */
export async function hkdf32(material, info) {
  const loaded = await crypto.subtle.importKey("raw", whole(material), "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: whole(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(how, loaded, 256));
}

/**
 * Return AES-256-GCM ciphertext ‖ tag16.
 *
 * @param {Uint8Array | CryptoKey} key @param {Uint8Array} nonce
 * @param {Uint8Array} data @param {Uint8Array} label
 * @returns {Promise<Octets>}
 */
export async function gcmSeal(key, nonce, data, label) {
  const how = { name: "AES-GCM", iv: whole(nonce), additionalData: whole(label) };
  const sealed = await crypto.subtle.encrypt(how, await gcmKey(key), whole(data));
  return new Uint8Array(sealed);
}

/**
 * Return what `gcmSeal` sealed.
 *
 * @param {Uint8Array | CryptoKey} key @param {Uint8Array} nonce
 * @param {Uint8Array} sealed @param {Uint8Array} label
 * @returns {Promise<Octets>}
 * @throws {SealBroken}
 */
export async function gcmOpen(key, nonce, sealed, label) {
  const how = { name: "AES-GCM", iv: whole(nonce), additionalData: whole(label) };
  const loaded = await gcmKey(key);
  try {
    return new Uint8Array(await crypto.subtle.decrypt(how, loaded, whole(sealed)));
  } catch {
    throw new SealBroken("the sealed bytes do not belong to this key");
  }
}

/** @param {Uint8Array | CryptoKey} key */
async function gcmKey(key) {
  if (!(key instanceof Uint8Array)) return key;
  return crypto.subtle.importKey("raw", whole(key), "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** @param {number} length @returns {Octets} */
export function randomOctets(length) {
  return crypto.getRandomValues(new Uint8Array(length));
}
