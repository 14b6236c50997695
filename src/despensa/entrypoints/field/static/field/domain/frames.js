/**
 * A file as a row of QR codes shown one after the other, where there is nothing but a camera.
 *
 * The twin of domain/frames.py; both play vectors/phone/frames.json.
 * Source: docs/reference/formats.md section 20.
 */

import * as base45 from "../card/base45.js";
import { sha256 } from "../crypto/primitives.js";
import { areEqual, bigEndian, hex, joined } from "./octets.js";

/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {{kind: number, digest: Octets, index: number, count: number, chunk: Octets}} Frame */

const MAGIC = 0x51;
const CHUNK_BYTES = 400;
const COUNT_MAX = 4096;
const HASH_LENGTH = 8;
const HEAD_LENGTH = 14;

export const FRAME = Object.freeze({ ASKING: 1, HAND_OVER: 2, JOURNAL: 3 });

/** The bytes need more frames than anybody would wait for. */
export class TooLong extends Error {}

/**
 * Return bytes as the texts of a row of codes, never none.
 *
 * @param {number} kind @param {Uint8Array} data
 * @returns {Promise<string[]>} @throws {TooLong}
 */
export async function framesOf(kind, data) {
  const count = Math.max(1, Math.ceil(data.length / CHUNK_BYTES));
  if (count > COUNT_MAX) throw new TooLong(`${data.length} bytes are too long for codes`);
  const digest = (await sha256(data)).slice(0, HASH_LENGTH);
  return Array.from({ length: count }, (_, index) => {
    const chunk = data.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
    const head = new Uint8Array([MAGIC, kind]);
    return base45.encode(joined(head, digest, bigEndian(index, 2), bigEndian(count, 2), chunk));
  });
}

/** @param {string} text @returns {Frame | null} what one code says, null if it is no frame */
export function readFrame(text) {
  const data = bytesIn(text);
  const isOurs = data && data.length >= HEAD_LENGTH && data[0] === MAGIC;
  /** @type {number[]} */
  const kinds = Object.values(FRAME);
  if (!isOurs || !kinds.includes(data[1])) return null;
  const [index, count] = [data[10] * 256 + data[11], data[12] * 256 + data[13]];
  if (!count || count > COUNT_MAX || index >= count) return null;
  return { kind: data[1], digest: data.slice(2, 10), index, count, chunk: data.slice(HEAD_LENGTH) };
}

/** Puts a row together, whatever order its codes come in and however often; another row begins anew. */
export class Gathering {
  constructor() {
    this.name = "";
    this.kind = 0;
    this.count = 0;
    /** @type {Map<number, Octets>} */
    this.chunks = new Map();
  }

  /**
   * Take the text of one code.
   *
   * @param {string} text
   * @returns {Promise<Octets | null>} everything, once nothing is missing
   */
  async add(text) {
    const frame = readFrame(text);
    if (!frame) return null;
    const name = `${frame.kind} ${hex(frame.digest)} ${frame.count}`;
    if (name !== this.name) {
      [this.name, this.kind, this.count] = [name, frame.kind, frame.count];
      this.chunks.clear();
    }
    if (!this.chunks.has(frame.index)) this.chunks.set(frame.index, frame.chunk);
    if (this.chunks.size < frame.count) return null;
    const parts = Array.from({ length: frame.count }, (_, index) => this.chunks.get(index));
    const data = joined(.../** @type {Octets[]} */ (parts));
    const isWhole = areEqual((await sha256(data)).slice(0, HASH_LENGTH), frame.digest);
    if (!isWhole) this.chunks.clear();
    return isWhole ? data : null;
  }
}

/** @param {string} text */
function bytesIn(text) {
  try {
    return new Uint8Array(base45.decode(text));
  } catch (error) {
    if (error instanceof base45.Base45Error) return null;
    throw error;
  }
}
