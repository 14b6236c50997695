import hashlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from despensa.domain import proposal
from despensa.domain.encoding import cose, dcbor
from despensa.domain.payload import MalformedPayload
from despensa.domain.proposal import (
    Approval,
    ApprovalInvalid,
    ApprovalKind,
    Output,
    Proposal,
    Reason,
)

HOUR = 3600
CREATED_AT = 1_795_219_200
CREATOR, APPROVER = bytes([1]) * 16, bytes([2]) * 16
AUTHORITY = Ed25519PrivateKey.from_private_bytes(b"\x33" * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(b"\x44" * 32)
PUBLIC = AUTHORITY.public_key().public_bytes_raw()
KEYS = {cose.key_id(PUBLIC): PUBLIC}
OPENING = Proposal(
    proposal_id=bytes([3]) * 16,
    workspace_id=bytes([4]) * 16,
    action="open_cycle",
    creator=CREATOR,
    created_at=CREATED_AT,
    expires_at=CREATED_AT + 72 * HOUR,
    reason=Reason.SCHEDULED_CYCLE,
    scope=(bytes([5]) * 16, None, bytes([6]) * 16),
    parameters=(10, "text", None, True, [[1, 400]]),
    inputs=(bytes(32),),
    totals=(("entitled", 400),),
    outputs=(Output("leases", ("name", "pin"), 400, 20_790),),
)
DIGEST = proposal.proposal_hash(OPENING.canonical())
ASSERTION = (b"credential", b"data", b"client", b"signature")
PASSKEY = Approval(DIGEST, APPROVER, ApprovalKind.PASSKEY, CREATED_AT + 60, ASSERTION)
CODE = Approval(DIGEST, APPROVER, ApprovalKind.PASSWORD_AND_CODE, CREATED_AT + 60)
WAITED = Approval(DIGEST, CREATOR, ApprovalKind.WAITED, CREATED_AT + 24 * HOUR)
PARSE_ERRORS = (dcbor.EncodingError, ApprovalInvalid, MalformedPayload)

IDS = st.binary(min_size=16, max_size=16)
WORDS = st.text(alphabet="abc_ñ", min_size=1, max_size=9)
COUNTS = st.integers(0, 2**63 - 1)
PROPOSALS = st.builds(
    Proposal,
    proposal_id=IDS,
    workspace_id=IDS,
    action=WORDS,
    creator=IDS,
    created_at=COUNTS,
    expires_at=COUNTS,
    reason=st.sampled_from(Reason),
    scope=st.tuples(*[st.none() | IDS] * 3),
    parameters=st.lists(
        st.none() | COUNTS | st.booleans() | WORDS | st.binary(max_size=9) | st.lists(COUNTS),
        max_size=4,
    ).map(tuple),
    inputs=st.lists(st.binary(min_size=32, max_size=32), max_size=2).map(tuple),
    totals=st.lists(st.tuples(WORDS, COUNTS), max_size=3).map(tuple),
    outputs=st.lists(
        st.builds(
            Output,
            WORDS,
            st.lists(WORDS, max_size=2).map(tuple),
            count=COUNTS,
            destroy_by_day=COUNTS,
        ),
        max_size=2,
    ).map(tuple),
)


def signed(fields, *, key=AUTHORITY, label=proposal.APPROVAL_LABEL, **more):
    public = key.public_key().public_bytes_raw()
    return cose.sign(fields, label=label, public_key=public, signer=key.sign, **more)


def read(data):
    return proposal.verify_approval(data, authority_keys=KEYS)


@given(PROPOSALS)
def test_a_proposal_is_read_back_from_its_bytes(made):
    canonical = made.canonical()

    assert proposal.parse(canonical) == made
    assert proposal.parse(canonical).canonical() == canonical


def test_the_hash_has_a_label():
    canonical = OPENING.canonical()

    expected = hashlib.sha256(b"despensa/proposal/1" + canonical).digest()
    assert proposal.proposal_hash(canonical) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"proposal_id": bytes(16)},
        {"workspace_id": bytes(16)},
        {"action": "close_cycle"},
        {"creator": bytes(16)},
        {"created_at": CREATED_AT + 1},
        {"expires_at": CREATED_AT + 1},
        {"reason": Reason.KEY_ROTATION},
        {"scope": (None, None, None)},
        {"parameters": ()},
        {"inputs": ()},
        {"totals": (("entitled", 401),)},
        {"outputs": ()},
        {"outputs": (Output("leases", ("name",), 400, 20_790),)},
    ],
    ids=str,
)
def test_the_hash_covers_every_field(change):
    assert proposal.proposal_hash(replace(OPENING, **change).canonical()) != DIGEST


@pytest.mark.parametrize("version", [0, 2, True, None, "1", b"1"])
def test_another_version_is_not_known_here(version):
    fields = dcbor.decode(OPENING.canonical()) | {0: version}

    with pytest.raises(ApprovalInvalid, match="version"):
        proposal.parse(dcbor.encode(fields))


@pytest.mark.parametrize("key", range(13))
def test_a_missing_field_is_refused(key):
    fields = dcbor.decode(OPENING.canonical())
    del fields[key]

    with pytest.raises((ApprovalInvalid, MalformedPayload)):
        proposal.parse(dcbor.encode(fields))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (1, bytes(15)),
        (1, "0" * 16),
        (2, None),
        (3, ""),
        (3, b"open_cycle"),
        (3, "a" * 201),
        (4, bytes(17)),
        (5, -1),
        (5, True),
        (5, 2**63),
        (6, "1"),
        (7, 0),
        (7, 11),
        (7, True),
        (7, None),
        (8, []),
        (8, [None, None]),
        (8, [None, None, None, None]),
        (8, [bytes(15), None, None]),
        (8, [None, 1, None]),
        (8, None),
        (9, None),
        (9, {0: 1}),
        (9, "text"),
        (10, [bytes(31)]),
        (10, [1]),
        (10, bytes(32)),
        (11, [["people"]]),
        (11, [["people", -1]]),
        (11, [["people", True]]),
        (11, [[1, 1]]),
        (11, [1]),
        (11, ["ab"]),
        (12, [["leases", ["name"], 1]]),
        (12, [["leases", "name", 1, 1]]),
        (12, [["leases", [1], 1, 1]]),
        (12, [["leases", ["name"], None, 1]]),
        (12, [["leases", ["name"], 1, "day"]]),
        (12, [[b"leases", ["name"], 1, 1]]),
    ],
    ids=str,
)
def test_a_field_of_another_type_length_or_range_is_refused(key, value):
    fields = dcbor.decode(OPENING.canonical()) | {key: value}

    with pytest.raises(MalformedPayload, match=f"key {key} "):
        proposal.parse(dcbor.encode(fields))


@settings(max_examples=2000)
@given(st.data())
def test_changed_bytes_are_another_proposal_or_a_documented_error(data):
    changed = bytearray(OPENING.canonical())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))

    try:
        parsed = proposal.parse(bytes(changed))
    except PARSE_ERRORS:
        return

    assert parsed.canonical() == bytes(changed)


@settings(max_examples=300)
@given(
    st.dictionaries(
        st.integers(0, 12),
        st.recursive(
            st.none() | st.booleans() | st.integers(-2, 2**63) | st.binary(max_size=33) | WORDS,
            lambda inner: (
                st.lists(inner, max_size=5) | st.dictionaries(st.integers(0, 5), inner, max_size=3)
            ),
            max_leaves=6,
        ),
    )
)
def test_any_fields_are_a_proposal_or_a_documented_error(changes):
    fields = dcbor.decode(OPENING.canonical()) | changes

    try:
        parsed = proposal.parse(dcbor.encode(fields))
    except PARSE_ERRORS:
        return

    assert parsed.canonical() == dcbor.encode(fields)


@pytest.mark.parametrize("approval", [PASSKEY, CODE, WAITED], ids=lambda item: item.kind.name)
def test_an_approval_is_read_back(approval):
    assert read(signed(approval.payload())) == approval


def test_an_approval_is_signed_by_the_authority_for_this_purpose():
    with pytest.raises(cose.UnknownKey):
        read(signed(CODE.payload(), key=STRANGER))
    with pytest.raises(cose.BadSignature):
        read(signed(CODE.payload(), label=b"despensa/slip/1"))
    with pytest.raises(MalformedPayload, match="unprotected"):
        read(signed(CODE.payload(), certificate=b"certificate"))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({0: 2}, ApprovalInvalid),
        ({0: True}, ApprovalInvalid),
        ({1: bytes(31)}, MalformedPayload),
        ({2: bytes(15)}, MalformedPayload),
        ({2: None}, MalformedPayload),
        ({3: 0}, MalformedPayload),
        ({3: 4}, MalformedPayload),
        ({3: "1"}, MalformedPayload),
        ({3: True}, MalformedPayload),
        ({3: 1}, ApprovalInvalid),
        ({4: -1}, MalformedPayload),
        ({4: None}, MalformedPayload),
        ({5: list(ASSERTION)}, ApprovalInvalid),
        ({5: None}, ApprovalInvalid),
        ({3: 1, 5: None}, MalformedPayload),
        ({3: 1, 5: list(ASSERTION[:3])}, MalformedPayload),
        ({3: 1, 5: [*ASSERTION[:3], "text"]}, MalformedPayload),
        ({6: 1}, cose.MalformedSignature),
    ],
    ids=str,
)
def test_an_approval_outside_the_format_is_refused(changes, error):
    with pytest.raises(error):
        read(signed(CODE.payload() | changes))


@pytest.mark.parametrize("key", range(5))
def test_an_approval_without_a_field_is_refused(key):
    fields = CODE.payload()
    del fields[key]

    with pytest.raises((ApprovalInvalid, MalformedPayload)):
        read(signed(fields))


def use(*, made=OPENING, approval=CODE, action="open_cycle", now=CREATED_AT + HOUR):
    proposal.check_use(made, approval, action=action, now=now)


def test_an_approval_of_this_proposal_may_be_used_until_it_expires():
    use()
    use(approval=PASSKEY, now=OPENING.expires_at - 1)
    use(approval=WAITED, now=CREATED_AT + 24 * HOUR)


REFUSALS = [
    ({"action": "close_cycle"}, "is about open_cycle, not close_cycle"),
    ({"made": replace(OPENING, totals=(("entitled", 401),))}, "another content"),
    ({"approval": replace(WAITED), "now": CREATED_AT + 24 * HOUR - 1}, "waits 24 hours"),
    ({"approval": replace(CODE, approver=CREATOR)}, "a second person must approve"),
    ({"now": OPENING.expires_at}, "has expired"),
]


@pytest.mark.parametrize(("changes", "sentence"), REFUSALS, ids=[text for _, text in REFUSALS])
def test_each_reason_not_to_act(changes, sentence):
    with pytest.raises(ApprovalInvalid, match=sentence):
        use(**changes)


@pytest.mark.parametrize("first", range(len(REFUSALS)))
@pytest.mark.parametrize("second", range(len(REFUSALS)))
def test_of_two_reasons_the_first_is_given(first, second):
    if first >= second or {first, second} == {2, 3}:  # one waits or is a second person
        return
    changes = REFUSALS[second][0] | REFUSALS[first][0]
    if first == 1:
        changes["made"] = replace(changes["made"], expires_at=OPENING.expires_at)
    if {first, second} == {2, 4}:  # expired before it had waited long enough
        changes = {"made": replace(OPENING, expires_at=CREATED_AT + HOUR)}
        digest = proposal.proposal_hash(changes["made"].canonical())
        changes |= {"approval": replace(WAITED, proposal_hash=digest), "now": CREATED_AT + HOUR}

    with pytest.raises(ApprovalInvalid, match=REFUSALS[first][1]):
        use(**changes)


def test_numbers_are_frozen():
    assert [int(kind) for kind in ApprovalKind] == [1, 2, 3]
    assert [int(reason) for reason in Reason] == [
        *range(1, 11), 20, 21, *range(30, 34), 40, 41, *range(50, 54), 55, 60, 45, 70, 71, 65, 66, 75,
        76,
    ]  # fmt: skip
