"""The phone's reader of cards: the same vectors, and the same verdict on every broken card."""

import json

import pytest

from tests.clients import node
from tests.fuzz import mutated
from tests.vectors import make_card_vectors as card

TOKENS = json.loads((card.FOLDER / "token.json").read_text(encoding="utf-8"))
LIFE = json.loads((card.FOLDER / "life.json").read_text(encoding="utf-8"))
GIVEN = {
    "issuerKeys": {TOKENS["issuer_kid"]: TOKENS["issuer_public_key"]},
    "cases": [{"text": case["text"], "now": case["now"]} for case in TOKENS["cases"]],
}


@pytest.fixture(autouse=True)
def _node():
    node.needs_node()


@pytest.mark.parametrize("options", [[], ["--without-crypto"]], ids=["webcrypto", "noble"])
def test_every_token_gets_its_verdict(options):
    answers = node.run("verdicts.mjs", *options, given=GIVEN)

    assert len(answers) == len(TOKENS["cases"]) > 40
    for case, answer in zip(TOKENS["cases"], answers, strict=True):
        said = (answer["verdict"], answer["fault"], answer["expired"], answer["notYetValid"])
        times = (case.get("expired"), case.get("not_yet_valid"))
        assert said == (case["verdict"], case["fault"], *times), case["name"]


@pytest.mark.parametrize("ring", LIFE["rotation"]["rings"], ids=lambda ring: ring["name"])
def test_cards_of_exchanged_keys(ring):
    cases = [{"text": row["text"], "now": ring["now"]} for row in ring["cases"]]

    answers = node.run("verdicts.mjs", given={"issuerKeys": ring["issuer_keys"], "cases": cases})

    for row, answer in zip(ring["cases"], answers, strict=True):
        assert (answer["verdict"], answer["fault"]) == (row["verdict"], row["fault"])


def test_a_phone_makes_the_tags_of_a_cards_life():
    programme, asked = LIFE["programme"], []
    for told in LIFE["cases"]:
        cards = {card["name"]: card for card in told["cards"]}
        for row in told["tags"]:
            given = {name: cards[row["card"]][name] for name in ("epoch", "secret")}
            asked.append(
                ({"ask": "tag", **given, "programme": programme, **row}, row["key"], row["tag"])
            )

    answers = node.run("domain.mjs", given=[question for question, _, _ in asked])

    assert answers == [{"key": key, "tag": made} for _, key, made in asked]
    assert len(asked) >= 15


def test_the_cards_come_back_with_their_fields():
    answers = node.run("verdicts.mjs", given=GIVEN)

    for case, answer in zip(TOKENS["cases"], answers, strict=True):
        wanted = case.get("card", {})
        found = answer["card"] or {}
        assert found.get("kind") == wanted.get("kind"), case["name"]
        for name in ("number", "epoch", "secret"):
            assert found.get(name) == (wanted or {}).get(name), case["name"]
        if wanted.get("kind") == "IdentityCard":
            assert found["fields"]["4"] == wanted["full_name"]
            assert found["statusIndex"] == wanted["status_index"]


def test_both_readers_say_the_same_of_every_broken_card():
    texts = mutated.mutated(4_000, seed=7)

    ours, theirs = mutated.both(texts)

    for text, one, other in zip(texts, ours, theirs, strict=True):
        assert one == other, text
        assert one[0] != "genuine", text
    faults = {fault for _, fault in ours}
    assert faults >= {"bad_base45", "bad_zlib", "not_cose", "bad_signature", "wrong_claims"}


def test_any_text_gets_the_same_answer():
    streams = [b"\x78\x01" + bytes([first, second]) for first in range(8) for second in (0, 255)]
    texts = ["", " ", "0", "00", "FFF", *map(mutated.base45.encode, streams), "é" * 9]

    ours, theirs = mutated.both(texts)

    assert ours == theirs
