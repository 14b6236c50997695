"""`despensa catalogue`: which facts may be known, what for, and how that is changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from despensa.domain.catalogue import Fact
from despensa.domain.catalogue_change import CHARACTERS_MAX, Difference, What
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, entered, show, table, tell
from despensa.entrypoints.cli.problems import Mistake

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None, no_args_is_help=True)
FileArgument = Annotated[Path, typer.Argument(help="The whole catalogue as it shall be, YAML.")]
_BYTES_MAX = 4 * CHARACTERS_MAX


@app.callback()
def _root() -> None:
    """Hold the catalogue's commands: a fact that stands in no version cannot be stored."""


@app.command(name="show")
def show_catalogue(
    *,
    as_file: Annotated[
        bool, typer.Option("--file", help="Print the file itself, to begin a new version with.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which facts may be known in this workspace, what for, who reads them, how long."""
    with entered("catalogue show", workspace) as door:
        from despensa.records.catalogue import queries
        from despensa.usecases.destroy_ended_facts import facts_without_purpose

        latest, version = queries.latest(), queries.versions()[-1]
        ending = {e.fact.name: e for e in facts_without_purpose(door.tools.acting(None))}
        closed = {row.name for row in queries.destroyed() if row.version == latest.version}
    if as_file:
        typer.echo(version.text, nl=False)
        return
    facts: list[dict[str, Any]] = [
        _said(fact)
        | {
            "is_destroyed": fact.name in closed,
            "destroyed_from": ending[fact.name].due.isoformat() if fact.name in ending else None,
        }
        for fact in latest.facts
    ]
    value = {"catalogue": latest.name, "version": latest.version, "facts": facts}
    rows = [
        [
            one["name"],
            one["subject"],
            " ".join(one["purposes"]),
            " ".join(one["readers"]),
            f"{one['retention_days']} days",
            "destroyed" if one["is_destroyed"] else one["destroyed_from"] or "",
        ]
        for one in facts
    ]
    headings = ["fact", "about", "purposes", "readers", "kept after", "goes"]
    text = f"{latest.name}, version {latest.version}\n{table(headings, rows)}"
    show(value, as_json=as_json, text=text)


@app.command()
def check(
    file: FileArgument, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Say what a file would change, and everything that stands in the way of publishing it."""
    with entered("catalogue check", workspace) as door:
        from despensa.usecases.publish_catalogue import preview_catalogue

        text = _text(file)
        preview_catalogue(text, acting=door.tools.acting(door.staff))
        value = {"differences": list(_differences(text))}
    show(value, as_json=as_json, text="\n".join(map(_line, value["differences"])))


@app.command()
def propose(
    file: FileArgument, *, workspace: WorkspaceOption = None, as_json: JsonOption = False
) -> None:
    """Propose a file as the next version; another person must agree to exactly its hash."""
    with entered("catalogue propose", workspace) as door:
        from despensa.entrypoints.jobs import cataloguing, rounds

        text = _text(file)
        proposal = cataloguing.propose(text, acting=door.tools.acting(door.staff))
        value: dict[str, Any] = {
            "proposal": str(proposal),
            "differences": list(_differences(text)),
        }
        rounds.seal_log(door.tools)
    for one in value["differences"]:
        tell(_line(one))
    done = f"proposed; another person decides: despensa proposal approve {proposal}"
    show(value, as_json=as_json, text=done)


def _differences(text: str) -> Iterator[dict[str, Any]]:
    from despensa.domain.catalogue_change import differences, read_catalogue
    from despensa.records.catalogue import queries

    for one in differences(queries.latest(), read_catalogue(text)):
        yield {
            "what": one.what.value,
            "fact": one.fact.name,
            "before": _part(one, one.before),
            "after": _part(one, one.after),
        }


def _part(difference: Difference, fact: Fact | None) -> str | None:
    """Return what a fact says in the point in which two versions differ."""
    if fact is None:
        return None
    said = _said(fact)
    match difference.what:
        case What.ADDED | What.ENDED:
            return f"{said['label']}: {' '.join(fact.purposes)}; read by {' '.join(fact.readers)}"
        case What.PURPOSES:
            return " ".join(fact.purposes)
        case What.READERS:
            return " ".join(fact.readers)
        case What.RETENTION:
            return f"{fact.retention_days} days"
        case What.VALUES:
            return fact.takes()
        case What.ATTESTED:
            return " ".join(fact.attested_by)
        case What.LABEL:
            return str(said["label"])


def _line(said: dict[str, Any]) -> str:
    parts = (said["before"], said["after"])
    return f"{said['fact']}: {said['what']}: {' -> '.join(part for part in parts if part)}"


def _said(fact: Fact) -> dict[str, Any]:
    return {
        "name": fact.name,
        "subject": fact.subject.value,
        "type": fact.type.value,
        "purposes": [one.value for one in fact.purposes],
        "attested_by": [one.value for one in fact.attested_by],
        "retention_days": fact.retention_days,
        "readers": list(fact.readers),
        "label": fact.label["en"],
    }


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > _BYTES_MAX:
            raise Mistake(f"{file} is larger than a catalogue may be.")
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Mistake(f"{file} is no text in UTF-8; save it as UTF-8.") from error
