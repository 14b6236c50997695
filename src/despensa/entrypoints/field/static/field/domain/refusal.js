/**
 * The closed, ordered list of reasons why a scan ends without an ordinary delivery.
 *
 * The twin of domain/refusal.py. Source: docs/reference/formats.md section 5;
 * docs/explanation/design.md section 7.7.
 */

/** Why a scan was refused: the smaller number wins, and no number is ever used again. */
export const REASON = Object.freeze({
  UNREADABLE: 1,
  CANNOT_VERIFY: 2,
  NOT_GENUINE: 3,
  EXPIRED: 4,
  NO_SESSION: 5,
  LIST_MISSING: 6,
  UNKNOWN: 7,
  OTHER_POINT: 8,
  OTHER_DAY: 9,
  NOT_ENTITLED: 10,
  NEEDS_INFORMATION: 11,
  COLLECTED_CONFIRMED: 12,
  COLLECTED_UNCONFIRMED: 13,
  COLLECTOR_NOT_CONFIRMED: 14,
  OUT_OF_STOCK: 15,
});

/** Why a scan ended without a verdict. */
export const ABORT = Object.freeze({ OPERATOR: 64, APP: 65, INTERRUPTED: 66 });

/** What the person was offered in place of the ordinary delivery (receipt key 11). */
export const OFFERED = Object.freeze({ NONE: 0, SUPERVISED: 1, REPLACEMENT: 2, OTHER_POINT: 3 });

/** @type {number[]} */
export const REASONS = Object.values(REASON);
/** @type {number[]} */
export const ABORTS = Object.values(ABORT);
/** @type {number[]} */
const MAY_END_WITHOUT_FOOD = [REASON.NOT_GENUINE, REASON.NOT_ENTITLED, REASON.COLLECTED_CONFIRMED];

/** @param {number} reason @returns {string} the stable key of the reason's sentences */
export function messageId(reason) {
  const listed = [...Object.entries(REASON), ...Object.entries(ABORT)];
  const name = listed.find(([, number]) => number === reason)?.[0] ?? "";
  return `${REASONS.includes(reason) ? "refusal" : "abort"}.${name.toLowerCase()}`;
}

/**
 * Return what a refusal offers the person.
 *
 * @param {number} reason
 * @param {boolean} contestOpen the person contests "already collected" and was not served on such a
 *   word in this cycle yet
 * @returns {number}
 */
export function offered(reason, contestOpen) {
  if (!MAY_END_WITHOUT_FOOD.includes(reason)) return OFFERED.SUPERVISED;
  if (reason === REASON.COLLECTED_CONFIRMED && contestOpen) return OFFERED.SUPERVISED;
  return reason === REASON.NOT_GENUINE ? OFFERED.REPLACEMENT : OFFERED.NONE;
}
