"""Write why households' money is in no list, and close it for those whose money is. Design, section 8."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.payment.plan import Task
from despensa.domain.ports.keeper import Access
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.payees import store
from despensa.records.registry import store as registry

ACTION = "note_payment_tasks"


def note_payment_tasks(
    cycle: UUID,
    tasks: Mapping[UUID, Task],
    paid: Sequence[UUID],
    *,
    look: Access | None,
    acting: Acting,
) -> None:
    """Write tasks by household, and the look at those whose accounts are about to be opened."""
    with transaction.atomic(using=REGISTRY):
        store.open_tasks(cycle, [(home, int(task)) for home, task in tasks.items()], at=acting.at)
        store.close_tasks(cycle, paid)
        if look is not None:
            registry.record_look(look, acting=acting)
        journal_store.record(REGISTRY, ACTION, acting)
