"""Destroy partners' messages and answers after thirty days, and meters of past hours and days."""

from django.db import transaction

from despensa.records.databases import REGISTRY
from despensa.records.partners import store
from despensa.records.partners.store import DAY_SECONDS, HOUR_SECONDS

MESSAGE_DAYS = 30


def forget_partner_messages(now: int) -> int:
    """Return how many messages were destroyed."""
    with transaction.atomic(using=REGISTRY):
        return store.forget(
            messages_before=now - MESSAGE_DAYS * DAY_SECONDS,
            hours_before=now // HOUR_SECONDS - 1,
            days_before=now // DAY_SECONDS - 1,
        )
