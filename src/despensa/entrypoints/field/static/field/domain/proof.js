/**
 * What a phone needs before it forgets an event: that the event's hash is in the log.
 *
 * The twin of domain/phone_proof.py; both play vectors/phone/states.json. A proof that fails proves
 * nothing and is no error, because the phone then simply keeps the event.
 * Source: docs/reference/device-api.md; docs/reference/formats.md section 8.
 */

import { verify as ed25519 } from "../card/ed25519.js";
import { sha256 } from "../crypto/primitives.js";
import { parseKey, verifyCheckpoint } from "../log/checkpoint.js";
import { leafHash, verifyInclusion } from "../log/tree.js";
import { MalformedSignature } from "./cose.js";
import { joined } from "./octets.js";
import { HASH_LENGTH, Reader } from "./payload.js";

/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("../log/checkpoint.js").Checkpoint} Checkpoint */
/** @typedef {{count: bigint, root: Octets}} Chunk */

export const STATE = Object.freeze({ PENDING: 1, ACCEPTED: 2, SETTLED: 3, FADED: 4, SET_ASIDE: 5 });
const ROW_SALT_LENGTH = 16;
const SIGNATURE_LENGTH = 64;

/**
 * Return what an answer to `states` says and proves.
 *
 * Whether the checkpoint continues the last one the phone saw is asked by the caller.
 *
 * @param {import("../card/cbor.js").Value} answer
 * @param {{hashes: Map<number, Octets>, logKey: string, authorityKeys: Octets[]}} known `hashes` are
 *   the phone's own, by number
 * @returns {Promise<{states: Map<number, number>, proven: number[], checkpoint: Checkpoint | null}>}
 * @throws {MalformedSignature} and what `verifyCheckpoint` throws.
 */
export async function readStates(answer, { hashes, logKey, authorityKeys }) {
  if (!(answer instanceof Map)) throw new MalformedSignature("states: no map");
  const fields = new Reader("states", answer);
  fields.exactly([0, 1, 2, 3, 4, 5]);
  fields.uint(0, 1, 1);
  fields.uint(1);
  /** @type {Map<number, number>} */
  const states = new Map();
  for (const row of fields.array(2)) {
    const [seq, state] = fields.asArray(2, row, 2);
    states.set(fields.asUint(2, seq), fields.asUint(2, state));
  }
  const text = fields.value(3);
  if (typeof text !== "string" || !text) return { states, proven: [], checkpoint: null };
  const checkpoint = await verifyCheckpoint(text, await parseKey(logKey));
  const chunks = [];
  for (const item of fields.array(4)) {
    chunks.push(await chunkIn(fields, item, checkpoint, authorityKeys));
  }
  const proven = [];
  for (const item of fields.array(5)) {
    const seq = await provenIn(fields, item, chunks, hashes);
    if (seq !== null) proven.push(seq);
  }
  return { states, proven, checkpoint };
}

/**
 * @param {Reader} fields @param {any} item @param {Checkpoint} checkpoint @param {Octets[]} keys
 * @returns {Promise<Chunk | null>} null when it is not in the log, or nobody trusted answers for it
 */
async function chunkIn(fields, item, checkpoint, keys) {
  const [leaf, number, path, count, root, signed] = fields.asArray(4, item, 6);
  if (!(leaf instanceof Uint8Array)) fields.refuse(4, "must hold leaves");
  const rowsRoot = fields.asOctets(4, root, HASH_LENGTH);
  const signature = fields.asOctets(4, signed, SIGNATURE_LENGTH);
  const index = BigInt(fields.asUint(4, number));
  const steps = hashesIn(fields, 4, path);
  const hash = await leafHash(leaf);
  const isLogged = await verifyInclusion(index, checkpoint.size, hash, steps, checkpoint.root);
  if (!isLogged) return null;
  const statement = joined("despensa/chunk/1", await sha256(leaf), rowsRoot);
  for (const key of keys) {
    const isGood = await ed25519(signature, statement, key);
    if (isGood) return { count: BigInt(fields.asUint(4, count)), root: rowsRoot };
  }
  return null;
}

/**
 * @param {Reader} fields @param {any} item @param {(Chunk | null)[]} chunks
 * @param {Map<number, Octets>} hashes
 * @returns {Promise<number | null>}
 */
async function provenIn(fields, item, chunks, hashes) {
  const [seq, at, index, salt, path] = fields.asArray(5, item, 5);
  const chunk = chunks[fields.asUint(5, at)] ?? null;
  const own = hashes.get(fields.asUint(5, seq));
  const rowSalt = fields.asOctets(5, salt, ROW_SALT_LENGTH);
  const steps = hashesIn(fields, 5, path);
  if (!chunk || !own) return null;
  const hash = await leafHash(rowSalt, own);
  const place = BigInt(fields.asUint(5, index));
  return (await verifyInclusion(place, chunk.count, hash, steps, chunk.root)) ? seq : null;
}

/** @param {Reader} fields @param {number} key @param {any} path */
function hashesIn(fields, key, path) {
  return fields.asArray(key, path).map((step) => fields.asOctets(key, step, HASH_LENGTH));
}
