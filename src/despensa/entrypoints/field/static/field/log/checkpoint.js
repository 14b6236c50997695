/**
 * The log's signed statement of its size and root.
 *
 * The twin of the reading half of domain/transparency/checkpoint.py.
 * Source: C2SP signed-note, tlog-checkpoint.
 */

import { verify as ed25519 } from "../card/ed25519.js";
import { sha256 } from "../crypto/primitives.js";
import { BadSignature, MalformedSignature, UnknownKey } from "../domain/cose.js";
import { areEqual, joined } from "../domain/octets.js";

/** @typedef {import("../domain/octets.js").Octets} Octets */
/** @typedef {{origin: string, size: bigint, root: Octets}} Checkpoint */
/** @typedef {{name: string, keyId: Octets, publicKey: Octets}} LogKey */

const ED25519 = 1;
const SIZE_MAX = 2n ** 63n - 1n;
const TEXT_MAX = 2 ** 17;
const DASH = "\u2014 ";
const NAME = /^[^\s\u0000-\u001f+]+$/u;
const DECIMAL = /^(0|[1-9][0-9]{0,18})$/;

/**
 * Return the key in the text that a verifier was told.
 *
 * @param {string} text
 * @throws {MalformedSignature}
 */
export async function parseKey(text) {
  const [, name, digits, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text.trim()) ?? [];
  const material = encoded ? unbase64(encoded) : null;
  if (!material || material.length !== 33 || material[0] !== ED25519 || !NAME.test(name)) {
    throw new MalformedSignature("log key: not a name, eight digits and a key");
  }
  const keyId = (await sha256(joined(name, "\n", material))).slice(0, 4);
  const shown = [...keyId].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (shown !== digits) throw new MalformedSignature("log key: its digits do not fit name and key");
  return { name, keyId, publicKey: material.slice(1) };
}

/**
 * Return a checkpoint signed by the log's key, whose name is its origin.
 *
 * @param {string} text @param {LogKey} key
 * @returns {Promise<Checkpoint>}
 * @throws {MalformedSignature | UnknownKey | BadSignature} in this order.
 */
export async function verifyCheckpoint(text, key) {
  const { checkpoint, body, signatures } = parsed(text);
  const mine = signatures.filter(
    ({ name, data }) => name === key.name && areEqual(data.slice(0, 4), key.keyId),
  );
  if (!mine.length || checkpoint.origin !== key.name) {
    throw new UnknownKey("the checkpoint is not by the log of this phone");
  }
  for (const { data } of mine) {
    const signature = data.slice(4);
    const isGood = signature.length === 64 && (await ed25519(signature, body, key.publicKey));
    if (!isGood) throw new BadSignature("the checkpoint's signature does not verify");
  }
  return checkpoint;
}

/** @param {string} text */
function parsed(text) {
  const lines = text.split("\n");
  const isShaped = lines.length >= 6 && lines[3] === "" && lines[lines.length - 1] === "";
  if (text.length > TEXT_MAX || !isShaped || /[\u0000-\u0009\u000b-\u001f]/.test(text)) {
    throw new MalformedSignature("checkpoint: not three lines, a blank line and signatures");
  }
  const [origin, size, encoded] = lines;
  const root = unbase64(encoded);
  if (!NAME.test(origin) || !DECIMAL.test(size) || BigInt(size) > SIZE_MAX || root?.length !== 32) {
    throw new MalformedSignature("checkpoint: no origin, size and root");
  }
  const signatures = lines.slice(4, -1).map(signatureIn);
  const checkpoint = { origin, size: BigInt(size), root };
  return { checkpoint, body: joined(`${origin}\n${size}\n${encoded}\n`), signatures };
}

/** @param {string} line */
function signatureIn(line) {
  const [, name, encoded] = /^\u2014 ([^ ]*) (.*)$/u.exec(line) ?? [];
  const data = encoded === undefined ? null : unbase64(encoded);
  if (!line.startsWith(DASH) || !NAME.test(name ?? "") || !data || data.length <= 4) {
    throw new MalformedSignature("checkpoint: a line that is no signature");
  }
  return { name, data };
}

/** @param {string} text @returns {Octets | null} null for another spelling than the one there is */
function unbase64(text) {
  try {
    const plain = atob(text);
    return btoa(plain) === text ? Uint8Array.from(plain, (one) => one.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}
