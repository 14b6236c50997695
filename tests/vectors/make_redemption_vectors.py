"""
Writes vectors/redemption: one file per refusal reason, and those of delivery, finding and merge.

Run it as `python -m tests.vectors.make_redemption_vectors` after a change of rules; a test
compares the files with what this module makes. What a case expects is written by hand here,
never computed by the code under test.
"""

from pathlib import Path

from despensa.domain.refusal import RefusalReason
from tests.factories import field
from tests.vectors.signed_case import text_of

FOLDER = Path(__file__).parents[2] / "vectors" / "redemption"
TAG, POINT, ELSEWHERE = "0a" * 16, "03" * 16, "04" * 16
NOW, DAY, ENDS = 1_795_250_000, 20_778, 1_795_400_000

ATTEMPT = {
    "verdict": "genuine",
    "expires_at": NOW + 1,
    "now": NOW,
    "today": DAY,
    "collector_confirmed": True,
    "out_of_stock": False,
    "contested": False,
    "aborted": None,
}
LIST = {"expires_at": ENDS, "point_id": POINT, "day": DAY, "check": 2}
MATCH = {"entitlement": 0, "tag": TAG, "goods": [[1, 1]], "collected": 0}
STANDING = {
    "session_open": True,
    "list_facts": LIST,
    "match": MATCH,
    "elsewhere": None,
    "contest_used": False,
}
NOT_LISTED = {"match": None}


def index(status, point=None, day=None):
    return {"match": None, "elsewhere": {"status": status, "point_id": point, "day": day}}


def case(name, expect, attempt=None, standing=None):
    return {
        "name": name,
        "attempt": ATTEMPT | (attempt or {}),
        "standing": STANDING | (standing or {}),
        "expect": expect,
    }


def refused(reason, offered):
    return {"outcome": "refused", "reason": int(reason), "offered": offered}


# reason -> what is offered, and per way to get there: its name, the attempt, the standing
WAYS = {
    RefusalReason.UNREADABLE: (1, [("no code was found", {"verdict": None}, {})]),
    RefusalReason.CANNOT_VERIFY: (
        1,
        [("a key this phone does not know", {"verdict": "cannot tell"}, {})],
    ),
    RefusalReason.NOT_GENUINE: (2, [("a forged card", {"verdict": "not genuine"}, {})]),
    RefusalReason.EXPIRED: (
        1,
        [
            ("its last second has passed", {"expires_at": NOW}, {}),
            ("long past", {"expires_at": 0}, {}),
        ],
    ),
    RefusalReason.NO_SESSION: (1, [("the session is closed", {}, {"session_open": False})]),
    RefusalReason.LIST_MISSING: (
        1,
        [
            ("no list", {}, {"list_facts": None, "match": None}),
            ("the list has just ended", {}, {"list_facts": LIST | {"expires_at": NOW}}),
        ],
    ),
    RefusalReason.UNKNOWN: (
        1,
        [
            ("neither on the list nor in the index", {}, NOT_LISTED),
            ("a replaced card", {}, index(4)),
            ("entitled here and today, yet not on this list", {}, index(1, POINT, DAY)),
        ],
    ),
    RefusalReason.OTHER_POINT: (1, [("prepared elsewhere", {}, index(1, ELSEWHERE, DAY))]),
    RefusalReason.OTHER_DAY: (
        1,
        [
            ("prepared for tomorrow", {}, index(1, POINT, DAY + 1)),
            ("the list is of yesterday", {"today": DAY + 1}, {}),
        ],
    ),
    RefusalReason.NOT_ENTITLED: (0, [("decided so", {}, index(2))]),
    RefusalReason.NEEDS_INFORMATION: (1, [("nothing to give meanwhile", {}, index(3))]),
    RefusalReason.COLLECTED_CONFIRMED: (
        0,
        [("this phone gave it", {}, {"match": MATCH | {"collected": 2}})],
    ),
    RefusalReason.COLLECTED_UNCONFIRMED: (
        1,
        [("another phone says so", {}, {"match": MATCH | {"collected": 1}})],
    ),
    RefusalReason.COLLECTOR_NOT_CONFIRMED: (
        1,
        [("nobody on the list", {"collector_confirmed": False}, {})],
    ),
    RefusalReason.OUT_OF_STOCK: (1, [("the operator says so", {"out_of_stock": True}, {})]),
}
# Every later reason that can hold at the same time as an earlier one.
TOGETHER = [
    (RefusalReason.UNREADABLE, {"verdict": None, "expires_at": 0}, {"session_open": False}),
    (RefusalReason.CANNOT_VERIFY, {"verdict": "cannot tell", "expires_at": 0}, {}),
    (RefusalReason.NOT_GENUINE, {"verdict": "not genuine"}, {"session_open": False}),
    (RefusalReason.EXPIRED, {"expires_at": NOW}, {"session_open": False}),
    (RefusalReason.NO_SESSION, {}, {"session_open": False, "list_facts": None, "match": None}),
    (RefusalReason.LIST_MISSING, {}, NOT_LISTED | {"list_facts": None}),
    (RefusalReason.UNKNOWN, {"today": DAY + 1, "out_of_stock": True}, NOT_LISTED),
    (RefusalReason.OTHER_POINT, {}, index(2, ELSEWHERE, DAY + 1)),
    (RefusalReason.OTHER_DAY, {}, index(3, POINT, DAY + 1)),
    (RefusalReason.OTHER_DAY, {"today": 0}, {"match": MATCH | {"collected": 2}}),
    (RefusalReason.NOT_ENTITLED, {"out_of_stock": True}, index(2)),
    (RefusalReason.NEEDS_INFORMATION, {"collector_confirmed": False}, index(3)),
    (
        RefusalReason.COLLECTED_CONFIRMED,
        {"collector_confirmed": False, "out_of_stock": True},
        {"match": MATCH | {"collected": 2}},
    ),
    (
        RefusalReason.COLLECTED_UNCONFIRMED,
        {"collector_confirmed": False},
        {"match": MATCH | {"collected": 1}},
    ),
    (
        RefusalReason.COLLECTOR_NOT_CONFIRMED,
        {"collector_confirmed": False, "out_of_stock": True},
        {},
    ),
]


def cases_of(reason):
    offered, ways = WAYS[reason]
    expect = refused(reason, offered)
    cases = [case(name, expect, attempt, standing) for name, attempt, standing in ways]
    for place, (first, attempt, standing) in enumerate(TOGETHER):
        if first is reason:
            name = f"wins over later reasons ({place})"
            cases.append(case(name, expect, attempt, standing))
    if reason is RefusalReason.COLLECTED_CONFIRMED:
        collected = {"match": MATCH | {"collected": 2}}
        contested = {"contested": True}
        cases += [
            case("contested for the first time", refused(reason, 1), contested, collected),
            case("contested again", expect, contested, collected | {"contest_used": True}),
        ]
    return cases


def delivered_cases():
    expect = {"outcome": "delivered", "tag": TAG, "goods": [[1, 1]]}
    return [
        case("a card on the list", expect),
        case("a typed number, which has no expiry", expect, {"expires_at": None}),
        case(
            "no check, so nobody is asked",
            expect,
            {"collector_confirmed": False},
            {"list_facts": LIST | {"check": 0}},
        ),
        case(
            "the index is not asked for a listed card",
            expect,
            {},
            {"elsewhere": {"status": 2, "point_id": ELSEWHERE, "day": DAY + 9}},
        ),
        case("contested without need", expect, {"contested": True}),
    ]


def aborted_cases():
    return [
        case(f"reason {reason}", {"outcome": "aborted", "reason": reason}, {"aborted": reason})
        for reason in (64, 65, 66)
    ]


def locate_cases():
    listed, other = field.a_card(), field.a_card(1)
    late = field.a_card(1, epoch=field.STEP + 1)
    data = field.lease_bytes()
    tag = field.tag_of(listed).hex()

    def found(name, card, places, commitment_tag):
        return {
            "name": name,
            "lease": data.hex(),
            "epoch": card.epoch,
            "secret": card.secret.hex(),
            "number": card.number,
            "expect": places,
            "first_scope_tags": [commitment_tag],
        }

    return [
        found("a listed card", listed, [[0, tag]], tag),
        found("a card that is not listed", other, [], field.tag_of(other).hex()),
        found(
            "a card younger than the list's steps",
            late,
            [],
            field.tag_of(late, step=field.STEP + 1).hex(),
        ),
    ]


def files():
    """Return the text of every file by its name under vectors/redemption."""
    made = {
        f"{int(reason):02}-{reason.name.lower()}.json": text_of(
            f"refused: {reason.name.lower()}", cases_of(reason)
        )
        for reason in RefusalReason
    }
    return made | {
        "delivered.json": text_of("delivered", delivered_cases()),
        "aborted.json": text_of("aborted", aborted_cases()),
        "locate.json": text_of("finding a card on a lease", locate_cases()),
        "merge.json": text_of("merging events into the ledger", merge_cases()),
    }


PHONE_A, PHONE_B, LEASE_A, LEASE_B = "a0" * 16, "b0" * 16, "a1" * 16, "b1" * 16
ACCOUNT_A, ACCOUNT_B, TAG_A, TAG_B = "a2" * 16, "b2" * 16, "a3" * 16, "b3" * 16
TAG_WITHOUT_ACCOUNT, SESSION = "c3" * 16, "07" * 16


def facts(**changes):
    """Return a ledger with one household in each of two leases."""
    return {
        "accounts": {TAG_A: ACCOUNT_A, TAG_B: ACCOUNT_B, TAG_WITHOUT_ACCOUNT: None},
        "balances": [[ACCOUNT_A, 1, 1, 0], [ACCOUNT_B, 1, 1, 0]],
        "lease_devices": {LEASE_A: PHONE_A, LEASE_B: PHONE_B},
        "lease_rows": [[LEASE_A, ACCOUNT_A, 1, 1, 0], [LEASE_B, ACCOUNT_B, 1, 1, 0]],
        "seen": [],
    } | changes


def an_event(seq, tag, *, device=PHONE_A, lease=LEASE_A, version="00", kind=1, supervised=False):
    return {
        "event_id": f"{seq:02x}" + version + device[4:],
        "device_id": device,
        "seq": seq,
        "event_hash": (f"{seq:02x}" + version) * 16,
        "kind": kind,
        "session_id": SESSION,
        "lease_id": lease,
        "tag": tag,
        "goods": [[1, 1]] if kind == 1 else [],
        "is_supervised": supervised,
    }


def merge_cases():
    own = ["entitlement", 1, 1, ACCOUNT_A, True, 0]
    over = ["loss under investigation", 1, 1, ACCOUNT_A, True, 0]
    nobody = ["loss under investigation", 1, 1, None, False, 0]
    first, second = an_event(1, TAG_A), an_event(2, TAG_A)
    fork = an_event(1, TAG_A, version="ff")
    seen = [[first["device_id"], 1, first["event_id"], first["event_hash"]]]

    def merged(name, events, expect, **changes):
        return {"name": name, "facts": facts(**changes), "events": events, "expect": expect}

    posted = ["posted", [own], None]
    return [
        merged("one delivery", [first], [posted]),
        merged("a refusal moves nothing", [an_event(1, None, kind=2)], [["posted", [], None]]),
        merged("sent again", [first], [["replayed", [], None]], seen=seen),
        merged("twice in one batch", [first, first], [posted, ["replayed", [], None]]),
        merged(
            "two versions of one number", [fork], [["fork", [nobody], "FORKED_JOURNAL"]], seen=seen
        ),
        merged("handed over twice", [second, first], [posted, ["excess", [over], "OVER_LEASE"]]),
        merged(
            "out of another phone's lease",
            [an_event(1, TAG_B)],
            [["excess", [["loss under investigation", 1, 1, ACCOUNT_B, False, 0]], "OTHER_LEASE"]],
        ),
        merged(
            "under another phone's lease id",
            [an_event(1, TAG_B, lease=LEASE_B)],
            [["excess", [["loss under investigation", 1, 1, ACCOUNT_B, False, 0]], "OTHER_LEASE"]],
        ),
        merged(
            "a tag nobody made", [an_event(1, "ee" * 16)], [["excess", [nobody], "NO_ENTITLEMENT"]]
        ),
        merged(
            "a tag without entitlement",
            [an_event(1, TAG_WITHOUT_ACCOUNT)],
            [["excess", [nobody], "NO_ENTITLEMENT"]],
        ),
        merged("supervised from the own list", [an_event(1, TAG_A, supervised=True)], [posted]),
        merged(
            "supervised without a card",
            [an_event(1, None, supervised=True)],
            [["posted", [["emergency", 1, 1, None, False, 0]], None]],
        ),
        merged(
            "supervised beyond the own list",
            [first, an_event(2, TAG_A, supervised=True)],
            [posted, ["posted", [["emergency", 1, 1, ACCOUNT_A, True, 0]], None]],
        ),
        merged(
            "supervised under no list",
            [an_event(1, TAG_A, lease=None, supervised=True)],
            [["posted", [["emergency", 1, 1, ACCOUNT_A, False, 0]], None]],
        ),
        merged(
            "after the sweep",
            [first],
            [["posted", [["entitlement", 1, 1, ACCOUNT_A, True, 1]], None]],
            balances=[[ACCOUNT_A, 1, 0, 1]],
        ),
        merged(
            "a written-off lease whose row was served elsewhere",
            [first],
            [["excess", [over], "OVER_BALANCE"]],
            balances=[[ACCOUNT_A, 1, 0, 0]],
        ),
    ]


def main():
    """Write every file."""
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
