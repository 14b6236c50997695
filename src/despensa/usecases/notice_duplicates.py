"""
Notice that somebody being registered may be in the register already, while the household is present.

1 open the newcomers, a look that is written down · 2 ask who shares keyed search tokens with them:
nobody else is opened · 3 record the few pairs for which enough speaks. Never a list: each pair is looked at
by itself. Source: docs/explanation/design.md, sections 5 and 7.11.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.duplicate import Candidate, Strength, ordered
from despensa.domain.matching.search_text import SearchText, TokenKind, name_parts, person_texts
from despensa.domain.ports.keeper import Access, PersonVault, Purpose
from despensa.domain.sealing import Column, Sealed
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import adding, queries
from despensa.records.registry import store

_OPENED = (Column.FULL_NAME, Column.NAME_PARTS, Column.DOCUMENT, Column.PHONE)
# so many people at most are held against one newcomer, those with most in common
_LOOKED_AT_MAX = 10


def notice_duplicates(people: Sequence[UUID], *, acting: Acting, vault: PersonVault) -> int:
    """
    Return how many new pairs wait since these newcomers were compared with the register.

    Newcomers that came together are not held against each other: they stand side by side.
    Raises: AccessRefused when the quota of the person or the office is used up.
    """
    if acting.staff is None or not people:
        return 0
    views = queries.records(people)
    access = Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=Purpose.COMPARE_RECORDS,
        persons=tuple(person.bytes for person in views),
        fields=_OPENED,
    )
    with transaction.atomic(using=REGISTRY):
        store.record_look(access, acting=acting)
    found: list[Candidate] = []
    for person, texts in _texts(views, access, vault):
        kinds = dict(zip(vault.search_tokens(texts), (text.kind for text in texts), strict=True))
        for other, tokens in queries.sharing(people, list(kinds), _LOOKED_AT_MAX):
            judged = judge({kinds[token] for token in tokens})
            if judged is not None:
                found.append(Candidate(*ordered(person, other), *judged))
    if not found:
        return 0
    with transaction.atomic(using=REGISTRY):
        return adding.add_noticed(found, acting=acting, vault=vault)


def judge(shared: set[TokenKind]) -> tuple[Strength, tuple[int, ...]] | None:
    """
    Return how much two people's shared tokens say, and why; None for too little.

    A phone alone is a household's, a name alone many people's.
    >>> judge({TokenKind.PHONE}), judge({TokenKind.WHOLE, TokenKind.PHONETIC})
    (None, None)
    >>> judge({TokenKind.DOCUMENT})
    (<Strength.NEARLY_SURE: 3>, (1,))
    >>> judge({TokenKind.PHONETIC, TokenKind.PHONETIC_YEAR})
    (<Strength.LIKELY: 2>, (12, 22, 36))
    """
    reasons = set()
    is_named = TokenKind.PHONETIC in shared
    if is_named:
        reasons |= {10, 20} if TokenKind.WHOLE in shared else {12, 22}
    if TokenKind.PHONETIC_YEAR in shared:
        reasons.add(36)
    if TokenKind.PHONE in shared:
        reasons.add(40)
    if TokenKind.DOCUMENT in shared:
        return Strength.NEARLY_SURE, tuple(sorted({1} | reasons))
    if is_named and reasons & {36, 40}:
        return Strength.LIKELY, tuple(sorted(reasons))
    return None


def _texts(
    views: dict[UUID, queries.RecordView], access: Access, vault: PersonVault
) -> Iterable[tuple[UUID, list[SearchText]]]:
    wanted = [(view, view.key, _sealed(view)) for view in views.values() if view.key is not None]
    opened = vault.unseal(access, [(key, sealed) for _, key, sealed in wanted])
    for (view, _, sealed), values in zip(wanted, opened, strict=True):
        by_column: dict[Column, list[Any]] = {}
        for item, value in zip(sealed, values, strict=True):
            by_column.setdefault(item.column, []).append(value)
        parts = by_column.get(Column.NAME_PARTS, [None])[0]
        yield (
            view.id,
            person_texts(
                name_parts(
                    by_column.get(Column.FULL_NAME, [""])[0],
                    given=None if parts is None else " ".join(parts[2]),
                    surname_1=None if parts is None else parts[0],
                    surname_2=None if parts is None else parts[1],
                ),
                birth_year=None if view.birth_month is None else view.birth_month.year,
                documents=[tuple(one) for one in by_column.get(Column.DOCUMENT, ())],
                phones=by_column.get(Column.PHONE, ()),
            ),
        )


def _sealed(view: queries.RecordView) -> list[Sealed]:
    row = view.id.bytes
    named = ((Column.FULL_NAME, view.full_name), (Column.NAME_PARTS, view.name_parts))
    return [
        *(Sealed(column, row, data) for column, data in named if data is not None),
        *(Sealed(Column.DOCUMENT, one.bytes, data) for one, data in view.documents),
        *(Sealed(Column.PHONE, one.bytes, data) for one, data in view.phones),
    ]
