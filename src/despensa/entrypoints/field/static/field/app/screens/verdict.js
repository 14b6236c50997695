/** The answer to a scan, to be seen from three steps away: colour, shape and word. */

import * as base45 from "../../card/base45.js";
import { areEqual } from "../../domain/octets.js";
import { spokenCode } from "../../domain/receipt.js";
import { ABORT, OFFERED, REASON, messageId } from "../../domain/refusal.js";
import { codeOf } from "../code.js";
import { button, h, heading, picture } from "../dom.js";
import { signal } from "../signals.js";
import { homeScreen } from "./home.js";
import { secondScreen } from "./operators.js";
import { judged, scanScreen } from "./scan.js";

/** @typedef {import("../main.js").App} App */
/** @typedef {import("../phone.js").Result} Result */
/** @typedef {import("../../domain/payload.js").Goods} Goods */

const BOX = "M2 7 12 2l10 5v10l-10 5L2 17zM2 7l10 5 10-5M12 12v10";
const PICTURES_MAX = 12;
const UNLISTED_MAX = 20;
const NEXT_MS = 1800;

/** @param {App} app @param {Result} result */
export function verdictScreen(app, result) {
  return result.outcome === "delivered" ? giveScreen(app, result) : refusedScreen(app, result);
}

/** @param {App} app @param {Result} result */
function giveScreen(app, result) {
  const goods = new Picked(app, result.goods);
  if (!app.isRedrawn) signal("delivered");
  const give = async () => {
    const { phone, operator } = app;
    const given = await phone.handOver(result, goods.picked(), app.now(), operator.operator);
    app.show(() => doneScreen(app, given));
  };
  const stop = async () => {
    await app.phone.abort(ABORT.OPERATOR, app.now(), app.operator.operator);
    app.show(scanScreen);
  };
  const out = async () => {
    await judged(app, { ...result.scan, outOfStock: true }, result.second);
  };
  return h(
    "section",
    { class: "page verdict verdict--yes", "data-screen": "give" },
    shape("●", app.say("goods.give")),
    h("p", {}, app.words.sentence("scan.delivered").sentence),
    goods.element,
    button(app.say("goods.given"), give, { kind: "main", name: "give" }),
    button(app.say("goods.out_of_stock"), out, { name: "out" }),
    button(app.say("action.stop_scan"), stop, { name: "stop" }),
  );
}

/** @param {App} app @param {Result} result */
function doneScreen(app, result) {
  const { next_step: next } = app.words.sentence("scan.delivered");
  const timer = setTimeout(() => app.show(scanScreen), NEXT_MS);
  app.leaving(() => clearTimeout(timer));
  const receipt = async () => {
    clearTimeout(timer);
    const made = await app.phone.deliveredReceipt(result, app.phone.today(app.now()));
    app.show(() => receiptScreen(app, made, null));
  };
  return h(
    "section",
    { class: "page verdict verdict--yes", "data-screen": "done" },
    shape("✓", app.say("outcome.delivered")),
    h("p", {}, next),
    button(app.say("action.next_card"), () => app.show(scanScreen), { kind: "main", name: "next" }),
    button(app.say("action.show_receipt"), receipt, { name: "receipt" }),
  );
}

/** @param {App} app @param {Result} result @returns {HTMLElement} */
function refusedScreen(app, result) {
  const reason = /** @type {number} */ (result.reason);
  const { sentence, next_step: next } = app.words.sentence(messageId(reason));
  const isOffered = result.offered === OFFERED.SUPERVISED;
  if (!app.isRedrawn) signal(isOffered ? "offered" : "refused");
  const kind = isOffered ? "ask" : "no";
  const contest = () => judged(app, { ...result.scan, now: app.now(), contested: true }, result.second);
  const mayContest = reason === REASON.COLLECTED_CONFIRMED && !result.scan.contested;
  const receipt = () => app.show(() => receiptScreen(app, result.receipt, result));
  return h(
    "section",
    { class: `page verdict verdict--${kind}`, "data-screen": "refused", "data-reason": reason },
    shape(isOffered ? "▲" : "■", app.say("outcome.refused")),
    h("p", { class: "verdict__why" }, sentence),
    h("p", {}, next),
    ...elsewhere(app, result),
    paperLine(app, result),
    isOffered &&
      button(app.say("supervised.start"), () => supervise(app, result), {
        kind: "main",
        name: "supervised",
      }),
    mayContest && button(app.say("supervised.contest"), contest, { name: "contest" }),
    button(app.say("action.show_receipt"), receipt, { name: "receipt" }),
    button(app.say("action.next_card"), () => app.show(scanScreen), { name: "next" }),
  );
}

/** @param {App} app @param {Result} result */
function paperLine(app, { written }) {
  const serial = written?.event.paperSerial;
  return serial && h("p", { class: "paper" }, app.say("paper.give"), " ", h("b", { dir: "ltr" }, serial));
}

/**
 * Say where and when the person is awaited, as far as the phone knows.
 *
 * @param {App} app @param {Result} result
 */
function elsewhere(app, { reason, finding }) {
  const { phone, words } = app;
  const found = finding.elsewhere;
  const lines = [];
  if (finding.table !== null) lines.push(app.say("today.other_table", { table: finding.table }));
  if (finding.isReleased) lines.push(app.say("today.other_phone"));
  if (reason === REASON.OTHER_POINT && found?.pointId) {
    /** @type {import("../../domain/district.js").Point[]} */
    const points = phone.district?.points ?? [];
    const point = points.find(({ id }) => areEqual(id, /** @type {any} */ (found.pointId)));
    const name = point && (point.names[words.chosen] ?? Object.values(point.names)[0] ?? point.code);
    if (name) lines.push(app.say("today.point", { point: name }));
  }
  const awaited = finding.match ? phone.lease?.hours.day : found?.day;
  const tellsDay = reason === REASON.OTHER_POINT || reason === REASON.OTHER_DAY;
  if (tellsDay && awaited) lines.push(words.day(awaited));
  return lines.map((line) => h("p", { class: "verdict__why" }, line));
}

/** @param {App} app @param {Result} result */
function supervise(app, result) {
  app.show(() =>
    secondScreen(app, (second) => {
      if (second) app.show(() => supervisedScreen(app, result, second.operator));
      else app.show(() => refusedScreen(app, result));
    }),
  );
}

/** @param {App} app @param {Result} result @param {import("../../domain/octets.js").Octets} second */
function supervisedScreen(app, result, second) {
  const listed = result.finding.match?.goods ?? app.phone.usual;
  // who is not on the list may be a household of any size
  const goods = new Picked(app, listed, result.finding.match ? 0 : UNLISTED_MAX);
  const word = h("textarea", { name: "word", rows: 3, maxlength: 500 });
  const give = async () => {
    const given = await app.phone.deliverSupervised(result, {
      goods: goods.picked(),
      now: app.now(),
      operator: app.operator.operator,
      second,
      word: word.value,
    });
    app.show(() => doneScreen(app, given));
  };
  const back = () => app.show(() => refusedScreen(app, result));
  return h(
    "section",
    { class: "page", "data-screen": "supervised" },
    heading(app.say("supervised.start")),
    listed.length ? goods.element : h("p", { class: "told" }, app.say("goods.no_list")),
    h("label", { class: "form" }, app.say("supervised.word"), word),
    listed.length && button(app.say("goods.given"), give, { kind: "main", name: "give" }),
    button(app.say("action.back"), back, { name: "back" }),
  );
}

/** @param {App} app @param {import("../../domain/octets.js").Octets | null} receipt @param {Result | null} refused @returns {HTMLElement} */
function receiptScreen(app, receipt, refused) {
  const words = h("ol", { class: "spoken" });
  const appeal = refused ? refused.scan.today + (app.phone.lease?.appealDays ?? 30) : null;
  const back = () => app.show(refused ? () => refusedScreen(app, refused) : scanScreen);
  const drawn = receipt ? codeOf(base45.encode(receipt), app.say("receipt.title")) : null;
  if (receipt) {
    spokenCode(receipt).then((spoken) => {
      words.append(...spoken.map((one) => h("li", {}, one)));
    });
  }
  return h(
    "section",
    { class: "page", "data-screen": "receipt" },
    heading(app.say("receipt.title")),
    h("p", {}, app.say("receipt.explained")),
    drawn,
    h("h2", {}, app.say("receipt.spoken_code")),
    words,
    appeal !== null && h("p", {}, app.say("receipt.appeal_until", { day: app.words.day(appeal) })),
    button(app.say("action.back"), back, { name: "back" }),
    button(app.say("action.next_card"), () => app.show(scanScreen), { kind: "main", name: "next" }),
    button(app.say("day.home"), () => app.show(homeScreen), { name: "home" }),
  );
}

/** Quantities as pictures, each of which may be changed: what cannot be given is not given. */
class Picked {
  /** @param {App} app @param {Goods} goods @param {number} [most] of each, where it is more */
  constructor(app, goods, most = 0) {
    this.app = app;
    this.goods = goods.map(([unit, quantity]) => {
      return { unit, most: Math.max(most, quantity), quantity };
    });
    this.element = h("div", { class: "goods" });
    this.draw();
  }

  draw() {
    this.element.replaceChildren(...this.goods.map((row) => this.row(row)));
  }

  /** @param {{unit: number, most: number, quantity: number}} row */
  row(row) {
    const { app } = this;
    const name = app.say("goods.item", { number: row.unit });
    const change = (/** @type {number} */ by) => () => {
      const wanted = Math.min(row.most, Math.max(0, row.quantity + by));
      // a delivery of nothing is none: then the scan is stopped, or it has run out
      if (this.total - row.quantity + wanted > 0) row.quantity = wanted;
      this.draw();
    };
    const count = Math.min(row.quantity, PICTURES_MAX);
    const boxes = Array.from({ length: count }, () =>
      picture(BOX, 24, { class: "box", "aria-hidden": "true" }),
    );
    return h(
      "div",
      { class: "good" },
      h("div", { class: "good__boxes" }, ...boxes),
      h("p", { class: "good__count" }, `${app.words.shown(row.quantity)} × `, h("span", {}, name)),
      h(
        "div",
        { class: "good__change" },
        h("button", { type: "button", class: "step", "aria-label": app.say("goods.less"), onclick: change(-1) }, "−"),
        h("button", { type: "button", class: "step", "aria-label": app.say("goods.more"), onclick: change(1) }, "+"),
      ),
    );
  }

  /** @returns {Goods} without what is not given; never empty */
  picked() {
    const given = this.goods.filter(({ quantity }) => quantity > 0);
    return given.map(({ unit, quantity }) => [unit, quantity]);
  }

  get total() {
    return this.goods.reduce((sum, { quantity }) => sum + quantity, 0);
  }
}

/** @param {string} sign @param {string} word */
function shape(sign, word) {
  return h(
    "h1",
    { tabindex: "-1", class: "verdict__word" },
    h("span", { class: "verdict__shape", "aria-hidden": "true" }, sign),
    word,
  );
}
