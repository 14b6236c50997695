"""The page of one pair: both records fact by fact, and which of them stays."""

from collections.abc import Callable, Iterable
from datetime import date
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy, ngettext

from despensa.domain.duplicate import Verdict, earlier_first
from despensa.domain.matching.normalise import words
from despensa.entrypoints.office.duplicate_pages import Compared, PairPage, Side
from despensa.entrypoints.office.duplicate_words import (
    OTHER,
    SAME,
    SIMILAR,
    UNKNOWN,
    VERDICTS,
    told,
)
from despensa.entrypoints.office.shell import called
from despensa.entrypoints.office.states import State, Word, isolated
from despensa.entrypoints.office.templatetags.office import day as shown_day
from despensa.entrypoints.office.templatetags.office import month as shown_month
from despensa.entrypoints.office.words import SEXES
from despensa.records.households import queries
from despensa.usecases.open_pair import OpenedPair, OpenedRecord

_SEX_NAMES = {None: "unknown", 1: "male", 2: "female", 3: "other"}
_YEAR, _MONTH = 1, 2


def pair_page(opened: OpenedPair) -> PairPage:
    """Return the page of a pair that was opened."""
    pair, decided = opened.pair, opened.pair.decided
    kept, later = earlier_first(*(record.view.record for record in opened.records))
    # the record that stays stands first
    shown = sorted(opened.records, key=lambda record: record.view.id != kept.person)
    speaks_for, against = told(opened.reasons)
    undo_url = ""
    if decided.verdict is Verdict.SAME and decided.change is not None:
        undo_url = _undo_url(shown[1], decided.change)
    return PairPage(
        pair_id=pair.id,
        number=str(pair.id)[:8],
        state=VERDICTS[decided.verdict],
        sides=(_side(shown[0], is_kept=True), _side(shown[1], is_kept=False)),
        facts=tuple(_facts(shown[0], shown[1])),
        speaks_for=speaks_for,
        speaks_against=against,
        seen=decided.number,
        may_be_one=kept.home is not None and later.home is not None,
        money_waits_until=decided.money_waits_until,
        undo_url=undo_url,
        is_told_apart=decided.verdict is Verdict.NOT_SAME,
    )


def _undo_url(later: OpenedRecord, change: UUID) -> str:
    found = queries.operation(change)
    home = later.view.home if found is None else found[1].household
    return reverse("office:household_undo", args=[home, change])


def _side(record: OpenedRecord, *, is_kept: bool) -> Side:
    view = record.view
    if view.home is None:
        note: Word = gettext_lazy("Lives in no household any more")
    elif is_kept:
        note = gettext_lazy("The earlier record: it stays as it is")
    else:
        note = gettext_lazy("The later record: it keeps its food")
    return Side(record.full_name, view.home, note, is_kept)


def _facts(one: OpenedRecord, two: OpenedRecord) -> list[Compared]:
    return [
        _compared(gettext_lazy("Name"), one, two, lambda record: record.full_name, _same_name),
        _compared(gettext_lazy("Born"), one, two, _born, _same_birth(one, two)),
        _compared(gettext_lazy("Sex"), one, two, _sex),
        _compared(gettext_lazy("Documents"), one, two, _documents),
        _compared(gettext_lazy("Phones"), one, two, lambda record: _joined(record.phones)),
        _compared(gettext_lazy("Address"), one, two, lambda record: record.address),
        _compared(gettext_lazy("Place"), one, two, lambda record: called(record.view.area_names)),
        _compared(gettext_lazy("Household"), one, two, _household, _one_home(one, two)),
        Compared(
            gettext_lazy("Registered since"),
            shown_day(one.view.since),
            shown_day(two.view.since),
            None,
        ),
    ]


def _compared(
    label: Word,
    one: OpenedRecord,
    two: OpenedRecord,
    text: Callable[[OpenedRecord], str],
    alike: Callable[[str, str], State] | None = None,
) -> Compared:
    first, second = text(one), text(two)
    nothing = gettext("not known")
    if not first or not second:
        return Compared(label, first or nothing, second or nothing, UNKNOWN)
    state = (alike or _plainly)(first, second)
    return Compared(label, first, second, state)


def _plainly(first: str, second: str) -> State:
    return SAME if first == second else OTHER


def _same_name(first: str, second: str) -> State:
    if first == second:
        return SAME
    return SIMILAR if set(words(first)) & set(words(second)) else OTHER


def _same_birth(one: OpenedRecord, two: OpenedRecord) -> Callable[[str, str], State]:
    def alike(first: str, second: str) -> State:
        if first == second:
            return SAME
        months = one.view.birth_month, two.view.birth_month
        near = None not in months and len({m.year for m in months if m is not None}) == 1
        return SIMILAR if near else OTHER

    return alike


def _one_home(one: OpenedRecord, two: OpenedRecord) -> Callable[[str, str], State]:
    def alike(_first: str, _second: str) -> State:
        return SAME if one.view.home == two.view.home else OTHER

    return alike


def _born(record: OpenedRecord) -> str:
    view = record.view
    if view.birth_month is None:
        return ""
    if record.birth_day is not None:
        return shown_day(date(view.birth_month.year, view.birth_month.month, record.birth_day))
    if view.birth_precision == _YEAR:
        return str(view.birth_month.year)
    return shown_month(view.birth_month)


def _sex(record: OpenedRecord) -> str:
    return "" if record.view.sex is None else str(SEXES[_SEX_NAMES[record.view.sex]])


def _documents(record: OpenedRecord) -> str:
    return _joined(number for _, _, number in record.documents)


def _joined(values: Iterable[str]) -> str:
    return ", ".join(isolated(value) for value in sorted(values))


def _household(record: OpenedRecord) -> str:
    view = record.view
    if view.home is None:
        return ""
    people = ngettext("%(count)s person", "%(count)s people", view.people_at_home) % {
        "count": view.people_at_home
    }
    return f"{isolated(str(view.home)[:8])} · {isolated(people)}"
