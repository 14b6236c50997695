/**
 * Sealing bytes to somebody's X25519 key: HPKE in base mode, one message per key.
 *
 * The twin of adapters/hpke.py. Source: RFC 9180, suite DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
 * AES-256-GCM (0x0020, 0x0001, 0x0002); written enc32 ‖ ct.
 */

import { bigEndian, joined } from "../domain/octets.js";
import { SealBroken, gcmOpen, gcmSeal, hmac } from "./primitives.js";
import { UnusableKey, agreed, createPair } from "./x25519.js";

/** @typedef {import("../domain/octets.js").Octets} Octets */
/** @typedef {import("./x25519.js").PrivateKey} PrivateKey */

const KEM = joined("KEM", bigEndian(0x20, 2));
const SUITE = joined("HPKE", bigEndian(0x20, 2), bigEndian(1, 2), bigEndian(2, 2));
const NOTHING = new Uint8Array(0);
const HASH_LENGTH = 32;
const KEY_LENGTH = 32;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * Return the plaintext sealed to a raw public key, bound to `info`.
 *
 * @param {Uint8Array} publicKey @param {Uint8Array} plaintext @param {Uint8Array} info
 * @returns {Promise<Octets>}
 */
export async function seal(publicKey, plaintext, info) {
  const { privateKey, publicKey: enc } = await createPair();
  const shared = await sharedSecret(privateKey, publicKey, joined(enc, publicKey));
  const { key, nonce } = await schedule(shared, info);
  return joined(enc, await gcmSeal(key, nonce, plaintext, NOTHING));
}

/**
 * Return what was sealed to the public half of a key pair with this info.
 *
 * @param {{privateKey: PrivateKey, publicKey: Uint8Array}} pair `publicKey` raw
 * @param {Uint8Array} data @param {Uint8Array} info
 * @returns {Promise<Octets>}
 * @throws {SealBroken}
 */
export async function openSealed(pair, data, info) {
  if (data.length < KEY_LENGTH + TAG_LENGTH) throw new SealBroken("the sealed bytes are too short");
  const enc = data.slice(0, KEY_LENGTH);
  const shared = await sharedSecret(pair.privateKey, enc, joined(enc, pair.publicKey));
  const { key, nonce } = await schedule(shared, info);
  return gcmOpen(key, nonce, data.slice(KEY_LENGTH), NOTHING);
}

/** @param {PrivateKey} privateKey @param {Uint8Array} publicKey @param {Uint8Array} context */
async function sharedSecret(privateKey, publicKey, context) {
  const secret = await agreed(privateKey, publicKey).catch((error) => {
    throw error instanceof UnusableKey ? new SealBroken(error.message) : error;
  });
  const extracted = await extract(KEM, NOTHING, "eae_prk", secret);
  return expand(KEM, extracted, "shared_secret", context, HASH_LENGTH);
}

/** @param {Uint8Array} shared @param {Uint8Array} info */
async function schedule(shared, info) {
  const noKey = await extract(SUITE, NOTHING, "psk_id_hash", NOTHING);
  const hashed = await extract(SUITE, NOTHING, "info_hash", info);
  const context = joined(bigEndian(0, 1), noKey, hashed);
  const secret = await extract(SUITE, shared, "secret", NOTHING);
  return {
    key: await expand(SUITE, secret, "key", context, KEY_LENGTH),
    nonce: await expand(SUITE, secret, "base_nonce", context, NONCE_LENGTH),
  };
}

/** @param {Uint8Array} suite @param {Uint8Array} salt @param {string} label @param {Uint8Array} material */
function extract(suite, salt, label, material) {
  const key = salt.length ? salt : new Uint8Array(HASH_LENGTH);
  return hmac(key, joined("HPKE-v1", suite, label, material));
}

/**
 * @param {Uint8Array} suite @param {Uint8Array} key @param {string} label
 * @param {Uint8Array} info @param {number} length at most one hash
 */
async function expand(suite, key, label, info, length) {
  const labelled = joined(bigEndian(length, 2), "HPKE-v1", suite, label, info);
  return (await hmac(key, joined(labelled, new Uint8Array([1])))).slice(0, length);
}
