"""
The report of an agreement: planned and reached of one cycle, as totals, to a named recipient.

Decides what two people agree to, the bands of age, and the lines of the file. No line is about one
person, and none tells who was reached: nothing outside the keeper pairs people with what was handed
out. Source: docs/explanation/design.md section 9; docs/decisions/0027-releases-and-the-audit-package.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from despensa.domain.catalogue import Catalogue, Purpose
from despensa.domain.release.package import ReleaseWrong, Wrong, check_recipient

ACTION = "release_report"
DISABILITY_FACT = "disability_functional"
# first years of the bands: children under five, of school age, youths, grown-ups, the old
AGES_FROM = (0, 5, 12, 18, 60)
_DAY_ZERO = date(1970, 1, 1).toordinal()
_FORMULA = ("=", "+", "-", "@", "\t")


class Breakdown(StrEnum):
    """By what a report is broken down."""

    SEX = "sex"
    AGE = "age"
    DISABILITY = "disability"
    AREA = "area"
    ITEM = "item"
    POINT = "point"


@dataclass(frozen=True, slots=True)
class ReportTerms:
    """What two people agree to: who gets the report, until when it is kept, broken down by what."""

    recipient: str
    destroy_by: date
    breakdowns: tuple[Breakdown, ...]

    def parameters(self) -> tuple[Any, ...]:
        """Return the terms as a proposal carries them."""
        day = self.destroy_by.toordinal() - _DAY_ZERO
        return (self.recipient, day, [str(one) for one in self.breakdowns])


def report_terms(parameters: Sequence[Any]) -> ReportTerms:
    """Return the terms a proposal carries."""
    recipient, day, breakdowns = parameters
    return ReportTerms(
        recipient, date.fromordinal(_DAY_ZERO + day), tuple(Breakdown(one) for one in breakdowns)
    )


def check_report(terms: ReportTerms, *, today: date, catalogue: Catalogue) -> None:
    """
    Refuse terms that may not be agreed to: a fact is counted only where it is held for reports.

    Raises: ReleaseWrong.
    """
    check_recipient(terms.recipient, terms.destroy_by, today=today)
    if not terms.breakdowns:
        raise ReleaseWrong(Wrong.BREAKDOWN)
    fact = catalogue.get(DISABILITY_FACT)
    is_held = fact is not None and Purpose.REPORT in fact.purposes
    if Breakdown.DISABILITY in terms.breakdowns and not is_held:
        raise ReleaseWrong(Wrong.NOT_FOR_REPORTS)


def age_band(number: int | None) -> str:
    """
    Return the years of a band; None is unknown.

    >>> age_band(1), age_band(4), age_band(None)
    ('5-11', '60+', 'unknown')
    """
    if number is None:
        return "unknown"
    first = AGES_FROM[number]
    if number + 1 == len(AGES_FROM):
        return f"{first}+"
    return f"{first}-{AGES_FROM[number + 1] - 1}"


def lines(content: Mapping[str, Any]) -> Iterator[list[str | int]]:
    """
    Yield the lines of a report's file: of what, which, measure, count.

    No text of it is taken for a formula by whoever opens it as a table.
    """
    yield ["breakdown", "value", "measure", "count"]
    for breakdown, value, measure, count in content["lines"]:
        safe = f"'{value}" if value.startswith(_FORMULA) else value
        yield [breakdown, safe, measure, count]
