"""
Published rules and until when each is of use: what the end of a fact's purpose is computed from.

A rule is in use while it is the newest of a programme that goes on; afterwards while a cycle that
it decided may still be disputed (`domain.retention`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import Rule
from despensa.domain.retention import RuleUse
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY

_RULES_KEPT = 64
_parsed = lru_cache(maxsize=_RULES_KEPT)(parse_text)


@dataclass(frozen=True, slots=True)
class PublishedRule:
    """One published rule: `name` is its programme's code with its version."""

    name: str
    rule: Rule
    use: RuleUse


def published_rules(day_of: Callable[[int], date]) -> list[PublishedRule]:
    """Return every published rule, by programme and version; days are the workspace's."""
    rows = fetch(
        REGISTRY,
        """SELECT programme.code, rule.version, rule.text, successor.published_at,
                  programme_end.ended_on,
                  (SELECT max(greatest(closes_on, closed_on) + dispute_days) FROM cycle
                   WHERE cycle.rule_id = rule.id)
           FROM rule JOIN programme ON programme.id = rule.programme_id
           LEFT JOIN rule successor ON successor.programme_id = rule.programme_id
                AND successor.version = rule.version + 1
           LEFT JOIN programme_end ON programme_end.programme_id = programme.id
           ORDER BY programme.code, rule.version""",
    )
    found = []
    for code, version, text, succeeded_at, ended_on, last in rows:
        rule = _parsed(text)
        ends = [ended_on] if ended_on is not None else []
        if succeeded_at is not None:
            ends.append(day_of(succeeded_at))
        use = RuleUse(frozenset(rule.facts), min(ends, default=None), last)
        found.append(PublishedRule(f"{code}/{version}", rule, use))
    return found


def rules_in_use(day_of: Callable[[int], date], today: date) -> dict[str, Rule]:
    """Return the rules whose facts something still needs on a day, by name."""
    return {
        one.name: one.rule
        for one in published_rules(day_of)
        if (ended := one.use.ended_on()) is None or ended > today
    }
