"""`despensa cycle child`, `children` and `propose`: what completes a cycle, and its opening."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import typer

from despensa.domain.child import (
    KIND_OF_WORD,
    SHARE_PERCENT,
    SHARE_PERCENT_MAX,
    ChildKind,
    line_of,
)
from despensa.domain.role import Permission
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
    from despensa.records.programmes.queries import CycleRow

STATES = {
    0: "withdrawn", 1: "draft", 2: "decided", 3: "opening", 4: "open", 5: "closed", 6: "settled", 7: "fading",
    8: "faded",
}  # fmt: skip
_HOUSEHOLDS_AT_ONCE = 50
CycleArgument = Annotated[str, typer.Argument(metavar="CYCLE_ID", help="From: despensa cycle list")]


def child(
    cycle: CycleArgument,
    *,
    kind: Annotated[str, typer.Option(help="late, follow-up, top-up or recovery.")],
    household: Annotated[
        list[str] | None,
        typer.Option(help="Id of a household; repeat it. Without: all that were decided."),
    ] = None,
    name: Annotated[
        str, typer.Option(help="Of its line, for a second child of a kind, such as winter.")
    ] = "",
    rule: Annotated[
        int | None, typer.Option(help="Another version of the programme's rule, for a follow-up.")
    ] = None,
    opens: Annotated[str | None, typer.Option(help="As 2026-12-01; else today.")] = None,
    closes: Annotated[str | None, typer.Option(help="As 2026-12-03; else as long.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Draft and decide what completes or corrects a cycle; opening it still takes two people.

    A top-up gives what is missing, on the facts as they are known now; a follow-up gives once more;
    a recovery says what was too much and takes nothing.
    """
    chosen = _kind(kind)
    line_of(chosen, name)
    households = _ids(household or [])
    days = {"opens_on": _day(opens), "closes_on": _day(closes)}
    with entered("cycle child", workspace) as door:
        from despensa.entrypoints.jobs import child as jobs
        from despensa.entrypoints.jobs import rounds
        from despensa.records.children import queries

        row = _cycle(door, cycle, Permission.RUN_CYCLES)
        order = jobs.order_for(
            row.id,
            chosen,
            child=uuid4(),
            today=door.tools.today(),
            households=households,
            name=name,
            rule=None if rule is None else _version(row, rule),
            **{key: day for key, day in days.items() if day is not None},
        )
        made = jobs.make_child(order, door.tools, acting=door.tools.acting(door.staff))
        _, recovered = queries.recoveries(made.cycle)
        rounds.seal_log(door.tools)
        found = _goods(recovered if chosen is ChildKind.RECOVERY else made.goods)
        value = {
            "cycle": str(made.cycle),
            "code": made.code,
            "households": made.households,
            ("too_much" if chosen is ChildKind.RECOVERY else "gives"): dict(found),
        }
    said = ", ".join(f"{quantity} x {unit}" for unit, quantity in found.items()) or "nothing"
    what = "too much was" if chosen is ChildKind.RECOVERY else "it gives"
    text = (
        f"{made.code} decided for {made.households} households; {what} {said}. Next: "
        f"despensa cycle propose {made.cycle}"
    )
    show(value, as_json=as_json, text=text)


def children(
    cycle: CycleArgument, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """List what completes a cycle, and how much of its share for late entrants is used."""
    with entered("cycle children", workspace) as door:
        from despensa.records.children import queries
        from despensa.records.programmes import queries as programmes

        row = _cycle(door, cycle, Permission.SEE_CYCLES)
        areas = door.reach(Permission.SEE_CYCLES).areas
        found = []
        for one in queries.children_of(row.id):
            known = programmes.cycle(one.cycle)
            if known is None:
                continue
            goods = programmes.goods_totals(one.cycle, areas=areas)
            found.append(
                {
                    "id": str(one.cycle),
                    "code": known.code,
                    "kind": one.kind.word,
                    "state": STATES.get(known.state, str(known.state)),
                    "households": sum(programmes.outcome_totals(one.cycle, areas=areas).values()),
                    "gives": {code: total for _, code, _, total in goods},
                }
            )
        share = queries.share_of(row.id)
        value: dict[str, Any] = {"cycle": str(row.id), "code": row.code, "children": found}
        if share is not None and areas is None:
            left = _goods(tuple(queries.share_left(row.id).items()))
            value["late_share"] = {"percent": share.percent, "left": left}
    rows = [[str(item) for item in one.values()] for one in found]
    lines = [table([*found[0]], rows) if found else f"Nothing completes {row.code} yet."]
    if "late_share" in value:
        said = ", ".join(f"{n} x {unit}" for unit, n in value["late_share"]["left"].items())
        lines.append(f"Left of the share for late entrants: {said}")
    show(value, as_json=as_json, text="\n".join(lines))


def propose(
    cycle: CycleArgument,
    *,
    share: Annotated[
        int,
        typer.Option(
            min=0, max=SHARE_PERCENT_MAX, help="Percent of each item that late entrants may get."
        ),
    ] = SHARE_PERCENT,
    ask_back: Annotated[
        bool, typer.Option("--ask-back", help="Of a recovery: it is not waived.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose to open a decided cycle, or to settle a recovery; another person decides."""
    with entered("cycle propose", workspace) as door:
        from despensa.entrypoints.jobs import proposing_cycles
        from despensa.records.children import queries

        row = _cycle(door, cycle, Permission.RUN_CYCLES)
        known = queries.child(row.id)
        acting = door.tools.acting(door.staff)
        if known is not None and known.kind is ChildKind.RECOVERY:
            proposal = proposing_cycles.propose_settlement(
                row, acting=acting, is_waived=not ask_back
            )
        elif ask_back:
            raise Mistake("Only a recovery can be asked back: leave --ask-back away.")
        else:
            proposal = proposing_cycles.propose_opening(row, acting=acting, percent=share)
    text = f"proposed; another person decides: despensa proposal approve {proposal}"
    show({"proposal": str(proposal), "cycle": str(row.id)}, as_json=as_json, text=text)


def _kind(word: str) -> ChildKind:
    kind = KIND_OF_WORD.get(word)
    if kind is None or kind is ChildKind.APPEAL:
        raise Mistake(f"{word} is no kind: write late, follow-up, top-up or recovery.")
    return kind


def _ids(written: list[str]) -> tuple[UUID, ...] | None:
    if len(written) > _HOUSEHOLDS_AT_ONCE:
        raise Mistake(
            f"At most {_HOUSEHOLDS_AT_ONCE} households can be named; without any it is for all that "
            "were decided, and the rule finds who is concerned."
        )
    try:
        return tuple(UUID(one) for one in written) or None
    except ValueError as error:
        raise Mistake(
            "One of these is no household id. It stands in the address of the household's page."
        ) from error


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise Mistake(f"{text} is no day: write it as in 2026-12-01.") from error


def _cycle(door: Entered, text: str, permission: Permission) -> "CycleRow":
    """Return a cycle in reach; one out of reach does not exist. Raises: Mistake; Refused."""
    from despensa.records.programmes import queries

    try:
        row = queries.cycle(UUID(text))
    except ValueError as error:
        raise Mistake(f"{text} is no cycle id. See: despensa cycle list.") from error
    reach = door.reach(permission)
    place = None if row is None else (row.programme, row.programme_area)
    sees = reach.covers if permission is Permission.RUN_CYCLES else reach.touches
    if row is None or place is None or not sees(*place):
        raise Refused(
            "There is no such cycle, or it is outside the area or programme of your role. See: "
            "despensa cycle list."
        )
    return row


def _version(row: "CycleRow", version: int) -> UUID:
    from despensa.records.programmes import queries

    rules = queries.rules_of(row.programme)
    if not 1 <= version <= len(rules):
        raise Refused(f"This programme has no rule of version {version}: write 1 to {len(rules)}.")
    return rules[version - 1]


def _goods(goods: "tuple[tuple[int, int], ...] | list[tuple[int, int]]") -> Mapping[str, int]:
    from despensa.records.programmes import queries

    units = queries.units()
    return {units[unit][0]: quantity for unit, quantity in goods}
