"""
Conditions, numbers and benefit lines of a rule in words, for those who compare two versions.

Decides nothing about anybody; two parts that mean something else have other words.
Source: docs/reference/rules.md.
"""

from collections.abc import Iterator
from functools import reduce, singledispatch

from despensa.domain.eligibility.phrases import Phrase
from despensa.domain.eligibility.rule import (
    Age,
    AnyMember,
    Arithmetic,
    Bands,
    BenefitLine,
    Between,
    ClauseHolds,
    Compare,
    Count,
    FactHolds,
    FactValue,
    First,
    Highest,
    InArea,
    InCodes,
    Junction,
    Lot,
    Lowest,
    ParameterValue,
    Rounding,
    Sum,
    Whole,
)
from despensa.domain.sentence import Name, Value


@singledispatch
def words(node: object) -> Phrase:
    """
    Return a condition, a number or a place in the order in words.

    >>> words(Compare(Count(None), ">=", Whole(4)))
    'the number of members is at least 4'
    """
    raise TypeError(f"a rule has no {type(node).__name__}")


@words.register
def _(node: Whole) -> Phrase:
    return Phrase("number", value=node.value)


@words.register
def _(node: ParameterValue) -> Phrase:
    return Phrase("parameter", name=node.name)


@words.register
def _(node: FactValue) -> Phrase:
    return Phrase("fact", name=Name("fact", node.name))


@words.register
def _(node: Count) -> Phrase:
    if node.where is None:
        return Phrase("members")
    return Phrase("members_whom", what=words(node.where))


@words.register
def _(node: Sum) -> Phrase:
    if node.where is None:
        return Phrase("sum", what=words(node.of))
    return Phrase("sum_whom", what=words(node.of), whom=words(node.where))


@words.register
def _(node: Arithmetic) -> Phrase:
    parts = [words(part) for part in node.parts]
    return reduce(lambda left, right: Phrase(node.operation, left=left, right=right), parts)


@words.register
def _(node: Compare) -> Phrase:
    return Phrase(node.operation, left=words(node.left), right=words(node.right))


@words.register
def _(node: Between) -> Phrase:
    bounds = {"low": words(node.low), "high": words(node.high)}
    return Phrase("between", what=words(node.value), **bounds)


@words.register
def _(node: InCodes) -> Phrase:
    values = tuple(Name("code", value) for value in node.values)
    return Phrase("one_of", name=Name("fact", node.fact), values=values)


@words.register
def _(node: FactHolds) -> Phrase:
    return Phrase("yes", name=Name("fact", node.name))


@words.register
def _(node: Age) -> Phrase:
    bounds: dict[str, Value] = {"unit": Phrase(node.unit)}
    if node.at_least is not None:
        bounds["least"] = words(node.at_least)
    if node.below is not None:
        bounds["below"] = words(node.below)
    codes = {("least",): "age_from", ("below",): "age_below", ("least", "below"): "age_between"}
    age = Phrase(codes[tuple(bounds)[1:]], **bounds)
    if node.on is not None:
        age = Phrase("on_day", day=node.on, what=age)
    return Phrase(node.reading, what=age)


@words.register
def _(_: InArea) -> Phrase:
    return Phrase("area")


@words.register
def _(node: AnyMember) -> Phrase:
    return Phrase("any_member", what=words(node.where))


@words.register
def _(node: Junction) -> Phrase:
    return Phrase(node.kind, parts=tuple(words(part) for part in node.parts))


@words.register
def _(node: ClauseHolds) -> Phrase:
    return Phrase("clause", name=node.code)


@words.register
def _(node: Highest) -> Phrase:
    return Phrase("highest", what=words(node.by))


@words.register
def _(node: Lowest) -> Phrase:
    return Phrase("lowest", what=words(node.by))


@words.register
def _(node: First) -> Phrase:
    return Phrase("first", what=words(node.when))


@words.register
def _(_: Lot) -> Phrase:
    return Phrase("lot")


@words.register
def _(node: Bands) -> Phrase:
    steps = tuple(
        Phrase("step", given=words(given), start=words(start)) for start, given in node.steps
    )
    return Phrase("bands", what=words(node.of), steps=steps)


def benefit(line: BenefitLine) -> Iterator[Phrase]:
    """Yield what a benefit line gives: of what, how much, within which limits."""
    yield Phrase(line.kind, unit=Name("unit", line.unit))
    if line.purpose:
        yield Phrase("for_purpose", purpose=line.purpose)
    yield Phrase("quantity", what=words(line.quantity))
    yield Phrase("limits", least=line.minimum, most=line.maximum)
    yield Phrase("meanwhile", number=line.while_unknown)
    if line.rounding != Rounding(1, "down"):
        yield Phrase(line.rounding.direction, to=line.rounding.to)
