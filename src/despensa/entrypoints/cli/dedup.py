"""`despensa dedup`: search the register for people registered twice, and decide pair by pair."""

from typing import Annotated, Any
from uuid import UUID

import typer

from despensa.domain.duplicate import Verdict, earlier_first
from despensa.domain.household.operation import REASONS, Kind
from despensa.domain.matching.reason_codes import named
from despensa.domain.role import Permission
from despensa.entrypoints.cli.opened import (
    Entered,
    JsonOption,
    WorkspaceOption,
    entered,
    show,
    table,
)
from despensa.entrypoints.cli.problems import Mistake

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
_LISTED = 50
_VERDICTS = {one.name.lower(): one for one in Verdict}

Pair = Annotated[str, typer.Argument(metavar="PAIR", help="An id that `dedup list` prints.")]


@app.callback()
def _dedup() -> None:
    """People registered twice: found by the keeper, decided by people, undone where wrong."""


@app.command()
def run(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Propose that the keeper searches the whole register once; a second person approves it."""
    with entered("dedup run", workspace) as door:
        from despensa.entrypoints.jobs import deduplicating, rounds

        proposal = deduplicating.propose(acting=door.tools.acting(door.staff))
        rounds.seal_log(door.tools)
    text = f"proposed; a second person approves it: despensa proposal approve {proposal}"
    show({"proposal": str(proposal)}, as_json=as_json, text=text)


@app.command(name="list")
def list_pairs(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List pairs that wait for a decision; no name stands there."""
    with entered("dedup list", workspace) as door:
        from despensa.records.duplicates import queries

        reach = door.reach(Permission.CHANGE_HOUSEHOLDS)
        waiting = queries.count_waiting(reach=reach)
        pairs = [
            {
                "pair": str(one.id),
                "sure": one.strength.name.lower(),
                "one_household": one.one_household,
                "asked": one.decided.verdict is Verdict.ASKED,
            }
            for one in queries.waiting(_LISTED, reach=reach)
        ]
    rows = [
        [
            str(one["pair"]),
            str(one["sure"]),
            "in one household" if one["one_household"] else "in two households",
            "asked" if one["asked"] else "",
        ]
        for one in pairs
    ]
    text = f"{waiting} pairs wait\n{table(['pair', 'sure', 'where', 'state'], rows)}"
    show({"waiting": waiting, "pairs": pairs}, as_json=as_json, text=text)


@app.command(name="show")
def show_pair(
    pair: Pair, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """
    Show both records of a pair, the earlier first.

    That somebody looked is written down first, where both people can read it.
    """
    with entered("dedup show", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.usecases.open_pair import open_pair

        acting = door.tools.acting(door.staff)
        opened = open_pair(_an_id(pair), acting=acting, vault=door.tools.keeper.vault)
        rounds.seal_log(door.tools)
    kept, _ = earlier_first(*(record.view.record for record in opened.records))
    shown = sorted(opened.records, key=lambda record: record.view.id != kept.person)
    verdict = opened.pair.decided.verdict
    value: dict[str, Any] = {
        "pair": str(opened.pair.id),
        "decided": None if verdict is None else verdict.name.lower(),
        "number": opened.pair.decided.number,
        "reasons": [" ".join(named(code)).replace("_", " ") for code in opened.reasons],
        "records": [
            {
                "id": str(record.view.id),
                "household": None if record.view.home is None else str(record.view.home),
                "name": record.full_name,
                "born": _born(record),
                "documents": [number for _, _, number in record.documents],
                "phones": list(record.phones),
                "address": record.address,
                "since": record.view.since.isoformat(),
            }
            for record in shown
        ],
    }
    lines = [
        f"{key}: {first}  |  {second}"
        for key, first, second in (
            (key, value["records"][0][key], value["records"][1][key]) for key in value["records"][0]
        )
    ]
    show(value, as_json=as_json, text="\n".join([*lines, "; ".join(value["reasons"])]))


@app.command()
def decide(
    pair: Pair,
    *,
    verdict: Annotated[str, typer.Option(help="same, not_same or asked.")],
    reason: Annotated[
        str | None, typer.Option(help="Why they are the same; a wrong one prints the list.")
    ] = None,
    seen: Annotated[
        int | None, typer.Option(help="The number `dedup show` told, if others decide as well.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Decide a pair: one person (undone by `household undo`), two people for ever, or asked.

    Nobody's food waits for it.
    """
    if verdict not in _VERDICTS:
        raise Mistake(f"{verdict} is no verdict; there are: {', '.join(_VERDICTS)}.")
    chosen = _VERDICTS[verdict]
    why = {one.name.lower(): one for one in REASONS[Kind.SAME_PERSON]}
    if chosen is Verdict.SAME and reason not in why:
        raise Mistake(f"{reason} is no reason here; there are: {', '.join(why)}.")
    with entered("dedup decide", workspace) as door:
        from despensa.entrypoints.jobs import rounds

        value: dict[str, Any] = {"pair": pair, "decided": verdict}
        if chosen is Verdict.SAME and reason is not None:
            value |= _make_one(_an_id(pair), why[reason], door)
        else:
            _tell_apart(_an_id(pair), chosen, seen, door)
        rounds.seal_log(door.tools)
    show(value, as_json=as_json, text=f"decided: {verdict}")


def _make_one(pair: UUID, reason: Any, door: Entered) -> dict[str, Any]:
    from despensa.entrypoints.jobs import deduplicating
    from despensa.usecases.change_household import Wanted, change_household
    from despensa.usecases.open_pair import found_pair

    acting = door.tools.acting(door.staff)
    _, views = found_pair(pair, reach=door.reach(Permission.CHANGE_HOUSEHOLDS))
    order = deduplicating.one_person(
        pair, views, operation=acting.new_id(), reason=reason, day=door.tools.today()
    )
    change_household(
        Wanted(order),
        acting=acting,
        vault=door.tools.keeper.vault,
        today=door.tools.today(),
        catalogue_version=0,
    )
    return {"operation": str(order.id), "household": str(order.household)}


def _tell_apart(pair: UUID, verdict: Verdict, seen: int | None, door: Entered) -> None:
    from despensa.usecases.decide_pair import decide_pair
    from despensa.usecases.open_pair import found_pair

    known, _ = found_pair(pair, reach=door.reach(Permission.CHANGE_HOUSEHOLDS))
    decide_pair(
        pair,
        verdict,
        seen=known.decided.number if seen is None else seen,
        acting=door.tools.acting(door.staff),
        sealer=door.tools.keeper.vault,
    )


def _born(record: Any) -> str | None:
    month = record.view.birth_month
    if month is None:
        return None
    if record.birth_day is not None:
        return f"{month:%Y-%m}-{record.birth_day:02d}"
    return f"{month:%Y}" if record.view.birth_precision == 1 else f"{month:%Y-%m}"


def _an_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Mistake(f"{text} is no id of a pair: despensa dedup list.") from error
