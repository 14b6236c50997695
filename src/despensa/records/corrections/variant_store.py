"""
Spellings the search learnt: written by whoever answers a correction or merges two records.

A day takes few new ones and a word keeps few, so that nobody floods the search; one witness is not
believed. Source: docs/reference/formats.md, section 7.
"""

from collections.abc import Sequence
from datetime import date

from despensa.domain.matching.variants import (
    BELIEVED_MAX,
    KEPT_MAX,
    LEARNT_A_DAY_MAX,
    WITNESSES_MIN,
    Pair,
)
from despensa.domain.ports.keeper import SpellingVault
from despensa.records.bulk import execute, fetch, run_prepared
from despensa.records.databases import REGISTRY

_LEARNING_TAKES_TURNS = 7


def learn(pairs: Sequence[Pair], *, day: date, vault: SpellingVault) -> int:
    """
    Add one witness to each pair, both ways round, and return how many pairs were heard.

    Locks: the learning's advisory lock, until the transaction ends.
    """
    if not pairs:
        return 0
    fetch(REGISTRY, "SELECT 1 FROM pg_advisory_xact_lock(%s)", (_LEARNING_TAKES_TURNS,))
    heard = 0
    for pair in pairs:
        refs, sealed = vault.word_refs(pair), vault.seal_words(pair)
        known = execute(
            REGISTRY,
            """UPDATE spelling_variant SET witnesses = witnesses + 1
               WHERE (word, other) IN ((%s, %s), (%s, %s))""",
            (refs[0], refs[1], refs[1], refs[0]),
        )
        if not known and _has_room(refs, day):
            for word, other in ((0, 1), (1, 0)):
                execute(
                    REGISTRY,
                    """INSERT INTO spelling_variant (word, other, sealed, witnesses, learnt_on)
                       VALUES (%s, %s, %s, 1, %s)""",
                    (refs[word], refs[other], sealed[other], day),
                )
            known = 2
        heard += bool(known)
    return heard


def unlearn(pairs: Sequence[Pair], *, vault: SpellingVault) -> None:
    """Take one witness from each pair: what taught it was undone."""
    for pair in pairs:
        one, other = vault.word_refs(pair)
        execute(
            REGISTRY,
            """UPDATE spelling_variant SET witnesses = witnesses - 1
               WHERE (word, other) IN ((%s, %s), (%s, %s)) AND witnesses > 0""",
            (one, other, other, one),
        )


def _has_room(refs: Sequence[int], day: date) -> bool:
    [(today, fullest)] = fetch(
        REGISTRY,
        """SELECT (SELECT count(*) FROM spelling_variant WHERE learnt_on = %s),
                  (SELECT coalesce(max(kept), 0) FROM (
                       SELECT count(*) AS kept FROM spelling_variant
                       WHERE word = ANY(%s::bigint[]) GROUP BY word) AS words)""",
        (day, list(refs)),
    )
    # each pair has two rows
    return bool(today < 2 * LEARNT_A_DAY_MAX and fullest < KEPT_MAX)


def believed(words: Sequence[str], vault: SpellingVault) -> dict[str, tuple[str, ...]]:
    """Return the other spellings of each folded word that enough witnesses stand for."""
    if not words:
        return {}
    refs = dict(zip(vault.word_refs(words), words, strict=True))
    rows = run_prepared(
        REGISTRY,
        """SELECT word, other, sealed FROM spelling_variant
           WHERE word = ANY(%s::bigint[]) AND witnesses >= %s::int
           ORDER BY word, witnesses DESC, other""",
        (list(refs), WITNESSES_MIN),
    )
    others = vault.open_words([(other, bytes(sealed)) for _, other, sealed in rows])
    found: dict[str, tuple[str, ...]] = {}
    for (word, _, _), other in zip(rows, others, strict=True):
        known = found.get(refs[word], ())
        found[refs[word]] = (*known, other)[:BELIEVED_MAX]
    return found
