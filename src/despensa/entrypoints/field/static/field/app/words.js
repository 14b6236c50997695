/** What the phone says, in the language somebody chose; a word without translation is English. */

/**
 * @typedef {object} Language
 * @property {string} language
 * @property {"ltr" | "rtl"} direction
 * @property {Record<string, string>} words
 * @property {Record<string, {sentence: string, next_step: string}>} sentences
 */

export const LANGUAGES = Object.freeze({ en: "English", es: "Español", ar: "العربية" });
const FALLBACK = "en";

export class Words {
  /** @param {Record<string, Language>} languages @param {string} chosen */
  constructor(languages, chosen) {
    this.languages = languages;
    this.chosen = chosen;
  }

  /** @param {string} wanted @returns {Promise<Words>} */
  static async load(wanted) {
    const codes = Object.keys(LANGUAGES);
    const read = async (/** @type {string} */ code) => {
      const answer = await fetch(new URL(`../../messages/${code}.json`, import.meta.url));
      return [code, await answer.json()];
    };
    const languages = Object.fromEntries(await Promise.all(codes.map(read)));
    return new Words(languages, codes.includes(wanted) ? wanted : FALLBACK);
  }

  get direction() {
    return this.languages[this.chosen].direction;
  }

  /** @param {string} key @param {Record<string, string | number>} [filled] */
  say(key, filled = {}) {
    const text = this.languages[this.chosen].words[key] ?? this.languages[FALLBACK].words[key] ?? key;
    return text.replaceAll(/{(\w+)}/g, (whole, name) => this.shown(filled[name]) ?? whole);
  }

  /** @param {string} id */
  sentence(id) {
    return this.languages[this.chosen].sentences[id] ?? this.languages[FALLBACK].sentences[id];
  }

  /** @param {string | number | undefined} value */
  shown(value) {
    return typeof value === "number" ? new Intl.NumberFormat(this.chosen).format(value) : value;
  }

  /** @param {number} day since 1970-01-01 */
  day(day) {
    const how = /** @type {const} */ ({ dateStyle: "long", timeZone: "UTC" });
    return new Intl.DateTimeFormat(this.chosen, how).format(day * 86_400_000);
  }

  /** @param {number} at seconds UTC @param {string} timeZone */
  time(at, timeZone) {
    const how = /** @type {const} */ ({ dateStyle: "short", timeStyle: "short" });
    return new Intl.DateTimeFormat(this.chosen, { ...how, timeZone }).format(at * 1000);
  }
}
