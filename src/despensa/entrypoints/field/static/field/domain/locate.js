/**
 * Finding a card on the list: by the tag its secret makes, or by the number somebody typed.
 *
 * The twin of domain/redemption/locate.py. Source: docs/reference/formats.md sections 2 and 3.
 */

import { COLLECTED } from "./decide.js";
import { hex } from "./octets.js";
import { ChainError, numberLookup8, tag16, walk } from "./tag.js";

/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./lease.js").Lease} Lease */
/** @typedef {{entitlement: number, card: import("./lease.js").LeaseCard}} Place */
/** @typedef {{epoch: number, secret: Uint8Array}} CardSecret */

/**
 * A lease with its cards by tag and by number (hex), and the steps in use per scope, ascending;
 * `lookupKeys` are the lease's own and those of lists it took over from.
 *
 * @typedef {object} LeaseIndex
 * @property {Lease} lease
 * @property {Map<string, Place>} byTag
 * @property {Map<string, Place[]>} byLookup
 * @property {number[][]} steps
 * @property {Octets[]} lookupKeys
 */

/**
 * @param {Lease} lease
 * @param {Set<string>} [released] tags in hex of what another phone took over: it is found no more
 * @returns {LeaseIndex}
 */
export function indexLease(lease, released = new Set()) {
  /** @type {Map<string, Place>} */
  const byTag = new Map();
  /** @type {Map<string, Place[]>} */
  const byLookup = new Map();
  const steps = lease.scopes.map(() => new Set());
  /** @type {Map<string, Octets>} */
  const lookupKeys = new Map([[hex(lease.lookupKey), lease.lookupKey]]);
  for (const [entitlement, { scope, cards, origin }] of lease.entitlements.entries()) {
    if (origin) lookupKeys.set(hex(origin.lookupKey), origin.lookupKey);
    for (const card of cards) {
      steps[scope].add(card.step);
      if (released.has(hex(card.tag))) continue;
      const place = { entitlement, card };
      const lookup = hex(card.numberLookup);
      byTag.set(hex(card.tag), place);
      byLookup.set(lookup, [...(byLookup.get(lookup) ?? []), place]);
    }
  }
  const ascending = steps.map((group) => [...group].sort((one, other) => one - other));
  return { lease, byTag, byLookup, steps: ascending, lookupKeys: [...lookupKeys.values()] };
}

/**
 * Return where a genuine card stands on the list: at most one place per scope, in their order.
 *
 * @param {CardSecret} card @param {LeaseIndex} index
 */
export async function locateCard(card, index) {
  const places = [];
  for (const [number, scope] of index.lease.scopes.entries()) {
    for await (const { step, tag } of tagsAt(card, index.steps[number], scope)) {
      const place = index.byTag.get(hex(tag));
      if (place && place.card.step === step) {
        places.push(place);
        break;
      }
    }
  }
  return places;
}

/** @param {string} number @param {LeaseIndex} index @returns {Promise<Place[]>} as `locateCard` */
export async function locateNumber(number, index) {
  for (const key of index.lookupKeys) {
    const places = index.byLookup.get(hex(await numberLookup8(key, number)));
    if (places) return places;
  }
  return [];
}

/**
 * Return the tags a card may have in the lease's first scope, the likeliest first.
 *
 * A refusal commits to one of them, and the district index is asked for them. A listed card has
 * exactly the tag it is listed under. Any other one most likely has the tag of step max(cycle
 * epoch, card epoch), the cycle's epoch being the smallest step on the list; a card whose link the
 * keeper had moved on has that of a later step.
 *
 * @param {CardSecret} card @param {LeaseIndex} index
 */
export async function firstScopeTags(card, index) {
  const listed = (await locateCard(card, index)).find(
    ({ entitlement }) => index.lease.entitlements[entitlement].scope === 0,
  );
  if (listed) return [listed.card.tag];
  const [steps] = index.steps;
  const likeliest = Math.max(card.epoch, ...steps.slice(0, 1));
  const tags = [];
  const tried = [likeliest, ...steps.filter((step) => step > likeliest)];
  for await (const { tag } of tagsAt(card, tried, index.lease.scopes[0])) tags.push(tag);
  return tags;
}

/**
 * Return the first entitlement among the places that was not collected, else the first one.
 *
 * A household that collected with one of its cards has collected with all of them.
 *
 * @param {Place[]} places @param {LeaseIndex} index @param {Set<string>} confirmed tags in hex
 * @returns {import("./decide.js").Match | null}
 */
export function matchOf(places, index, confirmed) {
  const matches = places.map(({ entitlement, card }) => {
    const { goods } = index.lease.entitlements[entitlement];
    const isCollected = hasCardAmong(index, entitlement, confirmed);
    const collected = isCollected ? COLLECTED.CONFIRMED : COLLECTED.NO;
    return { entitlement, tag: card.tag, goods, collected };
  });
  return matches.find(({ collected }) => collected === COLLECTED.NO) ?? matches[0] ?? null;
}

/** @param {LeaseIndex} index @param {number} entitlement @param {Set<string>} tags in hex */
export function hasCardAmong(index, entitlement, tags) {
  return index.lease.entitlements[entitlement].cards.some((card) => tags.has(hex(card.tag)));
}

/**
 * @param {CardSecret} card @param {number[]} steps ascending
 * @param {import("./lease.js").Scope} scope
 * @returns {AsyncGenerator<{step: number, tag: Octets}>} leaving out what the chain does not reach
 */
async function* tagsAt(card, steps, scope) {
  let link = { epoch: card.epoch, key: card.secret };
  for (const step of steps) {
    try {
      link = await walk(link, step);
    } catch (error) {
      if (error instanceof ChainError) continue;
      throw error;
    }
    yield { step, tag: await tag16(link.key, scope) };
  }
}
