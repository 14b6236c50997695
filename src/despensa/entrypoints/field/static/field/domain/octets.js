/** Byte strings: joined, compared, written as hex. */

/** @typedef {Uint8Array<ArrayBuffer>} Octets */

const ENCODER = new TextEncoder();

/**
 * Return parts one after the other; text stands for its UTF-8.
 *
 * @param {...(Uint8Array | string)} parts
 * @returns {Octets}
 */
export function joined(...parts) {
  const all = parts.map((part) => (typeof part === "string" ? ENCODER.encode(part) : part));
  const whole = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of all) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

/** @param {Uint8Array} one @param {Uint8Array} other */
export function areEqual(one, other) {
  return one.length === other.length && one.every((byte, index) => byte === other[index]);
}

/** @param {Uint8Array} data */
export function hex(data) {
  return [...data].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {string} text of an even number of hex digits @returns {Octets} */
export function fromHex(text) {
  const pairs = text.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

/**
 * Return an unsigned integer in a fixed number of bytes, the most significant first.
 *
 * @param {number | bigint} value @param {number} length
 * @returns {Octets}
 */
export function bigEndian(value, length) {
  const data = new Uint8Array(length);
  let rest = BigInt(value);
  for (let place = length - 1; place >= 0; place--) {
    data[place] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return data;
}
