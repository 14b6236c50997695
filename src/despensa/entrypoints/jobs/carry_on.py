"""
Unclaimed rights go on into later cycles of the programme, as the rule of the cycle that closed says.

Done as soon as the one is settled and the other is open; the keeper derives the accounts under the
approval with which the later cycle was opened. Each pair of cycles is one idempotent command.
"""

from collections.abc import Sequence
from uuid import UUID

from despensa.domain.eligibility.parse import parse_text
from despensa.domain.proposal import parse
from despensa.entrypoints.wiring import Tools
from despensa.records import journal_queries
from despensa.records.databases import LEDGER
from despensa.records.households.carries import gone_into
from despensa.records.ledger import life_queries
from despensa.records.programmes import life_queries as cycles_lived
from despensa.records.programmes import queries
from despensa.records.proposals import queries as proposals
from despensa.usecases.carry_on import CarryOnOrder, carry_on

_OPEN, _SETTLED = 4, 6


def carry_out(tools: Tools) -> int:
    """Return how many rights were carried on."""
    carried = 0
    for cycle in cycles_lived.cycles_in_state(_SETTLED):
        row = queries.cycle(cycle)
        if row is None or not (rules := parse_text(row.rule_text)).carry_over:
            continue
        farthest = max(one.cycles for one in rules.carry_over)
        for place, (later, state) in enumerate(cycles_lived.later_cycles(cycle, farthest), start=1):
            stage = f"{life_queries.CARRIED_IN}{cycle}"
            if state == _OPEN and not journal_queries.is_done(LEDGER, later, stage):
                carried += _carry(row, later, place, tools)
    return carried


def _carry(row: queries.CycleRow, later: UUID, place: int, tools: Tools) -> int:
    rule, numbers = parse_text(row.rule_text), queries.unit_numbers()
    after, opening = queries.cycle(later), proposals.opening_of(later)
    if after is None or after.epoch is None or opening is None or opening.signed is None:
        return 0
    pairs = tools.keeper.cycles.carried_on_accounts(
        proposal=opening.canonical,
        approval=opening.signed,
        before=row.id.bytes,
        cycle=later.bytes,
        programme=row.programme.bytes,
        epoch=parse(opening.canonical).parameters[0],
        households=_whose(
            row.id, [household for household, *_ in queries.decided_households(later)]
        ),
    )
    return carry_on(
        CarryOnOrder(
            before=row.id,
            after=later,
            limits=[
                (numbers[one.unit], rule.constant(one.at_most, row.reference_date))
                for one in rule.carry_over
                if place <= one.cycles and one.unit in numbers
            ],
            pairs=pairs,
        ),
        acting=tools.acting(None),
        keeper=tools.keeper.cycles,
    )


def _whose(before: UUID, households: Sequence[UUID]) -> list[tuple[bytes, bytes]]:
    """
    Return who had something in an earlier cycle, with whose it is among `households` now.

    What a household left goes with its people into the one they went to; where that one has no part
    in the later cycle, it stays its own.
    """
    now, there = gone_into(before), set(households)
    pairs = [(source, target) for source, target in now.items() if target in there]
    moved = {source for source, _ in pairs}
    pairs += [(household, household) for household in households if household not in moved]
    return [(source.bytes, target.bytes) for source, target in pairs]
