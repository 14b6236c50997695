"""Health of databases, log and unfinished work; `mend` removes what nobody can use any more."""

from collections.abc import Iterator
from uuid import UUID

import psycopg

from despensa.adapters.database import dump, grants, upgrade
from despensa.adapters.database.endpoints import Endpoints, probe
from despensa.adapters.log_storage import verify_log
from despensa.adapters.log_storage.signing import SigningRecord
from despensa.domain.ports.log_storage import LogRefused
from despensa.entrypoints.jobs import print_files, rounds
from despensa.entrypoints.jobs.findings import Finding, fail, ok, warn
from despensa.entrypoints.wiring import Tools
from despensa.records.cards import queries as cards
from despensa.records.ledger import queries as ledger
from despensa.records.proposals import queries as proposals

KINDS = ("registry", "ledger")
VERSION_MIN = 15
CLOCK_APART_SECONDS = 60
UNDONE_SECONDS = 600
BATCHES_LOOKED_AT = 1_000


def reachable(endpoints: Endpoints) -> Finding:
    """Return whether every role reaches its database."""
    for name in ("registry_app", "registry_owner", "ledger_app", "ledger_owner"):
        problem = probe(getattr(endpoints, name))
        if problem is not None:
            return fail("databases", f"{name.replace('_', ' ')}: {problem.rstrip('.')}", "")
    return ok("databases", "both answer")


def database_checks(endpoints: Endpoints, *, now: int) -> Iterator[Finding]:
    """Yield the findings about servers, tables and privileges; the databases answer."""
    yield _version(endpoints)
    yield _server_clock(endpoints, now)
    steps = upgrade.pending(endpoints)
    if steps:
        yield fail("migrations", f"{len(steps)} not applied: {steps[0]}", "Run: despensa upgrade")
        return
    yield ok("migrations", "all applied")
    yield _grants(endpoints)
    yield _owners(endpoints)
    yield _apart(endpoints)


def book_checks(tools: Tools, *, mend: bool) -> Iterator[Finding]:
    """Yield the findings about sheets, staging, proposals, ledger and log."""
    yield _sheets(tools, mend=mend)
    yield _staging(tools, mend=mend)
    yield _undone(tools)
    yield _balanced()
    yield _log(tools)
    yield _leaves()


def _version(endpoints: Endpoints) -> Finding:
    versions = {kind: dump.server_version(getattr(endpoints, f"{kind}_app")) for kind in KINDS}
    oldest = min(versions.values())
    if oldest < VERSION_MIN:
        return fail(
            "PostgreSQL", f"version {oldest}", f"Install version {VERSION_MIN} or a later one."
        )
    return ok("PostgreSQL", f"version {oldest}")


def _server_clock(endpoints: Endpoints, now: int) -> Finding:
    for kind in KINDS:
        with psycopg.connect(getattr(endpoints, f"{kind}_app")) as connection:
            row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::bigint")
            [(there,)] = row.fetchall()
        if abs(there - now) > CLOCK_APART_SECONDS:
            return warn(
                "server clock",
                f"the {kind}'s clock differs by {abs(there - now)} s",
                "Let both machines keep their clocks right (NTP).",
            )
    return ok("server clock", "agrees with this machine's")


def _grants(endpoints: Endpoints) -> Finding:
    reviewed = upgrade.reviewed_grants()
    for kind in KINDS:
        owner, app = (getattr(endpoints, f"{kind}_{role}") for role in ("owner", "app"))
        role = upgrade.role_of(app)
        if role == upgrade.role_of(owner):
            return warn(
                "privileges",
                f"the {kind} has one role for tables and for work",
                "Make a role of its own for the program (docs/reference/settings.md).",
            )
        wanted, found = grants.canonical(reviewed[kind]), grants.read_grants(owner, role)
        differing = sorted(
            table for table in wanted.keys() | found.keys() if wanted.get(table) != found.get(table)
        )
        if differing:
            table = differing[0]
            has, may = found.get(table, ()), wanted.get(table, ())
            return fail(
                "privileges",
                f"{kind}.{table}: the program has {', '.join(has) or 'nothing'} and may have "
                f"{', '.join(may) or 'nothing'}",
                "Find out who changed it, then run: despensa upgrade",
            )
    return ok("privileges", "exactly the reviewed ones")


def _owners(endpoints: Endpoints) -> Finding:
    for kind in KINDS:
        owner = getattr(endpoints, f"{kind}_owner")
        role = upgrade.role_of(owner)
        with psycopg.connect(owner) as connection:
            strangers = connection.execute(
                """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
                   AND relkind IN ('r', 'p', 'v', 'm', 'S') AND relowner <> %s::regrole
                   UNION ALL SELECT 'the schema itself' FROM pg_namespace
                   WHERE nspname = 'public' AND nspowner <> %s::regrole
                     AND nspowner <> 'pg_database_owner'::regrole""",
                (f'"{role}"', f'"{role}"'),
            ).fetchall()
        if strangers:
            return fail(
                "table owner",
                f"{kind}: {strangers[0][0]} does not belong to {role}",
                f"Run as administrator: REASSIGN OWNED BY … TO {role}",
            )
    return ok("table owner", "the owner roles")


def _apart(endpoints: Endpoints) -> Finding:
    names = {}
    for kind in KINDS:
        with psycopg.connect(getattr(endpoints, f"{kind}_owner")) as connection:
            names[kind] = connection.info.dbname
    for kind, other in (KINDS, KINDS[::-1]):
        role = upgrade.role_of(getattr(endpoints, f"{kind}_app"))
        with psycopg.connect(getattr(endpoints, f"{other}_owner")) as connection:
            known = connection.execute(
                "SELECT has_database_privilege(rolname, %s, 'CONNECT') FROM pg_roles "
                "WHERE rolname = %s",
                (names[other], role),
            ).fetchone()
        if known is not None and known[0]:
            return fail(
                "two books",
                f"the role of the {kind} may enter the {other}",
                f"Run as administrator: REVOKE CONNECT ON DATABASE {names[other]} FROM {role}, "
                "PUBLIC",
            )
    return ok("two books", "no role reads both")


def _sheets(tools: Tools, *, mend: bool) -> Finding:
    today = tools.today()
    late = [
        folder
        for batch in cards.batches(BATCHES_LOOKED_AT)
        if batch.destroy_by < today and (folder := print_files.folder_of(batch.id, tools)).is_dir()
    ]
    if not late:
        return ok("printed sheets", "none past its day")
    if mend:
        print_files.destroy(tools)
        return ok("printed sheets", f"{len(late)} past their day, destroyed now")
    return fail(
        "printed sheets",
        f"{len(late)} batches should be destroyed by now: {late[0]}",
        "Count the cards, then run: despensa doctor --mend",
    )


def _staging(tools: Tools, *, mend: bool) -> Finding:
    folders = (
        tools.workspace.run / "staging",
        tools.workspace.keys / "keeper" / "staging",
    )
    staged = {
        path.stem
        for folder in folders
        if folder.is_dir()
        for path in folder.iterdir()
        # the files of lists of payments lie in a folder of their own and have their own last day
        if path.is_file()
    }
    lost = [name for name in sorted(staged) if not _waits(name)]
    if not lost:
        return ok("staged files", f"{len(staged)}, each with its proposal")
    if mend:
        for name in lost:
            tools.keeper.staging.destroy(bytes.fromhex(name), at=tools.now())
        return ok("staged files", f"{len(lost)} without a proposal, destroyed now")
    return warn(
        "staged files",
        f"{len(lost)} without a proposal that waits",
        "Run: despensa doctor --mend",
    )


def _waits(name: str) -> bool:
    try:
        view = proposals.proposal(UUID(hex=name))
    except ValueError:
        return True
    return view is not None and view.state in {proposals.WAITING, proposals.APPROVED}


def _undone(tools: Tools) -> Finding:
    late = [
        view
        for view in proposals.approved()
        if (view.approved_at or view.created_at) < tools.now() - UNDONE_SECONDS
    ]
    if late:
        return warn(
            "approved proposals",
            f"{len(late)} not carried out, the oldest is {late[0].action}",
            "The office carries them out while it runs: despensa start. If it does run, "
            "the proposal's page says why it stopped.",
        )
    return ok("approved proposals", "all carried out")


def _balanced() -> Finding:
    found = ledger.check()
    if found.is_balanced:
        return ok("ledger", f"{found.transfers} transfers, balanced")
    return fail("ledger", "does not balance", "Stop the work and run: despensa ledger check")


def _log(tools: Tools) -> Finding:
    path = tools.workspace.keys / "keeper" / "log-last-signed"
    try:
        last = SigningRecord(path, tools.workspace.log_origin).last()
    except LogRefused as error:
        return fail("log", str(error).rstrip("."), "")
    if last is None and not (tools.log.folder / "checkpoint").exists():
        return ok("log", "nothing sealed yet")
    report = verify_log(tools.log.folder, tools.log_vkey, last_seen=last)
    if report.problem is not None:
        return fail("log", report.problem.reason.rstrip("."), report.problem.mend)
    return ok("log", f"{report.leaves_checked} leaves verify")


def _leaves() -> Finding:
    waiting = rounds.leaves_waiting()
    if waiting:
        return warn("leaves", f"{waiting} wait for the log", "The office seals them while it runs.")
    return ok("leaves", "all in the log")
