/**
 * One scan: from the text on a card to the facts the ladder decides on.
 *
 * The twin of adapters/field_device/scan.py. Source: docs/explanation/design.md section 7.7.
 */

import { isCardNumber } from "../card/claims.js";
import { GENUINE, verify } from "../card/verify.js";
import { randomOctets } from "../crypto/primitives.js";
import { keyRing } from "../domain/cose.js";
import { decide } from "../domain/decide.js";
import { MEANS } from "../domain/event.js";
import { CHECK, HolderSealBroken, openHolder } from "../domain/lease.js";
import { firstScopeTags, hasCardAmong, locateCard, locateNumber, matchOf } from "../domain/locate.js";
import { hex } from "../domain/octets.js";
import { REASON } from "../domain/refusal.js";
import { ChainError, commitment32, holderKey, walk } from "../domain/tag.js";

/** @typedef {import("../domain/octets.js").Octets} Octets */
/** @typedef {import("../domain/locate.js").LeaseIndex} LeaseIndex */
/** @typedef {import("../domain/lease.js").Collector} Collector */

/**
 * What the operator did; `text` null when there was no card or no code in the picture.
 *
 * @typedef {object} Scan
 * @property {string | null} text
 * @property {number} means
 * @property {number} now
 * @property {number} today
 * @property {boolean} contested
 * @property {boolean} outOfStock
 */

/**
 * What the card and the list say; the nonce opens the commitment of a refusal.
 *
 * @typedef {object} Finding
 * @property {string | null} verdict
 * @property {number | null} expiresAt
 * @property {import("../card/claims.js").EntitlementCard | null} card
 * @property {import("../domain/locate.js").Place | null} place
 * @property {import("../domain/decide.js").Match | null} match
 * @property {import("../domain/decide.js").Elsewhere | null} elsewhere
 * @property {number | null} table of this session whose phone holds the card
 * @property {boolean} isReleased another phone took it over
 * @property {Octets | null} commitment
 * @property {Octets | null} nonce
 */

/** @type {Finding} */
const NOTHING = {
  verdict: null,
  expiresAt: null,
  card: null,
  place: null,
  match: null,
  elsewhere: null,
  table: null,
  isReleased: false,
  commitment: null,
  nonce: null,
};

/**
 * Return what the card says and where it stands on the list.
 *
 * @param {Scan} scan
 * @param {{index: LeaseIndex | null, collected: Set<string>, issuerKeys: Octets[],
 *   elsewhere: (tag: Octets) => import("../domain/decide.js").Elsewhere | null,
 *   tableOf: (tag: Octets) => number | null, released: Set<string>}} known `issuerKeys` are those the phone was enrolled
 *   with; a list brings its own
 * @returns {Promise<Finding>}
 */
export async function find(scan, known) {
  const { index, collected } = known;
  if (scan.text === null) return NOTHING;
  if (scan.means === MEANS.TYPED) return findNumber(scan.text, index, collected);
  const issuerKeys = await keyRing(index ? index.lease.issuerKeys : known.issuerKeys);
  const { verdict, card } = await verify(scan.text, { issuerKeys, now: scan.now });
  if (!card || card.kind !== "EntitlementCard") return { ...NOTHING, verdict };
  const read = { ...NOTHING, verdict, card, expiresAt: card.expiresAt };
  if (!index) return read;
  const tags = await firstScopeTags(card, index);
  const tag = tags.find((one) => known.elsewhere(one)) ?? tags[0] ?? null;
  const match = matchOf(await locateCard(card, index), index, collected);
  const place = match ? (index.byTag.get(hex(match.tag)) ?? null) : null;
  const elsewhere = tag ? known.elsewhere(tag) : null;
  const tables = match ? [] : tags.map(known.tableOf).filter((one) => one !== null);
  const table = tables[0] ?? null;
  const isReleased = !match && tags.some((one) => known.released.has(hex(one)));
  return { ...read, place, match, elsewhere, table, isReleased, ...(await commitmentTo(tag)) };
}

/**
 * Return the verdict of a scan.
 *
 * @param {Scan} scan @param {Finding} finding
 * @param {{index: LeaseIndex | null, sessionOpen: boolean, contested: Set<string>,
 *   collectorConfirmed: boolean}} known
 */
export function verdictOf(scan, finding, { index, sessionOpen, contested, collectorConfirmed }) {
  const { match } = finding;
  const lease = index?.lease;
  return decide(
    {
      verdict: finding.verdict,
      expiresAt: finding.expiresAt,
      now: scan.now,
      today: scan.today,
      collectorConfirmed,
      outOfStock: scan.outOfStock,
      contested: scan.contested,
      aborted: null,
    },
    {
      sessionOpen,
      listFacts: lease
        ? { expiresAt: lease.expiresAt, pointId: lease.pointId, day: lease.hours.day, check: lease.check }
        : null,
      match,
      elsewhere: finding.elsewhere,
      contestUsed: Boolean(index && match && hasCardAmong(index, match.entitlement, contested)),
    },
  );
}

/**
 * Return whether the scan passes but for who collects, so that the collectors may be shown.
 *
 * @param {ReturnType<typeof decide>} decision @param {LeaseIndex | null} index
 */
export function asksCollector(decision, index) {
  if (!index || index.lease.check === CHECK.NONE) return false;
  return decision.outcome === "refused" && decision.reason === REASON.COLLECTOR_NOT_CONFIRMED;
}

/**
 * Return the collectors of a card that is present; a typed number opens no names.
 *
 * Names that do not open are no names: the operator refuses the collector, which offers a supervised
 * delivery, where a fault of the app would offer nothing.
 *
 * @param {Finding} finding @param {LeaseIndex} index
 * @returns {Promise<Collector[]>}
 */
export async function collectorsOf({ place, card }, index) {
  if (!place || !card || !place.card.holder) return [];
  try {
    const link = await walk({ epoch: card.epoch, key: card.secret }, place.card.holderEpoch);
    const { origin } = index.lease.entitlements[place.entitlement];
    const key = await holderKey(link.key, origin?.leaseId ?? index.lease.leaseId);
    return await openHolder(place.card.holder, { holderKey: key, tag: place.card.tag });
  } catch (error) {
    if (error instanceof ChainError || error instanceof HolderSealBroken) return [];
    throw error;
  }
}

/** @param {string} typed @returns {string} as it is printed in the token */
export function plainNumber(typed) {
  return typed.toUpperCase().replaceAll(/[^0-9A-Z]/g, "");
}

/** @param {string} typed @param {LeaseIndex | null} index @param {Set<string>} collected */
async function findNumber(typed, index, collected) {
  const number = plainNumber(typed);
  if (!isCardNumber(number)) return NOTHING;
  const places = index ? await locateNumber(number, index) : [];
  const match = index ? matchOf(places, index, collected) : null;
  if (!index || !match) return { ...NOTHING, verdict: GENUINE };
  // without the card its tags are known only where it is listed
  const first = places.find(({ entitlement }) => index.lease.entitlements[entitlement].scope === 0);
  const place = index.byTag.get(hex(match.tag)) ?? null;
  return { ...NOTHING, verdict: GENUINE, place, match, ...(await commitmentTo(first?.card.tag)) };
}

/** @param {Octets | null | undefined} tag */
async function commitmentTo(tag) {
  if (!tag) return { commitment: null, nonce: null };
  const nonce = randomOctets(16);
  return { commitment: await commitment32(tag, nonce), nonce };
}
