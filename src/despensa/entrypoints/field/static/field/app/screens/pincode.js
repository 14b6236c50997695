/** An operator shows this phone her own code of the office, by which she sets her PIN. */

import * as base45 from "../../card/base45.js";
import { markOf } from "../../domain/device.js";
import { PinCodeRefused } from "../../domain/pincode.js";
import { PictureError, textsInFile } from "../../scan/picture.js";
import { Camera, NoCamera } from "../camera.js";
import { button, h, heading } from "../dom.js";

/** @typedef {import("../main.js").App} App */

const TROUBLES = ["other_phone", "other_person", "used", "expired"];

/**
 * @param {App} app @param {import("../phone.js").Operator} one
 * @param {(right: boolean) => void} done @param {(code: string) => void} found
 */
export function pinCodeScreen(app, one, done, found) {
  const told = h("p", { role: "status", class: "told" });
  const video = h("video", { muted: true, playsinline: true });
  const view = h("div", { class: "view view--square", hidden: true }, video);
  const camera = new Camera(video);
  app.leaving(() => camera.stop());

  /** @param {string} text @returns {Promise<boolean>} whether it is her code */
  async function take(text) {
    try {
      const data = new Uint8Array(base45.decode(text));
      found(await app.phone.pinCode(data, one.operator, app.now()));
      return true;
    } catch (error) {
      const isOther = error instanceof base45.Base45Error;
      if (!isOther && !(error instanceof PinCodeRefused)) throw error;
      const trouble = isOther ? "malformed" : error.trouble;
      told.dataset.trouble = trouble;
      told.textContent = app.say(`pincode.${TROUBLES.includes(trouble) ? trouble : "wrong"}`);
      return false;
    }
  }

  async function look() {
    view.hidden = false;
    try {
      await camera.start();
      await camera.everyText(take);
    } catch (error) {
      if (!(error instanceof NoCamera)) throw error;
      view.hidden = true;
      told.textContent = app.say("handing.allow_camera");
    }
  }

  async function choose(/** @type {Event} */ event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    const [file] = input.files ?? [];
    if (!file) return;
    try {
      const [text] = await textsInFile(file);
      if (await take(text ?? "")) return;
    } catch (error) {
      if (!(error instanceof PictureError)) throw error;
      told.textContent = app.say("pincode.wrong");
    }
    input.value = "";
  }

  return h(
    "section",
    { class: "page", "data-screen": "pincode" },
    heading(one.name),
    h("p", {}, app.say("pincode.explained")),
    h("p", {}, h("b", {}, app.say("handing.phone", { name: markOf(app.phone.keys.deviceId) }))),
    told,
    button(app.say("pincode.scan"), look, { kind: "main", name: "camera" }),
    view,
    h(
      "label",
      { class: "act act--quiet file" },
      app.say("enrol.photo"),
      h("input", { type: "file", accept: "image/*", onchange: choose }),
    ),
    button(app.say("action.back"), () => done(false), { name: "back" }),
  );
}
