"""Cards: batches with their print files, and the hand-over of one card."""

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
from despensa.entrypoints.jobs import hand_over
from despensa.entrypoints.jobs.cards import print_folder
from despensa.entrypoints.jobs.desk import SCANNED_MAX, read_card
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.book_pages import BatchRow, CardsPage
from despensa.entrypoints.office.parts import FieldError, Figure
from despensa.entrypoints.office.print_files import given_away
from despensa.entrypoints.office.shell import may, reach, show, staff_of
from despensa.entrypoints.office.states import BATCH_STATES, Word
from despensa.entrypoints.office.turning import turned
from despensa.entrypoints.office.words import (
    CARD_NOT_WAITING,
    CARD_UNKNOWN,
    CARD_WRONG,
    FIGURES,
)
from despensa.records.cards import queries
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
    if batch is None or batch.state != _READY or not files:
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
    page = CardsPage(
        figures=(
            Figure(FIGURES["cards"], made),
            Figure(FIGURES["handed_over"], handed_over, made),
            Figure(FIGURES["unassigned"], unassigned, made, "waiting"),
        ),
        batches=tuple(_row(batch, may_print=may_print) for batch in batches),
        turns=turns,
        card_number=typed,
        handed=handed,
        errors=(FieldError("id_card_number", problem),) if problem else (),
        may_hand_over=may(request, Permission.HAND_OVER_CARDS),
        may_order=may_print,
    )
    return show(request, "office/cards.html", "cards", page, status=422 if problem else 200)


def _row(batch: queries.BatchState, *, may_print: bool) -> BatchRow:
    is_ready = batch.state == _READY and bool(_files(batch.id))
    url = reverse("office:card_sheet", args=[batch.id]) if is_ready and may_print else ""
    return BatchRow(
        number=str(batch.id)[:8],
        made_on=batch.issued_on,
        cards=batch.count,
        read_back=0 if batch.sheet_sha256 is None else batch.count,
        handed_over=batch.handed_over,
        state=BATCH_STATES[_BATCH_STATES[batch.state]],
        sheet_url=url,
        destroy_on=batch.destroy_by,
        count_url=reverse("office:card_count", args=[batch.id])
        if may_print and batch.state == _READY
        else "",
        list_url=reverse("office:card_list", args=[batch.id])
        if url and batch.assigned and hand_over.names_a_list(batch.id)
        else "",
    )


def _files(batch: UUID) -> list[Path]:
    return sorted(print_folder(batch, wiring.tools()).glob("cards-*.pdf"))


def _number(typed: str) -> str | None:
    """Return the card number that was typed, or that a scanned code of ours carries."""
    try:
        return read_card(typed, wiring.tools())
    except CardRefused:
        return None
