/**
 * The proof that the log only grew, made by the phone itself from the log's public tiles.
 *
 * Source: C2SP tlog-tiles; domain/transparency/tile.py names the same pieces.
 */

import { consistencySpans, nodeHash, spanRoot } from "./tree.js";

/** @typedef {import("../domain/octets.js").Octets} Octets */

const HASH_LENGTH = 32;
const HEIGHT = 8;
const WIDTH = 256n;

/** A tile is not what it must be, so nothing can be proven with it. */
export class BadTile extends Error {}

/**
 * Return the hashes that prove that the tree of `young` leaves continues the one of `old` leaves.
 *
 * @param {bigint} old @param {bigint} young at least `old`
 * @param {(path: string) => Promise<Uint8Array>} read a tile by its path
 * @returns {Promise<Octets[]>}
 * @throws {BadTile}
 */
export async function consistencyProof(old, young, read) {
  const subtree = (/** @type {number} */ level, /** @type {bigint} */ number) =>
    fullSubtree(level, number, young, read);
  const hashes = [];
  for (const span of consistencySpans(old, young)) hashes.push(await spanRoot(span, subtree));
  return hashes;
}

/**
 * Return the path of the tile that holds hash `at` of a level, as it is in a tree of `size` leaves.
 *
 * @param {number} level @param {bigint} at @param {bigint} size
 */
export function tilePath(level, at, size) {
  const number = at / WIDTH;
  const left = (size >> BigInt(HEIGHT * level)) - number * WIDTH;
  const parts = [];
  for (let rest = number; parts.length === 0 || rest; rest /= 1000n) {
    const digits = String(rest % 1000n).padStart(3, "0");
    parts.unshift(parts.length ? `x${digits}` : digits);
  }
  const partial = left < WIDTH ? `.p/${left}` : "";
  return `tile/${level}/${parts.join("/")}${partial}`;
}

/**
 * @param {number} level @param {bigint} number @param {bigint} size
 * @param {(path: string) => Promise<Uint8Array>} read
 */
async function fullSubtree(level, number, size, read) {
  const floor = Math.floor(level / HEIGHT);
  const count = 1 << (level - HEIGHT * floor);
  const first = number * BigInt(count);
  const data = await read(tilePath(floor, first, size));
  const from = Number(first % WIDTH) * HASH_LENGTH;
  const piece = new Uint8Array(data.subarray(from, from + count * HASH_LENGTH));
  if (piece.length !== count * HASH_LENGTH) throw new BadTile("a tile of the log is too short");
  let row = Array.from({ length: count }, (_, place) =>
    piece.slice(place * HASH_LENGTH, (place + 1) * HASH_LENGTH),
  );
  while (row.length > 1) {
    const pairs = Array.from({ length: row.length / 2 }, (_, place) =>
      nodeHash(row[2 * place], row[2 * place + 1]),
    );
    row = await Promise.all(pairs);
  }
  return row[0];
}
