"""The short form of the fuzzer: what atheris looks at a million times, two thousand times without it."""

import random

import pytest

from despensa.domain.card import verify
from despensa.domain.card.verify import Verdict
from tests.fuzz import decoder, mutated


@pytest.fixture(scope="module")
def look():
    return decoder.looker()


def test_the_seeds_are_good_cards(look):
    assert {look(seed) for seed in decoder.seeds()} == {Verdict.GENUINE}


def test_whatever_comes_in_an_answer_comes_out(look):
    drawn, inputs = random.Random(169), decoder.seeds()
    said = set()
    for _ in range(2_000):
        seed = drawn.choice(inputs)
        said.add(look(seed[:1] + mutated.damaged(seed[1:], drawn)))
        look(drawn.randbytes(drawn.randrange(1, 60)))

    assert said >= {Verdict.NOT_GENUINE, Verdict.GENUINE}


@pytest.mark.parametrize("seed", decoder.seeds()[:3], ids=["text", "stream", "signed"])
def test_a_reader_that_accepts_too_much_is_seen(monkeypatch, seed):
    """The last byte of a card is its signature's: taken for good, the fuzzer must stop."""
    good = verify.verify(mutated.TEXTS[0], issuer_keys=mutated.KEYS, now=mutated.card.NOW)
    monkeypatch.setattr(verify, "verify", lambda *_, **__: good)
    look = decoder.looker()

    with pytest.raises(AssertionError):
        look(seed[:1] + b"anything")
