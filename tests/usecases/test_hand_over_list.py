"""The list by which cards are handed over: named in the order, written down, in sheet order."""

from datetime import timedelta

import pypdfium2
import pytest

from despensa.adapters.printing import TypstCardPrinter
from despensa.adapters.qr import ZxingCodes
from despensa.domain.card.hand_over import FIELDS, OUTPUT, ListRefused
from despensa.domain.card.verify import verify
from despensa.domain.identifier import display_card_number
from despensa.domain.ports.keeper import Purpose
from despensa.domain.proposal import ApprovalInvalid, Output, Reason
from despensa.domain.reach import OutOfReach
from despensa.entrypoints.jobs import actions, cards, hand_over, print_files
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.registry import queries as registry
from despensa.records.registry import store
from despensa.usecases.open_household import open_household
from tests.factories import books as factory
from tests.factories.observing import Killed, count, dies


def _ordered(books, listed=None, days=10):
    """Return an approved order that named a list of so many names (None: no list)."""
    content = books.cards_order()
    if listed is not None:
        day = books.tools.today().toordinal() - cards.DAY_ZERO + days
        content["outputs"] = (Output(OUTPUT, FIELDS, listed, day),)
    return books.approved(
        books.proposal("jorge", "issue_cards", Reason.CARDS_FOR_ENTITLED, **content)
    )


def _issued(books, **order):
    """Return the batch of an order, released and not printed."""
    return factory.issue(books, _ordered(books, **order))


def _printed(books, batch, who="jorge", language="es"):
    return hand_over.printed_list(batch, language, books.tools, acting=books.acting(who))


def _lines(pdf, numbers):
    """Return the card numbers in the order in which they stand on the pages of a list."""
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    shown = {display_card_number(number): number for number in numbers}
    return text, [shown[at] for at in sorted(shown, key=text.find) if at in text]


def test_the_list_has_the_names_in_the_order_of_the_printed_sheets(decided_books):
    books = decided_books
    actions.carry_out(_ordered(books, listed=len(cards.without_card(books.cycle))), books.tools)
    [[batch]] = fetch(REGISTRY, "SELECT id FROM card_batch")
    codes, ring = ZxingCodes(), books.keeper.signatory.public_keys().issuer_ring()
    printer = TypstCardPrinter(writer=codes, reader=codes)
    on_sheets = [
        verify(code.text, issuer_keys=ring, now=books.clock.at).card.number
        for path in sorted(print_files.folder_of(batch, books.tools).glob("cards-*.pdf"))
        for code in printer.read_back(path.read_bytes())
    ]
    homes = dict(fetch(REGISTRY, "SELECT number, household_id FROM card"))
    looks = count(REGISTRY, "access_entry")

    text, on_list = _lines(_printed(books, batch), on_sheets)

    wanted = [number for number in on_sheets if homes[number] is not None]
    assert on_list == wanted
    assert len(on_sheets) == len(wanted) + factory.STOCK_CARDS
    heads = registry.shown_first([homes[number] for number in wanted])
    assert count(REGISTRY, "access_entry") == looks + len(heads)
    assert count(REGISTRY, "access_entry", "purpose = 4 AND fields = '{1}'") == len(heads)
    opened = open_household(
        homes[wanted[0]], purpose=Purpose.SERVE_HOUSEHOLD, acting=books.acting("ana"),
        vault=books.keeper.vault,
    )  # fmt: skip
    assert opened.names[0] in text


def test_no_name_without_a_list_in_the_order_or_beyond_its_count_and_day(decided_books):
    books = decided_books
    short = _issued(books, listed=1)
    looks = count(REGISTRY, "access_entry")

    with pytest.raises(ApprovalInvalid):
        _printed(books, short)
    # who looked is written down before it is known that nothing is shown
    assert count(REGISTRY, "access_entry") > looks


def test_an_order_without_a_list_gives_no_names(decided_books):
    books = decided_books
    batch = _issued(books)
    looks = count(REGISTRY, "access_entry")

    assert not hand_over.names_a_list(batch)
    with pytest.raises(ListRefused):
        _printed(books, batch)
    assert count(REGISTRY, "access_entry") == looks


def test_the_list_ends_with_the_print_files(decided_books):
    books = decided_books
    wanted = len(cards.without_card(books.cycle))
    batch = _issued(books, listed=wanted)
    with pytest.raises(OutOfReach):
        _printed(books, batch, who="ana")
    cards.count(
        batch, good=wanted + factory.STOCK_CARDS, spoilt=[], tools=books.tools,
        acting=books.acting("jorge"),
    )  # fmt: skip

    with pytest.raises(ListRefused):
        _printed(books, batch)


def test_after_its_last_day_nothing_is_printed(decided_books):
    books = decided_books
    batch = _issued(books, listed=50, days=0)
    assert _printed(books, batch)[:5] == b"%PDF-"
    books.clock.forward(days=1)

    with pytest.raises(ApprovalInvalid):
        _printed(books, batch)
    books.clock.forward(seconds=int(timedelta(days=9).total_seconds()))
    with pytest.raises(ListRefused):
        _printed(books, batch)


def test_killed_before_the_look_is_written_nothing_was_opened(decided_books, monkeypatch):
    books = decided_books
    batch = _issued(books, listed=50)
    opened = []
    monkeypatch.setattr(
        type(books.tools.keeper.bulk), "hand_over_names", lambda *a, **k: opened.append(1)
    )
    dies(monkeypatch, store, "record_look")
    with pytest.raises(Killed):
        _printed(books, batch)

    assert opened == []
