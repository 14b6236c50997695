/**
 * SIGN(key, label, map): the one signature form of Despensa, a COSE_Sign1 with Ed25519.
 *
 * The twin of domain/encoding/cose.py. Source: RFC 9052 section 4; docs/reference/formats.md,
 * Conventions.
 */

import * as cbor from "../card/cbor.js";
import { verify as ed25519 } from "../card/ed25519.js";
import { sha256 } from "../crypto/primitives.js";
import { hex, joined } from "./octets.js";

/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {Map<string, Octets>} KeyRing hex of kid8 -> raw Ed25519 public key */
/** @typedef {(data: Octets) => Promise<Uint8Array>} Signer signs raw bytes */

const ALGORITHM_EDDSA = -8;
const CERTIFICATE_HEADER = -65537;
const SIGNATURE_LENGTH = 64;
const HEADER_LENGTH_MAX = 32;
const BYTES_MAX = 2 ** 20;

/** The bytes are no COSE_Sign1 of our profile. */
export class MalformedSignature extends Error {}

/** The key id names no trusted key: whether the signature is good cannot be told. */
export class UnknownKey extends Error {}

/** The key is known and the signature does not belong to these bytes. */
export class BadSignature extends Error {}

/**
 * A COSE_Sign1 whose signature has not been looked at.
 *
 * @typedef {object} Sign1
 * @property {string} kid hex of 8 bytes
 * @property {Uint8Array | null} certificate
 * @property {Uint8Array} payload
 * @property {Uint8Array} signature
 * @property {Uint8Array} header
 */

/** @param {Uint8Array} publicKey raw @returns {Promise<Octets>} kid8 */
export async function keyId(publicKey) {
  return (await sha256(publicKey)).slice(0, 8);
}

/** @param {Iterable<Octets>} publicKeys raw @returns {Promise<KeyRing>} */
export async function keyRing(publicKeys) {
  /** @type {KeyRing} */
  const ring = new Map();
  for (const publicKey of publicKeys) ring.set(hex(await keyId(publicKey)), publicKey);
  return ring;
}

/**
 * Return a COSE_Sign1 over a payload map.
 *
 * @param {cbor.CborMap} payload
 * @param {{label: string, publicKey: Octets, signer: Signer, certificate?: Uint8Array}} how
 * @returns {Promise<Octets>}
 */
export async function sign(payload, { label, publicKey, signer, certificate }) {
  const body = cbor.encode(payload);
  const header = cbor.encode(new Map().set(1, ALGORITHM_EDDSA).set(4, await keyId(publicKey)));
  const signature = await signer(toBeSigned(header, label, body));
  const unprotected = new Map();
  if (certificate) unprotected.set(CERTIFICATE_HEADER, certificate);
  return cbor.encode(new cbor.Tagged(cbor.SIGN1_TAG, [header, unprotected, body, signature]));
}

/**
 * Return the parts of a COSE_Sign1 without verifying it.
 *
 * @param {Uint8Array} data @param {number} [bytesMax]
 * @returns {Sign1}
 * @throws {MalformedSignature}
 */
export function parse(data, bytesMax = BYTES_MAX) {
  const value = decoded(data, bytesMax);
  const parts = value instanceof cbor.Tagged && value.tag === cbor.SIGN1_TAG ? value.value : null;
  if (!Array.isArray(parts) || parts.length !== 4) throw new MalformedSignature("no COSE_Sign1");
  const [header, unprotected, payload, signature] = parts;
  const areBytes = header instanceof Uint8Array && payload instanceof Uint8Array;
  if (!areBytes || !(signature instanceof Uint8Array) || signature.length !== SIGNATURE_LENGTH) {
    throw new MalformedSignature("not the parts of a COSE_Sign1");
  }
  return { kid: kidOf(header), certificate: certificateIn(unprotected), payload, signature, header };
}

/**
 * Return the payload map of a signature made by one of the listed keys for this label.
 *
 * @param {Uint8Array} data
 * @param {{label: string, keys: KeyRing, bytesMax?: number}} known
 * @returns {Promise<{kid: string, payload: cbor.CborMap, certificate: Uint8Array | null}>}
 * @throws {MalformedSignature | UnknownKey | BadSignature} in this order.
 */
export async function verify(data, { label, keys, bytesMax = BYTES_MAX }) {
  const parsed = parse(data, bytesMax);
  const payload = decoded(await verifyParsed(parsed, { label, keys }), bytesMax);
  if (!(payload instanceof Map)) throw new MalformedSignature("the payload is no map");
  return { kid: parsed.kid, payload, certificate: parsed.certificate };
}

/**
 * Return the payload bytes of a parsed signature once it verified.
 *
 * @param {Sign1} parsed @param {{label: string, keys: KeyRing}} known
 * @throws {UnknownKey | BadSignature}
 */
export async function verifyParsed(parsed, { label, keys }) {
  const key = keys.get(parsed.kid);
  if (!key) throw new UnknownKey("no trusted key has this id");
  const signed = toBeSigned(parsed.header, label, parsed.payload);
  if (!(await ed25519(new Uint8Array(parsed.signature), signed, key))) {
    throw new BadSignature("the signature does not verify");
  }
  return parsed.payload;
}

/** @param {Uint8Array} header @param {string} label @param {Uint8Array} payload */
function toBeSigned(header, label, payload) {
  return cbor.encode(["Signature1", header, joined(label), payload]);
}

/** @param {Uint8Array} header @returns {string} hex */
function kidOf(header) {
  if (header.length > HEADER_LENGTH_MAX) throw new MalformedSignature("not our header");
  const fields = decoded(header, HEADER_LENGTH_MAX);
  const known = fields instanceof Map && [...fields.keys()].every((key) => key === 1 || key === 4);
  const kid = known ? fields.get(4) : null;
  const isOurs = known && fields.get(1) === ALGORITHM_EDDSA;
  if (!isOurs || !(kid instanceof Uint8Array) || kid.length !== 8) {
    throw new MalformedSignature("only EdDSA with an 8 byte key id");
  }
  return hex(kid);
}

/** @param {unknown} unprotected @returns {Uint8Array | null} */
function certificateIn(unprotected) {
  if (!(unprotected instanceof Map)) throw new MalformedSignature("the header is no map");
  if (!unprotected.size) return null;
  const certificate = unprotected.get(CERTIFICATE_HEADER);
  if (unprotected.size > 1 || !(certificate instanceof Uint8Array)) {
    throw new MalformedSignature("unknown unprotected header");
  }
  return certificate;
}

/** @param {Uint8Array} data @param {number} bytesMax @returns {cbor.Value} */
function decoded(data, bytesMax) {
  if (data.length > bytesMax) throw new MalformedSignature(`longer than ${bytesMax} bytes`);
  try {
    return cbor.decode(data);
  } catch (error) {
    if (error instanceof cbor.EncodingError) throw new MalformedSignature(error.message);
    throw error;
  }
}
