"""Ordering, issuing, releasing and handing over cards; and staff who may not be one person."""

from dataclasses import replace
from datetime import timedelta

import pypdfium2
import pytest

from despensa.domain.card.count import CountRefused
from despensa.domain.card.sheet import SLIP
from despensa.domain.card_order import CardOrder, OrderRefused, order_of
from despensa.domain.enrolment.card_binding import CardRefused
from despensa.domain.proposal import Reason, parse
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Role, RolesExclusive
from despensa.domain.transparency.leaf import PublicKind
from despensa.entrypoints.jobs import actions, cards, print_files, rounds
from despensa.records import journal_store
from despensa.records.bulk import fetch
from despensa.records.cards import queries as card_queries
from despensa.records.databases import LEDGER, REGISTRY
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.hand_over_cards import hand_over_cards
from despensa.usecases.release_sheet import SheetNotSigned, release_sheet
from despensa.usecases.replace_card import replace_card
from tests.factories import books as factory
from tests.factories.observing import Killed, announced, at_once, count, dies, digests, raised


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


@pytest.mark.parametrize("killed_at", ["recorded", "printed"])
def test_a_killed_batch_goes_on_with_the_same_cards(decided_books, monkeypatch, killed_at):
    books = decided_books
    order = _ordered(books)
    kept, seen = print_files.keep_codes, []
    monkeypatch.setattr(
        print_files, "keep_codes", lambda folder, made: (seen.append(made), kept(folder, made))
    )
    with monkeypatch.context() as patched:
        if killed_at == "recorded":
            dies(patched, journal_store, "append", after=True)
        else:
            dies(patched, print_files, "release_sheet")
        with pytest.raises(Killed):
            actions.carry_out(order, books.tools)
    before = count(REGISTRY, "card")

    if killed_at == "recorded":
        actions.carry_out(order, books.tools)
        assert print_files.go_on(books.tools) == 0
    else:
        assert print_files.go_on(books.tools) == 1
    [batch] = card_queries.batches()
    folder = print_files.folder_of(batch.id, books.tools)

    [signed] = seen
    assert before == (0 if killed_at == "recorded" else len(signed))
    assert cards.read_sheets(folder) == [card.text for card in signed]
    assert card_queries.numbers_of_batch(batch.id) == [card.number for card in signed]
    assert batch.state == 2
    # what is printed whole has no use for the codes, and is not printed again
    assert not (folder / "codes.json").exists()
    assert print_files.go_on(books.tools) == 0


def test_what_somebody_prints_nobody_else_goes_on_with(decided_books, monkeypatch):
    books = decided_books
    with monkeypatch.context() as patched:
        dies(patched, print_files, "release_sheet")
        with pytest.raises(Killed):
            actions.carry_out(_ordered(books), books.tools)
    [waiting] = card_queries.unprinted()

    with print_files.alone(waiting.id, books.tools):
        assert print_files.go_on(books.tools) == 0

    assert print_files.go_on(books.tools) == 1


def test_a_batch_that_does_not_read_back_gives_nobody_a_card(decided_books, monkeypatch):
    books = decided_books
    wanted = len(cards.without_card(books.cycle))
    with monkeypatch.context() as patched:
        patched.setattr(print_files.TypstCardPrinter, "read_back", lambda *_: [])
        with pytest.raises(print_files.SheetUnreadable):
            actions.carry_out(_ordered(books), books.tools)

    assert print_files.go_on(books.tools) == 0
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


def _counted(books, good, spoilt=(), who="jorge"):
    return cards.count(
        books.batch, good=good, spoilt=spoilt, tools=books.tools, acting=books.acting(who)
    )


def _issued(books):
    """Issue the cards as the office does, with their print file; return the numbers in order."""
    actions.carry_out(_proposed(books), books.tools)
    [batch] = card_queries.batches()
    books.batch = batch.id
    return card_queries.numbers_of_batch(batch.id)


def _proposed(books):
    proposal = books.proposal(
        "jorge", "issue_cards", Reason.CARDS_FOR_ENTITLED, **books.cards_order()
    )
    books.approved(proposal)
    return proposal


def test_a_counted_batch_is_printed_from_no_more_and_a_spoilt_card_is_dead(decided_books):
    books = decided_books
    numbers = _issued(books)
    folder = print_files.folder_of(books.batch, books.tools)
    held = folder.exists()
    spoilt = [numbers[0], numbers[-1]]

    assert held
    assert _counted(books, len(numbers) - 2, spoilt)
    assert not folder.exists()
    assert count(REGISTRY, "card", "state = 5") == 2
    assert count(REGISTRY, "card_batch", "state = 3") == 1
    # the household whose card was spoilt is in the next order
    assert len(cards.without_card(books.cycle)) == 1
    # and what the keeper held of the spoilt cards is gone
    assert books.tools.keeper.cards.forget(spoilt, at=books.clock.at) == 0
    assert not _counted(books, len(numbers) - 2, spoilt)


def test_a_count_that_is_not_whole_changes_nothing(decided_books):
    books = decided_books
    numbers = _issued(books)
    before = digests(books.endpoints)

    with pytest.raises(CountRefused):
        _counted(books, len(numbers) - 1)
    with pytest.raises(CountRefused):
        _counted(books, len(numbers) - 1, ["22222222A6"])
    with pytest.raises(OutOfReach):
        _counted(books, len(numbers), who="nour")

    assert digests(books.endpoints) == before
    assert print_files.folder_of(books.batch, books.tools).exists()


def test_two_people_count_a_batch_once(decided_books):
    books = decided_books
    numbers = _issued(books)

    ended = at_once(*[lambda: _counted(books, len(numbers))] * 2)

    assert raised(ended) == []
    assert sorted(ended) == [False, True]


def test_print_files_are_destroyed_when_their_day_is_over(decided_books, monkeypatch):
    books = decided_books
    _issued(books)
    folder = print_files.folder_of(books.batch, books.tools)
    day = books.tools.today()
    monkeypatch.setattr(type(books.tools), "today", lambda _: day + timedelta(7))
    kept = print_files.destroy(books.tools), folder.exists()
    monkeypatch.setattr(type(books.tools), "today", lambda _: day + timedelta(8))

    assert kept == (0, True)
    assert print_files.destroy(books.tools) == 1
    assert not folder.exists()
    # the log says so, once
    assert print_files.destroy(books.tools) == 0
    made = count(REGISTRY, "card")
    told = {0: books.batch.bytes, 1: made, 2: books.tools.acting(None).day.toordinal() - 719_163}
    assert announced(PublicKind.PRINT_DESTROYED) == [told]


def test_stock_alone_is_ordered_and_printed_as_it_was_approved(decided_books):
    books = decided_books
    asked = CardOrder(
        cycle=None, stock=3, epoch=10, expires_on=cards.valid_until(2, books.tools.today()),
        layout=SLIP, languages=("en",), help_line="0800-1",
    )  # fmt: skip

    proposal = cards.order(asked, books.tools, acting=books.acting("jorge"))
    books.approved(proposal)
    actions.carry_out(proposal, books.tools)

    [batch] = card_queries.batches()
    [file] = print_files.folder_of(batch.id, books.tools).glob("*.pdf")
    assert (batch.count, batch.assigned) == (3, 0)
    assert len(pypdfium2.PdfDocument(file)) == 3
    assert card_queries.last_help_line() == "0800-1"


def _canonical(books):
    [(canonical,)] = fetch(REGISTRY, "SELECT canonical FROM proposal WHERE action = 'issue_cards'")
    return bytes(canonical)


def test_an_order_of_nothing_is_not_proposed(carded_books):
    books = carded_books
    asked = order_of(parse(_canonical(books)))

    with pytest.raises(OrderRefused):
        cards.order(replace(asked, stock=0), books.tools, acting=books.acting("jorge"))


def _stock(books):
    [[number], *_] = fetch(
        REGISTRY, "SELECT number FROM card WHERE household_id IS NULL ORDER BY 1"
    )
    return number


def _replaced(books, old, new, home, who="ana"):
    return replace_card(
        old, new, home, acting=books.acting(who), sealer=books.keeper.vault,
        today=books.tools.today(),
    )  # fmt: skip


def _held(books):
    [[number, home], *_] = fetch(
        REGISTRY, "SELECT number, household_id FROM card WHERE state = 2 ORDER BY 1"
    )
    return number, home


def test_a_lost_card_is_replaced_in_one_step_and_once(carded_books):
    books = carded_books
    (old, home), new = _held(books), _stock(books)

    first = _replaced(books, old, new, home)
    before = digests(books.endpoints)
    again = _replaced(books, old, new, home)

    assert (first, again) == (True, False)
    assert digests(books.endpoints) == before
    states = {card.number: card.state for card in card_queries.cards_of(home)}
    assert states == {old: 4, new: 2}
    assert card_queries.usable_by_household([home]) == {home: [new]}


def test_two_people_replace_one_card_by_one_of_two_others(carded_books):
    books = carded_books
    old, home = _held(books)
    stock = [
        number
        for (number,) in fetch(REGISTRY, "SELECT number FROM card WHERE household_id IS NULL")
    ]

    ended = at_once(*[lambda new=new: _replaced(books, old, new, home) for new in stock[:2]])

    assert [type(one) for one in raised(ended)] == [CardRefused]
    assert len(card_queries.usable_by_household([home])[home]) == 1


def test_only_a_card_of_the_household_is_replaced_and_only_by_one_of_nobody(carded_books):
    books = carded_books
    [[old, home], [other, _], *_] = fetch(
        REGISTRY, "SELECT number, household_id FROM card WHERE state = 2 ORDER BY 1"
    )
    new = _stock(books)
    before = digests(books.endpoints)

    for wrong in [(other, new, home), (old, other, home), (old, old, home), (new, new, home)]:
        with pytest.raises(CardRefused):
            _replaced(books, *wrong)
    with pytest.raises(OutOfReach):
        _replaced(books, old, new, home, who="nour")

    assert digests(books.endpoints) == before
