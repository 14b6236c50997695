"""The vectors of the phones' API, as the phone app reads them too."""

import json

import pytest

from despensa.domain import phone_proof, phone_request
from despensa.domain.encoding import cose
from tests.vectors import make_phone_vectors
from tests.vectors.signed_case import FOLDER, payload_of, plain

ERRORS = {
    "malformed": cose.MalformedSignature,
    "unknown key": cose.UnknownKey,
    "bad signature": cose.BadSignature,
}


def read(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def cases(name):
    return [pytest.param(case, id=case["name"]) for case in read(name)["cases"]]


@pytest.mark.parametrize("name", make_phone_vectors.FILES)
def test_the_files_are_what_the_maker_makes(name):
    assert (FOLDER / name).read_text(encoding="utf-8") == make_phone_vectors.FILES[name]()


@pytest.mark.parametrize("case", cases("phone/requests.json"))
def test_requests(case):
    data = bytes.fromhex(case["bytes"])
    public = bytes.fromhex(read("phone/requests.json")["public_key"])

    def verify():
        name = case["name"].rpartition(" ")[2].upper()
        if case["name"].startswith("request"):
            return phone_request.verify_request(
                data, public_key=public, ask=phone_request.Ask[name]
            )
        return phone_request.verify_enrolment(data)

    if case["expect"] == "valid":
        assert verify()
        assert plain(payload_of(data)) == case["payload"]
    else:
        with pytest.raises(ERRORS[case["expect"]]):
            verify()


@pytest.mark.parametrize("case", cases("phone/states.json"))
def test_states(case):
    given = read("phone/states.json")

    def proven():
        return phone_proof.read_states(
            bytes.fromhex(case["bytes"]),
            hashes={int(seq): bytes.fromhex(digest) for seq, digest in given["hashes"].items()},
            log_vkey=given["log_vkey"],
            authority_keys=[bytes.fromhex(given["authority"])],
        ).proven

    if case["expect"] == "valid":
        assert sorted(proven()) == case["proven"]
    else:
        with pytest.raises(ERRORS[case["expect"]]):
            proven()
