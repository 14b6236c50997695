"""
`bench search`: how long the office waits for an answer to one search, its access entry included.

Each search is the office's own use case: tokens, candidates, the entry in the registry's journal,
the keeper's own copy on the disk, names opened. The limit is a bare index lookup of the same
tokens. Source: docs/reference/benchmarks.md.
"""

# Invented searches must be the same in every run: no dice here make keys.
# ruff: noqa: S311

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import psycopg

from despensa.domain.act import Acting
from despensa.domain.role import Role
from despensa.entrypoints.bench import named, people
from despensa.entrypoints.bench.ground import Ground
from despensa.entrypoints.bench.named import Named, Names
from despensa.entrypoints.bench.report import Figures, Progress
from despensa.entrypoints.cli.problems import Refused
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.usecases.search_households import search_households, texts_of

COUNTRY = "ES"
_WARMING = 40
# quotas of a person and of the office count ten people a search: so they are never reached
_SECONDS_APART, _SEARCHES_A_PERSON = 20, 12
_FOUND_LEAST = 0.9
_VOWELS = "aeiou"


class FoundTooFew(Refused):
    """The searches did not find whom they were made of: the figures mean nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One search, whom it is about, and in which way it is typed."""

    query: str
    person: Named
    way: str


def bench_search(ground: Ground, count: int, *, searches: int, seed: int) -> Figures:
    """
    Return the figures of so many searches in a register of so many people.

    Raises: FoundTooFew.
    """
    there = people.people_there(ground)
    if not there:
        people.fill_register(ground, count, seed=seed)
    if not named.is_named(ground):
        named.fill_names(ground, there or count, seed=seed)
    asked = _asked(searches + _WARMING, there or count, seed=seed)
    ground.tell(f"{searches:,} searches among {there or count:,} people")
    seconds, found = _searched(ground, asked)
    seconds = seconds[_WARMING:]
    limit = _limit_seconds(ground, asked)[_WARMING:]
    if found < _FOUND_LEAST:
        raise FoundTooFew(f"only {found:.0%} of the searches found whom they were made of")
    parts = {"people": float(there or count), "found": found}
    for name, of in (("", seconds), ("limit_", limit)):
        parts |= {f"{name}p{part}_ms": 1000 * _quantile(of, part / 100) for part in (50, 95, 99)}
    return Figures("search", "searches", searches, sum(seconds), sum(limit), parts)


def _searched(ground: Ground, asked: list[Asked]) -> tuple[list[float], float]:
    """Return how long each search took, and the share of those that showed whom they meant."""
    from despensa.records.registry import queries

    tools, progress = ground.tools, Progress("searching", len(asked), ground.tell)
    seconds, hits, acting = [], 0, _after_all_looks(tools.acting(None))
    for place, one in enumerate(asked):
        acting = replace(acting, at=acting.at + _SECONDS_APART)
        if place % _SEARCHES_A_PERSON == 0:
            acting = replace(acting, staff=ground.new_staff(Role.REGISTRAR, acting.day))
        began = time.perf_counter()
        result = search_households(
            one.query, country=COUNTRY, acting=acting, vault=tools.keeper.vault
        )
        seconds.append(time.perf_counter() - began)
        shown = {member.id for member in queries.members([h.household for h in result.households])}
        # of a name that more than ten people bear, anybody's list is right
        hits += one.person.id in shown or result.has_more
        progress.at(place)
    return seconds, hits / len(asked)


def _after_all_looks(acting: Acting) -> Acting:
    """Return the act after every look of former runs, which ran ahead of the clock."""
    [(latest,)] = fetch(REGISTRY, "SELECT coalesce(max(at), 0) FROM access_entry")
    return replace(acting, at=max(acting.at, latest))


def _limit_seconds(ground: Ground, asked: list[Asked]) -> list[float]:
    """Return how long a bare lookup of each search's tokens takes."""
    vault, seconds = ground.tools.keeper.vault, []
    with psycopg.connect(ground.endpoints.registry_owner, autocommit=True) as connection:
        for one in asked:
            tokens = vault.search_tokens(next(texts_of(one.query, COUNTRY)))
            began = time.perf_counter()
            connection.execute(
                "SELECT person FROM search_token WHERE token = ANY(%s)", (tokens,), prepare=True
            ).fetchall()
            seconds.append(time.perf_counter() - began)
    return seconds


def _asked(count: int, people_there: int, *, seed: int) -> list[Asked]:
    names, dice = Names(seed), random.Random(seed + 1)
    asked: list[Asked] = []
    while len(asked) < count:
        person = names.person(dice.randrange(people_there))
        way = list(_WAYS)[len(asked) % len(_WAYS)]
        query = _WAYS[way](person, dice)
        if query:
            asked.append(Asked(query, person, way))
    return asked


def _first_two(person: Named, dice: random.Random) -> str:
    del dice
    return f"{person.surname.split()[0]} {person.given}"


def _misspelt(person: Named, dice: random.Random) -> str:
    """Return the whole name with another vowel inside, or with b for v."""
    letters = list(person.full_name)
    places = [at for at in range(2, len(letters)) if letters[at].lower() in _VOWELS]
    if places:
        letters[dice.choice(places)] = dice.choice(_VOWELS)
    return "".join(letters).replace("v", "b")


_WAYS: dict[str, Callable[[Named, random.Random], str]] = {
    "whole name": lambda person, _: person.full_name,
    "surname and given name": _first_two,
    "misspelt": _misspelt,
    "small letters": lambda person, _: person.full_name.lower(),
    "document": lambda person, _: person.document or "",
    "phone": lambda person, _: (person.phone or "")[3:],
}


def _quantile(values: list[float], part: float) -> float:
    """Return the value below which a part of them lies, the nearest rank above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
