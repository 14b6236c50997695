/**
 * What the phone says to the server: signed requests and sealed batches, never a card.
 *
 * Source: docs/reference/device-api.md.
 */

import * as cbor from "../card/cbor.js";
import { randomOctets } from "../crypto/primitives.js";
import * as cose from "../domain/cose.js";
import { Reader } from "../domain/payload.js";
import { signerOf } from "./store/keys.js";

/** @typedef {import("../domain/octets.js").Octets} Octets */
/** @typedef {import("./store/keys.js").DeviceKeys} DeviceKeys */

export const ASK = Object.freeze({ LISTS: 1, STATES: 2, DISTRICT: 3 });
const BASE = "/api/v1/device/";
const LOG = "/api/v1/log/";
const TIMEOUT_MS = 30_000;

/** The server did not answer as it should: which problem, and how long to wait at least. */
export class NotAnswered extends Error {
  /** @param {string} problem @param {number | null} waitSeconds */
  constructor(problem, waitSeconds = null) {
    super(problem);
    this.problem = problem;
    this.waitSeconds = waitSeconds;
  }
}

/**
 * Return what the server answers to a request.
 *
 * @param {string} path @param {Octets} body
 * @returns {Promise<cbor.Value>}
 * @throws {NotAnswered} with `no-network` where there is none.
 */
export async function post(path, body) {
  const answer = await sent(path, body);
  if (!answer.ok) throw await refused(answer);
  return cbor.decode(new Uint8Array(await answer.arrayBuffer()));
}

/**
 * Return a tile of the log; a partial one that was filled since is the beginning of the full one.
 *
 * @param {string} path
 * @returns {Promise<Uint8Array>}
 * @throws {NotAnswered}
 */
export async function tileOf(path) {
  const whole = path.replace(/\.p\/[0-9]+$/, "");
  for (const name of new Set([path, whole])) {
    const answer = await fetched(`${LOG}${name}`, { method: "GET" });
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
    if (answer.status !== 404) throw await refused(answer);
  }
  throw new NotAnswered("internal");
}

/** @param {string} path @param {Octets} body */
async function sent(path, body) {
  return fetched(BASE + path, {
    method: "POST",
    body,
    headers: { "Content-Type": "application/cbor" },
  });
}

/** @param {string} address @param {RequestInit} how */
async function fetched(address, how) {
  const rest = /** @type {const} */ ({ credentials: "omit", cache: "no-store" });
  try {
    return await fetch(address, { ...how, ...rest, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new NotAnswered("no-network");
  }
}

/** @param {Response} answer */
async function refused(answer) {
  const wait = Number(answer.headers.get("Retry-After"));
  const problem = await answer.json().catch(() => ({}));
  const name = String(problem.type ?? "").split(":").at(-1) || "internal";
  return new NotAnswered(name, wait > 0 ? wait : null);
}

/** @param {DeviceKeys} keys @param {Uint8Array} code */
export function enrolment(keys, code) {
  const { deviceId, signingKey, sealingKey, protection } = keys;
  const fields = [1, code, deviceId, signingKey, sealingKey, protection];
  return signed(keys, "despensa/enrol/1", fields);
}

/** @param {DeviceKeys} keys @param {number} what @param {cbor.Value[]} words */
export function request(keys, what, words = []) {
  return signed(keys, "despensa/request/1", [1, keys.deviceId, randomOctets(16), what, words]);
}

/** @param {DeviceKeys} keys @param {string} label @param {cbor.Value[]} fields */
function signed(keys, label, fields) {
  const payload = new Map(fields.map((value, key) => [key, value]));
  return cose.sign(payload, { label, publicKey: keys.signingKey, signer: signerOf(keys) });
}

/** @param {string} name @param {cbor.Value} answer @returns {Reader} of an answer's map */
export function fieldsOf(name, answer) {
  if (!(answer instanceof Map)) throw new cose.MalformedSignature(`${name}: no map`);
  return new Reader(name, answer);
}
