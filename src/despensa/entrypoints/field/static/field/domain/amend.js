/**
 * Take a signed slip into the list on a phone: a replacement card stands where the old one stood.
 *
 * The twin of domain/redemption/amend.py; both play vectors/lease/amend.json.
 * Source: docs/reference/formats.md section 3; docs/explanation/design.md, sections 6 and 7.7.
 */

import * as base45 from "../card/base45.js";
import * as cose from "./cose.js";
import { areEqual, hex } from "./octets.js";
import { SLIP, verifySlip } from "./slip.js";

/** @typedef {import("./lease.js").Lease} Lease */
/** @typedef {import("./payload.js").Goods} Goods */
/** @typedef {Awaited<ReturnType<typeof verifySlip>>} Slip */

/**
 * Why a slip changes nothing; in the order in which it is asked.
 *
 * @typedef {"malformed" | "unknown_key" | "bad_signature" | "other_lease" | "replayed" | "expired" |
 *   "other_kind" | "other_cycle" | "old_card_unknown" | "card_listed" | "too_much"} SlipTrouble
 */

/**
 * The list on a phone with what happened to it.
 *
 * @typedef {object} Held
 * @property {Lease} lease
 * @property {ReadonlySet<string>} collected hex of the tags under which the phone recorded a delivery
 * @property {ReadonlySet<string>} taken hex of the ids of slips
 */

/** The slip changes nothing on this list, for `trouble`. */
export class SlipRefused extends Error {
  /** @param {SlipTrouble} trouble */
  constructor(trouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

/**
 * Return the signed bytes in a slip's code.
 *
 * @param {string} text
 * @throws {SlipRefused} with malformed.
 */
export function slipIn(text) {
  try {
    return base45.decode(text);
  } catch (error) {
    if (error instanceof base45.Base45Error) throw new SlipRefused("malformed");
    throw error;
  }
}

/**
 * Return the list with the new card in the old one's place; what was held stays as it was.
 *
 * A household that collected with the old card has collected with the new one.
 *
 * @param {Uint8Array} data
 * @param {Held} held
 * @param {{keys: cose.KeyRing, now: number}} known `keys` of the authority, `now` in seconds UTC
 * @returns {Promise<Held>}
 * @throws {SlipRefused}
 */
export async function takeSlip(data, held, { keys, now }) {
  const slip = await verified(data, keys);
  const { lease, collected, taken } = held;
  if (!areEqual(slip.leaseId, lease.leaseId)) throw new SlipRefused("other_lease");
  if (taken.has(hex(slip.slipId))) throw new SlipRefused("replayed");
  if (now >= slip.expiresAt) throw new SlipRefused("expired");
  if (slip.kind !== SLIP.REPLACEMENT) throw new SlipRefused("other_kind");
  const place = placeOf(slip, lease);
  const old = lease.entitlements[place];
  if (!isWithin(slip.goods, old.goods)) throw new SlipRefused("too_much");
  const cards = old.cards.map((card) => (isTag(card.tag, slip.oldTag) ? slip.card : card));
  const entitlements = [...lease.entitlements];
  entitlements[place] = { ...old, goods: slip.goods, cards };
  const hasCollected = old.cards.some((card) => collected.has(hex(card.tag)));
  return {
    lease: { ...lease, entitlements },
    collected: hasCollected ? new Set([...collected, hex(slip.card.tag)]) : collected,
    taken: new Set([...taken, hex(slip.slipId)]),
  };
}

/** @param {Uint8Array} data @param {cose.KeyRing} keys @returns {Promise<Slip>} */
async function verified(data, keys) {
  try {
    return await verifySlip(data, keys);
  } catch (error) {
    if (error instanceof cose.UnknownKey) throw new SlipRefused("unknown_key");
    if (error instanceof cose.BadSignature) throw new SlipRefused("bad_signature");
    if (error instanceof cose.MalformedSignature) throw new SlipRefused("malformed");
    throw error;
  }
}

/** @param {Slip} slip @param {Lease} lease */
function placeOf(slip, lease) {
  const { programme, cycle } = slip.scope;
  const scope = lease.scopes.findIndex(
    (one) => areEqual(one.programme, programme) && areEqual(one.cycle, cycle),
  );
  if (scope < 0) throw new SlipRefused("other_cycle");
  const place = lease.entitlements.findIndex(
    (item) => item.scope === scope && item.cards.some((card) => isTag(card.tag, slip.oldTag)),
  );
  if (place < 0) throw new SlipRefused("old_card_unknown");
  const isListed = lease.entitlements.some((item) =>
    item.cards.some((card) => isTag(card.tag, slip.card.tag)),
  );
  if (isListed) throw new SlipRefused("card_listed");
  return place;
}

/** @param {Uint8Array} one @param {Uint8Array | null} other */
function isTag(one, other) {
  return other !== null && areEqual(one, other);
}

/** @param {Goods} wanted @param {Goods} held */
function isWithin(wanted, held) {
  return wanted.every(([unit, quantity]) =>
    held.some(([there, most]) => there === unit && quantity <= most),
  );
}
