"""A crew reads a long template as one process does: the same households, faults and counts."""

import csv
from collections.abc import Sequence
from dataclasses import fields
from datetime import date

import pytest

from despensa.adapters.register_file import template_text
from despensa.adapters.register_file.reader import read_register
from despensa.adapters.register_file.source import RegisterFileError
from despensa.domain.catalogue import load_catalogue
from despensa.domain.ports.crew import Alone
from despensa.entrypoints.bench.invented_file import write_invented
from despensa.entrypoints.jobs.crew import Forks

PEOPLE = 400


@pytest.fixture
def rows(tmp_path, monkeypatch):
    """A file of some hundred people, many of its rows wrong, read 20 households at a time."""
    monkeypatch.setattr(template_text, "HOUSEHOLDS_AT_ONCE", 20)
    path = tmp_path / "r.csv"
    write_invented(path, PEOPLE, seed=3)
    found = list(csv.DictReader(path.open(encoding="utf-8")))
    for at, row in enumerate(found):
        if at % 37 == 5:
            row["birth_date"] = "2012-13-45"
        if at % 41 == 6:
            row["phone"] = "12"
        if at % 29 == 7:
            row["document_number"], row["document_type"] = "", "national_id"
    return found


def written(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(path, crew=None, told=lambda _: None):
    return read_register(
        path, filename="r.csv", today=date(2026, 3, 1), workspace_country="ES",
        catalogue=load_catalogue(), crew=crew, told=told,
    )  # fmt: skip


def account(register):
    """Everything that is said of a file; households and what was left out in order."""
    said = {one.name: getattr(register, one.name) for one in fields(register)}
    return {
        name: list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
        for name, value in said.items()
    }


@pytest.mark.parametrize("crew", [Alone, Forks])
def test_the_same_file_gives_the_same_account(tmp_path, rows, crew):
    path = written(tmp_path / "long.csv", rows)
    alone = read(path)
    assert alone.rejected_rows
    assert alone.accepted_rows + alone.rejected_rows == PEOPLE

    assert account(read(path, crew())) == account(alone)


@pytest.mark.parametrize("crew", [Alone, Forks])
def test_rows_that_stand_apart_come_together_all_the_same(tmp_path, rows, crew):
    rows.append(rows.pop(10))
    path = written(tmp_path / "apart.csv", rows)
    alone = read(path)

    found = read(path, crew())

    assert account(found) == account(alone)
    whole = read(
        written(tmp_path / "whole.csv", sorted(rows, key=lambda one: one["household_number"]))
    )
    assert found.accepted_rows == whole.accepted_rows


def test_a_fault_of_the_whole_file_is_said_whoever_reads_it(tmp_path, rows):
    path = written(tmp_path / "cut.csv", rows)
    path.write_bytes(path.read_bytes() + b'"open')

    with pytest.raises(RegisterFileError) as alone:
        read(path)
    with pytest.raises(RegisterFileError) as crewed:
        read(path, Forks())

    assert crewed.value.code == alone.value.code


def test_whoever_stops_the_reading_ends_the_workers(tmp_path, rows):
    path = written(tmp_path / "long.csv", rows)

    def stop(_):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        read(path, Forks(), stop)
