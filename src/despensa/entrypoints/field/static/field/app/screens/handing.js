/** One phone takes over what another has left: each shows the other a code. */

import { markOf } from "../../domain/device.js";
import { FRAME, Gathering } from "../../domain/frames.js";
import { TakeOverRefused } from "../../domain/takeover.js";
import { PictureError, textsInFile } from "../../scan/picture.js";
import { Camera, NoCamera } from "../camera.js";
import { rowOf } from "../code.js";
import { button, h, heading } from "../dom.js";
import { askFor, given, handOver, heard, takeOver } from "../handing.js";
import { homeScreen } from "./home.js";

/** @typedef {import("../main.js").App} App */
/** @typedef {import("../../domain/octets.js").Octets} Octets */

const TROUBLES = ["other_office", "expired", "own", "other_session", "not_asked", "nothing_left"];

/** @param {App} app */
export function handingScreen(app) {
  const ask = async () => {
    const texts = await askFor(app.phone, app.now());
    app.show(() => askingScreen(app, texts));
  };
  const again = button(app.say("handing.show_again"), () => showAgain(app), { name: "again" });
  again.hidden = true;
  given(app.phone).then((texts) => {
    again.hidden = !texts;
  });
  return h(
    "section",
    { class: "page", "data-screen": "handing" },
    heading(app.say("handing.title")),
    h("p", {}, app.say("handing.explained")),
    button(app.say("handing.take"), ask, { kind: "main", name: "take" }),
    button(app.say("handing.give"), () => app.show(givingScreen), { name: "give-rest" }),
    again,
    button(app.say("action.back"), () => app.show(homeScreen), { name: "back" }),
    app.footer(),
  );
}

/** @param {App} app @param {string[]} texts */
function askingScreen(app, texts) {
  return h(
    "section",
    { class: "page", "data-screen": "asking" },
    heading(app.say("handing.show_asking")),
    h("p", {}, nameOf(app, app.phone.keys.deviceId)),
    rowOf(app, texts, app.say("handing.show_asking")),
    button(app.say("handing.read_answer"), () => app.show(takingScreen), { kind: "main", name: "next" }),
    button(app.say("action.back"), () => app.show(handingScreen), { name: "back" }),
  );
}

/** @param {App} app */
function takingScreen(app) {
  const take = async (/** @type {Octets} */ data) => {
    const count = await takeOver(app.phone, data, app.now(), app.operator.operator);
    app.show(() => toldScreen(app, "handing.taken", { count }));
  };
  return readingScreen(app, FRAME.HAND_OVER, "handing.read_answer", take);
}

/** @param {App} app */
function givingScreen(app) {
  const take = async (/** @type {Octets} */ data) => {
    const { asking, count } = await heard(app.phone, data, app.now());
    if (!count) throw new TakeOverRefused("nothing_left");
    app.show(() => confirmScreen(app, asking, count));
  };
  return readingScreen(app, FRAME.ASKING, "handing.read_asking", take);
}

/** @param {App} app @param {import("../../domain/takeover.js").Asking} asking @param {number} count */
function confirmScreen(app, asking, count) {
  const give = async () => {
    await handOver(app.phone, asking, app.now(), app.operator.operator);
    await showAgain(app);
  };
  return h(
    "section",
    { class: "page", "data-screen": "confirm-handing" },
    heading(app.say("handing.sure", { count })),
    h("p", {}, nameOf(app, asking.deviceId)),
    h("p", { class: "note" }, app.say("handing.sure_explained")),
    button(app.say("handing.give"), give, { kind: "main", name: "confirm" }),
    button(app.say("action.back"), () => app.show(handingScreen), { name: "back" }),
  );
}

/** @param {App} app */
async function showAgain(app) {
  const texts = await given(app.phone);
  if (!texts) return app.show(handingScreen);
  app.show(() =>
    h(
      "section",
      { class: "page", "data-screen": "given" },
      heading(app.say("handing.show_given")),
      h("p", {}, app.say("handing.until_told")),
      rowOf(app, texts, app.say("handing.show_given")),
      button(app.say("handing.was_read"), () => app.show(homeScreen), { kind: "main", name: "done" }),
      app.footer(),
    ),
  );
}

/**
 * Read a row of codes from another phone, by camera or from pictures.
 *
 * @param {App} app @param {number} kind @param {string} title
 * @param {(data: Octets) => Promise<void>} take
 * @returns {HTMLElement}
 */
function readingScreen(app, kind, title, take) {
  const told = h("p", { role: "status", class: "told" });
  const video = h("video", { muted: true, playsinline: true });
  const camera = new Camera(video);
  const gathering = new Gathering();
  app.leaving(() => camera.stop());

  /** @param {string} text @returns {Promise<boolean>} whether that is all */
  async function read(text) {
    const data = await gathering.add(text);
    if (gathering.count > 1) {
      told.textContent = app.say("handing.parts", { seen: gathering.chunks.size, count: gathering.count });
    }
    if (!data) return false;
    if (gathering.kind !== kind) {
      told.textContent = app.say("handing.other_code");
      return false;
    }
    try {
      await take(data);
    } catch (error) {
      if (!(error instanceof TakeOverRefused)) throw error;
      const { trouble } = error;
      told.dataset.trouble = trouble;
      told.textContent = app.say(`handing.${TROUBLES.includes(trouble) ? trouble : "not_ours"}`);
    }
    return true;
  }

  async function look() {
    try {
      await camera.start();
      await camera.everyText(read);
    } catch (error) {
      if (!(error instanceof NoCamera)) throw error;
      told.textContent = app.say("handing.allow_camera");
    }
  }

  async function choose(/** @type {Event} */ event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    try {
      for (const file of input.files ?? []) {
        for (const text of await textsInFile(file)) if (await read(text)) return;
      }
    } catch (error) {
      if (!(error instanceof PictureError)) throw error;
      told.textContent = app.say("scan.no_code");
    }
    input.value = "";
  }

  look();
  return h(
    "section",
    { class: "page page--scan", "data-screen": "reading" },
    heading(app.say(title)),
    h("div", { class: "view view--square" }, video),
    told,
    h(
      "label",
      { class: "act act--quiet file" },
      app.say("handing.photo"),
      h("input", { type: "file", accept: "image/*", multiple: true, onchange: choose }),
    ),
    button(app.say("action.back"), () => app.show(handingScreen), { name: "back" }),
    app.footer(),
  );
}

/** @param {App} app @param {string} word @param {Record<string, number>} filled */
function toldScreen(app, word, filled) {
  return h(
    "section",
    { class: "page", "data-screen": "taken" },
    heading(app.say("handing.title")),
    h("p", { class: "ready ready--yes" }, app.say(word, filled)),
    button(app.say("day.home"), () => app.show(homeScreen), { kind: "main", name: "home" }),
    app.footer(),
  );
}

/** @param {App} app @param {Octets} deviceId */
function nameOf(app, deviceId) {
  return app.say("handing.phone", { name: markOf(deviceId) });
}
