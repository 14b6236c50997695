/**
 * What a card may say: the claims of the entitlement card and of the identity card, nothing else.
 *
 * The twin of domain/card/claims.py. Source: docs/reference/formats.md section 1.
 */

/** @typedef {import("./cbor.js").Value} Value */

/**
 * @typedef {object} EntitlementCard
 * @property {"EntitlementCard"} kind
 * @property {string} number
 * @property {number} issuedAt seconds UTC
 * @property {number} expiresAt seconds UTC
 * @property {number} epoch months since 2026-01
 * @property {Uint8Array} secret 16 bytes
 */

/**
 * @typedef {object} IdentityCard
 * @property {"IdentityCard"} kind
 * @property {string} number its own, never that of an entitlement card
 * @property {number} issuedAt seconds UTC
 * @property {number} expiresAt seconds UTC
 * @property {number} statusIndex
 * @property {string} statusUri
 * @property {Map<number, string | number>} fields of claim 169, by key
 */

/** @typedef {EntitlementCard | IdentityCard} Card */

/** A field no card of ours has, a missing one, or a value it cannot take. */
export class ClaimsError extends Error {}

export const IDENTITY = 169;
const [EXPIRES_AT, ISSUED_AT, CARD_SECRET, STATUS] = [4, 6, -65537, 65535];
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const CHECK_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMBER_LENGTH = 10;
const SECRET_LENGTH = 16;
const EPOCH_MAX = 65535;
const UINT32_MAX = 2 ** 32 - 1;
const SECONDS_PER_DAY = 86400;
const TEXT_LENGTH_MAX = 200;
const [NAME, BIRTH_DATE, GENDER, SECOND_NAME, SECOND_LANGUAGE] = [4, 8, 9, 19, 20];
const [LANGUAGE, COUNTRY] = [3, 23];
const IDENTITY_KEYS = new Set([
  1, 2, LANGUAGE, NAME, BIRTH_DATE, GENDER, SECOND_NAME, SECOND_LANGUAGE, COUNTRY,
]);

/**
 * Return the card that claims describe.
 *
 * @param {Map<Value, Value>} claims
 * @returns {Card}
 * @throws {ClaimsError} unless the fields are exactly those of one of the two cards.
 */
export function fromClaims(claims) {
  if (hasKeys(claims, [EXPIRES_AT, ISSUED_AT, IDENTITY, CARD_SECRET])) return entitlement(claims);
  if (hasKeys(claims, [EXPIRES_AT, ISSUED_AT, IDENTITY, STATUS])) return identity(claims);
  throw new ClaimsError("the fields are those of neither card");
}

/** @param {Map<Value, Value>} claims @returns {EntitlementCard} */
function entitlement(claims) {
  const named = claims.get(IDENTITY);
  const secret = claims.get(CARD_SECRET);
  require(named instanceof Map && hasKeys(named, [1]), "an entitlement card names its number only");
  require(Array.isArray(secret) && secret.length === 3, "the secret has a version, epoch and bytes");
  const [version, epoch, bytes] = secret;
  require(version === 1, "a newer kind of card secret: update this program");
  const times = numberAndTimes(named.get(1), claims);
  require(isUint(epoch, EPOCH_MAX), "the epoch is a number of months since January 2026");
  require(bytes instanceof Uint8Array && bytes.length === SECRET_LENGTH, "the secret has 16 bytes");
  return { kind: "EntitlementCard", ...times, epoch, secret: bytes };
}

/** @param {Map<Value, Value>} claims @returns {IdentityCard} */
function identity(claims) {
  const named = claims.get(IDENTITY);
  const status = claims.get(STATUS);
  require(named instanceof Map, "an identity card has fields");
  for (const key of named.keys()) {
    require(typeof key === "number" && IDENTITY_KEYS.has(key), "an identity card has no such field");
  }
  require(named.has(1) && named.has(NAME), "an identity card has at least a number and a name");
  const entry = status instanceof Map && hasKeys(status, ["status_list"]) && status.get("status_list");
  require(entry instanceof Map && hasKeys(entry, ["idx", "uri"]), "the status names one entry");
  const times = numberAndTimes(named.get(1), claims);
  const statusUri = entry.get("uri");
  const statusIndex = entry.get("idx");
  require(isText(statusUri), "the address of the status list is a text");
  /** @type {Map<number, string | number>} */
  const fields = new Map();
  for (const [key, value] of named) {
    require(key === GENDER ? isGender(value) : isText(value), "a text has 1 to 200 characters");
    fields.set(/** @type {number} */ (key), value);
  }
  checkFields(fields);
  require(isUint(statusIndex, UINT32_MAX), "the place in the status list is a number from 0");
  return { kind: "IdentityCard", ...times, statusIndex, statusUri, fields };
}

/** @param {Map<number, string | number>} fields */
function checkFields(fields) {
  const birth = fields.get(BIRTH_DATE);
  require(birth === undefined || isDay(String(birth)), "a birth date is a day of the calendar");
  require(
    fields.has(SECOND_NAME) === fields.has(SECOND_LANGUAGE),
    "a second name and its language come together",
  );
  for (const key of [LANGUAGE, SECOND_LANGUAGE]) {
    const language = fields.get(key);
    require(language === undefined || /^[a-z]{3}$/.test(String(language)), "a language is ISO 639-3");
  }
  const country = fields.get(COUNTRY);
  require(country === undefined || /^[A-Z]{2,3}$/.test(String(country)), "a country is ISO 3166");
}

/** @param {Value | undefined} number @param {Map<Value, Value>} claims */
function numberAndTimes(number, claims) {
  const issuedAt = claims.get(ISSUED_AT);
  const expiresAt = claims.get(EXPIRES_AT);
  require(typeof number === "string" && isCardNumber(number), "the number is no card number");
  require(isUint(issuedAt, UINT32_MAX) && isUint(expiresAt, UINT32_MAX), "times are whole seconds");
  require(issuedAt % SECONDS_PER_DAY === 0, "a card is issued at 00:00 UTC of its batch day");
  require(expiresAt > issuedAt, "a card expires after it is issued");
  return { number, issuedAt, expiresAt };
}

/**
 * Return whether a text is exactly one card number (ISO 7064 MOD 37,36).
 *
 * @param {string} text
 */
export function isCardNumber(text) {
  if (text.length !== NUMBER_LENGTH) return false;
  if (![...text].every((one) => ALPHABET.includes(one))) return false;
  let product = 36;
  for (const one of text.slice(0, -1)) {
    product = (((product + CHECK_ALPHABET.indexOf(one)) % 36 || 36) * 2) % 37;
  }
  return CHECK_ALPHABET[(37 - product) % 36] === text.at(-1);
}

/**
 * Return a card number in the groups in which it is printed and read aloud.
 *
 * @param {string} number
 */
export function displayCardNumber(number) {
  return `${number.slice(0, 4)}-${number.slice(4, 8)}-${number.slice(8)}`;
}

/** @param {Map<Value, Value>} map @param {Value[]} keys */
function hasKeys(map, keys) {
  return map.size === keys.length && keys.every((key) => map.has(key));
}

/** @param {unknown} value @param {number} valueMax @returns {value is number} */
function isUint(value, valueMax) {
  return typeof value === "number" && value >= 0 && value <= valueMax;
}

/** @param {unknown} value @returns {value is string} */
function isText(value) {
  if (typeof value !== "string") return false;
  const length = [...value].length;
  return length > 0 && length <= TEXT_LENGTH_MAX;
}

/** @param {unknown} value @returns {value is number} */
function isGender(value) {
  return value === 1 || value === 2 || value === 3;
}

/** @param {string} text */
function isDay(text) {
  if (!/^[0-9]{8}$/.test(text)) return false;
  const [year, month, day] = [text.slice(0, 4), text.slice(4, 6), text.slice(6)].map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/**
 * @param {unknown} condition
 * @param {string} message
 * @returns {asserts condition}
 */
function require(condition, message) {
  if (!condition) throw new ClaimsError(message);
}
