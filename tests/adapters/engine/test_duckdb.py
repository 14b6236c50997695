"""A frozen cycle: whole or not there, the same root for the same facts, provable row by row."""

import csv
import json
import random
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from despensa.adapters.engine.connection import opened
from despensa.adapters.engine.duckdb import DuckDBEngine
from despensa.domain.eligibility.evaluate import evaluate
from despensa.domain.eligibility.frozen import read_row, reduce, row_bytes
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import Household, Member
from despensa.domain.ports.engine import EngineError, FreezeOrder, RegistryFiles
from despensa.domain.transparency import tree
from tests.adapters.engine.registers import INSIDE, Register, a_register, write_register
from tests.domain.eligibility.rules import FOOD_PARCEL, PERSON_AND_BUDGET, changed, food_parcel

ON = date(2026, 3, 1)
ENGINE = DuckDBEngine()


def an_order(**changes) -> FreezeOrder:
    order = FreezeOrder(
        food_parcel(), ON, b"c" * 16, (INSIDE.bytes,), b"i" * 32, b"s" * 32, b"m" * 32
    )
    return replace(order, **changes)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return a_register(food_parcel(), random.Random(7), 1003, tmp_path / "in")


@pytest.fixture
def folder(register: Register, tmp_path: Path) -> str:
    name = str(tmp_path / "cycle")
    ENGINE.freeze(register.files, an_order(), name)
    ENGINE.decide(name, food_parcel())
    return name


def decisions(folder: str):
    return ENGINE.decisions(folder, food_parcel(), b"c" * 16, b"m" * 32)


def test_the_same_facts_and_secrets_give_the_same_files(register, tmp_path):
    shuffled = dict(sorted(register.households.items(), key=lambda item: item[0].hex[::-1]))
    other = write_register(shuffled, tmp_path / "again")

    one = ENGINE.freeze(register.files, an_order(), str(tmp_path / "one"))
    two = ENGINE.freeze(other, an_order(), str(tmp_path / "two"))

    assert one.root == two.root
    for name in ("household.parquet", "member.parquet", "tree.bin", "map.sealed", "frozen.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize("secret", ["id_key", "salt"])
def test_other_secrets_give_another_root(register, tmp_path, secret):
    one = ENGINE.freeze(register.files, an_order(), str(tmp_path / "one"))
    two = ENGINE.freeze(register.files, an_order(**{secret: b"x" * 32}), str(tmp_path / "two"))

    assert one.root != two.root
    assert one.households == two.households == len(register.households)


def test_every_row_is_a_salted_leaf_of_the_root_and_decides_again_from_its_slip(folder, register):
    rule = food_parcel()
    found = {row.row: row for row in decisions(folder)}
    frozen = json.loads((Path(folder) / "frozen.json").read_text())
    root = bytes.fromhex(frozen["root"])

    slips = ENGINE.slips(folder, rule, b"s" * 32, sorted(found))

    leaves = [slip.salt + slip.row_bytes for slip in slips]
    assert tree.root(leaves) == root
    for slip in slips:
        leaf = tree.leaf_hash(slip.salt + slip.row_bytes)
        assert tree.verify_inclusion(slip.row, slip.rows, leaf, slip.path, root)
        identifier, household = read_row(rule, slip.row_bytes)
        again = evaluate(rule, household, ON)
        assert (again.outcome, again.codes, again.lines) == (slip.outcome, slip.codes, slip.lines)
        original = register.households[UUID(bytes=bytes(found[slip.row].household))]
        assert row_bytes(identifier, reduce(rule, original, ON)) == slip.row_bytes


def test_a_slip_of_a_row_that_is_not_there_is_refused(folder):
    with pytest.raises(EngineError, match="1003 rows and no 1003"):
        ENGINE.slips(folder, food_parcel(), b"s" * 32, [0, 1003])


def test_the_text_for_copy_holds_every_decision(folder):
    rows = list(
        csv.reader(
            b"".join(ENGINE.copy_text(folder, food_parcel(), b"c" * 16, b"m" * 32))
            .decode()
            .splitlines()
        )
    )

    for row, (household, number, outcome, codes, lines) in zip(
        decisions(folder), rows, strict=True
    ):
        assert UUID(household).bytes == row.household
        assert (int(number), int(outcome)) == (row.row, row.outcome)
        assert codes == "{" + ",".join(row.codes) + "}"
        assert json.loads(lines) == [list(line) for line in row.lines]


def test_totals_count_households_members_and_goods(folder, register):
    totals = ENGINE.decide(folder, food_parcel())

    assert [total.outcome for total in totals] == [1, 2, 3]
    assert sum(total.households for total in totals) == len(register.households)
    assert sum(total.members for total in totals) == sum(
        len(household.members) for household in register.households.values()
    )
    assert totals[1].quantities == (("parcel", 0),)


def test_nothing_but_the_reads_is_frozen(folder):
    for name in ("household.parquet", "member.parquet"):
        content = (Path(folder) / name).read_bytes()
        for word in (b"household_id", b"birth_month", b"income_monthly_minor"):
            assert word not in content
    assert stat.S_IMODE(Path(folder).stat().st_mode) == 0o700


def test_the_map_opens_only_with_its_key_and_cycle(folder):
    for cycle, key in ((b"c" * 16, b"x" * 32), (b"d" * 16, b"m" * 32)):
        with pytest.raises(EngineError, match="another key"):
            list(ENGINE.decisions(folder, food_parcel(), cycle, key))


def test_a_programme_for_everybody_needs_no_area(tmp_path):
    files = write_register(
        {UUID(int=1): Household(None, {}, (Member(date(1950, 1, 1), 2, {}),))}, tmp_path
    )

    ENGINE.freeze(files, an_order(areas=None), str(tmp_path / "cycle"))

    assert ENGINE.decide(str(tmp_path / "cycle"), food_parcel())[0].households == 1


def test_a_register_without_households_is_a_cycle_without_rows(tmp_path):
    files = write_register({}, tmp_path)

    frozen = ENGINE.freeze(files, an_order(), str(tmp_path / "cycle"))

    assert (frozen.households, frozen.root) == (0, tree.EMPTY_ROOT)
    assert [t.households for t in ENGINE.decide(str(tmp_path / "cycle"), food_parcel())] == [0] * 3
    assert list(decisions(str(tmp_path / "cycle"))) == []


def test_only_the_members_of_the_date_are_taken(tmp_path):
    files = write_register({UUID(int=1): Household(True, {}, ())}, tmp_path)
    lines = [
        "household_id,member_from,member_until,birth_month,birth_precision,sex,facts",
        f"{UUID(int=1)},2020-01-01,2026-03-01,1950-01-01,2,male,{{}}",
        f"{UUID(int=1)},2026-03-02,,1950-01-01,2,1,{{}}",
        f"{UUID(int=1)},2026-03-01,2026-03-02,1990-01-01,2,2,{{}}",
        f"{UUID(int=1)},,,1991-01-01,2,female,{{}}",
    ]
    Path(files.members).write_text("\n".join(lines) + "\n", encoding="utf-8")

    frozen = ENGINE.freeze(files, an_order(), str(tmp_path / "cycle"))
    ENGINE.decide(str(tmp_path / "cycle"), food_parcel())
    (slip,) = ENGINE.slips(str(tmp_path / "cycle"), food_parcel(), b"s" * 32, [0])

    assert frozen.members == 2
    assert read_row(food_parcel(), slip.row_bytes)[1].members == (
        (35, 35, None, None, "female"),
        (36, 36, None, None, "female"),
    )


@pytest.mark.parametrize(
    ("households", "members", "says"),
    [
        ("household_id,area\n", None, "no column facts"),
        (None, "household_id,facts\n", "no column birth_month"),
        ("", None, "no column area"),
        ("household_id,area,facts\nx,,{}\n", None, "cannot be read"),
        (f"household_id,area,facts\n{UUID(int=1)},,{{\n", None, "cannot be read"),
        (f"household_id,area,facts\n{UUID(int=1)},,{{}}\n{UUID(int=1)},,{{}}\n", None, "more than"),
        (
            None,
            f"household_id,birth_month,birth_precision,sex,facts\n{UUID(int=9)},1950-01-01,2,1,{{}}\n",
            "belong to no household",
        ),
    ],
    ids=["no facts", "no birth", "empty", "no uuid", "broken json", "twice", "stray"],
)
def test_files_that_cannot_be_frozen_leave_nothing_behind(tmp_path, households, members, says):
    files = write_register({}, tmp_path / "in")
    if households is not None:
        Path(files.households).write_text(households, encoding="utf-8")
    if members is not None:
        Path(files.members).write_text(members, encoding="utf-8")

    with pytest.raises(EngineError, match=says):
        ENGINE.freeze(files, an_order(), str(tmp_path / "cycle"))

    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_an_error_repeats_nothing_of_a_record(tmp_path):
    files = write_register({}, tmp_path / "in")
    record = f'household_id,area,facts\n{UUID(int=1)},,{{"secret_word": \nSecret Name,,"\n'
    Path(files.households).write_text(record, encoding="utf-8")

    with pytest.raises(EngineError) as caught:
        ENGINE.freeze(files, an_order(), str(tmp_path / "cycle"))

    assert "ecret" not in str(caught.value)


def test_nothing_temporary_stays_in_the_folder(folder):
    assert sorted(path.name for path in Path(folder).iterdir()) == [
        "frozen.json",
        "household.parquet",
        "map.sealed",
        "member.parquet",
        "outcome.parquet",
        "tree.bin",
    ]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(EngineError, match=r"gone\.csv cannot be read"):
        ENGINE.freeze(RegistryFiles(f"{tmp_path}/gone.csv", "x"), an_order(), f"{tmp_path}/cycle")


def test_a_frozen_cycle_is_never_written_over(folder, register):
    with pytest.raises(EngineError, match="never written over"):
        ENGINE.freeze(register.files, an_order(), folder)


def test_what_a_killed_freeze_left_is_cleared(register, tmp_path):
    (tmp_path / "cycle.partial").mkdir()
    (tmp_path / "cycle.partial" / "household.parquet").write_bytes(b"half")

    frozen = ENGINE.freeze(register.files, an_order(), str(tmp_path / "cycle"))

    assert frozen.households == len(register.households)
    assert not (tmp_path / "cycle.partial").exists()


@pytest.mark.parametrize("name", ["household.parquet", "member.parquet"])
@pytest.mark.parametrize("damage", [b"", b"PAR1 not really", None])
def test_a_corrupt_file_gives_a_sentence(folder, name, damage):
    path = Path(folder) / name
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)

    with pytest.raises(EngineError, match="Freeze the cycle again"):
        ENGINE.decide(folder, food_parcel())


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', "\xff"])
def test_a_folder_that_is_no_frozen_cycle_gives_a_sentence(folder, text):
    (Path(folder) / "frozen.json").write_text(text, encoding="latin-1")

    with pytest.raises(EngineError, match=r"no frozen cycle|frozen format 2"):
        ENGINE.decide(folder, food_parcel())


def test_another_rule_is_refused(folder):
    other = parse_text(changed(FOOD_PARCEL, "value: 5\n", "value: 6\n"))

    with pytest.raises(EngineError, match="another rule"):
        ENGINE.decide(folder, other)


def test_slips_before_deciding_are_refused(register, tmp_path):
    ENGINE.freeze(register.files, an_order(), str(tmp_path / "cycle"))

    with pytest.raises(EngineError, match="decide the cycle first"):
        ENGINE.slips(str(tmp_path / "cycle"), food_parcel(), b"s" * 32, [0])


def test_secrets_of_another_length_are_refused(register, tmp_path):
    lots = parse_text(PERSON_AND_BUDGET)
    with pytest.raises(ValueError, match="committed in the log"):
        ENGINE.freeze(register.files, an_order(rule=lots), str(tmp_path / "cycle"))
    with pytest.raises(ValueError, match="32 bytes"):
        ENGINE.freeze(register.files, an_order(salt=b"short"), str(tmp_path / "cycle"))


def test_too_little_memory_gives_a_sentence(register, tmp_path):
    with pytest.raises(EngineError, match="memory limit"):
        DuckDBEngine(memory_mib=1).freeze(register.files, an_order(), str(tmp_path / "cycle"))


def test_the_connection_reaches_nothing_else(tmp_path):
    (tmp_path / "outside.csv").write_text("a\n1\n")
    for statement in (
        f"SELECT * FROM read_csv('{tmp_path}/outside.csv')",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
    ):
        with (
            pytest.raises(EngineError),
            opened(tmp_path / "tmp", tmp_path / "in", memory_mib=64, threads=1) as connection,
        ):
            connection.execute(statement)


def test_the_bare_limit_is_measured_by_the_clock_given(folder):
    ticks = iter([10.0, 12.5])

    assert ENGINE.bare_limit_seconds(folder, food_parcel(), lambda: next(ticks)) == 2.5
