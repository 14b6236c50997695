"""
Writes vectors/lease/amend.json: a slip on its way into the list on a phone.

Run it as `python -m tests.vectors.make_slip_vectors` after a change of rules; a test compares the
file with what this module makes. What a case expects is written by hand here.
"""

from despensa.domain import lease, slip
from tests.factories import field
from tests.vectors.signed_case import FOLDER, text_of

NAME = "lease/amend.json"
_OLD, _NEW = field.a_card(0), field.a_card(1)
_OTHER_SCOPE = lease.Scope(field.SECOND_PROGRAMME, field.SECOND_CYCLE)
_TWO = ((1, 2), (4, 3))


def listed(card):
    """Return a card as a list holds it, in hex."""
    row = field.lease_card(card)
    return [row.step, row.tag.hex(), row.number_lookup.hex(), row.holder_epoch, None]


def entitlement(*cards, scope=0, goods=((1, 1),)):
    return [scope, [list(pair) for pair in goods], [listed(card) for card in cards]]


def made(signing=field.AUTHORITY, **changes):
    fields = {
        "slip_id": field.an_id(50),
        "lease_id": field.LEASE,
        "kind": slip.SlipKind.REPLACEMENT,
        "old_tag": field.tag_of(_OLD),
        "card": field.lease_card(_NEW),
        "goods": field.GOODS,
        "scope": lease.Scope(field.PROGRAMME, field.CYCLE),
        "expires_at": field.LEASE_ENDS_AT,
    }
    return slip.sign_slip(
        slip.Slip(**fields | changes), public_key=signing.public, signer=signing.sign
    )


def case(name, expect, data=None, *, now=field.NOW, before=None, collected=(), taken=()):
    """Return one case; `before` are the entitlements of the list, `expect` what holds after."""
    return {
        "name": name,
        "slip": (data or made()).hex(),
        "now": now,
        "lease_id": field.LEASE.hex(),
        "scopes": [[field.PROGRAMME.hex(), field.CYCLE.hex()]],
        "entitlements": before or [entitlement(_OLD)],
        "collected": [field.tag_of(card).hex() for card in collected],
        "taken": [field.an_id(number).hex() for number in taken],
        "expect": expect,
    }


def after(*entitlements, collected=(), taken=(50,)):
    return {
        "entitlements": list(entitlements),
        "collected": sorted(field.tag_of(card).hex() for card in collected),
        "taken": sorted(field.an_id(number).hex() for number in taken),
    }


def refused(trouble):
    return {"refused": trouble}


def cases():
    third = field.a_card(0, secret=bytes([0x55]) * 16)
    late = {"kind": slip.SlipKind.LATE_ENTRANT, "old_tag": None}
    good = made()
    return [
        case("the new card takes the old one's place", after(entitlement(_NEW))),
        case("in its last second", after(entitlement(_NEW)), now=field.LEASE_ENDS_AT - 1),
        case(
            "another card of the household stays",
            after(entitlement(third, _NEW)),
            before=[entitlement(third, _OLD)],
        ),
        case(
            "other households stay",
            after(entitlement(third), entitlement(_NEW)),
            before=[entitlement(third), entitlement(_OLD)],
        ),
        case(
            "who collected with the old card has collected with the new one",
            after(entitlement(_NEW), collected=(_OLD, _NEW)),
            collected=(_OLD,),
        ),
        case(
            "who collected with another card of theirs has collected",
            after(entitlement(third, _NEW), collected=(third, _NEW)),
            before=[entitlement(third, _OLD)],
            collected=(third,),
        ),
        case(
            "less than the list says: the slip's word holds",
            after(entitlement(_NEW, goods=((1, 1),))),
            before=[entitlement(_OLD, goods=_TWO)],
        ),
        case(
            "another slip was taken before", after(entitlement(_NEW), taken=(49, 50)), taken=(49,)
        ),
        case("the same slip again", refused("replayed"), before=[entitlement(_NEW)], taken=(50,)),
        case("for another list", refused("other_lease"), made(lease_id=field.an_id(99))),
        case("past its last second", refused("expired"), now=field.LEASE_ENDS_AT),
        case("a late entrant", refused("other_kind"), made(**late)),
        case("of another cycle", refused("other_cycle"), made(scope=_OTHER_SCOPE)),
        case(
            "the old card is not listed", refused("old_card_unknown"), before=[entitlement(third)]
        ),
        case("a card twice", refused("card_listed"), before=[entitlement(_OLD), entitlement(_NEW)]),
        case("by itself", refused("card_listed"), made(card=field.lease_card(_OLD))),
        case("more than is listed", refused("too_much"), made(goods=((1, 2),))),
        case("of something that is not listed", refused("too_much"), made(goods=((1, 1), (2, 1)))),
        case("signed by a key nobody listed", refused("unknown_key"), made(field.STRANGER)),
        case("signed by a phone", refused("unknown_key"), made(field.PHONE)),
        case(
            "one bit of the signature is flipped",
            refused("bad_signature"),
            good[:-1] + bytes([good[-1] ^ 1]),
        ),
        case("cut short", refused("malformed"), good[:-1]),
        case("a card's token is no slip", refused("malformed"), b"\x78\x01"),
        case(
            "another list's slip that was taken: the list is asked first",
            refused("other_lease"),
            made(lease_id=field.an_id(99)),
            taken=(50,),
        ),
        case("taken and past: it was taken", refused("replayed"), now=1 << 40, taken=(50,)),
    ]


def text():
    keys = [
        {"kid": kid.hex(), "public": public.hex()} for kid, public in field.AUTHORITY.ring.items()
    ]
    return text_of("slips on their way into a list", cases(), keys=keys)


def main():
    """Write the file."""
    (FOLDER / NAME).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
