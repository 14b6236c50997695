"""
Search households: what was asked is written down before any name is opened.

0 asked for enough? · 1 find people by keyed tokens or a card · 2 keep at most ten · 3 record who
is shown, then let the keeper open their names. Source: docs/explanation/design.md, section 5.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.identifier import CardNumberError, parse_card_number
from despensa.domain.matching.search_text import (
    SearchText,
    TokenKind,
    document_text,
    query_texts,
)
from despensa.domain.matching.variants import asked_words
from despensa.domain.ports.keeper import Access, PersonVault, Purpose
from despensa.domain.reach import Reach
from despensa.domain.registration.country import countries
from despensa.domain.registration.layout import DOCUMENT_KINDS
from despensa.domain.registration.phone import e164
from despensa.domain.role import Permission
from despensa.domain.sealing import Column, Sealed
from despensa.records.cards import queries as cards
from despensa.records.corrections import variant_store
from despensa.records.databases import REGISTRY
from despensa.records.registry import queries, store
from despensa.records.staff import queries as staff

PEOPLE_SHOWN_MAX = 10
_NUMBER_DIGITS_MIN = 5


class TooLittleAsked(ValueError):
    """One name alone lists people: a search needs two parts or a whole number."""


@dataclass(frozen=True, slots=True)
class Found:
    """One household found, by the member it is shown under: its head."""

    household: UUID
    head: queries.MemberView
    head_name: str


@dataclass(frozen=True, slots=True)
class Result:
    """Households found, best first; `has_more` says that others also fit."""

    households: tuple[Found, ...]
    has_more: bool


def search_households(query: str, *, country: str, acting: Acting, vault: PersonVault) -> Result:
    """
    Return the households of at most ten people in reach who fit a name pair or a number.

    `country` is the workspace's: numbers of phones without a calling code are taken as from there.
    Raises: TooLittleAsked, without an entry, because nothing was looked up; AccessRefused when the
        quota of the person or the office is used up.
    """
    if acting.staff is None:
        raise ValueError("a search is made by a person")
    number = _card_number(query)
    known = variant_store.believed(asked_words(query), vault)
    asked = list(texts_of(query, country, known))
    if number is None and not asked:
        raise TooLittleAsked("Write two parts of a name, or a whole number.")
    reach = staff.reach_of(acting.staff, Permission.READ_HOUSEHOLDS, acting.day)
    households, has_more = _found(number, asked, vault, reach)
    heads = queries.shown_first(households)
    shown = [heads[household] for household in households if household in heads]
    access = Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=Purpose.SEARCH,
        persons=tuple(head.id.bytes for head in shown),
        fields=(Column.FULL_NAME,),
    )
    with transaction.atomic(using=REGISTRY):
        store.record_look(access, acting=acting)
    names = vault.unseal(
        access,
        [(head.key, [Sealed(Column.FULL_NAME, head.id.bytes, head.full_name)]) for head in shown],
    )
    return Result(
        tuple(
            Found(head.household, head, values[0])
            for head, values in zip(shown, names, strict=True)
        ),
        has_more,
    )


def _found(
    number: str | None,
    asked: Sequence[Sequence[SearchText]],
    vault: PersonVault,
    reach: Reach,
) -> tuple[list[UUID], bool]:
    """Return the households in order and whether more fit; what finds nobody is asked further."""
    ordered: dict[UUID, None] = {}
    card = None if number is None else cards.household_of(number, reach=reach)
    if card is not None and card.household is not None:
        ordered[card.household] = None
    has_more = False
    for texts in asked:
        homes = queries.homes_with_tokens(
            vault.search_tokens(texts), PEOPLE_SHOWN_MAX + 1, reach=reach
        )
        has_more = len(homes) > PEOPLE_SHOWN_MAX
        ordered.update(dict.fromkeys(homes))
        if homes:
            break
    return list(ordered)[:PEOPLE_SHOWN_MAX], has_more or len(ordered) > PEOPLE_SHOWN_MAX


def _card_number(query: str) -> str | None:
    try:
        return parse_card_number(query)
    except (CardNumberError, ValueError):
        return None


def texts_of(
    query: str, country: str, known: Mapping[str, Sequence[str]] | None = None
) -> Iterator[list[SearchText]]:
    """
    Yield what a search asks for: first what is likely, then what is asked if that found nobody.

    A name is asked as it was typed and in the spellings that are known. Kind and country of a document are not typed at a counter: a
    number is asked as a phone and as a document of the workspace's country, then of all others.
    Tokens of numbers nobody has find nobody.
    """
    names = query_texts(query, known)
    if names:
        yield names
        return
    bare = "".join(query.split())
    if sum(character.isdigit() for character in bare) < _NUMBER_DIGITS_MIN:
        return
    home = countries().get(country)
    phone = None if home is None else e164(query, home)
    likely = [] if phone is None else [SearchText(TokenKind.PHONE, phone)]
    own = None if home is None else home.alpha_3
    yield likely + _document_texts([code for code in _codes() if code == own], query)
    yield _document_texts([code for code in _codes() if code != own], query)


def _document_texts(codes: Sequence[str], number: str) -> list[SearchText]:
    return [document_text(kind, code, number) for code in codes for kind in DOCUMENT_KINDS]


@cache
def _codes() -> list[str]:
    """Return the codes of all countries."""
    return sorted({one.alpha_3 for one in countries().values()})
