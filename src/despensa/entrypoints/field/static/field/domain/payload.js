/**
 * Typed reading of the maps inside signatures: every field has one type, one length and one range.
 *
 * The twin of domain/payload.py. Source: docs/reference/formats.md, Conventions.
 */

import { MalformedSignature } from "./cose.js";

/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {[unit: number, quantity: number][]} Goods ascending units, quantities at least 1 */

export const ID_LENGTH = 16;
export const HASH_LENGTH = 32;
export const KEY_LENGTH = 32;
export const NUMBER_LENGTH = 10;
const UINT_MAX = 2n ** 63n - 1n;
const TEXT_MAX = 200;

/** Reads the fields of one map; every complaint names the format and the key. */
export class Reader {
  /** @param {string} name @param {Map<any, any>} fields */
  constructor(name, fields) {
    this.name = name;
    this.fields = fields;
  }

  /** @param {number} key */
  has(key) {
    return this.fields.has(key);
  }

  /**
   * Check that the map holds all of `keys` and nothing but them and `optional`.
   *
   * @param {number[]} keys @param {number[]} [optional]
   */
  exactly(keys, optional = []) {
    for (const key of keys) if (!this.fields.has(key)) this.refuse(key, "is missing");
    for (const key of this.fields.keys()) {
      if (!keys.includes(key) && !optional.includes(key)) this.refuse(key, "has no place here");
    }
  }

  /** @param {number} key @returns {any} */
  value(key) {
    if (!this.fields.has(key)) this.refuse(key, "is missing");
    return this.fields.get(key);
  }

  /** @param {number} key @param {number} [atLeast] @param {number | bigint} [atMost] */
  uint(key, atLeast = 0, atMost = UINT_MAX) {
    return this.asUint(key, this.value(key), atLeast, atMost);
  }

  /** @param {number} key @param {number} length */
  octets(key, length) {
    return this.asOctets(key, this.value(key), length);
  }

  /** @param {number} key @param {number} length @returns {Octets | null} null where the map says so */
  octetsOrNull(key, length) {
    const value = this.value(key);
    return value === null ? null : this.asOctets(key, value, length);
  }

  /** @param {number} key @param {number} length @returns {Octets | null} null where it is missing */
  octetsOrAbsent(key, length) {
    return this.has(key) ? this.octets(key, length) : null;
  }

  /** @param {number} key @param {number} [charactersMax] */
  text(key, charactersMax = TEXT_MAX) {
    return this.asText(key, this.value(key), charactersMax);
  }

  /** @param {number} key @param {number} [length] @returns {any[]} */
  array(key, length) {
    return this.asArray(key, this.value(key), length);
  }

  /** @param {number} key @returns {Goods} */
  goods(key) {
    return this.asGoods(key, this.value(key));
  }

  /**
   * @param {number} key @param {any} value @param {number} [atLeast] @param {number | bigint} [atMost]
   * @returns {number} what a number cannot hold exactly stays a bigint, and is only passed on
   */
  asUint(key, value, atLeast = 0, atMost = UINT_MAX) {
    const isInteger = typeof value === "number" || typeof value === "bigint";
    if (!isInteger || value < atLeast || value > atMost) {
      this.refuse(key, `must be an integer from ${atLeast} to ${atMost}`);
    }
    return /** @type {number} */ (value);
  }

  /** @param {number} key @param {any} value @param {number} length @returns {Octets} */
  asOctets(key, value, length) {
    if (!(value instanceof Uint8Array) || value.length !== length) {
      this.refuse(key, `must be a byte string of length ${length}`);
    }
    return /** @type {Octets} */ (value);
  }

  /** @param {number} key @param {any} value @param {number} [charactersMax] @returns {string} */
  asText(key, value, charactersMax = TEXT_MAX) {
    const length = typeof value === "string" ? [...value].length : 0;
    if (!length || length > charactersMax) {
      this.refuse(key, `must be a text of 1 to ${charactersMax} characters`);
    }
    return value;
  }

  /** @param {number} key @param {any} value @param {number} [length] @returns {any[]} */
  asArray(key, value, length) {
    if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
      this.refuse(key, "must be an array");
    }
    return value;
  }

  /** @param {number} key @param {any} value @returns {Goods} */
  asGoods(key, value) {
    /** @type {Goods} */
    const goods = this.asArray(key, value).map((item) => {
      const [unit, quantity] = this.asArray(key, item, 2);
      return [this.asUint(key, unit), this.asUint(key, quantity, 1)];
    });
    const ascends = goods.every(([unit], place) => !place || unit > goods[place - 1][0]);
    if (!goods.length || !ascends) this.refuse(key, "must be goods with ascending units");
    return goods;
  }

  /** @param {number} key @param {string} complaint @returns {never} */
  refuse(key, complaint) {
    throw new MalformedSignature(`${this.name}: key ${key} ${complaint}`);
  }
}

/**
 * Return a reader of a signature that carries nothing outside its payload.
 *
 * The unprotected header is not signed: accepting one would let anybody change the hash of a good
 * document.
 *
 * @param {{payload: Map<any, any>, certificate: Uint8Array | null}} verified @param {string} name
 */
export function withoutHeader(verified, name) {
  if (verified.certificate) {
    throw new MalformedSignature(`${name}: the unprotected header must be empty`);
  }
  return new Reader(name, verified.payload);
}
