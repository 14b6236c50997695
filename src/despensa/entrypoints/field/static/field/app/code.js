/** A QR code on the screen, or a row of them shown one after the other. */

import { correction, generate } from "../vendor/lean-qr-2.7.4/index.js";
import { h, picture } from "./dom.js";

const QUIET = 4;
/** A camera takes about ten frames a second from a screen: each code is seen at least once. */
const FRAME_MS = 180;

/** @param {string} text @param {string} title */
export function codeOf(text, title) {
  const code = generate(text, { minCorrectionLevel: correction.L });
  let path = "";
  for (let y = 0; y < code.size; y++) {
    for (let x = 0; x < code.size; x++) if (code.get(x, y)) path += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
  }
  const side = code.size + 2 * QUIET;
  return picture(path, side, { class: "code", role: "img", "aria-label": title, "data-text": text });
}

/**
 * Return a row of codes that goes round until the screen is left.
 *
 * @param {import("./main.js").App} app @param {string[]} texts @param {string} title
 */
export function rowOf(app, texts, title) {
  let place = 0;
  const frame = h("div", { class: "frames", "data-count": texts.length }, codeOf(texts[0], title));
  if (texts.length > 1) {
    const timer = setInterval(() => {
      place = (place + 1) % texts.length;
      frame.replaceChildren(codeOf(texts[place], title));
    }, FRAME_MS);
    app.leaving(() => clearInterval(timer));
  }
  return frame;
}
