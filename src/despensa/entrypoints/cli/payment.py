"""`despensa payment`: providers, accounts, lists, files out, statements in."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from despensa.domain import proposal as rules
from despensa.domain.payment.amount import text_of
from despensa.domain.payment.order import AccountKind, Rail
from despensa.domain.payment.statement import State
from despensa.domain.payment.table import ColumnsUnknown
from despensa.domain.role import Permission
from despensa.entrypoints.cli import asking
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show, table, tell
from despensa.entrypoints.cli.payment_back import lines, pair, resolve, statement
from despensa.entrypoints.cli.problems import Mistake, Refused

if TYPE_CHECKING:
    from despensa.domain.reach import Reach
    from despensa.entrypoints.cli.opened import Entered
    from despensa.records.payees.queries import ProviderView
    from despensa.records.payments.queries import DisbursementView

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None, no_args_is_help=True)
ListArgument = Annotated[str, typer.Argument(metavar="LIST_ID", help="From despensa payment list.")]
CodeOption = Annotated[str, typer.Option("--provider", help="Code of the provider.")]
_OPEN, _WAITING = 4, 1


app.command()(statement)
app.command()(lines)
app.command()(resolve)


@app.callback()
def _payment() -> None:
    """Money to people: providers, accounts, lists two people agree on, and what comes back."""


@app.command()
def provider(
    code: str,
    *,
    rail: Annotated[str, typer.Option(help="pain_001, table or cash_list.")],
    account: Annotated[str, typer.Option(help="iban, phone, other or cash.")],
    name: Annotated[str, typer.Option(help="Its name.")],
    needs_document: Annotated[bool, typer.Option(help="It demands a document.")] = False,
    setting: Annotated[
        list[str] | None, typer.Option(help="payer=, payer_account=, payer_agent=, columns=, ...")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a financial service provider and what its files say once."""
    with entered("payment provider", workspace) as door:
        from despensa.records.payees.queries import ProviderView
        from despensa.usecases.add_provider import ProviderWrong, add_provider

        try:
            view = ProviderView(
                door.tools.acting(door.staff).new_id(),
                code,
                {door.language: name},
                Rail[rail.upper()],
                AccountKind[account.upper()],
                needs_document,
                dict(pair(one) for one in setting or []),
            )
            add_provider(view, acting=door.tools.acting(door.staff))
        except KeyError as error:
            raise Mistake(f"{error.args[0].lower()} is no rail or kind of account.") from error
        except (ProviderWrong, ColumnsUnknown) as error:
            raise Mistake(str(error)) from error
    show({"provider": code}, as_json=as_json, text=f"{code} added")


@app.command()
def payee(
    person: Annotated[str, typer.Argument(metavar="PERSON_ID")],
    *,
    provider: CodeOption,
    account: Annotated[
        str, typer.Option(help="IBAN, phone with + or account; empty for cash.")
    ] = "",
    agent: Annotated[str, typer.Option(help="BIC or code of the branch.")] = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Set where a person is paid. The account is checked, sealed, and never shown again.

    A change within 14 days of a payment waits for another person: despensa payment confirm.
    """
    with entered("payment payee", workspace) as door:
        from despensa.usecases.set_payee import AccountWrong, set_payee

        one = _in_reach(person, door)
        try:
            is_change = set_payee(
                one,
                _provider(provider),
                account,
                agent,
                acting=door.tools.acting(door.staff),
                vault=door.tools.keeper.vault,
            )
        except AccountWrong as error:
            raise Refused(str(error)) from error
    said = (
        "another person confirms it: despensa payment confirm"
        if is_change
        else "the account is set"
    )
    show({"person": person, "is_change": is_change}, as_json=as_json, text=said)


@app.command()
def confirm(
    person: Annotated[str, typer.Argument(metavar="PERSON_ID")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Confirm, as another person, that somebody's account was changed; tell them by the old way."""
    with entered("payment confirm", workspace) as door:
        from despensa.records.payees import queries
        from despensa.usecases.set_payee import confirm_payee

        one = _in_reach(person, door)
        found = queries.payees([one]).get(one)
        if found is None or not found.is_change or found.is_confirmed:
            raise Refused("No change of this person's account waits for anybody.")
        if found.set_by == door.staff:
            raise Refused("You made this change: another person confirms it.")
        done = confirm_payee(found.id, acting=door.tools.acting(door.staff))
    text = "confirmed" if done else "somebody else confirmed it meanwhile"
    show({"person": person, "confirmed": done}, as_json=as_json, text=text)


@app.command()
def draft(
    cycle: Annotated[str, typer.Argument(metavar="CYCLE_ID", help="From despensa cycle list.")],
    *,
    provider: CodeOption,
    currency: Annotated[str, typer.Option(help="ISO 4217, as EUR: the unit that is paid.")],
    pay_on: Annotated[str, typer.Option(help="Day of payment, YYYY-MM-DD.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Draft the list of everybody of an open cycle whom a provider pays, and propose its file.

    Who cannot be paid yet becomes a task and is dropped from nothing: despensa payment tasks.
    """
    with entered("payment draft", workspace) as door:
        from despensa.entrypoints.jobs import paying, rounds
        from despensa.records.programmes import queries

        row = queries.cycle(_id(cycle, "cycle"))
        reach = door.reach(Permission.RUN_PAYMENTS)
        if row is None or not reach.covers(row.programme, row.programme_area):
            raise Refused(
                "There is no such cycle, or it is outside the area or programme of your role."
            )
        if row.state != _OPEN:
            raise Refused("Only an open cycle is paid.")
        try:
            made = paying.draft(
                row,
                _provider(provider),
                currency,
                _day(pay_on),
                door.tools,
                acting=door.tools.acting(door.staff),
            )
        except paying.ListRefused as error:
            raise Refused(str(error)) from error
        rounds.seal_log(door.tools)
    tasks = {task.name.lower(): count for task, count in made.tasks.items()}
    value: dict[str, Any] = {
        "list": str(made.proposal),
        "payments": made.count,
        "total": text_of(made.total, currency),
        "file_sha256": made.file_hash.hex(),
        "tasks": tasks,
    }
    text = (
        f"{made.count} payments, {value['total']} {currency}, file {value['file_sha256'][:16]}. "
        f"A finance checker decides: despensa payment approve {made.proposal}"
        + "".join(f"\n{count} households wait: {name}" for name, count in tasks.items())
    )
    show(value, as_json=as_json, text=text)


@app.command()
def approve(
    list_id: ListArgument,
    *,
    file_hash: Annotated[
        str, typer.Option("--file-hash", help="Approve only the file with this SHA-256 (hex).")
    ],
    password: asking.PasswordOption = None,
    password_file: asking.PasswordFileOption = None,
    code: asking.CodeOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Approve a list, or what was asked about a payment, with password and code; carry it out."""
    with entered("payment approve", workspace) as door:
        from despensa.entrypoints.jobs import actions, rounds
        from despensa.entrypoints.second_factor import confirm as confirm_factor
        from despensa.records.proposals import queries
        from despensa.usecases import approve as desk

        view = queries.proposal(_id(list_id, "list"))
        reach = door.reach(Permission.DECIDE_PAYMENTS)
        if view is None or not reach.covers(view.programme, view.area):
            raise Refused(
                "There is no such list, or it is outside the area or programme of your role."
            )
        asked = rules.parse(view.canonical)
        if file_hash.lower() not in {one.hex() for one in asked.inputs}:
            raise Refused("The list has another file than the one given: nothing was approved.")
        tell(", ".join(f"{name}: {value}" for name, value in asked.totals))
        confirm_factor(door.staff, asking.password(password, password_file), asking.code(code))
        if view.state == _WAITING:
            desk.approve(
                view.id,
                seen_hash=view.hash,
                kind=rules.ApprovalKind.PASSWORD_AND_CODE,
                assertion=None,
                acting=door.tools.acting(door.staff),
                signatory=door.tools.keeper.signatory,
            )
        done = actions.carry_out(view.id, door.tools)
        rounds.seal_log(door.tools)
    show({"list": list_id, "done": done}, as_json=as_json, text=done)


@app.command(name="list")
def list_all(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show the lists of payments and how far they are."""
    with entered("payment list", workspace) as door:
        from despensa.records.payments import queries

        reach = door.reach(Permission.SEE_LEDGER)
        found = [one for one in queries.disbursements() if reach.covers(one.programme, None)]
    rows = [_described(one) for one in found]
    show(
        rows,
        as_json=as_json,
        text=table(
            ["list", "payments", "total", "states"],
            [[row["list"], row["payments"], row["total"], row["states"]] for row in rows],
        ),
    )


@app.command()
def tasks(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show which households' money waits for something somebody has to see to."""
    with entered("payment tasks", workspace) as door:
        from despensa.domain.payment.plan import Task
        from despensa.records.payees import queries

        found = queries.tasks(door.reach(Permission.CHANGE_HOUSEHOLDS).areas)
    rows = [{"household": str(one.household), "why": Task(one.kind).name.lower()} for one in found]
    show(
        rows,
        as_json=as_json,
        text=table(["household", "why"], [[row["household"], row["why"]] for row in rows]),
    )


@app.command(name="file")
def take_file(
    list_id: ListArgument,
    *,
    out: Annotated[Path, typer.Option(help="Where to write the file; it is never overwritten.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the file of an approved list, for the provider. Every time is written into the log."""
    with entered("payment file", workspace) as door:
        from despensa.entrypoints.jobs import paying, rounds

        _found(list_id, door.reach(Permission.RUN_PAYMENTS))
        try:
            parts = paying.file_of(
                _id(list_id, "list"), door.tools, acting=door.tools.acting(door.staff)
            )
            with out.open("xb") as file:
                out.chmod(0o600)
                length = sum(file.write(part) for part in parts)
        except FileExistsError as error:
            raise Refused(f"{out} exists: it was not overwritten.") from error
        except FileNotFoundError as error:
            raise Refused("The file was destroyed, as its list said. Draft a new one.") from error
        except paying.ListRefused as error:
            out.unlink(missing_ok=True)
            raise Refused(str(error)) from error
        rounds.seal_log(door.tools)
    show({"file": str(out), "bytes": length}, as_json=as_json, text=f"{length} bytes in {out}")


def _described(one: "DisbursementView") -> dict[str, str]:
    states = ", ".join(
        f"{State(state).name.lower()} {count}" for state, (count, _) in sorted(one.states.items())
    )
    return {
        "list": str(one.id),
        "payments": str(one.count),
        "total": f"{text_of(one.total, one.currency)} {one.currency}",
        "states": states,
    }


def _found(list_id: str, reach: "Reach") -> "DisbursementView":
    from despensa.records.payments import queries

    found = queries.disbursement(_id(list_id, "list"))
    if found is None or not reach.covers(found.programme, None):
        raise Refused("There is no such list, or it is outside the area or programme of your role.")
    return found


def _in_reach(person: str, door: "Entered") -> UUID:
    from despensa.records.payees import queries

    one = _id(person, "person")
    area = queries.area_of(one)
    if area is None or not door.reach(Permission.CHANGE_HOUSEHOLDS).covers(None, area):
        raise Refused("There is no such person, or they are outside the area of your role.")
    return one


def _provider(code: str) -> "ProviderView":
    from despensa.records.payees import queries

    found = queries.provider(code)
    if found is None:
        raise Refused(f"There is no provider {code}: despensa payment provider adds one.")
    return found


def _id(text: str, what: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Mistake(f"{text!r} is no id of a {what}.") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Mistake(f"{text!r} is no day: write YYYY-MM-DD.") from error
