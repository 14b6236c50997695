"""
What a proposal to erase a person says: whom, of which household as it stood, and who follows.

Source: docs/reference/formats.md, section 9.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from despensa.domain.household.operation import Kind, Order
from despensa.domain.household.operation import Reason as HouseholdReason
from despensa.domain.payload import ID_LENGTH, Reader
from despensa.domain.proposal import Proposal, Reason

ACTION = "erase_person"
BACKUP_DAYS, BACKUP_DAYS_MAX = 35, 3650
REASONS = (
    Reason.PERSON_ASKED,
    Reason.COURT_ORDER,
    Reason.ENTERED_BY_MISTAKE,
    Reason.RETENTION_ENDED,
)
_IN_HISTORY = {
    Reason.PERSON_ASKED: HouseholdReason.PERSON_ASKED,
    Reason.COURT_ORDER: HouseholdReason.COURT_ORDER,
    Reason.ENTERED_BY_MISTAKE: HouseholdReason.ENTRY_MISTAKE,
    Reason.RETENTION_ENDED: HouseholdReason.RETENTION_ENDED,
}
_PARAMETERS = 6


@dataclass(frozen=True, slots=True)
class Wish:
    """
    Whom to erase: `version` is that of the household when it was proposed.

    `head` and `collector` follow the person where they were the only one who may collect.
    """

    person: UUID
    household: UUID
    version: int
    head: UUID | None = None
    collector: UUID | None = None
    collector_is_institution: bool = False

    def parameters(self) -> tuple[Any, ...]:
        """Return the wish as a proposal holds it."""
        return (
            self.person.bytes,
            self.household.bytes,
            self.version,
            None if self.head is None else self.head.bytes,
            None if self.collector is None else self.collector.bytes,
            self.collector_is_institution,
        )

    def order(self, reason: Reason, *, new_id: Callable[[], UUID], day: date) -> Order:
        """Return the operation on the person's households. Raises: KeyError for another reason."""
        return Order(
            id=new_id(),
            kind=Kind.ERASURE,
            reason=_IN_HISTORY[reason],
            day=day,
            household=self.household,
            expected_version=self.version,
            people=(self.person,),
            head=self.head,
            collector=self.collector,
            collector_is_institution=self.collector_is_institution,
        )


def wish_of(proposal: Proposal) -> Wish:
    """
    Return what a proposal wants erased.

    Raises: MalformedPayload when the parameters are not the action's.
    """
    reader = Reader("proposal", {9: list(proposal.parameters)})
    person, household, version, head, collector, is_institution = reader.array(
        9, length=_PARAMETERS
    )
    if proposal.reason not in REASONS:
        reader.refuse(9, "go with a reason to erase somebody")
    if not isinstance(is_institution, bool):
        reader.refuse(9, "must say whether an institution collects")
    return Wish(
        person=UUID(bytes=reader.as_octets(9, person, ID_LENGTH)),
        household=UUID(bytes=reader.as_octets(9, household, ID_LENGTH)),
        version=reader.as_uint(9, version),
        head=_person(reader, head),
        collector=_person(reader, collector),
        collector_is_institution=is_institution,
    )


def _person(reader: Reader, value: Any) -> UUID | None:
    return None if value is None else UUID(bytes=reader.as_octets(9, value, ID_LENGTH))
