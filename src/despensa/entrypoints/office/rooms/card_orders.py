"""Ordering a batch of cards, and counting it once it is printed."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy

from despensa.domain import epoch as epochs
from despensa.domain.card.count import CountRefused
from despensa.domain.card.hand_over import ListRefused
from despensa.domain.card.sheet import A4_TEN, LAYOUTS
from despensa.domain.card_order import YEARS_MAX, CardOrder, OrderRefused
from despensa.domain.identifier import CardNumberError, parse_card_number
from despensa.domain.proposal import ApprovalInvalid
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import cards, hand_over
from despensa.entrypoints.office import card_words
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_form import Mending, id_in
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.desk_pages import DeskFormPage
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.print_files import given_away
from despensa.entrypoints.office.rooms.cycle_words import DECIDED, OPEN
from despensa.entrypoints.office.shell import called, cycle_name, reach, show, staff_of
from despensa.entrypoints.office.states import Word
from despensa.entrypoints.office.words import PARAMETERS, PROPOSED_NOTICE
from despensa.records.cards import queries
from despensa.records.programmes import queries as programmes

_STOCK, _YEARS = "10", "5"
_SPOILT_LENGTH_MAX = 20_000
_DIGITS_MAX = 9
_FIRST, _LATER = "language_1", "language_2"


@door(Permission.ISSUE_CARDS)
def card_order(request: HttpRequest) -> HttpResponse:
    """Show the form of an order; a POST proposes it."""
    given = request.POST if request.method == "POST" else request.GET
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST":
        tools = wiring.tools()
        try:
            asked = _asked(request, given)
            cards.order(
                asked, tools, acting=tools.acting(staff_of(request).id),
                with_list=given.get("list") == "yes",
            )  # fmt: skip
        except Mending as mending:
            errors = mending.errors
        except OrderRefused as refused:
            place = _FIRST if refused.field == "languages" else refused.field
            errors = (FieldError(f"id_{place}", card_words.ORDER_TROUBLES[refused.field]),)
        else:
            messages.success(request, str(PROPOSED_NOTICE))
            return redirect("office:cards")
    notes = (
        gettext_lazy("Who has a card gets no second one. Every code is read back from the page."),
        gettext_lazy("A second person approves exactly this order."),
    )
    title, url = gettext_lazy("Order cards"), reverse("office:card_order")
    fields = _order_fields(request, given)
    return _show(request, title, url, fields, gettext_lazy("Propose the cards"), notes, errors)


@door(Permission.ISSUE_CARDS)
def card_count(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show the form of counting a batch; a POST closes it."""
    batch = queries.batch(batch_id, reach=reach(request, Permission.ISSUE_CARDS))
    if batch is None:
        raise Http404
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST":
        try:
            _count(request, batch_id)
        except Mending as mending:
            errors = mending.errors
        except OutOfReach as refused:
            raise Http404 from refused
        else:
            messages.success(request, str(card_words.COUNTED))
            return redirect("office:cards")
    given = request.POST
    fields = (
        ChangeField("good", "text", gettext_lazy("Good cards"), (),
                    [given.get("good", str(batch.count))], is_required=True),
        ChangeField("spoilt", "text", gettext_lazy("Numbers of spoilt cards"), (),
                    [given.get("spoilt", "")],
                    gettext_lazy("Torn, badly printed or missing; with spaces between them.")),
    )  # fmt: skip
    notes = (
        gettext_lazy(
            "The print files are destroyed after this: nothing is printed from them again."
        ),
        gettext_lazy("The household of a spoilt card is in the next order."),
    )
    title, url = (
        gettext_lazy("Count the printed cards"),
        reverse("office:card_count", args=[batch_id]),
    )
    return _show(request, title, url, fields, gettext_lazy("They are counted"), notes, errors)


@door(Permission.ISSUE_CARDS)
def card_list(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show what printing the hand-over list means; a POST prints it."""
    batch = queries.batch(batch_id, reach=reach(request, Permission.ISSUE_CARDS))
    if batch is None:
        raise Http404
    known = hand_over.languages()
    asked = request.POST.get("language", get_language() or "")
    chosen = asked if asked in known else next(iter(known))
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST":
        tools = wiring.tools()
        try:
            pdf = hand_over.printed_list(
                batch_id, chosen, tools, acting=tools.acting(staff_of(request).id)
            )
        except (ListRefused, ApprovalInvalid):
            errors = (FieldError("id_language", card_words.LIST_OVER),)
        except OutOfReach as refused:
            raise Http404 from refused
        else:
            return given_away(f"hand-over-{str(batch_id)[:8]}", [("hand-over.pdf", pdf)])
    languages = tuple(Choice(code, name) for code, name in known.items())
    fields = (
        ChangeField("language", "select", gettext_lazy("Language of the list"), languages,
                    [chosen], is_required=True),
    )  # fmt: skip
    notes = (
        gettext_lazy("The names stand in the order of the printed sheets."),
        gettext_lazy(
            "Each of these people can read that you printed their name. Nothing is kept here: "
            "destroy the paper when the cards are given."
        ),
    )
    title, url = (
        gettext_lazy("Hand-over list"),
        reverse("office:card_list", args=[batch_id]),
    )
    return _show(request, title, url, fields, gettext_lazy("Print the names"), notes, errors)


def _asked(request: HttpRequest, given: QueryDict) -> CardOrder:
    today = wiring.tools().today()
    cycle = given.get("cycle", "")
    if cycle and cycle not in {choice.value for choice in _cycles(request)}:
        raise Mending(FieldError("id_cycle", card_words.ORDER_TROUBLES["cycle"]))
    layout = LAYOUTS.get(_whole(given, "layout"))
    if layout is None:
        raise Mending(FieldError("id_layout", card_words.ORDER_TROUBLES["layout"]))
    years = _whole(given, "years")
    if not 1 <= years <= YEARS_MAX:
        raise Mending(FieldError("id_years", card_words.ORDER_TROUBLES["years"]))
    chosen = [given.get(name, "") for name in (_FIRST, _LATER)]
    return CardOrder(
        cycle=id_in(cycle) if cycle else None,
        stock=_whole(given, "stock"),
        epoch=epochs.epoch_of(today),
        expires_on=cards.valid_until(years, today),
        layout=layout,
        languages=tuple(language for language in chosen if language),
        help_line=" ".join(given.get("help_line", "").split()),
    )


def _whole(given: QueryDict, name: str) -> int:
    """Return a whole number that was typed, -1 for anything else."""
    written = given.get(name, "").strip()
    return int(written) if written.isdecimal() and len(written) <= _DIGITS_MAX else -1


def _order_fields(request: HttpRequest, given: QueryDict) -> tuple[ChangeField, ...]:
    tools = wiring.tools()
    languages = tuple(Choice(code, name) for code, name in cards.languages().items())
    usual = [code for code in tools.workspace.languages if code in cards.languages()]
    first, later = [*usual, "", ""][:2]
    layouts = tuple(Choice(str(number), word) for number, word in card_words.LAYOUTS.items())
    nobody = Choice("", gettext_lazy("nobody: only cards for the stock"))
    return (
        ChangeField("cycle", "select", gettext_lazy("Households without a card, of the cycle"),
                    (nobody, *_cycles(request)), [given.get("cycle", "")]),
        ChangeField("stock", "text", PARAMETERS["stock"], (), [given.get("stock", _STOCK)],
                    gettext_lazy("They are bound to a household by scanning them."),
                    is_required=True),
        ChangeField("layout", "select", PARAMETERS["layout"], layouts,
                    [given.get("layout", str(A4_TEN.number))], is_required=True),
        ChangeField(_FIRST, "select", gettext_lazy("First language on the card"), languages,
                    [given.get(_FIRST, first)], is_required=True),
        ChangeField(_LATER, "select", gettext_lazy("Second language on the card"),
                    (Choice("", gettext_lazy("none")), *languages), [given.get(_LATER, later)]),
        ChangeField("help_line", "text", PARAMETERS["help_line"], (),
                    [given.get("help_line", queries.last_help_line())],
                    gettext_lazy("It stands on every card."), is_required=True),
        ChangeField("list", "select", gettext_lazy("List of names for handing over"),
                    (Choice("", gettext_lazy("none")),
                     Choice("yes", gettext_lazy("in the order of the sheets"))),
                    [given.get("list", "")],
                    gettext_lazy("Names leave the system: the second person approves it too.")),
        ChangeField("years", "text", gettext_lazy("Years a card is valid"), (),
                    [given.get("years", _YEARS)], is_required=True),
    )  # fmt: skip


def _cycles(request: HttpRequest) -> tuple[Choice, ...]:
    """Return the cycles whose households may get cards, by programme and name."""
    within = reach(request, Permission.ISSUE_CARDS)
    return tuple(
        Choice(str(row.id), f"{called(row.programme_names)}, {cycle_name(row.code)}")
        for row in programmes.cycles()
        if DECIDED <= row.state <= OPEN and within.covers(row.programme, row.programme_area)
    )


def _count(request: HttpRequest, batch: UUID) -> None:
    good = _whole(request.POST, "good")
    if good < 0:
        raise Mending(FieldError("id_good", card_words.COUNT_NUMBER))
    spoilt = []
    for typed in request.POST.get("spoilt", "")[:_SPOILT_LENGTH_MAX].replace(",", " ").split():
        try:
            spoilt.append(parse_card_number(typed))
        except CardNumberError as wrong:
            sentence = card_words.SPOILT_NUMBER % {"number": typed[:20]}
            raise Mending(FieldError("id_spoilt", sentence)) from wrong
    tools = wiring.tools()
    try:
        cards.count(
            batch, good=good, spoilt=spoilt, tools=tools,
            acting=tools.acting(staff_of(request).id),
        )  # fmt: skip
    except CountRefused as refused:
        place = "id_good" if "number" not in refused.said else "id_spoilt"
        sentence = card_words.COUNT_TROUBLES[refused.trouble] % refused.said
        raise Mending(FieldError(place, sentence)) from refused


def _show(
    request: HttpRequest,
    title: Word,
    url: str,
    fields: tuple[ChangeField, ...],
    button: Word,
    notes: tuple[Word, ...],
    errors: tuple[FieldError, ...],
) -> HttpResponse:
    page = DeskFormPage(
        title, url, fields, button, notes, (), errors,
        back_url=reverse("office:cards"), back_word=gettext_lazy("Cards"),
    )  # fmt: skip
    return show(request, "office/desk_form.html", "cards", page, status=422 if errors else 200)
