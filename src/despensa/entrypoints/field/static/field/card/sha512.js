/**
 * SHA-512 for browsers that hide their own from pages without https; slow, and fast enough for a card.
 *
 * Source: FIPS 180-4 sections 4.1.3 and 6.4.
 */

const MASK = (1n << 64n) - 1n;
const PRIMES = primes(80);
const K = PRIMES.map((prime) => root(prime, 3n));
const START = PRIMES.slice(0, 8).map((prime) => root(prime, 2n));

/** @param {number} count @returns {bigint[]} */
function primes(count) {
  /** @type {number[]} */
  const found = [];
  for (let number = 2; found.length < count; number++) {
    if (found.every((prime) => number % prime)) found.push(number);
  }
  return found.map(BigInt);
}

/**
 * Return the first 64 bits of the fractional part of a root (FIPS 180-4 sections 4.2.3, 5.3.5).
 *
 * @param {bigint} number @param {bigint} degree
 */
function root(number, degree) {
  const scaled = number << (64n * degree);
  let low = 0n;
  let high = 1n << 80n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** degree <= scaled) low = middle;
    else high = middle;
  }
  return low & MASK;
}

/** @param {bigint} word @param {bigint} by */
const turned = (word, by) => ((word >> by) | (word << (64n - by))) & MASK;

/**
 * @param {Uint8Array} message
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function sha512(message) {
  const padded = new Uint8Array(((message.length + 16) >> 7 << 7) + 128);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(message.length) * 8n);
  const state = [...START];
  for (let block = 0; block < padded.length; block += 128) mix(state, view, block);
  const digest = new DataView(new ArrayBuffer(64));
  state.forEach((word, index) => digest.setBigUint64(index * 8, word));
  return new Uint8Array(digest.buffer);
}

/** @param {bigint[]} state @param {DataView} view @param {number} block */
function mix(state, view, block) {
  /** @type {bigint[]} */
  const words = [];
  for (let index = 0; index < 16; index++) words.push(view.getBigUint64(block + index * 8));
  for (let index = 16; index < 80; index++) {
    const early = words[index - 15];
    const late = words[index - 2];
    const first = turned(early, 1n) ^ turned(early, 8n) ^ (early >> 7n);
    const second = turned(late, 19n) ^ turned(late, 61n) ^ (late >> 6n);
    words.push((words[index - 16] + first + words[index - 7] + second) & MASK);
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let index = 0; index < 80; index++) {
    const one = turned(e, 14n) ^ turned(e, 18n) ^ turned(e, 41n);
    const start = (h + one + ((e & f) ^ (~e & MASK & g)) + K[index] + words[index]) & MASK;
    const zero = turned(a, 28n) ^ turned(a, 34n) ^ turned(a, 39n);
    const end = (zero + ((a & b) ^ (a & c) ^ (b & c))) & MASK;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + start) & MASK, c, b, a, (start + end) & MASK];
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => {
    state[index] = (state[index] + word) & MASK;
  });
}
