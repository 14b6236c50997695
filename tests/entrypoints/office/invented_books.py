"""Invented contents of cards, ledger and log."""

from datetime import date

from django.utils.translation import gettext

from despensa.domain.card.shop import LineVerdict
from despensa.entrypoints.office import book_pages, card_words, change_pages, desk_pages, parts
from despensa.entrypoints.office.states import (
    BATCH_STATES,
    CHECK_STATES,
    State,
)
from despensa.entrypoints.office.words import (
    ACCOUNT_KINDS,
    FIGURES,
    LEAF_KINDS,
    PARAMETERS,
)
from tests.entrypoints.office.invented_parts import HASH, TODAY, at


def cards() -> book_pages.CardsPage:
    row = book_pages.BatchRow
    return book_pages.CardsPage(
        figures=(
            parts.Figure(FIGURES["cards"], 620),
            parts.Figure(FIGURES["handed_over"], 548, 620),
            parts.Figure(FIGURES["unassigned"], 60, 620, "waiting"),
            parts.Figure(FIGURES["replaced"], 12, 620, "information"),
        ),
        batches=(
            row(
                "B-0007",
                TODAY,
                60,
                60,
                0,
                BATCH_STATES["ready"],
                "/x.pdf",
                date(2026, 11, 28),
                "/cards/count/",
                list_url="/x/",
                shop_url="/x/",
            ),
            row(
                "B-0008",
                TODAY,
                400,
                400,
                0,
                BATCH_STATES["ready"],
                destroy_on=date(2026, 11, 28),
                list_url="/x/",
                shop="Imprenta El Sol",
                package_url="/x/",
                return_url="/x/",
            ),
            row(
                "f81d4fae",
                TODAY,
                12,
                12,
                5,
                BATCH_STATES["ready"],
                "/x.pdf",
                date(2026, 11, 28),
                "/x/",
                kind=card_words.IDENTITY_CARDS,
            ),
            row("B-0006", TODAY, 200, 120, 0, BATCH_STATES["printing"]),
            row("B-0005", date(2026, 10, 2), 360, 360, 348, BATCH_STATES["counted"]),
        ),
        handed="Card C7Q4-88KD-2 is handed over.",
        may_order=True,
    )


def card_order() -> desk_pages.DeskFormPage:
    field = change_pages.ChangeField
    layouts = tuple(parts.Choice(str(n), word) for n, word in card_words.LAYOUTS.items())
    return desk_pages.DeskFormPage(
        gettext("Order cards"),
        "/x/",
        (
            field("cycle", "select", gettext("Households without a card, of the cycle"),
                  (parts.Choice("", gettext("nobody: only cards for the stock")),)),
            field("stock", "text", PARAMETERS["stock"], (), ["10"],
                  gettext("They are bound to a household by scanning them."), is_required=True),
            field("layout", "select", PARAMETERS["layout"], layouts, ["1"], is_required=True),
            field("language_1", "select", gettext("First language on the card"),
                  (parts.Choice("es", "español"), parts.Choice("ar", "العربية")), ["es"],
                  is_required=True),
            field("help_line", "text", PARAMETERS["help_line"], (), ["1" * 40],
                  gettext("It stands on every card."), is_required=True),
            field("list", "select", gettext("List of names for handing over"),
                  (parts.Choice("", gettext("none")),
                   parts.Choice("yes", gettext("in the order of the sheets"))), ["yes"],
                  gettext("Names leave the system: the second person approves it too.")),
        ),
        gettext("Propose the cards"),
        (gettext("Who has a card gets no second one. Every code is read back from the page."),),
        errors=(parts.FieldError("id_help_line", card_words.ORDER_TROUBLES["help_line"]),),
        back_url="/cards/",
        back_word=gettext("Cards"),
    )  # fmt: skip


def card_list() -> desk_pages.DeskFormPage:
    return desk_pages.DeskFormPage(
        gettext("Hand-over list"),
        "/x/",
        (
            change_pages.ChangeField(
                "language", "select", gettext("Language of the list"),
                (parts.Choice("es", "español"), parts.Choice("ar", "العربية")), ["es"],
                is_required=True,
            ),
        ),
        gettext("Print the names"),
        (
            gettext("The names stand in the order of the printed sheets."),
            gettext(
                "Each of these people can read that you printed their name. Nothing is kept here: "
                "destroy the paper when the cards are given."
            ),
        ),
        errors=(parts.FieldError("id_language", card_words.LIST_OVER),),
        back_url="/cards/",
        back_word=gettext("Cards"),
    )  # fmt: skip


def card_slips() -> desk_pages.DeskFormPage:
    return desk_pages.DeskFormPage(
        gettext("Slip for card %(number)s") % {"number": "7H2M-9RTW-X9"},
        "/x/",
        (),
        gettext("Print the slip"),
        (
            gettext("A phone holds this household's goods and may have no network."),
            gettext(
                "Print the slip and give it along with the new card. The phone scans it once; from "
                "then on the new card stands in the place of the old one."
            ),
        ),
        back_url="/households/",
        back_word=gettext("Household"),
    )


def card_return() -> book_pages.CardReturnPage:
    line, words = book_pages.ReturnLine, card_words.VERDICTS
    figures = card_words.RETURN_FIGURES
    return book_pages.CardReturnPage(
        "/x/",
        "B-0008",
        "Imprenta El Sol",
        (
            parts.Figure(figures["printed"], 396, 400),
            parts.Figure(figures["missing"], 3, 400, "waiting"),
            parts.Figure(figures["doubled"], 1, 400, "waiting"),
            parts.Figure(figures["foreign"], 3),
        ),
        (
            line(17, "C7Q4-88KD-2T", words[LineVerdict.REPEATED]),
            line(40, "7H2M-9RTW-X9", words[LineVerdict.UNKNOWN]),
            line(41, "K2P8-TT7A-CW", words[LineVerdict.WRONG_HASH]),
            line(90, "seri", words[LineVerdict.UNREADABLE]),
            line(None, "K2P8-TT7A-CW", card_words.MISSING),
        ),
        left_out=2,
        is_looked_at=True,
        errors=(parts.FieldError("id_file", card_words.RETURN_REFUSED),),
    )


def ledger() -> book_pages.LedgerPage:
    kind = book_pages.KindBalance
    return book_pages.LedgerPage(
        units=(
            book_pages.UnitBalance(
                "Food parcel",
                (
                    kind(ACCOUNT_KINDS["fund"], 1, 566, 0),
                    kind(ACCOUNT_KINDS["entitlement"], 412, 267, 566),
                    kind(ACCOUNT_KINDS["delivered"], 12, 0, 262),
                    kind(ACCOUNT_KINDS["emergency"], 1, 0, 5),
                ),
                833,
                833,
                CHECK_STATES["holds"],
            ),
        ),
        checked_at=at(10, 1),
        state=CHECK_STATES["holds"],
    )


def log() -> book_pages.LogPage:
    leaf = book_pages.LeafRow
    return book_pages.LogPage(
        origin="despensa.example/san-rafael",
        size=18422,
        waiting=3,
        root_hex=HASH,
        signed_at=at(10, 0),
        key_name="san-rafael+4f1c77a0",
        state=CHECK_STATES["holds"],
        verified_at=at(10, 0),
        witnesses=(
            book_pages.WitnessRow(
                "University of the Coast", 18390, at(9, 0), State("done", "up to date")
            ),
        ),
        leaves=(
            leaf(
                18421,
                at(9, 58),
                LEAF_KINDS["totals"],
                "Food parcel, November 2026: 566 parcels promised",
            ),
            leaf(
                18402,
                at(9, 20),
                LEAF_KINDS["approval"],
                "Import of 1,197 rows approved by the second person",
            ),
            leaf(18377, at(8, 0), LEAF_KINDS["start"], "Version 0.1.0 started"),
        ),
        turns=parts.Turns(next_url="?before=18377", position="18,377–18,421"),
    )
