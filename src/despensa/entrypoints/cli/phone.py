"""`despensa phone`: phones of the points are enrolled, given lists, and revoked when lost."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from despensa.domain.phone_request import CODE_SECONDS
from despensa.domain.role import Permission
from despensa.entrypoints.cli.household_order import an_id
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show, table
from despensa.entrypoints.cli.problems import Mistake, Refused

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

PhoneArgument = Annotated[
    str, typer.Argument(metavar="PHONE", help="The id that `despensa phone list` shows.")
]
_STATES = {1: "active", 2: "suspended", 3: "revoked"}


@app.callback()
def _phone() -> None:
    """Phones at the points: a code enrols one, a list makes it ready, one step revokes it."""


@app.command()
def offer(
    *,
    area: Annotated[str, typer.Option(help="P-code of the area the phone is for.")],
    origin: Annotated[
        str, typer.Option(help="The address phones reach the server at.")
    ] = "https://localhost",
    out: Annotated[
        Path | None, typer.Option(help="Where the picture of the code goes (SVG).")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a code that enrols one phone within ten minutes."""
    with entered("phone offer", workspace) as door:
        from despensa.adapters.qr import screen_svg
        from despensa.entrypoints.jobs import phones, rounds
        from despensa.records.registry import queries

        where = queries.area_by_pcode(area)
        reach = door.reach(Permission.MANAGE_PHONES)
        if where is None or not reach.holds(where):
            raise Refused(f"There is no area {area} in reach: nothing was changed.")
        acting = door.tools.acting(door.staff)
        made = phones.offer(where, origin.rstrip("/"), door.tools, reach=reach, acting=acting)
        rounds.seal_log(door.tools)
    if out is not None:
        out.write_text(screen_svg(made.text), encoding="utf-8")
    names = [name for _, name in made.operators]
    value = {"code": made.text, "seconds": CODE_SECONDS, "operators": names}
    who = ", ".join(names) or "nobody: give somebody a role for this area, and show a new code"
    show(value, as_json=as_json, text=f"{made.text}\nfor ten minutes; who will work with it: {who}")


@app.command(name="list")
def list_phones(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the phones in reach: state, what came in, what was set aside, lists they hold."""
    with entered("phone list", workspace) as door:
        from despensa.records.service_points import phone_queries

        found = phone_queries.phones(door.reach(Permission.MANAGE_PHONES).areas)
    lines: list[dict[str, Any]] = [
        {
            "id": str(phone.id),
            "state": _STATES[phone.state],
            "until": datetime.fromtimestamp(phone.expires_at, UTC).date().isoformat(),
            "events": phone.events,
            "set_aside": phone.set_aside,
            "lists": phone.leases,
            "heard_at": phone.heard_at,
            "unsent": phone.unsent,
            "operators": [name for _, name in phone.operators],
        }
        for phone in found
    ]
    headings = ["state", "until", "events", "unsent", "set_aside", "lists", "id"]
    text = table(headings, [[str(line[name]) for name in headings] for line in lines])
    show({"phones": lines}, as_json=as_json, text=text)


@app.command()
def revoke(
    phone: PhoneArgument, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Revoke a lost phone at once: it gets no list, and what it still sends is set aside."""
    with entered("phone revoke", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.usecases.revoke_device import revoke_device

        reach = door.reach(Permission.MANAGE_PHONES)
        acting = door.tools.acting(door.staff)
        is_new = revoke_device(an_id(phone), reach=reach, acting=acting)
        rounds.seal_log(door.tools)
    text = "revoked" if is_new else "it was revoked before: nothing was changed"
    show({"revoked": is_new}, as_json=as_json, text=text)


@app.command()
def prepare(
    phone: PhoneArgument,
    *,
    point: Annotated[str, typer.Option(help="The point's code, such as P01.")],
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The session's day; else today.")
    ] = None,
    table_number: Annotated[
        int, typer.Option("--table", min=0, help="Which of several tables; 0 where there is one.")
    ] = 0,
    tables: Annotated[int, typer.Option(min=1, max=9, help="How many tables share the list.")] = 1,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the list of a session, or one table's part of it, for a phone, which fetches it."""
    if (table_number == 0) != (tables == 1) or table_number > tables:
        raise Mistake("Say --table 1 with --tables 3, or neither: nothing was changed.")
    with entered("phone prepare", workspace) as door:
        from despensa.entrypoints.jobs import phones, rounds

        on = door.tools.today() if day is None else day.date()
        order = phones.ListOrder(an_id(phone), point, on, table_number, tables)
        reach = door.reach(Permission.MANAGE_PHONES)
        acting = door.tools.acting(door.staff)
        lease, households = phones.prepare(order, door.tools, reach=reach, acting=acting)
        rounds.seal_log(door.tools)
    value = {"list": str(lease), "households": households}
    show(value, as_json=as_json, text=f"list {lease} waits for the phone: {households} households")
