"""
Erase what households said in their appeals, 90 days after the answer.

The journal never held the words, only a hash of their sealed bytes; it says that they are gone.
Source: docs/explanation/design.md, section 2.
"""

from datetime import datetime, time

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.appeal import text_forgotten_before
from despensa.domain.ports.keeper import PersonVault
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.grievances import store
from despensa.records.households.change_journal import entry_of, keys_of

ACTION = "forget_grievance_text"


def forget_grievance_text(*, acting: Acting, vault: PersonVault) -> int:
    """Return of how many appeals the words were erased now; without any, nothing is written."""
    before = datetime.combine(text_forgotten_before(acting.day), time(), acting.zone)
    with transaction.atomic(using=REGISTRY):
        erased = store.forget_text(int(before.timestamp()))
        if erased:
            plans = [store.journal_of_forgetting(appeal, person) for appeal, person in erased]
            keys = keys_of([person for _, person in erased if person is not None])
            act = journal_store.act(REGISTRY, ACTION, acting)
            entry = entry_of(plans, act=act, acting=acting, vault=vault, keys=keys)
            journal_store.append(REGISTRY, [entry])
    return len(erased)
