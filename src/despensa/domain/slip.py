"""
The slip: a signed correction that a phone without network scans into its lease.

Decides its bytes and who signed it; what a phone does with it is `redemption/amend.py`, for which
quantities the office makes one `usecases/make_slips.py`. Source: docs/reference/formats.md section 3;
docs/explanation/design.md section 7.7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from despensa.domain.encoding import cose
from despensa.domain.lease import LeaseCard, Scope, card_array, read_card
from despensa.domain.payload import ID_LENGTH, Goods, Reader, goods_array, without_header

LABEL = b"despensa/slip/1"
VERSION = 1
_KEYS = frozenset(range(9))


class SlipKind(IntEnum):
    """Why a slip was made."""

    REPLACEMENT = 1
    LATE_ENTRANT = 2
    MOVE = 3


@dataclass(frozen=True, slots=True)
class Slip:
    """One correction to one lease; `old_tag` is the tag a replacement card takes over from."""

    slip_id: bytes
    lease_id: bytes
    kind: SlipKind
    old_tag: bytes | None
    card: LeaseCard
    goods: Goods
    scope: Scope
    expires_at: int


def sign_slip(slip: Slip, *, public_key: bytes, signer: cose.Signer) -> bytes:
    """
    Return a slip signed by the authority or by the phone that releases the quantity.

    Source: docs/reference/formats.md section 3.
    """
    return cose.sign(to_map(slip), label=LABEL, public_key=public_key, signer=signer)


def to_map(slip: Slip) -> dict[int, Any]:
    """
    Return the map that is signed, for a keeper that holds the key.

    Source: docs/reference/formats.md section 3.
    """
    return {
        0: VERSION,
        1: slip.slip_id,
        2: slip.lease_id,
        3: int(slip.kind),
        4: slip.old_tag,
        5: card_array(slip.card),
        6: goods_array(slip.goods),
        7: [slip.scope.programme_id, slip.scope.cycle_id],
        8: slip.expires_at,
    }


def verify_slip(data: bytes, *, keys: Mapping[bytes, bytes]) -> Slip:
    """
    Return a slip once one of the listed keys (authority or releasing phones) vouches for it.

    Raises: cose.MalformedSignature, cose.UnknownKey, cose.BadSignature.
    """
    verified = cose.verify(data, label=LABEL, keys=keys, allowed=_KEYS)
    fields = Reader("slip", without_header(verified, "slip"))
    fields.exactly(_KEYS)
    fields.uint(0, at_least=VERSION, at_most=VERSION)
    kind = SlipKind(fields.uint(3, at_least=1, at_most=3))
    old_tag = fields.octets_or_null(4, ID_LENGTH)
    if (old_tag is not None) != (kind is SlipKind.REPLACEMENT):
        fields.refuse(4, "must name the replaced tag in a replacement and only there")
    programme, cycle = fields.array(7, length=2)
    return Slip(
        slip_id=fields.octets(1, ID_LENGTH),
        lease_id=fields.octets(2, ID_LENGTH),
        kind=kind,
        old_tag=old_tag,
        card=read_card(fields, 5, fields.value(5)),
        goods=fields.goods(6),
        scope=Scope(
            fields.as_octets(7, programme, ID_LENGTH), fields.as_octets(7, cycle, ID_LENGTH)
        ),
        expires_at=fields.uint(8),
    )
