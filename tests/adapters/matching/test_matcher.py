"""Reading lists, choosing pairs to look at, writing: bounded, repeatable, and nothing else touched."""

import csv
import time

import duckdb
import pytest

from tests.factories import damaged_lists

pytest.importorskip("splink", reason="the extra despensa[match] is not installed")

from despensa.adapters.matching import matcher
from despensa.adapters.matching.blocking import candidate_pairs, chance_pairs
from despensa.adapters.matching.forms import build_people
from despensa.adapters.matching.lists import ListError, read_list
from despensa.adapters.matching.matcher import MatchOrder, match_lists
from despensa.domain.matching.columns import MapError, Role


def run(folder, *paths, maps=None, **more):
    out = folder / "pairs.csv"
    order = MatchOrder(tuple(paths), out, maps or (None,) * len(paths), **more)
    found = match_lists(order, time.monotonic, lambda _said: None)
    with out.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream)), found


def text_file(folder, text, name="list.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


ROWS = (
    "id,name,birth date,phone\n"
    "1,Rosa Quispe Mamani,1984-05-03,987654321\n"
    "2,Rosa Quispe,1984-05-03,987654321\n"
    "3,Luis Flores Rojas,1950-01-31,\n"
    "4,Ana Huamán Ccori,1999-12-24,912345678\n"
)


def test_a_pair_is_told_with_its_reason(tmp_path):
    rows, found = run(tmp_path, text_file(tmp_path, ROWS))

    assert [(row["left_id"], row["right_id"]) for row in rows] == [("1", "2")]
    assert rows[0]["reason"] == ("same given name, same birth date, same phone, surname shortened")
    assert found.rows == (4,)


def read(path):
    """What one file is read as: its roles and its names."""
    with duckdb.connect() as connection:
        plain = read_list(connection, path, "list_0", None)
        names = connection.execute("SELECT c1 FROM list_0 ORDER BY row").fetchall()
    return plain.roles, [name for (name,) in names]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_files_of_other_encodings_are_read(tmp_path, encoding):
    roles, names = read(text_file(tmp_path, ROWS, encoding=encoding))

    assert roles == (Role.IDENTIFIER, Role.FULL_NAME, Role.BIRTH_DATE, Role.PHONE)
    assert names[3] == "Ana Huamán Ccori"


@pytest.mark.parametrize("separator", [";", "\t", "|", ", "])
def test_files_with_other_separators_are_read(tmp_path, separator):
    roles, names = read(text_file(tmp_path, ROWS.replace(",", separator)))

    assert roles == (Role.IDENTIFIER, Role.FULL_NAME, Role.BIRTH_DATE, Role.PHONE)
    assert names == [
        "Rosa Quispe Mamani", "Rosa Quispe", "Luis Flores Rojas", "Ana Huamán Ccori"
    ]  # fmt: skip


def test_without_ids_rows_are_counted_from_one(tmp_path):
    text = "\n".join(line.partition(",")[2] for line in ROWS.splitlines())

    rows, found = run(tmp_path, text_file(tmp_path, text))

    assert [(row["left_id"], row["right_id"]) for row in rows] == [("1", "2")]
    assert found.has_identifiers == (False,)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("id,name\n", "has a line of headers and no rows"),
        ("id\n1\n2\n", "has no column that can be compared"),
        ("id,country\n1,PE\n2,PE\n", "has no column that can be compared"),
    ],
)
def test_a_file_that_cannot_be_used_gets_a_sentence(tmp_path, text, told):
    with pytest.raises(ListError, match=told):
        run(tmp_path, text_file(tmp_path, text))

    assert not list(tmp_path.glob("pairs*"))


def test_a_missing_file_and_lists_with_nothing_in_common_get_a_sentence(tmp_path):
    with pytest.raises(ListError, match="There is no file"):
        run(tmp_path, tmp_path / "nothing.csv")
    mails = text_file(tmp_path, "id,email\n1,a@b.pe\n2,c@d.pe\n", "mails.csv")
    births = text_file(tmp_path, "id,dob\n1,1980-01-01\n2,1981-01-01\n", "births.csv")
    with pytest.raises(ListError, match="no column in common"):
        run(tmp_path, mails, births)


def test_a_map_says_what_columns_mean(tmp_path):
    text = ROWS.replace("id,name,birth date,phone", "a,b,c,d")
    given = {"a": "id", "b": "full_name", "c": "birth_date"}

    rows, found = run(tmp_path, text_file(tmp_path, text), maps=(given,))

    assert [(row["left_id"], row["right_id"]) for row in rows] == [("1", "2")]
    assert found.columns[0]["d"] == "left_out"


def test_a_mapped_id_must_not_repeat(tmp_path):
    text = ROWS.replace("\n2,", "\n1,")

    with pytest.raises(MapError, match="2 rows have none or one that repeats, row 1 first"):
        run(tmp_path, text_file(tmp_path, text), maps=({"id": "id", "name": "full_name"},))


def test_an_injection_in_a_header_or_value_is_text(tmp_path):
    text = ROWS.replace("phone", "x'); DROP TABLE person; --\"").replace("Ana", "'; --")

    rows, _ = run(tmp_path, text_file(tmp_path, text))

    assert len(rows) == 1


def test_the_same_lists_give_the_same_bytes(tmp_path):
    left, right = damaged_lists.two_lists(7, 300, damaged_lists.Damage(3, 2))
    paths = [
        damaged_lists.write(tmp_path / f"{name}.csv", rows)
        for name, rows in (("a", left), ("b", right))
    ]

    first, _ = run(tmp_path, *paths)
    second, _ = run(tmp_path, *paths)

    assert first == second


def test_the_connection_reaches_the_given_files_only(tmp_path):
    given, other = text_file(tmp_path, ROWS), text_file(tmp_path, ROWS, "other.csv")
    order = MatchOrder((given,), tmp_path / "pairs.csv", (None,))

    with matcher._opened(order) as connection:
        assert read_list(connection, given, "list_0", None).rows == 4
        with pytest.raises(duckdb.PermissionException):
            connection.execute(f"SELECT * FROM read_csv('{other}')")
        with pytest.raises(duckdb.Error):
            connection.execute("SET enable_external_access = true")


def looked_at(folder, count):
    """How many pairs are looked at in a list of so many people, and the largest block's share."""
    rows = damaged_lists.one_list(9, count, count // 4, damaged_lists.Damage(3, 2))
    path = damaged_lists.write(folder / f"{count}.csv", rows)
    with duckdb.connect() as connection:
        people = build_people(connection, [read_list(connection, path, "list_0", None)])
        found = candidate_pairs(connection, people, "candidate")
        pairs = connection.execute(
            "SELECT a.key, b.key FROM candidate JOIN person a ON a.unique_id = l "
            "JOIN person b ON b.unique_id = r"
        ).fetchall()
        drawn = chance_pairs(connection, people, "chance", 5000)
    truth = damaged_lists.true_pairs(rows)
    complete = len({tuple(sorted(pair)) for pair in pairs} & truth) / len(truth)
    return found, complete, drawn


def test_the_pairs_looked_at_grow_with_the_rows_and_miss_nearly_none(tmp_path):
    small, complete, drawn = looked_at(tmp_path, 1500)
    large, complete_large, _ = looked_at(tmp_path, 3000)

    assert large <= 2.6 * small
    assert min(complete, complete_large) >= 0.995
    assert drawn >= 2500


def test_roles_are_told(tmp_path):
    _, found = run(tmp_path, text_file(tmp_path, ROWS))

    assert found.columns[0] == {
        "id": Role.IDENTIFIER,
        "name": Role.FULL_NAME,
        "birth date": Role.BIRTH_DATE,
        "phone": Role.PHONE,
    }
