/**
 * One scan, one verdict: what a phone decides from the card shown and the list it holds.
 *
 * The twin of domain/redemption/decide.py; both read the cases of vectors/redemption.
 * Source: docs/reference/formats.md section 5; docs/explanation/design.md section 7.7.
 */

import { CANNOT_TELL, GENUINE } from "../card/verify.js";
import { CHECK } from "./lease.js";
import { areEqual } from "./octets.js";
import { REASON, offered } from "./refusal.js";

/** @typedef {import("./octets.js").Octets} Octets */

/** What the district index says about a card without a place on this phone's list. */
export const STATUS = Object.freeze({ ENTITLED: 1, NOT_ENTITLED: 2, NEEDS_INFORMATION: 3, DEAD: 4 });
/** Whether the household's goods were handed over before. */
export const COLLECTED = Object.freeze({ NO: 0, UNCONFIRMED: 1, CONFIRMED: 2 });

/**
 * One scan as the operator made it; `verdict` null when no card could be read. A typed number,
 * vouched for by a second person, counts as genuine and has no expiry.
 *
 * @typedef {object} Attempt
 * @property {string | null} verdict
 * @property {number | null} expiresAt seconds UTC
 * @property {number} now
 * @property {number} today days since 1970-01-01, local
 * @property {boolean} collectorConfirmed
 * @property {boolean} outOfStock the operator's word, never a count
 * @property {boolean} contested
 * @property {number | null} aborted
 */

/** @typedef {{expiresAt: number, pointId: Octets, day: number, check: number}} ListFacts */
/** @typedef {{entitlement: number, tag: Octets, goods: import("./payload.js").Goods, collected: number}} Match */
/** @typedef {{status: number, pointId: Octets | null, day: number | null}} Elsewhere */

/**
 * What the phone knows at the moment of the scan; null: no list, not on it, not in it.
 *
 * @typedef {object} Standing
 * @property {boolean} sessionOpen
 * @property {ListFacts | null} listFacts
 * @property {Match | null} match
 * @property {Elsewhere | null} elsewhere
 * @property {boolean} contestUsed
 */

/**
 * @typedef {{outcome: "delivered", match: Match}} Delivered
 * @typedef {{outcome: "refused", reason: number, offered: number}} Refused
 * @typedef {{outcome: "aborted", reason: number}} Aborted
 */

/**
 * Return the verdict of one scan; of several reasons the one with the smallest number wins.
 *
 * @param {Attempt} attempt @param {Standing} standing
 * @returns {Delivered | Refused | Aborted}
 */
export function decide(attempt, standing) {
  if (attempt.aborted !== null) return { outcome: "aborted", reason: attempt.aborted };
  const reason = reasonAboutCard(attempt) ?? reasonAboutList(attempt, standing);
  if (reason !== null) {
    const contestOpen = attempt.contested && !standing.contestUsed;
    return { outcome: "refused", reason, offered: offered(reason, contestOpen) };
  }
  return { outcome: "delivered", match: /** @type {Match} */ (standing.match) };
}

/** @param {Attempt} attempt @returns {number | null} */
function reasonAboutCard({ verdict, expiresAt, now }) {
  if (verdict === null) return REASON.UNREADABLE;
  if (verdict === CANNOT_TELL) return REASON.CANNOT_VERIFY;
  if (verdict !== GENUINE) return REASON.NOT_GENUINE;
  return expiresAt !== null && now >= expiresAt ? REASON.EXPIRED : null;
}

/** @param {Attempt} attempt @param {Standing} standing @returns {number | null} */
function reasonAboutList(attempt, { sessionOpen, listFacts, match, elsewhere }) {
  if (!sessionOpen) return REASON.NO_SESSION;
  // an ended list is as good as none: the server may have freed its rows for another phone
  if (!listFacts || attempt.now >= listFacts.expiresAt) return REASON.LIST_MISSING;
  if (!match) return reasonElsewhere(elsewhere, listFacts);
  if (attempt.today !== listFacts.day) return REASON.OTHER_DAY;
  if (match.collected === COLLECTED.CONFIRMED) return REASON.COLLECTED_CONFIRMED;
  if (match.collected === COLLECTED.UNCONFIRMED) return REASON.COLLECTED_UNCONFIRMED;
  const isChecked = listFacts.check !== CHECK.NONE;
  if (isChecked && !attempt.collectorConfirmed) return REASON.COLLECTOR_NOT_CONFIRMED;
  return attempt.outOfStock ? REASON.OUT_OF_STOCK : null;
}

/** @param {Elsewhere | null} elsewhere @param {ListFacts} terms */
function reasonElsewhere(elsewhere, terms) {
  // a dead card is a replaced one: its household is served under the other card's tag
  if (!elsewhere || elsewhere.status === STATUS.DEAD) return REASON.UNKNOWN;
  if (elsewhere.pointId && !areEqual(elsewhere.pointId, terms.pointId)) return REASON.OTHER_POINT;
  if (elsewhere.day !== null && elsewhere.day !== terms.day) return REASON.OTHER_DAY;
  if (elsewhere.status === STATUS.NOT_ENTITLED) return REASON.NOT_ENTITLED;
  if (elsewhere.status === STATUS.NEEDS_INFORMATION) return REASON.NEEDS_INFORMATION;
  return REASON.UNKNOWN;
}
