"""
Erasing a person: a form, what would change, a proposal for a second person; and the receipt.

The form shows names, so it is a look that is written down before.
"""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from despensa.domain.erasure import REASONS, Wish
from despensa.domain.household.operation import Kind
from despensa.domain.household.refusal import ChangeRefused
from despensa.domain.household.statement import statements
from despensa.domain.ports.keeper import AccessRefused
from despensa.domain.proposal import Reason
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import erasing
from despensa.entrypoints.office import change_form, erasure_words
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_form import Mending, Room
from despensa.entrypoints.office.change_pages import (
    ChangeField,
    HouseholdChangePage,
)
from despensa.entrypoints.office.household_words import KINDS, refusal
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.receipt_page import Back, show_receipt
from despensa.entrypoints.office.rooms.household_changes import (
    acting,
    opened_room,
    sentences,
    short_number,
)
from despensa.entrypoints.office.shell import reach, show
from despensa.entrypoints.office.words import STORED_REASONS, TOO_MANY_READS
from despensa.records.households import queries
from despensa.records.proposals import queries as proposals
from despensa.usecases.erase_person import preview_erasure

_TEMPLATE = "office/household_change.html"
_ERASE = gettext_lazy("Erase a person")
_PREVIEW = gettext_lazy("Look at what changes")
_PROPOSE = gettext_lazy("Propose it to a second person")
_PROPOSED = gettext_lazy("Proposed. Nothing is destroyed before a second person approves it.")
_FOR_EVER = gettext_lazy(
    "Name, documents, phones, address, birth date and facts of this person are destroyed for ever. "
    "It cannot be undone."
)


@door(Permission.CHANGE_HOUSEHOLDS)
def erase(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Show the form; after a POST what would change; after another POST it is proposed."""
    given = request.POST
    try:
        room = opened_room(request, household_id)
        if request.method != "POST":
            return _form(request, room, QueryDict())
        wish, reason = _wish(room, given)
        act = acting(request)
        if given.get("stage") == "do":
            proposal = erasing.propose(wish, reason, acting=act)
            messages.success(request, _PROPOSED)
            return redirect("office:proposal", proposal)
        order = wish.order(reason, new_id=act.new_id, day=act.day)
        situation, change = preview_erasure(wish, order, acting=act)
    except Mending as mending:
        return _form(request, room, given, mending.errors)
    except ChangeRefused as refused:
        return _form(request, room, given, (FieldError("id_people", refusal(refused)),))
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return redirect("office:households")
    typed = given.copy()
    typed["stage"] = "do"
    typed["version"] = str(wish.version)
    page = HouseholdChangePage(
        household_id=household_id,
        number=short_number(household_id),
        title=KINDS[Kind.ERASURE],
        action=reverse("office:household_erase", args=[household_id]),
        hidden=tuple(
            (name, str(value))
            for name, values in typed.lists()
            if name != "csrfmiddlewaretoken"
            for value in values
        ),
        sentences=(str(_FOR_EVER), *sentences(statements(change, situation), room.names)),
        button=_PROPOSE,
    )
    return show(request, _TEMPLATE, "households", page)


@door(Permission.SEE_PROPOSALS)
def receipt(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """Show the receipt of an erasure for printing, in the language of the person it is for."""
    view = proposals.proposal(proposal_id)
    in_reach = view is not None and reach(request, Permission.SEE_PROPOSALS).covers(
        view.programme, view.area
    )
    signed = queries.erasure_receipt(proposal_id) if in_reach else None
    if signed is None:
        raise Http404
    workspace = wiring.tools().workspace.name
    return show_receipt(
        request,
        signed,
        room="proposals",
        back=Back(reverse("office:proposal", args=[proposal_id]), _ERASE),
        title=erasure_words.title,
        sentences=lambda said: erasure_words.receipt_sentences(said, workspace=workspace),
    )


def _wish(room: Room, given: QueryDict) -> tuple[Wish, Reason]:
    """Return what was typed. Raises: Mending."""
    person = change_form.id_in(given.get("people"))
    if person is None:
        raise Mending(FieldError("id_people", gettext_lazy("Choose the person.")))
    reason = given.get("reason", "")
    if reason not in {str(int(one)) for one in REASONS}:
        raise Mending(FieldError("id_reason", gettext_lazy("Choose a reason.")))
    collector = given.get("collector", "")
    version = given.get("version", "")
    known = room.situation.households[room.household].version
    wish = Wish(
        person=person,
        household=room.household,
        version=int(version) if version.isdecimal() and len(version) < 10 else known,
        head=change_form.id_in(given.get("head")),
        collector=change_form.id_in(collector.removeprefix("institution:")),
        collector_is_institution=collector.startswith("institution:"),
    )
    return wish, Reason(int(reason))


def _form(
    request: HttpRequest, room: Room, given: QueryDict, errors: tuple[FieldError, ...] = ()
) -> HttpResponse:
    reasons = tuple(Choice(str(int(one)), STORED_REASONS[int(one)]) for one in REASONS)
    people = tuple(Choice(str(person), name) for person, name in room.names.items())
    page = HouseholdChangePage(
        household_id=room.household,
        number=short_number(room.household),
        title=KINDS[Kind.ERASURE],
        action=reverse("office:household_erase", args=[room.household]),
        fields=(
            ChangeField(
                "people", "radios", gettext_lazy("Whom"), people, [given.get("people", "")]
            ),
            ChangeField(
                "reason", "select", gettext_lazy("Why"), reasons, [given.get("reason", "")],
                is_required=True,
            ),
            *change_form.who_follows(room, given),
        ),
        errors=errors,
        button=_PREVIEW,
    )  # fmt: skip
    return show(request, _TEMPLATE, "households", page, status=422 if errors else 200)
