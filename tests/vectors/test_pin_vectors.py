"""An operator's own code for her PIN: the same cases in Python and in the phone's JavaScript."""

import json

import pytest

from despensa.domain.pin_code import Asked, PinCodeRefused, read_code
from tests.clients import node
from tests.vectors import make_pin_vectors
from tests.vectors.signed_case import FOLDER

FILE = json.loads((FOLDER / make_pin_vectors.NAME).read_text(encoding="utf-8"))
ABOUT = {key: FILE[key] for key in ("keys", "workspace", "device", "operator", "now")}


def read(case):
    asked = Asked(
        workspace_id=bytes.fromhex(FILE["workspace"]),
        device_id=bytes.fromhex(FILE["device"]),
        operator_id=bytes.fromhex(FILE["operator"]),
        used=frozenset(bytes.fromhex(one) for one in case["used"]),
        now=FILE["now"],
        authority_keys={
            bytes.fromhex(key["kid"]): bytes.fromhex(key["public"]) for key in FILE["keys"]
        },
    )
    try:
        return read_code(bytes.fromhex(case["code"]), asked).code_id.hex()
    except PinCodeRefused as refused:
        return refused.trouble.value


def test_the_file_is_what_its_maker_makes():
    written = (FOLDER / make_pin_vectors.NAME).read_text(encoding="utf-8")

    assert written == make_pin_vectors.text(), "run python -m tests.vectors.make_pin_vectors"


@pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in FILE["cases"]])
def test_a_code_sets_a_pin_or_is_refused(case):
    assert read(case) == case["expect"]


def test_the_phone_s_javascript_says_the_same_of_every_code():
    node.needs_node()

    answers = node.run("domain.mjs", given=[{"ask": "pin", **ABOUT, **c} for c in FILE["cases"]])

    for case, said in zip(FILE["cases"], answers, strict=True):
        assert said == case["expect"], case["name"]
