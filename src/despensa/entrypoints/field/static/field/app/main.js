/**
 * The phone app: opens the store, shows one screen at a time, sends what waits.
 *
 * Source: docs/explanation/design.md sections 7.6 to 7.8.
 */

import { hex } from "../domain/octets.js";
import { ABORT } from "../domain/refusal.js";
import { h } from "./dom.js";
import { NotNow, Phone } from "./phone.js";
import { OtherLog, forgetProven } from "./proving.js";
import { enrolScreen } from "./screens/enrol.js";
import { homeScreen } from "./screens/home.js";
import { operatorsScreen } from "./screens/operators.js";
import { exported, fetchList, sendAll, waitAfter } from "./sending.js";
import { Store } from "./store/database.js";
import { LANGUAGES, Words } from "./words.js";
import { NotAnswered } from "./wire.js";

/** @typedef {(app: App) => HTMLElement} Screen */

const PROTECTED_LOCK = "despensa-phone";
const QUIET_MS = 1500;
const PROOF_MS = 600_000;

export class App {
  /** @param {Store} store @param {Words} words @param {HTMLElement} room */
  constructor(store, words, room) {
    this.store = store;
    this.words = words;
    this.room = room;
    /** @type {any} set before any screen but enrolment is shown */
    this.phone = null;
    /** @type {any} */
    this.operator = null;
    /** @type {Screen} */
    this.screen = enrolScreen;
    /** @type {(() => void)[]} */
    this.endings = [];
    this.isRedrawn = false;
    this.isProtected = false;
    this.failures = 0;
    this.told = "sync.never";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.proofTimer = undefined;
    this.isProving = false;
    this.due = 0;
    this.notBefore = 0;
    /** @type {ServiceWorker | null} */
    this.update = null;
  }

  async begin() {
    this.phone = await Phone.open(this.store);
    this.isProtected = Boolean(await navigator.storage?.persist?.().catch(() => false));
    if (!this.phone) return this.show(enrolScreen);
    if (await this.phone.endExpired(this.now())) this.told = "lease.expired";
    this.operator = null;
    this.show(operatorsScreen);
    this.sendSoon(0);
    this.prove();
  }

  /** @param {string} key @param {Record<string, string | number>} [filled] */
  say(key, filled) {
    return this.words.say(key, filled);
  }

  now() {
    return Math.floor(Date.now() / 1000);
  }

  /** @param {() => void} ending done when the screen that is being made is left */
  leaving(ending) {
    this.endings.push(ending);
  }

  /** @param {Screen} screen */
  show(screen) {
    for (const ending of this.endings.splice(0)) ending();
    this.screen = screen;
    const shown = screen(this);
    this.room.replaceChildren(this.bar(), shown);
    this.room.querySelector("h1")?.focus();
    const wait = Math.max(QUIET_MS, this.notBefore - Date.now());
    if (this.phone && this.phone.journal.unsent) this.sendSoon(wait);
  }

  /** @param {string} language */
  async speak(language) {
    this.words.chosen = language;
    await this.store.write([["phone", "language", language]]);
    this.dress();
    this.isRedrawn = true;
    this.show(this.screen);
    this.isRedrawn = false;
  }

  dress() {
    document.documentElement.lang = this.words.chosen;
    document.documentElement.dir = this.words.direction;
    document.title = `${this.say("app.title")} · Despensa`;
  }

  bar() {
    const languages = Object.entries(LANGUAGES).map(([code, name]) =>
      h(
        "button",
        {
          type: "button",
          lang: code,
          "data-language": code,
          "aria-pressed": String(code === this.words.chosen),
          onclick: () => this.speak(code),
        },
        name,
      ),
    );
    const { unsent, unproven } = this.phone?.journal ?? { unsent: 0, unproven: 0 };
    const counts = { "data-unsent": unsent, "data-unproven": unproven };
    const count = h("span", { class: "unsent", ...counts }, this.waiting(unsent));
    return h(
      "header",
      { class: "bar" },
      h("nav", { class: "languages", "aria-label": this.say("app.language") }, ...languages),
      this.phone && count,
    );
  }

  /** @param {number} unsent */
  waiting(unsent) {
    return unsent ? this.say("sync.pending", { count: unsent }) : this.say("sync.nothing_waits");
  }

  footer() {
    /** @type {HTMLElement[]} */
    const parts = [h("p", { role: "status", class: "small", "data-told": this.told }, this.say(this.told))];
    if (!this.isProtected) parts.push(h("p", { class: "small" }, this.say("app.not_protected")));
    if (this.phone && this.phone.trust.expiresAt <= this.now()) {
      parts.push(h("p", { class: "told" }, this.say("device.certificate_ended")));
    }
    if (this.update && this.phone) parts.push(this.updatePart());
    return h("footer", { class: "foot" }, ...parts);
  }

  updatePart() {
    // another program never meets reports it did not write
    if (this.phone.journal.unsent || this.phone.sessionOpen) {
      return h("p", { class: "small" }, this.say("app.update_waits"));
    }
    const take = () => this.update?.postMessage("take over");
    const attributes = { type: "button", class: "act act--quiet", "data-act": "update", onclick: take };
    return h("button", attributes, this.say("app.update"));
  }

  /** @param {import("./phone.js").Operator} one */
  async enter(one) {
    if (await this.phone.endExpired(this.now())) this.told = "lease.expired";
    this.operator = one;
    this.show(homeScreen);
  }

  /** @param {Screen} screen where it is told what was found */
  async fetch(screen) {
    try {
      const { found, clockWrong } = await fetchList(this.phone, this.now());
      this.told = clockWrong ? "device.clock_wrong" : found ? "lease.ready" : "lease.none_waits";
    } catch (error) {
      this.tell(error);
    }
    this.show(screen);
  }

  async send() {
    try {
      const { setAside } = await sendAll(this.phone);
      this.failures = 0;
      this.told = setAside ? "sync.set_aside" : "sync.all_sent";
      this.prove();
    } catch (error) {
      this.tell(error);
      this.failures++;
      const asked = error instanceof NotAnswered ? error.waitSeconds : null;
      const wait = waitAfter(this.failures, asked, Math.random()) * 1000;
      this.notBefore = Date.now() + wait;
      this.sendSoon(wait);
    }
    this.redraw();
  }

  /** @param {number} wait milliseconds */
  sendSoon(wait) {
    // whoever works without a pause must not put off what waits
    const due = Date.now() + wait;
    if (this.timer && this.due <= due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.phone.journal.unsent) this.send();
    }, wait);
  }

  /** Forget what the log was proven to hold; what it does not hold yet is asked for again later. */
  async prove() {
    if (this.isProving) return;
    this.isProving = true;
    clearTimeout(this.proofTimer);
    try {
      await forgetProven(this.phone);
    } catch (error) {
      if (error instanceof OtherLog) this.told = "sync.other_log";
      else if (!(error instanceof NotAnswered)) throw error;
    } finally {
      this.isProving = false;
    }
    const { unsent, unproven } = this.phone.journal;
    if (unsent) this.sendSoon(QUIET_MS);
    else if (unproven) this.proofTimer = setTimeout(() => this.prove(), PROOF_MS * (0.5 + Math.random()));
    this.redraw();
  }

  /** Show the new count without taking the screen from under anybody's finger. */
  redraw() {
    this.room.querySelector("header")?.replaceWith(this.bar());
    this.room.querySelector("footer")?.replaceWith(this.footer());
  }

  async export() {
    const file = await exported(this.phone);
    const name = `despensa-${hex(this.phone.keys.deviceId).slice(0, 6)}-${this.now()}.events`;
    const address = URL.createObjectURL(file);
    const link = h("a", { href: address, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  /** Take this phone out of use; asked again here, because an event may have been written since. */
  async clear() {
    const { journal, lease, sessionOpen } = this.phone;
    if (journal.unsent || journal.unproven || lease || sessionOpen) throw new NotNow("phone.clear_waits");
    await this.store.destroy();
    location.reload();
  }

  /** @param {unknown} error */
  tell(error) {
    if (error instanceof NotNow) this.told = error.word;
    else if (!(error instanceof NotAnswered)) throw error;
    else this.told = error.problem === "no-network" ? "sync.no_network" : "sync.not_answered";
  }

  /**
   * Say that something went wrong; a scan it hit ends as aborted, and the next one may begin.
   *
   * @param {unknown} error
   */
  async fail(error) {
    const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
    const word = error instanceof NotNow ? error.word : isFull ? "device.storage_full" : "app.fault";
    const scan = this.phone?.journal.state.scan;
    if (scan) await this.phone.abort(ABORT.APP, this.now(), scan.operator).catch(() => {});
    const text = h("p", { role: "alert", class: "told", "data-fault": String(error) }, this.say(word));
    this.room.querySelector("section")?.prepend(text);
  }
}

/** @param {App} app @param {DOMStringMap} named */
async function keepForOffline(app, named) {
  if (!navigator.serviceWorker) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (app.update) location.reload();
  });
  const how = { scope: named.scope };
  const registration = await navigator.serviceWorker.register(named.worker ?? "", how);
  const noticed = () => {
    if (registration.waiting && navigator.serviceWorker.controller) app.update = registration.waiting;
    app.redraw();
  };
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", noticed);
  });
  await navigator.serviceWorker.ready;
  document.documentElement.dataset.offline = "ready";
  noticed();
}

async function start() {
  const room = /** @type {HTMLElement} */ (document.querySelector("[data-phone]"));
  const store = await Store.open();
  const words = await Words.load((await store.one("language")) ?? navigator.language.slice(0, 2));
  const app = new App(store, words, room);
  app.dress();
  // two tabs would write two versions of one journal: the lock is held as long as the page lives
  navigator.locks.request(PROTECTED_LOCK, { ifAvailable: true }, async (lock) => {
    if (!lock) {
      room.replaceChildren(h("p", { class: "told" }, app.say("app.open_elsewhere")));
      return;
    }
    addEventListener("unhandledrejection", (event) => app.fail(event.reason));
    addEventListener("online", () => app.phone && app.sendSoon(0));
    await app.begin();
    document.documentElement.dataset.ready = "yes";
    keepForOffline(app, room.dataset).catch(() => {});
    await new Promise(() => {});
  });
}

start();
