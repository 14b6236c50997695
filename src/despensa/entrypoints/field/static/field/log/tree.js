/**
 * The Merkle tree of the log: whether a hash belongs to a tree and whether one tree continues another.
 *
 * The twin of the verifying half of domain/transparency/tree.py. Sizes are bigints: they have 63 bits.
 * Source: RFC 6962 section 2.1 (hashing), RFC 9162 sections 2.1.3 and 2.1.4 (verification).
 */

import { sha256 } from "../crypto/primitives.js";
import { areEqual, joined } from "../domain/octets.js";

/** @typedef {import("../domain/octets.js").Octets} Octets */
/** @typedef {[low: bigint, high: bigint]} Span leaves from low on, without high */

const LEAF = new Uint8Array([0]);
const NODE = new Uint8Array([1]);

/** @param {...Uint8Array} data the leaf's bytes, in parts @returns {Promise<Octets>} */
export function leafHash(...data) {
  return sha256(joined(LEAF, ...data));
}

/** @param {Uint8Array} left @param {Uint8Array} right @returns {Promise<Octets>} */
export function nodeHash(left, right) {
  return sha256(joined(NODE, left, right));
}

/**
 * Return whether the leaf with this hash stands at `index` in the tree of that size and root.
 *
 * @param {bigint} index @param {bigint} size @param {Octets} leaf @param {Octets[]} proof
 * @param {Octets} root
 */
export async function verifyInclusion(index, size, leaf, proof, root) {
  if (index < 0n || index >= size) return false;
  let [position, last, value] = [index, size - 1n, leaf];
  for (const step of proof) {
    if (last === 0n) return false;
    if (position & 1n || position === last) {
      value = await nodeHash(step, value);
      while (!(position & 1n) && position) [position, last] = [position >> 1n, last >> 1n];
    } else value = await nodeHash(value, step);
    [position, last] = [position >> 1n, last >> 1n];
  }
  return last === 0n && areEqual(value, root);
}

/**
 * Return whether the newer tree begins with the very leaves of the older one.
 *
 * @param {{size: bigint, root: Octets}} old @param {{size: bigint, root: Octets}} young
 * @param {Octets[]} proof
 */
export async function verifyConsistency(old, young, proof) {
  if (old.size > young.size) return false;
  if (old.size === young.size) return !proof.length && areEqual(old.root, young.root);
  // every tree begins with the empty one, whose root is the hash of nothing
  if (old.size === 0n) return !proof.length && areEqual(old.root, await sha256(new Uint8Array(0)));
  let [position, last] = [old.size - 1n, young.size - 1n];
  const steps = old.size & (old.size - 1n) ? [...proof] : [old.root, ...proof];
  const first = steps.shift();
  if (!first) return false;
  while (position & 1n) [position, last] = [position >> 1n, last >> 1n];
  let [before, after] = [first, first];
  for (const step of steps) {
    if (last === 0n) return false;
    if (position & 1n || position === last) {
      [before, after] = [await nodeHash(step, before), await nodeHash(step, after)];
      while (!(position & 1n) && position) [position, last] = [position >> 1n, last >> 1n];
    } else after = await nodeHash(after, step);
    [position, last] = [position >> 1n, last >> 1n];
  }
  return last === 0n && areEqual(before, old.root) && areEqual(after, young.root);
}

/**
 * Return the leaf ranges whose roots prove that the tree of `young` leaves continues that of `old`.
 *
 * @param {bigint} old @param {bigint} young at least `old`
 * @returns {Span[]}
 */
export function consistencySpans(old, young) {
  /** @type {Span[]} */
  const spans = [];
  let [low, high] = [0n, young];
  while (old && old !== high) {
    const middle = low + largestBelow(high - low);
    if (old <= middle) {
      spans.push([middle, high]);
      high = middle;
    } else {
      spans.push([low, middle]);
      low = middle;
    }
  }
  if (low) spans.push([low, high]);
  return spans.reverse();
}

/**
 * Return the root over a range of leaves, asking only for full, aligned subtrees.
 *
 * @param {Span} span one of `consistencySpans`
 * @param {(level: number, number: bigint) => Promise<Octets>} fullSubtree the root over leaves
 *   number * 2^level to (number + 1) * 2^level
 */
export async function spanRoot([low, high], fullSubtree) {
  /** @type {Octets[]} */
  const peaks = [];
  for (let from = low; from < high; ) {
    const level = (high - from).toString(2).length - 1;
    peaks.push(await fullSubtree(level, from >> BigInt(level)));
    from += 1n << BigInt(level);
  }
  const [last, ...others] = peaks.reverse();
  let value = last;
  for (const peak of others) value = await nodeHash(peak, value);
  return value;
}

/** @param {bigint} size above 1 @returns {bigint} the largest power of two below it */
function largestBelow(size) {
  return 1n << BigInt((size - 1n).toString(2).length - 1);
}
