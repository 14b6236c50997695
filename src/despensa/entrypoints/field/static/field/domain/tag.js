/**
 * The key chain of a card and the pseudonyms made from it, as far as a phone makes them.
 *
 * The twin of domain/card/tag.py. Source: docs/reference/formats.md section 2.
 */

import { hkdf32, hmac, sha256 } from "../crypto/primitives.js";
import { joined } from "./octets.js";

/** @typedef {{epoch: number, key: Uint8Array}} Link */

const STEPS_MAX = 240;
const TAG_LENGTH = 16;
const LOOKUP_LENGTH = 8;

/** A step the chain cannot reach: behind the link, or more than 240 ahead of it. */
export class ChainError extends Error {}

/**
 * Return the link of the chain at a later step, at most 240 steps ahead.
 *
 * @param {Link} link @param {number} step
 * @returns {Promise<Link>}
 * @throws {ChainError}
 */
export async function walk(link, step) {
  const ahead = step - link.epoch;
  if (ahead < 0 || ahead > STEPS_MAX) throw new ChainError(`step ${step} is out of reach`);
  let { key } = link;
  for (let done = 0; done < ahead; done++) key = await hmac(key, joined("despensa/next/1"));
  return { epoch: step, key };
}

/** @param {Uint8Array} keyAtStep @param {{programme: Uint8Array, cycle: Uint8Array}} scope */
export async function tag16(keyAtStep, { programme, cycle }) {
  return (await hmac(keyAtStep, joined("despensa/tag/1", programme, cycle))).slice(0, TAG_LENGTH);
}

/** @param {Uint8Array} keyAtHolderEpoch @param {Uint8Array} lease */
export function holderKey(keyAtHolderEpoch, lease) {
  return hkdf32(keyAtHolderEpoch, joined("despensa/holder/1", lease));
}

/** @param {Uint8Array} lookupKey @param {string} number */
export async function numberLookup8(lookupKey, number) {
  return (await hmac(lookupKey, joined("despensa/number/1", number))).slice(0, LOOKUP_LENGTH);
}

/** @param {Uint8Array} tag @param {Uint8Array} nonce what a refusal publishes about a tag */
export function commitment32(tag, nonce) {
  return sha256(joined("despensa/refused/1", tag, nonce));
}
