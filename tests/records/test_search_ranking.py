"""Who a search finds first, also when few of those who fit best are in reach."""

from despensa.domain.matching.search_text import query_texts
from despensa.domain.reach import Reach, Stretch
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.registry import queries

EVERYWHERE = Reach((Stretch(None, None),))


def all_tokens():
    return [token for (token,) in fetch(REGISTRY, "SELECT DISTINCT token FROM search_token")]


def by_count(reach=EVERYWHERE):
    rows = fetch(
        REGISTRY,
        """SELECT membership.household_id FROM search_token
           JOIN membership ON registrant_id = person AND until_date IS NULL AND role IN (1, 2)
           JOIN household ON household.id = membership.household_id
           WHERE %s::uuid[] IS NULL OR household.area_id = ANY(%s::uuid[])
           GROUP BY person, membership.household_id ORDER BY count(*) DESC, person""",
        (reach.areas, reach.areas),
    )
    return [home for (home,) in rows]


def test_the_best_come_first_and_the_rest_is_asked_only_when_it_is_needed(
    registered_books, monkeypatch
):
    del registered_books
    tokens = all_tokens()
    best = queries.homes_with_tokens(tokens, 11, reach=EVERYWHERE)
    monkeypatch.setattr(queries, "_BEST_ASKED", 3)

    assert best == by_count()[:11]
    assert queries.homes_with_tokens(tokens, 11, reach=EVERYWHERE) == best
    assert queries.homes_with_tokens([1, 2], 11, reach=EVERYWHERE) == []


def test_a_narrow_reach_finds_its_own_behind_everybody_elses(registered_books, monkeypatch):
    del registered_books
    monkeypatch.setattr(queries, "_BEST_ASKED", 3)
    [(area,)] = fetch(
        REGISTRY, "SELECT area_id FROM household GROUP BY 1 ORDER BY count(*), 1 LIMIT 1"
    )
    reach = Reach((Stretch(None, frozenset({area})),))

    found = queries.homes_with_tokens(all_tokens(), 11, reach=reach)

    assert found == by_count(reach)[:11]
    assert found


def test_a_household_is_shown_under_its_head_or_else_its_first_member(registered_books):
    del registered_books
    homes = [home for (home,) in fetch(REGISTRY, "SELECT id FROM household ORDER BY id")]

    heads = queries.shown_first(homes)

    first = {member.household: member for member in reversed(queries.members(homes))}
    assert {home: one.id for home, one in heads.items()} == {h: m.id for h, m in first.items()}
    assert query_texts("rosa") == []
