/**
 * Handing what is left of a list to another phone, with nothing between the two but their cameras.
 *
 * The phone that takes over shows its asking; the other one writes its release, and in the same
 * transaction forgets the rows and keeps the code, so that a tab killed anywhere leaves each right on
 * one phone or in a code that may be shown again. Source: docs/decisions/0039.
 */

import { openSealed, seal } from "../crypto/hpke.js";
import { randomOctets } from "../crypto/primitives.js";
import { keyRing } from "../domain/cose.js";
import { KIND } from "../domain/event.js";
import { FRAME, framesOf } from "../domain/frames.js";
import { indexLease } from "../domain/locate.js";
import { hex } from "../domain/octets.js";
import {
  TakeOverRefused,
  readAsking,
  readHandOver,
  sealInfo,
  signAsking,
  signHandOver,
} from "../domain/takeover.js";
import { SealBroken } from "../domain/sealing.js";
import { MARK } from "./store/journal.js";
import { sealingPair, signerOf } from "./store/keys.js";

/** @typedef {import("./phone.js").Phone} Phone */
/** @typedef {import("../domain/octets.js").Octets} Octets */
/** @typedef {import("../domain/lease.js").Lease} Lease */
/** @typedef {import("../domain/lease.js").LeaseEntitlement} LeaseEntitlement */

/**
 * Return the code by which this phone asks for another one's rest.
 *
 * @param {Phone} phone @param {number} now
 */
export async function askFor(phone, now) {
  const lease = listOf(phone);
  const { deviceId } = phone.keys;
  const { leaseId, sessionId } = lease;
  const nonce = randomOctets(16);
  await phone.store.write([["phone", "asking", nonce]]);
  const asking = { deviceId, leaseId, sessionId, askedAt: now, nonce };
  return framesOf(FRAME.ASKING, await signAsking(asking, signingOf(phone)));
}

/**
 * Return how many households another phone would get, and which phone asks.
 *
 * @param {Phone} phone @param {Octets} data @param {number} now
 */
export async function heard(phone, data, now) {
  const asking = await readAsking(data, listOf(phone), await known(phone, now));
  return { asking, count: restOf(phone).length };
}

/**
 * Release everything that was not handed out; from here on this phone hands out nothing of it.
 *
 * @param {Phone} phone @param {import("../domain/takeover.js").Asking} asking @param {number} now
 * @param {Octets} operator
 */
export async function handOver(phone, asking, now, operator) {
  const lease = listOf(phone);
  const rest = restOf(phone);
  const tags = rest.flatMap(({ cards }) => cards.map(({ tag }) => tag));
  if (!tags.length || now >= lease.expiresAt) throw new TakeOverRefused("nothing_left");
  const { deviceId: other, leaseId: otherLease, nonce, sealingKey } = asking;
  const event = { ...phone.event(KIND.ROW_RELEASED, now, operator), handover: { other, tags, otherLease } };
  const groups = groupsOf(rest, lease);
  await phone.journal.write(event, {
    marks: tags.map((tag) => [hex(tag), MARK.RELEASED]),
    changes: async (release) => {
      const made = { release, nonce, scopes: lease.scopes, groups };
      const signed = await signHandOver(made, signingOf(phone));
      return [["phone", "given", await seal(sealingKey, signed, sealInfo(nonce))]];
    },
  });
  phone.index = indexLease(lease, phone.journal.released);
}

/**
 * Return the code of what this phone handed over last, null if there is none: it may be shown again.
 *
 * @param {Phone} phone
 */
export async function given(phone) {
  const sealed = await phone.store.one("given");
  return sealed ? framesOf(FRAME.HAND_OVER, sealed) : null;
}

/**
 * Take over what another phone handed to this one; returns how many households.
 *
 * @param {Phone} phone @param {Octets} sealed @param {number} now @param {Octets} operator
 * @throws {TakeOverRefused}
 */
export async function takeOver(phone, sealed, now, operator) {
  const lease = listOf(phone);
  const nonce = await phone.store.one("asking");
  if (!nonce) throw new TakeOverRefused("not_asked");
  const one = { given: sealed, nonce, at: now };
  const held = { ...lease, entitlements: shownOf(phone) };
  const taken = await readHandOver(await opened(phone, one), held, { nonce, ...(await known(phone, now)) });
  const { tags } = /** @type {{tags: Octets[]}} */ (taken.event.handover);
  const handover = { other: taken.other.deviceId, tags, release: taken.release };
  const kept = await phone.store.one("lease");
  const added = [...phone.added, one];
  await phone.journal.write(
    { ...phone.event(KIND.TAKEN_OVER, now, operator), handover },
    {
      // what comes back is served again; what was served here on two people's word is not
      marks: tags.map(hex).filter((tag) => phone.journal.released.has(tag)).map((tag) => [tag, undefined]),
      changes: [
        ["phone", "lease", { ...kept, added }],
        ["phone", "asking", undefined],
      ],
    },
  );
  const rows = rowsOf(taken.groups);
  phone.index = indexLease(merged(lease, rows), phone.journal.released);
  phone.added = added;
  return rows.length;
}

/**
 * Return the rows of a rest that this phone took over before; it was in time when it was taken.
 *
 * @param {Phone} phone @param {Lease} lease @param {{given: Octets, nonce: Octets, at: number}} one
 */
export async function readGiven(phone, lease, one) {
  const own = { ...lease, entitlements: [] };
  const keys = await keyRing(phone.trust.authorityKeys);
  const when = { nonce: one.nonce, authorityKeys: keys, now: one.at };
  const { groups } = await readHandOver(await opened(phone, one), own, when);
  return rowsOf(groups);
}

/**
 * Return a list with rows taken over; what comes back stands once.
 *
 * @param {Lease} lease @param {LeaseEntitlement[]} rows
 * @returns {Lease}
 */
export function merged(lease, rows) {
  const tags = new Set(rows.flatMap(({ cards }) => cards.map(({ tag }) => hex(tag))));
  const others = lease.entitlements.filter(({ cards }) => !cards.some(({ tag }) => tags.has(hex(tag))));
  return { ...lease, entitlements: [...others, ...rows] };
}

/** @param {Phone} phone @returns {LeaseEntitlement[]} what is on the list and was not handed out */
export function restOf(phone) {
  const { collected } = phone.journal;
  return shownOf(phone).filter(({ cards }) => !cards.some(({ tag }) => collected.has(hex(tag))));
}

/** @param {Phone} phone @returns {LeaseEntitlement[]} what is on the list and was not handed to another phone */
export function shownOf(phone) {
  const { released } = phone.journal;
  const listed = phone.lease?.entitlements ?? [];
  return listed.filter(({ cards }) => !cards.some(({ tag }) => released.has(hex(tag))));
}

/** @param {import("../domain/takeover.js").Group[]} groups @returns {LeaseEntitlement[]} */
function rowsOf(groups) {
  return groups.flatMap(({ leaseId, lookupKey, entitlements }) =>
    entitlements.map((one) => ({ ...one, origin: { leaseId, lookupKey } })),
  );
}

/** @param {LeaseEntitlement[]} rows @param {Lease} lease @returns {import("../domain/takeover.js").Group[]} */
function groupsOf(rows, lease) {
  /** @type {Map<string, import("../domain/takeover.js").Group>} */
  const groups = new Map();
  for (const row of rows) {
    const { leaseId, lookupKey } = row.origin ?? lease;
    const name = hex(leaseId);
    const group = groups.get(name) ?? { leaseId, lookupKey, entitlements: [] };
    groups.set(name, { ...group, entitlements: [...group.entitlements, row] });
  }
  return [...groups.values()];
}

/** @param {Phone} phone @param {{given: Octets, nonce: Octets}} one */
async function opened(phone, { given: sealed, nonce }) {
  try {
    return await openSealed(await sealingPair(phone.keys), sealed, sealInfo(nonce));
  } catch (error) {
    if (error instanceof SealBroken) throw new TakeOverRefused("not_asked");
    throw error;
  }
}

/** @param {Phone} phone @returns {Lease} */
function listOf({ lease }) {
  if (!lease) throw new TakeOverRefused("other_session");
  return lease;
}

/** @param {Phone} phone @param {number} now */
async function known({ trust }, now) {
  return { authorityKeys: await keyRing(trust.authorityKeys), now };
}

/** @param {Phone} phone */
function signingOf({ keys, trust }) {
  return { publicKey: keys.signingKey, signer: signerOf(keys), certificate: trust.certificate };
}
