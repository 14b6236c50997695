"""Identity cards on paper in the office: asked for, ordered, given to print, counted, handed over."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from despensa.domain.card.count import CountRefused
from despensa.domain.card.sheet import A4_TEN, LAYOUTS
from despensa.domain.card_order import OrderRefused
from despensa.domain.identifier import CardNumberError, parse_card_number
from despensa.domain.identity_order import CARDS_MAX, PaperRefused
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import cards, identity_cards, print_files, wallet
from despensa.entrypoints.office import card_words
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.book_pages import BatchRow
from despensa.entrypoints.office.change_form import Mending, id_in
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.desk_pages import DeskFormPage
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.print_files import given_away
from despensa.entrypoints.office.rooms.household_changes import acting
from despensa.entrypoints.office.shell import reach, show, staff_of
from despensa.entrypoints.office.states import BATCH_STATES, Word
from despensa.entrypoints.office.words import PARAMETERS, PROPOSED_NOTICE
from despensa.records.cards import queries as card_queries
from despensa.records.wallet import paper_queries

_STATES = {1: "printing", 2: "ready", 3: "counted"}
_FIRST, _LATER = "language_1", "language_2"
_SPOILT_LENGTH_MAX = 20_000
_DIGITS_MAX = 9


@door(Permission.CHANGE_HOUSEHOLDS)
@require_POST
def identity_ask(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Write down that somebody of a household asked for a card on paper."""
    person = id_in(request.POST.get("person"))
    try:
        if person is None:
            raise Http404
        identity_cards.ask(person, household_id, wiring.tools(), acting=acting(request))
    except PaperRefused as refused:
        raise Http404 from refused
    except wallet.NoAddress:
        messages.error(request, str(card_words.NO_ADDRESS))
    else:
        messages.success(request, str(card_words.ASKED))
    return redirect("office:wallet", household_id)


@door(Permission.ISSUE_CARDS)
def identity_order(request: HttpRequest) -> HttpResponse:
    """Show the form of an order; a POST proposes it."""
    given = request.POST
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST":
        tools = wiring.tools()
        chosen = [given.get(name, "") for name in (_FIRST, _LATER)]
        layout = given.get("layout", "")
        try:
            identity_cards.order(
                LAYOUTS.get(int(layout) if layout.isdecimal() else 0, A4_TEN),
                [language for language in chosen if language],
                " ".join(given.get("help_line", "").split()),
                tools,
                acting=tools.acting(staff_of(request).id),
            )
        except OrderRefused as refused:
            place = _FIRST if refused.field == "languages" else refused.field
            errors = (FieldError(f"id_{place}", card_words.ORDER_TROUBLES[refused.field]),)
        except wallet.NoAddress:
            errors = (FieldError("id_layout", card_words.NO_ADDRESS),)
        else:
            messages.success(request, str(PROPOSED_NOTICE))
            return redirect("office:cards")
    within = reach(request, Permission.ISSUE_CARDS)
    waiting = len(paper_queries.wanted(CARDS_MAX, areas=within.areas))
    notes = (
        gettext_lazy("People who wait for one: %(count)s. Only they get a card.")
        % {"count": waiting},
        gettext_lazy(
            "Their names leave the system on the cards: the second person approves it too."
        ),
    )
    return _show(
        request, gettext_lazy("Order identity cards"), reverse("office:identity_order"),
        order_fields(given), gettext_lazy("Propose the cards"), notes, errors,
    )  # fmt: skip


@door(Permission.ISSUE_CARDS)
def identity_sheet(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Give the print file of a batch whose every code was read back."""
    within = reach(request, Permission.ISSUE_CARDS)
    files = print_files.sheets_in(print_files.folder_of(batch_id, wiring.tools()))
    is_theirs = paper_queries.is_within(batch_id, within.areas)
    if not is_theirs or not paper_queries.is_ready(batch_id) or not files:
        raise Http404
    return given_away(
        f"identity-cards-{str(batch_id)[:8]}", [(path.name, path.read_bytes()) for path in files]
    )


@door(Permission.ISSUE_CARDS)
def identity_count(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Show the form of counting a batch; a POST closes it."""
    within = reach(request, Permission.ISSUE_CARDS)
    if not paper_queries.is_within(batch_id, within.areas):
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
        ChangeField("good", "text", gettext_lazy("Good cards"), (), [given.get("good", "")],
                    is_required=True),
        ChangeField("spoilt", "text", gettext_lazy("Numbers of spoilt cards"), (),
                    [given.get("spoilt", "")],
                    gettext_lazy("Torn, badly printed or missing; with spaces between them.")),
    )  # fmt: skip
    notes = (
        gettext_lazy(
            "The print files are destroyed after this: nothing is printed from them again."
        ),
        gettext_lazy("Whoever was to get a spoilt card asks again."),
    )
    return _show(
        request, gettext_lazy("Count the printed cards"),
        reverse("office:identity_count", args=[batch_id]), fields,
        gettext_lazy("They are counted"), notes, errors,
    )  # fmt: skip


def handed_over(request: HttpRequest, number: str) -> bool:
    """Return whether a printed identity card of this number was handed over now."""
    tools = wiring.tools()
    return identity_cards.hand_over(number, tools, acting=tools.acting(staff_of(request).id))


def identity_rows(areas: Sequence[UUID] | None, *, may_print: bool) -> list[BatchRow]:
    """Return the batches of identity cards of these areas as rows of the page of cards."""
    rows = []
    for batch in paper_queries.batches(areas=areas):
        is_mine = may_print and batch.state == paper_queries.READY
        files = is_mine and print_files.sheets_in(print_files.folder_of(batch.id, wiring.tools()))
        rows.append(
            BatchRow(
                number=str(batch.id)[:8],
                made_on=batch.issued_on,
                cards=batch.count,
                read_back=0 if batch.state < paper_queries.READY else batch.count,
                handed_over=batch.handed_over,
                state=BATCH_STATES[_STATES[batch.state]],
                sheet_url=reverse("office:identity_sheet", args=[batch.id]) if files else "",
                destroy_on=batch.destroy_by,
                count_url=reverse("office:identity_count", args=[batch.id]) if is_mine else "",
                kind=card_words.IDENTITY_CARDS,
            )
        )
    return rows


def order_fields(given: QueryDict) -> tuple[ChangeField, ...]:
    """Return the fields of an order with what was typed."""
    tools = wiring.tools()
    known = cards.languages()
    languages = tuple(Choice(code, name) for code, name in known.items())
    usual = [code for code in tools.workspace.languages if code in known]
    first, later = [*usual, "", ""][:2]
    layouts = tuple(Choice(str(number), word) for number, word in card_words.LAYOUTS.items())
    return (
        ChangeField("layout", "select", PARAMETERS["layout"], layouts,
                    [given.get("layout", str(A4_TEN.number))], is_required=True),
        ChangeField(_FIRST, "select", gettext_lazy("First language on the card"), languages,
                    [given.get(_FIRST, first)], is_required=True),
        ChangeField(_LATER, "select", gettext_lazy("Second language on the card"),
                    (Choice("", gettext_lazy("none")), *languages), [given.get(_LATER, later)]),
        ChangeField("help_line", "text", PARAMETERS["help_line"], (),
                    [given.get("help_line", card_queries.last_help_line())],
                    gettext_lazy("It stands on every card."), is_required=True),
    )  # fmt: skip


def _count(request: HttpRequest, batch: UUID) -> None:
    written = request.POST.get("good", "").strip()
    if not written.isdecimal() or len(written) > _DIGITS_MAX:
        raise Mending(FieldError("id_good", card_words.COUNT_NUMBER))
    tools = wiring.tools()
    typed = request.POST.get("spoilt", "")[:_SPOILT_LENGTH_MAX].replace(",", " ").split()
    try:
        spoilt = [parse_card_number(one) for one in typed]
        identity_cards.count(
            batch, good=int(written), spoilt=spoilt, tools=tools,
            acting=tools.acting(staff_of(request).id),
        )  # fmt: skip
    except CardNumberError as wrong:
        sentence = card_words.SPOILT_NUMBER % {"number": " ".join(typed)[:40]}
        raise Mending(FieldError("id_spoilt", sentence)) from wrong
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
