/**
 * The code by which an operator sets a PIN on one phone: her own, shown to her alone by the office.
 *
 * The twin of domain/pin_code.py; both play vectors/phone/pin.json.
 * Source: docs/reference/formats.md section 21; docs/decisions/0040.
 */

import * as cose from "./cose.js";
import { areEqual, hex } from "./octets.js";
import { ID_LENGTH, withoutHeader } from "./payload.js";

/** @typedef {import("./octets.js").Octets} Octets */

const LABEL = "despensa/pin/1";

/** The code sets no PIN; `trouble` says why, in the words of the vectors. */
export class PinCodeRefused extends Error {
  /** @param {string} trouble */
  constructor(trouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

/**
 * Return the id of a code that sets a PIN here and now for this operator.
 *
 * @param {Uint8Array} data
 * @param {{workspaceId: Uint8Array, deviceId: Uint8Array, operatorId: Uint8Array, used: string[],
 *   now: number, authorityKeys: cose.KeyRing}} asked `used` are ids in hex
 * @returns {Promise<string>} in hex
 * @throws {PinCodeRefused}
 */
export async function readPinCode(data, asked) {
  const { workspaceId, deviceId, operatorId, expiresAt, codeId } = await verified(data, asked.authorityKeys);
  const isHere = areEqual(workspaceId, asked.workspaceId) && areEqual(deviceId, asked.deviceId);
  if (!isHere) throw new PinCodeRefused("other_phone");
  if (!areEqual(operatorId, asked.operatorId)) throw new PinCodeRefused("other_person");
  if (asked.used.includes(hex(codeId))) throw new PinCodeRefused("used");
  if (asked.now >= expiresAt) throw new PinCodeRefused("expired");
  return hex(codeId);
}

/** @param {Uint8Array} data @param {cose.KeyRing} keys */
async function verified(data, keys) {
  try {
    const fields = withoutHeader(await cose.verify(data, { label: LABEL, keys }), "PIN code");
    fields.exactly([0, 1, 2, 3, 4, 5]);
    fields.uint(0, 1, 1);
    return {
      workspaceId: fields.octets(1, ID_LENGTH),
      deviceId: fields.octets(2, ID_LENGTH),
      operatorId: fields.octets(3, ID_LENGTH),
      expiresAt: fields.uint(4),
      codeId: fields.octets(5, ID_LENGTH),
    };
  } catch (error) {
    if (error instanceof cose.MalformedSignature) throw new PinCodeRefused("malformed");
    if (error instanceof cose.UnknownKey) throw new PinCodeRefused("unknown_key");
    if (error instanceof cose.BadSignature) throw new PinCodeRefused("bad_signature");
    throw error;
  }
}
