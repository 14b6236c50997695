"""
Count a draft rule over the register of today, and tell coarse numbers once the count is logged.

0 in reach, and some left of today's? · 1 load the last version and the drafts told of before ·
2 count, as the draft itself or as the one it is near to · 3 record the draft, its hash in the
journal with a leaf. Source: docs/decisions/0022-previews-of-drafts.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.eligibility.caution import SMALL_GROUP
from despensa.domain.eligibility.document import Problem, read_document
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import located, parse, parse_text
from despensa.domain.eligibility.preview import (
    EARLIER_COMPARED,
    PREVIEWS_A_DAY,
    Coarse,
    Example,
    coarsened,
    examples,
    limit,
)
from despensa.domain.eligibility.publication import counting_problems
from despensa.domain.eligibility.rule import Rule
from despensa.domain.ports.previewing import PreviewEngine, PreviewOrder
from despensa.domain.role import Permission
from despensa.records import journal_rows, journal_store
from despensa.records.catalogue import queries as catalogue
from despensa.records.databases import REGISTRY
from despensa.records.programmes import preview_store, queries
from despensa.records.programmes.preview_store import NewPreview
from despensa.records.staff import queries as staff

ACTION = "preview_rule"


class DraftFaulty(ValueError):
    """The draft may not be counted; `problems` say what is to be mended."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems and show them one a line."""
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


@dataclass(frozen=True, slots=True)
class Draft:
    """
    What to count: a rule file for a programme.

    Shape: `groups` is (area16, place) of all areas in the programme's, by which figures are told,
        of so many `places`.
    """

    text: str
    programme: UUID
    groups: Sequence[tuple[bytes, int]]
    places: int


@dataclass(frozen=True, slots=True)
class Preview:
    """
    What may be told of a draft.

    Shape: `version` is the last published one, None without one; `limit` the unit that ends and how
        much of it a cycle has, as the draft itself says, None where nothing ends.
    """

    digest: bytes
    version: int | None
    numbers: Coarse
    limit: tuple[str, int] | None
    examples: tuple[Example, ...]
    left_today: int


def preview_rule(draft: Draft, *, acting: Acting, engine: PreviewEngine) -> Preview:
    """
    Return what may be told of a draft.

    Raises: OutOfReach; DraftFaulty; PreviewsUsedUp; NotInForce; EngineError. Nothing is told, and nothing
        counts against the day, when it is not logged.
    """
    if acting.staff is None:
        raise ValueError("a draft is counted for a person")
    document = read_document(draft.text)
    rule = parse(document)
    digest = rule_hash(rule)
    with transaction.atomic(using=REGISTRY):
        reach = staff.reach_of(acting.staff, Permission.RUN_CYCLES, acting.day)
        reach.require(draft.programme, queries.programme_area(draft.programme))
        preview_store.take_turns(acting.staff, draft.programme)
        if preview_store.used_today(acting.staff, acting.day) >= PREVIEWS_A_DAY:
            raise preview_store.used_up()
        faults = located(counting_problems(rule, catalogue.in_force()), document)
        if faults:
            raise DraftFaulty(faults)
        version, last, earlier = _known(draft.programme)
        order = PreviewOrder(
            draft=rule,
            last=last,
            earlier=earlier,
            on=acting.day,
            near=_near(acting),
            areas=[area for area, _ in draft.groups],
            groups=draft.groups,
        )
        counted, is_own = engine.preview(order)
        preview = acting.new_id()
        number = preview_store.add_preview(
            NewPreview(
                id=preview,
                staff=acting.staff,
                day=acting.day,
                programme=draft.programme,
                rule_hash=digest,
                text=draft.text,
                is_own=is_own,
                at=acting.at,
            )
        )
        row: dict[int | str, object] = {
            "programme": draft.programme.bytes,
            "rule_hash": digest,
            "on": str(acting.day),
        }
        rows = journal_rows.inserted("rule_preview", [(preview.bytes, row)])
        journal_store.record(REGISTRY, ACTION, acting, rows)
    return Preview(
        digest=digest,
        version=version,
        numbers=coarsened(counted, areas=draft.places),
        limit=limit(rule, acting.day),
        examples=examples(rule, last),
        left_today=PREVIEWS_A_DAY - number,
    )


def _known(programme: UUID) -> tuple[int | None, Rule | None, tuple[Rule, ...]]:
    """Return the last version, its rule, and all rules whose numbers a draft near to them gets."""
    published = queries.rule_versions(programme)
    version = max(published, default=None)
    last = None if version is None else _parsed(published[version])
    drafts = preview_store.earlier_drafts(programme, EARLIER_COMPARED)
    known = [] if last is None else [last]
    return version, last, (*known, *map(_parsed, drafts))


@lru_cache(maxsize=4 * EARLIER_COMPARED)
def _parsed(text: str) -> Rule:
    """Remember what a text says: up to forty are read again for every draft."""
    return parse_text(text)


def _near(acting: Acting) -> int:
    """Draw from how many households on a draft has numbers of its own: 20 to 39, never told."""
    return SMALL_GROUP + int.from_bytes(acting.random(8), "big") % SMALL_GROUP
