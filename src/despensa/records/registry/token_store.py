"""
Writing what people are found by: search tokens, and which of them are whose.

Tokens stand in the order of the tokens alone, because an index by person takes longer to write than
the tokens do; so each person's own tokens are kept beside them in one row.
Only use cases write. Source: docs/reference/formats.md, section 7.
"""

from collections.abc import Sequence
from uuid import UUID

from despensa.records.bulk import copy_rows, execute
from despensa.records.databases import REGISTRY

SEARCH_KEY = 1


def add(tokens: Sequence[tuple[int, UUID]]) -> None:
    """Write tokens of people who have none yet."""
    own: dict[UUID, list[int]] = {}
    for token, person in tokens:
        own.setdefault(person, []).append(token)
    copy_rows(REGISTRY, "person_tokens", ("person", "tokens"), own.items())
    copy_rows(
        REGISTRY,
        "search_token",
        ("token", "person", "key_id"),
        ((token, person, SEARCH_KEY) for token, person in sorted(tokens)),
    )


def replace(people: Sequence[UUID], tokens: Sequence[tuple[int, UUID]]) -> None:
    """Let people be found by these tokens and no others."""
    take_away(people)
    add(tokens)


def take_away(people: Sequence[UUID]) -> None:
    """Let people be found by nothing."""
    execute(
        REGISTRY,
        """DELETE FROM search_token
           USING (SELECT person, unnest(tokens) AS token FROM person_tokens
                  WHERE person = ANY(%s)) own
           WHERE search_token.token = own.token AND search_token.person = own.person""",
        (list(people),),
    )
    execute(REGISTRY, "DELETE FROM person_tokens WHERE person = ANY(%s)", (list(people),))
