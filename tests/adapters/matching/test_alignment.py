"""Columns of two lists that hold the same under different headers are found by their values."""

import duckdb
import pytest

from despensa.adapters.matching.alignment import aligned
from despensa.adapters.matching.lists import read_list
from despensa.domain.matching.columns import Role

TOWNS = "Ayaviri Juliaca Puno Ilave Lampa Azangaro Juli Yunguyo Macusani Putina Moho Desaguadero"


def lists_of(connection, folder, headers):
    """Two lists of the same people, their columns under other headers."""
    found = []
    for side, named in enumerate(headers):
        rows = [",".join(named)] + [
            f"{side}{number},Rosa Quispe {town},{town},ZX{number}44Q"
            for number, town in enumerate(TOWNS.split(), 10)
        ]
        path = folder / f"{side}.csv"
        path.write_text("\n".join(rows), encoding="utf-8")
        found.append(read_list(connection, path, f"list_{side}", None))
    return found


@pytest.mark.parametrize(
    ("there", "role"),
    [("distrito", Role.LOCALITY), ("donde vive", Role.LOCALITY), ("municipio", Role.LOCALITY)],
)
def test_a_place_is_found_whatever_it_is_called(tmp_path, there, role):
    with duckdb.connect() as connection:
        lists = lists_of(
            connection, tmp_path, (("id", "name", "city", "kit"), ("nr", "name", there, "lote"))
        )

        left, right = aligned(connection, lists, [False, False])

    assert (left.roles[2], right.roles[2]) == (role, role)
    assert left.known_as[3] == right.known_as[3]  # compared with each other as they stand


def test_a_map_written_by_hand_is_left_as_it_is(tmp_path):
    with duckdb.connect() as connection:
        lists = lists_of(
            connection, tmp_path, (("id", "name", "city", "kit"), ("nr", "name", "distrito", "x"))
        )

        assert aligned(connection, lists, [True, True]) == lists
