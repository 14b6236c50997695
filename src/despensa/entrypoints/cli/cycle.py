"""`despensa cycle`: the cycles there are, and why a household gets what it gets."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from despensa.domain.eligibility.caution import small_groups
from despensa.domain.eligibility.explain import Explanation
from despensa.domain.ports.keeper import Purpose
from despensa.domain.role import Permission
from despensa.entrypoints.cli import children, cycle_end
from despensa.entrypoints.cli.opened import (
    Entered,
    JsonOption,
    WorkspaceOption,
    entered,
    show,
    table,
)
from despensa.entrypoints.cli.problems import Mistake, Refused

if TYPE_CHECKING:
    from despensa.records.programmes.queries import CycleRow, DecisionRow

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
app.command(name="child")(children.child)
app.command(name="children")(children.children)
app.command(name="propose")(children.propose)

_OUTCOMES = {1: "entitled", 2: "not_entitled", 3: "needs_information"}


@app.callback()
def _cycle() -> None:
    """Distribution rounds of the programmes."""


@app.command(name="list")
def list_cycles(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the cycles, latest opening first, with how many households each outcome has."""
    with entered("cycle list", workspace) as door:
        from despensa.records.programmes import queries

        language, reach = door.tools.workspace.languages[0], door.reach(Permission.SEE_CYCLES)
        found = [
            {
                "id": str(row.id),
                "programme": _named(row.programme_names, language),
                "code": row.code,
                "state": children.STATES.get(row.state, str(row.state)),
                "opens_on": row.opens_on.isoformat(),
                "closes_on": row.closes_on.isoformat(),
            }
            | _outcomes(queries.outcome_totals(row.id, areas=reach.areas))
            for row in queries.cycles()
            if reach.touches(row.programme, row.programme_area)
        ]
    rows = [[str(item) for item in one.values()] for one in found]
    text = table([*_SHOWN, *_OUTCOMES.values()], rows) if rows else "There is no cycle yet."
    text = "\n".join([text, *_small(found)])
    show(found, as_json=as_json, text=text)


_SHOWN = ("id", "programme", "code", "state", "opens_on", "closes_on")


def _small(found: list[dict[str, Any]]) -> list[str]:
    """Return what to know of groups so small that the log tells their size coarsely."""
    return [
        f"Look at {one['code']}, {warning}"
        for one in found
        for warning in small_groups({name: one[name] for name in _OUTCOMES.values()})
    ]


def _outcomes(totals: Mapping[int, int]) -> dict[str, int]:
    return {name: totals.get(number, 0) for number, name in _OUTCOMES.items()}


@app.command(name="explain")
def explain_household(
    household: Annotated[str, typer.Argument(metavar="HOUSEHOLD_ID", help="From its page.")],
    *,
    cycle: Annotated[
        str | None, typer.Option(help="Id or code of a cycle; else the household's latest.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Such as en,es; else the first two of the workspace.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Say in sentences why a household gets what it gets, or why not; no name is shown.

    That somebody looked is written down first, where the household can read it.
    """
    from despensa.entrypoints.jobs.why import explained

    asked = household_id(household)
    with entered("cycle explain", workspace) as door:
        chosen, row = chosen_decision(door, asked, cycle)
        languages = language.split(",") if language else list(door.tools.workspace.languages[:2])
        explanations = [explained(chosen, row, code.strip()) for code in languages]
    value = {
        "household": household,
        "cycle": str(row.id),
        "code": row.code,
        "outcome": _OUTCOMES[chosen.outcome],
        "explanations": [asdict(explanation) for explanation in explanations],
    }
    show(value, as_json=as_json, text="\n\n".join(map(_as_text, explanations)))


def chosen_decision(
    door: Entered, household: UUID, cycle: str | None
) -> "tuple[DecisionRow, CycleRow]":
    """
    Return a household's decision in a cycle, or its latest, once the look is written down.

    Raises: NoSuchHousehold; Refused when it was not decided there.
    """
    from despensa.entrypoints.jobs import rounds
    from despensa.records.programmes import queries
    from despensa.usecases.open_decision import open_decision

    decisions = open_decision(
        household, purpose=Purpose.SERVE_HOUSEHOLD, acting=door.tools.acting(door.staff)
    )
    rounds.seal_log(door.tools)
    rows = {decision.cycle: queries.cycle(decision.cycle) for decision in decisions}
    chosen = _chosen(decisions, rows, cycle)
    row = rows[chosen.cycle]
    if row is None:
        raise Refused("The cycle of this decision is gone.")
    return chosen, row


def household_id(text: str) -> UUID:
    """
    Return a household's id as a person gives it.

    Raises: Mistake.
    """
    try:
        return UUID(text)
    except ValueError as error:
        raise Mistake(
            f"{text} is no household id. It stands in the address of the household's page."
        ) from error


def _chosen(
    decisions: "list[DecisionRow]", rows: "Mapping[UUID, CycleRow | None]", wanted: str | None
) -> "DecisionRow":
    for decision in decisions:
        row = rows[decision.cycle]
        if wanted is None or wanted in {str(decision.cycle), row.code if row else None}:
            return decision
    where = "in no cycle" if wanted is None else f"not in cycle {wanted}"
    raise Refused(f"This household was {where} decided. See: despensa cycle list.")


def _as_text(explanation: Explanation) -> str:
    lines = [f"[{explanation.language}] {explanation.title}", explanation.sentence]
    lines += [f"- {reason.sentence}" for reason in explanation.because]
    lines += [f"  ({reason.sentence})" for reason in explanation.besides]
    lines += [f"= {quantity} x {unit}" for unit, quantity in explanation.lines]
    lines += [f"  {name} = {value}: {basis}" for name, value, basis in explanation.legal_bases]
    return "\n".join(lines)


app.command(name="close")(cycle_end.close)
app.command(name="settle")(cycle_end.settle)
app.command(name="fade")(cycle_end.fade)
app.command(name="withdraw")(cycle_end.withdraw)


def _named(names: Mapping[str, Any], language: str) -> str:
    return str(names.get(language) or next(iter(names.values()), ""))
