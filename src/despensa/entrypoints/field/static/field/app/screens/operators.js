/** Who works with the phone: two taps and a PIN; also the second person somebody needs. */

import { button, h, heading } from "../dom.js";
import { pinCodeScreen } from "./pincode.js";
import { exporting } from "./exporting.js";
import { areEqual } from "../../domain/octets.js";
import { WRONG_MAX, isPin } from "../pins.js";

/** @typedef {import("../main.js").App} App */
/** @typedef {import("../phone.js").Operator} Operator */

/** @param {App} app */
export function operatorsScreen(app) {
  /** @type {Operator[]} */
  const operators = app.phone.trust.operators;
  const nobody = h("p", { class: "told" }, app.say("staff.nobody"));
  const again = button(app.say("lease.get"), () => app.fetch(operatorsScreen), { name: "fetch" });
  return h(
    "section",
    { class: "page", "data-screen": "operators" },
    heading(app.say("staff.who")),
    ...(operators.length ? operators.map((one) => choice(app, one)) : [nobody, again]),
    // whoever finds a dying phone saves what it wrote, without knowing a PIN
    ...exporting(app),
    app.footer(),
  );
}

/** @param {App} app @param {Operator} one */
function choice(app, one) {
  const entered = (/** @type {boolean} */ right) =>
    right ? app.enter(one) : app.show(operatorsScreen);
  const enter = () => app.show(() => pinScreen(app, one, "staff.pin", entered));
  return button(one.name, enter, { name: "operator" });
}

/**
 * Ask for a second person and her PIN; `done` gets her, or null when nobody is there.
 *
 * @param {App} app @param {(second: Operator | null) => void} done
 */
export function secondScreen(app, done) {
  const first = app.operator.operator;
  /** @type {Operator[]} */
  const named = app.phone.trust.operators;
  const others = named.filter((one) => !areEqual(one.operator, first));
  const ask = (/** @type {Operator} */ one) => () =>
    app.show(() => pinScreen(app, one, "staff.second_pin", (right) => done(right ? one : null)));
  return h(
    "section",
    { class: "page", "data-screen": "second" },
    heading(app.say("staff.choose_second")),
    h("p", {}, app.say("staff.second_same")),
    ...others.map((one) => button(one.name, ask(one), { name: "operator" })),
    button(app.say("action.cancel"), () => done(null), { name: "cancel" }),
  );
}

/**
 * Ask for a PIN; its owner chooses it with her own code of the office.
 *
 * @param {App} app @param {Operator} one @param {string} word @param {(right: boolean) => void} done
 * @param {string | null} code the id of her code, read before
 * @returns {HTMLElement}
 */
function pinScreen(app, one, word, done, code = null) {
  const choose = () => {
    app.show(() => pinCodeScreen(app, one, done, (id) => app.show(() => pinScreen(app, one, word, done, id))));
  };
  const isNew = code !== null;
  if (!isNew && !app.phone.hasPin(one.operator)) {
    return pinCodeScreen(app, one, done, (id) => app.show(() => pinScreen(app, one, word, done, id)));
  }
  const told = h("p", { role: "status", class: "told" });
  const digits = {
    type: "password",
    inputmode: "numeric",
    autocomplete: "off",
    minlength: 4,
    maxlength: 8,
  };
  const pin = h("input", { ...digits, name: "pin" });
  const again = h("input", { ...digits, name: "again" });

  async function check(/** @type {Event} */ event) {
    event.preventDefault();
    const typed = pin.value;
    pin.value = "";
    if (code !== null) {
      if (!isPin(typed)) return tell("staff.set_pin");
      if (typed !== again.value) return tell("staff.not_same");
      await app.phone.setPin(one.operator, typed, code);
      return done(true);
    }
    if (await app.phone.checkPin(one.operator, typed)) return done(true);
    told.dataset.wrong = app.phone.pins.wrong;
    tell(app.phone.pins.wrong >= WRONG_MAX ? "staff.list_destroyed" : "staff.pin_wrong");
    pin.focus();
  }

  function tell(/** @type {string} */ key) {
    told.textContent = app.say(key);
  }

  return h(
    "section",
    { class: "page", "data-screen": "pin" },
    heading(one.name),
    h(
      "form",
      { class: "form", onsubmit: check },
      h("label", {}, app.say(isNew ? "staff.set_pin" : word), pin),
      isNew && h("label", {}, app.say("staff.again"), again),
      told,
      h("button", { class: "act act--main", "data-act": "confirm" }, app.say("action.confirm")),
    ),
    !isNew && button(app.say("staff.forgotten"), choose, { name: "forgotten" }),
    button(app.say("action.back"), () => done(false), { name: "back" }),
  );
}
