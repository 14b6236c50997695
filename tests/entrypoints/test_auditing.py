"""The audit of a package: what an honest office made holds, and whatever was changed is named."""

import random
import shutil
from dataclasses import replace

import pytest

from despensa.domain.release import package as packages
from despensa.domain.transparency.leaf import PublicKind
from despensa.entrypoints import auditing
from despensa.entrypoints.auditing import FAILS, HOLDS, NOT_CHECKED
from tests.domain.eligibility.rules import PERSON_AND_BUDGET, changed
from tests.factories import packages as factory

KEYS = auditing.Keys(factory.LOG_KEY, factory.public_of(factory.AUTHORITY))
ROWS = "decisions, row for row"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """One honest office, its package, and what an audit of it says."""
    folder = tmp_path_factory.mktemp("office")
    made = factory.office(folder)
    path = made.packed(folder / "honest")
    return made, path, audited(path)


@pytest.fixture
def office(kept, tmp_path):
    """An office of its own, ready to be dishonest."""
    made = kept[0]
    shutil.copytree(made.facts, tmp_path / "facts")
    return replace(
        made,
        facts=tmp_path / "facts",
        result=[list(row) for row in made.result],
        said=[(kind, at, dict(body)) for kind, at, body in made.said],
    )


def audited(path, keys=KEYS, **options):
    private = factory.AUDITOR.private_bytes_raw()
    return list(auditing.audit_package(path, private, keys, **options))


def failing(checks):
    return [check.name for check in checks if check.state == FAILS]


def test_everything_an_honest_office_packed_holds(kept):
    made, _, checks = kept

    states = {check.name: check.state for check in checks}
    assert [*states] == [
        "package", "signature of the office", "rule", "parameters", "cases of the rule", "log",
        "copy of the log", "rule in the log", "columns", "rows", "root", ROWS, "totals",
        "quantities opened", "order of the budget", "second reading", "seed of the lots",
        "each household's lot",
    ]  # fmt: skip
    assert {name for name, state in states.items() if state != HOLDS} == {
        "copy of the log", "each household's lot"
    }  # fmt: skip
    said = {check.name: check.said for check in checks}
    assert made.manifest.root.hex() in said["root"]
    assert "it ends where the log says" in said["order of the budget"]
    assert "fund_minor = 20000 (Act 9)" in said["parameters"]


def test_keys_that_are_not_brought_are_told(kept):
    checks = audited(kept[1], auditing.Keys())

    left = {check.name for check in checks if check.state == NOT_CHECKED}
    assert {"signature of the office", "key of the log"} < left
    assert failing(checks) == []


def test_keys_of_others_open_and_vouch_for_nothing(kept):
    stranger = factory.AUDITOR.private_bytes_raw()[::-1]

    (closed,) = auditing.audit_package(kept[1], stranger, KEYS)
    other = audited(kept[1], auditing.Keys(None, b"\1" * 32))

    assert (closed.name, closed.state) == ("package: head", FAILS)
    assert "another key" in closed.said
    assert failing(other) == ["signature of the office"]


def places_of(made, size):
    """Return (first byte, name) of every part of the file, in order."""
    head = 25 + 4 + int.from_bytes(made.read_bytes()[25:29], "big")
    found, at = [(0, "head"), (head, "manifest")], size
    with made.open("rb") as file:
        opened = auditing.opened_package(file, factory.AUDITOR.private_bytes_raw())
    for piece in reversed(opened.manifest.pieces):
        at -= piece.length + 16
        found.insert(2, (at, piece.name))
    return found


def test_a_changed_byte_anywhere_is_found_and_named(kept, tmp_path):
    whole = kept[1].read_bytes()
    places = places_of(kept[1], len(whole))
    dice = random.Random(3)
    ends = [first for first, _ in places[1:]] + [len(whole)]
    tried = 0
    for (first, name), end in zip(places, ends, strict=True):
        for at in {first, end - 1, *(dice.randrange(first, end) for _ in range(12))}:
            spoilt = bytearray(whole)
            spoilt[at] ^= 1 << dice.randrange(8)
            (tmp_path / "spoilt").write_bytes(spoilt)
            (check,) = audited(tmp_path / "spoilt")
            # the head is bound to what follows: a change of it may show in the manifest
            allowed = {f"package: {name}"} | ({"package: manifest"} if name == "head" else set())
            assert (check.name in allowed, check.state) == (True, FAILS), (at, name, check)
            tried += 1
    assert tried > 70


def test_a_cut_or_a_longer_file_is_named(kept, tmp_path):
    whole = kept[1].read_bytes()
    for data, name in (
        (whole[:-1], "package: log"),
        (whole[:20], "package: head"),
        (b"", "package: head"),
        (whole + b"\0", "package: end"),
    ):
        (tmp_path / "other").write_bytes(data)
        assert failing(audited(tmp_path / "other")) == [name]


def test_facts_that_were_changed_do_not_lead_to_the_root(office, tmp_path):
    office.changed(
        "household", "SELECT * REPLACE (CASE row_id WHEN 9 THEN 1 ELSE fact_income_monthly_minor END "
        "AS fact_income_monthly_minor) FROM t",
    )  # fmt: skip

    assert "root" in failing(audited(office.packed(tmp_path / "p")))


def test_names_among_the_facts_are_refused(office, tmp_path):
    office.changed("household", "SELECT *, 'Ana Molina' AS name FROM t")

    checks = audited(office.packed(tmp_path / "p"))

    assert failing(checks) == ["columns"]
    assert "household.name" in checks[-1].said


@pytest.mark.parametrize(
    ("table", "select"),
    [
        ("household", "SELECT * FROM t WHERE row_id <> 5"),
        ("household", "SELECT * REPLACE (CASE row_id WHEN 5 THEN 6 ELSE row_id END AS row_id) FROM t"),
        ("member", "SELECT * FROM t UNION ALL (SELECT * FROM t LIMIT 1)"),
        ("member", "SELECT * REPLACE ((row_id + 7000)::UINTEGER AS row_id) FROM t"),
    ],
)  # fmt: skip
def test_rows_that_are_missing_or_too_many_are_found(office, tmp_path, table, select):
    office.changed(table, select)

    assert failing(audited(office.packed(tmp_path / "p"))) == ["rows"]


@pytest.mark.parametrize("column", [1, 2, 3, 4])
def test_one_decision_that_is_not_the_rules_is_named(office, tmp_path, column):
    row = next(row for row in office.result if row[3])
    row[column] = {1: row[1] % 3 + 1, 2: "-" + row[2][1:], 3: row[3] + 1, 4: 1}[column]

    checks = audited(office.packed(tmp_path / "p"))

    assert ROWS in failing(checks)
    found = next(check.said for check in checks if check.name == ROWS)
    assert found.startswith(f"1 rows differ; the first is row {row[0]} (")


def test_a_cycle_that_completes_another_gives_at_most_what_the_rule_says(office, tmp_path):
    row = next(row for row in office.result if row[3])
    office.said[3] = (*office.said[3][:2], {**office.said[3][2], 1: [["unit:1", 0]]})
    office.manifest = replace(office.manifest, gives_whole=False)
    given = row[3]
    for line in office.result:
        line[3] = 0

    less = audited(office.packed(tmp_path / "less"))
    row[3] = given + 1
    more = failing(audited(office.packed(tmp_path / "more")))

    assert failing(less) == []
    assert {check.name for check in less if check.state == NOT_CHECKED} >= {"quantities before"}
    assert {ROWS, "quantities opened"} <= set(more)


def test_decisions_that_are_missing_repeated_or_of_nobody_are_found(office, tmp_path):
    first, rows = office.result[0], office.result
    for result in (rows[1:], [first, *rows], [*rows[:-1], [len(rows), *first[1:]]]):
        office.result = result
        assert ROWS in failing(audited(office.packed(tmp_path / "p")))


def test_another_rule_than_the_one_in_the_log_is_found(office, tmp_path):
    from despensa.domain.eligibility.hashing import rule_hash
    from despensa.domain.eligibility.parse import parse_text

    other = changed(PERSON_AND_BUDGET, "value: 65", "value: 60")
    office.text = other
    assert failing(audited(office.packed(tmp_path / "p"))) == ["rule"]

    office.manifest = replace(office.manifest, rule_hash=rule_hash(parse_text(other)))
    assert "rule in the log" in failing(audited(office.packed(tmp_path / "p")))


@pytest.mark.parametrize(
    ("at", "key", "value", "name"),
    [
        (0, 3, "format: 1", "rule in the log"),
        (1, 1, b"\0" * 32, "seed of the lots"),
        (2, 2, b"\0" * 32, "root"),
        (2, 3, [["entitled", 0]], "totals"),
        (2, 4, b"\0" * 32, "seed of the lots"),
        (2, 5, ["0", "1"], "order of the budget"),
        (3, 1, [["unit:1", 1]], "quantities opened"),
    ],
)
def test_a_log_that_says_otherwise_is_found(office, tmp_path, at, key, value, name):
    kind, when, body = office.said[at]
    office.said[at] = (kind, when, {**body, key: value})

    assert name in failing(audited(office.packed(tmp_path / "p")))


def test_a_seed_committed_to_only_afterwards_is_found(office, tmp_path):
    rule, lot, root, total = office.said
    office.said = [rule, root, (lot[0], 35, lot[2]), total]

    assert "seed of the lots" in failing(audited(office.packed(tmp_path / "p")))


def test_a_rule_published_only_afterwards_is_found(office, tmp_path):
    rule, lot, root, total = office.said
    office.said = [lot, root, rule, total]

    assert "rule in the log" in failing(audited(office.packed(tmp_path / "p")))


def test_a_cycle_the_log_does_not_know_is_found(office, tmp_path):
    office.said = [one for one in office.said if one[0] is not PublicKind.ROOT]

    assert failing(audited(office.packed(tmp_path / "p"))) == ["log"]


def test_another_salt_is_no_salt_of_this_root(office, tmp_path):
    office.manifest = replace(office.manifest, salt=b"t" * 32)

    failed = failing(audited(office.packed(tmp_path / "p")))
    assert {"root", "seed of the lots"} <= set(failed)


def test_nothing_is_left_in_the_clear(kept, tmp_path):
    for check in auditing.audit_package(
        kept[1], factory.AUDITOR.private_bytes_raw(), KEYS, work=tmp_path
    ):
        if check.name == "rows":
            break

    # a caller that stops half-way leaves nothing either
    assert list(tmp_path.iterdir()) == []


def test_a_manifest_comes_back_as_it_was_signed(kept):
    made = kept[0]
    pieces = tuple(packages.Piece(name, 1, b"h" * 32) for name in packages.PIECES)
    manifest = replace(made.manifest, pieces=pieces)
    signed = factory.cose.sign(
        packages.payload(manifest),
        label=packages.LABEL,
        public_key=factory.public_of(factory.AUTHORITY),
        signer=factory.AUTHORITY.sign,
    )

    assert packages.read_manifest(signed, None) == manifest
