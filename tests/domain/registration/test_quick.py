"""The quick reading of our template says what the readable one says, or leaves the answer to it."""

import random
from datetime import date

import pytest

from despensa.adapters.register_file import reader
from despensa.domain.catalogue import load_catalogue
from despensa.domain.registration.quick import QuickReader
from despensa.entrypoints.bench.invented_file import write_invented

SPOILT = (
    "", " ", "=1+1", "'+34 1", "2030-01-01", "03/04/2001", "28/02/2001", "head", "HEAD ", "other",
    "#REF!", "x" * 600, "Ńandú", "١٢", "yes", "no", "2", "B7", "collector", "primary", "\u200bAna",
    "-", "+34 600 000 001", "ESP", "es", "passport", "national_id", "12.5", "1e3", "B0",
)  # fmt: skip


def read(content):
    return reader.read_register(
        content,
        filename="r.csv",
        today=date(2026, 11, 22),
        workspace_country="ES",
        catalogue=load_catalogue(),
    )


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    path = tmp_path_factory.mktemp("file") / "r.csv"
    write_invented(path, 60, seed=7)
    return path.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def readable(monkeypatch):
    def slowly(content):
        with monkeypatch.context() as patched:
            patched.setattr(QuickReader, "household", lambda *_: None)
            return read(content)

    return slowly


def spoilt(lines, dice):
    table = [line.split(",") for line in lines]
    for _ in range(dice.randrange(1, 6)):
        row = dice.choice(table[1:])
        row[dice.randrange(len(row))] = dice.choice(SPOILT)
    if dice.randrange(3) == 0:
        body = table[1:]
        at, to = dice.randrange(len(body)), dice.randrange(len(body))
        body[at], body[to] = body[to], body[at]
        table[1:] = body
    return "\n".join(",".join(row) for row in table).encode()


def test_both_forms_read_the_same_whatever_stands_in_the_cells(lines, readable):
    dice = random.Random(11)
    rejected = 0
    for _ in range(120):
        content = spoilt(lines, dice)

        quickly = read(content)

        assert quickly == readable(content)
        assert quickly.rows_in == quickly.accepted_rows + quickly.rejected_rows
        rejected += quickly.rejected_rows > 0
    assert 20 < rejected < 120


def test_a_file_in_order_is_read_quickly_alone(lines, monkeypatch):
    monkeypatch.setattr(reader, "assess_group", None)

    register = read("\n".join(lines).encode() + b"\n")

    assert register.people == 60


def test_rows_that_do_not_stand_together_make_one_household(lines, readable):
    head, *rows = lines
    content = "\n".join([head, *rows[::2], *rows[1::2]]).encode() + b"\n"

    register = read(content)

    assert register == readable(content)
    assert {
        one.source_record_id: {p.full_name for p in one.persons} for one in register.households
    } == {
        one.source_record_id: {p.full_name for p in one.persons}
        for one in read("\n".join(lines).encode() + b"\n").households
    }
