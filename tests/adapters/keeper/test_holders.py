"""The collectors of a lease: opened in the keeper, sealed for the card alone."""

import os

import pytest

from despensa.adapters.keeper.in_process import open_keeper
from despensa.domain.card import tag as tags
from despensa.domain.lease import CollectorRole, HolderSealBroken, open_holder
from despensa.domain.ports.keeper import Access, AccessRefused, Purpose
from despensa.domain.sealing import Column, Sealed, ToSeal
from tests.adapters.keeper.approved import AT, PROGRAMME, WORKSPACE, issue, open_cycle, opening

NAME, PERSON, LEASE, EPOCH = "Lucía Vera", b"v" * 16, b"l" * 16, 10


@pytest.fixture
def keeper(tmp_path):
    opened = open_keeper(keys=tmp_path, staging=tmp_path / "staging", workspace=WORKSPACE)
    yield opened
    opened.close()


def looked_at(persons, fields=(Column.FULL_NAME,)):
    return Access(os.urandom(16), b"s" * 16, AT, Purpose.PREPARE_LEASE, persons, fields)


def holder_key(card):
    link = tags.walk(tags.Link(card.epoch, card.secret), EPOCH + 1)
    return tags.holder_key(link.key, lease=LEASE)


def test_names_on_a_list_open_with_their_card_alone_and_the_look_is_kept(keeper):
    cards = issue(keeper, 2, epoch=EPOCH)
    order = opening(keeper, epoch=EPOCH + 1)
    open_cycle(keeper, cards, order)
    [key] = keeper.vault.new_keys([PERSON])
    [[data]] = keeper.vault.seal([(key, [ToSeal(Column.FULL_NAME, PERSON, 1, NAME)])])
    named = [(CollectorRole.ALTERNATE, key, Sealed(Column.FULL_NAME, PERSON, data))]
    asked = {
        "cycle": order["cycle"],
        "programme": PROGRAMME,
        "lease": LEASE,
        "households": [(b"h" * 16, [card.number for card in cards], named)],
    }

    [row] = keeper.cycles.named_lease_rows(looked_at((PERSON,)), **asked)

    keys = [holder_key(card) for card in cards]
    for place, sealed in enumerate(row.holders):
        step, tag, _, epoch = row.cards[place]
        assert (step, epoch) == (EPOCH + 1, EPOCH + 1)
        assert NAME.encode() not in sealed
        [collector] = open_holder(sealed, holder_key=keys[place], tag=tag)
        assert (collector.role, collector.name) == (CollectorRole.ALTERNATE, NAME)
        with pytest.raises(HolderSealBroken):
            open_holder(sealed, holder_key=keys[1 - place], tag=tag)
    for access in (looked_at((b"o" * 16,)), looked_at((PERSON,), (Column.PHONE,))):
        with pytest.raises(AccessRefused):
            keeper.cycles.named_lease_rows(access, **asked)
    kept = [one for one in keeper.own_copy.records() if one[0] == 56]
    assert [(one[4], one[5]) for one in kept] == [(Purpose.PREPARE_LEASE, [PERSON])]
