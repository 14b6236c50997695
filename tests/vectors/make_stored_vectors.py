"""
Writes vectors/{dcbor,sealing,proposal,ledger}: `python -m tests.vectors.make_stored_vectors`.

Everything is fixed; a test compares the files with what this module makes.
"""

import json
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from despensa.domain import proposal, sealing
from despensa.domain.encoding import cose, dcbor
from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.proposal import Approval, ApprovalKind, Output, Proposal, Reason
from despensa.domain.sealing import Column, ToSeal

FOLDER = Path(__file__).parents[2] / "vectors"
WORKSPACE, PERSON, ROW = bytes([1]) * 16, bytes([2]) * 16, bytes([3]) * 16
PERSON_KEY, KEK = bytes(range(32)), bytes(range(32, 64))
NONCE = bytes(range(12))
AUTHORITY = Ed25519PrivateKey.from_private_bytes(b"\x33" * 32)
CREATED_AT = 1_795_219_200  # 2026-11-21 00:00 UTC
SEALED_VALUES = [
    (Column.FULL_NAME, 1, "Rosa Elena Quispe Mamani"),
    (Column.FULL_NAME, 2, "أمينة حداد"),
    (Column.NAME_PARTS, 1, ["Quispe", "Mamani", ["Rosa", "Elena"]]),
    (Column.DOCUMENT, 1, ["national_id", "PER", "01234567"]),
    (Column.PHONE, 1, "+51987654321"),
    (Column.ADDRESS, 1, "Jr. Lima 1"),
    (Column.BIRTH_DAY, 1, 28),
    (Column.PAYEE, 1, {0: "bank", 1: None}),
    (Column.LINK, 2**32 - 1, PERSON),
    (Column.GRIEVANCE, 1, ""),
]
WELL_FORMED = [
    "00", "17", "1818", "1903e8", "1a000f4240", "1bffffffffffffffff", "20", "3863",
    "3b7fffffffffffffff", "f4", "f5", "f6", "40", "4401020304", "60", "6161", "62c3bc",
    "64f0908591", "80", "83010203", "8301820203820405", "a0", "a201020304", "a26161016162820203",
    "826161a161626163", "a301020a0317f6", "a318a90119ffff023a0001000003", "d280", "d2a10001",
]  # fmt: skip
REFUSED = [
    ("an integer in more bytes than needed", "1817"),
    ("a length in more bytes than needed", "580100"),
    ("a text length in more bytes than needed", "780161"),
    ("an array length in more bytes than needed", "980100"),
    ("keys out of order", "a203040102"),
    ("text keys out of order", "a2616201616101"),
    ("longer keys before shorter", "a262616101616201"),
    ("a repeated key", "a201020103"),
    ("a repeated text key", "a2616101616102"),
    ("a boolean key beside the integer it equals", "a20102f503"),
    ("a boolean key", "a1f502"),
    ("a byte string as key", "a1416101"),
    ("null as key", "a1f601"),
    ("integer and text keys in one map", "a20001616101"),
    ("a key above 23", "a1181801"),
    ("a negative key", "a12001"),
    ("a half-precision float", "f93e00"),
    ("a double-precision float", "fb3ff199999999999a"),
    ("not a number", "f97e00"),
    ("infinity", "f97c00"),
    ("undefined", "f7"),
    ("a simple value", "f0"),
    ("a simple value in two bytes", "f8ff"),
    ("false in two bytes", "f814"),
    ("a positive bignum", "c249010000000000000000"),
    ("a bignum that fits an integer", "c24101"),
    ("a negative integer below 63 bits", "3b8000000000000000"),
    ("a date", "c074323031332d30332d32315432303a30343a30305a"),
    ("a time", "c11a514b67b0"),
    ("a shared value", "d81c80"),
    ("self-described CBOR", "d9d9f700"),
    ("tag 18 in two bytes", "d81280"),
    ("an array of indefinite length", "9f01ff"),
    ("a map of indefinite length", "bf0102ff"),
    ("a byte string of indefinite length", "5f4101ff"),
    ("a text of indefinite length", "7f6161ff"),
    ("text that is not NFC", "6365cc81"),
    ("text that is not UTF-8", "62c328"),
    ("half of a surrogate pair", "63eda080"),
    ("bytes after the value", "0000"),
    ("nothing", ""),
    ("an array that ends early", "8201"),
    ("a length beyond the data", "5bffffffffffffffff"),
    ("a reserved length", "1c"),
    ("a break alone", "ff"),
    ("seventeen arrays in each other", "81" * 17 + "00"),
]
PROPOSAL = Proposal(
    proposal_id=bytes([4]) * 16,
    workspace_id=WORKSPACE,
    action="import_register",
    creator=bytes([5]) * 16,
    created_at=CREATED_AT,
    expires_at=CREATED_AT + proposal.APPROVAL_KEPT_SECONDS,
    reason=Reason.NEW_REGISTRATIONS,
    parameters=(bytes([6]) * 16, "template"),
    inputs=(bytes([7]) * 32,),
    totals=(("households", 600), ("people", 2400)),
)
OPENING = Proposal(
    proposal_id=bytes([8]) * 16,
    workspace_id=WORKSPACE,
    action="open_cycle",
    creator=bytes([5]) * 16,
    created_at=CREATED_AT,
    expires_at=CREATED_AT + proposal.APPROVAL_KEPT_SECONDS,
    reason=Reason.SCHEDULED_CYCLE,
    scope=(bytes([9]) * 16, None, bytes([10]) * 16),
    parameters=(10, None, True, [[1, 400]]),
    totals=(("entitled", 400),),
    outputs=(Output("leases", ("name", "pin"), 400, 20_790),),
)
APPROVER = bytes([11]) * 16


def readable(value):
    """A value of CBOR as JSON: {"hex": ...}, and {"integer": ...} beyond what JSON keeps exact."""
    match value:
        case int() if abs(value) > 2**53 - 1:
            return {"integer": str(value)}
        case bytes():
            return {"hex": value.hex()}
        case list() | tuple():
            return [readable(item) for item in value]
        case cbor2.CBORTag():
            return {"tag": value.tag, "value": readable(value.value)}
        case _ if hasattr(value, "items"):
            return {str(key): readable(item) for key, item in value.items()}
        case _:
            return value


def dcbor_cases():
    return {
        "about": "one encoding a value, and nothing else is read",
        "accepted": [
            {"bytes": text, "value": readable(dcbor.decode(bytes.fromhex(text)))}
            for text in WELL_FORMED
        ],
        "refused": [{"name": name, "bytes": text} for name, text in REFUSED],
    }


def sealed():
    values = [ToSeal(column, ROW, version, value) for column, version, value in SEALED_VALUES]
    stored = sealing.seal(
        values,
        key=sealing.PersonKey(PERSON_KEY),
        workspace=WORKSPACE,
        nonces=[NONCE] * len(values),
    )
    wrapped = sealing.wrap_key(
        sealing.PersonKey(PERSON_KEY),
        kek=KEK,
        person=PERSON,
        workspace=WORKSPACE,
        kek_number=7,
        nonce=NONCE,
    )
    return {
        "about": "sealed columns and a wrapped person key; one nonce for all, in vectors only",
        "workspace": WORKSPACE.hex(),
        "row": ROW.hex(),
        "person_key": PERSON_KEY.hex(),
        "nonce": NONCE.hex(),
        "cases": [
            {
                "name": f"{item.column.name.lower()}, version {item.value_version}",
                "column": int(item.column),
                "value_version": item.value_version,
                "value": readable(item.value),
                "stored": data.hex(),
            }
            for item, data in zip(values, stored, strict=True)
        ],
        "wrapped_key": {
            "person": PERSON.hex(),
            "kek": KEK.hex(),
            "kek_number": 7,
            "stored": wrapped.hex(),
        },
    }


def proposals():
    public = AUTHORITY.public_key().public_bytes_raw()
    digest = proposal.proposal_hash(OPENING.canonical())
    parts = (b"credential", bytes(37), b"{}", bytes(70))
    approvals = [
        ("a passkey", Approval(digest, APPROVER, ApprovalKind.PASSKEY, CREATED_AT + 60, parts)),
        (
            "password and code",
            Approval(digest, APPROVER, ApprovalKind.PASSWORD_AND_CODE, CREATED_AT + 60),
        ),
        (
            "a single operator who waited",
            Approval(digest, OPENING.creator, ApprovalKind.WAITED, CREATED_AT + 86_400),
        ),
    ]
    return {
        "about": "canonical bytes of proposals, their hash, and approvals signed by the authority",
        "authority_public_key": public.hex(),
        "proposals": [
            {
                "name": item.action,
                "value": readable(dcbor.decode(item.canonical())),
                "bytes": item.canonical().hex(),
                "hash": proposal.proposal_hash(item.canonical()).hex(),
            }
            for item in (PROPOSAL, OPENING)
        ],
        "approvals": [
            {
                "name": name,
                "value": readable(approval.payload()),
                "bytes": cose.sign(
                    approval.payload(),
                    label=proposal.APPROVAL_LABEL,
                    public_key=public,
                    signer=AUTHORITY.sign,
                ).hex(),
            }
            for name, approval in approvals
        ],
    }


def accounts():
    cycle, point = bytes([10]) * 16, bytes([12]) * 16
    return {
        "about": "accounts that have a name: "
        'H("despensa/named-account/1" kind u8 cycle16 place16)[:16]',
        "cycle": cycle.hex(),
        "cases": [
            {
                "kind": kind.name.lower(),
                "number": int(kind),
                "place": place.hex(),
                "account": named_account(kind, cycle=cycle, place=place).hex(),
            }
            for kind in AccountKind
            if kind not in (AccountKind.ENTITLEMENT, AccountKind.WALLET)
            for place in (bytes(16), point)
        ],
    }


def files():
    """The content of each file by its place under vectors/."""
    made = {
        "dcbor/dcbor.json": dcbor_cases(),
        "sealing/sealing.json": sealed(),
        "proposal/proposal.json": proposals(),
        "ledger/account.json": accounts(),
    }
    return {
        name: json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        for name, content in made.items()
    }


if __name__ == "__main__":
    for name, content in files().items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(content, encoding="utf-8")
