/** What the phone is ready for: its list, the distribution, what was not sent yet. */

import { button, h, heading } from "../dom.js";
import { shownOf } from "../handing.js";
import { paperFrom, serialOf } from "../paper.js";
import { exporting } from "./exporting.js";
import { openReport } from "./report.js";
import { operatorsScreen, secondScreen } from "./operators.js";
import { scanScreen } from "./scan.js";
import { handingScreen } from "./handing.js";

/** @typedef {import("../main.js").App} App */

/** @param {App} app */
export function homeScreen(app) {
  const { phone } = app;
  const parts = phone.lease ? listParts(app) : noListParts(app);
  return h(
    "section",
    { class: "page", "data-screen": "home" },
    heading(phone.trust.name),
    h("p", { class: "who" }, app.operator.name),
    ...parts,
    button(app.say("day.title"), () => app.show(dayScreen), { name: "day" }),
    button(app.say("staff.switch"), () => app.show(operatorsScreen), { name: "switch" }),
    app.footer(),
  );
}

/** @param {App} app */
function noListParts(app) {
  return [
    h("p", { class: "ready ready--no" }, h("b", {}, "▲ "), app.say("lease.none")),
    button(app.say("lease.get"), () => app.fetch(homeScreen), { kind: "main", name: "fetch" }),
    // whoever comes is heard, list or not
    button(app.say("scan.start"), () => app.show(scanScreen), { name: "scan" }),
  ];
}

/** @param {App} app */
function listParts(app) {
  const { phone, words } = app;
  const lease = /** @type {import("../../domain/lease.js").Lease} */ (phone.lease);
  const zone = phone.trust.timeZone;
  const ready = h(
    "div",
    { class: "ready ready--yes" },
    h("p", {}, h("b", {}, "● "), app.say("lease.ready")),
    h("p", {}, app.say("lease.size", { count: shownOf(phone).length })),
    h("p", {}, app.say("lease.ends", { time: words.time(lease.expiresAt, zone) })),
    lease.table > 0 && h("p", {}, app.say("lease.table", { table: lease.table })),
  );
  // a table that was prepared later is only known to a phone that asks again
  const again = button(app.say("lease.ask_again"), () => app.fetch(homeScreen), { name: "fetch" });
  const handing = button(app.say("handing.title"), () => app.show(handingScreen), { name: "handing" });
  if (!phone.sessionOpen) {
    const open = () => openSession(app);
    return [ready, button(app.say("session.open"), open, { kind: "main", name: "open" }), handing, again];
  }
  const scan = () => app.show(scanScreen);
  return [ready, button(app.say("scan.start"), scan, { kind: "main", name: "scan" }), handing, again];
}

/** @param {App} app */
async function openSession(app) {
  const { phone, operator } = app;
  if (phone.isPlanned(app.now())) {
    await phone.openSession(app.now(), operator.operator, null);
    return app.show(homeScreen);
  }
  app.show(() =>
    secondScreen(app, async (second) => {
      if (second) await phone.openSession(app.now(), operator.operator, second.operator);
      app.show(homeScreen);
    }),
  );
}

/** @param {App} app */
export function dayScreen(app) {
  const { phone } = app;
  const { tally } = phone.journal.state;
  const rows = [
    app.say("today.delivered", { count: tally.delivered }),
    app.say("day.supervised", { count: tally.supervised }),
    app.say("today.refused", { count: tally.refused }),
    app.say("day.aborted", { count: tally.aborted }),
    ...Object.entries(tally.goods).map(([unit, count]) =>
      app.say("day.goods", { item: app.say("goods.item", { number: Number(unit) }), count }),
    ),
  ];
  const { unsent, unproven, state } = phone.journal;
  const sums = [
    ["sync.pending", unsent],
    ["sync.taken_in", unproven],
    ["sync.in_log", state.proven],
  ].map(([key, count]) => app.say(String(key), { count }));
  const cap = phone.lease?.supervisedCap ?? Infinity;
  const many = tally.supervised > cap && h("p", { class: "told" }, app.say("supervised.alarm"));
  return h(
    "section",
    { class: "page", "data-screen": "day" },
    heading(app.say("day.title")),
    h("ul", { class: "sums" }, ...rows.map((row) => h("li", {}, row))),
    h("ul", { class: "sums", "data-proven": state.proven }, ...sums.map((row) => h("li", {}, row))),
    many,
    ...endings(app),
    button(app.say("sync.send"), () => app.send(), { name: "send" }),
    ...exporting(app),
    button(app.say("report.title"), () => openReport(app), { name: "report" }),
    button(app.say("paper.title"), () => app.show(paperScreen), { name: "paper" }),
    clearing(app),
    button(app.say("action.back"), () => app.show(homeScreen), { name: "back" }),
    app.footer(),
  );
}

/**
 * What takes the phone out of use, once nobody can lose anything by it.
 *
 * @param {App} app
 */
function clearing(app) {
  const { unsent, unproven } = app.phone.journal;
  if (unsent || unproven || app.phone.sessionOpen || app.phone.lease) {
    return h("p", { class: "note" }, app.say("phone.clear_waits"));
  }
  return button(app.say("phone.clear"), () => app.show(clearScreen), { name: "clear" });
}

/** @param {App} app */
function clearScreen(app) {
  return h(
    "section",
    { class: "page", "data-screen": "clear" },
    heading(app.say("phone.clear")),
    h("p", { class: "told" }, app.say("phone.clear_explained")),
    button(app.say("action.confirm"), () => app.clear(), { name: "confirm" }),
    button(app.say("action.back"), () => app.show(dayScreen), { kind: "main", name: "back" }),
    app.footer(),
  );
}

/** @param {App} app */
function paperScreen(app) {
  const { paper } = app.phone;
  const told = h("p", { role: "status", class: "told" });
  const value = paper ? serialOf(paper) : "";
  const field = h("input", { name: "serial", value, autocomplete: "off", autocapitalize: "characters" });
  const keep = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const wanted = paperFrom(field.value);
    if (field.value.trim() && !wanted) {
      told.textContent = app.say("paper.wrong");
      return;
    }
    await app.phone.keepPaper(wanted);
    app.show(dayScreen);
  };
  return h(
    "section",
    { class: "page", "data-screen": "paper" },
    heading(app.say("paper.title")),
    h("p", {}, app.say("paper.explained")),
    h(
      "form",
      { class: "form", onsubmit: keep },
      h("label", {}, app.say("paper.next"), field),
      told,
      h("button", { class: "act act--main", "data-act": "confirm" }, app.say("action.confirm")),
    ),
    button(app.say("action.back"), () => app.show(dayScreen), { name: "back" }),
    app.footer(),
  );
}

/** @param {App} app */
function endings(app) {
  const { phone, operator } = app;
  if (phone.sessionOpen) {
    const close = async () => {
      await phone.closeSession(app.now(), operator.operator);
      app.show(dayScreen);
    };
    return [button(app.say("session.close"), close, { name: "close" })];
  }
  if (!phone.lease) return [];
  const giveBack = async () => {
    await phone.returnLease(app.now(), operator.operator);
    app.show(dayScreen);
  };
  return [
    h("p", { class: "note" }, app.say("lease.return_explained")),
    button(app.say("lease.return"), giveBack, { name: "return" }),
  ];
}
