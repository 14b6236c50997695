"""The vectors of redemption: every reason, finding a card, merging, as the phone reads them too."""

import json

import pytest

from despensa.domain.card.claims import EntitlementCard
from despensa.domain.card.verify import Verdict
from despensa.domain.event import EventKind
from despensa.domain.lease import CollectorCheckKind, verify_lease
from despensa.domain.redemption import (
    Aborted,
    Attempt,
    Balance,
    Collected,
    Delivered,
    Elsewhere,
    LeaseRow,
    ListFacts,
    Match,
    MergeEvent,
    MergeFacts,
    Refused,
    Standing,
    TagStatus,
    decide,
    merge,
)
from despensa.domain.redemption.locate import (
    first_scope_tags,
    index_lease,
    locate_card,
    locate_number,
)
from despensa.domain.refusal import AbortReason, RefusalReason
from tests.factories import field
from tests.vectors import make_redemption_vectors

LADDER = [
    *(f"{int(reason):02}-{reason.name.lower()}.json" for reason in RefusalReason),
    "delivered.json",
    "aborted.json",
]


def read(name):
    return json.loads((make_redemption_vectors.FOLDER / name).read_text(encoding="utf-8"))


def cases(*names):
    return [
        pytest.param(case, id=f"{name}: {case['name']}")
        for name in names
        for case in read(name)["cases"]
    ]


def octets(text):
    return None if text is None else bytes.fromhex(text)


def pairs(array):
    return tuple((unit, quantity) for unit, quantity in array)


def an_attempt(fields):
    verdict, aborted = fields["verdict"], fields["aborted"]
    return Attempt(
        **fields
        | {
            "verdict": None if verdict is None else Verdict(verdict),
            "aborted": None if aborted is None else AbortReason(aborted),
        }
    )


def a_standing(fields):
    terms, match, elsewhere = fields["list_facts"], fields["match"], fields["elsewhere"]
    return Standing(
        session_open=fields["session_open"],
        list_facts=terms
        and ListFacts(
            terms["expires_at"],
            octets(terms["point_id"]),
            terms["day"],
            CollectorCheckKind(terms["check"]),
        ),
        match=match
        and Match(
            match["entitlement"],
            octets(match["tag"]),
            pairs(match["goods"]),
            Collected(match["collected"]),
        ),
        elsewhere=elsewhere
        and Elsewhere(
            TagStatus(elsewhere["status"]), octets(elsewhere["point_id"]), elsewhere["day"]
        ),
        contest_used=fields["contest_used"],
    )


def as_case(decision):
    match decision:
        case Delivered(found):
            goods = [list(pair) for pair in found.goods]
            return {"outcome": "delivered", "tag": found.tag.hex(), "goods": goods}
        case Refused(reason, offered):
            return {"outcome": "refused", "reason": int(reason), "offered": int(offered)}
        case Aborted(reason):
            return {"outcome": "aborted", "reason": int(reason)}


def test_the_files_are_what_their_maker_makes():
    made = make_redemption_vectors.files()
    for name, content in made.items():
        written = (make_redemption_vectors.FOLDER / name).read_text(encoding="utf-8")
        assert written == content, f"{name}: run python -m tests.vectors.make_redemption_vectors"
    assert {path.name for path in make_redemption_vectors.FOLDER.glob("*.json")} == set(made)


@pytest.mark.parametrize("case", cases(*LADDER))
def test_the_ladder_gives_the_expected_verdict(case):
    decision = decide(an_attempt(case["attempt"]), a_standing(case["standing"]))

    assert as_case(decision) == case["expect"]


@pytest.mark.parametrize("case", cases("locate.json"))
def test_a_card_is_found_where_it_is_listed(case):
    lease = verify_lease(octets(case["lease"]), authority_keys=field.AUTHORITY.ring)
    index = index_lease(lease)
    card = EntitlementCard(
        case["number"],
        field.CARD_ISSUED_AT,
        field.CARD_EXPIRES_AT,
        case["epoch"],
        octets(case["secret"]),
    )

    places = locate_card(card, index)

    assert [[place.entitlement, place.card.tag.hex()] for place in places] == case["expect"]
    assert locate_number(case["number"], index) == places
    assert [tag.hex() for tag in first_scope_tags(card, index)] == case["first_scope_tags"]


def an_event(fields):
    return MergeEvent(
        **fields
        | {name: octets(fields[name]) for name in ("event_id", "device_id", "event_hash")}
        | {name: octets(fields[name]) for name in ("session_id", "lease_id", "tag")}
        | {"kind": EventKind(fields["kind"]), "goods": pairs(fields["goods"])}
    )


def the_facts(fields):
    seen = [
        (octets(device), seq, octets(key), octets(digest))
        for device, seq, key, digest in fields["seen"]
    ]
    return MergeFacts(
        accounts={octets(tag): octets(account) for tag, account in fields["accounts"].items()},
        balances={
            (octets(account), unit): Balance(available, swept)
            for account, unit, available, swept in fields["balances"]
        },
        lease_devices={
            octets(lease): octets(device) for lease, device in fields["lease_devices"].items()
        },
        lease_rows={
            (octets(lease), octets(account), unit): LeaseRow(quantity, claimed)
            for lease, account, unit, quantity, claimed in fields["lease_rows"]
        },
        hashes_by_place={(device, seq): frozenset({digest}) for device, seq, _, digest in seen},
        hashes_by_id={key: frozenset({digest}) for _, _, key, digest in seen},
    )


def as_array(posting):
    account = posting.account_id
    return [
        posting.book.value,
        posting.unit,
        posting.quantity,
        None if account is None else account.hex(),
        posting.row is not None,
        posting.from_sweep,
    ]


@pytest.mark.parametrize("case", cases("merge.json"))
def test_events_are_merged_as_expected(case):
    events = [an_event(fields) for fields in case["events"]]

    outcomes = merge(events, the_facts(case["facts"]))

    assert [
        [
            item.outcome.value,
            [as_array(posting) for posting in item.postings],
            None if item.cause is None else item.cause.name,
        ]
        for item in outcomes
    ] == case["expect"]
