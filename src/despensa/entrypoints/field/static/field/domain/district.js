/**
 * What a phone may say of cards that are not on its list: status, point and day, by a short tag.
 *
 * Source: docs/reference/device-api.md, District.
 */

import { ID_LENGTH, Reader } from "./payload.js";

/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {{id: Octets, code: string, names: Record<string, string>}} Point */
/** @typedef {{number: number, tags: Uint8Array}} Table short tags, ascending */
/** @typedef {{points: Point[], records: Uint8Array, tables: Table[]}} District records of 12 bytes,
 *   ascending; the other tables of the session */

const TAG_LENGTH = 8;
const RECORD_LENGTH = 12;
const NO_POINT = 255;

/** @param {Map<any, any>} answer @returns {District} @throws {import("./cose.js").MalformedSignature} */
export function readDistrict(answer) {
  const fields = new Reader("district", answer);
  const points = fields.array(1).map((row) => {
    const [id, code, names] = fields.asArray(1, row, 3);
    if (!(names instanceof Map)) fields.refuse(1, "must name each point");
    return {
      id: fields.asOctets(1, id, ID_LENGTH),
      code: fields.asText(1, code),
      names: Object.fromEntries(names),
    };
  });
  const records = fields.value(2);
  if (!(records instanceof Uint8Array) || records.length % RECORD_LENGTH) {
    fields.refuse(2, "must hold records of 12 bytes");
  }
  const tables = fields.array(3).map((row) => {
    const [number, tags] = fields.asArray(3, row, 2);
    if (!(tags instanceof Uint8Array) || tags.length % TAG_LENGTH) {
      fields.refuse(3, "must hold short tags of each table");
    }
    return { number: fields.asUint(3, number), tags };
  });
  return { points, records, tables };
}

/**
 * Return the table of this session whose phone holds a tag, null when no other one does.
 *
 * @param {District} district @param {Uint8Array} tag
 * @returns {number | null}
 */
export function tableOf({ tables }, tag) {
  const found = tables.find(({ tags }) => placeOf(tags, TAG_LENGTH, tag) !== null);
  return found ? found.number : null;
}

/**
 * Return what the district knows of a tag, null when it is not in it.
 *
 * @param {District} district @param {Uint8Array} tag
 * @returns {import("./decide.js").Elsewhere | null}
 */
export function lookUp({ points, records }, tag) {
  const place = placeOf(records, RECORD_LENGTH, tag);
  return place === null ? null : record(points, records, place + TAG_LENGTH);
}

/**
 * @param {Uint8Array} rows each beginning with a short tag, ascending @param {number} length of a row
 * @param {Uint8Array} tag
 * @returns {number | null} where the row begins
 */
function placeOf(rows, length, tag) {
  let [low, high] = [0, rows.length / length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compared(rows, middle * length, tag);
    if (order === 0) return middle * length;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return null;
}

/** @param {Point[]} points @param {Uint8Array} records @param {number} place */
function record(points, records, place) {
  const [status, number, high, low] = records.subarray(place, place + RECORD_LENGTH - TAG_LENGTH);
  const day = high * 256 + low;
  const pointId = number === NO_POINT ? null : (points[number]?.id ?? null);
  return { status, pointId, day: day || null };
}

/** @param {Uint8Array} records @param {number} place @param {Uint8Array} tag */
function compared(records, place, tag) {
  for (let index = 0; index < TAG_LENGTH; index++) {
    const order = records[place + index] - tag[index];
    if (order) return order;
  }
  return 0;
}
