"""The vectors of the card: tokens, tags, numbers and base45, as the phone app reads them too."""

import json

import pytest

from despensa.domain import identifier
from despensa.domain.card import base45, tag
from despensa.domain.card.verify import verify
from tests.vectors import make_card_vectors


def read(name):
    return json.loads((make_card_vectors.FOLDER / name).read_text(encoding="utf-8"))


TOKENS = read("token.json")
TAGS = read("tag.json")
LIFE = read("life.json")
NUMBERS = read("number.json")
BASE45 = read("base45.json")
ISSUER_KEYS = {
    bytes.fromhex(TOKENS["issuer_kid"]): bytes.fromhex(TOKENS["issuer_public_key"]),
}


def value(name):
    return bytes.fromhex(TAGS[name])


def test_the_files_are_what_their_maker_makes():
    for name, content in make_card_vectors.files().items():
        written = (make_card_vectors.FOLDER / name).read_text(encoding="utf-8")
        assert written == content, f"{name}: run python -m tests.vectors.make_card_vectors"


@pytest.mark.parametrize("case", TOKENS["cases"], ids=lambda case: case["name"])
def test_a_token_gets_its_verdict(case):
    answer = verify(case["text"], issuer_keys=ISSUER_KEYS, now=case["now"])

    assert answer.verdict.value == case["verdict"]
    assert (answer.fault.value if answer.fault else None) == case["fault"]
    assert answer.expired == case.get("expired")
    assert answer.not_yet_valid == case.get("not_yet_valid")
    for name, expected in case.get("card", {}).items():
        read_value = type(answer.card).__name__ if name == "kind" else getattr(answer.card, name)
        assert (read_value.hex() if isinstance(read_value, bytes) else read_value) == expected


def test_the_published_tags_are_reproduced():
    # docs/reference/formats.md section 2
    published = {
        10: "f9662d1458aa20d0d9f7f259ba53a09a",
        11: "5b78393546f2795ca8b3d23f5c5e227b",
        12: "8490ee9eb7adc8f10344eac14d75995e",
    }
    link = tag.Link(10, bytes(range(16)))

    for step, expected in published.items():
        made = tag.tags([link], cycle_epoch=step, programme=b"\1" * 16, cycle=b"\2" * 16)
        assert made == [tag.SteppedTag(step, bytes.fromhex(expected))]


@pytest.mark.parametrize("row", TAGS["chain"], ids=lambda row: f"step {row['step']}")
def test_a_chain_reaches_its_links(row):
    link = tag.walk(tag.Link(TAGS["card_epoch"], value("secret")), row["step"])

    made = tag.tag16(link.key, programme=value("programme"), cycle=value("cycle"))

    assert link == tag.Link(row["step"], bytes.fromhex(row["key"]))
    assert made.hex() == row["tag"]
    assert tag.holder_key(link.key, lease=value("lease")).hex() == row["holder_key"]


@pytest.mark.parametrize("step", TAGS["steps_refused"])
def test_a_chain_refuses_other_steps(step):
    with pytest.raises(tag.ChainError):
        tag.walk(tag.Link(TAGS["card_epoch"], value("secret")), step)


@pytest.mark.parametrize("row", TAGS["stepped"], ids=lambda row: row["sentence"])
def test_a_tag_takes_the_later_step(row):
    first = tag.Link(TAGS["card_epoch"], value("secret"))

    [made] = tag.tags(
        [tag.walk(first, row["link_epoch"])],
        cycle_epoch=row["cycle_epoch"],
        programme=value("programme"),
        cycle=value("cycle"),
    )

    assert (made.step, made.tag.hex()) == (row["step"], row["tag"])


def test_accounts_wallets_lookups_and_commitments():
    owner = {"household": value("household"), "programme": value("programme")}
    first = tag.tag16(value("secret"), programme=value("programme"), cycle=value("cycle"))

    assert tag.account16(value("secret32"), **owner) == value("account")
    assert tag.accounts(
        value("secret32"), households=[owner["household"]], programme=owner["programme"]
    ) == [value("account")]
    assert tag.wallet16(value("secret32"), **owner) == value("wallet")
    assert tag.number_lookup8(value("secret32"), TAGS["number"]) == value("number_lookup")
    assert tag.commitment32(first, nonce=value("nonce")) == value("commitment")


@pytest.mark.parametrize("row", NUMBERS["valid"], ids=lambda row: row["typed"])
def test_a_typed_number_is_understood(row):
    number = identifier.parse_card_number(row["typed"])

    assert number == row["number"]
    assert identifier.display_card_number(number) == row["shown"]


@pytest.mark.parametrize("row", NUMBERS["refused"], ids=lambda row: row["why"])
def test_a_wrong_number_is_refused(row):
    with pytest.raises(identifier.CardNumberError):
        identifier.parse_card_number(row["typed"])


def test_drawn_numbers_follow_from_the_random_bytes():
    drawn = NUMBERS["drawn"]["numbers"]

    assert list(identifier.card_numbers(make_card_vectors.counting_bytes(), len(drawn))) == drawn


def test_base45_both_ways():
    for row in BASE45["valid"]:
        assert base45.encode(bytes.fromhex(row["hex"])) == row["text"]
        assert base45.decode(row["text"]).hex() == row["hex"]
    for text in BASE45["refused"]:
        with pytest.raises(base45.Base45Error):
            base45.decode(text)


def test_check_digits_of_the_standard():
    examples = json.loads(
        (make_card_vectors.FOLDER.parent / "check-digits.json").read_text(encoding="utf-8")
    )

    for body, check in examples["iso7064_mod37_36"].items():
        assert identifier.check_character(body) == check


def life_rows():
    """Every tag of vectors/card/life.json with the card that makes it."""
    for told in LIFE["cases"]:
        cards = {card["name"]: card for card in told["cards"]}
        for row in told["tags"]:
            yield cards[row["card"]], row


def test_whoever_holds_the_card_makes_the_tags_of_its_life():
    programme = bytes.fromhex(LIFE["programme"])

    for card, row in life_rows():
        link = tag.walk(tag.Link(card["epoch"], bytes.fromhex(card["secret"])), row["step"])
        assert link.key.hex() == row["key"]
        made = tag.tag16(link.key, programme=programme, cycle=bytes.fromhex(row["cycle"]))
        assert made.hex() == row["tag"]


@pytest.mark.parametrize("ring", LIFE["rotation"]["rings"], ids=lambda ring: ring["name"])
def test_cards_of_exchanged_keys(ring):
    keys = {bytes.fromhex(kid): bytes.fromhex(key) for kid, key in ring["issuer_keys"].items()}
    place = {
        "programme": bytes.fromhex(LIFE["programme"]),
        "cycle": bytes.fromhex(LIFE["rotation"]["cycle"]),
    }

    for row in ring["cases"]:
        said = verify(row["text"], issuer_keys=keys, now=ring["now"])
        assert said.verdict.value == row["verdict"]
        assert (said.fault.value if said.fault else None) == row["fault"]
        if said.card is not None:
            link = tag.walk(tag.Link(said.card.epoch, said.card.secret), LIFE["rotation"]["step"])
            assert tag.tag16(link.key, **place).hex() == row["tag"]
