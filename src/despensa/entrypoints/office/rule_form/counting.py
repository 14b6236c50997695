"""The live count of a draft: what may be told of it, in words, and carried from page to page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils.formats import number_format
from django.utils.translation import gettext

from despensa.domain.eligibility.evaluate import Decision
from despensa.domain.eligibility.preview import SIZES, CoarseSplit, Example, Told
from despensa.domain.eligibility.rule import OUTCOMES
from despensa.entrypoints.office import rule_words as words
from despensa.entrypoints.office.rule_pages import (
    NOT_COUNTED,
    Breakdown,
    BreakdownRow,
    CountPanel,
    ExampleRow,
)
from despensa.entrypoints.office.shell import called, instant
from despensa.entrypoints.office.states import OUTCOME_STATES, isolated
from despensa.records.programmes import queries as programmes
from despensa.records.registry import queries as registry
from despensa.usecases.preview_rule import Preview

_SALT = "despensa/rule-count/3"
_NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Count:
    """What was told of a draft: the name of what it does, the day, and the coarse numbers."""

    effect: str
    staff: str
    day: str
    told: Mapping[str, Any]


def kept(preview: Preview, parts: Sequence[UUID], *, effect: str, staff: UUID, at: int,
         day: date) -> Count:  # fmt: skip
    """Return what was told of a draft, to be carried in the form."""
    numbers = preview.numbers
    told = {
        "outcomes": dict(numbers.outcomes),
        "given": dict(numbers.given),
        "late": numbers.late,
        "gained": numbers.gained,
        "lost": numbers.lost,
        "limit": preview.limit,
        "parts": [str(part) for part in parts],
        "entitled": _kept(numbers.entitled),
        "unreached": None if numbers.unreached is None else _kept(numbers.unreached),
        "examples": [_example(one) for one in preview.examples if one.sentence != _NOTHING],
        "version": preview.version,
        "left": preview.left_today,
        "hash": preview.digest.hex(),
        "at": at,
    }
    return Count(effect, str(staff), day.isoformat(), told)


def token_of(count: Count) -> str:
    """Return a count as a text that nobody but the office can write."""
    value = [count.effect, count.staff, count.day, dict(count.told)]
    return signing.dumps(value, salt=_SALT, compress=True)


def count_of(token: str, *, staff: UUID, day: date) -> Count | None:
    """Return the count a form carries, or None when it has none of this person and day."""
    try:
        effect, whose, on, told = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return None
    is_mine = whose == str(staff) and on == day.isoformat()
    return Count(effect, whose, on, told) if is_mine else None


def panel(count: Count | None, *, effect: str) -> CountPanel:
    """Return what the page shows of a count."""
    if count is None:
        return NOT_COUNTED
    told = count.told
    parts = [UUID(part) for part in told["parts"]]
    names = registry.area_names(parts)
    areas = [called(names.get(part, {})) for part in parts]
    goods = {code: called(said) or code for code, said in programmes.units().values()}
    return CountPanel(
        "told",
        entitled=_entitled(told["outcomes"]["entitled"]),
        change=_change(told),
        lines=_lines(told, goods),
        reached=_breakdown(told["entitled"], areas),
        unreached=None if told["unreached"] is None else _breakdown(told["unreached"], areas),
        examples=tuple(_example_row(one, goods) for one in told["examples"]),
        as_of=instant(told["at"]),
        left_today=told["left"],
        hash_hex=told["hash"],
        is_before_last_change=count.effect != effect,
        token=token_of(count),
    )


def _kept(one: CoarseSplit) -> list[list[Told]]:
    return [list(one.by_area), list(one.by_size), [*one.with_sex, *one.with_age]]


def _breakdown(told: Sequence[Sequence[Told]], areas: Sequence[str]) -> Breakdown:
    named = (areas, [_size(band) for band in SIZES], words.LIVES_THERE)
    by_area, by_size, people = (
        tuple(BreakdownRow(word, _number(one)) for word, one in zip(names, rows, strict=True))
        for names, rows in zip(named, told, strict=True)
    )
    return Breakdown(by_area, by_size, people)


def _entitled(one: Told) -> str:
    if isinstance(one, str):
        return gettext("fewer than %(number)s entitled") % {"number": one.removeprefix("<")}
    return gettext("about %(number)s entitled") % {"number": _number(one)}


def _change(told: Mapping[str, Any]) -> str:
    if told["gained"] is None:
        return gettext("There is no version before it.")
    change = isolated(f"+{_number(told['gained'])} / −{_number(told['lost'])}")
    return gettext("%(change)s against version %(version)s") % {
        "change": change, "version": told["version"],
    }  # fmt: skip


def _lines(told: Mapping[str, Any], goods: Mapping[str, str]) -> tuple[BreakdownRow, ...]:
    rows = [
        BreakdownRow(words.OUTCOMES[name], _number(one)) for name, one in told["outcomes"].items()
    ]
    rows += [
        BreakdownRow(gettext("Given in a cycle: %(unit)s") % {"unit": goods.get(unit, unit)},
                     _given(one, unit, told["limit"]))
        for unit, one in told["given"].items()
    ]  # fmt: skip
    if told["late"] is not None:
        rows.append(BreakdownRow(gettext("Not reached by the money"), _number(told["late"])))
    return tuple(rows)


def _given(one: Told, unit: str, limit: tuple[str, int] | None) -> str:
    if limit is None or limit[0] != unit:
        return _number(one)
    numbers = {"given": isolated(_number(one)), "limit": isolated(_number(limit[1]))}
    return gettext("%(given)s of at most %(limit)s") % numbers


def _number(one: Told) -> str:
    return one if isinstance(one, str) else number_format(one, force_grouping=True)


def _size(band: tuple[int, int | None]) -> str:
    least, most = band
    if most is None:
        return gettext("%(least)s members and more") % {"least": least}
    if least == most == 1:
        return gettext("one member")
    return gettext("%(least)s to %(most)s members") % {"least": least, "most": most}


def _example(one: Example) -> list[Any]:
    before = None if one.before is None else _decision(one.before)
    return [one.sentence, one.on.isoformat(), before, _decision(one.after)]


def _decision(decision: Decision) -> list[Any]:
    return [OUTCOMES[decision.outcome], [list(line) for line in decision.lines]]


def _example_row(one: Sequence[Any], goods: Mapping[str, str]) -> ExampleRow:
    sentence, on, before, after = one
    return ExampleRow(
        sentence,
        date.fromisoformat(on),
        None if before is None else OUTCOME_STATES[before[0]],
        "" if before is None else _goods(before[1], goods),
        OUTCOME_STATES[after[0]],
        _goods(after[1], goods),
    )


def _goods(lines: Sequence[Sequence[Any]], goods: Mapping[str, str]) -> str:
    return ", ".join(f"{_number(quantity)} {goods.get(unit, unit)}" for unit, quantity in lines)
