"""Erase the drafts of rules that were counted and never published, after 180 days."""

from datetime import timedelta

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.eligibility.preview import DRAFT_KEPT_DAYS
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import preview_store

ACTION = "forget_drafts"


def forget_drafts(*, acting: Acting) -> int:
    """Return how many drafts were erased."""
    with transaction.atomic(using=REGISTRY):
        erased = preview_store.forget_drafts(acting.day - timedelta(days=DRAFT_KEPT_DAYS))
        if erased:
            journal_store.record(REGISTRY, ACTION, acting)
    return erased
