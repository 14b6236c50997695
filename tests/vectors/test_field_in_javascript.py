"""The phone's rules in JavaScript: every case that Python reads gets the same answer."""

import functools
import json

import pytest

from despensa.adapters import hpke
from despensa.domain.encoding import dcbor
from despensa.domain.transparency import checkpoint, tile, tree
from tests.clients import node
from tests.factories import field
from tests.vectors.signed_case import FOLDER

PHONE = {"seed": (bytes([0xD1]) * 32).hex(), "public": field.PHONE.public.hex()}
AUTHORITY = {"seed": (bytes([0xA1]) * 32).hex(), "public": field.AUTHORITY.public.hex()}
LADDER = sorted(
    path.name
    for path in (FOLDER / "redemption").glob("*.json")
    if path.name not in {"locate.json", "merge.json"}
)


@pytest.fixture(autouse=True)
def _node():
    node.needs_node()


@functools.cache
def read(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def asked(ask, cases, **more):
    """Return each case with what the phone answers to it."""
    questions = [{"ask": ask, **case, **more} for case in cases]
    return list(zip(cases, node.run("domain.mjs", given=questions), strict=True))


def authority():
    return read("lease/certificate.json")["keys"]


@pytest.mark.parametrize("name", ["certificate", "lease", "slip"])
def test_signed_documents(name):
    file = read(f"lease/{name}.json")

    for case, answer in asked(name, file["cases"], keys=file["keys"]):
        wanted = case["expect"] if case["expect"] == "valid" else {"fault": case["expect"]}
        assert answer == wanted, case["name"]


def test_events_are_read_and_made_again_byte_for_byte():
    file = read("event/event.json")
    given = {"certificate": file["certificate"], "authority": authority(), "signing": PHONE}

    for case, answer in asked("event", file["cases"], **given):
        if case["expect"] == "valid":
            assert answer == {"again": case["bytes"], "hash": case["hash"]}, case["name"]
        else:
            assert answer == {"fault": case["expect"]}, case["name"]


def test_a_journal_is_one_chain():
    file = read("event/chain.json")
    given = {"certificate": file["certificate"], "authority": authority()}

    for case, answer in asked("chain", file["cases"], **given):
        if case["expect"] == "valid":
            assert answer == "valid", case["name"]
        else:
            assert answer == {"fault": case["expect"], "position": case["position"]}, case["name"]


def test_batches_open_and_are_sealed_again():
    cases = read("event/sealing.json")["cases"]

    opened = asked("open", cases)
    again = asked("seal", [case | {"events": case["expect"]} for case in cases if case["expect"]])

    for case, answer in opened:
        if case["expect"] is None:
            assert answer["fault"] in {"seal broken", "malformed"}, case["name"]
        else:
            assert answer == case["expect"], case["name"]
    assert again
    assert all(answer == case["batch"] for case, answer in again)


def test_collectors_open_with_their_card_only():
    for case, answer in asked("holder", read("lease/holder.json")["cases"]):
        wanted = {"fault": "seal broken"} if case["expect"] is None else case["expect"]
        assert answer == wanted, case["name"]


def test_receipts_of_a_phone():
    file = read("receipt/receipt.json")
    # the office's other kinds, and their faults, are not the phone's to read
    cases = [
        case
        for case in file["cases"]
        if case["expect"] != "valid" or case["payload"]["1"] in (1, 2)
    ]

    answers = asked("receipt", cases, keys=file["keys"], signing=PHONE)

    valid = [pair for pair in answers if pair[0]["expect"] == "valid"]
    assert len(valid) >= 3
    for case, answer in valid:
        assert answer == {"again": case["bytes"], "spoken": case["spoken"]}, case["name"]
    for case, answer in answers:
        if case["expect"] != "valid":
            assert answer == {"fault": case["expect"]}, case["name"]


def test_the_words_of_a_code():
    [case] = read("receipt/spoken_word.json")["cases"]

    assert node.run("domain.mjs", given=[{"ask": "words"}]) == [case["expect"]]


@pytest.mark.parametrize("name", LADDER)
def test_every_scan_gets_the_same_verdict(name):
    for case, answer in asked("decide", read(f"redemption/{name}")["cases"]):
        assert answer == case["expect"], case["name"]


def test_a_card_is_found_where_python_finds_it():
    cases = read("redemption/locate.json")["cases"]

    for case, answer in asked("locate", cases, keys=read("lease/lease.json")["keys"]):
        assert answer["card"] == case["expect"], case["name"]
        assert answer["tags"] == case["first_scope_tags"], case["name"]
        assert {tuple(place) for place in answer["number"]} >= {
            tuple(place) for place in case["expect"]
        }, case["name"]


def test_sealing_to_a_key_goes_both_ways():
    info, text = b"despensa/lease/1" + field.DEVICE + field.LEASE, b"a list"
    key = field.PHONE_SEALING
    question = {
        "ask": "hpke",
        "private": key.private.hex(),
        "public": key.public.hex(),
        "sealed": hpke.seal(key.public, text, info).hex(),
        "info": info.hex(),
        "text": text.hex(),
    }

    answer, other = node.run("domain.mjs", given=[question, question | {"info": "00"}])

    assert bytes.fromhex(answer["opened"]) == text
    assert hpke.open_sealed(key.private, bytes.fromhex(answer["sealed"]), info) == text
    assert other == {"fault": "seal broken"}


def test_a_browser_without_x25519_agrees_on_the_same_secret():
    # RFC 7748 section 5.2, and points of small order
    cases = [
        (
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
            "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
            "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
        ),
        (
            "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
            "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
            "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
        ),
        (bytes(31).hex() + "40", bytes(32).hex(), {"fault": "unusable key"}),
        (bytes(31).hex() + "40", "01" + bytes(31).hex(), {"fault": "unusable key"}),
    ]
    questions = [{"private": one, "public": other} for one, other, _ in cases]

    for (_, _, wanted), (_, answer) in zip(cases, asked("agreed", questions), strict=True):
        assert answer == wanted


def test_canonical_cbor_is_written_as_it_is_read():
    values = [
        *(0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**53, 2**63 - 1, -1, -25, -(2**63)),
        *("", "José", b"", bytes(300), [], [1, [2, b"x"]], None, True, False),
        {0: 1, 23: "a", 169: {1: "b"}, 65535: {"z": 1, "ab": 2}, -65537: [b""]},
    ]
    encoded = [dcbor.encode(value).hex() for value in values]

    answers = node.run("domain.mjs", given=[{"ask": "encode", "bytes": one} for one in encoded])

    assert answers == encoded


def test_an_answer_proves_to_a_phone_what_it_proves_to_python():
    file = read("phone/states.json")
    given = {name: file[name] for name in ("hashes", "log_vkey", "authority")}

    for case, answer in asked("states", file["cases"], **given):
        wanted = case["proven"] if case["expect"] == "valid" else {"fault": case["expect"]}
        assert answer == wanted, case["name"]


def test_a_checkpoint_is_believed_from_the_log_alone():
    file = read("transparency/checkpoints.json")
    good = [{"text": file["text"]}, {"text": file["cosigned"]}]
    changed = [{"text": file["text"].replace("\n700\n", "\n701\n")}]
    own, other = file["log_vkey"], checkpoint.vkey("another.example", field.STRANGER.public)

    for _, answer in asked("checkpoint", good, log_vkey=own):
        assert answer == [file["size"], file["root"]]
    for case, answer in asked("checkpoint", file["malformed"], log_vkey=own):
        assert answer == {"fault": "malformed"}, case["why"]
    assert [answer for _, answer in asked("checkpoint", changed, log_vkey=own)] == [
        {"fault": "bad signature"}
    ]
    assert [answer for _, answer in asked("checkpoint", good[:1], log_vkey=other)] == [
        {"fault": "unknown key"}
    ]


def test_the_log_continues_where_its_tiles_say_so():
    file = read("transparency/trees.json")
    hashes = tree.leaf_hashes([number.to_bytes(4, "big") for number in range(1000)])
    sizes = {case["new"] for case in file["consistency"]}
    pieces = {
        piece.path: data.hex()
        for size in sizes
        for piece, data in tile.grow((), 0, hashes[:size]).tiles
    }
    for case, answer in asked("continues", file["consistency"], roots=file["roots"], tiles=pieces):
        assert answer == {"proof": case["proof"], "isGood": True, "isFooled": False}, case
    for case, answer in asked(
        "inclusion",
        [
            case
            | {
                "root": tree.root_of_hashes(hashes[: case["size"]]).hex(),
                "leaf": case["index"].to_bytes(4, "big").hex(),
            }
            for case in file["inclusion"]
        ],
    ):
        assert answer is True, case


def test_tiles_have_the_names_that_python_gives_them():
    cases = [
        {"level": level, "at": at, "size": size}
        for level, at, size in (
            (0, 0, 1),
            (0, 255, 256),
            (0, 256, 700),
            (1, 1, 700),
            (0, 1234067 * 256, 2**40),
        )
    ]

    for case, answer in asked("tilePath", cases):
        number = case["at"] // tile.WIDTH
        assert answer == tile.tile_at(case["level"], number, case["size"]).path


def test_a_card_of_another_point_is_found_by_its_short_tag():
    points = [[bytes([3]) * 16, "P01", {"es": "Centro"}], [bytes([4]) * 16, "P02", {"es": "Norte"}]]
    rows = [
        (bytes([1]) * 8, 1, 1, 20_778),
        (bytes([1]) * 7 + bytes([2]), 2, 255, 0),
        (bytes([9]) * 8, 1, 0, 20_779),
        (bytes([255]) * 8, 4, 255, 0),
    ]
    records = [tag + bytes([status, at]) + day.to_bytes(2, "big") for tag, status, at, day in rows]
    answer = dcbor.encode({0: 1, 1: points, 2: b"".join(records), 3: [[2, bytes([7]) * 8]]})
    tags = [tag + bytes(8) for tag, *_ in rows]
    strangers = [bytes(16), bytes([1]) * 7 + bytes([3]) + bytes(8), bytes([254]) * 16]
    asked_for = [tag.hex() for tag in tags + strangers]

    [found] = node.run(
        "domain.mjs", given=[{"ask": "district", "bytes": answer.hex(), "tags": asked_for}]
    )

    assert found[:4] == [
        [1, "04" * 16, 20_778],
        [2, None, None],
        [1, "03" * 16, 20_779],
        [4, None, None],
    ]
    assert found[4:] == [None, None, None]
