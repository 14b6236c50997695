"""
The words for operations on households: kinds, reasons, statements and refusals.

Codes come from `domain.household`; a code without a word here is a mistake (KeyError).
"""

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from uuid import UUID

from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext_lazy

from despensa.domain.household.operation import Carry, Kind, Reason
from despensa.domain.household.refusal import ChangeRefused, Why
from despensa.domain.household.statement import Says, Statement
from despensa.entrypoints.office.states import Word
from despensa.entrypoints.office.templatetags.office import day as shown_day

KINDS: Mapping[Kind, Word] = MappingProxyType(
    {
        Kind.SPLIT: gettext_lazy("Some people form a household of their own"),
        Kind.MERGE: gettext_lazy("Another household joins this one"),
        Kind.MOVE: gettext_lazy("The household moves"),
        Kind.BIRTH: gettext_lazy("A child is born"),
        Kind.DEATH: gettext_lazy("Somebody died"),
        Kind.LEAVE: gettext_lazy("Somebody leaves"),
        Kind.JOIN: gettext_lazy("Somebody joins"),
        Kind.NEW_HEAD: gettext_lazy("A new head"),
        Kind.COLLECTOR_NAMED: gettext_lazy("Name a collector"),
        Kind.COLLECTOR_WITHDRAWN: gettext_lazy("Withdraw a collector"),
        Kind.UNDO: gettext_lazy("Undone"),
        Kind.ERASURE: gettext_lazy("Erase a person"),
        Kind.FILE_UPDATE: gettext_lazy("A register file said something new"),
        Kind.SAME_PERSON: gettext_lazy("Two records of one person become one"),
    }
)
REASONS: Mapping[Reason, Word] = MappingProxyType(
    {
        Reason.REPORTED_BY_HOUSEHOLD: gettext_lazy("The household reported it"),
        Reason.REPORTED_BY_PERSON: gettext_lazy("The person reported it"),
        Reason.CIVIL_DOCUMENT: gettext_lazy("A civil document shows it"),
        Reason.HOME_VISIT: gettext_lazy("Found at a home visit"),
        Reason.REPORTED_BY_INSTITUTION: gettext_lazy("An institution reported it"),
        Reason.SEPARATION: gettext_lazy("Separation"),
        Reason.PROTECTION: gettext_lazy("Protection"),
        Reason.MARRIAGE_OR_UNION: gettext_lazy("Marriage or union"),
        Reason.CARE_OF_RELATIVE: gettext_lazy("Care of a relative"),
        Reason.DISPLACEMENT: gettext_lazy("Displacement"),
        Reason.RETURN_HOME: gettext_lazy("Return home"),
        Reason.WORK_OR_STUDY: gettext_lazy("Work or study"),
        Reason.ENTERED_INSTITUTION: gettext_lazy("Lives in an institution now"),
        Reason.HEAD_CANNOT_ACT: gettext_lazy("The head cannot act"),
        Reason.COLLECTOR_CANNOT_COME: gettext_lazy("The collector cannot come"),
        Reason.ONE_DWELLING: gettext_lazy("They share one dwelling"),
        Reason.ENTRY_MISTAKE: gettext_lazy("Entered by mistake"),
        Reason.PERSON_ASKED: gettext_lazy("The person asked for it"),
        Reason.COURT_ORDER: gettext_lazy("A court ordered it"),
        Reason.RETENTION_ENDED: gettext_lazy("The time for keeping it has ended"),
        Reason.FILE_SAYS: gettext_lazy("The source says so"),
    }
)
CARRIES: Mapping[Carry, Word] = MappingProxyType(
    {
        Carry.BY_MEMBERS: gettext_lazy("A share by the number of people; the rest stays"),
        Carry.EVERYTHING: gettext_lazy("Everything goes with them"),
        Carry.NOTHING: gettext_lazy("Nothing goes with them"),
    }
)
ROLES: Mapping[int, Word] = MappingProxyType(
    {
        1: gettext_lazy("head"),
        2: gettext_lazy("member"),
        3: pgettext_lazy("role in a household", "primary collector"),
        4: pgettext_lazy("role in a household", "alternate collector"),
    }
)
INSTITUTIONS: Mapping[int, Word] = MappingProxyType(
    {
        1: gettext_lazy("shelter"),
        2: gettext_lazy("orphanage"),
        3: gettext_lazy("hospital"),
        4: gettext_lazy("school"),
        5: gettext_lazy("community kitchen"),
        6: gettext_lazy("public office"),
        7: gettext_lazy("aid organisation"),
    }
)

_ROLE_SENTENCES: Mapping[Says, tuple[Word, Word]] = MappingProxyType(
    {
        Says.HEAD_BEGINS: (
            gettext_lazy("%(name)s is head of this household."),
            gettext_lazy("%(name)s is head of the other household."),
        ),
        Says.HEAD_ENDS: (
            gettext_lazy("%(name)s is no longer head of this household."),
            gettext_lazy("%(name)s is no longer head of the other household."),
        ),
        Says.MEMBER_BEGINS: (
            gettext_lazy("%(name)s lives in this household."),
            gettext_lazy("%(name)s lives in the other household."),
        ),
        Says.MEMBER_ENDS: (
            gettext_lazy("%(name)s is no longer listed as a member of this household."),
            gettext_lazy("%(name)s is no longer listed as a member of the other household."),
        ),
        Says.PRIMARY_BEGINS: (
            gettext_lazy("%(name)s collects for this household."),
            gettext_lazy("%(name)s collects for the other household."),
        ),
        Says.PRIMARY_ENDS: (
            gettext_lazy("%(name)s no longer collects for this household."),
            gettext_lazy("%(name)s no longer collects for the other household."),
        ),
        Says.ALTERNATE_BEGINS: (
            gettext_lazy("%(name)s may collect for this household instead."),
            gettext_lazy("%(name)s may collect for the other household instead."),
        ),
        Says.ALTERNATE_ENDS: (
            gettext_lazy("%(name)s may no longer collect for this household instead."),
            gettext_lazy("%(name)s may no longer collect for the other household instead."),
        ),
        Says.ENDED: (
            gettext_lazy("Nobody lives in this household any more; its history stays."),
            gettext_lazy("Nobody lives in the other household any more; its history stays."),
        ),
        Says.WITHOUT_HEAD: (
            gettext_lazy("This household has no head; one must be named by %(day)s."),
            gettext_lazy("The other household has no head; one must be named by %(day)s."),
        ),
    }
)
_SENTENCES: Mapping[Says, Word] = MappingProxyType(
    {
        Says.MOVED: gettext_lazy("The household lives in %(area)s from %(day)s."),
        Says.SHARE_PART: gettext_lazy(
            "Of what is still free in the open cycles, %(count)s of %(of)s parts go with them; what "
            "cannot be divided stays."
        ),
        Says.SHARE_ALL: gettext_lazy(
            "Everything that is still free in the open cycles goes along."
        ),
        Says.SHARE_BACK: gettext_lazy(
            "What was carried over comes back, as far as it is still free."
        ),
        Says.SHARE_NONE: gettext_lazy("Nothing of the open cycles goes with them."),
        Says.LEASES_STAY: gettext_lazy(
            "Lists that phones hold already stay as they are; what they hold is carried over when "
            "they come back."
        ),
    }
)
REFUSALS: Mapping[Why, Word] = MappingProxyType(
    {
        Why.CHANGED_MEANWHILE: gettext_lazy(
            "The household was changed meanwhile: look at it again, then decide."
        ),
        Why.ID_USED_OTHERWISE: gettext_lazy(
            "This operation was sent before with other content: begin it anew."
        ),
        Why.REASON_DOES_NOT_FIT: gettext_lazy("Choose a reason."),
        Why.DAY_IN_FUTURE: gettext_lazy(
            "The day lies in the future: record it when it has happened."
        ),
        Why.DAY_TOO_EARLY: gettext_lazy(
            "On that day this was not yet so: take %(day)s or a later day."
        ),
        Why.NO_SUCH_HOUSEHOLD: gettext_lazy(
            "There is no household with this card number in your area."
        ),
        Why.HOUSEHOLD_ENDED: gettext_lazy(
            "Nobody lives in this household any more: choose the one they live in."
        ),
        Why.SAME_HOUSEHOLD: gettext_lazy("Both are the same household: choose two."),
        Why.NOBODY_NAMED: gettext_lazy("Nobody was chosen: choose at least one person."),
        Why.NOT_A_MEMBER: gettext_lazy("Somebody chosen does not live in this household today."),
        Why.LIVES_ELSEWHERE: gettext_lazy(
            "Somebody chosen lives in another household: move them from there."
        ),
        Why.NOBODY_STAYS: gettext_lazy("Nobody would stay: let the household move instead."),
        Why.HEAD_NOT_AMONG_THEM: gettext_lazy(
            "The head must be one of those who live in that household then."
        ),
        Why.IS_HEAD_ALREADY: gettext_lazy("This person is the head already."),
        Why.HEAD_OVERDUE: gettext_lazy(
            "The household has been without a head since %(day)s: name one first."
        ),
        Why.NOBODY_COLLECTS: gettext_lazy(
            "Nobody could collect any more: name a new head or a collector as well."
        ),
        Why.NOT_A_COLLECTOR: gettext_lazy("This person does not collect for this household."),
        Why.IS_COLLECTOR_ALREADY: gettext_lazy(
            "This person collects for this household in this way already."
        ),
        Why.COLLECTS_FOR_TOO_MANY: gettext_lazy(
            "Already collects for %(count)s households, and %(limit)s is the published limit: choose "
            "somebody else."
        ),
        Why.NO_AREA: gettext_lazy("Choose where the household lives now."),
        Why.SAME_AREA: gettext_lazy("The household lives there already."),
        Why.HISTORY_OVERLAPS: gettext_lazy(
            "Two heads, or two homes of one person, would overlap: check the day."
        ),
        Why.NO_SUCH_CHANGE: gettext_lazy("There is no such operation of this household."),
        Why.UNDONE_BEFORE: gettext_lazy("This operation was undone before: nothing was changed."),
        Why.NOT_THE_LATEST: gettext_lazy(
            "Something was changed after it: undo the later operation first."
        ),
        Why.ERASED: gettext_lazy(
            "This person was erased: nothing of them can be changed or brought back."
        ),
        Why.NEEDS_TWO: gettext_lazy("A person is erased by two people: propose it."),
        Why.NOBODY_ELSE_COLLECTS: gettext_lazy(
            "Only this person may collect for a household that goes on: name a new head or a "
            "collector there first, or in this proposal."
        ),
        Why.CAME_WITH_A_FILE: gettext_lazy(
            "This came with a register file: undo the whole import, or record what is so now."
        ),
        Why.SAME_AS_ANOTHER: gettext_lazy(
            "This person was registered twice: go on with the other record, or undo that first."
        ),
        Why.TOLD_APART: gettext_lazy(
            "These are two people: that was decided and stays. What is wrong in one of the records "
            "is mended there, by a correction."
        ),
        Why.NOBODY_KNOWN: gettext_lazy(
            "Nobody in the register has the id that was given: look at the household again, then "
            "choose."
        ),
        Why.DIED: gettext_lazy(
            "This person died, as recorded: choose somebody else, or undo that operation if it was "
            "a mistake."
        ),
        Why.PAIR_DECIDED: gettext_lazy(
            "This pair was decided meanwhile: look at it again, then decide."
        ),
    }
)


def sentence(
    said: Statement, *, name: Callable[[Statement], str], area: Callable[[UUID], str]
) -> str:
    """Return one statement in the reader's language; `name` and `area` say whom and where."""
    if said.says is Says.FOUNDED:
        return ngettext(
            "A new household is made with %(count)s person.",
            "A new household is made with %(count)s people.",
            said.count,
        ) % {"count": said.count}
    values = {
        "name": _apart(name(said)) if said.holder is not None else "",
        "day": "" if said.day is None else shown_day(said.day),
        "area": "" if said.area is None else _apart(area(said.area)),
        "count": said.count,
        "of": said.of,
    }
    if said.says in _ROLE_SENTENCES:
        here, there = _ROLE_SENTENCES[said.says]
        return str(here if said.is_here else there) % values
    return str(_SENTENCES[said.says]) % values


def _apart(text: str) -> str:
    """Return a name that keeps its own direction inside a sentence of another (Unicode TR9)."""
    return f"\u2068{text}\u2069"


def refusal(refused: ChangeRefused) -> str:
    """Return why an operation is not done, in the reader's language."""
    values = {
        key: shown_day(value) if isinstance(value, date) else value
        for key, value in refused.values.items()
    }
    text = str(REFUSALS[refused.why])
    return text % values if values else text


def unnamed() -> str:
    """Return what stands for somebody whose name is not opened on this page."""
    return gettext("a person who is not shown here")
