"""The timeline of a household: every act on it, newest first, in sentences; the look is written first."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from despensa.domain.appeal import Answer
from despensa.domain.correction.slot import Channel, State
from despensa.domain.ports.keeper import AccessRefused
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.appeal_words import STATES as APPEAL_STATES
from despensa.entrypoints.office.correction_pages import DeedLine, TimelinePage
from despensa.entrypoints.office.household_words import KINDS, unnamed
from despensa.entrypoints.office.rooms import household_history
from despensa.entrypoints.office.rooms.cycle_words import OUTCOMES
from despensa.entrypoints.office.rooms.household_changes import acting, short_number
from despensa.entrypoints.office.shell import called, cycle_name, instant, show
from despensa.entrypoints.office.states import OUTCOME_STATES, Word, isolated
from despensa.entrypoints.office.turning import turned
from despensa.entrypoints.office.words import TOO_MANY_READS
from despensa.records.corrections.timeline import Deed, DeedRow
from despensa.records.households import queries
from despensa.records.keyset import Turn
from despensa.records.programmes import queries as programmes
from despensa.records.staff import queries as staff
from despensa.usecases.open_timeline import NoSuchHousehold, OpenedTimeline, open_timeline


@door(Permission.READ_HOUSEHOLDS)
def timeline(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Show everything that was done to a household, a page at a time."""
    opened: list[OpenedTimeline] = []

    def read(limit: int, turn: Turn | None) -> tuple[DeedRow, ...]:
        opened.append(
            open_timeline(
                household_id,
                limit=limit,
                turn=turn,
                purpose=household_history.purpose_of(request),
                acting=acting(request),
                vault=wiring.tools().keeper.vault,
            )
        )
        return opened[-1].deeds

    try:
        rows, turns = turned(request, read, lambda row: (row.at, row.id))
    except NoSuchHousehold as error:
        raise Http404 from error
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return redirect("office:households")
    [found] = opened
    names = staff.names({row.staff for row in rows if row.staff is not None})
    page = TimelinePage(
        household_id=household_id,
        number=short_number(household_id),
        area_name=called(found.household.area_names),
        lines=tuple(_line(row, found, names) for row in rows),
        turns=turns,
    )
    return show(request, "office/household_timeline.html", "households", page)


def _line(row: DeedRow, opened: OpenedTimeline, names: Mapping[UUID, str]) -> DeedLine:
    said: tuple[str, ...] = ()
    operation = opened.operations.get(row.ref)
    if row.deed is Deed.CHANGED and operation is not None:
        said = household_history.sentences_of(operation, opened.household.id, opened.names)
    return DeedLine(
        sentence=_sentence(row, opened, operation),
        at=instant(row.at),
        is_day=row.is_day,
        person_name="" if row.staff is None else names.get(row.staff, ""),
        said=said,
        url=_url(row),
    )


def _sentence(row: DeedRow, opened: OpenedTimeline, operation: queries.TimelineRow | None) -> Word:
    person = isolated(
        unnamed() if row.person is None else opened.names.get(row.person) or unnamed()
    )
    match row.deed:
        case Deed.REGISTERED:
            return gettext("The household was registered.")
        case Deed.CHANGED:
            assert operation is not None, "an operation of this household"
            word = str(KINDS[operation.kind])
            return (
                gettext("%(what)s (undone later)") % {"what": word} if operation.is_undone else word
            )
        case Deed.CORRECTION_ASKED:
            by_office = row.detail == int(Channel.OFFICE)
            text = (
                gettext("The office asked to correct the record of %(person)s.")
                if by_office
                else gettext("A correction of the record of %(person)s was asked for.")
            )
            return text % {"person": person}
        case Deed.CORRECTION_ANSWERED:
            text = (
                gettext("The record of %(person)s was corrected.")
                if row.detail == int(State.DONE)
                else gettext("The correction of the record of %(person)s was refused.")
            )
            return text % {"person": person}
        case Deed.CARD_MADE:
            return gettext("A card was made for the household.")
        case Deed.DECIDED:
            return _decided(row)
        case Deed.ERASED:
            return gettext("A person was erased from the register.")
        case Deed.APPEAL_BROUGHT:
            return gettext("An appeal against a decision was taken down.")
        case Deed.APPEAL_ANSWERED:
            word = isolated(APPEAL_STATES[Answer(row.detail)].word)
            return gettext("An appeal was answered: %(answer)s.") % {"answer": word}


def _decided(row: DeedRow) -> str:
    cycle = programmes.cycle(row.ref)
    assert cycle is not None, "a decision has its cycle"
    return gettext("%(programme)s, %(cycle)s: %(outcome)s.") % {
        "programme": isolated(called(cycle.programme_names)),
        "cycle": isolated(cycle_name(cycle.code)),
        "outcome": isolated(OUTCOME_STATES[OUTCOMES[row.detail]].word),
    }


def _url(row: DeedRow) -> str:
    if row.deed in {Deed.CORRECTION_ASKED, Deed.CORRECTION_ANSWERED}:
        return reverse("office:correction", args=[row.ref])
    if row.deed in {Deed.APPEAL_BROUGHT, Deed.APPEAL_ANSWERED}:
        return reverse("office:appeal", args=[row.ref])
    return ""
