"""`despensa household`: one household as it is or was, and the operations that change it."""

from typing import Annotated

import typer

from despensa.domain.household.operation import Kind
from despensa.domain.ports.keeper import Purpose
from despensa.domain.role import Permission
from despensa.entrypoints.cli.household_order import (
    a_day,
    area_called,
    as_text,
    carry_out,
    common_options,
    found_household,
)
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show
from despensa.entrypoints.cli.problems import Mistake

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

Household = Annotated[
    str, typer.Argument(metavar="HOUSEHOLD", help="The id of its page, or a card number.")
]
Reason = Annotated[
    str, typer.Option(help="Why: a reason of the operation's list; a wrong one prints the list.")
]
Day = Annotated[str | None, typer.Option("--day", help="The first day it is so; else today.")]
Preview = Annotated[bool, typer.Option("--preview", help="Only say what would change.")]
Operation = Annotated[
    str | None, typer.Option(help="The id of this operation: sent twice, it is done once.")
]
Version = Annotated[
    int | None, typer.Option(help="The household's version it was decided on; else the present.")
]
People = Annotated[list[str], typer.Option("--person", help="An id that `show` prints.")]
Head = Annotated[str | None, typer.Option(help="Who is head then, of those who stay.")]
Collector = Annotated[str | None, typer.Option(help="Who collects: a person or an institution.")]
CarryOption = Annotated[
    str, typer.Option(help="Of open cycles goes along: by_members, everything or nothing.")
]
FullName = Annotated[str | None, typer.Option(help="Full name of somebody new.")]
Born = Annotated[str | None, typer.Option(help="Day of birth of somebody new.")]
SexOption = Annotated[str, typer.Option(help="Sex of somebody new: female, male, other, unknown.")]


@app.callback()
def _household() -> None:
    """Households as histories: nothing is overwritten, everything can be undone."""


@app.command(name="show")
def show_household(
    household: Household,
    *,
    on: Annotated[str | None, typer.Option("--on", help="A past day; else today.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Show who has which role in a household on a day, and everything that was done to it.

    That somebody looked is written down first, where the household can read it.
    """
    with entered("household show", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.usecases.open_history import open_history

        today = door.tools.today()
        day = today if on is None else a_day(on)
        if day > today:
            raise Mistake(f"{day} lies in the future; ask for today or a past day.")
        opened = open_history(
            found_household(household, door, Permission.READ_HOUSEHOLDS),
            day=day,
            purpose=Purpose.SERVE_HOUSEHOLD,
            acting=door.tools.acting(door.staff),
            vault=door.tools.keeper.vault,
        )
        rounds.seal_log(door.tools)
        from despensa.records.households import queries

        standing = queries.standing(opened.household.id)
    value = {
        "household": str(opened.household.id),
        "on": day.isoformat(),
        "area": str(opened.area),
        "version": 0 if standing is None else standing.version,
        "roles": [
            {
                "id": str(row.holder),
                "name": opened.names.get(row.holder),
                "role": row.role.name.lower(),
                "since": row.from_day.isoformat(),
            }
            for row in opened.roles
        ],
        "changes": [
            {
                "id": str(row.id),
                "kind": row.kind.name.lower(),
                "reason": row.reason.name.lower(),
                "day": row.day.isoformat(),
                "undone": row.is_undone,
            }
            for row in opened.timeline
        ],
    }
    show(value, as_json=as_json, text=as_text(value))


@app.command()
def split(
    household: Household,
    *,
    person: People,
    reason: Reason,
    other_head: Annotated[str | None, typer.Option(help="Head of the new household.")] = None,
    head: Head = None,
    area: Annotated[str | None, typer.Option(help="P-code where the new one lives.")] = None,
    carry: CarryOption = "by_members",
    day: Day = None,
    operation: Operation = None,
    version: Version = None,
    preview: Preview = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let some people form a household of their own."""
    given = {"person": person, "other_head": other_head, "head": head, "area": area, "carry": carry}
    common = common_options(reason, day, operation, version, preview=preview)
    carry_out("split", Kind.SPLIT, household, given | common, workspace, as_json=as_json)


@app.command()
def merge(
    household: Household,
    *,
    other: Annotated[str, typer.Option(help="The household that joins: its id or a card.")],
    reason: Reason,
    head: Head = None,
    day: Day = None,
    operation: Operation = None,
    version: Version = None,
    preview: Preview = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let another household join this one, with everything that is still free."""
    given = {"other": other, "head": head}
    common = common_options(reason, day, operation, version, preview=preview)
    carry_out("merge", Kind.MERGE, household, given | common, workspace, as_json=as_json)


@app.command()
def move(
    household: Household,
    *,
    area: Annotated[str, typer.Option(help="P-code of the area where it lives now.")],
    reason: Reason,
    head: Head = None,
    day: Day = None,
    operation: Operation = None,
    version: Version = None,
    preview: Preview = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a household move to another area."""
    given = {"area": area, "head": head}
    common = common_options(reason, day, operation, version, preview=preview)
    carry_out("move", Kind.MOVE, household, given | common, workspace, as_json=as_json)


@app.command()
def birth(
    household: Household,
    *,
    full_name: FullName,
    born: Born,
    reason: Reason,
    sex: SexOption = "unknown",
    head: Head = None,
    day: Day = None,
    operation: Operation = None,
    version: Version = None,
    preview: Preview = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Register a child that was born."""
    given = {"full_name": full_name, "born": born, "sex": sex, "head": head}
    common = common_options(reason, day, operation, version, preview=preview)
    carry_out("birth", Kind.BIRTH, household, given | common, workspace, as_json=as_json)


@app.command()
def death(
    household: Household,
    *,
    person: People,
    reason: Reason,
    head: Head = None,
    collector: Collector = None,
    day: Day = None,
    operation: Operation = None,
    version: Version = None,
    preview: Preview = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that somebody died; they collect for nobody any more."""
    given = {"person": person, "head": head, "collector": collector}
    common = common_options(reason, day, operation, version, preview=preview)
    carry_out("death", Kind.DEATH, household, given | common, workspace, as_json=as_json)


@app.command()
def leave(
    household: Household,
    *,
    person: People,
    reason: Reason,
    head: Head = None,
    collector: Collector = None,
    day: Day = None,
    operation: Operation = None,
    version: Version = None,
    preview: Preview = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that somebody left the household."""
    given = {"person": person, "head": head, "collector": collector}
    common = common_options(reason, day, operation, version, preview=preview)
    carry_out("leave", Kind.LEAVE, household, given | common, workspace, as_json=as_json)


@app.command()
def join(
    household: Household,
    *,
    reason: Reason,
    person: People = [],  # noqa: B006
    other: Annotated[str | None, typer.Option(help="Where they live until now.")] = None,
    full_name: FullName = None,
    born: Born = None,
    sex: SexOption = "unknown",
    head: Head = None,
    day: Day = None,
    operation: Operation = None,
    version: Version = None,
    preview: Preview = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let somebody join: from another household, without one, or new to the register."""
    given = {
        "person": person, "other": other, "full_name": full_name, "born": born, "sex": sex,
        "head": head,
    }  # fmt: skip
    common = common_options(reason, day, operation, version, preview=preview)
    carry_out("join", Kind.JOIN, household, given | common, workspace, as_json=as_json)


@app.command(name="head")
def new_head(
    household: Household,
    *,
    person: Annotated[str, typer.Option(help="Who becomes head.")],
    reason: Reason,
    day: Day = None,
    operation: Operation = None,
    version: Version = None,
    preview: Preview = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name a new head; the one before becomes a member."""
    common = common_options(reason, day, operation, version, preview=preview)
    given = {"head": person} | common
    carry_out("head", Kind.NEW_HEAD, household, given, workspace, as_json=as_json)


@app.command(name="collector")
def name_collector(
    household: Household,
    *,
    collector: Annotated[str, typer.Option(help="A person's or an institution's id.")],
    reason: Reason,
    alternate: Annotated[bool, typer.Option(help="Instead of the first, when needed.")] = False,
    day: Day = None,
    operation: Operation = None,
    version: Version = None,
    preview: Preview = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Name who collects for a household."""
    given = {"collector": collector, "alternate": alternate}
    common = common_options(reason, day, operation, version, preview=preview)
    kind = Kind.COLLECTOR_NAMED
    carry_out("collector", kind, household, given | common, workspace, as_json=as_json)


@app.command()
def withdraw(
    household: Household,
    *,
    collector: Annotated[str, typer.Option(help="A person's or an institution's id.")],
    reason: Reason,
    day: Day = None,
    operation: Operation = None,
    version: Version = None,
    preview: Preview = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Withdraw a collector; somebody else must be left who collects."""
    common = common_options(reason, day, operation, version, preview=preview)
    given = {"collector": collector} | common
    kind = Kind.COLLECTOR_WITHDRAWN
    carry_out("withdraw", kind, household, given, workspace, as_json=as_json)


@app.command()
def undo(
    household: Household,
    *,
    change: Annotated[str, typer.Option(help="The operation's id, as `show` prints it.")],
    reason: Reason = "entry_mistake",
    operation: Operation = None,
    preview: Preview = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo the latest operation; both stay in the history."""
    given = {"change": change} | common_options(reason, None, operation, None, preview=preview)
    carry_out("undo", Kind.UNDO, household, given, workspace, as_json=as_json)


@app.command()
def institution(
    *,
    kind: Annotated[
        str,
        typer.Option(
            help="shelter, orphanage, hospital, school, community_kitchen, "
            "public_office or aid_organisation."
        ),
    ],
    names: Annotated[str, typer.Option(help="Names by language: 'es=Casa Luz;en=Light House'.")],
    office: Annotated[str, typer.Option(help="The office that collects: 'es=dirección'.")],
    area: Annotated[str, typer.Option(help="P-code of the area where it is.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add an institution whose named office may collect for households, and vouch for people."""
    from despensa.entrypoints.cli.programme import names_of

    numbers = {
        "shelter": 1, "orphanage": 2, "hospital": 3, "school": 4, "community_kitchen": 5,
        "public_office": 6, "aid_organisation": 7,
    }  # fmt: skip
    if kind not in numbers:
        raise Mistake(f"{kind} is no kind of institution; there are: {', '.join(numbers)}.")
    called, acting_office = names_of(names), names_of(office)
    with entered("household institution", workspace) as door:
        from despensa.usecases.add_institution import add_institution

        added = add_institution(
            kind=numbers[kind],
            names=called,
            office=acting_office,
            area=area_called(area, door),
            acting=door.tools.acting(door.staff),
        )
    show({"institution": str(added)}, as_json=as_json, text=f"added: {added}")
