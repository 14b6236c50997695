"""
Cards with something changed: in the text, in the compressed stream, in the signed bytes.

`python -m tests.fuzz.mutated --cards 100000` lets both readers look at that many and says what
came of it; `make soak` runs it. The short form is in tests/vectors/test_card_in_javascript.py.
"""

import argparse
import json
import random
import sys
from collections import Counter

from despensa.domain.card import base45, deflate, envelope
from despensa.domain.card.verify import Verdict, verify_all
from despensa.domain.encoding import cose
from tests.clients import node
from tests.vectors import make_card_vectors as card

PUBLIC = card.public(card.ISSUER)
KEYS = {cose.key_id(PUBLIC): PUBLIC}
SIGNED = {"public_key": PUBLIC, "signer": card.ISSUER.sign}
TEXTS = envelope.encode_cards([card.ENTITLEMENT, card.IDENTITY], **SIGNED)
AT_ONCE = 10_000


def mutated(count, *, seed):
    """Return texts that are none of the two cards; the same seed gives the same texts."""
    drawn = random.Random(seed)
    changes = (_text, _stream, _signed, _payload)
    made = []
    while len(made) < count:
        text = drawn.choice(changes)(drawn.choice(TEXTS), drawn)
        if text not in TEXTS:
            made.append(text)
    return made


def both(texts):
    """Return the answers of the Python and of the JavaScript reader as (verdict, fault)."""
    ours = [
        (answer.verdict.value, answer.fault.value if answer.fault else None)
        for answer in verify_all(texts, issuer_keys=KEYS, now=card.NOW)
    ]
    given = {
        "issuerKeys": {kid.hex(): key.hex() for kid, key in KEYS.items()},
        "cases": [{"text": text, "now": card.NOW} for text in texts],
    }
    theirs = [(one["verdict"], one["fault"]) for one in node.run("verdicts.mjs", given=given)]
    return ours, theirs


def _text(text, drawn):
    characters = list(text)
    for _ in range(drawn.choice((1, 1, 2, 5))):
        place = drawn.randrange(len(characters))
        kind = drawn.randrange(4)
        if kind == 0:
            characters[place] = drawn.choice(base45.ALPHABET)
        elif kind == 1:
            del characters[place : place + drawn.randrange(1, 4)]
        elif kind == 2:
            characters.insert(place, drawn.choice(base45.ALPHABET + "aé\n"))
        else:
            other = drawn.randrange(len(characters))
            characters[place], characters[other] = characters[other], characters[place]
    return "".join(characters)


def _stream(text, drawn):
    return base45.encode(damaged(base45.decode(text), drawn))


def _signed(text, drawn):
    return card.text_of(damaged(deflate.inflate(base45.decode(text)), drawn))


def _payload(text, drawn):
    # signed by the issuer all the same: only the claims themselves can be at fault
    payload = cose.parse(deflate.inflate(base45.decode(text))).payload
    return card.text_of(card.sign(_broken(payload, drawn)))


def _broken(payload, drawn):
    changed = damaged(payload, drawn)
    # a number or a secret may change into another good one: such a card is genuine, and no mutant
    try:
        envelope._card(changed)
    except envelope.CardError:
        return changed
    return payload[:-1]


def damaged(data, drawn):
    """Return bytes with one or a few of them changed or gone."""
    changed = bytearray(data)
    for _ in range(drawn.choice((1, 1, 1, 2, 8))):
        place = drawn.randrange(len(changed))
        kind = drawn.randrange(3)
        if kind == 0:
            changed[place] ^= 1 << drawn.randrange(8)
        elif kind == 1:
            changed[place] = drawn.choice((0, 0x18, 0x40, 0x5F, 0x7F, 0xA0, 0xBF, 0xD2, 0xF6, 0xFF))
        elif len(changed) > 1:
            del changed[place]
    return bytes(changed)


def main():
    """Compare both readers on many cards; print what came of it as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cards", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=169)
    asked = parser.parse_args()
    faults: Counter[str] = Counter()
    accepted = differing = 0
    for start in range(0, asked.cards, AT_ONCE):
        texts = mutated(min(AT_ONCE, asked.cards - start), seed=asked.seed + start)
        ours, theirs = both(texts)
        for text, one, other in zip(texts, ours, theirs, strict=True):
            accepted += Verdict.GENUINE.value in {one[0], other[0]}
            if one != other:
                differing += 1
                sys.stderr.write(f"Python {one}, JavaScript {other}: {text}\n")
            faults[str(one[1])] += 1
    figures = {"fuzz": "mutated", "n": asked.cards, "accepted": accepted, "differing": differing}
    sys.stdout.write(json.dumps(figures | {"faults": dict(sorted(faults.items()))}) + "\n")
    return 1 if accepted or differing else 0


if __name__ == "__main__":
    sys.exit(main())
