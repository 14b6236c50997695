"""
The receipt: what the person takes away, provable by anybody with only the authority's key.

Decides its bytes, who may sign it, and the eight words in which its code is read aloud.
Source: docs/reference/formats.md section 5; docs/explanation/design.md sections 1 and 7.7.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

from despensa.domain.device import DeviceCertificate, verify_certificate
from despensa.domain.encoding import cose
from despensa.domain.payload import HASH_LENGTH, ID_LENGTH, Goods, Reader, goods_array
from despensa.domain.refusal import (
    APPEAL_REASONS,
    CORRECTION_REASONS,
    ENROLMENT_REASONS,
    Offered,
    RefusalReason,
)

LABEL = b"despensa/receipt/1"
VERSION = 1
SERIAL_LENGTH_MAX = 32
WORD_COUNT = 8
BITS_PER_WORD = 11
_KNOWN = frozenset(range(24)) - {15}
_ALWAYS = frozenset(range(6))
_REASON_MAX = 255
_BRING_MAX = 31
_ANSWER_MAX = 3
_NOT_UPHELD = 2
_DAY_ZERO = date(1970, 1, 1).toordinal()


class ReceiptKind(IntEnum):
    """What the receipt proves."""

    DELIVERED = 1
    REFUSED = 2
    ENROLMENT_REFUSED = 3
    ERASED = 4
    APPOINTMENT = 5
    CORRECTION_ASKED = 12
    CORRECTION_MADE = 13
    CORRECTION_REFUSED = 14
    # a person agreed that a partner may be told something, or took it back
    CONSENT_GIVEN = 20
    CONSENT_ENDED = 21
    # a household appealed against a decision, and got its answer
    APPEAL_BROUGHT = 30
    APPEAL_ANSWERED = 31


_OF_CORRECTIONS = frozenset(
    {
        ReceiptKind.CORRECTION_ASKED,
        ReceiptKind.CORRECTION_MADE,
        ReceiptKind.CORRECTION_REFUSED,
    }
)
# kind -> (keys it must have, keys it may have) beside 0 to 5
_RULES: Mapping[ReceiptKind, tuple[frozenset[int], frozenset[int]]] = {
    ReceiptKind.DELIVERED: (frozenset({6}), frozenset()),
    # key 10 is missing where the phone had no list and so knew of no point
    ReceiptKind.REFUSED: (frozenset({7, 8, 11}), frozenset({9, 10})),
    ReceiptKind.ENROLMENT_REFUSED: (frozenset({7, 8}), frozenset({9})),
    ReceiptKind.ERASED: (frozenset({12}), frozenset()),
    ReceiptKind.APPOINTMENT: (frozenset({13, 14}), frozenset()),
    ReceiptKind.CORRECTION_ASKED: (frozenset({16}), frozenset()),
    ReceiptKind.CORRECTION_MADE: (frozenset(), frozenset()),
    ReceiptKind.CORRECTION_REFUSED: (frozenset({7, 8}), frozenset()),
    ReceiptKind.CONSENT_GIVEN: (frozenset({20, 21, 22, 23}), frozenset()),
    ReceiptKind.CONSENT_ENDED: (frozenset({20, 21}), frozenset()),
    ReceiptKind.APPEAL_BROUGHT: (frozenset({8, 16, 17, 19}), frozenset()),
    ReceiptKind.APPEAL_ANSWERED: (frozenset({18, 19}), frozenset({7, 8})),
}
_OF_THE_OFFICE = {
    ReceiptKind.ENROLMENT_REFUSED: "no phone refuses an enrolment",
    ReceiptKind.ERASED: "no phone erases a person",
    ReceiptKind.APPOINTMENT: "no phone makes an appointment",
    **dict.fromkeys(_OF_CORRECTIONS, "no phone corrects a record"),
    ReceiptKind.CONSENT_GIVEN: "no phone takes a consent",
    ReceiptKind.CONSENT_ENDED: "no phone takes a consent",
    ReceiptKind.APPEAL_BROUGHT: "no phone takes an appeal down",
    ReceiptKind.APPEAL_ANSWERED: "no phone answers an appeal",
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    What a receipt says; a field that is None is a key that is missing.

    Units: `day`, `appeal_until`, `last_copy_until`, `come_by` and `answer_until` in days since
        1970-01-01 of the local calendar.
    Holds: `reason` is a RefusalReason (kind 2) or an enrolment reason from 32 to 47 (kind 3);
        `content_hash` is the event's hash, for the office's kinds the hash under which the
        log's tree holds the leaf of the act; `bring` holds numbers of the closed list, ascending.
    """

    kind: ReceiptKind
    workspace_id: bytes
    content_hash: bytes
    day: int
    serial: str
    goods: Goods | None = None
    reason: int | None = None
    appeal_until: int | None = None
    nonce: bytes | None = None
    point_id: bytes | None = None
    offered: Offered | None = None
    last_copy_until: int | None = None
    bring: tuple[int, ...] | None = None
    come_by: int | None = None
    answer_until: int | None = None
    partner: str | None = None
    shared_for: int | None = None
    shared_fields: tuple[str, ...] | None = None
    shared_until: int | None = None
    ground: int | None = None
    answer: int | None = None
    cycle_id: bytes | None = None


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """A receipt that holds, with the phone that signed it (None: the authority itself)."""

    receipt: Receipt
    certificate: DeviceCertificate | None


def sign_receipt(
    receipt: Receipt,
    *,
    public_key: bytes,
    signer: cose.Signer,
    certificate: bytes | None = None,
) -> bytes:
    """
    Return a receipt signed by a phone (whose certificate rides along) or by the authority.

    Raises: cose.MalformedSignature when the receipt breaks a rule of its kind.
    Source: docs/reference/formats.md section 5.
    """
    return cose.sign(
        receipt_payload(receipt),
        label=LABEL,
        public_key=public_key,
        signer=signer,
        certificate=certificate,
    )


def receipt_payload(receipt: Receipt) -> dict[int, Any]:
    """
    Return the map that is signed, for whoever signs behind a door of their own.

    Raises: cose.MalformedSignature when the receipt breaks a rule of its kind.
    """
    payload = _to_map(receipt)
    _from_map(payload)
    return payload


def correction_serial(request: str) -> str:
    """Return the number of a request to correct a record as people say it; `request` is hex."""
    return f"C-{request[:12]}"


def correction_made(request: str, workspace: bytes, leaf_hash: bytes, day: date) -> dict[int, Any]:
    """Return the map that is signed when a record was corrected."""
    return receipt_payload(
        Receipt(
            kind=ReceiptKind.CORRECTION_MADE,
            workspace_id=workspace,
            content_hash=leaf_hash,
            day=day.toordinal() - _DAY_ZERO,
            serial=correction_serial(request),
        )
    )


def verify_receipt(data: bytes, *, authority_keys: Mapping[bytes, bytes]) -> VerifiedReceipt:
    """
    Return what a receipt says, knowing nothing but the authority's public keys.

    Holds: enrolment refusals, appointments and erasures are the authority's own; a phone's receipt
        names the workspace of the phone's certificate.
    Raises: cose.MalformedSignature, cose.UnknownKey (cannot tell), cose.BadSignature.
    """
    riding = cose.parse(data).certificate
    certificate = None
    keys = authority_keys
    if riding is not None:
        certificate = verify_certificate(riding, authority_keys=authority_keys)
        keys = certificate.keys
    receipt = _from_map(cose.verify(data, label=LABEL, keys=keys, allowed=_KNOWN).payload)
    if certificate is not None:
        if receipt.kind in _OF_THE_OFFICE:
            raise cose.MalformedSignature(f"receipt: {_OF_THE_OFFICE[receipt.kind]}")
        if receipt.workspace_id != certificate.workspace_id:
            raise cose.MalformedSignature("receipt: its phone belongs to another workspace")
    return VerifiedReceipt(receipt, certificate)


def spoken_code(data: bytes) -> tuple[str, ...]:
    """
    Return the receipt's code as eight words to read aloud.

    Shape: 88 bits of H(COSE_Sign1), 11 per word, most significant first.
    Source: docs/reference/formats.md section 5.
    """
    bits = int.from_bytes(hashlib.sha256(data).digest()[: WORD_COUNT * BITS_PER_WORD // 8], "big")
    shifts = range((WORD_COUNT - 1) * BITS_PER_WORD, -1, -BITS_PER_WORD)
    return tuple(spoken_word((bits >> shift) % 2**BITS_PER_WORD) for shift in shifts)


def is_spoken_code(words: Sequence[str], data: bytes) -> bool:
    """Return whether words somebody read aloud are the code of this receipt."""
    return tuple(word.strip().lower() for word in words) == spoken_code(data)


_CONSONANTS = "bdlmnrstwy"
_VOWELS = "aiu"
_FINALS = "lns"


def spoken_word(index: int) -> str:
    """
    Return word `index` of 2,048: consonant, vowel, consonant, vowel, final consonant.

    The words mean nothing, so one list serves every language: ten consonants (b d l m n r s t
    w y), three vowels (a i u) and three finals (l n s), sounds that English, Spanish and Arabic
    all tell apart. `index` in mixed radix, most significant first: consonant (10), vowel (3),
    consonant (10), vowel (3), final (3); of the 2,700 possible words the first 2,048 are used.

    >>> spoken_word(0), spoken_word(1), spoken_word(3), spoken_word(2047)
    ('babal', 'baban', 'babil', 'titin')
    """
    if not 0 <= index < 2**BITS_PER_WORD:
        raise ValueError("a spoken word stands for 11 bits")
    word = ""
    for letters in (_FINALS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS):
        index, place = divmod(index, len(letters))
        word = letters[place] + word
    return word


def _to_map(receipt: Receipt) -> dict[int, Any]:
    payload: dict[int, Any] = {
        0: VERSION,
        1: int(receipt.kind),
        2: receipt.workspace_id,
        3: receipt.content_hash,
        4: receipt.day,
        5: receipt.serial,
    }
    optional = {
        6: None if receipt.goods is None else goods_array(receipt.goods),
        7: None if receipt.reason is None else int(receipt.reason),
        8: receipt.appeal_until,
        9: receipt.nonce,
        10: receipt.point_id,
        11: None if receipt.offered is None else int(receipt.offered),
        12: receipt.last_copy_until,
        13: None if receipt.bring is None else list(receipt.bring),
        14: receipt.come_by,
        16: receipt.answer_until,
        17: receipt.ground,
        18: receipt.answer,
        19: receipt.cycle_id,
        20: receipt.partner,
        21: receipt.shared_for,
        22: None if receipt.shared_fields is None else list(receipt.shared_fields),
        23: receipt.shared_until,
    }
    return payload | {key: value for key, value in optional.items() if value is not None}


def _from_map(payload: Mapping[int, Any]) -> Receipt:
    fields = Reader("receipt", payload)
    fields.uint(0, at_least=VERSION, at_most=VERSION)
    number = fields.uint(1)
    if number not in set(ReceiptKind):
        fields.refuse(1, "names no known kind")
    kind = ReceiptKind(number)
    must, may = _RULES[kind]
    fields.exactly(_ALWAYS | must, optional=may)
    day = fields.uint(4)
    return Receipt(
        kind=kind,
        workspace_id=fields.octets(2, ID_LENGTH),
        content_hash=fields.octets(3, HASH_LENGTH),
        day=day,
        serial=fields.text(5, characters_max=SERIAL_LENGTH_MAX),
        goods=fields.goods(6) if fields.has(6) else None,
        reason=_reason(fields, kind),
        appeal_until=fields.uint(8, at_least=day) if fields.has(8) else None,
        nonce=fields.octets_or_absent(9, ID_LENGTH),
        point_id=fields.octets_or_absent(10, ID_LENGTH),
        offered=Offered(fields.uint(11, at_most=max(Offered))) if fields.has(11) else None,
        last_copy_until=fields.uint(12, at_least=day) if fields.has(12) else None,
        bring=_bring(fields) if fields.has(13) else None,
        come_by=fields.uint(14, at_least=day) if fields.has(14) else None,
        answer_until=fields.uint(16, at_least=day) if fields.has(16) else None,
        partner=fields.text(20) if fields.has(20) else None,
        shared_for=fields.uint(21, at_least=1) if fields.has(21) else None,
        shared_fields=_names(fields, 22) if fields.has(22) else None,
        shared_until=fields.uint(23, at_least=day) if fields.has(23) else None,
        ground=fields.uint(17, at_least=1) if fields.has(17) else None,
        answer=_answer(fields) if fields.has(18) else None,
        cycle_id=fields.octets_or_absent(19, ID_LENGTH),
    )


def _answer(fields: Reader) -> int:
    number = fields.uint(18, at_least=1, at_most=_ANSWER_MAX)
    if fields.has(7) is not (number == _NOT_UPHELD):
        fields.refuse(7, "must be there where an appeal is not upheld, and only there")
    return number


def _bring(fields: Reader) -> tuple[int, ...]:
    numbers = tuple(fields.as_uint(13, item) for item in fields.array(13))
    if not numbers or list(numbers) != sorted(set(numbers)) or numbers[-1] > _BRING_MAX:
        fields.refuse(13, "must be numbers of what to bring, ascending, at least one")
    return numbers


def _names(fields: Reader, key: int) -> tuple[str, ...]:
    return tuple(fields.as_text(key, item) for item in fields.array(key))


def _reason(fields: Reader, kind: ReceiptKind) -> int | None:
    if not fields.has(7):
        return None
    number = fields.uint(7, at_most=_REASON_MAX)
    if kind is ReceiptKind.ENROLMENT_REFUSED:
        if number not in ENROLMENT_REASONS:
            fields.refuse(7, "must be a reason to refuse an enrolment (32 to 47)")
        return number
    if kind is ReceiptKind.CORRECTION_REFUSED:
        if number not in CORRECTION_REASONS:
            fields.refuse(7, "must be a reason to refuse a correction (80 to 95)")
        return number
    if kind is ReceiptKind.APPEAL_ANSWERED:
        if number not in APPEAL_REASONS:
            fields.refuse(7, "must be a reason not to uphold an appeal (96 to 111)")
        return number
    if number not in {int(reason) for reason in RefusalReason}:
        fields.refuse(7, "must be a reason of the closed list")
    return RefusalReason(number)
