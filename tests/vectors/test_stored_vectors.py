"""The vectors of deterministic CBOR, sealed values, proposals and named accounts."""

import json

import cbor2
import psycopg
import pytest

from despensa.domain import proposal, sealing
from despensa.domain.encoding import cose, dcbor
from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.sealing import Column, Sealed, ToSeal
from despensa.records.redemption import merge_sql
from tests.vectors import make_stored_vectors
from tests.vectors.make_stored_vectors import readable


def read(name):
    return json.loads((make_stored_vectors.FOLDER / name).read_text(encoding="utf-8"))


def value_of(written):
    """The value that `readable` wrote."""
    match written:
        case {"hex": text}:
            return bytes.fromhex(text)
        case {"integer": text}:
            return int(text)
        case {"tag": number, "value": inner}:
            return cbor2.CBORTag(number, value_of(inner))
        case dict():
            return {
                int(key) if key.lstrip("-").isdecimal() else key: value_of(item)
                for key, item in written.items()
            }
        case list():
            return [value_of(item) for item in written]
        case _:
            return written


DCBOR = read("dcbor/dcbor.json")
SEALING = read("sealing/sealing.json")
PROPOSALS = read("proposal/proposal.json")
ACCOUNTS = read("ledger/account.json")
WORKSPACE = bytes.fromhex(SEALING["workspace"])
ROW = bytes.fromhex(SEALING["row"])
KEY = sealing.PersonKey(bytes.fromhex(SEALING["person_key"]))
AUTHORITY = bytes.fromhex(PROPOSALS["authority_public_key"])
AUTHORITY_KEYS = {cose.key_id(AUTHORITY): AUTHORITY}


def by_name(case):
    return case["name"]


def test_the_files_are_what_their_maker_makes():
    for name, content in make_stored_vectors.files().items():
        written = (make_stored_vectors.FOLDER / name).read_text(encoding="utf-8")
        assert written == content, f"{name}: run python -m tests.vectors.make_stored_vectors"


@pytest.mark.parametrize("case", DCBOR["accepted"], ids=lambda case: case["bytes"])
def test_a_value_has_this_encoding(case):
    data = bytes.fromhex(case["bytes"])

    assert readable(dcbor.decode(data)) == case["value"]
    assert dcbor.encode(value_of(case["value"])) == data


@pytest.mark.parametrize("case", DCBOR["refused"], ids=by_name)
def test_these_bytes_encode_nothing(case):
    with pytest.raises(dcbor.EncodingError):
        dcbor.decode(bytes.fromhex(case["bytes"]))


@pytest.mark.parametrize("case", SEALING["cases"], ids=by_name)
def test_a_value_is_sealed_to_these_bytes(case):
    column, stored = Column(case["column"]), bytes.fromhex(case["stored"])
    item = ToSeal(column, ROW, case["value_version"], value_of(case["value"]))
    nonce = bytes.fromhex(SEALING["nonce"])

    assert sealing.seal([item], key=KEY, workspace=WORKSPACE, nonces=[nonce]) == [stored]
    opened = sealing.unseal([Sealed(column, ROW, stored)], key=KEY, workspace=WORKSPACE)
    assert readable(opened) == [case["value"]]
    assert sealing.value_version(stored) == case["value_version"]


def test_the_person_key_is_unwrapped():
    wrapped = SEALING["wrapped_key"]

    key = sealing.unwrap_key(
        bytes.fromhex(wrapped["stored"]),
        kek=bytes.fromhex(wrapped["kek"]),
        person=bytes.fromhex(wrapped["person"]),
        workspace=WORKSPACE,
        kek_number=wrapped["kek_number"],
    )

    assert key == KEY


@pytest.mark.parametrize("case", PROPOSALS["proposals"], ids=by_name)
def test_a_proposal_has_these_bytes_and_this_hash(case):
    data = bytes.fromhex(case["bytes"])
    parsed = proposal.parse(data)

    assert parsed.canonical() == data == dcbor.encode(value_of(case["value"]))
    assert proposal.proposal_hash(data).hex() == case["hash"]


@pytest.mark.parametrize("case", PROPOSALS["approvals"], ids=by_name)
def test_an_approval_is_read(case):
    approval = proposal.verify_approval(bytes.fromhex(case["bytes"]), authority_keys=AUTHORITY_KEYS)

    assert readable(approval.payload()) == case["value"]


@pytest.mark.parametrize("case", ACCOUNTS["cases"], ids=lambda case: case["account"][:8])
def test_a_named_account_has_this_id(case):
    kind = AccountKind[case["kind"].upper()]
    place, cycle = bytes.fromhex(case["place"]), bytes.fromhex(ACCOUNTS["cycle"])

    assert kind == case["number"]
    assert named_account(kind, cycle=cycle, place=place).hex() == case["account"]


def test_the_database_finds_the_same_delivered_account(endpoints):
    """The set-based merge derives the account in SQL."""
    cases = [case for case in ACCOUNTS["cases"] if case["number"] == AccountKind.DELIVERED]
    rows = ", ".join(f"('{ACCOUNTS['cycle']}'::uuid, '{case['place']}'::uuid)" for case in cases)
    statement = f"""
        SELECT encode({merge_sql.DELIVERED_ACCOUNT}, 'hex')
        FROM (VALUES {rows}) AS session (cycle, point_id)
    """

    with psycopg.connect(endpoints.superuser) as connection:
        found = [row[0] for row in connection.execute(statement)]

    assert found == [case["account"] for case in cases]
