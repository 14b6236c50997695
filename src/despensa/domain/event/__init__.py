"""
What a phone reports: events (`record`), their order (`chain`) and their secrecy (`sealing`).

Source: docs/reference/formats.md section 4.
"""

from despensa.domain.event.chain import (
    ChainError,
    IdentifierRepeated,
    LinkBroken,
    NotSigned,
    SequenceBroken,
    VerifiedEvent,
    WrongDevice,
    verify_chain,
)
from despensa.domain.event.record import (
    NO_SESSION,
    CheckpointSeen,
    CollectedBy,
    Event,
    EventKind,
    Handover,
    Means,
    ProxyReason,
    Supervised,
    event_hash,
    sign_event,
    verify_event,
)

__all__ = [
    "NO_SESSION",
    "ChainError",
    "CheckpointSeen",
    "CollectedBy",
    "Event",
    "EventKind",
    "Handover",
    "IdentifierRepeated",
    "LinkBroken",
    "Means",
    "NotSigned",
    "ProxyReason",
    "SequenceBroken",
    "Supervised",
    "VerifiedEvent",
    "WrongDevice",
    "event_hash",
    "sign_event",
    "verify_chain",
    "verify_event",
]
