"""
The use of an entitlement: finding a card (`locate`), the verdict (`decide`), the ledger (`merge`).

Source: docs/explanation/design.md sections 7.7 and 7.8.
"""

from despensa.domain.redemption.decide import (
    Aborted,
    Attempt,
    Collected,
    Decision,
    Delivered,
    Elsewhere,
    ListFacts,
    Match,
    Refused,
    Standing,
    TagStatus,
    decide,
)
from despensa.domain.redemption.merge import (
    Balance,
    Book,
    CaseCause,
    LeaseRow,
    MergeEvent,
    MergeFacts,
    MergeOutcome,
    Outcome,
    Posting,
    merge,
    merge_event,
)

__all__ = [
    "Aborted",
    "Attempt",
    "Balance",
    "Book",
    "CaseCause",
    "Collected",
    "Decision",
    "Delivered",
    "Elsewhere",
    "LeaseRow",
    "ListFacts",
    "Match",
    "MergeEvent",
    "MergeFacts",
    "MergeOutcome",
    "Outcome",
    "Posting",
    "Refused",
    "Standing",
    "TagStatus",
    "decide",
    "merge",
    "merge_event",
]
