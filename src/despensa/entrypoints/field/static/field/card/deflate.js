/**
 * The zlib wrapping of a card token: any stream is read up to a size, one form is written.
 *
 * The twin of domain/card/deflate.py. Written out instead of taken from the browser, because the
 * browser's own stream reader works in turns and says nothing about size.
 * Source: RFC 1950; RFC 1951.
 */

export const INFLATED_BYTES_MAX = 65536;

/** The bytes are not exactly one zlib stream. */
export class DeflateError extends Error {}

/** The stream grows beyond what any card can hold. */
export class TooLarge extends Error {}

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163,
  195, 227, 258,
];
const LENGTH_EXTRA = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049,
  3073, 4097, 6145, 8193, 12289, 16385, 24577,
];
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const CODE_BITS_MAX = 15;

/** Reads bits from the lowest of each byte on. */
class Bits {
  /** @param {Uint8Array} data @param {number} place */
  constructor(data, place) {
    this.data = data;
    this.place = place;
    this.held = 0;
    this.count = 0;
  }

  /** @param {number} wanted */
  take(wanted) {
    while (this.count < wanted) {
      if (this.place >= this.data.length) throw new DeflateError("the zlib stream is cut short");
      this.held |= this.data[this.place++] << this.count;
      this.count += 8;
    }
    const bits = this.held & ((1 << wanted) - 1);
    this.held >>>= wanted;
    this.count -= wanted;
    return bits;
  }

  align() {
    this.held = 0;
    this.count = 0;
  }
}

/**
 * A table of prefix codes, by the number of codes of each length and the symbols in code order.
 *
 * @typedef {{counts: Uint16Array, symbols: Uint16Array}} Codes
 */

/**
 * @param {ArrayLike<number>} lengths
 * @param {boolean} mayBeSmall one code of one bit, or none at all, is allowed
 * @returns {Codes}
 */
function codesOf(lengths, mayBeSmall) {
  const counts = new Uint16Array(CODE_BITS_MAX + 1);
  for (let symbol = 0; symbol < lengths.length; symbol++) counts[lengths[symbol]]++;
  const used = lengths.length - counts[0];
  counts[0] = 0;
  let left = 1;
  for (let bits = 1; bits <= CODE_BITS_MAX; bits++) {
    left = left * 2 - counts[bits];
    if (left < 0) throw new DeflateError("more codes than fit");
  }
  const isSmall = used === 0 || (used === 1 && counts[1] === 1);
  if (left > 0 && !(mayBeSmall && isSmall)) throw new DeflateError("codes that stand for nothing");
  const starts = new Uint16Array(CODE_BITS_MAX + 2);
  for (let bits = 1; bits <= CODE_BITS_MAX; bits++) starts[bits + 1] = starts[bits] + counts[bits];
  const symbols = new Uint16Array(used);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    if (lengths[symbol]) symbols[starts[lengths[symbol]]++] = symbol;
  }
  return { counts, symbols };
}

/** @param {Bits} bits @param {Codes} codes */
function symbolOf(bits, codes) {
  let code = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length <= CODE_BITS_MAX; length++) {
    code |= bits.take(1);
    const count = codes.counts[length];
    if (code - count < first) return codes.symbols[index + (code - first)];
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  throw new DeflateError("a code that stands for nothing");
}

/** @type {[Codes, Codes] | null} */
let fixed = null;

/** @returns {[Codes, Codes]} */
function fixedCodes() {
  if (fixed === null) {
    const lengths = new Uint8Array(288);
    for (let symbol = 0; symbol < 288; symbol++) {
      lengths[symbol] = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
    }
    fixed = [codesOf(lengths, false), codesOf(new Uint8Array(32).fill(5), false)];
  }
  return fixed;
}

/** @param {Bits} bits @returns {[Codes, Codes]} */
function ownCodes(bits) {
  const literals = bits.take(5) + 257;
  const distances = bits.take(5) + 1;
  const given = bits.take(4) + 4;
  if (literals > 286 || distances > 30) throw new DeflateError("too many codes");
  const lengths = new Uint8Array(19);
  for (let index = 0; index < given; index++) lengths[LENGTH_ORDER[index]] = bits.take(3);
  const lengthCodes = codesOf(lengths, false);
  const all = new Uint8Array(literals + distances);
  let index = 0;
  while (index < all.length) {
    const symbol = symbolOf(bits, lengthCodes);
    if (symbol < 16) {
      all[index++] = symbol;
      continue;
    }
    if (symbol === 16 && index === 0) throw new DeflateError("nothing to repeat");
    const repeated = symbol === 16 ? all[index - 1] : 0;
    const times = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    if (index + times > all.length) throw new DeflateError("more lengths than codes");
    all.fill(repeated, index, index + times);
    index += times;
  }
  if (all[256] === 0) throw new DeflateError("a block without an end");
  return [codesOf(all.subarray(0, literals), true), codesOf(all.subarray(literals), true)];
}

/** Bytes that grow up to a limit. */
class Output {
  /** @param {number} bytesMax */
  constructor(bytesMax) {
    this.bytesMax = bytesMax;
    this.data = new Uint8Array(1024);
    this.length = 0;
  }

  /** @param {number} byte */
  add(byte) {
    if (this.length === this.bytesMax) throw new TooLarge(`more than ${this.bytesMax} bytes inside`);
    if (this.length === this.data.length) {
      const larger = new Uint8Array(this.data.length * 2);
      larger.set(this.data);
      this.data = larger;
    }
    this.data[this.length++] = byte;
  }

  bytes() {
    return this.data.subarray(0, this.length);
  }
}

/** @param {Bits} bits @param {Output} output */
function stored(bits, output) {
  bits.align();
  const length = bits.take(16);
  if ((length ^ 0xffff) !== bits.take(16)) throw new DeflateError("a stored block of no length");
  for (let index = 0; index < length; index++) output.add(bits.take(8));
}

/** @param {Bits} bits @param {Output} output @param {[Codes, Codes]} codes */
function coded(bits, output, [literalCodes, distanceCodes]) {
  for (;;) {
    const symbol = symbolOf(bits, literalCodes);
    if (symbol < 256) {
      output.add(symbol);
      continue;
    }
    if (symbol === 256) return;
    if (symbol > 285) throw new DeflateError("no such length");
    const length = LENGTH_BASE[symbol - 257] + bits.take(LENGTH_EXTRA[symbol - 257]);
    const code = symbolOf(bits, distanceCodes);
    if (code > 29) throw new DeflateError("no such distance");
    const distance = DISTANCE_BASE[code] + bits.take(code < 4 ? 0 : (code >> 1) - 1);
    if (distance > output.length) throw new DeflateError("a distance before the beginning");
    for (let index = 0; index < length; index++) output.add(output.data[output.length - distance]);
  }
}

/**
 * Return the bytes inside a zlib stream, stopping at the size limit.
 *
 * @param {Uint8Array} data
 * @param {number} [bytesMax]
 * @returns {Uint8Array}
 * @throws {DeflateError} on a broken, cut or continued stream.
 * @throws {TooLarge} beyond the limit.
 */
export function inflate(data, bytesMax = INFLATED_BYTES_MAX) {
  if (data.length < 2) throw new DeflateError("the zlib stream is cut short");
  const isZlib = (data[0] & 15) === 8 && data[0] >> 4 <= 7 && ((data[0] << 8) | data[1]) % 31 === 0;
  if (!isZlib || data[1] & 0x20) throw new DeflateError("not a zlib stream");
  const bits = new Bits(data, 2);
  const output = new Output(bytesMax);
  for (let isLast = 0; !isLast; ) {
    isLast = bits.take(1);
    const kind = bits.take(2);
    if (kind === 0) stored(bits, output);
    else if (kind === 1) coded(bits, output, fixedCodes());
    else if (kind === 2) coded(bits, output, ownCodes(bits));
    else throw new DeflateError("no such block");
  }
  bits.align();
  const bytes = output.bytes();
  const mark = adler32(bytes);
  for (let shift = 24; shift >= 0; shift -= 8) {
    if (bits.take(8) !== ((mark >>> shift) & 0xff)) throw new DeflateError("another checksum");
  }
  if (bits.place !== data.length) throw new DeflateError("something follows the zlib stream");
  return bytes;
}

/**
 * Return the one zlib stream in which our cards hold these bytes: a fixed-Huffman block of literals.
 *
 * @param {Uint8Array} data
 * @returns {Uint8Array}
 */
export function deflate(data) {
  const stream = new Uint8Array(2 + Math.ceil((3 + data.length * 9 + 7) / 8) + 4);
  stream[0] = 0x78;
  stream[1] = 0x01;
  let place = 16;
  /** @param {number} code @param {number} length */
  const put = (code, length) => {
    for (let bit = length - 1; bit >= 0; bit--, place++) {
      stream[place >> 3] |= ((code >> bit) & 1) << (place & 7);
    }
  };
  put(0b110, 3);
  for (const byte of data) {
    if (byte < 144) put(0b00110000 + byte, 8);
    else put(0b110010000 + byte - 144, 9);
  }
  put(0, 7);
  let end = (place + 7) >> 3;
  const mark = adler32(data);
  for (let shift = 24; shift >= 0; shift -= 8) stream[end++] = (mark >>> shift) & 0xff;
  return stream.subarray(0, end);
}

/** @param {Uint8Array} data @returns {number} */
function adler32(data) {
  let low = 1;
  let high = 0;
  for (const byte of data) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return ((high << 16) | low) >>> 0;
}
