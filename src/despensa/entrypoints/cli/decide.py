"""`despensa decide`: cycles decided, and slips of decisions that are checked anywhere."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from despensa.domain.eligibility import paper as papers
from despensa.domain.eligibility import slip as slips
from despensa.domain.eligibility.evaluate import Decision
from despensa.domain.eligibility.explain import explain
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import OUTCOMES, NotInForce, Rule
from despensa.domain.encoding import cose
from despensa.domain.ports.engine import FactsChange
from despensa.domain.role import Permission
from despensa.entrypoints.cli import decide_audit, read_in
from despensa.entrypoints.cli.problems import Mistake, Refused
from despensa.entrypoints.cli.showing import JsonOption, WorkspaceOption, show
from despensa.entrypoints.cli.written import new_file

if TYPE_CHECKING:
    from despensa.adapters.engine.duckdb import DuckDBEngine
    from despensa.entrypoints.cli.opened import Entered
    from despensa.records.programmes.queries import CycleRow

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
app.command(name="audit-key")(decide_audit.audit_key)
app.command(name="audit")(decide_audit.audit)

_HASH_LENGTH = 32


@app.callback()
def _decide() -> None:
    """Decisions that anyone can make again."""


class EngineName(StrEnum):
    """What decides: the embedded DuckDB, or Spark on one machine or many."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@app.command()
def run(
    cycle: Annotated[str, typer.Argument(metavar="CYCLE", help="Id or code of a drafted cycle.")],
    *,
    engine: Annotated[EngineName, typer.Option(help="What decides it.")] = EngineName.DUCKDB,
    master: Annotated[
        str, typer.Option(help="The Spark master, such as spark://HOST:7077; else this machine.")
    ] = "local[*]",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Freeze the facts of a drafted cycle and decide it, as its page in the office does.

    Both engines decide the same, row for row, from the same frozen files. Progress is told on
    standard error. Ctrl-C puts everything back; after a kill the same command goes on with what was
    frozen, within the hour.
    """
    from despensa.entrypoints.cli.opened import entered

    with entered("decide run", workspace) as door:
        from despensa.entrypoints.cli.decide_progress import DecideProgress
        from despensa.entrypoints.jobs import cycle as job
        from despensa.entrypoints.jobs import rounds
        from despensa.records.programmes import queries

        row = _drafted(cycle, door)
        with deciding_with(engine, master, door.tools.engine) as chosen:
            tools = replace(door.tools, engine=chosen)
            households = job.freeze_and_decide(
                row.id, tools, acting=tools.acting(door.staff), told=DecideProgress(row.id).told
            )
        rounds.seal_log(door.tools)
        found = queries.outcome_totals(row.id)
    totals = {name: found.get(number, 0) for number, name in job.OUTCOME_NAMES.items()}
    value = {"cycle": str(row.id), "code": row.code, "engine": engine.value} | {
        "households": households,
        **totals,
    }
    told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in totals.items())
    show(value, as_json=as_json, text=f"{row.code}: {households} households decided: {told}")


@app.command()
def differences(
    cycle: Annotated[str, typer.Argument(metavar="CYCLE", help="Id or code of a decided cycle.")],
    *,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    List the households whose facts are no longer those that a cycle was decided on.

    The frozen facts win: the cycle stays as it is. What is wrong is put right by its child cycles.
    """
    from despensa.entrypoints.cli.opened import entered

    with entered("decide differences", workspace) as door:
        from despensa.entrypoints.jobs.facts_since import FactsGone, facts_since

        row = _drafted(cycle, door)
        try:
            found = facts_since(row, door.tools)
        except FactsGone as error:
            raise Refused(str(error)) from error
    counts = Counter(one.change.value for one in found)
    listed = [
        {"household": str(UUID(bytes=one.household)), "change": one.change.value} for one in found
    ]
    value = {"cycle": str(row.id), "code": row.code, "on": row.reference_date.isoformat()} | {
        **{change.value: counts[change.value] for change in FactsChange},
        "households": listed,
    }
    told = ", ".join(f"{counts[change.value]} {change.value}" for change in FactsChange)
    lines = [f"{row.code}, facts of {row.reference_date}: {told}"]
    lines += [f"{one['household']} {one['change']}" for one in listed]
    show(value, as_json=as_json, text="\n".join(lines))


@contextmanager
def deciding_with(name: EngineName, master: str, usual: "DuckDBEngine") -> "Iterator[DuckDBEngine]":
    """Yield the engine asked for; a cluster is left at the end. Raises: EngineError."""
    if name is EngineName.DUCKDB:
        yield usual
        return
    from despensa.adapters.engine.spark import spark_engine

    with spark_engine(master, secret=os.urandom(32).hex()) as engine:
        yield engine


def _drafted(wanted: str, door: "Entered") -> "CycleRow":
    """Return the cycle of an id or code, where this person runs cycles. Raises: Refused."""
    from despensa.records.programmes import queries

    reach = door.reach(Permission.RUN_CYCLES)
    found = [
        row
        for row in queries.cycles_called(wanted)
        if reach.touches(row.programme, row.programme_area)
    ]
    if not found:
        raise Refused(
            "There is no cycle of this id or code, or it is outside the area or programme of your "
            "role. See: despensa cycle list."
        )
    if len(found) > 1:
        raise Refused(
            f"{len(found)} programmes have a cycle called {wanted}. Give its id: despensa cycle list."
        )
    reach.require(found[0].programme, found[0].programme_area)
    return found[0]


@app.command()
def slip(
    household: Annotated[str, typer.Argument(metavar="HOUSEHOLD_ID", help="From its page.")],
    *,
    out: Annotated[Path, typer.Option(help="A new file for the slip.")],
    cycle: Annotated[
        str | None, typer.Option(help="Id or code of a cycle; else the household's latest.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Write the slip by which a household makes its decision again; no name is in it.

    That somebody looked is written down first, where the household can read it.
    """
    from despensa.entrypoints.cli.cycle import chosen_decision, household_id
    from despensa.entrypoints.cli.opened import entered

    asked = household_id(household)
    with entered("decide slip", workspace) as door:
        from despensa.entrypoints.jobs.slips import decision_slip

        decision, row = chosen_decision(door, asked, cycle)
        signed = decision_slip(decision, row, door.tools)
    new_file(out, signed)
    value = {"household": household, "cycle": row.code, "slip": str(out), "bytes": len(signed)}
    show(value, as_json=as_json, text=f"{out} ({len(signed)} bytes)")


@app.command()
def paper(
    household: Annotated[str, typer.Argument(metavar="HOUSEHOLD_ID", help="From its page.")],
    *,
    out: Annotated[Path, typer.Option(help="A new PDF file for the paper.")],
    cycle: Annotated[
        str | None, typer.Option(help="Id or code of a cycle; else the household's latest.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Such as es; else the language the household asked for.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Print a household's decision with its reasons and its slip as a QR code; no name is on it.

    That somebody looked is written down first, where the household can read it.
    """
    from despensa.entrypoints.cli.cycle import chosen_decision, household_id
    from despensa.entrypoints.cli.opened import entered

    asked = household_id(household)
    with entered("decide paper", workspace) as door:
        from despensa.entrypoints.jobs import decision_papers

        known = decision_papers.paper_languages()
        if language is not None and language not in known:
            raise Mistake(f"No paper is written in {language}; choose from {', '.join(known)}.")
        chosen, row = chosen_decision(door, asked, cycle)
        spoken = decision_papers.language_for(
            asked, door.tools.workspace.languages, asked=language or ""
        )
        try:
            pdf = decision_papers.decision_paper(chosen, row, spoken, door.tools)
        except (papers.PaperError, papers.PaperUnreadable) as error:
            raise Refused(f"{str(error)[0].upper()}{str(error)[1:]}.") from error
    new_file(out, pdf)
    value = {"household": household, "cycle": row.code, "paper": str(out), "language": spoken}
    show(value, as_json=as_json, text=f"{out} ({known[spoken]}, its code was read back)")


@app.command(name="verify-slip")
def verify_slip(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="The slip; or pictures, texts or the PDF of its codes, in any order; - for stdin.",
        ),
    ],
    *,
    rule: Annotated[Path, typer.Option(help="The published rule, from the log.")],
    root: Annotated[
        str | None, typer.Option(help="The cycle's root in the log, 64 hex digits.")
    ] = None,
    authority_key: Annotated[
        str | None, typer.Option(help="Of the office: 64 hex digits, or a file with them.")
    ] = None,
    log: Annotated[
        Path | None, typer.Option(help="Any copy of the log, such as a mirror: its folder.")
    ] = None,
    proof: Annotated[Path | None, typer.Option(help="The file of `log prove-cycle`.")] = None,
    log_key: Annotated[
        str | None, typer.Option("--log-key", help="The log's verifier key, for --log, --proof.")
    ] = None,
    language: Annotated[str, typer.Option(help="Of the sentences.")] = "en",
    as_json: JsonOption = False,
) -> None:
    """
    Make one household's decision again from its slip; needs no server and no database.

    Says what was not checked. Exit code 1 when the rule says otherwise, or the slip does not hold.
    """
    if (log is not None or proof is not None) and log_key is None:
        raise Mistake("What a log says is checked with its key: give --log-key.")
    signed = read_in.slip_in(files)
    key = None if authority_key is None else read_in.public_key(authority_key)
    checked_root = _root(root)
    value = verdict_on(signed, _rule(rule), root=checked_root, authority_key=key, language=language)
    if value["verdict"] == "same" and log_key is not None:
        value = _in_log(value, signed, log, proof, read_in.key_text(log_key))
    value["not_checked"] = _not_checked(value, has_log=log is not None or proof is not None)
    lines = [f"{name}: {item}" for name, item in value.items() if item not in (None, [])]
    show(value, as_json=as_json, text="\n".join(lines))
    if value["verdict"] != "same":
        raise typer.Exit(1)


def _in_log(
    value: dict[str, Any], signed: bytes, log: Path | None, proof: Path | None, log_key: str
) -> dict[str, Any]:
    """Return the verdict after what the log says: from its copy, from a proof file, or both."""
    from despensa.entrypoints import cycle_log

    slip = slips.read_slip(signed, None)
    try:
        answers = []
        if log is not None:
            answers.append(cycle_log.in_copy(log, log_key, slip))
        if proof is not None:
            answers.append(cycle_log.in_proof(read_in.data_of(proof), log_key, slip))
    except cycle_log.LogUnclear as error:
        return value | _answer("cannot tell", f"the log cannot be asked: {error}")
    for found in answers:
        if found is None:
            return value | _answer(
                "cannot tell",
                "the log given does not hold this cycle's root: it may be older; get a newer copy",
            )
        why = cycle_log.against(slip, found)
        if why is not None:
            return value | _answer("not the same", why)
        leaf = found.said.root.number
        where = f"leaf {leaf} of {found.size} of {found.origin}"
        value = value | {"root_checked": True, "root_in_log": where}
    return value


def _not_checked(value: dict[str, Any], *, has_log: bool) -> list[str]:
    """Return in sentences what this check left open."""
    if value["verdict"] == "cannot tell":
        return ["whether the decision is the rule's, and all that follows from it"]
    left = []
    if not value.get("signature_checked"):
        left.append("that the office signed the slip: give --authority-key")
    if not has_log:
        text = "that the root is in the log: give --log FOLDER or --proof FILE with --log-key"
        left.append(text)
    if not value.get("root_checked"):
        left.append("that the facts are those that were decided: give --root, --log or --proof")
    left.append("whether the facts are true, and the decisions of other households")
    return left


def verdict_on(
    signed: bytes,
    rule: Rule,
    *,
    root: bytes | None = None,
    authority_key: bytes | None = None,
    language: str = "en",
) -> dict[str, Any]:
    """Return whether a slip holds and its rule says the same: same, not the same or cannot tell."""
    keys = None if authority_key is None else {cose.key_id(authority_key): authority_key}
    try:
        found = slips.read_slip(signed, keys)
        again = slips.decided_again(found, rule)
        computed = found.root
    except cose.UnknownKey:
        return _answer("cannot tell", "signed under another authority's key: ask for that one")
    except slips.OtherRule:
        return _answer("cannot tell", "the slip names another rule: take the one of its hash")
    except NotInForce as error:
        return _answer("cannot tell", str(error))
    except (cose.MalformedSignature, cose.BadSignature, slips.MalformedSlip) as error:
        return _answer("not the same", str(error))
    why = None
    if again != found.decision:
        why = f"the rule says {_said(again)}, the slip {_said(found.decision)}"
    elif root is not None and computed != root:
        why = "the facts are not those under the root in the log"
    explanation = explain(rule, again, found.on, [language])
    return _answer("same" if why is None else "not the same", why) | {
        "rule_hash": found.rule_hash.hex(),
        "cycle": found.cycle.hex(),
        "on": found.on.isoformat(),
        "root": computed.hex(),
        "root_checked": root is not None,
        "signature_checked": authority_key is not None,
        "facts": found.row_bytes.decode(),
        "outcome": OUTCOMES[again.outcome],
        "codes": list(again.codes),
        "lines": [list(line) for line in again.lines],
        "sentences": [explanation.sentence, *(one.sentence for one in explanation.because)],
    }


def _answer(verdict: str, why: str | None) -> dict[str, Any]:
    return {"verdict": verdict, "why": why}


def _said(decision: Decision) -> str:
    lines = ", ".join(f"{quantity} x {unit}" for unit, quantity in decision.lines) or "nothing"
    return f"{OUTCOMES[decision.outcome]} ({' '.join(decision.codes)}), {lines}"


def _rule(file: Path) -> Rule:
    try:
        return parse_text(read_in.data_of(file).decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Mistake(f"{file} is no text in UTF-8; save it as UTF-8.") from error


def _root(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        root = bytes.fromhex(text)
    except ValueError:
        root = b""
    if len(root) != _HASH_LENGTH:
        raise Mistake("The root is 64 hex digits: it stands in the log, in the leaf of the cycle.")
    return root
