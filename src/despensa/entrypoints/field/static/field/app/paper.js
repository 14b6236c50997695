/**
 * Paper slips that were numbered before they came to the point: each refusal takes the next number.
 *
 * Source: docs/explanation/design.md section 7.7; docs/reference/formats.md section 4, key 17.
 */

/** @typedef {{prefix: string, next: number, digits: number}} Paper */

const LENGTH_MAX = 32;
const NUMBERED = /^([A-Z0-9/-]*?)([0-9]{1,9})$/;

/**
 * Return the pile of papers whose uppermost has this number, null if it is none.
 *
 * @param {string} typed
 * @returns {Paper | null}
 */
export function paperFrom(typed) {
  const text = typed.trim().toUpperCase();
  const found = text.length <= LENGTH_MAX ? NUMBERED.exec(text) : null;
  return found ? { prefix: found[1], next: Number(found[2]), digits: found[2].length } : null;
}

/** @param {Paper} paper @returns {string} the number on the uppermost paper */
export function serialOf({ prefix, next, digits }) {
  return `${prefix}${String(next).padStart(digits, "0")}`;
}
