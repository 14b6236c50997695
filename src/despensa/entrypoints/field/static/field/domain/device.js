/**
 * The device certificate: the authority's word for which phone signs with which keys, until when.
 *
 * The twin of domain/device.py. Source: docs/reference/formats.md section 3.
 */

import * as cose from "./cose.js";
import { hex } from "./octets.js";
import { ID_LENGTH, KEY_LENGTH, withoutHeader } from "./payload.js";

/** @typedef {import("./octets.js").Octets} Octets */

export const LABEL = "despensa/device/1";
export const PROTECTION = Object.freeze({ NON_EXTRACTABLE: 1, WRAPPED_SEED: 2, SERVER_HELD_DEMO: 3 });
const KEYS = [0, 1, 2, 3, 4, 5, 6, 7, 8];

/**
 * @typedef {object} DeviceCertificate
 * @property {Octets} deviceId
 * @property {Octets} workspaceId
 * @property {Octets} signingKey raw Ed25519
 * @property {Octets} sealingKey raw X25519
 * @property {Octets} areaId
 * @property {number} issuedAt seconds UTC
 * @property {number} expiresAt
 * @property {number} protection
 */

/**
 * Return what a certificate says once one of the authority's keys vouches for it.
 *
 * @param {Uint8Array} data @param {cose.KeyRing} authorityKeys
 * @returns {Promise<DeviceCertificate>}
 * @throws {cose.MalformedSignature | cose.UnknownKey | cose.BadSignature}
 */
export async function verifyCertificate(data, authorityKeys) {
  const verified = await cose.verify(data, { label: LABEL, keys: authorityKeys });
  const fields = withoutHeader(verified, "device certificate");
  fields.exactly(KEYS);
  fields.uint(0, 1, 1);
  const issuedAt = fields.uint(6);
  return {
    deviceId: fields.octets(1, ID_LENGTH),
    workspaceId: fields.octets(2, ID_LENGTH),
    signingKey: fields.octets(3, KEY_LENGTH),
    sealingKey: fields.octets(4, KEY_LENGTH),
    areaId: fields.octets(5, ID_LENGTH),
    issuedAt,
    expiresAt: fields.uint(7, issuedAt + 1),
    protection: fields.uint(8, 1, 3),
  };
}

/** @param {Octets} deviceId @returns {string} how the office calls a phone, such as 7F3A-21C0 */
export function markOf(deviceId) {
  const digits = hex(deviceId).slice(0, 8).toUpperCase();
  return `${digits.slice(0, 4)}-${digits.slice(4)}`;
}

/** @param {DeviceCertificate} certificate @returns {Promise<cose.KeyRing>} the phone's one key */
export function keysOf(certificate) {
  return cose.keyRing([certificate.signingKey]);
}
