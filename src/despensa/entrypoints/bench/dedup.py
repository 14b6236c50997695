"""
`bench dedup`: the whole register compared with itself, from the approved proposal to written pairs.

The register is taken in once by the real import, sealed as in the field, which is not counted. Timed:
reading, opening, comparing, writing. The limit is Splink alone judging the same pairs, everything lying
in the clear already. Memory is that of all processes together, the server's own included.
Source: docs/reference/benchmarks.md.
"""

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
from despensa.entrypoints.jobs import actions, deduplicating
from despensa.entrypoints.jobs.crew import Forks
from despensa.entrypoints.jobs.staging import stage
from despensa.usecases.find_duplicates import add_found

TWICE = 100
_SAMPLE_SECONDS = 0.25
_KIB_PER_MIB = 1024


def bench_dedup(ground: Ground, count: int, *, file_people: int, seed: int) -> dict[str, object]:
    """
    Return the figures of one search of a register of so many people.

    It is filled by files of `file_people` each, as none of more than 256 MiB is read.

    Raises: Refused where the extra packages are missing, or another register is there.
    """
    if not deduplicating.is_installed():
        raise Refused(deduplicating.MISSING)
    _filled(ground, count, file_people=file_people, seed=seed)
    tools, creator = ground.tools, ground.new_staff(Role.REGISTRAR)
    approver = ground.new_staff(Role.APPROVER)
    proposal = deduplicating.propose(acting=tools.acting(creator))
    agreeing.approve_as(ground, proposal, approver)
    mandate = actions.verified(proposal, tools).mandate
    with _watched() as watched:
        began = time.monotonic()
        product = deduplicating.searched(mandate, tools, acting=tools.acting(creator), bare=True)
        stages = {name: took / 1_000_000 for name, took in product.microseconds.items()}
        bare = stages.pop("bare_seconds", 0.0)
        new = add_found(
            deduplicating.candidates_of(product),
            mandate,
            acting=tools.acting(creator),
            vault=tools.keeper.vault,
        )
        seconds = time.monotonic() - began - bare
    ground.tell(f"{new:,} pairs written of {product.candidates:,} compared")
    figures = Figures("dedup", "people", product.people, seconds, bare, stages)
    return figures.as_json() | {
        "peak_mib": watched.peak_mib,
        "candidates": product.candidates,
        "pairs": len(product.pairs),
    }


def _filled(ground: Ground, count: int, *, file_people: int, seed: int) -> None:
    """
    Take a register in, file after file, unless it was before; one that was broken off goes on.

    Raises: Refused where other people are there.
    """
    there = people.people_there(ground)
    if there == count:
        return
    if there > count or there % file_people:
        raise Refused(
            f"{ground.tools.workspace.folder} holds {there:,} people already. Give --people {there}, "
            "or another folder."
        )
    ground.tell(f"taking in {count - there:,} people (not counted)")
    for first in range(there, count, file_people):
        _take_in(ground, first // file_people, min(file_people, count - first), seed=seed)
        _forget_tokens(ground)
        ground.tell(f"{min(first + file_people, count):,} of {count:,} people are there")
    people.analyse(ground)


def _take_in(ground: Ground, number: int, count: int, *, seed: int) -> None:
    """Import one file of the register as the office does."""
    tools = ground.tools
    with tempfile.TemporaryDirectory(prefix="despensa-bench-") as folder:
        path = Path(folder) / f"register-{number}.csv"
        write_invented(path, count, seed=seed + number, twice=TWICE, mark=f"B{number}-")
        register = read_register(
            path,
            filename=path.name,
            today=tools.today(),
            workspace_country=HOME,
            catalogue=load_catalogue(),
            crew=Forks(),
        )
        proposal = stage(
            register, path.name, tools, acting=tools.acting(ground.new_staff(Role.REGISTRAR))
        )
        agreeing.approve_as(ground, proposal, ground.new_staff(Role.APPROVER))
        actions.carry_out(proposal, tools)


def _forget_tokens(ground: Ground) -> None:
    """Let go what people are looked up by, which this search never reads: two fifths of the disk."""
    with psycopg.connect(ground.endpoints.registry_owner) as connection:
        connection.execute("TRUNCATE search_token, person_tokens")


class _Watched:
    """The largest memory of all processes together that was seen, in MiB."""

    peak_mib = 0


@contextmanager
def _watched() -> Iterator[_Watched]:
    """Look at the memory of all processes of the machine's user every quarter of a second."""
    seen, stop = _Watched(), threading.Event()

    def look() -> None:
        while not stop.wait(_SAMPLE_SECONDS):
            seen.peak_mib = max(seen.peak_mib, _together_mib())

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def _together_mib() -> int:
    """
    Return the memory of this process, of all it started, and of the database's sessions.

    Shared memory of the server is counted once.
    """
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    own = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in own} - own:
        own |= more
    used, shared = 0, 0
    for pid in own:
        fields = _status(pid)
        used += fields.get("RssAnon", 0) + fields.get("RssFile", 0)
        shared = max(shared, fields.get("RssShmem", 0))
    return (used + shared) // _KIB_PER_MIB


def _status(pid: int) -> dict[str, int]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    found = {}
    for line in lines:
        name, _, value = line.partition(":")
        if name.startswith("Rss"):
            found[name] = int(value.split()[0])
    return found
