"""
Who gets something for a purpose in a month, so that nobody gets it twice. Only use cases write it.

The month is that in which the root opens; all cycles of one root are one benefit.
Source: docs/decisions/0024-child-cycles.md.
"""

from uuid import UUID

from django.db import IntegrityError

from despensa.records.bulk import broken_rule, execute, widen_memory
from despensa.records.children import purpose_queries
from despensa.records.databases import REGISTRY


class PurposeTaken(RuntimeError):
    """A household gets something for the same purpose in the same month already."""


def claim_purposes(cycle: UUID) -> None:
    """
    Note for each household what the cycle gives it for which purpose in the month.

    Raises: PurposeTaken when one has something for it from another cycle; nothing is noted then.
    """
    in_the_way = purpose_queries.taken(cycle)
    if in_the_way:
        raise PurposeTaken(" ".join(taken.sentence for taken in in_the_way))
    widen_memory(REGISTRY)
    try:
        for claim in purpose_queries.claims_of(cycle):
            _add(cycle, claim)
    except IntegrityError as error:
        if broken_rule(error) != "purpose_claim_pkey":
            raise
        raise PurposeTaken(
            "A household got something for the same purpose in this month from a cycle that is "
            "being opened at this moment: nothing was changed. Look again in a minute."
        ) from error


def _add(cycle: UUID, claim: purpose_queries.Claim) -> None:
    """Write what is not this root's own yet; what is another's breaks the key of the table."""
    key = (claim.purpose, claim.month, claim.owner)
    execute(
        REGISTRY,
        """INSERT INTO purpose_claim (household_id, purpose, month, owner)
           SELECT DISTINCT line.household_id, %s, %s::int, %s::uuid FROM benefit_line line
           WHERE line.root_cycle = (SELECT root_cycle FROM cycle WHERE id = %s)
             AND line.cycle_id = %s AND line.unit = ANY(%s)
             AND NOT EXISTS (
                 SELECT 1 FROM purpose_claim own
                 WHERE own.household_id = line.household_id AND own.purpose = %s
                   AND own.month = %s AND own.owner = %s)
           ORDER BY line.household_id""",
        (*key, cycle, cycle, list(claim.units), *key),
    )
