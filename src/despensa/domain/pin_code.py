"""
The code by which an operator sets a PIN on one phone: her own, shown to her alone by the office.

Nobody chooses a first PIN for a colleague, so that two PINs are two people. The code also helps who
forgot a PIN. The twin of `domain/pincode.js` of the phone; both play vectors/phone/pin.json.
Source: docs/reference/formats.md section 21; docs/decisions/0040.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from despensa.domain.encoding import cose
from despensa.domain.payload import ID_LENGTH, Reader, without_header

LABEL = b"despensa/pin/1"
VERSION = 1
CODE_SECONDS = 24 * 3600
_KEYS = frozenset(range(6))


class PinCodeTrouble(StrEnum):
    """Why a code sets no PIN; in the order in which it is asked."""

    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    OTHER_PHONE = "other_phone"
    OTHER_PERSON = "other_person"
    USED = "used"
    EXPIRED = "expired"


class PinCodeRefused(ValueError):
    """The code sets no PIN, for `trouble`."""

    def __init__(self, trouble: PinCodeTrouble) -> None:
        """Hold why."""
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class PinCode:
    """Who may set a PIN on which phone, once, until when."""

    workspace_id: bytes
    device_id: bytes
    operator_id: bytes
    expires_at: int
    code_id: bytes


def to_map(code: PinCode) -> dict[int, Any]:
    """Return the map the authority signs, for a keeper that holds its key."""
    return {
        0: VERSION,
        1: code.workspace_id,
        2: code.device_id,
        3: code.operator_id,
        4: code.expires_at,
        5: code.code_id,
    }


@dataclass(frozen=True, slots=True)
class Asked:
    """On which phone, by whom, and what the phone knows: codes that were used, and its clock."""

    workspace_id: bytes
    device_id: bytes
    operator_id: bytes
    used: frozenset[bytes]
    now: int
    authority_keys: Mapping[bytes, bytes] = field(repr=False)


def read_code(data: bytes, asked: Asked) -> PinCode:
    """
    Return a code that sets a PIN here and now for this operator.

    Raises: PinCodeRefused.
    """
    try:
        verified = cose.verify(data, label=LABEL, keys=asked.authority_keys, allowed=_KEYS)
        code = _from_map(Reader("PIN code", without_header(verified, "PIN code")))
    except cose.MalformedSignature as error:
        raise PinCodeRefused(PinCodeTrouble.MALFORMED) from error
    except cose.UnknownKey as error:
        raise PinCodeRefused(PinCodeTrouble.UNKNOWN_KEY) from error
    except cose.BadSignature as error:
        raise PinCodeRefused(PinCodeTrouble.BAD_SIGNATURE) from error
    if (code.workspace_id, code.device_id) != (asked.workspace_id, asked.device_id):
        raise PinCodeRefused(PinCodeTrouble.OTHER_PHONE)
    if code.operator_id != asked.operator_id:
        raise PinCodeRefused(PinCodeTrouble.OTHER_PERSON)
    if code.code_id in asked.used:
        raise PinCodeRefused(PinCodeTrouble.USED)
    if asked.now >= code.expires_at:
        raise PinCodeRefused(PinCodeTrouble.EXPIRED)
    return code


def _from_map(fields: Reader) -> PinCode:
    fields.exactly(_KEYS)
    fields.uint(0, at_least=VERSION, at_most=VERSION)
    return PinCode(
        workspace_id=fields.octets(1, ID_LENGTH),
        device_id=fields.octets(2, ID_LENGTH),
        operator_id=fields.octets(3, ID_LENGTH),
        expires_at=fields.uint(4),
        code_id=fields.octets(5, ID_LENGTH),
    )
