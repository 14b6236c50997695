"""Cards: batches with their print files, and the hand-over of one card."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from despensa.domain.enrolment.card_binding import CardRefused
from despensa.domain.identifier import display_card_number
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import hand_over, print_files, print_shop
from despensa.entrypoints.jobs.desk import SCANNED_MAX, read_card
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.book_pages import BatchRow, CardsPage
from despensa.entrypoints.office.parts import FieldError, Figure
from despensa.entrypoints.office.print_files import given_away
from despensa.entrypoints.office.rooms.identity_cards import handed_over, identity_rows
from despensa.entrypoints.office.shell import may, reach, show, staff_of
from despensa.entrypoints.office.states import BATCH_STATES, Word
from despensa.entrypoints.office.turning import turned
from despensa.entrypoints.office.words import (
    CARD_NOT_WAITING,
    CARD_UNKNOWN,
    CARD_WRONG,
    FIGURES,
)
from despensa.records.cards import queries, shop_queries
from despensa.records.cards.shop_queries import ShopPackageView
from despensa.usecases.hand_over_cards import hand_over_cards

_BATCH_STATES = {1: "printing", 2: "ready", 3: "counted"}
_READY = 2


@door(Permission.SEE_CARDS)
def cards(request: HttpRequest) -> HttpResponse:
    """Show the batches."""
    return _page(request)


@door(Permission.HAND_OVER_CARDS)
def card_handover(request: HttpRequest) -> HttpResponse:
    """Hand one card over, by its number or by its scanned code."""
    if request.method != "POST":
        return redirect("office:cards")
    typed = request.POST.get("card_number", "")[:SCANNED_MAX].strip()
    number = _number(typed)
    if number is None:
        return _page(request, typed=typed[:20], problem=CARD_WRONG)
    in_reach = reach(request, Permission.HAND_OVER_CARDS)
    known = queries.household_of(number, reach=in_reach)
    if known is None and handed_over(request, number):
        shown = display_card_number(number)
        return _page(request, handed=gettext("Card %(number)s is handed over.") % {"number": shown})
    if known is None:
        return _page(request, typed=typed[:20], problem=CARD_UNKNOWN)
    tools = wiring.tools()
    done = hand_over_cards(
        [number], acting=tools.acting(staff_of(request).id), sealer=tools.keeper.vault
    )
    if not done.cards:
        return _page(request, typed=typed[:20], problem=CARD_NOT_WAITING)
    shown = display_card_number(number)
    return _page(request, handed=gettext("Card %(number)s is handed over.") % {"number": shown})


@door(Permission.ISSUE_CARDS)
def card_sheet(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Give the print file of a batch whose every code was read back."""
    batch = queries.batch(batch_id, reach=reach(request, Permission.ISSUE_CARDS))
    files = _files(batch_id)
    at_shop = shop_queries.package(batch_id) is not None
    if batch is None or batch.state != _READY or not files or at_shop:
        raise Http404
    return given_away(
        f"cards-{str(batch_id)[:8]}", [(path.name, path.read_bytes()) for path in files]
    )


def _page(
    request: HttpRequest, *, typed: str = "", problem: Word = "", handed: Word = ""
) -> HttpResponse:
    in_reach = reach(request, Permission.SEE_CARDS)
    batches, turns = turned(
        request,
        lambda limit, turn: queries.batches(limit, reach=in_reach, turn=turn),
        lambda batch: (batch.issued_on, batch.id),
        is_by_date=True,
    )
    made, handed_over, unassigned = queries.batch_totals(in_reach)
    may_print = may(request, Permission.ISSUE_CARDS)
    packages = shop_queries.packages([batch.id for batch in batches])
    page = CardsPage(
        figures=(
            Figure(FIGURES["cards"], made),
            Figure(FIGURES["handed_over"], handed_over, made),
            Figure(FIGURES["unassigned"], unassigned, made, "waiting"),
        ),
        batches=(
            *(identity_rows(in_reach.areas, may_print=may_print) if not request.GET else ()),
            *(_row(batch, packages.get(batch.id), may_print=may_print) for batch in batches),
        ),
        turns=turns,
        card_number=typed,
        handed=handed,
        errors=(FieldError("id_card_number", problem),) if problem else (),
        may_hand_over=may(request, Permission.HAND_OVER_CARDS),
        may_order=may_print,
    )
    return show(request, "office/cards.html", "cards", page, status=422 if problem else 200)


def _row(
    batch: queries.BatchState, package: ShopPackageView | None, *, may_print: bool
) -> BatchRow:
    is_mine = may_print and batch.state == _READY
    files = bool(_files(batch.id)) if is_mine else False
    is_out = is_mine and package is not None and package.is_out
    lists = (files or is_out) and batch.assigned and hand_over.names_a_list(batch.id)
    url = _url(batch.id)
    return BatchRow(
        number=str(batch.id)[:8],
        made_on=batch.issued_on,
        cards=batch.count,
        read_back=0 if batch.sheet_sha256 is None else batch.count,
        handed_over=batch.handed_over,
        state=BATCH_STATES[_BATCH_STATES[batch.state]],
        sheet_url=url("card_sheet") if files and package is None else "",
        destroy_on=batch.destroy_by,
        count_url=url("card_count") if is_mine and package is None else "",
        list_url=url("card_list") if lists else "",
        shop="" if package is None else package.shop,
        shop_url=url("card_shop") if files and package is None else "",
        package_url=url("card_package")
        if is_out and print_shop.package_file(batch.id, wiring.tools()) is not None
        else "",
        return_url=url("card_return") if is_out else "",
    )


def _url(batch: UUID) -> Callable[[str], str]:
    return lambda name: reverse(f"office:{name}", args=[batch])


def _files(batch: UUID) -> list[Path]:
    return print_files.sheets_in(print_files.folder_of(batch, wiring.tools()))


def _number(typed: str) -> str | None:
    """Return the card number that was typed, or that a scanned code of ours carries."""
    try:
        return read_card(typed, wiring.tools())
    except CardRefused:
        return None
