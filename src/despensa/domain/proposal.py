"""
Proposals: what two people must agree on, bound by one hash.

Decides the canonical bytes of a proposal and of its approval, and whether an approval may be
used. Who may propose or approve is decided at the door; that creator and approver differ is a
constraint of the database as well. Source: docs/reference/formats.md, section 9.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from despensa.domain.encoding import cose, dcbor

APPROVAL_LABEL = b"despensa/approval/1"
_HASH_LABEL = b"despensa/proposal/1"
_APPROVAL_KEYS = frozenset(range(6))
APPROVAL_KEPT_SECONDS = 72 * 3600
SINGLE_OPERATOR_WAIT_SECONDS = 24 * 3600


class Reason(IntEnum):
    """The closed list of reasons a proposal may carry; numbers are never reused."""

    NEW_REGISTRATIONS = 1
    UPDATED_REGISTRATIONS = 2
    PUBLISHED_PROGRAMME = 3
    SCHEDULED_CYCLE = 4
    CARDS_FOR_ENTITLED = 5
    CARDS_FOR_STOCK = 6
    LEASE_LOST = 7
    STAFF_CHANGE = 8
    KEY_ROTATION = 9


class ApprovalKind(IntEnum):
    """How the second person approved, strongest first."""

    PASSKEY = 1
    PASSWORD_AND_CODE = 2
    WAITED = 3


class ApprovalInvalid(ValueError):
    """The approval does not allow this action: the text says why."""


@dataclass(frozen=True, slots=True)
class Output:
    """A named product of the action that holds person fields."""

    name: str
    fields: tuple[str, ...]
    count: int
    destroy_by_day: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """
    What is to be done, in the form that is hashed.

    `scope` is (programme, area, cycle); ids are 16 raw bytes; times are seconds UTC.
    """

    proposal_id: bytes
    workspace_id: bytes
    action: str
    creator: bytes
    created_at: int
    expires_at: int
    reason: Reason
    scope: tuple[bytes | None, bytes | None, bytes | None] = (None, None, None)
    parameters: tuple[Any, ...] = ()
    inputs: tuple[bytes, ...] = ()
    totals: tuple[tuple[str, int], ...] = ()
    outputs: tuple[Output, ...] = field(default=())

    def canonical(self) -> bytes:
        """Return the bytes both people agree on: what `parse` reads back."""
        return dcbor.encode(
            {
                0: 1,
                1: self.proposal_id,
                2: self.workspace_id,
                3: self.action,
                4: self.creator,
                5: self.created_at,
                6: self.expires_at,
                7: int(self.reason),
                8: list(self.scope),
                9: list(self.parameters),
                10: list(self.inputs),
                11: [list(total) for total in self.totals],
                12: [
                    [out.name, list(out.fields), out.count, out.destroy_by_day]
                    for out in self.outputs
                ],
            }
        )


def parse(canonical: bytes) -> Proposal:
    """
    Return the proposal of its canonical bytes.

    Raises: dcbor.EncodingError when they are not canonical; ApprovalInvalid on another version.
    """
    value = dcbor.decode_map(canonical, allowed=frozenset(range(13)))
    if value.get(0) != 1 or len(value) != 13:
        raise ApprovalInvalid("this proposal has a version that is not known here")
    programme, area, cycle = value[8]
    return Proposal(
        proposal_id=value[1],
        workspace_id=value[2],
        action=value[3],
        creator=value[4],
        created_at=value[5],
        expires_at=value[6],
        reason=Reason(value[7]),
        scope=(programme, area, cycle),
        parameters=tuple(value[9]),
        inputs=tuple(value[10]),
        totals=tuple((name, count) for name, count in value[11]),
        outputs=tuple(
            Output(name, tuple(fields), count, day) for name, fields, count, day in value[12]
        ),
    )


def proposal_hash(canonical: bytes) -> bytes:
    """
    Return the hash both people sign; it is also the passkey challenge.

    Source: docs/reference/formats.md, section 9.
    """
    return hashlib.sha256(_HASH_LABEL + canonical).digest()


@dataclass(frozen=True, slots=True)
class Approval:
    """A second person's agreement to exactly one hash."""

    proposal_hash: bytes
    approver: bytes
    kind: ApprovalKind
    at: int
    assertion: tuple[bytes, bytes, bytes, bytes] | None = None

    def payload(self) -> dict[int, Any]:
        """Return the map the authority key signs."""
        fields: dict[int, Any] = {
            0: 1,
            1: self.proposal_hash,
            2: self.approver,
            3: int(self.kind),
            4: self.at,
        }
        if self.assertion is not None:
            fields[5] = list(self.assertion)
        return fields


def verify_approval(signed: bytes, *, authority_keys: Mapping[bytes, bytes]) -> Approval:
    """
    Return the approval of a record signed by the authority.

    Raises: the errors of `cose.verify`; ApprovalInvalid when the content is not an approval.
    """
    fields = cose.verify(
        signed, label=APPROVAL_LABEL, keys=authority_keys, allowed=_APPROVAL_KEYS
    ).payload
    if fields.get(0) != 1:
        raise ApprovalInvalid("this approval has a version that is not known here")
    assertion = fields.get(5)
    kind = ApprovalKind(fields[3])
    if (assertion is not None) != (kind is ApprovalKind.PASSKEY):
        raise ApprovalInvalid("only a passkey approval carries an assertion")
    return Approval(
        fields[1], fields[2], kind, fields[4], None if assertion is None else tuple(assertion)
    )


def check_use(proposal: Proposal, approval: Approval, *, action: str, now: int) -> None:
    """
    Refuse to act on anything but an unexpired approval of exactly this proposal.

    That it was not used before is the database's unique key, not decided here.
    Raises: ApprovalInvalid with the reason, in order: other action, other content, same person,
        too early (single operator), expired.
    """
    if proposal.action != action:
        raise ApprovalInvalid(f"the proposal is about {proposal.action}, not {action}")
    if approval.proposal_hash != proposal_hash(proposal.canonical()):
        raise ApprovalInvalid("the approval belongs to another content: propose again")
    if approval.kind is ApprovalKind.WAITED:
        if now < proposal.created_at + SINGLE_OPERATOR_WAIT_SECONDS:
            raise ApprovalInvalid("a single operator's proposal waits 24 hours")
    elif approval.approver == proposal.creator:
        raise ApprovalInvalid("a second person must approve: the creator cannot")
    if now >= proposal.expires_at:
        raise ApprovalInvalid("the proposal has expired: propose again")
