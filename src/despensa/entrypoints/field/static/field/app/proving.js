/**
 * Forgetting what happened, once the log was proven to hold it, and not before.
 *
 * The server's word alone makes this phone forget nothing: it keeps every event until a checkpoint
 * signed by the log covers it, and until that log only grew since the last one this phone saw.
 * Source: docs/reference/device-api.md, States and proofs; docs/explanation/design.md section 7.8.
 */

import { BadSignature, MalformedSignature, UnknownKey } from "../domain/cose.js";
import { readStates } from "../domain/proof.js";
import { BadTile, consistencyProof } from "../log/tiles.js";
import { verifyConsistency } from "../log/tree.js";
import { ASK, NotAnswered, post, request, tileOf } from "./wire.js";

/** @typedef {import("./phone.js").Phone} Phone */
/** @typedef {import("../log/checkpoint.js").Checkpoint} Checkpoint */

/** What the office shows is not the log this phone knows: nothing is forgotten, somebody must ask. */
export class OtherLog extends Error {}

/**
 * Ask what became of everything the server took in; forget what is proven, send again what is lost.
 *
 * @param {Phone} phone
 * @throws {NotAnswered | OtherLog}
 */
export async function forgetProven(phone) {
  const { journal } = phone;
  let from = 0;
  for (;;) {
    const taken = await journal.taken(from);
    if (!taken.length) return;
    const [first, last] = [taken[0].seq, taken[taken.length - 1].seq];
    const answer = await post("states", await request(phone.keys, ASK.STATES, [first, last]));
    const { states, proven, checkpoint } = await read(phone, answer, taken);
    const lost = taken.find(({ seq }) => !states.has(seq));
    if (lost) return journal.sendAgain(lost.seq);
    if (checkpoint) {
      await check(await phone.store.one("checkpoint"), checkpoint);
      await journal.forget([...new Set(proven)], [["phone", "checkpoint", checkpoint]]);
    }
    from = last;
  }
}

/**
 * @param {Phone} phone @param {import("../card/cbor.js").Value} answer
 * @param {{seq: number, hash: import("../domain/octets.js").Octets}[]} taken
 */
async function read({ trust }, answer, taken) {
  const hashes = new Map(taken.map(({ seq, hash }) => [seq, hash]));
  try {
    return await readStates(answer, { hashes, logKey: trust.logKey, authorityKeys: trust.authorityKeys });
  } catch (error) {
    if (error instanceof UnknownKey || error instanceof BadSignature) throw new OtherLog(error.message);
    if (error instanceof MalformedSignature) throw new NotAnswered("internal");
    throw error;
  }
}

/** @param {Checkpoint | undefined} seen @param {Checkpoint} shown */
async function check(seen, shown) {
  if (!seen) return;
  if (shown.size < seen.size) throw new OtherLog("the log became smaller");
  try {
    const proof = await consistencyProof(seen.size, shown.size, tileOf);
    if (await verifyConsistency(seen, shown, proof)) return;
  } catch (error) {
    if (!(error instanceof BadTile)) throw error;
  }
  throw new OtherLog("the log is not the one this phone saw");
}
