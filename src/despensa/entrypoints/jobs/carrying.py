"""
Carry what households may still get from the registry's operations to the ledger, and back the news.

Every stage may be repeated: an order has one name in the ledger, and is marked delivered after.
What waits for a phone's list waits in the ledger. What belongs to a cycle that is not open yet
stays in the outbox until it is.
"""

from uuid import UUID

from despensa.domain.encoding import dcbor
from despensa.domain.ports.keeper import Access, Purpose
from despensa.entrypoints.wiring import Tools
from despensa.records import journal_queries
from despensa.records.databases import REGISTRY
from despensa.records.households.carries import carries_in
from despensa.records.programmes import queries as programmes
from despensa.usecases.carry_over import CARRIED_TOPIC, CarryOrder, carry_over
from despensa.usecases.change_household import CARRY_TOPIC
from despensa.usecases.mark_registry_messages import mark_registry_messages
from despensa.usecases.note_carried import note_carried

__all__ = ["CARRIED_TOPIC", "carry_out", "note"]

MESSAGES_AT_ONCE = 10_000
_OPEN, _CLOSED = 4, 5


def carry_out(tools: Tools) -> int:
    """Return how many transfers were made for operations on households."""
    made = 0
    for message in journal_queries.undelivered(REGISTRY, MESSAGES_AT_ONCE):
        if message.topic != CARRY_TOPIC:
            continue
        order = dcbor.decode(message.payload)
        cycle = programmes.cycle(UUID(bytes=order[1]))
        if cycle is None or cycle.state < _OPEN:
            continue
        if cycle.state < _CLOSED:
            made += carry_over(
                [_order(order, cycle, tools)],
                acting=tools.acting(None),
                keeper=tools.keeper.cycles,
            )
        mark_registry_messages([message.position], now=tools.now())
    return made + carry_over([], acting=tools.acting(None), keeper=tools.keeper.cycles)


def note(message: UUID, payload: bytes, tools: Tools) -> bool:
    """Return whether the ledger's news were noted in the registry now."""
    operations: dict[bytes, UUID] = {}
    for cycle in {cycle for _, cycle, _, _ in dcbor.decode(payload)}:
        ordered = carries_in(UUID(bytes=cycle))
        names = tools.keeper.cycles.carry_references(cycle, [one.bytes for one in ordered])
        operations.update(zip(names, ordered, strict=True))
    return note_carried(message, payload, operations=operations)


def _order(order: list, cycle: programmes.CycleRow, tools: Tools) -> CarryOrder:
    operation, cycle_id, source, target, numerator, denominator, undoes, entry, staff, at = order
    keeper = tools.keeper.cycles
    access = Access(entry, staff, at, Purpose.CORRECT_RECORD, (), ())
    debit, credit = keeper.carry_accounts(
        access, cycle=cycle_id, programme=cycle.programme.bytes, households=[source, target]
    )
    names = keeper.carry_references(cycle_id, [operation, *([] if undoes is None else [undoes])])
    return CarryOrder(
        reference=UUID(bytes=names[0]),
        cycle=cycle.id,
        debit=debit,
        credit=credit,
        numerator=numerator,
        denominator=denominator,
        undoes=None if undoes is None else UUID(bytes=names[1]),
    )
