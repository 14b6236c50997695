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
from despensa.domain.payload import HASH_LENGTH, ID_LENGTH, Reader, without_header
from despensa.domain.role import Permission

APPROVAL_LABEL = b"despensa/approval/1"
_HASH_LABEL = b"despensa/proposal/1"
_PROPOSAL_KEYS = frozenset(range(13))
_APPROVAL_KEYS = frozenset(range(6))
APPROVAL_KEPT_SECONDS = 72 * 3600
SINGLE_OPERATOR_WAIT_SECONDS = 24 * 3600
# what its creator must be allowed to do, where the proposal acts
PROPOSED_WITH: Mapping[str, Permission] = {
    "import_register": Permission.PROPOSE_IMPORT,
    "import_areas": Permission.PROPOSE_IMPORT,
    "publish_rule": Permission.RUN_CYCLES,
    "open_cycle": Permission.RUN_CYCLES,
    "close_cycle": Permission.RUN_CYCLES,
    "settle_recovery": Permission.RUN_CYCLES,
    "withdraw_cycle": Permission.RUN_CYCLES,
    "issue_cards": Permission.ISSUE_CARDS,
    "send_to_shop": Permission.ISSUE_CARDS,
    "issue_identity_cards": Permission.ISSUE_CARDS,
    "publish_catalogue": Permission.RUN_CYCLES,
    "add_staff": Permission.MANAGE_STAFF,
    "erase_person": Permission.CHANGE_HOUSEHOLDS,
    "correct_record": Permission.CHANGE_HOUSEHOLDS,
    "undo_import": Permission.PROPOSE_IMPORT,
    "add_partner": Permission.MANAGE_PARTNERS,
    "find_duplicates": Permission.CHANGE_HOUSEHOLDS,
    "release_package": Permission.RUN_CYCLES,
    "release_report": Permission.RUN_CYCLES,
    "break_lease": Permission.MANAGE_PHONES,
    "rotate_key": Permission.MANAGE_WORKSPACE,
    "escrow_keys": Permission.MANAGE_WORKSPACE,
    "pay_out": Permission.RUN_PAYMENTS,
    "resolve_payment": Permission.RUN_PAYMENTS,
}
# money is decided by whoever checks money, everything else by an approver
_DECIDED_BY_CHECKERS = frozenset({"pay_out", "resolve_payment"})


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
    KEY_COPY = 10
    AREA_TABLE = 20
    CATALOGUE_CHANGE = 21
    PERSON_ASKED = 30
    COURT_ORDER = 31
    ENTERED_BY_MISTAKE = 32
    RETENTION_ENDED = 33
    CORRECTION_ASKED = 40
    CORRECTION_FOUND = 41
    WRONG_FILE = 50
    WRONG_COLUMNS = 51
    WRONG_PLACE = 52
    SOURCE_WITHDREW = 53
    CARDS_PRINTED_OUTSIDE = 55
    PARTNER_AGREEMENT = 60
    DUPLICATE_SEARCH = 45
    AUDIT = 70
    AGREED_REPORT = 71
    PAYMENT_DUE = 65
    OUTCOME_ASKED = 66
    APPEAL_UPHELD = 75
    IDENTITY_CARDS_ASKED = 76


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


def proposed_with(proposal: Proposal) -> Permission | None:
    """
    Return what its creator must be allowed to do, None for what nobody may propose.

    The child cycle of an upheld appeal is proposed by whoever answers appeals: those who decided
    could otherwise stop it by doing nothing. That it is one is asked when it opens.
    """
    if (proposal.action, proposal.reason) == ("open_cycle", Reason.APPEAL_UPHELD):
        return Permission.ANSWER_APPEALS
    return PROPOSED_WITH.get(proposal.action)


def decided_with(action: str) -> Permission:
    """Return what whoever decides a proposal must be allowed to do, where it acts."""
    if action in _DECIDED_BY_CHECKERS:
        return Permission.DECIDE_PAYMENTS
    return Permission.DECIDE_PROPOSALS


def parse(canonical: bytes) -> Proposal:
    """
    Return the proposal of its canonical bytes.

    Holds: parse(canonical).canonical() == canonical.
    Raises: dcbor.EncodingError when they are not canonical; ApprovalInvalid on another version;
        MalformedPayload naming the key whose type, length or range is not the format's.
    """
    fields = dcbor.decode_map(canonical, allowed=_PROPOSAL_KEYS)
    _require_version(fields, "proposal")
    reader = Reader("proposal", fields)
    reader.exactly(_PROPOSAL_KEYS)
    reason = reader.uint(7)
    if reason not in set(Reason):
        reader.refuse(7, "names no known reason")
    programme, area, cycle = (
        None if place is None else reader.as_octets(8, place, ID_LENGTH)
        for place in reader.array(8, length=3)
    )
    return Proposal(
        proposal_id=reader.octets(1, ID_LENGTH),
        workspace_id=reader.octets(2, ID_LENGTH),
        action=reader.text(3),
        creator=reader.octets(4, ID_LENGTH),
        created_at=reader.uint(5),
        expires_at=reader.uint(6),
        reason=Reason(reason),
        scope=(programme, area, cycle),
        parameters=tuple(reader.array(9)),
        inputs=tuple(reader.as_octets(10, item, HASH_LENGTH) for item in reader.array(10)),
        totals=tuple(_total(reader, item) for item in reader.array(11)),
        outputs=tuple(_output(reader, item) for item in reader.array(12)),
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

    Raises: the errors of `cose.verify`; MalformedPayload naming the key whose type, length or
        range is not the format's; ApprovalInvalid on another version or a misplaced assertion.
    """
    verified = cose.verify(
        signed, label=APPROVAL_LABEL, keys=authority_keys, allowed=_APPROVAL_KEYS
    )
    fields = without_header(verified, "approval")
    _require_version(fields, "approval")
    reader = Reader("approval", fields)
    reader.exactly(_APPROVAL_KEYS - {5}, optional=frozenset({5}))
    number = reader.uint(3)
    if number not in set(ApprovalKind):
        reader.refuse(3, "names no known kind")
    kind = ApprovalKind(number)
    if reader.has(5) != (kind is ApprovalKind.PASSKEY):
        raise ApprovalInvalid("a passkey approval carries an assertion, and no other does")
    return Approval(
        reader.octets(1, HASH_LENGTH),
        reader.octets(2, ID_LENGTH),
        kind,
        reader.uint(4),
        _assertion(reader) if reader.has(5) else None,
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


@dataclass(frozen=True, slots=True)
class Mandate:
    """
    An approved proposal as it is carried to the use case that does it.

    `single_operator` is the workspace's mode: only there may a wait stand for the second person.
    """

    canonical: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    authority_keys: Mapping[bytes, bytes] = field(repr=False)
    single_operator: bool = False

    @property
    def hash(self) -> bytes:
        """Return the hash both people agreed to."""
        return proposal_hash(self.canonical)


def check_mandate(
    mandate: Mandate, *, action: str, workspace: bytes, now: int
) -> tuple[Proposal, Approval]:
    """
    Return the proposal and the approval of a mandate that allows this action now.

    Who approved, and that it was not used before, is in the books: `records.mandates` asks there.
    Raises: the errors of `cose.verify` and `parse`; ApprovalInvalid as in `check_use`, of another
        workspace, or by waiting where two people work.
    """
    approval = verify_approval(mandate.signed, authority_keys=mandate.authority_keys)
    proposal = parse(mandate.canonical)
    if proposal.workspace_id != workspace:
        raise ApprovalInvalid("the proposal was made in another workspace")
    if approval.kind is ApprovalKind.WAITED and not mandate.single_operator:
        raise ApprovalInvalid(
            "a second person must approve: in this workspace waiting is not enough"
        )
    check_use(proposal, approval, action=action, now=now)
    return proposal, approval


def _require_version(fields: Mapping[int, Any], name: str) -> None:
    # `True == 1`, but no version is a boolean.
    if type(fields.get(0)) is not int or fields[0] != 1:
        raise ApprovalInvalid(f"this {name} has a version that is not known here")


def _total(reader: Reader, item: Any) -> tuple[str, int]:
    name, count = reader.as_array(11, item, length=2)
    return reader.as_text(11, name), reader.as_uint(11, count)


def _output(reader: Reader, item: Any) -> Output:
    name, fields, count, day = reader.as_array(12, item, length=4)
    return Output(
        reader.as_text(12, name),
        tuple(reader.as_text(12, field_name) for field_name in reader.as_array(12, fields)),
        reader.as_uint(12, count),
        reader.as_uint(12, day),
    )


def _assertion(reader: Reader) -> tuple[bytes, bytes, bytes, bytes]:
    credential, data, client, signature = reader.array(5, length=4)
    if not all(isinstance(part, bytes) for part in (credential, data, client, signature)):
        reader.refuse(5, "must be four byte strings")
    return credential, data, client, signature
