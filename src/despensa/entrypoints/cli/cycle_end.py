"""`despensa cycle close`, `settle`, `fade` and `withdraw`: the steps that end a cycle."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from despensa.domain.cycle_life import Step, Waits
from despensa.domain.proposal import Reason
from despensa.domain.role import Permission
from despensa.entrypoints.cli.opened import Entered, JsonOption, WorkspaceOption, entered, show
from despensa.entrypoints.cli.problems import Mistake, Refused

if TYPE_CHECKING:
    from despensa.records.programmes.queries import CycleRow

CycleArgument = Annotated[str, typer.Argument(metavar="CYCLE_ID", help="From despensa cycle list.")]
_DECIDED, _OPEN, _CLOSED, _SETTLED, _FADING = 2, 4, 5, 6, 7


def close(
    cycle: CycleArgument, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """
    Close a cycle whose published last day is over, or propose to close it before.

    Claims stop; what honest phones report later still counts. The rounds close it by themselves.
    """
    with entered("cycle close", workspace) as door:
        from despensa.entrypoints.jobs import cycle_life, proposing, rounds

        row = _in_reach(cycle, door, states=(_OPEN,), word="open")
        step = cycle_life.standing(row, door.tools).step
        acting = door.tools.acting(door.staff)
        if step is not None and step.waits is Waits.NOTHING:
            cycle_life.close(row.id, door.tools, acting=acting)
            rounds.seal_log(door.tools)
            value, text = {"state": "closed"}, f"{row.code} is closed."
        else:
            proposal = proposing.propose_action(
                cycle_life.ACTION,
                Reason.SCHEDULED_CYCLE,
                acting=acting,
                scope=(row.programme.bytes, None, row.id.bytes),
            )
            value = {"state": "open", "proposal": str(proposal)}
            text = (
                f"{row.code} is published as open until {row.closes_on}: a second person closes it "
                f"before that with despensa proposal approve {proposal}"
            )
    show({"cycle": str(row.id), **value}, as_json=as_json, text=text)


def withdraw(
    cycle: CycleArgument, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """
    Propose to withdraw a decided cycle that has not begun to open; another person decides.

    Then nothing of it is given, its frozen facts are destroyed, and the programme may draft anew.
    """
    with entered("cycle withdraw", workspace) as door:
        from despensa.entrypoints.jobs import proposing_cycles

        row = _in_reach(cycle, door, states=(_DECIDED,), word="decided")
        proposal = proposing_cycles.propose_withdrawal(row, acting=door.tools.acting(door.staff))
    text = f"proposed; another person decides: despensa proposal approve {proposal}"
    show({"cycle": str(row.id), "proposal": str(proposal)}, as_json=as_json, text=text)


def settle(
    cycle: CycleArgument, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """
    Put back into the fund what nobody claimed of a closed cycle, once no list is out.

    Exit 1 says what it waits for. The rounds do it by themselves.
    """
    with entered("cycle settle", workspace) as door:
        from despensa.entrypoints.jobs import cycle_life, rounds

        row = _in_reach(cycle, door, states=(_CLOSED,), word="closed")
        found = cycle_life.standing(row, door.tools)
        done = cycle_life.settle(row.id, door.tools)
        rounds.seal_log(door.tools)
    _tell(row, "settled", done, _waits(found.step, found.lists_out), as_json=as_json)


def fade(
    cycle: CycleArgument, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """
    Leave only sums of a settled cycle whose disputes are over, and destroy its keys.

    There is no way back. Exit 1 says what it waits for. The rounds do it by themselves.
    """
    with entered("cycle fade", workspace) as door:
        from despensa.entrypoints.jobs import cycle_life, rounds

        row = _in_reach(cycle, door, states=(_SETTLED, _FADING), word="settled")
        step = cycle_life.standing(row, door.tools).step
        done = cycle_life.fade(row.id, door.tools)
        rounds.seal_log(door.tools)
    _tell(row, "faded", done, _waits(step, 0), as_json=as_json)


def _in_reach(text: str, door: Entered, *, states: tuple[int, ...], word: str) -> "CycleRow":
    """Return a cycle that may be run by whoever signed in, and is where the step starts from."""
    from despensa.records.programmes import queries

    try:
        wanted = UUID(text)
    except ValueError as error:
        raise Mistake(f"{text} is no id of a cycle. See: despensa cycle list.") from error
    row = queries.cycle(wanted)
    if row is None:
        raise Refused("There is no cycle with this id. See: despensa cycle list.")
    door.reach(Permission.RUN_CYCLES).require(row.programme, row.programme_area)
    if row.state not in states:
        raise Refused(
            f"The cycle {row.code} is not {word}: nothing was changed. See: despensa cycle list."
        )
    return row


def _waits(step: Step | None, lists_out: int) -> str:
    """Return what a step waits for, and until when at the latest."""
    if step is None or step.on is None:
        return ""
    if step.waits is Waits.PHONES:
        return f"{lists_out} lists are still with phones; it is done on {step.on} at the latest"
    if step.waits is Waits.APPEALS:
        return "appeals are not decided yet"
    return f"it may be disputed until the day before {step.on}"


def _tell(row: "CycleRow", state: str, done: bool, waits: str, *, as_json: bool) -> None:
    text = f"{row.code} is {state}." if done else f"{row.code} is not {state}: {waits}."
    value = {"cycle": str(row.id), "done": done, "waits": "" if done else waits}
    show(value, as_json=as_json, text=text)
    if not done:
        raise typer.Exit(1)
