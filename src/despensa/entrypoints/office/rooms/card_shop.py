"""A batch at a print shop: proposed, its package given out, its return looked at and taken."""

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from despensa.domain.card.shop import (
    RETURN_BYTES_MAX,
    Reconciled,
    ReturnRefused,
    ShopRefused,
    ShopTrouble,
)
from despensa.domain.identifier import display_card_number
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import print_shop
from despensa.entrypoints.office import card_words
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.book_pages import CardReturnPage, ReturnLine
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.desk_pages import DeskFormPage
from despensa.entrypoints.office.parts import FieldError, Figure
from despensa.entrypoints.office.shell import reach, show, staff_of
from despensa.entrypoints.office.words import PROPOSED_NOTICE
from despensa.records.cards import queries, shop_queries

_SHOWN_MAX = 200
_KEY_LENGTH_MAX = 200


@door(Permission.ISSUE_CARDS)
def card_shop(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show the form that sends a batch to a print shop; a POST proposes it."""
    _require(request, batch_id)
    errors: tuple[FieldError, ...] = ()
    given = request.POST
    if request.method == "POST":
        tools = wiring.tools()
        try:
            print_shop.propose(
                batch_id, " ".join(given.get("shop", "").split()),
                given.get("key", "").strip()[:_KEY_LENGTH_MAX], tools,
                acting=tools.acting(staff_of(request).id),
            )  # fmt: skip
        except ShopRefused as refused:
            place = "id_key" if refused.trouble is ShopTrouble.KEY else "id_shop"
            errors = (FieldError(place, card_words.SHOP_TROUBLES[refused.trouble]),)
        else:
            messages.success(request, str(PROPOSED_NOTICE))
            return redirect("office:cards")
    fields = (
        ChangeField("shop", "text", gettext_lazy("Name of the print shop"), (),
                    [given.get("shop", "")], gettext_lazy("It stands in the log."),
                    is_required=True),
        ChangeField("key", "text", gettext_lazy("Public key of the shop"), (),
                    [given.get("key", "")],
                    gettext_lazy("A line that begins with age1, which the shop makes once."),
                    is_required=True),
    )  # fmt: skip
    notes = (
        gettext_lazy("A second person approves exactly this shop and its key."),
        gettext_lazy(
            "From then on the pages are given out sealed to this key alone, and no card of the batch "
            "is handed over before the shop's list was held against what was issued."
        ),
    )
    page = DeskFormPage(
        gettext_lazy("Have a batch printed outside"),
        reverse("office:card_shop", args=[batch_id]),
        fields, gettext_lazy("Propose the shop"), notes, (), errors,
        back_url=reverse("office:cards"), back_word=gettext_lazy("Cards"),
    )  # fmt: skip
    return show(request, "office/desk_form.html", "cards", page, status=422 if errors else 200)


@door(Permission.ISSUE_CARDS)
def card_package(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    """Give the sealed package of a batch to whoever brings it to the shop."""
    _require(request, batch_id)
    path = print_shop.package_file(batch_id, wiring.tools())
    if path is None:
        raise Http404
    name = f"cards-{str(batch_id)[:8]}.zip.age"
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=name,
        content_type="application/octet-stream",
    )  # fmt: skip


@door(Permission.ISSUE_CARDS)
def card_return(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show what a shop's list says of a batch; a POST that closes counts the batch with it."""
    _require(request, batch_id)
    package = shop_queries.package(batch_id)
    if package is None:
        raise Http404
    done: Reconciled | None = None
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST":
        closes = request.POST.get("step") == "close"
        try:
            done = _held_against(request, batch_id, closes=closes)
        except ReturnRefused:
            errors = (FieldError("id_file", card_words.RETURN_REFUSED),)
        except OutOfReach as refused:
            raise Http404 from refused
        else:
            if closes:
                messages.success(request, str(card_words.COUNTED))
                return redirect("office:cards")
    page = CardReturnPage(
        action=reverse("office:card_return", args=[batch_id]),
        number=str(batch_id)[:8],
        shop=package.shop,
        figures=() if done is None else _figures(done),
        lines=() if done is None else _lines(done),
        left_out=0 if done is None else max(0, _strange(done) - _SHOWN_MAX),
        is_looked_at=done is not None,
        is_whole=done is not None and not _strange(done),
        errors=errors,
    )
    return show(request, "office/card_return.html", "cards", page, status=422 if errors else 200)


def _held_against(request: HttpRequest, batch_id: UUID, *, closes: bool) -> Reconciled:
    """Return what the uploaded list says. Raises: ReturnRefused; OutOfReach."""
    upload = request.FILES.get("file")
    if upload is None:
        raise ReturnRefused
    data, tools = upload.read(RETURN_BYTES_MAX + 1), wiring.tools()
    if not closes:
        return print_shop.looked_at(batch_id, data)
    done, _ = print_shop.take_return(
        batch_id, data, tools, acting=tools.acting(staff_of(request).id)
    )
    return done


def _figures(done: Reconciled) -> tuple[Figure, ...]:
    made = len(done.printed) + len(done.spoilt)
    words = card_words.RETURN_FIGURES
    return (
        Figure(words["printed"], len(done.printed), made),
        Figure(words["missing"], len(done.missing), made, "waiting"),
        Figure(words["doubled"], len(done.doubled), made, "waiting"),
        Figure(words["foreign"], done.foreign),
    )


def _strange(done: Reconciled) -> int:
    return len(done.strange_lines()) + len(done.missing)


def _lines(done: Reconciled) -> tuple[ReturnLine, ...]:
    found = [
        ReturnLine(line.line, line.serial, card_words.VERDICTS[line.verdict])
        for line in done.strange_lines()
    ]
    gone = [
        ReturnLine(None, display_card_number(number), card_words.MISSING) for number in done.missing
    ]
    return tuple([*found, *gone][:_SHOWN_MAX])


def _require(request: HttpRequest, batch_id: UUID) -> None:
    if queries.batch(batch_id, reach=reach(request, Permission.ISSUE_CARDS)) is None:
        raise Http404
