"""`despensa rule diff` and `rule preview`: what a draft changes, and how many it would reach."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from despensa.domain.eligibility.cases import failing_cases
from despensa.domain.eligibility.caution import rule_warnings
from despensa.domain.eligibility.difference import Difference, differences
from despensa.domain.eligibility.document import RuleDocument, read_document
from despensa.domain.eligibility.evaluate import Decision
from despensa.domain.eligibility.parse import located, parse, parse_text
from despensa.domain.eligibility.preview import AGES, SEXES, SIZES, Coarse, CoarseSplit, Example
from despensa.domain.eligibility.rule import OUTCOMES, NotInForce
from despensa.entrypoints.cli.opened import Entered, JsonOption, WorkspaceOption, entered, show
from despensa.entrypoints.cli.problems import Mistake, Refused

if TYPE_CHECKING:
    from despensa.usecases.preview_rule import Preview

ProgrammeOption = Annotated[str, typer.Option(help="The code of the programme it is for.")]
_NEAR = (
    "Numbers are rounded, and drafts that reach nearly the same households show the same numbers."
)


def compare(
    file: Path,
    *,
    programme: ProgrammeOption,
    version: Annotated[
        int | None, typer.Option(help="The published version to compare with; else the last.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a rule file beside a published version: what is new, gone and changed, in words."""
    rule = parse(_document(file))
    with entered("rule diff", workspace) as door:
        versions = _versions(door, programme)
    chosen = max(versions, default=None) if version is None else version
    if chosen is None or chosen not in versions:
        raise Refused(f"The programme {programme} has no published version {chosen or 'yet'}.")
    found = differences(parse_text(versions[chosen]), rule)
    value = {"version": chosen, "differences": [asdict(one) for one in found]}
    same = f"The file says the same as version {chosen}."
    show(value, as_json=as_json, text="\n\n".join(map(_side_by_side, found)) or same)


def preview(
    file: Path,
    *,
    programme: ProgrammeOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Count a draft over the register of today, in numbers that point at nobody.

    That it was counted, and its hash, are logged first. One person may count 50 drafts a day.
    """
    document = _document(file)
    rule = parse(document)
    with entered("rule preview", workspace) as door:
        from despensa.entrypoints.jobs import drafting, rounds
        from despensa.records.programmes.preview_store import PreviewsUsedUp
        from despensa.records.registry.queries import area_names
        from despensa.usecases.preview_rule import DraftFaulty

        try:
            made, parts, _ = drafting.preview(
                file.read_text(encoding="utf-8"),
                _programme(programme),
                door.tools,
                acting=door.tools.acting(door.staff),
            )
        except (DraftFaulty, NotInForce, PreviewsUsedUp) as error:
            raise Refused(str(error)) from error
        rounds.seal_log(door.tools)
        names = area_names(parts)
    language = door.tools.workspace.languages[0]
    areas = [_named(names[part], language) for part in parts]
    warnings = [str(one) for one in located((*failing_cases(rule), *rule_warnings(rule)), document)]
    value = _value(made, areas) | {"warnings": warnings}
    text = [*_lines(made, areas), *(f"Look at {warning}" for warning in warnings)]
    show(value, as_json=as_json, text="\n".join(text))


def _document(file: Path) -> RuleDocument:
    try:
        return read_document(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise Mistake(f"{file} is no text in UTF-8; save it as UTF-8.") from error


def _programme(code: str) -> UUID:
    from despensa.records.programmes import queries

    found = queries.programme_by_code(code)
    if found is None:
        raise Refused(f"There is no programme called {code}: despensa programme define.")
    return found


def _versions(door: Entered, code: str) -> dict[int, str]:
    from despensa.domain.role import Permission
    from despensa.records.programmes import queries

    found = _programme(code)
    door.reach(Permission.SEE_CYCLES).require(found, queries.programme_area(found))
    return queries.rule_versions(found)


def _side_by_side(one: Difference) -> str:
    heading = f"{one.part} {one.name}".strip()
    gone = [f"  - {line}" for line in one.before if line not in one.after]
    new = [f"  + {line}" for line in one.after if line not in one.before]
    # the same lines in another order
    if not gone and not new:
        gone, new = [f"  - {one.before}"], [f"  + {one.after}"]
    return "\n".join([heading, *gone, *new])


def _value(made: "Preview", areas: list[str]) -> dict[str, Any]:
    numbers = made.numbers
    return {
        "hash": made.digest.hex(),
        "last_version": made.version,
        **asdict(numbers),
        "entitled": _split(numbers.entitled, areas),
        "unreached": None if numbers.unreached is None else _split(numbers.unreached, areas),
        "limit": None if made.limit is None else dict([made.limit]),
        "examples": [_example(one) for one in made.examples],
        "left_today": made.left_today,
    }


def _split(one: CoarseSplit, areas: list[str]) -> dict[str, Any]:
    return {
        "by_area": dict(zip(areas, one.by_area, strict=True)),
        "by_size": dict(zip(map(_size, SIZES), one.by_size, strict=True)),
        "with_sex": dict(zip(SEXES, one.with_sex, strict=True)),
        "with_age": dict(zip(map(_age, AGES), one.with_age, strict=True)),
    }


def _age(span: tuple[int, int | None]) -> str:
    least, below = span
    return f"{least} and more" if below is None else f"{least} to {below - 1}"


def _example(one: Example) -> dict[str, Any]:
    return {
        "sentence": one.sentence,
        "on": one.on.isoformat(),
        "before": None if one.before is None else _decision(one.before),
        "after": _decision(one.after),
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {"outcome": OUTCOMES[decision.outcome], "lines": dict(decision.lines)}


def _lines(made: "Preview", areas: list[str]) -> list[str]:
    numbers = made.numbers
    lines = [f"About {numbers.outcomes['entitled']} entitled{_changes(made)}"]
    lines += [f"  {name}: {told}" for name, told in numbers.outcomes.items()]
    limits = {} if made.limit is None else dict([made.limit])
    lines += [
        f"  given in a cycle: {told} {unit}" + (f" of {limits[unit]}" if unit in limits else "")
        for unit, told in numbers.given.items()
    ]
    if numbers.late is not None:
        lines.append(f"  not reached by the money: {numbers.late}")
    lines += _tables("Entitled", numbers.entitled, areas)
    if numbers.unreached is not None:
        lines += _tables("Not reached", numbers.unreached, areas)
    lines.append("Invented households")
    for one in made.examples:
        before = "" if one.before is None else f"{_said(one.before)} -> "
        lines.append(f"  {one.sentence} {before}{_said(one.after)}")
    return [*lines, _NEAR, f"{made.left_today} previews left today. Hash: {made.digest.hex()}"]


def _tables(who: str, one: CoarseSplit, areas: list[str]) -> list[str]:
    return [
        *_table(f"{who} by area", areas, one.by_area),
        *_table(f"{who} by members", list(map(_size, SIZES)), one.by_size),
        *_table(f"{who} with a member of a sex", list(SEXES), one.with_sex),
        *_table(f"{who} with a member of an age", list(map(_age, AGES)), one.with_age),
    ]


def _changes(made: "Preview") -> str:
    numbers: Coarse = made.numbers
    if numbers.gained is None:
        return ""
    return f", +{numbers.gained} / -{numbers.lost} against version {made.version}"


def _table(title: str, names: list[str], told: tuple[int | str, ...]) -> list[str]:
    return [title, *(f"  {name}: {one}" for name, one in zip(names, told, strict=True))]


def _said(decision: Decision) -> str:
    given = ", ".join(f"{quantity} {unit}" for unit, quantity in decision.lines)
    return OUTCOMES[decision.outcome].replace("_", " ") + (f" ({given})" if given else "")


def _size(band: tuple[int, int | None]) -> str:
    least, most = band
    if most is None:
        return f"{least} and more"
    return str(least) if least == most else f"{least} to {most}"


def _named(names: Mapping[str, str], language: str) -> str:
    return names.get(language) or next(iter(names.values()), "?")
