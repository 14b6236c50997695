/**
 * Base45, read strictly: one text for one byte string.
 *
 * The twin of domain/card/base45.py. Source: RFC 9285 section 4.
 */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** The text is not the base45 form of any bytes. */
export class Base45Error extends Error {}

/**
 * Return the bytes of a base45 text.
 *
 * @param {string} text
 * @returns {Uint8Array}
 * @throws {Base45Error} on another character, a length no bytes have, or a group out of range.
 */
export function decode(text) {
  const odd = text.length % 3;
  if (odd === 1) throw new Base45Error("no bytes have a base45 text of this length");
  const whole = text.length - odd;
  const data = new Uint8Array((whole / 3) * 2 + (odd ? 1 : 0));
  let place = 0;
  for (let index = 0; index < whole; index += 3) {
    const number = value(text, index) + 45 * value(text, index + 1) + 2025 * value(text, index + 2);
    if (number > 0xffff) throw new Base45Error("a group stands for more than two bytes");
    data[place++] = number >> 8;
    data[place++] = number & 0xff;
  }
  if (odd) {
    const last = value(text, whole) + 45 * value(text, whole + 1);
    if (last > 0xff) throw new Base45Error("the last group stands for more than one byte");
    data[place] = last;
  }
  return data;
}

/**
 * @param {string} text
 * @param {number} index
 */
function value(text, index) {
  const found = ALPHABET.indexOf(text.charAt(index));
  if (found < 0) throw new Base45Error("a character outside the base45 alphabet");
  return found;
}

/** @param {Uint8Array} data @returns {string} */
export function encode(data) {
  let text = "";
  for (let place = 0; place < data.length; place += 2) {
    const isPair = place + 1 < data.length;
    let number = isPair ? data[place] * 256 + data[place + 1] : data[place];
    for (let left = isPair ? 3 : 2; left > 0; left--) {
      text += ALPHABET[number % 45];
      number = Math.floor(number / 45);
    }
  }
  return text;
}
