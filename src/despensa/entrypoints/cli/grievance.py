"""`despensa grievance`: appeals against decisions, from the taking down to the answer."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from despensa.domain.appeal import Answer, Ground, Reason, serial
from despensa.domain.eligibility.paper import PaperError, PaperUnreadable
from despensa.domain.role import Permission
from despensa.entrypoints.cli import read_in
from despensa.entrypoints.cli.household_order import an_id
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show, table
from despensa.entrypoints.cli.problems import Mistake, Refused
from despensa.entrypoints.cli.written import new_file

if TYPE_CHECKING:
    from despensa.entrypoints.cli.opened import Entered
    from despensa.records.grievances.queries import AppealView

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
Appeal = Annotated[str, typer.Argument(metavar="APPEAL", help="An id of the list.")]
SHOWN_MAX = 100
_GROUNDS = {one.name.lower(): one for one in Ground}
_ANSWERS = {one.name.lower(): one for one in Answer}
_REASONS = {one.name.lower(): one for one in Reason}


@app.callback()
def _grievance() -> None:
    """Appeals of households against their decisions: taken down, answered, on paper."""


@app.command(name="list")
def list_(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the appeals that wait for an answer, those due first; no name, no word of anybody."""
    with entered("grievance list", workspace) as door:
        from despensa.records.grievances import queries

        reach = door.reach(Permission.BRING_APPEALS)
        value = [_summary(view) for view in queries.waiting(SHOWN_MAX, reach=reach)]
    rows = [[one["answer_until"], one["id"], one["cycle"], one["ground"]] for one in value]
    text = table(["answer by", "appeal", "cycle", "ground"], rows) if rows else "nobody waits"
    show(value, as_json=as_json, text=text)


@app.command(name="show")
def show_(
    appeal: Appeal, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Show one appeal with what the household says; that somebody looked is written down first."""
    with entered("grievance show", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.usecases.open_appeal import open_appeal

        opened = open_appeal(
            an_id(appeal), acting=door.tools.acting(door.staff), vault=door.tools.keeper.vault
        )
        rounds.seal_log(door.tools)
        value = _summary(opened.view) | {
            "text": opened.text,
            "outcome": None if opened.decision is None else opened.decision.outcome,
            "clauses": [] if opened.decision is None else list(opened.decision.clauses),
        }
    lines = [f"{name}: {item}" for name, item in value.items() if item not in (None, "", [])]
    show(value, as_json=as_json, text="\n".join(lines))


@app.command()
def bring(
    household: Annotated[str, typer.Argument(metavar="HOUSEHOLD_ID", help="From its page.")],
    *,
    ground: Annotated[str, typer.Option(help=f"{', '.join(_GROUNDS)}.")],
    cycle: Annotated[
        str | None, typer.Option(help="Id or code of a cycle; else the household's latest.")
    ] = None,
    words: Annotated[
        Path | None,
        typer.Option(help="A text file with what the household says; - for stdin."),
    ] = None,
    request: Annotated[
        str | None, typer.Option(help="An id of your own, so that a repeated command is one.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Take down an appeal against a household's decision; it gets a receipt with the days.

    That somebody looked at the decision is written down first, where the household can read it.
    """
    if ground not in _GROUNDS:
        raise Mistake(f"{ground} is no ground here; there are: {', '.join(_GROUNDS)}.")
    text = "" if words is None else _text(words)
    home = an_id(household)
    with entered("grievance bring", workspace) as door:
        from despensa.entrypoints.cli.cycle import chosen_decision
        from despensa.entrypoints.jobs import appealing, rounds
        from despensa.records.grievances import queries
        from despensa.usecases.bring_appeal import Wanted

        _, row = chosen_decision(door, home, cycle)
        acting = door.tools.acting(door.staff)
        appeal = acting.new_id() if request is None else an_id(request)
        wanted = Wanted(appeal, row.id, home, _GROUNDS[ground], text)
        brought = appealing.bring(wanted, door.tools, acting=acting)
        rounds.seal_log(door.tools)
        view = queries.appeal(brought.id)
    assert view is not None, "just taken down"
    value = _summary(view) | {"is_new": brought.is_new}
    show(
        value,
        as_json=as_json,
        text=f"taken down: {view.id}; an answer is due by {view.answer_until}\n"
        f"print its paper: despensa grievance paper {view.id} --out appeal.pdf",
    )


@app.command()
def answer(
    appeal: Appeal,
    *,
    given: Annotated[str, typer.Option("--answer", help=f"{', '.join(_ANSWERS)}.")],
    reason: Annotated[
        str | None, typer.Option(help=f"Of not_upheld, and only of it: {', '.join(_REASONS)}.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer an appeal that somebody else took down, against a cycle decided by others."""
    if given not in _ANSWERS:
        raise Mistake(f"{given} is no answer here; there are: {', '.join(_ANSWERS)}.")
    if reason is not None and reason not in _REASONS:
        raise Mistake(f"{reason} is no reason here; there are: {', '.join(_REASONS)}.")
    with entered("grievance answer", workspace) as door:
        from despensa.entrypoints.jobs import appealing, rounds

        done = appealing.answer(
            an_id(appeal),
            _ANSWERS[given],
            door.tools,
            reason=None if reason is None else _REASONS[reason],
            acting=door.tools.acting(door.staff),
        )
        rounds.seal_log(door.tools)
    value = {"id": str(done.appeal), "answer": given, "is_new": done.is_new}
    text = f"answered: {given}; print it: despensa grievance paper {appeal} --answered --out FILE"
    show(value, as_json=as_json, text=text)


@app.command()
def prepare(
    appeal: Appeal, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """
    Ask two people to open what follows from an upheld appeal, after a refusal or a failure.

    The answer does this by itself, and so does every round: one child cycle, one proposal.
    """
    with entered("grievance prepare", workspace) as door:
        from despensa.entrypoints.jobs import appealing, rounds

        proposal = appealing.remedy(an_id(appeal), door.tools, acting=door.tools.acting(door.staff))
        rounds.seal_log(door.tools)
    value = {"proposal": None if proposal is None else str(proposal)}
    nothing = "the rule gives nothing more on the facts as they are recorded now"
    waits = f"a second person: despensa proposal approve {proposal}"
    show(value, as_json=as_json, text=nothing if proposal is None else waits)


@app.command()
def paper(
    appeal: Appeal,
    *,
    out: Annotated[Path, typer.Option(help="A new PDF file for the paper.")],
    answered: Annotated[
        bool, typer.Option("--answered", help="The answer's, not that it was taken down.")
    ] = False,
    language: Annotated[
        str | None, typer.Option(help="Such as es; else the language the household asked for.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Print the receipt of an appeal with its code; no name is on it.

    That somebody looked is written down first, where the household can read it.
    """
    with entered("grievance paper", workspace) as door:
        pdf, spoken = _printed(door, appeal, language, is_answer=answered)
    new_file(out, pdf)
    value = {"paper": str(out), "language": spoken}
    show(value, as_json=as_json, text=f"{out} ({spoken}, its code was read back)")


def _printed(
    door: "Entered", appeal: str, language: str | None, *, is_answer: bool
) -> tuple[bytes, str]:
    from despensa.entrypoints.jobs import appeal_papers, rounds
    from despensa.usecases.open_appeal import open_appeal

    known = appeal_papers.paper_languages()
    if language is not None and language not in known:
        raise Mistake(f"No paper is written in {language}; choose from {', '.join(known)}.")
    view = open_appeal(
        an_id(appeal),
        acting=door.tools.acting(door.staff),
        vault=door.tools.keeper.vault,
        with_text=False,
    ).view
    rounds.seal_log(door.tools)
    signed = view.answer_receipt if is_answer else view.brought_receipt
    if signed is None:
        raise Refused("This appeal has no answer yet: print that it was taken down.")
    spoken = appeal_papers.language_for(
        view.household, door.tools.workspace.languages, asked=language or ""
    )
    try:
        return appeal_papers.appeal_paper(view, signed, spoken, door.tools), spoken
    except (PaperError, PaperUnreadable) as error:
        raise Refused(f"{str(error)[0].upper()}{str(error)[1:]}.") from error


def _summary(view: "AppealView") -> dict[str, Any]:
    return {
        "id": str(view.id),
        "serial": serial(view.id.hex),
        "household": str(view.household),
        "cycle": view.cycle_code,
        "ground": view.ground.name.lower(),
        "last_day": _iso(view.last_day),
        "answer_until": _iso(view.answer_until),
        "answer": None if view.answer is None else view.answer.name.lower(),
        "reason": None if view.reason is None else view.reason.name.lower(),
    }


def _iso(day: date) -> str:
    return day.isoformat()


def _text(file: Path) -> str:
    try:
        return read_in.data_of(file).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Mistake(f"{file} is no text in UTF-8; save it as UTF-8.") from error
