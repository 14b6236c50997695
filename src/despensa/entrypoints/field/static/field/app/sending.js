/**
 * Sending what happened, and fetching what waits: when there is a network, patiently, losing nothing.
 *
 * Source: docs/reference/device-api.md; docs/explanation/design.md section 7.8.
 */

import { readDistrict } from "../domain/district.js";
import { areEqual, hex } from "../domain/octets.js";
import { NotNow, operatorsIn } from "./phone.js";
import { ASK, NotAnswered, fieldsOf, post, request } from "./wire.js";

/** @typedef {import("./phone.js").Phone} Phone */

const WAIT_MAX_SECONDS = 900;
const SET_ASIDE = 2;
const ACTIVE = 1;
const REVOKED = 3;
const CLOCK_SECONDS_MAX = 600;

/**
 * Send every event that waits, oldest first.
 *
 * @param {Phone} phone
 * @returns {Promise<{setAside: boolean}>} whether the office set this phone's reports aside
 * @throws {NotAnswered}
 */
export async function sendAll(phone) {
  let setAside = false;
  for (;;) {
    const next = await phone.journal.batch();
    if (!next) return { setAside };
    const answer = await post("events", next.batch);
    const [version, verdict, seq, hash] = Array.isArray(answer) ? answer : [];
    const isOurs = version === 1 && seq === next.last && hash instanceof Uint8Array;
    // another answer than to what was sent: keep everything
    if (!isOurs || !areEqual(hash, next.hash)) throw new NotAnswered("internal");
    setAside ||= verdict === SET_ASIDE;
    await phone.journal.acknowledge(seq);
  }
}

/**
 * Fetch the operators and the list that waits for this phone.
 *
 * @param {Phone} phone @param {number} now
 * @returns {Promise<{found: boolean, clockWrong: boolean}>}
 * @throws {NotAnswered | NotNow}
 */
export async function fetchList(phone, now) {
  const asked = await request(phone.keys, ASK.LISTS, [phone.journal.unsent]);
  const answer = fieldsOf("lists", await post("lists", asked));
  await phone.keepOperators(operatorsIn(answer, 4));
  const state = answer.uint(2);
  // whoever found a lost phone gets nothing more from it; what it wrote stays and is still sent
  if (state === REVOKED) await phone.destroyList();
  if (state !== ACTIVE) throw new NotNow(state === REVOKED ? "device.revoked" : "device.suspended");
  const clockWrong = Math.abs(answer.uint(1) - now) > CLOCK_SECONDS_MAX;
  const waiting = answer.array(3).map((row) => answer.asArray(3, row, 2));
  for (const [id, sealed] of waiting) {
    const lease = answer.asOctets(3, id, 16);
    const held = phone.lease?.leaseId;
    if (held && areEqual(held, lease)) {
      // other tables were prepared since
      await fetchDistrict(phone, lease);
      return { found: true, clockWrong };
    }
    if (held || phone.journal.state.returned.includes(hex(lease))) continue;
    await phone.loadLease(lease, sealed, now);
    await fetchDistrict(phone, lease);
    return { found: true, clockWrong };
  }
  // another list waits, and the one here is none the office knows any more
  if (phone.lease && waiting.length) throw new NotNow("lease.return_first");
  return { found: phone.lease !== null, clockWrong };
}

/**
 * Fetch what may be said of cards that are not on the list; the list is good without it.
 *
 * @param {Phone} phone @param {import("../domain/octets.js").Octets} lease
 */
async function fetchDistrict(phone, lease) {
  try {
    const answer = await post("district", await request(phone.keys, ASK.DISTRICT, [lease]));
    if (answer instanceof Map) await phone.keepDistrict(readDistrict(answer));
  } catch (error) {
    if (!(error instanceof NotAnswered)) throw error;
  }
}

/**
 * Return how long to wait before trying again, in seconds.
 *
 * @param {number} failures in a row, from 1 @param {number | null} asked what the server asked for
 * @param {number} dice from 0 to 1
 */
export function waitAfter(failures, asked, dice) {
  if (asked !== null) return asked * (1 + dice);
  return Math.min(2 ** failures, WAIT_MAX_SECONDS) * (0.5 + dice);
}

/**
 * Return everything not yet acknowledged as one file: each batch behind its length, 4 bytes.
 *
 * The batches are sealed to the office; no PIN is asked, so that a dying phone loses nothing.
 *
 * @param {Phone} phone
 * @returns {Promise<Blob>}
 */
export async function exported(phone) {
  const parts = [];
  let from = phone.journal.state.acknowledged;
  for (;;) {
    const next = await phone.journal.batch(from);
    if (!next) break;
    const length = new DataView(new ArrayBuffer(4));
    length.setUint32(0, next.batch.length);
    parts.push(length.buffer, next.batch);
    from = next.last;
  }
  return new Blob(parts, { type: "application/octet-stream" });
}
