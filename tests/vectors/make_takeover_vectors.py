"""
Writes vectors/lease/takeover.json: codes by which one phone takes over from another.

Run it as `python -m tests.vectors.make_takeover_vectors` after a change of rules; a test compares
the file with what this module makes. What a case expects is written by hand here.
"""

import dataclasses
import json

from despensa.domain import lease
from despensa.domain.event import EventKind, Handover
from despensa.domain.redemption import take_over
from tests.factories import field
from tests.vectors.signed_case import FOLDER

NAME = "lease/takeover.json"
OTHER_LEASE, NONCE = field.an_id(80), field.an_id(81)
OTHER_SEALING = field.Sealing(0x5F)
_MINE, _THEIRS = field.a_card(0), field.a_card(1)


def other_certificate(**changes):
    made = field.a_certificate(field.OTHER_DEVICE, field.OTHER_PHONE.public, OTHER_SEALING.public)
    return field.certificate_bytes(dataclasses.replace(made, **changes))


def own_list():
    """Return the list of the phone that takes over."""
    return field.a_lease([_MINE])


def their_list():
    return field.a_lease([_THEIRS], device_id=field.OTHER_DEVICE, lease_id=OTHER_LEASE)


def asking(certificate=None, phone=field.PHONE, **changes):
    fields = {
        "device_id": field.DEVICE,
        "lease_id": field.LEASE,
        "session_id": field.SESSION,
        "asked_at": field.NOW,
        "nonce": NONCE,
    }
    return take_over.sign_asking(
        take_over.Asking(**fields | changes),
        public_key=phone.public,
        signer=phone.sign,
        certificate=certificate or field.certificate_bytes(),
    )


def release(**changes):
    tags = tuple(card.tag for one in their_list().entitlements for card in one.cards)
    fields = {
        "kind": EventKind.ROW_RELEASED,
        "device_id": field.OTHER_DEVICE,
        "lease_id": OTHER_LEASE,
        "handover": Handover(field.DEVICE, tags, other_lease_id=field.LEASE),
    }
    return field.event_bytes(field.an_event(**fields | changes), field.OTHER_PHONE)


def hand_over(certificate=None, phone=field.OTHER_PHONE, **changes):
    group = take_over.Group(OTHER_LEASE, bytes([0x71]) * 32, their_list().entitlements)
    fields = {
        "release": release(),
        "nonce": NONCE,
        "scopes": (lease.Scope(field.PROGRAMME, field.CYCLE),),
        "groups": (group,),
    }
    return take_over.sign_hand_over(
        take_over.HandOver(**fields | changes),
        public_key=phone.public,
        signer=phone.sign,
        certificate=certificate or other_certificate(),
    )


def _case(name, data, expect):
    return {"name": name, "code": data.hex(), "now": field.NOW, "expect": expect}


def asking_cases():
    good = asking()
    return [
        _case("a phone asks for the other's list", good, {"lease_id": field.LEASE.hex(),
              "nonce": NONCE.hex(), "sealing_key": field.PHONE_SEALING.public.hex()}),
        _case("cut off", good[:-1], "malformed"),
        _case("under no certificate of this office", asking(
            _signed_by_a_stranger()), "unknown_key"),
        _case("signed by another phone", asking(phone=field.OTHER_PHONE), "unknown_key"),
        _case("changed after signing", good[:-1] + bytes([good[-1] ^ 1]), "bad_signature"),
        _case("of another office", asking(field.certificate_bytes(dataclasses.replace(
            field.a_certificate(), workspace_id=field.an_id(99)))), "other_office"),
        _case("whose enrolment has ended", asking(field.certificate_bytes(dataclasses.replace(
            field.a_certificate(), expires_at=field.NOW))), "expired"),
        _case("for another session", asking(session_id=field.an_id(98)), "other_session"),
        _case("in another phone's name", asking(device_id=field.an_id(97)), "malformed"),
    ]  # fmt: skip


def _signed_by_a_stranger():
    return field.sign_certificate(
        field.a_certificate(), public_key=field.STRANGER.public, signer=field.STRANGER.sign
    )


def hand_over_cases():
    good = hand_over()
    [taken] = their_list().entitlements
    tag = taken.cards[0].tag.hex()
    other_scope = lease.Scope(field.SECOND_PROGRAMME, field.SECOND_CYCLE)
    same_card = take_over.Group(OTHER_LEASE, bytes([0x71]) * 32, own_list().entitlements)
    mine = tuple(card.tag for one in own_list().entitlements for card in one.cards)
    return [
        _case("the other phone's list is taken over", good, {"tags": [tag], "scopes": [0]}),
        _case("cut off", good[:-1], "malformed"),
        _case("signed by another phone", hand_over(phone=field.STRANGER), "unknown_key"),
        _case("its own", hand_over(field.certificate_bytes(), field.PHONE), "own"),
        _case("of a session elsewhere", hand_over(release=release(session_id=field.an_id(98))),
              "other_session"),
        _case("that answers another asking", hand_over(nonce=field.an_id(82)), "not_asked"),
        _case("released to another phone", hand_over(release=release(handover=Handover(
            field.an_id(96), (taken.cards[0].tag,), other_lease_id=field.LEASE))), "other_list"),
        _case("released to another list", hand_over(release=release(handover=Handover(
            field.DEVICE, (taken.cards[0].tag,), other_lease_id=field.an_id(95)))), "other_list"),
        _case("that gives back and releases nothing", hand_over(release=release(
            kind=EventKind.LEASE_RETURNED, handover=None)), "other_list"),
        _case("more than was released", hand_over(release=release(handover=Handover(
            field.DEVICE, (field.an_id(94),), other_lease_id=field.LEASE))), "not_released"),
        _case("of a cycle this list knows nothing of", hand_over(scopes=(other_scope,)),
              "other_cycle"),
        _case("a card that is on this list", hand_over(groups=(same_card,), release=release(
            handover=Handover(field.DEVICE, mine, other_lease_id=field.LEASE))), "card_listed"),
        _case("a release signed by another phone", hand_over(release=field.event_bytes(
            field.an_event(kind=EventKind.LEASE_RETURNED))), "bad_signature"),
    ]  # fmt: skip


def text():
    key = {"kid": next(iter(field.AUTHORITY.ring)).hex(), "public": field.AUTHORITY.public.hex()}
    content = {
        "keys": [key],
        "nonce": NONCE.hex(),
        "own": field.lease_bytes(own_list()).hex(),
        "theirs": field.lease_bytes(their_list()).hex(),
        "askings": asking_cases(),
        "hand_overs": hand_over_cases(),
    }
    return json.dumps(content, indent=1) + "\n"


if __name__ == "__main__":
    (FOLDER / NAME).write_text(text(), encoding="utf-8")
