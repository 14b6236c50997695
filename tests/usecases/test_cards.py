"""Ordering, issuing, releasing and handing over cards; and staff who may not be one person."""

from datetime import timedelta

import pytest

from despensa.domain.proposal import ApprovalInvalid, Reason
from despensa.domain.role import Role, RolesExclusive
from despensa.entrypoints.jobs import actions, cards, rounds
from despensa.records import journal_store
from despensa.records.databases import LEDGER, REGISTRY
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.hand_over_cards import hand_over_cards
from despensa.usecases.release_sheet import SheetNotSigned, release_sheet
from tests.factories import books as factory
from tests.factories.observing import Killed, at_once, count, dies, digests, raised


def _ordered(books):
    return books.approved(
        books.proposal("jorge", "issue_cards", Reason.CARDS_FOR_ENTITLED, **books.cards_order())
    )


def test_a_card_handed_over_twice_changes_nothing(carded_books):
    books = carded_books
    before = digests(books.endpoints)

    again = hand_over_cards(
        list(books.card_texts), acting=books.acting("ana"), sealer=books.keeper.vault
    )

    assert again.cards == ()
    assert len(again.unchanged) == len(books.card_texts)
    assert digests(books.endpoints) == before


def test_two_people_hand_one_batch_over_once(decided_books):
    books = decided_books
    factory.issue(books, _ordered(books))
    numbers = list(books.card_texts)

    ended = at_once(
        *[lambda: hand_over_cards(numbers, acting=books.acting("ana"), sealer=books.keeper.vault)]
        * 2
    )

    assert raised(ended) == []
    assert sum(len(end.cards) for end in ended) == len(numbers) - factory.STOCK_CARDS


def test_a_card_without_a_household_is_not_handed_over(carded_books):
    assert count(REGISTRY, "card", "household_id IS NULL AND state = 1") == factory.STOCK_CARDS


def test_a_sheet_is_released_once(carded_books):
    books = carded_books

    with pytest.raises(SheetNotSigned):
        release_sheet(books.batch, sheet_sha256=bytes(32), acting=books.acting("jorge"))


def test_killed_after_signing_the_order_is_spent_and_a_new_one_works(decided_books, monkeypatch):
    books = decided_books
    order = _ordered(books)
    with monkeypatch.context() as patched:
        dies(patched, journal_store, "append", after=True)
        with pytest.raises(Killed):
            actions.carry_out(order, books.tools)
    assert count(REGISTRY, "card") == 0

    with pytest.raises(ApprovalInvalid, match="before"):
        actions.carry_out(order, books.tools)

    factory.issue(books, _ordered(books))
    assert count(REGISTRY, "card") == len(books.card_texts)


def test_killed_before_the_sheet_was_read_back_the_households_get_other_cards(
    decided_books, monkeypatch
):
    books = decided_books
    wanted = len(cards.without_card(books.cycle))
    with monkeypatch.context() as patched:
        dies(patched, cards, "_print")
        with pytest.raises(Killed):
            actions.carry_out(_ordered(books), books.tools)

    assert len(cards.without_card(books.cycle)) == wanted
    factory.issue(books, _ordered(books))
    handed = hand_over_cards(
        list(books.card_texts), acting=books.acting("ana"), sealer=books.keeper.vault
    )

    assert len(handed.cards) == wanted
    assert cards.without_card(books.cycle) == []


@pytest.mark.parametrize(
    "roles", [(Role.REGISTRAR, Role.APPROVER), (Role.PROGRAMME_MANAGER, Role.APPROVER)]
)
def test_roles_that_check_each_other_are_two_people(founded_books, roles):
    books = founded_books
    before = digests(books.endpoints)
    today = books.tools.today()

    with pytest.raises(RolesExclusive):
        add_staff(
            NewStaff(
                "eva", "a long pass phrase", "Eva", "es", roles, books.root_area, today,
                today + timedelta(days=9),
            ),
            acting=books.acting(),
        )  # fmt: skip

    assert digests(books.endpoints) == before


def test_leaves_are_numbered_once_also_after_a_kill(opened_books, monkeypatch):
    books = opened_books
    waiting = rounds.leaves_waiting()
    with monkeypatch.context() as patched:
        dies(patched, journal_store, "number_leaves")
        with pytest.raises(Killed):
            rounds.seal_log(books.tools)
    size = books.tools.log.size

    rounds.seal_log(books.tools)
    rounds.seal_log(books.tools)

    assert books.tools.log.size == waiting >= size
    assert count(REGISTRY, "leaf_number") + count(LEDGER, "leaf_number") == waiting


def test_two_processes_seal_the_log_once(opened_books):
    books = opened_books
    waiting = rounds.leaves_waiting()

    ended = at_once(*[lambda: rounds.seal_log(books.tools)] * 2)

    assert raised(ended) == []
    assert books.tools.log.size == waiting
    assert rounds.leaves_waiting() == 0
