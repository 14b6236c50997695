"""
The operations that change a household, and the closed lists of their kinds and reasons.

An order says what somebody wants; whether it may be done, and what it changes, is decided in
`change`. Source: docs/explanation/design.md, sections 2 and 5.
"""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from uuid import UUID

from despensa.domain.household.membership import MemberRole


class Kind(IntEnum):
    """What happens; numbers are stored and never reused."""

    SPLIT = 1
    MERGE = 2
    MOVE = 3
    BIRTH = 4
    DEATH = 5
    LEAVE = 6
    JOIN = 7
    NEW_HEAD = 8
    COLLECTOR_NAMED = 9
    COLLECTOR_WITHDRAWN = 10
    UNDO = 11
    ERASURE = 12
    FILE_UPDATE = 20
    SAME_PERSON = 13


class Reason(IntEnum):
    """Why; numbers are stored and never reused. There is no free text."""

    REPORTED_BY_HOUSEHOLD = 1
    REPORTED_BY_PERSON = 2
    CIVIL_DOCUMENT = 3
    HOME_VISIT = 4
    REPORTED_BY_INSTITUTION = 5
    SEPARATION = 6
    PROTECTION = 7
    MARRIAGE_OR_UNION = 8
    CARE_OF_RELATIVE = 9
    DISPLACEMENT = 10
    RETURN_HOME = 11
    WORK_OR_STUDY = 12
    ENTERED_INSTITUTION = 13
    HEAD_CANNOT_ACT = 14
    COLLECTOR_CANNOT_COME = 15
    ONE_DWELLING = 16
    ENTRY_MISTAKE = 17
    PERSON_ASKED = 30
    COURT_ORDER = 31
    RETENTION_ENDED = 33
    FILE_SAYS = 50


class Carry(IntEnum):
    """What of the open cycles' free quantities goes along; numbers are stored."""

    NOTHING = 0
    BY_MEMBERS = 1
    EVERYTHING = 2


_TOLD = (
    Reason.REPORTED_BY_HOUSEHOLD,
    Reason.REPORTED_BY_PERSON,
    Reason.CIVIL_DOCUMENT,
    Reason.HOME_VISIT,
    Reason.REPORTED_BY_INSTITUTION,
)
_GOING = (
    Reason.SEPARATION,
    Reason.PROTECTION,
    Reason.MARRIAGE_OR_UNION,
    Reason.CARE_OF_RELATIVE,
    Reason.DISPLACEMENT,
    Reason.RETURN_HOME,
    Reason.WORK_OR_STUDY,
)

REASONS: dict[Kind, tuple[Reason, ...]] = {
    Kind.SPLIT: (*_GOING, Reason.HOME_VISIT),
    Kind.MERGE: (
        Reason.ONE_DWELLING,
        Reason.MARRIAGE_OR_UNION,
        Reason.CARE_OF_RELATIVE,
        Reason.HOME_VISIT,
    ),
    Kind.MOVE: (
        Reason.REPORTED_BY_HOUSEHOLD,
        Reason.DISPLACEMENT,
        Reason.RETURN_HOME,
        Reason.PROTECTION,
        Reason.WORK_OR_STUDY,
        Reason.HOME_VISIT,
    ),
    Kind.BIRTH: _TOLD,
    Kind.DEATH: _TOLD,
    Kind.LEAVE: (*_GOING, Reason.ENTERED_INSTITUTION, Reason.REPORTED_BY_HOUSEHOLD),
    Kind.JOIN: (*_GOING, Reason.REPORTED_BY_HOUSEHOLD, Reason.HOME_VISIT),
    Kind.NEW_HEAD: (
        Reason.REPORTED_BY_HOUSEHOLD,
        Reason.HEAD_CANNOT_ACT,
        Reason.PROTECTION,
        Reason.CIVIL_DOCUMENT,
    ),
    Kind.COLLECTOR_NAMED: (
        Reason.REPORTED_BY_HOUSEHOLD,
        Reason.COLLECTOR_CANNOT_COME,
        Reason.ENTERED_INSTITUTION,
        Reason.PROTECTION,
    ),
    Kind.COLLECTOR_WITHDRAWN: (
        Reason.REPORTED_BY_HOUSEHOLD,
        Reason.REPORTED_BY_PERSON,
        Reason.COLLECTOR_CANNOT_COME,
        Reason.PROTECTION,
    ),
    Kind.UNDO: (Reason.ENTRY_MISTAKE, Reason.REPORTED_BY_HOUSEHOLD),
    Kind.ERASURE: (
        Reason.PERSON_ASKED,
        Reason.COURT_ORDER,
        Reason.ENTRY_MISTAKE,
        Reason.RETENTION_ENDED,
    ),
    Kind.FILE_UPDATE: (Reason.FILE_SAYS,),
    Kind.SAME_PERSON: (
        Reason.REPORTED_BY_PERSON,
        Reason.REPORTED_BY_HOUSEHOLD,
        Reason.CIVIL_DOCUMENT,
        Reason.HOME_VISIT,
        Reason.ENTRY_MISTAKE,
    ),
}


@dataclass(frozen=True, slots=True)
class Order:
    """
    One wanted operation; `id` was made by the client, so that sending twice changes once.

    `household` is the one that stays: a split leaves it, a merge comes into it, people join it.
    `other` is the household made by a split, given up in a merge, or left by those who join.
    `newcomers` are people registered with this operation. `head` becomes head of `household`,
    `other_head` of the one a split makes; `area` is where a move goes, or the split-off household.
    Of a file's update alone: who lives there no longer are `people`, who come to live there
    `newcomers`; `collectors` are (who, role) that begin, `relieved` those that end.
    Somebody registered twice: `people` is the later record, of `household`; `kept` is the earlier one,
    of `other` where that is another household; `pair` is the pair of records that was looked at.
    """

    id: UUID
    kind: Kind
    reason: Reason
    day: date
    household: UUID
    expected_version: int
    people: tuple[UUID, ...] = ()
    newcomers: tuple[UUID, ...] = ()
    head: UUID | None = None
    other: UUID | None = None
    other_version: int | None = None
    other_head: UUID | None = None
    area: UUID | None = None
    collector: UUID | None = None
    collector_role: MemberRole = MemberRole.PRIMARY_COLLECTOR
    collector_is_institution: bool = False
    carry: Carry = Carry.BY_MEMBERS
    undoes: UUID | None = None
    collectors: tuple[tuple[UUID, MemberRole], ...] = ()
    relieved: tuple[tuple[UUID, MemberRole], ...] = ()
    kept: UUID | None = None
    pair: UUID | None = None

    @property
    def withdrawn(self) -> UUID | None:
        """Return who shall collect no longer, if that is what is wanted."""
        return self.collector if self.kind is Kind.COLLECTOR_WITHDRAWN else None
