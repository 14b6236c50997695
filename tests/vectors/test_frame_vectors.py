"""A file as a row of codes: the same in Python and in the phone's JavaScript."""

import json

import pytest

from despensa.domain.frames import COUNT_MAX, FrameKind, TooLong, frames_of, gather
from tests.clients import node
from tests.vectors import make_frame_vectors
from tests.vectors.signed_case import FOLDER

CASES = json.loads((FOLDER / make_frame_vectors.NAME).read_text(encoding="utf-8"))["cases"]


def test_the_file_is_what_its_maker_makes():
    written = (FOLDER / make_frame_vectors.NAME).read_text(encoding="utf-8")

    assert written == make_frame_vectors.text(), "run python -m tests.vectors.make_frame_vectors"


@pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in CASES])
def test_a_row_is_cut_and_put_together(case):
    assert frames_of(FrameKind(case["kind"]), bytes.fromhex(case["data"])) == case["frames"]

    rows = gather(case["seen"])
    whole = [row.data.hex() for row in rows if row.data is not None]

    assert whole == ([] if case["expect"] is None else [case["expect"]])
    assert {row.kind for row in rows} == {case["kind"]}


def test_what_nobody_would_wait_for_is_no_row():
    with pytest.raises(TooLong):
        frames_of(FrameKind.JOURNAL, bytes(401 * COUNT_MAX))


def test_the_phone_s_javascript_makes_and_reads_the_same_codes():
    node.needs_node()

    answers = node.run("domain.mjs", given=[{"ask": "frames", **case} for case in CASES])

    for case, said in zip(CASES, answers, strict=True):
        assert said == {"frames": case["frames"], "whole": case["expect"]}, case["name"]
