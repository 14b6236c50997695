"""
What becomes of cards over the months, as vectors/card/life.json tells it; part of `make_card_vectors`.

Computed with the standard library's HMAC, so that our own chain is held against another.
"""

import hashlib
import hmac

from despensa.domain.card import envelope
from despensa.domain.card.claims import EntitlementCard
from despensa.domain.encoding import cose

PROGRAMME = bytes([1]) * 16
NUMBERS = ("C7Q488KD2T", "7H2M9RTWX9")
LOOKUP_KEY = bytes([6]) * 32


def secret(name):
    return hashlib.sha256(f"card {name}".encode()).digest()[:16]


def cycle(name):
    return hashlib.sha256(f"cycle {name}".encode()).digest()[:16]


def key_at(name, epoch, step):
    """The link of a card at a step, by hand."""
    key = secret(name)
    for _ in range(step - epoch):
        key = hmac.digest(key, b"despensa/next/1", hashlib.sha256)
    return key


def tag_at(name, epoch, step, of):
    message = b"despensa/tag/1" + PROGRAMME + cycle(of)
    return hmac.digest(key_at(name, epoch, step), message, hashlib.sha256)[:16]


def opened(name, epoch, *cards, late_of=None):
    act = {"act": "open", "cycle": cycle(name).hex(), "epoch": epoch, "cards": list(cards)}
    return act if late_of is None else act | {"late_of": cycle(late_of).hex()}


def listed(name, *cards):
    return {"act": "lease", "cycle": cycle(name).hex(), "cards": list(cards)}


def case(name, sentence, cards, acts, tags):
    """`cards` is {name: epoch of issue}; `tags` are (card, cycle, step), in the order of the acts."""
    return {
        "name": name,
        "sentence": sentence,
        "cards": [
            {"name": one, "number": number, "epoch": epoch, "secret": secret(one).hex()}
            for number, (one, epoch) in zip(NUMBERS, cards.items(), strict=False)
        ],
        "acts": acts,
        "tags": [
            {
                "card": one,
                "cycle": cycle(of).hex(),
                "step": step,
                "key": key_at(one, cards[one], step).hex(),
                "tag": tag_at(one, cards[one], step, of).hex(),
            }
            for one, of, step in tags
        ],
    }


def within_a_cycle():
    return [
        case(
            "a card replaced mid-cycle",
            "the old card's link is forgotten; the new one, of the next month, makes its own tag in"
            " the open cycle, at the month of its issue",
            {"old": 10, "new": 12},
            [
                {"act": "issue", "cards": ["old"]},
                opened("november", 11, "old"),
                {"act": "issue", "cards": ["new"]},
                {"act": "forget", "cards": ["old"]},
                listed("november", "old", "new"),
            ],
            [("old", "november", 11), ("new", "november", 12)],
        ),
        case(
            "a card issued after the opening",
            "its chain begins after the cycle's epoch, so its tag is made at its own",
            {"early": 10, "late": 13},
            [
                {"act": "issue", "cards": ["early"]},
                opened("november", 11, "early"),
                {"act": "issue", "cards": ["late"]},
                listed("november", "early", "late"),
            ],
            [("early", "november", 11), ("early", "november", 11), ("late", "november", 13)],
        ),
        case(
            "two months missed",
            "the holder came to neither; the keeper went on, and the card walks as far",
            {"card": 10},
            [
                {"act": "issue", "cards": ["card"]},
                opened("november", 10, "card"),
                opened("december", 11),
                opened("january", 12),
                opened("february", 13, "card"),
            ],
            [("card", "november", 10), ("card", "february", 13)],
        ),
    ]


def beyond_a_cycle():
    return [
        case(
            "a child cycle",
            "the child keeps the epoch of its root; the keeper has gone on since, and its link decides",
            {"card": 10, "late": 12},
            [
                {"act": "issue", "cards": ["card"]},
                opened("november", 11, "card"),
                opened("december", 12, "card"),
                {"act": "issue", "cards": ["late"]},
                opened("november-late", 11, "card", "late", late_of="november"),
                listed("november", "card"),
            ],
            [
                ("card", "november", 11),
                ("card", "december", 12),
                ("card", "november-late", 12),
                ("late", "november-late", 12),
                ("card", "november", 12),
            ],
        ),
        case(
            "a cycle faded, nothing opened since",
            "the links go on one step, and the next cycle of the same month takes it",
            {"card": 10},
            [
                {"act": "issue", "cards": ["card"]},
                opened("november", 11, "card"),
                {"act": "fade", "cycle": cycle("november").hex()},
                opened("another", 11, "card"),
            ],
            [("card", "november", 11), ("card", "another", 12)],
        ),
        case(
            "a restored backup of the keeper",
            "no link and no cycle's secret comes back with it, so that an opening has no tag of the"
            " card; the tag that was stored is still the"
            " card's, and the card that is scanned again goes on from the step given",
            {"card": 10},
            [
                {"act": "issue", "cards": ["card"]},
                opened("november", 11, "card"),
                {"act": "restore"},
                opened("before-scanning", 12, "card"),
                {"act": "register", "cards": ["card"], "step": 12},
                opened("december", 12, "card"),
            ],
            [("card", "november", 11), ("card", "december", 12)],
        ),
    ]


def rotation(old, new, *, issued_at, expires_at):
    """Cards of two issuer keys before the second, while both are trusted, and after a theft."""
    cards = {
        "old": EntitlementCard(NUMBERS[0], issued_at, expires_at, 10, secret("old")),
        "new": EntitlementCard(NUMBERS[1], issued_at, expires_at, 12, secret("new")),
    }
    signers = {"old": old, "new": new}
    public = {name: key.public_key().public_bytes_raw() for name, key in signers.items()}
    texts = {
        name: envelope.encode_cards([card], public_key=public[name], signer=signers[name].sign)[0]
        for name, card in cards.items()
    }
    rings = [("before", ["old"]), ("both trusted", ["new", "old"]), ("old one stolen", ["new"])]
    return [
        {
            "name": name,
            "issuer_keys": {cose.key_id(public[one]).hex(): public[one].hex() for one in trusted},
            "now": issued_at,
            "cases": [
                {
                    "card": one,
                    "text": texts[one],
                    "verdict": "genuine" if one in trusted else "cannot tell",
                    "fault": None if one in trusted else "unknown_key",
                    # who signed a card changes nothing about its chain
                    "tag": tag_at(one, cards[one].epoch, 13, "february").hex(),
                }
                for one in texts
            ],
        }
        for name, trusted in rings
    ]


def life(old, new, **times):
    return {
        "programme": PROGRAMME.hex(),
        "lookup_key": LOOKUP_KEY.hex(),
        "cases": [*within_a_cycle(), *beyond_a_cycle()],
        "rotation": {
            "cycle": cycle("february").hex(),
            "step": 13,
            "rings": rotation(old, new, **times),
        },
    }
