"""
Conditions, numbers and benefit lines of a rule in words, for those who compare two versions.

Decides nothing about anybody; two parts that mean something else have other words.
Source: docs/reference/rules.md.
"""

from functools import singledispatch

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
    Sum,
    Whole,
)

_COMPARED = {
    "<": "is below", "<=": "is at most", "==": "is exactly", "!=": "is not",
    ">=": "is at least", ">": "is above",
}  # fmt: skip
_JOINED = {"plus": " plus ", "minus": " minus ", "times": " times "}
_EVERY = {"all": "all of", "any": "any of", "none": "none of"}


@singledispatch
def words(node: object) -> str:
    """
    Return a condition, a number or a place in the order in words.

    >>> words(Compare(Count(None), ">=", Whole(4)))
    'the number of members is at least 4'
    """
    raise TypeError(f"a rule has no {type(node).__name__}")


@words.register
def _(node: Whole) -> str:
    return f"{node.value:,}"


@words.register
def _(node: ParameterValue) -> str:
    return f"[{node.name}]"


@words.register
def _(node: FactValue) -> str:
    return node.name


@words.register
def _(node: Count) -> str:
    who = "" if node.where is None else f" of whom {words(node.where)}"
    return f"the number of members{who}"


@words.register
def _(node: Sum) -> str:
    who = "" if node.where is None else f" of whom {words(node.where)}"
    return f"the sum of ({words(node.of)}) over the members{who}"


@words.register
def _(node: Arithmetic) -> str:
    return "(" + _JOINED[node.operation].join(words(part) for part in node.parts) + ")"


@words.register
def _(node: Compare) -> str:
    return f"{words(node.left)} {_COMPARED[node.operation]} {words(node.right)}"


@words.register
def _(node: Between) -> str:
    return f"{words(node.value)} is from {words(node.low)} to {words(node.high)}"


@words.register
def _(node: InCodes) -> str:
    return f"{node.fact} is one of {', '.join(node.values)}"


@words.register
def _(node: FactHolds) -> str:
    return f"{node.name} is yes"


@words.register
def _(node: Age) -> str:
    bounds = []
    if node.at_least is not None:
        bounds.append(f"at least {words(node.at_least)}")
    if node.below is not None:
        bounds.append(f"below {words(node.below)}")
    day = "" if node.on is None else f" on {node.on}"
    read = "if it may be" if node.reading == "widest" else "if it is so for certain"
    return f"the age in {node.unit}{day} is {' and '.join(bounds)} ({read})"


@words.register
def _(_: InArea) -> str:
    return "the household lives in the area of the programme"


@words.register
def _(node: AnyMember) -> str:
    return f"there is a member of whom {words(node.where)}"


@words.register
def _(node: Junction) -> str:
    return f"{_EVERY[node.kind]} ({'; '.join(words(part) for part in node.parts)})"


@words.register
def _(node: ClauseHolds) -> str:
    return node.code


@words.register
def _(node: Highest) -> str:
    return f"who has more of {words(node.by)}"


@words.register
def _(node: Lowest) -> str:
    return f"who has less of {words(node.by)}"


@words.register
def _(node: First) -> str:
    return f"of whom {words(node.when)}"


@words.register
def _(_: Lot) -> str:
    return "by a lot drawn from a seed in the log"


@words.register
def _(node: Bands) -> str:
    steps = ", ".join(f"{words(given)} from {words(start)}" for start, given in node.steps)
    return f"by {words(node.of)}: {steps}"


@words.register
def _(node: BenefitLine) -> str:
    rounding = f"rounded {node.rounding.direction} to {node.rounding.to:,}"
    purpose = f" for {node.purpose}" if node.purpose else ""
    return (
        f"{node.unit} ({node.kind}){purpose}: {words(node.quantity)}; at least {node.minimum:,}, at most "
        f"{node.maximum:,}; {node.while_unknown:,} while information is asked for; {rounding}"
    )
