"""The vectors of leases, events and receipts, as the phone app reads them too."""

import json

import pytest

from despensa.domain import lease, receipt, slip
from despensa.domain.card import tag as chain
from despensa.domain.device import sign_certificate, verify_certificate
from despensa.domain.encoding import cose
from despensa.domain.event import (
    IdentifierRepeated,
    LinkBroken,
    NotSigned,
    SequenceBroken,
    WrongDevice,
    event_hash,
    sign_event,
    verify_chain,
    verify_event,
)
from despensa.domain.event.sealing import (
    EventSealBroken,
    decode_batch,
    open_events,
    open_evidence,
    seal_evidence,
)
from tests.factories import field
from tests.vectors import make_field_vectors, make_receipt_vectors
from tests.vectors.signed_case import FOLDER, payload_of, plain

ERRORS = {
    "malformed": cose.MalformedSignature,
    "unknown key": cose.UnknownKey,
    "bad signature": cose.BadSignature,
    "not signed": NotSigned,
    "wrong device": WrongDevice,
    "sequence broken": SequenceBroken,
    "link broken": LinkBroken,
    "identifier repeated": IdentifierRepeated,
}


def read(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def cases(name):
    return [pytest.param(case, id=case["name"]) for case in read(name)["cases"]]


def ring(name):
    return {bytes.fromhex(key["kid"]): bytes.fromhex(key["public"]) for key in read(name)["keys"]}


def device_certificate(name):
    data = bytes.fromhex(read(name)["certificate"])
    return verify_certificate(data, authority_keys=ring("lease/certificate.json"))


def check(case, verify, sign=None):
    """Verify the bytes of a case; what is valid is also made again, byte for byte."""
    data = bytes.fromhex(case["bytes"])
    if case["expect"] != "valid":
        with pytest.raises(ERRORS[case["expect"]]):
            verify(data)
        return
    value = verify(data)
    assert plain(payload_of(data)) == case["payload"]
    if sign is not None:
        assert sign(value) == data


def by(signing, function):
    return lambda value: function(value, public_key=signing.public, signer=signing.sign)


def test_the_files_are_what_their_maker_makes():
    for maker in (make_field_vectors, make_receipt_vectors):
        for name, content in maker.files().items():
            written = (FOLDER / name).read_text(encoding="utf-8")
            assert written == content, f"{name}: run python -m {maker.__name__}"


@pytest.mark.parametrize("case", cases("lease/certificate.json"))
def test_certificate(case):
    keys = ring("lease/certificate.json")
    check(
        case,
        lambda data: verify_certificate(data, authority_keys=keys),
        by(field.AUTHORITY, sign_certificate),
    )


@pytest.mark.parametrize("case", cases("lease/lease.json"))
def test_lease(case):
    keys = ring("lease/lease.json")
    check(
        case,
        lambda data: lease.verify_lease(data, authority_keys=keys),
        by(field.AUTHORITY, lease.sign_lease),
    )


@pytest.mark.parametrize("case", cases("lease/slip.json"))
def test_slip(case):
    keys = ring("lease/slip.json")
    check(
        case,
        lambda data: slip.verify_slip(data, keys=keys),
        by(field.AUTHORITY, slip.sign_slip),
    )


@pytest.mark.parametrize("case", cases("lease/holder.json"))
def test_holder(case):
    link = chain.Link(case["epoch"], bytes.fromhex(case["secret"]))
    key = chain.holder_key(
        chain.walk(link, case["holder_epoch"]).key, lease=bytes.fromhex(case["lease"])
    )
    sealed, tag = bytes.fromhex(case["holder"]), bytes.fromhex(case["tag"])

    if case["expect"] is None:
        with pytest.raises(lease.HolderSealBroken):
            lease.open_holder(sealed, holder_key=key, tag=tag)
    else:
        opened = lease.open_holder(sealed, holder_key=key, tag=tag)
        assert [[item.role, item.name, item.pin] for item in opened] == case["expect"]


@pytest.mark.parametrize("case", cases("event/event.json"))
def test_event(case):
    certificate = device_certificate("event/event.json")
    check(
        case,
        lambda data: verify_event(data, certificate=certificate),
        by(field.PHONE, sign_event),
    )
    if case["expect"] == "valid":
        assert event_hash(bytes.fromhex(case["bytes"])).hex() == case["hash"]


@pytest.mark.parametrize("case", cases("event/chain.json"))
def test_chain(case):
    events = [bytes.fromhex(data) for data in case["events"]]
    place = {"seq": case["seq"], "previous_hash": bytes.fromhex(case["previous_hash"])}
    certificate = device_certificate("event/chain.json")

    if case["expect"] == "valid":
        verified = verify_chain(events, certificate=certificate, **place)
        assert [item.data for item in verified] == events
    else:
        with pytest.raises(ERRORS[case["expect"]]) as refusal:
            verify_chain(events, certificate=certificate, **place)
        assert refusal.value.position == case["position"]


@pytest.mark.parametrize("case", cases("event/sealing.json"))
def test_sealing(case):
    batch = decode_batch(bytes.fromhex(case["batch"]))
    key = bytes.fromhex(case["first_chain_key"])

    if case["expect"] is None:
        with pytest.raises(EventSealBroken):
            open_events(batch, first_chain_key=key)
    else:
        opened = open_events(batch, first_chain_key=key)
        assert [data.hex() for data in opened] == case["expect"]


@pytest.mark.parametrize("case", cases("event/evidence.json"))
def test_evidence(case):
    sealed, key = bytes.fromhex(case["sealed"]), bytes.fromhex(case["batch_key"])
    event_id, number = bytes.fromhex(case["event_id"]), case["number"]

    if case["expect"] is None:
        with pytest.raises(EventSealBroken):
            open_evidence(sealed, batch_key=key, number=number, event_id=event_id)
    else:
        data = open_evidence(sealed, batch_key=key, number=number, event_id=event_id)
        assert data.hex() == case["expect"]
        assert seal_evidence([(event_id, data)], batch_key=key, first=number) == [sealed]


@pytest.mark.parametrize("case", cases("receipt/receipt.json"))
def test_receipt(case):
    keys = ring("receipt/receipt.json")
    check(case, lambda data: receipt.verify_receipt(data, authority_keys=keys))
    if case["expect"] == "valid":
        data = bytes.fromhex(case["bytes"])
        assert list(receipt.spoken_code(data)) == case["spoken"]
        assert receipt.is_spoken_code([word.upper() for word in case["spoken"]], data)


def test_every_kind_of_receipt_has_a_vector():
    held = [case for case in read("receipt/receipt.json")["cases"] if case["expect"] == "valid"]

    assert {case["payload"]["1"] for case in held} == set(map(int, receipt.ReceiptKind))


def test_every_spoken_word_is_another():
    words = read("receipt/spoken_word.json")["cases"][0]["expect"].split()

    assert len(set(words)) == 2048
    assert [receipt.spoken_word(index) for index in range(2048)] == words
    with pytest.raises(ValueError, match="11 bits"):
        receipt.spoken_word(2048)
