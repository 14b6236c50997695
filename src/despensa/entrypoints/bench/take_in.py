"""
`bench import`: one register file in our own template, from its bytes to the committed register.

Timed: reading with all checks, sealing and staging, the proposal, the second person, and what is
carried out: sealing, search tokens, rows, journal and leaves. The limit is a bare COPY of the same
file into one table of text. Source: docs/reference/benchmarks.md.
"""

import tempfile
import time
from pathlib import Path

import psycopg

from despensa.adapters.register_file.reader import read_register
from despensa.domain.catalogue import load_catalogue
from despensa.domain.role import Role
from despensa.entrypoints.bench import agreeing, people
from despensa.entrypoints.bench.ground import Ground
from despensa.entrypoints.bench.invented_file import HOME, write_invented
from despensa.entrypoints.bench.report import Figures
from despensa.entrypoints.cli.problems import Refused
from despensa.entrypoints.jobs import actions, collector
from despensa.entrypoints.jobs.crew import Forks
from despensa.entrypoints.jobs.staging import stage

_TABLE = "bench_bare_line"
_COPIED_AT_ONCE = 1 << 20


class NotEmpty(Refused):
    """The workspace holds people already."""


def bench_import(ground: Ground, count: int, *, seed: int) -> Figures:
    """
    Return the figures of taking in a file of so many invented people.

    Raises: NotEmpty.
    """
    there = people.people_there(ground)
    if there:
        raise NotEmpty(
            f"{ground.tools.workspace.folder} holds {there:,} people already. Give another folder, "
            "or none for a throw-away one."
        )
    with tempfile.TemporaryDirectory(prefix="despensa-bench-") as folder:
        path = Path(folder) / "register.csv"
        ground.tell(f"writing a file of {count:,} people (not counted)")
        write_invented(path, count, seed=seed)
        parts = _taken_in(ground, path)
        if people.people_there(ground) != count:
            raise RuntimeError("not everybody of the file came into the register")
        limit = _limit_seconds(ground, path)
    return Figures("import", "people", count, sum(parts.values()), limit, parts)


def _taken_in(ground: Ground, path: Path) -> dict[str, float]:
    tools, creator = ground.tools, ground.new_staff(Role.REGISTRAR)
    approver = ground.new_staff(Role.APPROVER)
    began = time.monotonic()
    with collector.paused():
        register = read_register(
            path,
            filename=path.name,
            today=tools.today(),
            workspace_country=HOME,
            catalogue=load_catalogue(),
            crew=Forks(),
        )
    read = time.monotonic() - began
    ground.tell(f"{register.accepted_rows:,} rows read in {read:.1f} s")
    began = time.monotonic()
    proposal = stage(register, path.name, tools, acting=tools.acting(creator))
    del register
    agreeing.approve_as(ground, proposal, approver)
    staged = time.monotonic() - began
    ground.tell(f"staged and approved in {staged:.1f} s; taking it in")
    began = time.monotonic()
    actions.carry_out(proposal, tools)
    taken = time.monotonic() - began
    return {"read_seconds": read, "stage_seconds": staged, "commit_seconds": taken}


def _limit_seconds(ground: Ground, path: Path) -> float:
    ground.tell("measuring the limit: the same file by COPY into one bare table")
    with psycopg.connect(ground.endpoints.registry_owner) as connection, path.open("rb") as file:
        headings = file.readline().decode().strip().split(",")
        file.seek(0)
        columns = ", ".join(f"{heading} text" for heading in headings)
        connection.execute(f"CREATE TABLE {_TABLE} ({columns})")
        began = time.monotonic()
        with connection.cursor().copy(f"COPY {_TABLE} FROM STDIN (FORMAT csv, HEADER)") as copy:
            while block := file.read(_COPIED_AT_ONCE):
                copy.write(block)
        seconds = time.monotonic() - began
        connection.rollback()
    return seconds
