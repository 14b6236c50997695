"""
Names, documents and phones for the invented people of a benchmark's workspace, with search tokens.

Sealed and hashed by the keeper as in an import; written by COPY. Words are as unevenly frequent as
in a real register: the most frequent surname is that of about one person in fifty, the most frequent
given name of one in twenty-five. Source: docs/reference/benchmarks.md.
"""

# Invented people must be the same in every run: no dice here make keys.
# ruff: noqa: S311

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from uuid import UUID

from despensa.domain.matching.search_text import name_parts, person_texts
from despensa.domain.ports.keeper import KeyedPerson
from despensa.domain.sealing import Column, ToSeal
from despensa.entrypoints.bench.ground import Ground
from despensa.entrypoints.bench.invented_file import invented_word
from despensa.entrypoints.bench.people import household_of
from despensa.entrypoints.bench.report import Progress
from despensa.records.bulk import copy_rows, execute, fetch
from despensa.records.databases import REGISTRY

HOME = "ESP"
_CALLING = "+346"
_AT_ONCE = 20_000
_SEARCH_KEY = 1
_SURNAMES, _GIVEN = 1_500, 400
_SURNAME_EVEN, _GIVEN_EVEN = 10, 5
# of sixteen households, how many write in Latin, Arabic and Cyrillic letters
_SCRIPTS = (0,) * 14 + (1, 2)


@dataclass(frozen=True, slots=True)
class Named:
    """What one invented person is called and can be found by."""

    id: UUID
    full_name: str
    given: str
    surname: str
    document: str | None
    phone: str | None


class Names:
    """The words of one seed and who is called what; the same number is always the same person."""

    def __init__(self, seed: int) -> None:
        """Draw the words."""
        dice = random.Random(seed)
        self._seed = seed
        self._surnames = [[invented_word(s, dice) for _ in range(_SURNAMES)] for s in range(3)]
        self._given = [[invented_word(s, dice) for _ in range(_GIVEN)] for s in range(3)]
        self._surname_weights = _weights(_SURNAMES, _SURNAME_EVEN)
        self._given_weights = _weights(_GIVEN, _GIVEN_EVEN)

    def person(self, number: int) -> Named:
        """Return one person by running number, counted from 0."""
        home = household_of(number)
        dice = random.Random(f"{self._seed}/home/{home}")
        script = dice.choice(_SCRIPTS)
        surname = " ".join(
            dice.choices(self._surnames[script], cum_weights=self._surname_weights, k=2)
        )
        dice = random.Random(f"{self._seed}/person/{number}")
        [given] = dice.choices(self._given[script], cum_weights=self._given_weights)
        return Named(
            id=UUID(hashlib.md5(f"{self._seed}/person{number}".encode()).hexdigest()),  # noqa: S324
            full_name=f"{given} {surname}",
            given=given,
            surname=surname,
            document=f"{dice.randrange(10**8):08d}" if dice.randrange(2) else None,
            phone=f"{_CALLING}{dice.randrange(10**8):08d}" if dice.randrange(4) == 0 else None,
        )


def is_named(ground: Ground) -> bool:
    """Return whether the workspace's people have names already."""
    del ground
    return bool(fetch(REGISTRY, "SELECT 1 FROM search_token LIMIT 1"))


def fill_names(ground: Ground, people: int, *, seed: int) -> None:
    """Name everybody of a filled workspace; a run that was killed must begin with a new folder."""
    from django.db import transaction

    names, progress = Names(seed), Progress("naming people", people, ground.tell)
    for start in range(0, people, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, people))
        with transaction.atomic(using=REGISTRY):
            _write(ground, [names.person(number) for number in numbers])
        progress.at(numbers.stop)
    _analyse(ground)


def _write(ground: Ground, people: Sequence[Named]) -> None:
    vault = ground.tools.keeper.vault
    keys = vault.new_keys([person.id.bytes for person in people])
    rows = [(ground.new_id(), ground.new_id()) for _ in people]
    sealed = vault.seal(
        [(key, _plan(one, key, *row)) for one, key, row in zip(people, keys, rows, strict=True)]
    )
    copy_rows(
        REGISTRY,
        "person_key",
        ("person", "kek", "wrapped"),
        ((one.id, key.kek, key.wrapped) for one, key in zip(people, keys, strict=True)),
    )
    execute(
        REGISTRY,
        """UPDATE registrant SET full_name = given.full_name
           FROM unnest(%s::uuid[], %s::bytea[]) AS given (id, full_name)
           WHERE registrant.id = given.id""",
        ([one.id for one in people], [values[0] for values in sealed]),
    )
    documents, phones = [], []
    for one, (document, phone), values in zip(people, rows, sealed, strict=True):
        rest = iter(values[1:])
        if one.document is not None:
            documents.append((document, one.id, next(rest)))
        if one.phone is not None:
            phones.append((phone, one.id, next(rest)))
    columns = ("id", "registrant_id", "sealed")
    copy_rows(REGISTRY, "registrant_document", columns, documents)
    copy_rows(REGISTRY, "registrant_phone", columns, phones)
    tokens = _tokens(ground, people)
    own: dict[UUID, list[int]] = {}
    for token, person, _ in tokens:
        own.setdefault(person, []).append(token)
    copy_rows(REGISTRY, "person_tokens", ("person", "tokens"), own.items())
    copy_rows(REGISTRY, "search_token", ("token", "person", "key_id"), tokens)


def _plan(one: Named, key: KeyedPerson, document: UUID, phone: UUID) -> list[ToSeal]:
    plan = [ToSeal(Column.FULL_NAME, key.person, 1, one.full_name)]
    if one.document is not None:
        value = ["national_id", HOME, one.document]
        plan.append(ToSeal(Column.DOCUMENT, document.bytes, 1, value))
    if one.phone is not None:
        plan.append(ToSeal(Column.PHONE, phone.bytes, 1, one.phone))
    return plan


def _tokens(ground: Ground, people: Sequence[Named]) -> list[tuple[int, UUID, int]]:
    born = dict(
        fetch(
            REGISTRY,
            """SELECT id, extract(year FROM birth_month)::int FROM registrant
               WHERE id = ANY(%s)""",
            ([one.id for one in people],),
        )
    )
    asked = [
        (one.id, text)
        for one in people
        for text in person_texts(
            name_parts(one.full_name, given=one.given, surname_1=one.surname),
            birth_year=born[one.id],
            documents=[] if one.document is None else [("national_id", HOME, one.document)],
            phones=[] if one.phone is None else [one.phone],
        )
    ]
    tokens = ground.tools.keeper.vault.search_tokens([text for _, text in asked])
    return sorted(
        {(token, one, _SEARCH_KEY) for (one, _), token in zip(asked, tokens, strict=True)}
    )


def _weights(count: int, even: int) -> list[float]:
    """Return running sums of 1 / (rank + even): frequent words, and a long tail of rare ones."""
    return list(accumulate(1 / (rank + even) for rank in range(1, count + 1)))


def _analyse(ground: Ground) -> None:
    import psycopg

    with psycopg.connect(ground.endpoints.registry_owner, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
