"""
Search households: what was asked is written down before any name is opened.

0 asked for enough? · 1 find people by keyed tokens or a card · 2 keep at most ten · 3 record who
is shown, then let the keeper open their names. Source: docs/explanation/design.md, section 5.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
from despensa.domain.ports.keeper import Access, PersonVault, Purpose
from despensa.domain.reach import Reach
from despensa.domain.registration.country import countries
from despensa.domain.registration.layout import DOCUMENT_KINDS
from despensa.domain.registration.phone import e164
from despensa.domain.role import Permission
from despensa.domain.sealing import Column, Sealed
from despensa.records.cards import queries as cards
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
    texts = _texts(query, country)
    if number is None and not texts:
        raise TooLittleAsked("Write two parts of a name, or a whole number.")
    reach = staff.reach_of(acting.staff, Permission.READ_HOUSEHOLDS, acting.day)
    households, has_more = _found(number, texts, vault, reach)
    heads = {member.household: member for member in reversed(queries.members(households))}
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
    number: str | None, texts: Sequence[SearchText], vault: PersonVault, reach: Reach
) -> tuple[list[UUID], bool]:
    """Return the households in order and whether more fit."""
    ordered: dict[UUID, None] = {}
    card = None if number is None else cards.household_of(number, reach=reach)
    if card is not None and card.household is not None:
        ordered[card.household] = None
    has_more = False
    if texts:
        homes = queries.homes_with_tokens(
            vault.search_tokens(list(texts)), PEOPLE_SHOWN_MAX + 1, reach=reach
        )
        has_more = len(homes) > PEOPLE_SHOWN_MAX
        ordered.update(dict.fromkeys(homes))
    return list(ordered)[:PEOPLE_SHOWN_MAX], has_more or len(ordered) > PEOPLE_SHOWN_MAX


def _card_number(query: str) -> str | None:
    try:
        return parse_card_number(query)
    except (CardNumberError, ValueError):
        return None


def _texts(query: str, country: str) -> list[SearchText]:
    """
    Return the texts of a typed name, and of a phone or document number where it may be one.

    Kind and country of a document are not typed at a counter, so every pair of them is asked:
    tokens of numbers nobody has find nobody.
    """
    texts = query_texts(query)
    bare = "".join(query.split())
    is_number = sum(character.isdigit() for character in bare) >= _NUMBER_DIGITS_MIN
    if texts or not is_number:
        return texts
    home = countries().get(country)
    phone = None if home is None else e164(query, home)
    if phone is not None:
        texts.append(SearchText(TokenKind.PHONE, phone))
    codes = sorted({one.alpha_3 for one in countries().values()})
    texts += [document_text(kind, code, query) for code in codes for kind in DOCUMENT_KINDS]
    return texts
