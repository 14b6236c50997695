/**
 * The slip: a signed correction that a phone without network scans into its lease.
 *
 * The twin of domain/slip.py. Source: docs/reference/formats.md section 3.
 */

import * as cose from "./cose.js";
import { readCard, readScope } from "./lease.js";
import { ID_LENGTH, withoutHeader } from "./payload.js";

const LABEL = "despensa/slip/1";
const KEYS = [0, 1, 2, 3, 4, 5, 6, 7, 8];
export const SLIP = Object.freeze({ REPLACEMENT: 1, LATE_ENTRANT: 2, MOVE: 3 });

/**
 * Return a slip once one of the listed keys (authority or releasing phones) vouches for it.
 *
 * @param {Uint8Array} data @param {cose.KeyRing} keys
 * @throws {cose.MalformedSignature | cose.UnknownKey | cose.BadSignature}
 */
export async function verifySlip(data, keys) {
  const fields = withoutHeader(await cose.verify(data, { label: LABEL, keys }), "slip");
  fields.exactly(KEYS);
  fields.uint(0, 1, 1);
  const kind = fields.uint(3, 1, 3);
  const oldTag = fields.octetsOrNull(4, ID_LENGTH);
  if ((oldTag !== null) !== (kind === SLIP.REPLACEMENT)) {
    fields.refuse(4, "must name the replaced tag in a replacement and only there");
  }
  return {
    slipId: fields.octets(1, ID_LENGTH),
    leaseId: fields.octets(2, ID_LENGTH),
    kind,
    oldTag,
    card: readCard(fields, 5, fields.value(5)),
    goods: fields.goods(6),
    scope: readScope(fields, 7, fields.value(7)),
    expiresAt: fields.uint(8),
  };
}
