"""`despensa stock`: goods at the points, from the delivery to the count at the end of the day."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from despensa.domain.ledger.stock import EntryKind, LossReason
from despensa.domain.role import Permission
from despensa.entrypoints.cli.household_order import an_id
from despensa.entrypoints.cli.opened import (
    Entered,
    JsonOption,
    WorkspaceOption,
    entered,
    show,
    table,
)
from despensa.entrypoints.cli.problems import Mistake, Refused

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

_KINDS = {
    "delivery": EntryKind.DELIVERY,
    "loss": EntryKind.LOSS,
    "return": EntryKind.RETURN,
    "opened": EntryKind.OPENED,
    "count": EntryKind.COUNT,
}
_REASONS = {reason.name.lower(): reason for reason in LossReason}
PointArgument = Annotated[str, typer.Argument(metavar="POINT", help="The point's code, as P01.")]
ItemOption = Annotated[
    list[str], typer.Option("--item", help="An item and how many, such as parcel=20; repeatable.")
]
DayOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; else today.")
]


@app.callback()
def _stock() -> None:
    """Goods at the points: no record of them ever stops a hand-over."""


@app.command(name="show")
def show_day(
    point: PointArgument,
    *,
    day: DayOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a point's day per item: before, received, given, left, counted, difference."""
    with entered("stock show", workspace) as door:
        from despensa.entrypoints.jobs import goods
        from despensa.records.stock import queries

        where = _point(point, door, Permission.SEE_STOCK)
        on = _day(day, door)
        codes = {number: code for code, number in goods.numbers().items()}
        found = queries.day_of(where, on)
        written = queries.entries(where, on)
    lines: list[dict[str, Any]] = [
        asdict(item)
        | {
            "item": codes.get(item.item, str(item.item)),
            "left": item.left,
            "difference": item.difference,
        }
        for item in found
    ]
    headings = ["item", "before", "received", "opened", "given", "lost", "returned", "left",
                "counted", "difference"]  # fmt: skip
    entries = [
        {"id": str(entry.id), "kind": entry.kind, "is_reversed": entry.is_reversed}
        for entry in written
    ]
    text = table(
        headings,
        [["" if (v := line[name]) is None else str(v) for name in headings] for line in lines],
    )
    value = {"point": point, "day": on.isoformat(), "items": lines, "entries": entries}
    show(value, as_json=as_json, text=text)


@app.command()
def write(
    point: PointArgument,
    kind: Annotated[str, typer.Argument(help=" | ".join(_KINDS))],
    *,
    item: ItemOption,
    day: DayOption = None,
    lot: Annotated[str, typer.Option(help="Lot of a delivery.")] = "",
    expires: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Best before, of a delivery.")
    ] = None,
    donor: Annotated[str, typer.Option(help="Donor of a delivery.")] = "",
    waybill: Annotated[str, typer.Option(help="Waybill of a delivery or a return.")] = "",
    reason: Annotated[str, typer.Option(help="Of a loss: " + " | ".join(_REASONS))] = "",
    entry_id: Annotated[
        str,
        typer.Option("--id", help="A number of your own (UUID): the same twice is written once."),
    ] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a delivery, a loss, a return, opened parcels or a count."""
    if kind not in _KINDS or (reason and reason not in _REASONS):
        raise Mistake(
            f"An entry is one of: {', '.join(_KINDS)}; a loss has one of these reasons: "
            f"{', '.join(_REASONS)}. Nothing was written."
        )
    with entered("stock write", workspace) as door:
        from despensa.domain.ledger.stock import StockEntry
        from despensa.entrypoints.jobs import goods, rounds
        from despensa.usecases.record_stock import record_stock

        acting = door.tools.acting(door.staff)
        entry = StockEntry(
            (an_id(entry_id) if entry_id else acting.new_id()).bytes,
            _point(point, door, Permission.KEEP_STOCK).bytes,
            _day(day, door),
            _KINDS[kind],
            goods.lines(item),
            lot,
            None if expires is None else expires.date(),
            donor,
            waybill,
            _REASONS.get(reason),
        )
        is_new = record_stock(entry, reach=door.reach(Permission.KEEP_STOCK), acting=acting)
        rounds.seal_log(door.tools)
    said = "written" if is_new else "it was written before: nothing was changed"
    value = {"entry": str(UUID(bytes=entry.id)), "written": is_new}
    show(value, as_json=as_json, text=f"{said} ({value['entry']})")


@app.command()
def reverse(
    entry: Annotated[str, typer.Argument(help="The entry's id, as `despensa stock show --json`.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Reverse an entry that was wrong; both stay to be read."""
    with entered("stock reverse", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.usecases.reverse_stock import reverse_stock

        reach = door.reach(Permission.KEEP_STOCK)
        is_new = reverse_stock(an_id(entry), reach=reach, acting=door.tools.acting(door.staff))
        rounds.seal_log(door.tools)
    said = "reversed" if is_new else "it was reversed before: nothing was changed"
    show({"reversed": is_new}, as_json=as_json, text=said)


@app.command()
def contents(
    unit: Annotated[str, typer.Argument(help="The unit whose parcel is opened, such as parcel.")],
    *,
    item: ItemOption,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write down what one parcel holds, so that it can be opened."""
    with entered("stock contents", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.records.programmes import queries
        from despensa.usecases.write_contents import write_contents

        if not door.reach(Permission.RUN_CYCLES).covers(None, None):
            raise Refused(
                "What a parcel holds is said for the whole workspace: nothing was changed."
            )
        number = queries.unit_numbers().get(unit)
        if number is None:
            raise Refused(f"There is no unit {unit}: nothing was changed.")
        held: dict[str, int] = {}
        for text in item:
            code, sign, many = text.partition("=")
            if not sign or not (many.isascii() and many.isdigit()):
                raise Mistake(f"{text!r} is no item with a whole quantity; write it as rice=2.")
            held[code] = int(many)
        is_new = write_contents(number, held, acting=door.tools.acting(door.staff))
        rounds.seal_log(door.tools)
    said = "written" if is_new else "this was its list already: nothing was changed"
    show({"written": is_new}, as_json=as_json, text=said)


def _point(code: str, door: Entered, permission: Permission) -> UUID:
    """Return the id of a point in reach. Raises: Refused."""
    from despensa.records.stock import queries

    point = queries.point(code)
    if point is None or not door.reach(permission).holds(point.area):
        raise Refused(f"There is no point {code} in reach: nothing was changed.")
    return point.id


def _day(given: datetime | None, door: Entered) -> date:
    return door.tools.today() if given is None else given.date()
