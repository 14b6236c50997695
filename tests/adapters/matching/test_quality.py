"""How well lists are matched that the matcher was not made for: measured against the truth."""

import csv
import time

import pytest

from tests.factories import damaged_lists, mixed_people

pytest.importorskip("splink", reason="the extra despensa[match] is not installed")

from despensa.adapters.matching.matcher import MatchOrder, match_lists


def matched(folder, *lists):
    """Match lists given as rows; return the pairs told, by ids, and what was found."""
    paths = tuple(
        damaged_lists.write(folder / f"list_{number}.csv", rows)
        for number, rows in enumerate(lists)
    )
    out = folder / "pairs.csv"
    found = match_lists(
        MatchOrder(paths, out, (None,) * len(paths)), time.monotonic, lambda _said: None
    )
    with out.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    return {tuple(sorted((row["left_id"], row["right_id"]))): row for row in rows}, found


def precision_and_recall(pairs, truth):
    right = len(set(pairs) & truth)
    return right / max(len(pairs), 1), right / max(len(truth), 1)


def surnames_first(rows):
    """The rows with one column for the whole name, surnames before given names."""
    return [
        {
            "id": row["id"],
            "name": " ".join(
                filter(None, (row["first_surname"], row["second_surname"], row["given_names"]))
            ),
            **{column: row[column] for column in mixed_people.COLUMNS[4:]},
        }
        for row in rows
    ]


@pytest.fixture(scope="module")
def clean_lists():
    return damaged_lists.two_lists(101, 1500, damaged_lists.Damage())


def test_two_clean_lists_are_paired_off(clean_lists, tmp_path):
    pairs, found = matched(tmp_path, *clean_lists)

    precision, recall = precision_and_recall(pairs, damaged_lists.true_pairs(*clean_lists))
    assert (precision >= 0.999, recall >= 0.997) == (True, True)
    assert found.one_to_one
    assert found.pairs == len(pairs)


def test_a_list_with_damaged_copies_is_joined_into_people(tmp_path):
    damage = damaged_lists.Damage(per_record=10, per_field=2, least=2)
    rows = damaged_lists.one_list(102, 600, 900, damage)

    pairs, found = matched(tmp_path, rows)

    precision, recall = precision_and_recall(pairs, damaged_lists.true_pairs(rows))
    assert 2 * precision * recall / (precision + recall) >= 0.98
    assert not found.one_to_one


@pytest.mark.parametrize("shape", ["parts", "whole names", "surnames first"])
def test_mixed_origins_twins_and_shared_phones(tmp_path, shape):
    rows = mixed_people.one_list(103, 500, mixed_people.Mixture())
    truth = mixed_people.true_pairs(rows)

    written = {"parts": lambda rows: rows, "whole names": mixed_people.with_whole_names}
    pairs, _ = matched(tmp_path, written.get(shape, surnames_first)(rows))

    precision, recall = precision_and_recall(pairs, truth)
    assert (precision >= 0.99, recall >= 0.97) == (True, True), (precision, recall)


def test_lists_with_nobody_in_common_have_no_pairs(clean_lists, tmp_path):
    left, right = clean_lists
    people = {damaged_lists.person_of(row["rec_id"]) for row in left[:500]}
    others = [row for row in right if damaged_lists.person_of(row["rec_id"]) not in people]

    pairs, _ = matched(tmp_path, left[:500], others[:500])

    assert not pairs


def test_a_list_without_copies_has_no_pairs(clean_lists, tmp_path):
    pairs, _ = matched(tmp_path, clean_lists[0])

    assert not pairs


@pytest.mark.parametrize("count", [2, 30])
def test_a_handful_of_rows_is_enough(clean_lists, tmp_path, count):
    left, right = clean_lists
    people = {damaged_lists.person_of(row["rec_id"]) for row in left[:count]}
    copies = [row for row in right if damaged_lists.person_of(row["rec_id"]) in people]

    pairs, _ = matched(tmp_path, left[:count], copies)

    assert set(pairs) == damaged_lists.true_pairs(left[:count], copies)


def test_columns_without_a_meaningful_header_are_compared_all_the_same(clean_lists, tmp_path):
    left, right = (
        [{f"column {n}": value for n, value in enumerate(row.values())} for row in rows]
        for rows in clean_lists
    )

    pairs, _ = matched(tmp_path, left, right)

    precision, recall = precision_and_recall(pairs, damaged_lists.true_pairs(*clean_lists))
    assert (precision >= 0.99, recall >= 0.99) == (True, True)


def test_every_pair_has_its_reason_in_words(clean_lists, tmp_path):
    pairs, _ = matched(tmp_path, *clean_lists)

    assert all(row["reason"] for row in pairs.values())
    assert any("spelt differently" in row["reason"] for row in pairs.values())
    assert all(0.5 <= float(row["probability"]) <= 1 for row in pairs.values())
