"""`despensa card send`, `package` and `return`: a batch that a print shop prints."""

from collections import Counter
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from despensa.domain.card.shop import RETURN_BYTES_MAX, Reconciled, ReturnRefused, ShopRefused
from despensa.domain.identifier import display_card_number
from despensa.domain.role import Permission
from despensa.entrypoints.cli.opened import Entered, JsonOption, WorkspaceOption, entered, show
from despensa.entrypoints.cli.problems import Mistake, Refused
from despensa.entrypoints.cli.written import new_file

BatchArgument = Annotated[UUID, typer.Argument(help="The batch, as its folder is called.")]
_NO_SUCH = "There is no such batch, or it is outside the area or programme of your role."


def send(
    batch: BatchArgument,
    *,
    shop: Annotated[str, typer.Option(help="The shop's name, as it stands in the log.")],
    key: Annotated[str, typer.Option(help="The shop's public key of age (age1...).")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Propose to have a batch printed outside; a second person approves exactly this shop and its key.

    From then on only the sealed package is given out, and nothing is handed over before its return.
    """
    with entered("card send", workspace) as door:
        from despensa.entrypoints.jobs import print_shop, rounds

        _require(batch, door)
        acting = door.tools.acting(door.staff)
        try:
            proposal = print_shop.propose(batch, shop, key, door.tools, acting=acting)
        except ShopRefused as refused:
            raise Refused(str(refused)) from refused
        rounds.seal_log(door.tools)
    text = f"proposed; a second person approves it: despensa proposal approve {proposal}"
    show({"proposal": str(proposal)}, as_json=as_json, text=text)


def package(
    batch: BatchArgument,
    *,
    out: Annotated[Path, typer.Option(help="A new file for the sealed package (.age).")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the sealed package of a batch for its print shop; only the shop's key opens it."""
    with entered("card package", workspace) as door:
        from despensa.entrypoints.jobs import print_shop

        _require(batch, door)
        path = print_shop.package_file(batch, door.tools)
        if path is None:
            raise Refused("This batch has no package: it was not sent, or it is counted.")
        new_file(out, path.read_bytes())
    show({"package": str(out)}, as_json=as_json, text=f"{out}: give it to the shop")


def take_return(
    batch: BatchArgument,
    file: Annotated[Path, typer.Argument(help="The shop's file: serial,sha256 of each card.")],
    *,
    close: Annotated[
        bool,
        typer.Option("--close", help="Count the batch with it; without, it is only looked at."),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Hold what a print shop says it printed against what was issued; exit code 1 when they differ.

    Closing, a card that is missing, was printed twice or differs is dead: its household is in the next
    order.
    """
    with entered("card return", workspace) as door:
        from despensa.entrypoints.jobs import print_shop, rounds

        _require(batch, door)
        try:
            with file.open("rb") as opened:
                data = opened.read(RETURN_BYTES_MAX + 1)
            if close:
                acting = door.tools.acting(door.staff)
                done, _ = print_shop.take_return(batch, data, door.tools, acting=acting)
            else:
                done = print_shop.looked_at(batch, data)
        except OSError as error:
            raise Mistake(f"{file} cannot be read: {error.strerror}.") from error
        except (ShopRefused, ReturnRefused) as refused:
            raise Refused(str(refused)) from refused
        rounds.seal_log(door.tools)
    value = _value(done) | {"counted": close}
    show(value, as_json=as_json, text=_text(done, closed=close))
    if done.spoilt or done.foreign:
        raise typer.Exit(1)


def _value(done: Reconciled) -> dict[str, object]:
    return {
        "printed": len(done.printed),
        "missing": [display_card_number(number) for number in done.missing],
        "doubled": [display_card_number(number) for number in done.doubled],
        "lines": [
            {"line": line.line, "serial": line.serial, "verdict": line.verdict.value}
            for line in done.strange_lines()
        ],
    }


def _text(done: Reconciled, *, closed: bool) -> str:
    counts = Counter(line.verdict.value for line in done.strange_lines())
    lines = [
        f"printed {len(done.printed)}, missing {len(done.missing)}, doubled {len(done.doubled)}",
        *(f"line {line.line}: {line.serial} {line.verdict.value}" for line in done.strange_lines()),
        *(f"missing: {display_card_number(number)}" for number in done.missing),
    ]
    if counts:
        lines.append(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    end = (
        "counted; the print files are destroyed" if closed else "only looked at; --close counts it"
    )
    return "\n".join([*lines, end])


def _require(batch: UUID, door: Entered) -> None:
    from despensa.records.cards import queries

    if queries.batch(batch, reach=door.reach(Permission.ISSUE_CARDS)) is None:
        raise Refused(_NO_SUCH)
