"""Undoing an import: what it would take back, a reason, and a proposal for a second person."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from despensa.domain.import_undo import ACTION, REASONS, Obstacle, UndoRefused
from despensa.domain.proposal import Reason, parse
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import undoing
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.pair_pages import ImportUndoPage
from despensa.entrypoints.office.parts import Choice, Fact, FieldError
from despensa.entrypoints.office.shell import reach, show, staff_of
from despensa.entrypoints.office.states import Word
from despensa.entrypoints.office.words import REASON_MISSING, STORED_REASONS, TOTALS
from despensa.records.proposals import queries as proposals
from despensa.records.registry import queries as registry
from despensa.usecases.undo_import import preview_undo

OBSTACLES: Mapping[Obstacle, Word] = {
    Obstacle.NO_SUCH_IMPORT: gettext_lazy("There is no import with this id."),
    Obstacle.NOT_TAKEN_IN: gettext_lazy("This file was not taken in: there is nothing to undo."),
    Obstacle.UNDONE_BEFORE: gettext_lazy("This import was undone before: nothing was changed."),
    Obstacle.CYCLE_OPENED: gettext_lazy(
        "The cycle {name} has opened and counted {count} households of this file: correct them one "
        "by one instead."
    ),
    Obstacle.CARDS_MADE: gettext_lazy(
        "{count} cards were made for households of this file, first for {name}: correct the "
        "households one by one instead."
    ),
    Obstacle.CHANGED_LATER: gettext_lazy(
        "{count} households of this file were changed later, first {name}: undo those changes "
        "first, or correct the households one by one."
    ),
    Obstacle.CORRECTED_LATER: gettext_lazy(
        "Records of {count} people or households of this file were corrected later: correct the "
        "others one by one instead."
    ),
    Obstacle.COLLECTS_ELSEWHERE: gettext_lazy(
        "{count} people of this file have a role in other households, first in {name}: withdraw "
        "them there first."
    ),
    Obstacle.REASON_DOES_NOT_FIT: gettext_lazy(
        "This reason is not on the list for undoing an import."
    ),
}
_PROPOSED = gettext_lazy("Proposed. Nothing is taken back before a second person approves it.")


_WAITS = gettext_lazy("Undoing this import was proposed already; it waits for a second person.")


def _waiting(import_id: UUID) -> UUID | None:
    """Return the proposal that would undo this import, if one waits."""
    now = wiring.tools().now()
    for view in proposals.waiting(limit=None):
        undoes = view.action == ACTION and view.expires_at > now
        if undoes and parse(view.canonical).parameters[0] == import_id.bytes:
            return view.id
    return None


def obstacle_word(refused: UndoRefused) -> str:
    """Return why an import is not undone."""
    values = {name: f"\u2068{value}\u2069" for name, value in refused.values.items()}
    return str(OBSTACLES[refused.obstacle]).format_map(values)


@door(Permission.PROPOSE_IMPORT)
def import_undo(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Show what undoing an import takes back; a POST proposes it."""
    row = registry.register_import(import_id, reach=reach(request, Permission.PROPOSE_IMPORT))
    if row is None:
        raise Http404
    acting = wiring.tools().acting(staff_of(request).id)
    given = request.POST.get("reason", "")
    errors: tuple[FieldError, ...] = ()
    if request.method == "POST" and given not in {str(int(one)) for one in REASONS}:
        errors = (FieldError("id_reason", REASON_MISSING),)
    waits = _waiting(import_id)
    if waits is not None:
        messages.info(request, _WAITS)
        return redirect("office:proposal", waits)
    try:
        if request.method == "POST" and not errors:
            proposal = undoing.propose(import_id, Reason(int(given)), acting=acting)
            messages.success(request, _PROPOSED)
            return redirect("office:proposal", proposal)
        totals = preview_undo(import_id, None, acting=acting).totals.named()
    except UndoRefused as refused:
        totals, errors = (), (FieldError("undo_title", obstacle_word(refused)),)
    page = ImportUndoPage(
        import_id=import_id,
        file_name=row.file_name,
        totals=tuple(Fact(TOTALS[name], count) for name, count in totals),
        reasons=tuple(Choice(str(int(one)), STORED_REASONS[int(one)]) for one in REASONS),
        reason=given,
        errors=errors,
    )
    status = 422 if errors and request.method == "POST" else 200
    return show(request, "office/import_undo.html", "imports", page, status=status)
