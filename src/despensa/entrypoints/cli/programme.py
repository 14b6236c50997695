"""`despensa programme` and `despensa rule`: what is given, and by which published rule."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated
from unicodedata import category

import typer

from despensa.domain.catalogue import Catalogue
from despensa.domain.proposal import Reason
from despensa.entrypoints.cli import drafts
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show
from despensa.entrypoints.cli.problems import Mistake, Refused

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
programme_app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
rule_app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(programme_app, name="programme")
app.add_typer(rule_app, name="rule")
_NAME_MAX = 200
rule_app.command(name="diff")(drafts.compare)
rule_app.command(name="preview")(drafts.preview)


@programme_app.callback()
def _programme() -> None:
    """Schemes of assistance."""


@rule_app.callback()
def _rule() -> None:
    """Published rules and their drafts."""


@programme_app.command()
def define(
    code: Annotated[str, typer.Argument(help="A short code, such as food-parcel.")],
    *,
    names: Annotated[str, typer.Option(help="Names by language: 'en=Food parcel;es=Canasta'.")],
    unit: Annotated[
        list[str],
        typer.Option(help="What is given: 'parcel;en=food parcel;es=canasta'; may be repeated."),
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Define a programme for the whole workspace, with the units it gives."""
    called = _names(names.split(";"))
    with entered("programme define", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.records.programmes import queries
        from despensa.records.registry import queries as registry
        from despensa.usecases.define_programme import ProgrammeOutline, define_programme

        if queries.programme_by_code(code) is not None:
            raise Refused(f"There is a programme called {code} already.")
        known = queries.unit_numbers()
        free = max(known.values(), default=0)
        units = []
        for written in unit:
            unit_code, *unit_names = written.split(";")
            if unit_code not in known:
                free += 1
            units.append((known.get(unit_code, free), unit_code, _names(unit_names)))
        area = registry.root_area()
        if area is None:
            raise Refused("This workspace has no area yet: despensa init makes one.")
        programme = define_programme(
            ProgrammeOutline(code, called, area, units),
            acting=door.tools.acting(door.staff),
        )
        rounds.seal_log(door.tools)
    text = f"{code} defined; next: despensa rule propose FILE --programme {code}"
    show({"programme": str(programme)}, as_json=as_json, text=text)


@programme_app.command()
def collectors(
    code: Annotated[str, typer.Argument(help="The code of the programme.")],
    *,
    person: Annotated[int, typer.Option(min=1, help="Households one person may collect for.")],
    institution: Annotated[
        int, typer.Option(min=1, help="Households one institution may collect for.")
    ],
    asks_name: Annotated[
        bool,
        typer.Option("--ask-name", help="The point asks who collects; names open with the card."),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish for how many households a person or an institution may collect, and the check."""
    with entered("programme collectors", workspace) as door:
        from despensa.domain.lease import CollectorCheckKind
        from despensa.entrypoints.jobs import rounds
        from despensa.records.programmes import queries
        from despensa.usecases.set_collector_limits import set_collector_limits

        found = queries.programme_by_code(code)
        if found is None:
            raise Refused(f"There is no programme called {code}: despensa programme define.")
        set_collector_limits(
            found,
            person=person,
            institution=institution,
            check=CollectorCheckKind.NAME if asks_name else CollectorCheckKind.NONE,
            acting=door.tools.acting(door.staff),
        )
        rounds.seal_log(door.tools)
    value = {
        "programme": code,
        "person": person,
        "institution": institution,
        "asks_name": asks_name,
    }
    text = f"published: {person} households a person, {institution} an institution"
    show(value, as_json=as_json, text=text)


@programme_app.command()
def schedule(
    code: Annotated[str, typer.Argument(help="The code of the programme.")],
    *,
    day: Annotated[int, typer.Option(min=1, max=31, help="Of the month on which cycles open.")],
    from_: Annotated[str, typer.Option("--from", help="First day of the schedule: 2026-12-01.")],
    until: Annotated[str, typer.Option(help="Its last day, included.")],
    days_open: Annotated[int, typer.Option(min=1, max=31, help="How long each is open.")] = 3,
    days_ahead: Annotated[
        int, typer.Option(min=0, max=28, help="How long before its opening each is drafted.")
    ] = 7,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Publish that a cycle opens every month; drafts appear by themselves, two people open each.

    The facts are those of the day of the draft. A month without the day takes its last one.
    """
    from despensa.domain.schedule import Schedule, require_sound

    try:
        plan = Schedule(
            day, days_open, days_ahead, date.fromisoformat(from_), date.fromisoformat(until)
        )
    except ValueError as error:
        raise Mistake("Write both days as in 2026-12-01.") from error
    require_sound(plan)
    with entered("programme schedule", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.records.programmes import queries
        from despensa.usecases.publish_schedule import publish_schedule

        found = queries.programme_by_code(code)
        if found is None:
            raise Refused(f"There is no programme called {code}: despensa programme define.")
        publish_schedule(found, plan, acting=door.tools.acting(door.staff))
        rounds.seal_log(door.tools)
    value = {
        "programme": code,
        "day": day,
        "days_open": days_open,
        "days_ahead": days_ahead,
        "from": from_,
        "until": until,
    }
    text = f"published: {code} opens on day {day} of every month, from {from_} until {until}"
    show(value, as_json=as_json, text=text)


@programme_app.command()
def end(
    code: Annotated[str, typer.Argument(help="The code of the programme.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a programme today; facts that only its rules read are destroyed when their time is over."""
    with entered("programme end", workspace) as door:
        from despensa.entrypoints.jobs import rounds
        from despensa.records.programmes import queries
        from despensa.usecases.end_programme import end_programme

        found = queries.programme_by_code(code)
        if found is None:
            raise Refused(f"There is no programme called {code}: despensa programme define.")
        ended = end_programme(found, acting=door.tools.acting(door.staff))
        rounds.seal_log(door.tools)
    value = {"programme": code, "ended_on": ended.isoformat()}
    show(value, as_json=as_json, text=f"{code} ended on {ended}; no rule or cycle of it begins")


@rule_app.command()
def check(file: Path, *, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """
    Read a rule file, run its cases, and say everything that stands in the way of publishing.

    Warnings are what to look at; they do not stand in the way. The rule is held against the
    catalogue in force in the workspace; where there is none, against the one that comes with
    Despensa.
    """
    from despensa.entrypoints.cli.catalogue_here import catalogue_here, languages_here

    problems, warnings, digest = _checked(
        file, catalogue_here(workspace), languages_here(workspace)
    )
    value = {"hash": digest, "problems": problems, "warnings": warnings}
    lines = problems or [f"The rule may be published. Its hash: {digest}"]
    lines = [*lines, *(f"Look at {warning}" for warning in warnings)]
    show(value, as_json=as_json, text="\n".join(lines))
    if problems:
        raise typer.Exit(1)


@rule_app.command()
def propose(
    file: Path,
    *,
    programme: Annotated[str, typer.Option(help="The code of the programme it is for.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose a rule for publication; an approver must agree to exactly its hash."""
    with entered("rule propose", workspace) as door:
        from despensa.entrypoints.jobs.actions import PUBLISH_RULE
        from despensa.entrypoints.jobs.proposing import propose_action
        from despensa.records.catalogue.queries import in_force
        from despensa.records.programmes import queries

        spoken = door.tools.workspace.languages
        problems, warnings, digest = _checked(file, in_force(), spoken)
        if problems:
            raise Refused("\n".join(problems))
        found = queries.programme_by_code(programme)
        if found is None:
            raise Refused(f"There is no programme called {programme}: despensa programme define.")
        proposal = propose_action(
            PUBLISH_RULE,
            Reason.PUBLISHED_PROGRAMME,
            acting=door.tools.acting(door.staff),
            scope=(found.bytes, None, None),
            parameters=(file.read_text(encoding="utf-8"),),
            inputs=(bytes.fromhex(digest),),
        )
    lines = [f"proposed; another person decides: despensa proposal approve {proposal}"]
    lines += [f"Look at {warning}" for warning in warnings]
    value = {"proposal": str(proposal), "hash": digest, "warnings": warnings}
    show(value, as_json=as_json, text="\n".join(lines))


def _checked(
    file: Path, catalogue: Catalogue, spoken: Sequence[str] = ()
) -> tuple[list[str], list[str], str]:
    """Return what stands in the way of publishing a file, what to look at, and its hash in hex."""
    from despensa.domain.eligibility.caution import rule_warnings
    from despensa.domain.eligibility.document import read_document
    from despensa.domain.eligibility.hashing import rule_hash
    from despensa.domain.eligibility.parse import located, parse
    from despensa.domain.eligibility.publication import publishing_problems

    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Mistake(f"{file} is no text in UTF-8; save it as UTF-8.") from error
    document = read_document(text)
    rule = parse(document)
    found = publishing_problems(rule, catalogue, spoken)
    problems = [str(one) for one in located(found, document)]
    warnings = [str(one) for one in located(rule_warnings(rule), document)]
    return problems, warnings, rule_hash(rule).hex()


def names_of(text: str) -> dict[str, str]:
    """
    Return names by language, as in `en=Food parcel;es=Canasta`.

    Raises: Mistake.
    """
    return _names(text.split(";"))


def _names(written: list[str]) -> dict[str, str]:
    names = dict(one.split("=", 1) for one in written if "=" in one)
    if not names or len(names) != len(written):
        raise Mistake("Write names by language, as in 'en=Food parcel;es=Canasta'.")
    told = {language.strip(): name.strip() for language, name in names.items()}
    for language, name in told.items():
        if not (language.isascii() and language.isalpha() and language.islower()):
            raise Mistake(f"{language!a} is no language: write its code, such as en, es or ar.")
        # a joiner is part of a word in some scripts; half a character or a control sign in none
        is_text = all(one.isprintable() or category(one) == "Cf" for one in name)
        if not (0 < len(name) <= _NAME_MAX and is_text):
            raise Mistake(
                f"The name in {language} has 1 to {_NAME_MAX} characters, none of them a control "
                "character."
            )
    return told
