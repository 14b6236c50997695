/**
 * The phone's own keys, made here and never shown to anybody.
 *
 * Where the browser has Ed25519 neither private key can be read by any script (protection 1);
 * elsewhere the seed is sealed by a key that cannot be read (protection 2).
 * Source: docs/reference/formats.md section 3.
 */

import { sha512 } from "../../card/sha512.js";
import { gcmOpen, gcmSeal, randomOctets } from "../../crypto/primitives.js";
import { PROTECTION } from "../../domain/device.js";
import { joined } from "../../domain/octets.js";
import * as noble from "../../vendor/noble-ed25519-3.2.0/index.js";

/** @typedef {import("../../domain/octets.js").Octets} Octets */

const SEED_LENGTH = 32;
const NONCE_LENGTH = 12;
const LABEL = joined("despensa/seed/1");

/** This browser cannot hold the keys of a phone. */
export class BrowserTooOld extends Error {}

/**
 * @typedef {object} DeviceKeys
 * @property {Octets} deviceId
 * @property {number} protection
 * @property {Octets} signingKey raw, public
 * @property {CryptoKey | null} signing
 * @property {{wrapping: CryptoKey, sealed: Octets} | null} seed
 * @property {Octets} sealingKey raw, public
 * @property {CryptoKey} sealing
 */

/** @returns {Promise<DeviceKeys>} @throws {BrowserTooOld} */
export async function createKeys() {
  const sealing = await pairOf("X25519", ["deriveBits"]);
  if (!sealing) throw new BrowserTooOld("no X25519");
  const deviceId = randomOctets(16);
  const rest = { deviceId, sealingKey: sealing.publicKey, sealing: sealing.privateKey };
  const signing = await pairOf("Ed25519", ["sign", "verify"]);
  if (!signing) return { ...(await wrappedSeed()), ...rest };
  return {
    ...rest,
    protection: PROTECTION.NON_EXTRACTABLE,
    signingKey: signing.publicKey,
    signing: signing.privateKey,
    seed: null,
  };
}

/** @param {DeviceKeys} keys @returns {import("../../domain/cose.js").Signer} */
export function signerOf(keys) {
  return async (data) => {
    const { signing, seed } = keys;
    if (signing) return new Uint8Array(await crypto.subtle.sign("Ed25519", signing, data));
    if (!seed) throw new BrowserTooOld("the phone has no key");
    const [nonce, sealed] = [seed.sealed.slice(0, NONCE_LENGTH), seed.sealed.slice(NONCE_LENGTH)];
    noble.hashes.sha512 = sha512;
    return noble.sign(data, await gcmOpen(seed.wrapping, nonce, sealed, LABEL));
  };
}

/** @param {string} algorithm @param {KeyUsage[]} usages */
async function pairOf(algorithm, usages) {
  try {
    const pair = /** @type {CryptoKeyPair} */ (
      await crypto.subtle.generateKey(algorithm, false, usages)
    );
    const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    return { privateKey: pair.privateKey, publicKey };
  } catch {
    return null;
  }
}

async function wrappedSeed() {
  const seed = randomOctets(SEED_LENGTH);
  const how = { name: "AES-GCM", length: 256 };
  const wrapping = await crypto.subtle.generateKey(how, false, ["encrypt", "decrypt"]);
  const nonce = randomOctets(NONCE_LENGTH);
  noble.hashes.sha512 = sha512;
  const signingKey = new Uint8Array(noble.getPublicKey(seed));
  const sealed = joined(nonce, await gcmSeal(wrapping, nonce, seed, LABEL));
  seed.fill(0);
  const protection = PROTECTION.WRAPPED_SEED;
  return { protection, signingKey, signing: null, seed: { wrapping, sealed } };
}
