/** Building what is on the screen, without inline style or script. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * Return an element; `on...` attributes are listeners, true is an empty attribute, false none.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Record<string, any>} [attributes] @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/**
 * Return a picture made of one path.
 *
 * @param {string} path @param {number} side of the square it is drawn in
 * @param {Record<string, string>} attributes
 */
export function picture(path, side, attributes) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${side} ${side}`);
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  const drawn = document.createElementNS(SVG, "path");
  drawn.setAttribute("d", path);
  svg.append(drawn);
  return svg;
}

/**
 * Return a wide button.
 *
 * @param {string} text @param {(event: Event) => unknown} onclick
 * @param {{kind?: string, name?: string, disabled?: boolean}} [how]
 */
export function button(text, onclick, { kind = "quiet", name, disabled = false } = {}) {
  let isBusy = false;
  // two taps are one act: the second one comes while the first is being written
  const once = async (/** @type {Event} */ event) => {
    if (isBusy) return;
    isBusy = true;
    try {
      await onclick(event);
    } finally {
      isBusy = false;
    }
  };
  const attributes = { type: "button", class: `act act--${kind}`, onclick: once, disabled };
  return h("button", name ? { ...attributes, "data-act": name } : attributes, text);
}

/** @param {string} text the heading, which is told first by a reader of screens */
export function heading(text) {
  return h("h1", { tabindex: "-1" }, text);
}
