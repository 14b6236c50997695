/** Before anything: the phone is enrolled by the code the office shows. */

import { textsInFile, PictureError } from "../../scan/picture.js";
import { Camera, NoCamera } from "../camera.js";
import { button, h, heading } from "../dom.js";
import { NotNow, Phone } from "../phone.js";
import { BrowserTooOld } from "../store/keys.js";
import { NotAnswered } from "../wire.js";

/** @typedef {import("../main.js").App} App */

const CODE = /#e1\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

/**
 * Return code and authority key of what the office shows, null if it is something else.
 *
 * @param {string} text
 */
export function codeIn(text) {
  const found = CODE.exec(text.trim());
  return found ? { code: octets(found[1]), authority: octets(found[2]) } : null;
}

/** @param {string} text base64url */
function octets(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0));
}

/** @param {App} app */
export function enrolScreen(app) {
  const told = h("p", { role: "status", class: "told" });
  const video = h("video", { muted: true, playsinline: true });
  const view = h("div", { class: "view view--square", hidden: true }, video);
  const camera = new Camera(video);
  app.leaving(() => camera.stop());
  const tell = (/** @type {string} */ key) => {
    told.textContent = app.say(key);
  };

  async function take(/** @type {string} */ text) {
    const shown = codeIn(text);
    if (!shown) return tell("enrol.wrong");
    tell("app.opening");
    try {
      await Phone.enrol(app.store, shown);
      await app.begin();
    } catch (error) {
      tell(wordFor(error));
    }
  }

  async function look() {
    view.hidden = false;
    try {
      await camera.start();
      const text = await camera.firstText();
      camera.stop();
      view.hidden = true;
      if (text) await take(text);
    } catch (error) {
      if (!(error instanceof NoCamera)) throw error;
      view.hidden = true;
      tell("scan.allow_camera");
    }
  }

  async function read(/** @type {Event} */ event) {
    const [file] = /** @type {HTMLInputElement} */ (event.target).files ?? [];
    if (!file) return;
    try {
      const [text] = await textsInFile(file);
      await take(text ?? "");
    } catch (error) {
      if (!(error instanceof PictureError)) throw error;
      tell("enrol.wrong");
    }
  }

  const field = h("input", { name: "code", autocomplete: "off", spellcheck: "false" });
  const typed = h(
    "form",
    {
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        take(field.value);
      },
    },
    h("label", {}, app.say("enrol.type"), field),
    h("button", { class: "act act--quiet", "data-act": "enrol" }, app.say("enrol.now")),
  );
  const [, fragment] = location.href.split("#");
  if (fragment) {
    // a code works once: it must not be offered again by going back
    history.replaceState(null, "", location.pathname);
    take(`#${fragment}`);
  }
  return h(
    "section",
    { class: "page", "data-screen": "enrol" },
    heading(app.say("enrol.title")),
    h("p", {}, app.say("device.not_enrolled")),
    h("p", {}, app.say("enrol.explained")),
    told,
    button(app.say("enrol.scan"), look, { kind: "main", name: "camera" }),
    view,
    h(
      "label",
      { class: "act act--quiet file" },
      app.say("enrol.photo"),
      h("input", { type: "file", accept: "image/*", onchange: read }),
    ),
    typed,
  );
}

/** @param {unknown} error @returns {string} the key of what is said */
function wordFor(error) {
  if (error instanceof BrowserTooOld) return "enrol.too_old";
  if (error instanceof NotNow) return error.word;
  if (!(error instanceof NotAnswered)) return "enrol.not_ours";
  return error.problem === "no-network" ? "enrol.no_network" : "enrol.failed";
}
