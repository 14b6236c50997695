/** Who collects: somebody named on the card, or somebody else for a reason of the closed list. */

import { PROXY_REASON } from "../../domain/event.js";
import { CHECK, ROLE } from "../../domain/lease.js";
import { button, h, heading } from "../dom.js";

/** @typedef {import("../main.js").App} App */
/** @typedef {import("../../domain/lease.js").Collector} Collector */
/** @typedef {(collector: import("../phone.js").Result["collector"]) => void} Done */

/** @type {Record<number, string>} */
const ROLE_WORDS = { [ROLE.PRIMARY]: "collector.primary", [ROLE.ALTERNATE]: "collector.alternate" };
/** @type {Record<number, string>} */
const REASON_WORDS = {
  [PROXY_REASON.CANNOT_COME]: "proxy.cannot_come",
  [PROXY_REASON.WORKS_OR_STUDIES]: "proxy.works_or_studies",
  [PROXY_REASON.LIVES_FAR]: "proxy.lives_far",
  [PROXY_REASON.INSTITUTION_COLLECTS]: "proxy.institution_collects",
};

/**
 * Ask who of the people named on the card collects.
 *
 * @param {App} app @param {Collector[]} collectors @param {Done} done @returns {HTMLElement}
 */
export function collectorScreen(app, collectors, done) {
  const asksPin = app.phone.lease?.check === CHECK.PIN;
  const told = h("p", { role: "status", class: "told" });
  const pin = h("input", { name: "holder-pin", inputmode: "numeric", autocomplete: "off" });
  const take = (/** @type {Collector} */ one) => () => {
    if (asksPin && pin.value !== one.pin) told.textContent = app.say("staff.pin_wrong");
    else done({ role: one.role, proxyReason: null });
  };
  const other = () => app.show(() => proxyScreen(app, collectors, done));
  return h(
    "section",
    { class: "page", "data-screen": "collector" },
    heading(app.say(asksPin ? "collector.ask_pin" : "collector.ask_name")),
    asksPin && h("label", { class: "form" }, app.say("collector.pin"), pin),
    told,
    !collectors.length && h("p", { class: "told" }, app.say("collector.no_names")),
    ...collectors.map((one) =>
      button(`${one.name} · ${app.say(ROLE_WORDS[one.role])}`, take(one), { name: "collector" }),
    ),
    button(app.say("collector.proxy"), other, { name: "proxy" }),
    button(app.say("collector.not_this_person"), () => done(null), { name: "nobody" }),
  );
}

/** @param {App} app @param {Collector[]} collectors @param {Done} done */
function proxyScreen(app, collectors, done) {
  const take = (/** @type {number} */ proxyReason) => () => done({ role: ROLE.PROXY, proxyReason });
  return h(
    "section",
    { class: "page", "data-screen": "proxy" },
    heading(app.say("collector.proxy")),
    ...Object.entries(REASON_WORDS).map(([reason, word]) =>
      button(app.say(word), take(Number(reason)), { name: `proxy-${reason}` }),
    ),
    button(app.say("action.back"), () => app.show(() => collectorScreen(app, collectors, done)), {
      name: "back",
    }),
  );
}
