"""
The parts of a published rule, as values that cannot change.

Decides nothing; it only says what a rule consists of. `parse` makes these values, `compile` turns
them into SQL, `evaluate` reads them for one household, `explain` puts them into sentences.
Source: docs/explanation/design.md section 7.1; data/schemas/rule-1.json.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from despensa.domain.eligibility.faults import RuleFault

Subject = Literal["household", "person"]
Scope = Literal["household", "person", "applicant"]
FactType = Literal["boolean", "integer", "code"]
Comparison = Literal["<", "<=", "==", "!=", ">=", ">"]
Reading = Literal["widest", "narrowest"]
AgeUnit = Literal["years", "months"]
Texts = Mapping[str, str]
Beside = Literal["nothing", "own_cycles", "everything"]

ENTITLED, NOT_ENTITLED, NEEDS_INFORMATION = 1, 2, 3
OUTCOMES = {
    ENTITLED: "entitled",
    NOT_ENTITLED: "not_entitled",
    NEEDS_INFORMATION: "needs_information",
}
FACT_MAX = 10**12
MEMBERS_MAX = 10**4
BUDGET_CODE = "BUDGET"


class NotInForce(ValueError):
    """A dated parameter has no value on the date asked for; `fault` says which."""

    def __init__(self, name: str, day: date) -> None:
        """Name the parameter and the day."""
        self.fault = RuleFault("not_in_force", name=name, day=day)
        super().__init__(self.fault)


@dataclass(frozen=True, slots=True)
class FactDeclaration:
    """One catalogue fact the rule reads: its name, whose it is, its type, its allowed codes."""

    name: str
    of: Subject
    type: FactType
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DatedValue:
    """A parameter's value from a day on, until another day (exclusive) when given."""

    since: date
    until: date | None
    value: int
    legal_basis: Texts


@dataclass(frozen=True, slots=True)
class RuleParameter:
    """A named number whose value depends on the date and rests on a legal basis."""

    name: str
    unit: str
    values: tuple[DatedValue, ...]

    def on(self, day: date) -> DatedValue:
        """
        Return the value in force on a day.

        Raises: NotInForce when no value has begun by then or the last one has ended.
        """
        begun = [dated for dated in self.values if dated.since <= day]
        if not begun or (begun[-1].until is not None and begun[-1].until <= day):
            raise NotInForce(self.name, day)
        return begun[-1]


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number written in the rule."""

    value: int


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """The value of a dated parameter."""

    name: str


@dataclass(frozen=True, slots=True)
class FactValue:
    """The value of an integer fact."""

    name: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many members meet a condition; all members when there is none."""

    where: "Condition | None"


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum of a number over the members who meet a condition."""

    of: "Number"
    where: "Condition | None"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Whole-number arithmetic; there is no division, so nothing is ever rounded on the way."""

    operation: Literal["plus", "minus", "times"]
    parts: tuple["Number", ...]


Constant = Whole | ParameterValue
Number = Whole | ParameterValue | FactValue | Count | Sum | Arithmetic


@dataclass(frozen=True, slots=True)
class Compare:
    """Two numbers compared."""

    left: Number
    operation: Comparison
    right: Number


@dataclass(frozen=True, slots=True)
class Between:
    """A number between two bounds, both included."""

    value: Number
    low: Number
    high: Number


@dataclass(frozen=True, slots=True)
class InCodes:
    """A code fact that is one of the listed codes."""

    fact: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FactHolds:
    """A yes-or-no fact that is yes."""

    name: str


@dataclass(frozen=True, slots=True)
class Age:
    """
    A member's age within bounds on a date (the decision's date when `on` is absent).

    A birth known to the month allows several ages; `widest` holds when one of them fits,
    `narrowest` only when all do. The parser chooses the one favourable to the person.
    """

    at_least: Constant | None
    below: Constant | None
    unit: AgeUnit
    on: date | None
    reading: Reading


@dataclass(frozen=True, slots=True)
class InArea:
    """The household lives in the area of the programme."""


@dataclass(frozen=True, slots=True)
class AnyMember:
    """At least one member meets a condition."""

    where: "Condition"


@dataclass(frozen=True, slots=True)
class Junction:
    """All, any or none of several conditions."""

    kind: Literal["all", "any", "none"]
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class ClauseHolds:
    """The clause with this code is met."""

    code: str


Condition = (
    Compare | Between | InCodes | FactHolds | Age | InArea | AnyMember | Junction | ClauseHolds
)


@dataclass(frozen=True, slots=True)
class ClauseTexts:
    """The three sentences of a clause in one language."""

    met: str
    not_met: str
    unknown: str


@dataclass(frozen=True, slots=True)
class Bands:
    """A quantity by steps of a number: each step holds from its number up to the next one."""

    of: Number
    steps: tuple[tuple[Constant, Constant], ...]


@dataclass(frozen=True, slots=True)
class Rounding:
    """Quantities become multiples of `to`; nearest takes the half upwards."""

    to: int
    direction: Literal["down", "up", "nearest"]


@dataclass(frozen=True, slots=True)
class BenefitLine:
    """What an entitled household receives of one unit, and what it gets while we ask."""

    line: str
    unit: str
    kind: Literal["item", "amount"]
    quantity: Number | Bands
    minimum: int
    maximum: int
    while_unknown: int
    rounding: Rounding = field(default_factory=lambda: Rounding(1, "down"))
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class CarryOver:
    """
    How much of a unit that was not claimed goes on into the next cycle, and for how many cycles.

    Units: `at_most` for one household, in the unit's whole quantities; `cycles` from 1.
    """

    unit: str
    at_most: Constant
    cycles: int


@dataclass(frozen=True, slots=True)
class Highest:
    """Who has more of a number comes first; who has it unknown comes after those who know it."""

    by: Number


@dataclass(frozen=True, slots=True)
class Lowest:
    """Who has less of a number comes first; who has it unknown comes after those who know it."""

    by: Number


@dataclass(frozen=True, slots=True)
class First:
    """Who meets a condition comes first, then those of whom it is unknown, then the others."""

    when: Condition


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot of the household, drawn from a seed that the log held before the facts were frozen."""


Priority = Highest | Lowest | First | Lot


@dataclass(frozen=True, slots=True)
class BudgetTexts:
    """The two sentences about the end of the money in one language."""

    met: str
    not_met: str


@dataclass(frozen=True, slots=True)
class BudgetCase:
    """
    Households decided together on a date, and whether the money must reach each.

    Shape: one of `reached` per household, None for one that asks for none; where a lot decides,
        the lots rise in the order of the list.
    """

    sentence: str
    on: date
    households: tuple["Household", ...]
    reached: tuple[bool | None, ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """The most the programme gives of one unit in a cycle; whose turn comes too late gets none."""

    unit: str
    maximum: Constant
    texts: Mapping[str, BudgetTexts]
    case: BudgetCase | None


@dataclass(frozen=True, slots=True)
class Border:
    """
    How far the budget of a cycle reached.

    Shape: `last` is the place in the order of the last who were reached, as `reading.place` gives
        it; None when not even the first were.
    """

    last: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Member:
    """
    One member's facts as the registry holds them.

    `precision` of the birth month: 0 unknown, 1 year, 2 month, 3 the day is known but sealed.
    """

    born: date | None
    precision: int
    facts: Mapping[str, bool | int | str]


@dataclass(frozen=True, slots=True)
class Household:
    """One household's facts as the registry holds them; `in_area` is None when not known."""

    in_area: bool | None
    facts: Mapping[str, bool | int | str]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class ClauseCase:
    """A household and a date for which a clause must come out in a given state."""

    sentence: str
    on: date
    household: Household
    state: Literal["met", "not_met", "unknown"]


@dataclass(frozen=True, slots=True)
class RuleCase:
    """A household and a date for which the rule must come out in a given way."""

    sentence: str
    on: date
    household: Household
    outcome: int
    lines: Mapping[str, int] | None


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition with the code and the sentences by which people are told about it."""

    code: str
    when: Condition
    texts: Mapping[str, ClauseTexts]
    case: ClauseCase


@dataclass(frozen=True, slots=True)
class Rule:
    """
    A whole rule.

    Holds: the tree `source` is the checked, NFC-normalised text from which all else was made.
    `beside` is what else of its purpose a household may get in the month: nothing, more cycles of
    the same programme, or everything. What was not claimed lapses where `carry_over` says nothing.
    """

    name: str
    version: int
    purpose: str
    subject: Subject
    languages: tuple[str, ...]
    title: Texts
    outcome_texts: Mapping[int, Texts]
    facts: Mapping[str, FactDeclaration]
    parameters: Mapping[str, RuleParameter]
    clauses: tuple[Clause, ...]
    entitled_when: Condition
    benefit: tuple[BenefitLine, ...]
    priority: tuple[Priority, ...]
    budget: Budget | None
    cases: tuple[RuleCase, ...]
    source: Mapping[str, object]
    beside: Beside = "nothing"
    carry_over: tuple[CarryOver, ...] = ()

    def purpose_of(self, unit: str) -> str:
        """Return what a unit is given for: its line's purpose, else the rule's."""
        return (
            next((line.purpose for line in self.benefit if line.unit == unit), "") or self.purpose
        )

    @property
    def draws_lot(self) -> bool:
        """Return whether a lot decides who comes first where money ends."""
        return any(isinstance(step, Lot) for step in self.priority)

    def constant(self, constant: Constant, day: date) -> int:
        """
        Return the number a constant stands for on a day.

        Raises: NotInForce when the parameter has no value then.
        """
        if isinstance(constant, Whole):
            return constant.value
        return self.parameters[constant.name].on(day).value
