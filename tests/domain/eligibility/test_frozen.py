"""What is frozen of a household, and the bytes of its row."""

import hashlib
import hmac
import subprocess
import sys
from datetime import date

import pytest

from despensa.domain.eligibility.frozen import (
    AgeRead,
    MalformedRow,
    facts_read,
    read_row,
    reduce,
    row_bytes,
)
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import Household, Member
from tests.domain.eligibility.rules import EVERY_NODE, food_parcel, vector

ROWS = vector("rows.yaml")


def test_only_what_the_rule_reads_is_read():
    reads = facts_read(food_parcel())

    assert reads.in_area
    assert reads.ages == (AgeRead(None, "years"),)
    assert [fact.name for fact in reads.household_facts] == ["displaced"]
    assert reads.member_columns == (
        "age0_low",
        "age0_high",
        "fact_disability_functional",
        "fact_pregnant_or_nursing",
        "fact_sex",
    )


def test_members_are_in_an_order_that_says_nothing_about_the_register():
    rule, on = food_parcel(), date(2026, 3, 1)
    members = (Member(date(1990, 1, 1), 2, {}), Member(date(2024, 1, 1), 2, {}))

    one = reduce(rule, Household(True, {}, members), on)
    other = reduce(rule, Household(True, {}, members[::-1]), on)

    assert one == other


@pytest.mark.parametrize("case", ROWS["rows"], ids=lambda case: str(case["row"]))
def test_a_row_has_these_bytes_salt_and_leaf(case):
    rule, data = parse_text(EVERY_NODE), case["text"].encode()
    salt_key = bytes.fromhex(ROWS["salt"])
    message = b"despensa/frozen-salt/1" + case["row"].to_bytes(4, "big")

    identifier, frozen = read_row(rule, data)

    assert row_bytes(identifier, frozen) == data
    salt = hmac.digest(salt_key, message, "sha256")[:16]
    assert salt.hex() == case["salt"]
    assert hashlib.sha256(b"\0" + salt + data).hexdigest() == case["leaf_hash"]


@pytest.mark.parametrize(
    "change",
    [("[", "[ "), ("despensa/frozen/1", "despensa/frozen/2"), ("]]]", "]]"), ("true", "True")],
)
def test_bytes_that_are_no_row_of_the_rule_are_refused(change):
    rule = parse_text(EVERY_NODE)
    text = ROWS["rows"][0]["text"]

    with pytest.raises(MalformedRow):
        read_row(rule, text.replace(*change, 1).encode())


def test_a_row_of_another_rule_is_refused():
    with pytest.raises(MalformedRow, match="of this rule"):
        read_row(food_parcel(), ROWS["rows"][0]["text"].encode())


def test_rules_are_read_without_a_framework_or_a_database():
    program = (
        "import sys\n"
        "for name in ('django', 'duckdb', 'psycopg'): sys.modules[name] = None\n"
        "import despensa.domain.eligibility\n"
        "from despensa.domain.eligibility import cases, compile, explain, hashing, parse\n"
    )

    subprocess.run([sys.executable, "-c", program], check=True)
