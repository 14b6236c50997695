"""What was frozen for a cycle is destroyed when its appeals end; no ended fact lives on in a folder."""

from pathlib import Path

import duckdb
import pytest

from despensa.adapters.engine import duckdb as engine
from despensa.adapters.engine import frozen_folder
from despensa.adapters.keeper import key_files
from despensa.domain.cycle_life import DISPUTE_DAYS, Waits
from despensa.entrypoints.jobs import cycle as cycles
from despensa.entrypoints.jobs import cycle_life, retention, rounds
from despensa.records import journal_store
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries
from despensa.usecases import destroy_frozen_facts as destroying
from despensa.usecases.begin_fade import StillDisputed, begin_fade
from despensa.usecases.end_programme import end_programme
from tests.factories.books import looks_into_the_keeper
from tests.factories.observing import Killed, count, dies, digests
from tests.factories.shelf import as_owner
from tests.usecases import test_appeals as appeals


def folder(books):
    return Path(cycles.frozen_folder(books.cycle, books.tools))


def frozen_keys(books):
    return sorted((books.folder / "keys").rglob(f"{books.cycle.hex}.frozen-*"))


def last_day_of_appeals(books):
    [(closes_on,)] = fetch(REGISTRY, "SELECT closes_on FROM cycle WHERE id = %s", (books.cycle,))
    books.clock.forward(days=(closes_on - books.tools.today()).days + DISPUTE_DAYS)


def facts_in(path):
    return set(duckdb.sql(f"FROM read_parquet('{path}/*.parquet', union_by_name=true)").columns)


def test_an_appeal_that_waits_for_its_answer_keeps_them_until_then(decided_books):
    books = appeals.staffed(decided_books)
    last_day_of_appeals(books)
    brought = appeals.wanted(books)
    appeals.bring(books, brought)
    books.clock.forward(days=1)
    with as_owner(books.endpoints, "registry") as owner:
        owner.execute("UPDATE cycle SET state = 6, epoch = 10, closed_on = closes_on")
    retention.carry_out(books.tools)
    assert folder(books).is_dir()
    step = cycle_life.standing(queries.cycle(books.cycle), books.tools).step
    assert step.waits is Waits.APPEALS
    with pytest.raises(StillDisputed, match="appeal"):
        begin_fade(books.cycle, acting=books.acting())

    appeals.answer(books, brought)
    retention.carry_out(books.tools)

    assert not folder(books).exists()
    assert begin_fade(books.cycle, acting=books.acting())


def test_the_frozen_facts_stay_until_the_appeals_are_over_and_no_day_longer(decided_books):
    books = decided_books
    assert facts_in(folder(books))
    last_day_of_appeals(books)
    rounds.round_trip(books.tools)
    assert folder(books).is_dir()
    assert len(frozen_keys(books)) == 4, "the salt and the key of the map, each in two files"
    leaves = count(REGISTRY, "leaf_queue")
    decisions = digests(books.endpoints)["registry.decision"]

    books.clock.forward(days=1)
    rounds.round_trip(books.tools)

    assert not folder(books).exists()
    assert frozen_keys(books) == []
    assert count(REGISTRY, "leaf_queue") == leaves + 1
    assert digests(books.endpoints)["registry.decision"] == decisions
    before = digests(books.endpoints)
    retention.carry_out(books.tools)
    assert digests(books.endpoints) == before


def test_files_are_overwritten_before_they_are_removed(tmp_path):
    inside = tmp_path / "cycle"
    inside.mkdir()
    (inside / "frozen.json").write_text("{}")
    (inside / "member.parquet").write_bytes(b"facts" * 500_000)
    second = tmp_path / "another name"
    second.hardlink_to(inside / "member.parquet")

    frozen_folder.destroy_folder(inside)
    frozen_folder.destroy_folder(inside)

    assert not inside.exists()
    assert second.read_bytes() == bytes(2_500_000)


def test_the_end_of_a_fact_leaves_no_value_in_a_frozen_folder(decided_books):
    books = decided_books
    read = facts_in(folder(books))
    last_day_of_appeals(books)
    end_programme(books.programme, acting=books.acting("jorge"))
    books.clock.forward(days=365 * 3)

    assert retention.carry_out(books.tools) > 0

    gone = {name for (name,) in fetch(
        REGISTRY, "SELECT DISTINCT name FROM catalogue_fact WHERE destroyed_at IS NOT NULL"
    )}  # fmt: skip
    assert {f"fact_{name}" for name in gone} & read, "a fact that the rule read has ended"
    assert not folder(books).exists()


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (engine, "destroy_folder"),
        pytest.param(key_files, "destroy", marks=looks_into_the_keeper),
        (journal_store, "begin_stage"),
        (journal_store, "record"),
    ],
)
def test_killed_anywhere_the_rest_is_destroyed_next_time(decided_books, monkeypatch, owner, name):
    books = decided_books
    last_day_of_appeals(books)
    books.clock.forward(days=1)
    before = digests(books.endpoints)
    with monkeypatch.context() as patched:
        dies(patched, owner, name, after=True)
        with pytest.raises(Killed):
            retention.carry_out(books.tools)
    assert digests(books.endpoints) == before, "nothing says that it was done"

    retention.carry_out(books.tools)

    assert not folder(books).exists()
    assert frozen_keys(books) == []
    assert count(REGISTRY, "stage", "stage = %s", destroying.ACTION) == 1
