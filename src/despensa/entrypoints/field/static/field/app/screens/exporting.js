/** What was not sent leaves the phone without a network: as a file, or as a row of codes. */

import { FRAME, TooLong, framesOf } from "../../domain/frames.js";
import { rowOf } from "../code.js";
import { button, h, heading } from "../dom.js";
import { exported } from "../sending.js";

/** @typedef {import("../main.js").App} App */

/** @param {App} app @returns {HTMLElement[]} the two ways, where anything waits */
export function exporting(app) {
  if (!app.phone.journal.unsent) return [];
  const back = app.screen;
  return [
    button(app.say("export.save"), () => app.export(), { name: "export" }),
    button(app.say("export.codes"), () => show(app, back), { name: "codes" }),
  ];
}

/** @param {App} app @param {import("../main.js").Screen} back */
async function show(app, back) {
  const file = await exported(app.phone);
  const data = new Uint8Array(await file.arrayBuffer());
  const texts = await framesOf(FRAME.JOURNAL, data).catch((error) => {
    if (error instanceof TooLong) return null;
    throw error;
  });
  app.show(() => codesScreen(app, texts, back));
}

/** @param {App} app @param {string[] | null} texts @param {import("../main.js").Screen} back */
function codesScreen(app, texts, back) {
  return h(
    "section",
    { class: "page", "data-screen": "codes" },
    heading(app.say("export.codes")),
    h("p", {}, app.say(texts ? "export.codes_explained" : "export.too_long")),
    texts && rowOf(app, texts, app.say("export.codes")),
    texts && h("p", { class: "note" }, app.say("export.codes_count", { count: texts.length })),
    button(app.say("action.back"), () => app.show(back), { name: "back" }),
  );
}
