"""
The device certificate: the authority's word for which phone signs with which keys, until when.

Decides whether a certificate is the authority's and what it says; whether a phone was revoked
is known to the server alone. Source: docs/reference/formats.md section 3.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from despensa.domain.encoding import cose
from despensa.domain.payload import ID_LENGTH, KEY_LENGTH, Reader, without_header

LABEL = b"despensa/device/1"
VERSION = 1
CERTIFICATE_SECONDS = 90 * 86_400
_KEYS = frozenset(range(9))


class Protection(IntEnum):
    """How the phone keeps its private keys."""

    NON_EXTRACTABLE = 1
    WRAPPED_SEED = 2
    SERVER_HELD_DEMO = 3


@dataclass(frozen=True, slots=True)
class DeviceCertificate:
    """What the authority says about one phone; times are seconds UTC."""

    device_id: bytes
    workspace_id: bytes
    signing_key: bytes
    sealing_key: bytes
    area_id: bytes
    issued_at: int
    expires_at: int
    protection: Protection

    @property
    def keys(self) -> dict[bytes, bytes]:
        """Return the phone's signing key by its key id, as `cose.verify` wants it."""
        return {cose.key_id(self.signing_key): self.signing_key}

    def is_current(self, now: int) -> bool:
        """Return whether the certificate holds at an instant."""
        return self.issued_at <= now < self.expires_at


def sign_certificate(
    certificate: DeviceCertificate, *, public_key: bytes, signer: cose.Signer
) -> bytes:
    """
    Return the certificate signed by the authority.

    Source: docs/reference/formats.md section 3.
    """
    return cose.sign(to_map(certificate), label=LABEL, public_key=public_key, signer=signer)


def to_map(certificate: DeviceCertificate) -> dict[int, Any]:
    """
    Return the map the authority signs, for a keeper that holds its key.

    Source: docs/reference/formats.md section 3.
    """
    return {
        0: VERSION,
        1: certificate.device_id,
        2: certificate.workspace_id,
        3: certificate.signing_key,
        4: certificate.sealing_key,
        5: certificate.area_id,
        6: certificate.issued_at,
        7: certificate.expires_at,
        8: int(certificate.protection),
    }


def first_certificate(
    *,
    device: bytes,
    workspace: bytes,
    signing_key: bytes,
    sealing_key: bytes,
    area: bytes,
    protection: Protection,
    now: int,
) -> DeviceCertificate:
    """Return what the authority says of a phone that is enrolled now."""
    return DeviceCertificate(
        device_id=device,
        workspace_id=workspace,
        signing_key=signing_key,
        sealing_key=sealing_key,
        area_id=area,
        issued_at=now,
        expires_at=now + CERTIFICATE_SECONDS,
        protection=protection,
    )


def verify_certificate(data: bytes, *, authority_keys: Mapping[bytes, bytes]) -> DeviceCertificate:
    """
    Return what a certificate says once one of the authority's keys vouches for it.

    The dates are not compared with a clock: a receipt stays provable after its phone's
    certificate ran out. Callers that accept new work ask `is_current`.

    Raises: cose.MalformedSignature, cose.UnknownKey, cose.BadSignature.
    """
    verified = cose.verify(data, label=LABEL, keys=authority_keys, allowed=_KEYS)
    fields = Reader("device certificate", without_header(verified, "device certificate"))
    fields.exactly(_KEYS)
    fields.uint(0, at_least=VERSION, at_most=VERSION)
    issued_at = fields.uint(6)
    return DeviceCertificate(
        device_id=fields.octets(1, ID_LENGTH),
        workspace_id=fields.octets(2, ID_LENGTH),
        signing_key=fields.octets(3, KEY_LENGTH),
        sealing_key=fields.octets(4, KEY_LENGTH),
        area_id=fields.octets(5, ID_LENGTH),
        issued_at=issued_at,
        expires_at=fields.uint(7, at_least=issued_at + 1),
        protection=Protection(fields.uint(8, at_least=1, at_most=3)),
    )


def certificate_hash(data: bytes) -> bytes:
    """Return H(certificate), the hash that the phone's first event points back to."""
    return hashlib.sha256(data).digest()
