/**
 * The device journal: number, chain, sign, seal, store; only what is stored has happened.
 *
 * The twin of adapters/field_device/writer.py. One transaction holds the sealed event, its marks and
 * the next key of the chain, so a tab that is killed leaves all of it or nothing.
 * Source: docs/reference/formats.md section 4; docs/explanation/design.md section 7.8.
 */

import { randomOctets, sha256 } from "../../crypto/primitives.js";
import { seal } from "../../crypto/hpke.js";
import { KIND, eventHash, signEvent } from "../../domain/event.js";
import { areEqual, hex } from "../../domain/octets.js";
import {
  BATCH_BYTES_MAX,
  BATCH_MAX,
  CHAIN_KEY_LENGTH,
  encodeBatch,
  inboxInfo,
  nextChainKey,
  sealEvent,
} from "../../domain/sealing.js";
import { signerOf } from "./keys.js";

/** @typedef {import("../../domain/octets.js").Octets} Octets */
/** @typedef {import("../../domain/event.js").Event} Event */
/** @typedef {{event: Event, data: Octets, eventHash: Octets}} Written */

export const MARK = Object.freeze({ COLLECTED: 1, CONTEST_SERVED: 2, RELEASED: 3 });

/**
 * What the phone counts for the people in front of it; goods by unit.
 *
 * @typedef {{delivered: number, supervised: number, refused: number, aborted: number,
 *   goods: Record<number, number>}} Tally
 */

/**
 * @typedef {object} State
 * @property {number} seq of the last event
 * @property {Octets} head hash of the last event, of the certificate at first
 * @property {number} acknowledged the server holds every event up to this number
 * @property {number} place of the last event in its lane
 * @property {Octets} laneLease
 * @property {Octets} wrappedKey
 * @property {Octets} chainKey for the next place
 * @property {boolean} sessionOpen
 * @property {Octets | null} sessionId of the open session
 * @property {{at: number, operator: Octets} | null} scan that has no verdict yet
 * @property {string[]} returned leases, in hex
 * @property {Tally} tally
 * @property {number} proven how many events the log was proven to hold, and this phone forgot
 */

/** @returns {Tally} */
export function noTally() {
  return { delivered: 0, supervised: 0, refused: 0, aborted: 0, goods: {} };
}

export class Journal {
  /**
   * @param {import("./database.js").Store} store @param {import("./keys.js").DeviceKeys} keys
   * @param {State} state @param {[string, number][]} marks
   */
  constructor(store, keys, state, marks) {
    this.store = store;
    this.keys = keys;
    this.state = state;
    /** @type {Set<string>} */
    this.collected = new Set();
    /** @type {Set<string>} */
    this.contested = new Set();
    /** @type {Set<string>} tags another phone took over */
    this.released = new Set();
    for (const [tag, mark] of marks) this.mark(tag, mark);
    /** @type {Promise<unknown>} writes follow each other, whoever asks for them */
    this.turn = Promise.resolve();
  }

  /**
   * Return the changes that begin a journal with its first lane.
   *
   * @param {import("./keys.js").DeviceKeys} keys @param {Uint8Array} certificate
   * @param {{inboxKey: Octets, leaseId: Octets}} lane
   * @returns {Promise<import("./database.js").Changes>}
   */
  static async begun(keys, certificate, lane) {
    /** @type {State} */
    const state = {
      seq: 0,
      head: await sha256(certificate),
      acknowledged: 0,
      ...(await laneOf(keys, lane)),
      sessionOpen: false,
      sessionId: null,
      scan: null,
      returned: [],
      tally: noTally(),
      proven: 0,
    };
    return [["phone", "state", state]];
  }

  get unsent() {
    return this.state.seq - this.state.acknowledged;
  }

  /** Events the server took in that no proof covers yet: this phone keeps them. */
  get unproven() {
    return this.state.acknowledged - this.state.proven;
  }

  /**
   * Start a new chain of message keys together with other changes.
   *
   * @param {{inboxKey: Octets, leaseId: Octets}} lane
   * @param {import("./database.js").Changes} changes
   */
  beginLane(lane, changes) {
    return this.alone(async () => {
      const next = { ...this.state, ...(await laneOf(this.keys, lane)), tally: noTally() };
      await this.store.write([...changes, ["phone", "state", next]]);
      this.state = next;
    });
  }

  /** @param {{at: number, operator: Octets}} scan noted, so that a killed tab says it was interrupted */
  beginScan(scan) {
    return this.alone(() => this.keep({ scan }));
  }

  /** @param {number} seq the server holds every event up to it */
  acknowledge(seq) {
    return this.alone(async () => {
      if (seq > this.state.acknowledged) await this.keep({ acknowledged: seq });
    });
  }

  /**
   * Send again from a number on: the server does not hold what it once took in.
   *
   * @param {number} seq
   */
  sendAgain(seq) {
    return this.alone(async () => {
      if (seq <= this.state.acknowledged) await this.keep({ acknowledged: seq - 1 });
    });
  }

  /**
   * Return the oldest events that the server took in and no proof covers yet.
   *
   * @param {number} from the last number that is left out
   * @returns {Promise<{seq: number, hash: Octets}[]>}
   */
  async taken(from) {
    const kept = await this.store.eventsAfter(from, BATCH_MAX);
    const isNear = (/** @type {number} */ seq) => seq < kept[0].seq + BATCH_MAX;
    return kept.filter(({ seq }) => seq <= this.state.acknowledged && isNear(seq));
  }

  /**
   * Forget the sealed bytes of events that the log was proven to hold.
   *
   * @param {number[]} seqs each of them once, each kept until now
   * @param {import("./database.js").Changes} changes made together with it
   */
  forget(seqs, changes) {
    return this.alone(async () => {
      const next = { ...this.state, proven: this.state.proven + seqs.length };
      await this.store.write([
        ...seqs.map((seq) => /** @type {[string, number, undefined]} */ (["event", seq, undefined])),
        ...changes,
        ["phone", "state", next],
      ]);
      this.state = next;
    });
  }

  /**
   * Return an event once it is numbered, chained, signed, sealed and durable.
   *
   * @param {Omit<Event, "seq" | "previousHash">} given
   * @param {{marks?: [string, number | undefined][],
   *   changes?: import("./database.js").Changes | ((data: Octets) => Promise<import("./database.js").Changes>),
   *   endsScan?: boolean}} [more] marks are tags in hex, undefined takes one away; changes are made
   *   together with the event or not at all, maybe of its bytes; `endsScan`: the event answers the one
   *   scan that has no verdict yet
   * @returns {Promise<Written>}
   */
  write(given, { marks = [], changes = [], endsScan = false } = {}) {
    return this.alone(async () => {
      const { state, keys } = this;
      if (endsScan && !state.scan) throw new Error("this scan has its verdict already");
      const event = /** @type {Event} */ ({
        ...given,
        seq: state.seq + 1,
        previousHash: state.head,
      });
      const phone = { publicKey: keys.signingKey, signer: signerOf(keys) };
      const data = await signEvent(event, phone);
      const hash = await eventHash(data);
      const lane = { deviceId: keys.deviceId, leaseId: state.laneLease };
      const place = state.place + 1;
      const sealed = await sealEvent(data, { chainKey: state.chainKey, lane, place });
      const { laneLease: lease, wrappedKey } = state;
      const stored = { seq: event.seq, hash, place, lease, wrappedKey, sealed };
      const next = { ...after(state, event), head: hash, place };
      next.chainKey = await nextChainKey(state.chainKey);
      await this.store.write([
        ["event", event.seq, stored],
        ...marks.map(([tag, mark]) => /** @type {[string, string, number | undefined]} */ (["mark", tag, mark])),
        ...(typeof changes === "function" ? await changes(data) : changes),
        ["phone", "state", next],
      ]);
      this.state = next;
      for (const [tag, mark] of marks) this.mark(tag, mark);
      return { event, data, eventHash: hash };
    });
  }

  /**
   * Return the oldest events of one lane after a number, as they are sent and exported.
   *
   * @param {number} [from] the last number that is left out
   * @returns {Promise<{batch: Octets, last: number, hash: Octets} | null>} null when none wait
   */
  async batch(from = this.state.acknowledged) {
    const waiting = await this.store.eventsAfter(from, BATCH_MAX);
    if (!waiting.length) return null;
    const [{ wrappedKey, lease, place }] = waiting;
    // half of what a reader takes leaves room for everything around the events
    let left = BATCH_BYTES_MAX / 2;
    const end = waiting.findIndex((one) => {
      left -= one.sealed.length;
      return left < 0 || !areEqual(one.wrappedKey, wrappedKey);
    });
    const chosen = end < 0 ? waiting : waiting.slice(0, end);
    const batch = encodeBatch({
      lane: { deviceId: this.keys.deviceId, leaseId: lease },
      wrappedKey,
      first: place,
      sealed: chosen.map(({ sealed }) => sealed),
    });
    const { seq, hash } = chosen[chosen.length - 1];
    return { batch, last: seq, hash };
  }

  /**
   * Forget under which tags was collected, together with other changes.
   *
   * @param {import("./database.js").Changes} changes
   */
  forgetMarks(changes) {
    return this.alone(async () => {
      const marks = [...this.collected, ...this.released].map(
        (tag) => /** @type {[string, string, undefined]} */ (["mark", tag, undefined]),
      );
      await this.store.write([...marks, ...changes]);
      this.collected.clear();
      this.contested.clear();
      this.released.clear();
    });
  }

  get hasMarks() {
    return this.collected.size + this.released.size > 0;
  }

  /** @param {Partial<State>} changed */
  async keep(changed) {
    const next = { ...this.state, ...changed };
    await this.store.write([["phone", "state", next]]);
    this.state = next;
  }

  /** @param {string} tag @param {number | undefined} mark undefined takes it away */
  mark(tag, mark) {
    this.released.delete(tag);
    if (mark === MARK.RELEASED) this.released.add(tag);
    if (mark === MARK.RELEASED || !mark) return;
    // whoever was served on a contest had collected before
    this.collected.add(tag);
    if (mark === MARK.CONTEST_SERVED) this.contested.add(tag);
  }

  /**
   * @template Result
   * @param {() => Promise<Result>} work
   * @returns {Promise<Result>}
   */
  alone(work) {
    const done = this.turn.then(work);
    this.turn = done.catch(() => {});
    return done;
  }
}

/** @param {import("./keys.js").DeviceKeys} keys @param {{inboxKey: Octets, leaseId: Octets}} lane */
async function laneOf(keys, { inboxKey, leaseId }) {
  const chainKey = randomOctets(CHAIN_KEY_LENGTH);
  const info = inboxInfo({ deviceId: keys.deviceId, leaseId });
  const wrappedKey = await seal(inboxKey, chainKey, info);
  return { laneLease: leaseId, wrappedKey, chainKey, place: 0 };
}

/** @param {State} state @param {Event} event @returns {State} */
function after(state, event) {
  const next = { ...state, seq: event.seq, tally: counted(state.tally, event) };
  /** @type {number[]} */
  const ends = [KIND.DELIVERED, KIND.REFUSED, KIND.ABORTED];
  if (ends.includes(event.kind)) next.scan = null;
  if (event.kind === KIND.SESSION_OPENED) {
    next.sessionOpen = true;
    next.sessionId = event.sessionId;
  }
  if (event.kind === KIND.SESSION_CLOSED) {
    next.sessionOpen = false;
    next.sessionId = null;
  }
  if (event.kind === KIND.LEASE_RETURNED && event.leaseId) {
    next.returned = [...state.returned, hex(event.leaseId)];
  }
  return next;
}

/** @param {Tally} tally @param {Event} event @returns {Tally} */
function counted(tally, event) {
  const next = { ...tally, goods: { ...tally.goods } };
  if (event.kind === KIND.REFUSED) next.refused++;
  if (event.kind === KIND.ABORTED) next.aborted++;
  if (event.kind !== KIND.DELIVERED) return next;
  next.delivered++;
  if (event.supervised && event.supervised.reason !== null) next.supervised++;
  for (const [unit, quantity] of event.goods ?? []) {
    next.goods[unit] = (next.goods[unit] ?? 0) + quantity;
  }
  return next;
}
