/**
 * Deterministic CBOR: one value has exactly one encoding, and nothing else is accepted.
 *
 * The twin of domain/encoding/dcbor.py. With `lenient` the reader also takes what other issuers
 * write (other tags, any order, longer numbers), for looking at a token only.
 * Source: RFC 8949 section 4.2.1; docs/reference/formats.md, Conventions.
 */

import { bigEndian, joined } from "../domain/octets.js";

export const SIGN1_TAG = 18;
const DEPTH_MAX = 16;
const SINGLE_KEYS = new Set([169, 65535, -65537]);
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes are not CBOR of our profile. */
export class EncodingError extends Error {}

/** A value with a tag in front. */
export class Tagged {
  /** @param {number | bigint} tag @param {Value} value */
  constructor(tag, value) {
    this.tag = tag;
    this.value = value;
  }
}

/**
 * What CBOR holds; arrays and maps hold such values again.
 *
 * @typedef {null | boolean | number | bigint | string | Uint8Array | any[] | CborMap | Tagged} Value
 * @typedef {Map<any, any>} CborMap
 */

/**
 * Return the value of a byte string that is exactly one encoding.
 *
 * @param {Uint8Array} data
 * @param {{lenient?: boolean}} [options]
 * @returns {Value}
 * @throws {EncodingError}
 */
export function decode(data, { lenient = false } = {}) {
  const reader = new Reader(data, lenient);
  const value = reader.value(DEPTH_MAX);
  if (reader.place !== data.length) throw new EncodingError("something follows the value");
  return value;
}

class Reader {
  /** @param {Uint8Array} data @param {boolean} lenient */
  constructor(data, lenient) {
    this.data = data;
    this.lenient = lenient;
    this.place = 0;
  }

  /** @param {number} depth @returns {Value} */
  value(depth) {
    const first = this.byte();
    const kind = first >> 5;
    if (kind === 7) return this.simple(first & 31);
    const number = this.number(first & 31);
    if (kind === 0) return number;
    if (kind === 1) return negative(number, this.lenient);
    if (kind === 2) return this.bytes(number).slice();
    if (kind === 3) return this.text(number);
    if (depth === 0) throw new EncodingError("nested too deep");
    if (kind === 4) return this.array(number, depth - 1);
    if (kind === 5) return this.map(number, depth - 1);
    if (number !== SIGN1_TAG && !this.lenient) throw new EncodingError("a tag other than 18");
    return new Tagged(number, this.value(depth - 1));
  }

  byte() {
    if (this.place >= this.data.length) throw new EncodingError("cut short");
    return this.data[this.place++];
  }

  /** @param {number} short @returns {number | bigint} */
  number(short) {
    if (short < 24) return short;
    if (short > 27) throw new EncodingError("no definite length");
    const length = 1 << (short - 24);
    let number = 0n;
    for (let index = 0; index < length; index++) number = (number << 8n) | BigInt(this.byte());
    const least = length === 1 ? 24n : 1n << BigInt(length * 4);
    if (number < least && !this.lenient) throw new EncodingError("a number longer than needed");
    return number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : number;
  }

  /** @param {number} short @returns {Value} */
  simple(short) {
    if (short === 20 || short === 21) return short === 21;
    if (short === 22) return null;
    if (!this.lenient || short > 27) throw new EncodingError("no place in this profile");
    if (short >= 24) this.bytes(1 << (short - 24));
    return null;
  }

  /** @param {number | bigint} length */
  bytes(length) {
    const end = this.place + Number(length);
    if (end > this.data.length) throw new EncodingError("cut short");
    const part = this.data.subarray(this.place, end);
    this.place = end;
    return part;
  }

  /** @param {number | bigint} length */
  text(length) {
    let text;
    try {
      text = UTF8.decode(this.bytes(length));
    } catch (error) {
      if (error instanceof EncodingError) throw error;
      throw new EncodingError("text is no UTF-8");
    }
    if (text.normalize("NFC") !== text && !this.lenient) throw new EncodingError("text is not in NFC");
    return text;
  }

  /** @param {number | bigint} length @param {number} depth */
  array(length, depth) {
    const items = [];
    for (let index = 0; index < length; index++) items.push(this.value(depth));
    return items;
  }

  /** @param {number | bigint} length @param {number} depth */
  map(length, depth) {
    /** @type {CborMap} */
    const map = new Map();
    /** @type {Uint8Array} */
    let before = new Uint8Array(0);
    for (let index = 0; index < length; index++) {
      const start = this.place;
      const key = this.value(0);
      const encoded = this.data.subarray(start, this.place);
      const isKey = typeof key === "string" || typeof key === "number" || typeof key === "bigint";
      if (!isKey || map.has(key)) throw new EncodingError("no key, or the same key twice");
      if (!this.lenient && index && !comesAfter(encoded, before)) {
        throw new EncodingError("keys out of order");
      }
      before = encoded;
      map.set(key, this.value(depth));
    }
    if (!this.lenient) checkKeys(map);
    return map;
  }
}

/** @param {number | bigint} number @param {boolean} lenient @returns {number | bigint} */
function negative(number, lenient) {
  const value = -1n - BigInt(number);
  if (value < -(1n << 63n) && !lenient) throw new EncodingError("integer out of range");
  return value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value;
}

/** @param {Uint8Array} one @param {Uint8Array} before */
function comesAfter(one, before) {
  if (one.length !== before.length) return one.length > before.length;
  for (let index = 0; index < one.length; index++) {
    if (one[index] !== before[index]) return one[index] > before[index];
  }
  return false;
}

/** @param {CborMap} map */
function checkKeys(map) {
  let texts = 0;
  for (const key of map.keys()) {
    if (typeof key === "string") texts++;
    else if (typeof key === "bigint" || !((key >= 0 && key < 24) || SINGLE_KEYS.has(key))) {
      throw new EncodingError("no key of our formats");
    }
  }
  if (texts && texts !== map.size) throw new EncodingError("keys of two kinds in one map");
}

/**
 * Return the one encoding of a value.
 *
 * @param {Value} value
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {EncodingError} for what has no place in our profile.
 */
export function encode(value) {
  if (value === null) return new Uint8Array([0xf6]);
  if (typeof value === "boolean") return new Uint8Array([value ? 0xf5 : 0xf4]);
  if (typeof value === "number" || typeof value === "bigint") return integer(value);
  if (typeof value === "string") return encodedText(value);
  if (value instanceof Uint8Array) return joined(head(2, value.length), value);
  if (Array.isArray(value)) return joined(head(4, value.length), ...value.map(encode));
  if (value instanceof Map) return encodedMap(value);
  return joined(head(6, value.tag), encode(value.value));
}

/** @param {number | bigint} value */
function integer(value) {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new EncodingError("no exact integer");
  }
  return value < 0 ? head(1, -1n - BigInt(value)) : head(0, value);
}

/** @param {string} text */
function encodedText(text) {
  if (text.normalize("NFC") !== text) throw new EncodingError("text is not in NFC");
  const data = new TextEncoder().encode(text);
  return joined(head(3, data.length), data);
}

/** @param {CborMap} map */
function encodedMap(map) {
  checkKeys(map);
  const rows = [...map].map(([key, value]) => ({ key: encode(key), value: encode(value) }));
  rows.sort((one, other) => (comesAfter(one.key, other.key) ? 1 : -1));
  return joined(head(5, map.size), ...rows.flatMap(({ key, value }) => [key, value]));
}

/** @param {number} kind @param {number | bigint} value @returns {Uint8Array<ArrayBuffer>} */
function head(kind, value) {
  const number = BigInt(value);
  if (number < 24n) return new Uint8Array([(kind << 5) | Number(number)]);
  const power = [0, 1, 2, 3].find((one) => number < 1n << (8n << BigInt(one)));
  if (power === undefined) throw new EncodingError("integer out of range");
  return joined(new Uint8Array([(kind << 5) | (24 + power)]), bigEndian(number, 1 << power));
}
