/** A card comes to the phone: by camera, picture, keyboard scanner, typed number, or not at all. */

import { PictureError, textsInFile } from "../../scan/picture.js";
import { isCardNumber } from "../../card/claims.js";
import { SlipRefused, slipIn } from "../../domain/amend.js";
import { MEANS } from "../../domain/event.js";
import { Camera, NoCamera } from "../camera.js";
import { button, h, heading } from "../dom.js";
import { plainNumber } from "../judge.js";
import { collectorScreen } from "./collector.js";
import { homeScreen } from "./home.js";
import { secondScreen } from "./operators.js";
import { verdictScreen } from "./verdict.js";

/** @typedef {import("../main.js").App} App */

/** A scanner that types is faster than any finger. */
const KEY_MS_MAX = 100;
const CARD_LENGTH_MIN = 60;
/** The first byte of whatever is signed. Source: docs/reference/formats.md section 3. */
const SIGNED = 0xd2;
const SLIP_TROUBLES = ["other_lease", "replayed", "expired"];

/** @param {App} app */
export function scanScreen(app) {
  const told = h("p", { role: "status", class: "told" });
  const video = h("video", { muted: true, playsinline: true });
  const light = button(app.say("scan.light"), () => camera.switchLight(), { name: "light" });
  light.hidden = true;
  const camera = new Camera(video);
  app.leaving(() => camera.stop());
  app.leaving(typingScanner((text) => read(text, MEANS.KEYBOARD_SCANNER)));

  async function look() {
    try {
      await camera.start();
      light.hidden = !camera.hasLight;
      const text = await camera.firstText();
      if (text) await read(text, MEANS.CAMERA);
    } catch (error) {
      if (!(error instanceof NoCamera)) throw error;
      told.textContent = app.say("scan.allow_camera");
    }
  }

  /** @param {string} text @param {number} means */
  async function read(text, means) {
    const slip = slipBytes(text);
    if (slip) app.show(await slipScreen(app, slip));
    else await judge(app, text, means);
  }

  async function choose(/** @type {Event} */ event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const [file] = input.files ?? [];
    if (!file) return;
    try {
      const texts = await textsInFile(file);
      if (texts.length === 1) return await read(texts[0], MEANS.FILE);
      told.textContent = app.say(texts.length ? "scan.several" : "scan.no_code");
    } catch (error) {
      if (!(error instanceof PictureError)) throw error;
      told.textContent = app.say("scan.no_code");
    }
    input.value = "";
  }

  look();
  return h(
    "section",
    { class: "page page--scan", "data-screen": "scan" },
    heading(app.say("scan.hold_card")),
    h("div", { class: "view" }, video),
    told,
    light,
    h(
      "label",
      { class: "act act--quiet file" },
      app.say("scan.photo"),
      h("input", { type: "file", accept: "image/*", onchange: choose }),
    ),
    button(app.say("card.type_number"), () => app.show(typeScreen), { name: "type" }),
    button(app.say("scan.unreadable"), () => judge(app, null, MEANS.CAMERA), { name: "unreadable" }),
    button(app.say("scan.no_card"), () => judge(app, null, MEANS.NO_CARD), { name: "no-card" }),
    button(app.say("action.back"), () => app.show(homeScreen), { name: "back" }),
    app.footer(),
  );
}

/**
 * Take a slip into the list; returns the screen that says what became of it.
 *
 * @param {App} app @param {import("../../domain/octets.js").Octets} data
 * @returns {Promise<import("../main.js").Screen>}
 */
async function slipScreen(app, data) {
  let word = "slip.taken";
  try {
    await app.phone.takeSlip(data, app.now());
  } catch (error) {
    if (!(error instanceof SlipRefused)) throw error;
    word = SLIP_TROUBLES.includes(error.trouble) ? `slip.${error.trouble}` : "slip.not_ours";
  }
  return () =>
    h(
      "section",
      { class: "page", "data-screen": "slip", "data-word": word },
      heading(app.say("slip.title")),
      h("p", { class: word === "slip.taken" ? "ready ready--yes" : "told" }, app.say(word)),
      button(app.say("action.next_card"), () => app.show(scanScreen), { kind: "main", name: "next" }),
      app.footer(),
    );
}

/**
 * Return the bytes of a slip's code; null of a card's, which is compressed and begins otherwise.
 *
 * @param {string} text
 */
function slipBytes(text) {
  try {
    const data = slipIn(text);
    return data[0] === SIGNED ? new Uint8Array(data) : null;
  } catch (error) {
    if (error instanceof SlipRefused) return null;
    throw error;
  }
}

/** @param {App} app */
function typeScreen(app) {
  const told = h("p", { role: "status", class: "told" });
  const field = h("input", { name: "number", autocomplete: "off", autocapitalize: "characters" });

  function check(/** @type {Event} */ event) {
    event.preventDefault();
    const number = plainNumber(field.value);
    if (!isCardNumber(number)) {
      told.textContent = app.say("card.number_wrong");
      return;
    }
    app.show(() =>
      secondScreen(app, (second) => {
        if (second) judge(app, number, MEANS.TYPED, second.operator);
        else app.show(scanScreen);
      }),
    );
  }

  return h(
    "section",
    { class: "page", "data-screen": "type" },
    heading(app.say("card.type_number")),
    h(
      "form",
      { class: "form", onsubmit: check },
      h("label", {}, app.say("card.number"), field),
      told,
      h("button", { class: "act act--main", "data-act": "confirm" }, app.say("action.confirm")),
    ),
    button(app.say("action.back"), () => app.show(scanScreen), { name: "back" }),
  );
}

/**
 * @param {App} app @param {string | null} text @param {number} means
 * @param {import("../../domain/octets.js").Octets | null} [second]
 */
async function judge(app, text, means, second = null) {
  const now = app.now();
  const scan = { text, means, now, today: app.phone.today(now), contested: false, outOfStock: false };
  await judged(app, scan, second);
}

/**
 * Judge a scan, once more with what was added to it where somebody added something.
 *
 * @param {App} app @param {import("../judge.js").Scan} scan
 * @param {import("../../domain/octets.js").Octets | null} second
 */
export async function judged(app, scan, second) {
  /** @param {import("../../domain/lease.js").Collector[]} collectors @returns {Promise<import("../phone.js").Result["collector"]>} */
  const ask = (collectors) =>
    new Promise((resolve) => app.show(() => collectorScreen(app, collectors, resolve)));
  const result = await app.phone.scan(scan, app.operator.operator, second, ask);
  app.show(() => verdictScreen(app, result));
}

/**
 * Listen to a scanner that types; returns what ends it.
 *
 * @param {(text: string) => void} found
 */
function typingScanner(found) {
  let [typed, last] = ["", 0];
  const hear = (/** @type {KeyboardEvent} */ event) => {
    if (event.timeStamp - last > KEY_MS_MAX) typed = "";
    last = event.timeStamp;
    if (event.key.length === 1) typed += event.key;
    if (event.key !== "Enter" || typed.length < CARD_LENGTH_MIN) return;
    event.preventDefault();
    found(typed.toUpperCase());
  };
  document.addEventListener("keydown", hear);
  return () => document.removeEventListener("keydown", hear);
}
