/**
 * What a phone is and does: its keys, its list, its session, and what becomes of a scan.
 *
 * The twin of adapters/field_device/phone.py and device.py. Nothing here knows a screen; time comes
 * from outside. Source: docs/explanation/design.md sections 7.6 to 7.8.
 */

import { openSealed, seal } from "../crypto/hpke.js";
import { randomOctets } from "../crypto/primitives.js";
import { takeSlip } from "../domain/amend.js";
import { merged, readGiven } from "./handing.js";
import { keyRing } from "../domain/cose.js";
import { verifyCertificate } from "../domain/device.js";
import { lookUp, tableOf } from "../domain/district.js";
import { KIND, MEANS, NO_SESSION } from "../domain/event.js";
import { leaseInfo, verifyLease } from "../domain/lease.js";
import { hasCardAmong, indexLease } from "../domain/locate.js";
import { areEqual, hex, joined } from "../domain/octets.js";
import { readPinCode } from "../domain/pincode.js";
import { RECEIPT, signReceipt } from "../domain/receipt.js";
import { ABORT, OFFERED, REASON } from "../domain/refusal.js";
import { NO_LEASE } from "../domain/sealing.js";
import { asksCollector, collectorsOf, find, verdictOf } from "./judge.js";
import { serialOf } from "./paper.js";
import * as pins from "./pins.js";
import { Journal, MARK } from "./store/journal.js";
import { createKeys, sealingPair, signerOf } from "./store/keys.js";
import { enrolment, fieldsOf, post } from "./wire.js";

/** @typedef {import("../domain/octets.js").Octets} Octets */
/** @typedef {import("../domain/payload.js").Goods} Goods */
/** @typedef {import("./store/journal.js").Written} Written */
/** @typedef {import("./judge.js").Scan} Scan */
/** @typedef {import("./judge.js").Finding} Finding */
/** @typedef {{operator: Octets, name: string}} Operator */
/** @typedef {{slip: Octets} | {given: Octets, nonce: Octets, at: number}} Added a slip, or another phone's rest, sealed */

/**
 * What enrolment told the phone, and whom it trusts.
 *
 * @typedef {object} Trust
 * @property {Octets} certificate
 * @property {Octets} workspaceId
 * @property {number} expiresAt of the certificate
 * @property {Octets[]} authorityKeys
 * @property {Octets} inboxKey
 * @property {Octets[]} issuerKeys
 * @property {Octets} officeKey
 * @property {string} logKey
 * @property {string} name
 * @property {string} timeZone
 * @property {Operator[]} operators
 */

/** @typedef {{outcome: "delivered" | "refused", scan: Scan, finding: Finding, goods: Goods,
 *   reason: number | null, offered: number, written: Written | null, receipt: Octets | null,
 *   second: Octets | null, collector: {role: number, proxyReason: number | null} | null}} Result */

/** A receipt must name a day even where no list says how long an appeal may take. */
const APPEAL_DAYS_WITHOUT_LIST = 30;
const SECONDS_PER_DAY = 86_400;
const LIST_GONE = /** @type {import("./store/database.js").Changes} */ ([
  ["phone", "lease", undefined],
  ["phone", "district", undefined],
  ["phone", "given", undefined],
  ["phone", "asking", undefined],
]);

const COUNTS_GONE = /** @type {[string, string, undefined]} */ (["phone", "counts", undefined]);

/** The phone cannot do this now; `word` is the key of the sentence that says what to do first. */
export class NotNow extends Error {
  /** @param {string} word */
  constructor(word) {
    super(word);
    this.word = word;
  }
}

export class Phone {
  /**
   * @param {import("./store/database.js").Store} store
   * @param {import("./store/keys.js").DeviceKeys} keys
   * @param {Trust} trust @param {Journal} journal @param {pins.Pins} known
   */
  constructor(store, keys, trust, journal, known) {
    this.store = store;
    this.keys = keys;
    this.trust = trust;
    this.journal = journal;
    this.pins = known;
    /** @type {import("../domain/locate.js").LeaseIndex | null} */
    this.index = null;
    /** @type {Goods} what the last list mostly gave, for a supervised delivery without one */
    this.usual = [];
    /** when the last list ends, and with it every trace of whom it served */
    this.marksEnd = 0;
    /** @type {import("../domain/district.js").District | null} */
    this.district = null;
    /** @type {import("./paper.js").Paper | null} */
    this.paper = null;
    /** @type {Added[]} what was taken into the list since it came, in its order */
    this.added = [];
    /** @type {ReadonlySet<string>} their ids in hex */
    this.taken = new Set();
    /** @type {Set<string>} refusals that a supervised delivery answered, by hash in hex */
    this.answered = new Set();
  }

  /**
   * Return the phone in the store; a scan that never got its verdict is ended as interrupted.
   *
   * @param {import("./store/database.js").Store} store
   * @returns {Promise<Phone | null>} null before it was enrolled
   */
  static async open(store) {
    const read = (/** @type {string} */ key) => store.one(key);
    const [keys, trust, state] = await Promise.all(["keys", "trust", "state"].map(read));
    if (!trust) return null;
    const journal = new Journal(store, keys, state, await store.marks());
    const known = (await store.one("pins")) ?? { wrong: 0, of: {}, used: [] };
    const phone = new Phone(store, keys, trust, journal, known);
    phone.usual = (await store.one("usual")) ?? [];
    phone.marksEnd = (await store.one("marksEnd")) ?? 0;
    phone.district = (await store.one("district")) ?? null;
    phone.paper = (await store.one("paper")) ?? null;
    const kept = await store.one("lease");
    if (kept) await phone.hold(await phone.openedLease(kept.id, kept.sealed), kept.added);
    const { scan } = journal.state;
    if (scan) await phone.abort(ABORT.INTERRUPTED, scan.at, scan.operator);
    return phone;
  }

  /**
   * Enrol this phone by the code the office shows; the same keys are offered until it succeeds.
   *
   * @param {import("./store/database.js").Store} store
   * @param {{code: Octets, authority: Octets}} shown
   */
  static async enrol(store, { code, authority }) {
    /** @type {import("./store/keys.js").DeviceKeys} */
    const keys = (await store.one("keys")) ?? (await createKeys());
    await store.write([["phone", "keys", keys]]);
    const answer = fieldsOf("enrolment", await post("enrol", await enrolment(keys, code)));
    const authorityKeys = answer.array(2).map((key) => answer.asOctets(2, key, 32));
    const certificate = answer.value(1);
    const said = await verifyCertificate(certificate, await keyRing([authority]));
    const isOurs =
      areEqual(authorityKeys[0] ?? NO_LEASE, authority) &&
      areEqual(said.deviceId, keys.deviceId) &&
      areEqual(said.signingKey, keys.signingKey) &&
      areEqual(said.sealingKey, keys.sealingKey);
    if (!isOurs) throw new NotNow("enrol.not_ours");
    /** @type {Trust} */
    const trust = {
      certificate,
      workspaceId: said.workspaceId,
      expiresAt: said.expiresAt,
      authorityKeys,
      inboxKey: answer.octets(3, 32),
      issuerKeys: answer.array(4).map((key) => answer.asOctets(4, key, 32)),
      officeKey: answer.octets(5, 32),
      logKey: answer.text(6),
      name: answer.text(7),
      timeZone: answer.text(9),
      operators: operatorsIn(answer, 10),
    };
    const lane = { inboxKey: trust.inboxKey, leaseId: NO_LEASE };
    const begun = await Journal.begun(keys, certificate, lane);
    await store.write([["phone", "trust", trust], ...begun]);
  }

  get lease() {
    return this.index?.lease ?? null;
  }

  get sessionOpen() {
    return this.journal.state.sessionOpen;
  }

  /** @param {number} now seconds UTC @returns {number} local days since 1970-01-01 */
  today(now) {
    const how = { timeZone: this.trust.timeZone };
    const [year, month, day] = new Intl.DateTimeFormat("en-CA", how)
      .format(now * 1000)
      .split("-")
      .map(Number);
    return Date.UTC(year, month - 1, day) / 1000 / SECONDS_PER_DAY;
  }

  /** @param {Operator[]} operators */
  async keepOperators(operators) {
    this.trust = { ...this.trust, operators };
    await this.store.write([["phone", "trust", this.trust]]);
  }

  /** @param {import("./paper.js").Paper | null} paper null where no papers lie at the point */
  async keepPaper(paper) {
    await this.store.write([["phone", "paper", paper ?? undefined]]);
    this.paper = paper;
  }

  /** @param {Octets} operator */
  hasPin(operator) {
    return hex(operator) in this.pins.of;
  }

  /**
   * Return the id of an operator's own code of the office, by which she sets her PIN.
   *
   * @param {Octets} data @param {Octets} operator @param {number} now
   * @throws {import("../domain/pincode.js").PinCodeRefused}
   */
  async pinCode(data, operator, now) {
    const { workspaceId, authorityKeys } = this.trust;
    return readPinCode(data, {
      workspaceId,
      deviceId: this.keys.deviceId,
      operatorId: operator,
      used: this.pins.used ?? [],
      now,
      authorityKeys: await keyRing(authorityKeys),
    });
  }

  /** @param {Octets} operator @param {string} pin @param {string} code whose id it is, used up by this */
  async setPin(operator, pin, code) {
    const used = [...(this.pins.used ?? []), code];
    await this.keepPins({ ...this.pins.of, [hex(operator)]: await pins.hashed(pin) }, 0, used);
  }

  /**
   * Return whether a PIN is right; the tenth wrong one in a row destroys the list.
   *
   * @param {Octets} operator @param {string} pin
   */
  async checkPin(operator, pin) {
    const isRight = await pins.isRight(this.pins, operator, pin);
    await this.keepPins(this.pins.of, isRight ? 0 : this.pins.wrong + 1);
    if (this.pins.wrong >= pins.WRONG_MAX) await this.destroyList();
    return isRight;
  }

  /** What the phone wrote stays; whom it could serve is gone. */
  async destroyList() {
    await this.store.write(LIST_GONE);
    this.dropList();
  }

  /**
   * Destroy a list whose time is over, and every trace of whom it served: nobody can be served from
   * it again, and a phone that is found or seized later says nothing.
   *
   * @param {number} now
   * @returns {Promise<boolean>} whether there was one
   */
  async endExpired(now) {
    if (now < (this.lease?.expiresAt ?? this.marksEnd)) return false;
    const hadList = this.lease !== null;
    // also of a list that was given back: until its end they keep a clone of it from being served again
    if (hadList || this.journal.hasMarks) await this.journal.forgetMarks([...LIST_GONE, COUNTS_GONE]);
    this.dropList();
    return hadList;
  }

  dropList() {
    this.index = this.district = null;
    this.added = [];
    this.taken = new Set();
  }

  /**
   * Take a list that was sealed to this phone; it becomes the one it serves.
   *
   * @param {Octets} id @param {Octets} sealed @param {number} now
   */
  async loadLease(id, sealed, now) {
    const held = this.lease;
    if (this.sessionOpen) throw new NotNow("lease.close_first");
    if (held && !areEqual(held.leaseId, id)) throw new NotNow("lease.return_first");
    if (this.journal.state.returned.includes(hex(id))) throw new NotNow("lease.returned");
    const lease = await this.openedLease(id, sealed);
    if (now >= lease.expiresAt) throw new NotNow("lease.expired");
    this.usual = mostly(lease, this.usual);
    this.marksEnd = lease.expiresAt;
    /** @type {import("./store/database.js").Changes} */
    const changes = [
      ["phone", "lease", { id, sealed, added: [] }],
      ["phone", "usual", this.usual],
      ["phone", "marksEnd", this.marksEnd],
    ];
    if (areEqual(this.journal.state.laneLease, id)) await this.store.write(changes);
    else await this.journal.beginLane({ inboxKey: lease.inboxKey, leaseId: id }, changes);
    await this.hold(lease, []);
  }

  /**
   * Serve a list with everything that was taken into it since.
   *
   * @param {import("../domain/lease.js").Lease} lease @param {Added[]} added
   */
  async hold(lease, added) {
    const keys = await keyRing(this.trust.authorityKeys);
    /** @type {import("../domain/amend.js").Held} */
    let held = { lease, collected: this.journal.collected, taken: new Set() };
    // each was in time when it was taken
    for (const one of added) {
      if ("slip" in one) held = await takeSlip(one.slip, held, { keys, now: 0 });
      else held = { ...held, lease: merged(held.lease, await readGiven(this, held.lease, one)) };
    }
    this.index = indexLease(held.lease, this.journal.released);
    this.taken = held.taken;
    this.added = added;
  }

  /**
   * Take a signed slip into the list: a new card stands in the place of a lost one.
   *
   * @param {Octets} data @param {number} now
   * @throws {import("../domain/amend.js").SlipRefused}
   */
  async takeSlip(data, now) {
    const { lease, taken, journal } = this;
    if (!lease) throw new NotNow("lease.none");
    const keys = await keyRing(this.trust.authorityKeys);
    const held = { lease, collected: journal.collected, taken };
    const after = await takeSlip(data, held, { keys, now });
    const kept = await this.store.one("lease");
    const added = [...this.added, { slip: data }];
    // who collected with the old card has collected with the new one, also after a power cut
    const inherited = [...after.collected].filter((tag) => !journal.collected.has(tag));
    await this.store.write([
      ["phone", "lease", { ...kept, added }],
      ...inherited.map((tag) => /** @type {[string, string, number]} */ (["mark", tag, MARK.COLLECTED])),
    ]);
    for (const tag of inherited) journal.mark(tag, MARK.COLLECTED);
    this.index = indexLease(after.lease, journal.released);
    this.taken = after.taken;
    this.added = added;
  }

  /** @param {import("../domain/district.js").District} district */
  async keepDistrict(district) {
    this.district = district;
    await this.store.write([["phone", "district", district]]);
  }

  /** @param {Octets} id @param {Octets} sealed */
  async openedLease(id, sealed) {
    const data = await openSealed(await sealingPair(this.keys), sealed, leaseInfo(this.keys.deviceId, id));
    const lease = await verifyLease(data, await keyRing(this.trust.authorityKeys));
    const isOurs =
      areEqual(lease.leaseId, id) &&
      areEqual(lease.deviceId, this.keys.deviceId) &&
      areEqual(lease.workspaceId, this.trust.workspaceId);
    if (!isOurs) throw new NotNow("lease.not_ours");
    return lease;
  }

  /** @param {number} now whether the published hours say that the session may be opened by one */
  isPlanned(now) {
    const hours = this.lease?.hours;
    return Boolean(hours && hours.opensAt <= now && now < hours.closesAt);
  }

  /** @param {number} now @param {Octets} operator @param {Octets | null} second */
  async openSession(now, operator, second) {
    if (this.sessionOpen || !this.lease) throw new NotNow("lease.none");
    const event = this.event(KIND.SESSION_OPENED, now, operator);
    if (this.isPlanned(now)) return this.journal.write(event);
    if (!second) throw new NotNow("session.unplanned");
    const sealedWord = new Uint8Array(0);
    const supervised = { second, reason: REASON.NO_SESSION, sealedWord };
    return this.journal.write({ ...event, supervised });
  }

  /** @param {number} now @param {Octets} operator */
  closeSession(now, operator) {
    return this.journal.write(this.event(KIND.SESSION_CLOSED, now, operator));
  }

  /** From here on this phone hands out nothing of the list, ever.
   *
   * @param {number} now @param {Octets} operator */
  async returnLease(now, operator) {
    if (this.sessionOpen) throw new NotNow("lease.close_first");
    const event = this.event(KIND.LEASE_RETURNED, now, operator);
    await this.journal.write(event, { changes: LIST_GONE });
    this.dropList();
  }

  /**
   * Judge one attempt to collect. A refusal is written at once, with its receipt; what may be handed
   * over waits for `handOver`, or for `abort`.
   *
   * @param {Scan} scan @param {Octets} operator @param {Octets | null} second who vouches for a typed
   *   number
   * @param {(collectors: import("../domain/lease.js").Collector[]) => Promise<Result["collector"]>} ask
   *   who collects, one of them or somebody else for a reason; null when it is nobody who may
   * @returns {Promise<Result>}
   */
  async scan(scan, operator, second, ask) {
    if (scan.means === MEANS.TYPED && !second) throw new NotNow("staff.second_pin");
    await this.journal.beginScan({ at: scan.now, operator });
    const { collected, contested, released } = this.journal;
    const { index, sessionOpen } = this;
    const { issuerKeys } = this.trust;
    const elsewhere = (/** @type {Octets} */ tag) => this.district && lookUp(this.district, tag);
    const table = (/** @type {Octets} */ tag) => this.district && tableOf(this.district, tag);
    const finding = await find(scan, { index, collected, issuerKeys, elsewhere, tableOf: table, released });
    const known = { index, sessionOpen, contested };
    let decision = verdictOf(scan, finding, { ...known, collectorConfirmed: false });
    /** @type {Result["collector"]} */
    let collector = null;
    if (index && asksCollector(decision, index)) {
      collector = await ask(await collectorsOf(finding, index));
      if (collector !== null) {
        decision = verdictOf(scan, finding, { ...known, collectorConfirmed: true });
      }
    }
    const rest = { scan, finding, second, collector, written: null, receipt: null };
    if (decision.outcome === "delivered") {
      const { goods } = decision.match;
      return { ...rest, outcome: "delivered", goods, reason: null, offered: OFFERED.NONE };
    }
    if (decision.outcome === "aborted") throw new NotNow("outcome.aborted");
    return this.refuse({ ...rest, goods: [], ...decision }, operator);
  }

  /** @param {Result} result @param {Octets} operator @returns {Promise<Result>} */
  async refuse(result, operator) {
    const { scan, finding, second } = result;
    const reason = /** @type {number} */ (result.reason);
    const { paper } = this;
    const serial = paper ? serialOf(paper) : null;
    const event = {
      ...this.event(KIND.REFUSED, scan.now, operator),
      ...(serial ? { paperSerial: serial } : {}),
      reason,
      means: scan.means,
      ...vouched(scan.means, second),
      ...(finding.commitment ? { commitment: finding.commitment } : {}),
    };
    const rest = paper ? { ...paper, next: paper.next + 1 } : null;
    const written = await this.journal.write(event, { changes: rest ? [["phone", "paper", rest]] : [] });
    this.paper = rest;
    const days = this.lease?.appealDays ?? APPEAL_DAYS_WITHOUT_LIST;
    const receipt = await this.receipt(written, {
      kind: RECEIPT.REFUSED,
      day: scan.today,
      reason,
      appealUntil: scan.today + days,
      offered: result.offered,
      ...(finding.nonce ? { nonce: finding.nonce } : {}),
      ...(this.lease ? { pointId: this.lease.pointId } : {}),
    });
    return { ...result, written, receipt };
  }

  /**
   * Record that goods were handed over after a scan that said so; `goods` may be less than all.
   *
   * @param {Result} result @param {Goods} goods @param {number} now @param {Octets} operator
   * @returns {Promise<Result>}
   */
  async handOver(result, goods, now, operator) {
    const { scan, finding, second, collector } = result;
    const tag = /** @type {import("../domain/decide.js").Match} */ (finding.match).tag;
    const event = {
      ...this.event(KIND.DELIVERED, now, operator),
      tag,
      goods,
      means: scan.means,
      ...vouched(scan.means, second),
      ...(collector ? { collector } : {}),
    };
    const marks = /** @type {[string, number][]} */ ([[hex(tag), MARK.COLLECTED]]);
    const written = await this.journal.write(event, { marks, endsScan: true });
    return { ...result, goods, written };
  }

  /**
   * Hand over goods on two people's word after a refusal that offered it.
   *
   * @param {Result} refused
   * @param {{goods: Goods, now: number, operator: Octets, second: Octets, word: string}} given `word` is
   *   what the person says; only the office can read it
   * @returns {Promise<Result>}
   */
  async deliverSupervised(refused, { goods, now, operator, second, word }) {
    const reason = /** @type {number} */ (refused.reason);
    const { means } = refused.scan;
    const tag = means === MEANS.NO_CARD ? undefined : refused.finding.match?.tag;
    const isContest = reason === REASON.COLLECTED_CONFIRMED;
    const name = hex(/** @type {Written} */ (refused.written).eventHash);
    const isUsed = tag && isContest && this.isContestUsed(refused);
    if (isUsed || this.answered.has(name)) throw new NotNow("supervised.used");
    this.answered.add(name);
    const event = this.event(KIND.DELIVERED, now, operator);
    const info = joined("despensa/said/1", event.eventId);
    const said = joined(word.normalize("NFC"));
    const sealedWord = word ? await seal(this.trust.officeKey, said, info) : new Uint8Array(0);
    const supervised = { second, reason, sealedWord };
    const mark = isContest ? MARK.CONTEST_SERVED : MARK.COLLECTED;
    const written = await this.journal.write(
      { ...event, ...(tag ? { tag } : {}), goods, means, supervised },
      { marks: tag ? [[hex(tag), mark]] : [] },
    );
    return { ...refused, outcome: "delivered", goods, written, receipt: null };
  }

  /** @param {number} reason @param {number} now @param {Octets} operator */
  abort(reason, now, operator) {
    return this.journal.write({ ...this.event(KIND.ABORTED, now, operator), reason });
  }

  /** @param {Result} result of a delivery @param {number} today @returns {Promise<Octets>} */
  deliveredReceipt({ written, goods }, today) {
    const made = /** @type {Written} */ (written);
    return this.receipt(made, { kind: RECEIPT.DELIVERED, day: today, goods });
  }

  /**
   * @param {Written} written
   * @param {Omit<import("../domain/receipt.js").Receipt, "workspaceId" | "contentHash" | "serial">} said
   */
  receipt(written, said) {
    const { deviceId, signingKey: publicKey } = this.keys;
    const own = `${hex(deviceId).slice(0, 6).toUpperCase()}-${written.event.seq}`;
    const serial = written.event.paperSerial ?? own;
    const { workspaceId, certificate } = this.trust;
    return signReceipt(
      { ...said, workspaceId, contentHash: written.eventHash, serial },
      { publicKey, signer: signerOf(this.keys), certificate },
    );
  }

  /** @param {Result} refused */
  isContestUsed({ finding: { match } }) {
    const { contested } = this.journal;
    return Boolean(this.index && match && hasCardAmong(this.index, match.entitlement, contested));
  }

  /** @param {number} kind @param {number} now @param {Octets} operator */
  event(kind, now, operator) {
    const { lease } = this;
    // an ended list covers nothing: its rows may be on another phone by now
    const isEnded = kind === KIND.DELIVERED && lease && now >= lease.expiresAt;
    return {
      eventId: randomOctets(16),
      deviceId: this.keys.deviceId,
      kind,
      claimedAt: now,
      sessionId: lease?.sessionId ?? this.journal.state.sessionId ?? NO_SESSION,
      leaseId: lease && !isEnded ? lease.leaseId : null,
      operatorId: operator,
    };
  }

  /** @param {pins.Pins["of"]} of @param {number} wrong @param {string[]} [used] */
  async keepPins(of, wrong, used = this.pins.used) {
    this.pins = { of, wrong, used };
    await this.store.write([["phone", "pins", this.pins]]);
  }
}

/** @param {import("../domain/payload.js").Reader} fields @param {number} key @returns {Operator[]} */
export function operatorsIn(fields, key) {
  return fields.array(key).map((row) => {
    const [operator, name] = fields.asArray(key, row, 2);
    return { operator: fields.asOctets(key, operator, 16), name: fields.asText(key, name) };
  });
}

/** @param {number} means @param {Octets | null} second */
function vouched(means, second) {
  if (means !== MEANS.TYPED || !second) return {};
  return { supervised: { second, reason: null, sealedWord: new Uint8Array(0) } };
}

/** @param {import("../domain/lease.js").Lease} lease @param {Goods} otherwise @returns {Goods} */
function mostly(lease, otherwise) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { goods } of lease.entitlements) {
    const text = JSON.stringify(goods);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, one], [, other]) => other - one);
  return most ? JSON.parse(most[0]) : otherwise;
}
