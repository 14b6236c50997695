/** The end of the day, item by item: what was given, what is left, and where the two do not meet. */

import { hex } from "../../domain/octets.js";
import { shownOf } from "../handing.js";
import { button, h, heading } from "../dom.js";
import { dayScreen } from "./home.js";

/** @typedef {import("../main.js").App} App */
/** @typedef {{brought?: number, left?: number}} Count what somebody counted, by item */

const COUNT_MAX = 1_000_000;

/** @param {App} app */
export async function openReport(app) {
  /** @type {Record<string, Count>} */
  const counts = (await app.store.one("counts")) ?? {};
  app.show(() => reportScreen(app, counts));
}

/** @param {App} app @param {Record<string, Count>} counts @returns {HTMLElement} */
function reportScreen(app, counts) {
  const { goods } = app.phone.journal.state.tally;
  const waiting = waitingOf(app);
  const units = [...new Set([...Object.keys(goods), ...waiting.keys(), ...Object.keys(counts)])];
  units.sort((one, other) => Number(one) - Number(other));
  const rows = units.map((unit) => itemPart(app, counts, unit, goods[Number(unit)] ?? 0, waiting.get(unit) ?? 0));
  return h(
    "section",
    { class: "page", "data-screen": "report" },
    heading(app.say("report.title")),
    h("p", {}, app.say("report.explained")),
    ...rows,
    !rows.length && h("p", { class: "note" }, app.say("report.nothing")),
    button(app.say("action.back"), () => app.show(dayScreen), { name: "back" }),
    app.footer(),
  );
}

/**
 * @param {App} app @param {Record<string, Count>} counts @param {string} unit
 * @param {number} given @param {number} waiting
 */
function itemPart(app, counts, unit, given, waiting) {
  const difference = h("p", { class: "report__difference", role: "status" });
  const field = (/** @type {"brought" | "left"} */ name) => {
    const input = h("input", {
      name: `${name}-${unit}`,
      type: "number",
      inputmode: "numeric",
      min: 0,
      max: COUNT_MAX,
      value: counts[unit]?.[name] ?? "",
    });
    input.addEventListener("input", async () => {
      const number = input.value === "" ? undefined : Math.min(COUNT_MAX, Math.max(0, Math.floor(input.valueAsNumber)));
      counts[unit] = { ...counts[unit], [name]: Number.isNaN(number) ? undefined : number };
      tell();
      await app.store.write([["phone", "counts", counts]]);
    });
    return h("label", {}, app.say(`report.${name}`), input);
  };
  function tell() {
    const { brought, left } = counts[unit] ?? {};
    const missing = brought === undefined || left === undefined ? null : left + given - brought;
    difference.dataset.difference = missing === null ? "" : String(missing);
    difference.textContent = missing === null ? "" : wordOf(app, missing);
  }
  tell();
  return h(
    "div",
    { class: "report", "data-item": unit, "data-given": given, "data-waiting": waiting },
    h("h2", {}, app.say("goods.item", { number: Number(unit) })),
    h("p", {}, app.say("report.given", { count: given })),
    h("p", {}, app.say("report.waiting", { count: waiting })),
    h("div", { class: "form" }, field("brought"), field("left")),
    difference,
  );
}

/** @param {App} app @param {number} missing */
function wordOf(app, missing) {
  if (!missing) return app.say("report.meets");
  return app.say(missing < 0 ? "report.too_few" : "report.too_many", { count: Math.abs(missing) });
}

/** @param {App} app @returns {Map<string, number>} by item, what is on the list and was not handed out */
function waitingOf(app) {
  const { collected } = app.phone.journal;
  /** @type {Map<string, number>} */
  const waiting = new Map();
  for (const { goods, cards } of shownOf(app.phone)) {
    if (cards.some(({ tag }) => collected.has(hex(tag)))) continue;
    for (const [unit, quantity] of goods) {
      waiting.set(String(unit), (waiting.get(String(unit)) ?? 0) + quantity);
    }
  }
  return waiting;
}
