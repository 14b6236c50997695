"""A draft counted over a register: equal to the cycle's decision, and blind for one household."""

import csv
import random
from datetime import date
from uuid import UUID

import pytest

from despensa.adapters.engine.duckdb import DuckDBEngine
from despensa.adapters.engine.preview import DuckDBPreview
from despensa.adapters.engine.preview_ground import make_ground
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import Household, Member
from despensa.domain.ports.engine import FreezeOrder, RegistryFiles
from despensa.domain.ports.previewing import PreviewOrder
from tests.adapters.engine.registers import INSIDE, OUTSIDE, a_register, write_register
from tests.domain.eligibility.rules import FOOD_PARCEL, PERSON_AND_BUDGET, changed

ON = date(2026, 3, 15)
DRAFT = parse_text(changed(FOOD_PARCEL, "value: 60", "value: 65"))
LAST = parse_text(FOOD_PARCEL)
PERSON = parse_text(PERSON_AND_BUDGET)


def _preview(files, folder, rule, earlier=(), *, last=None, near=20):
    ground = folder / "ground"
    if not ground.exists():
        ground.mkdir()
        facts = [*LAST.facts.values(), *rule.facts.values(), *PERSON.facts.values()]
        unique = list({fact.name: fact for fact in facts}.values())
        make_ground(_dated(files), ground, unique, ON, memory_mib=256, threads=1)
    engine = DuckDBPreview(str(ground), memory_mib=256)
    order = PreviewOrder(
        draft=rule, last=last, earlier=tuple(earlier), on=ON, near=near,
        areas=[INSIDE.bytes], groups=[(INSIDE.bytes, 0), (OUTSIDE.bytes, 1)],
    )  # fmt: skip
    return engine.preview(order)


def _dated(files):
    """Add the columns of dated memberships that the registry's own copies have."""
    with open(files.members, encoding="utf-8", newline="") as file:
        head, *rows = list(csv.reader(file))
    if "member_from" not in head:
        with open(files.members, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*head, "member_from", "member_until"])
            writer.writerows([*row, "", ""] for row in rows)
    return RegistryFiles(files.households, files.members)


def _older(born, count, start=0):
    """Return so many households of one person born in a year."""
    member = Member(date(born, 1, 1), 3, {"disability_functional": False, "sex": "male"})
    facts = {"displaced": False}
    return {UUID(int=start + n + 1): Household(True, facts, (member,)) for n in range(count)}


@pytest.mark.parametrize("text", [FOOD_PARCEL, PERSON_AND_BUDGET])
def test_a_preview_counts_what_a_cycle_decides(tmp_path, text):
    rule = parse_text(text)
    files = a_register(rule, random.Random(4), 300, tmp_path / "register").files
    engine = DuckDBEngine(memory_mib=256)
    order = FreezeOrder(
        rule=rule, on=ON, cycle=bytes(16), areas=(INSIDE.bytes,), id_key=bytes(32),
        salt=bytes(32), map_key=bytes(32), lot_seed=bytes(32),
    )  # fmt: skip
    engine.freeze(files, order, str(tmp_path / "frozen"))
    decided = engine.decide(str(tmp_path / "frozen"), rule)

    counted, is_own = _preview(files, tmp_path, rule)

    assert is_own
    households = {total.outcome: total.households for total in decided if total.households}
    assert dict(counted.outcomes) == households
    for unit, (given, _) in counted.given.items():
        assert given == sum(dict(total.quantities)[unit] for total in decided)
    assert not (tmp_path / "ground" / "tmp").exists()
    # invented registers hold households without members, which have no size
    assert 0 < sum(counted.entitled.by_size.values()) <= households[1]
    if rule.budget is None:
        assert (counted.late, counted.unreached) == (None, None)
    else:
        # nobody knows in which area some of them live
        assert 0 < sum(counted.unreached.by_area.values()) < counted.late
        assert sum(counted.unreached.by_size.values()) == counted.late


def test_two_drafts_that_differ_by_one_household_get_equal_numbers(tmp_path):
    """414 and 415 lie on two sides of a boundary: rounding alone would tell of that household."""
    people = _older(1950, 414) | _older(1964, 1, 1000)
    files = write_register(people, tmp_path / "register")

    without, is_own = _preview(files, tmp_path, DRAFT)
    with_one, own_too = _preview(files, tmp_path, LAST, [DRAFT])
    alone, _ = _preview(files, tmp_path, LAST)

    assert (is_own, own_too) == (True, False)
    assert without == with_one
    assert (without.outcomes[1], alone.outcomes[1]) == (414, 415)
    # they were born in 1950 and live alone: a household counts once for each whom it has
    assert (without.entitled.with_age, alone.entitled.with_age) == ({3: 414}, {3: 415})


def test_a_draft_that_is_far_from_all_before_has_numbers_of_its_own(tmp_path):
    people = _older(1950, 100) | _older(1964, 20, 1000)
    files = write_register(people, tmp_path / "register")

    counted, is_own = _preview(files, tmp_path, DRAFT, [LAST], last=LAST)

    assert is_own
    assert (counted.outcomes[1], counted.gained, counted.lost) == (100, 0, 20)
    assert _preview(files, tmp_path, DRAFT, [LAST], last=LAST, near=21)[0].outcomes[1] == 120
