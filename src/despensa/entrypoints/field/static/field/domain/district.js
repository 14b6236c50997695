/**
 * What a phone may say of cards that are not on its list: status, point and day, by a short tag.
 *
 * Source: docs/reference/device-api.md, District.
 */

import { ID_LENGTH, Reader } from "./payload.js";

/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {{id: Octets, code: string, names: Record<string, string>}} Point */
/** @typedef {{points: Point[], records: Uint8Array}} District records of 12 bytes, ascending */

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
  return { points, records };
}

/**
 * Return what the district knows of a tag, null when it is not in it.
 *
 * @param {District} district @param {Uint8Array} tag
 * @returns {import("./decide.js").Elsewhere | null}
 */
export function lookUp({ points, records }, tag) {
  let [low, high] = [0, records.length / RECORD_LENGTH];
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compared(records, middle * RECORD_LENGTH, tag);
    if (order === 0) return record(points, records, middle * RECORD_LENGTH + TAG_LENGTH);
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
