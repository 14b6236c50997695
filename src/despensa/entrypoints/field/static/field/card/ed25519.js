/**
 * Ed25519 verification: the browser's own where it has one, @noble/ed25519 elsewhere.
 *
 * Source: RFC 8032; docs/reference/formats.md, Conventions (`zip215: false`).
 */

/** @typedef {(signature: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>, key: Uint8Array<ArrayBuffer>) => Promise<boolean>} Verify */

/** @type {Promise<Verify> | null} */
let chosen = null;
/** @type {Map<string, Promise<CryptoKey>>} */
const loaded = new Map();

/** @type {Verify} */
export async function verify(signature, message, key) {
  chosen ??= choose();
  return (await chosen)(signature, message, key);
}

/** @returns {Promise<Verify>} */
async function choose() {
  // over plain http a browser has no crypto.subtle, and old ones have no Ed25519
  const subtle = globalThis.crypto?.subtle;
  if (subtle) {
    try {
      await subtle.importKey("raw", new Uint8Array(32), "Ed25519", false, ["verify"]);
      return ofBrowser(subtle);
    } catch {
      return noble();
    }
  }
  return noble();
}

/** @param {SubtleCrypto} subtle @returns {Verify} */
function ofBrowser(subtle) {
  return async (signature, message, key) => {
    const name = key.join();
    let known = loaded.get(name);
    if (!known) {
      known = subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
      loaded.set(name, known);
    }
    return subtle.verify("Ed25519", await known, signature, message);
  };
}

/** @returns {Promise<Verify>} */
async function noble() {
  const ed = await import("../vendor/noble-ed25519-3.2.0/index.js");
  const { sha512 } = await import("./sha512.js");
  ed.hashes.sha512 = sha512;
  return async (signature, message, key) => ed.verify(signature, message, key, { zip215: false });
}
