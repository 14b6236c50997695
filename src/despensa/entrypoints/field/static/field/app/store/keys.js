/**
 * The phone's own keys, made here and never shown to anybody.
 *
 * Where the browser has Ed25519 and X25519 neither private key can be read by any script (protection
 * 1); elsewhere the seed of one is sealed by a key that cannot be read (protection 2).
 * Source: docs/reference/formats.md section 3.
 */

import { sha512 } from "../../card/sha512.js";
import { gcmOpen, gcmSeal, randomOctets } from "../../crypto/primitives.js";
import { createPair } from "../../crypto/x25519.js";
import { PROTECTION } from "../../domain/device.js";
import { joined } from "../../domain/octets.js";
import * as noble from "../../vendor/noble-ed25519-3.2.0/index.js";

/** @typedef {import("../../domain/octets.js").Octets} Octets */

const SEED_LENGTH = 32;
const NONCE_LENGTH = 12;
const LABEL = joined("despensa/seed/1");
const SEALING_LABEL = joined("despensa/sealing-seed/1");

/** This browser cannot hold the keys of a phone. */
export class BrowserTooOld extends Error {}

/** @typedef {{wrapping: CryptoKey, sealed: Octets}} Wrapped a secret under a key nobody can read */

/**
 * @typedef {object} DeviceKeys
 * @property {Octets} deviceId
 * @property {number} protection
 * @property {Octets} signingKey raw, public
 * @property {CryptoKey | null} signing
 * @property {Wrapped | null} seed
 * @property {Octets} sealingKey raw, public
 * @property {CryptoKey | Wrapped} sealing
 */

/** @returns {Promise<DeviceKeys>} @throws {BrowserTooOld} */
export async function createKeys() {
  if (!crypto.subtle) throw new BrowserTooOld("no WebCrypto");
  const { privateKey, publicKey: sealingKey } = await createPair();
  const isRaw = privateKey instanceof Uint8Array;
  const sealing = isRaw ? await wrapped(privateKey, SEALING_LABEL) : privateKey;
  const rest = { deviceId: randomOctets(16), sealingKey, sealing };
  const signing = await signingPair();
  if (!signing) return { ...(await wrappedSeed()), ...rest };
  return {
    ...rest,
    protection: isRaw ? PROTECTION.WRAPPED_SEED : PROTECTION.NON_EXTRACTABLE,
    signingKey: signing.publicKey,
    signing: signing.privateKey,
    seed: null,
  };
}

/** @param {DeviceKeys} keys @returns {Promise<{privateKey: CryptoKey | Octets, publicKey: Octets}>} */
export async function sealingPair({ sealing, sealingKey }) {
  const privateKey = "sealed" in sealing ? await unwrapped(sealing, SEALING_LABEL) : sealing;
  return { privateKey, publicKey: sealingKey };
}

/** @param {DeviceKeys} keys @returns {import("../../domain/cose.js").Signer} */
export function signerOf(keys) {
  return async (data) => {
    const { signing, seed } = keys;
    if (signing) return new Uint8Array(await crypto.subtle.sign("Ed25519", signing, data));
    if (!seed) throw new BrowserTooOld("the phone has no key");
    noble.hashes.sha512 = sha512;
    return noble.sign(data, await unwrapped(seed, LABEL));
  };
}

async function signingPair() {
  try {
    const pair = /** @type {CryptoKeyPair} */ (
      await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])
    );
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    return { privateKey: pair.privateKey, publicKey };
  } catch {
    return null;
  }
}

async function wrappedSeed() {
  const seed = randomOctets(SEED_LENGTH);
  noble.hashes.sha512 = sha512;
  const signingKey = new Uint8Array(noble.getPublicKey(seed));
  const protection = PROTECTION.WRAPPED_SEED;
  return { protection, signingKey, signing: null, seed: await wrapped(seed, LABEL) };
}

/** @param {Octets} secret gone when this returns @param {Octets} label @returns {Promise<Wrapped>} */
async function wrapped(secret, label) {
  const how = { name: "AES-GCM", length: 256 };
  const wrapping = await crypto.subtle.generateKey(how, false, ["encrypt", "decrypt"]);
  const nonce = randomOctets(NONCE_LENGTH);
  const sealed = joined(nonce, await gcmSeal(wrapping, nonce, secret, label));
  secret.fill(0);
  return { wrapping, sealed };
}

/** @param {Wrapped} kept @param {Octets} label */
function unwrapped({ wrapping, sealed }, label) {
  return gcmOpen(wrapping, sealed.slice(0, NONCE_LENGTH), sealed.slice(NONCE_LENGTH), label);
}
