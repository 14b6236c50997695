"""Parts of a register have the accounts and tags of their households and cards, one by one."""

import os
import random

import pytest

from despensa.adapters.keeper.links import CHUNK_RECORDS, LinkFile, parsed, record
from despensa.adapters.keeper.opening import Part, ends, stepped
from despensa.domain.card import tag as tags
from despensa.domain.ledger.opening_rows import CARD, CREDIT, GOODS, TAG

PROGRAMME, CYCLE, EPOCH = b"p" * 16, b"c" * 16, 7
PART = Part(b"s" * 32, PROGRAMME, CYCLE, EPOCH)
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CARDS = 3 * CHUNK_RECORDS + 100


@pytest.fixture(scope="module")
def register():
    """Links of cards, most but not all bound to households, and what households were given."""
    dice = random.Random(5)
    numbers = sorted({"".join(dice.choices(LETTERS, k=10)) for _ in range(CARDS)})
    links = {}
    for number in numbers[:-50]:
        epoch = dice.randint(0, EPOCH + 1)
        links[number] = tags.Link(epoch, dice.randbytes(16 if dice.random() < 0.5 else 32))
    bound = [
        (number, dice.randbytes(16), dice.choice((1, 1, 2, 3)), dice.random() < 0.6)
        for number in numbers
        if dice.random() < 0.9
    ]
    goods = [
        (home, unit, dice.randint(1, 10**12)) for _, home, _, _ in bound[::2] for unit in (1, 9)
    ]
    return links, bound, goods


def _account(home):
    return tags.account16(PART.secret, household=home, programme=PROGRAMME)


def _packed(bound):
    return b"".join(CARD.pack(number.encode(), *rest) for number, *rest in bound)


def test_tags_are_those_of_each_card(register):
    links, bound, _ = register
    records = b"".join(record(number, links[number]) for number in sorted(links))

    made = [*TAG.iter_unpack(PART.tags(records, _packed(bound)))]

    rows = []
    for number, home, outcome, gives in bound:
        if number not in links:
            continue
        [one] = tags.tags([links[number]], cycle_epoch=EPOCH, programme=PROGRAMME, cycle=CYCLE)
        status = 2 if outcome == 1 and not gives else outcome
        own = _account(home) if gives and status != 2 else None
        rows.append((one.tag, one.step, status, own is not None, own or bytes(16)))
    assert made == sorted(rows)
    assert PART.tags(stepped(records, EPOCH), _packed(bound)) == PART.tags(records, _packed(bound))


def test_credits_are_those_of_each_household(register):
    goods = register[2]

    made = PART.credits(b"".join(GOODS.pack(*line) for line in goods))

    lines = sorted((_account(home), unit, quantity) for home, unit, quantity in goods)
    assert [*CREDIT.iter_unpack(made)] == lines
    assert PART.credits(b"") == PART.tags(b"", b"") == b""


def test_links_step_forward_and_keep_their_order(register):
    links = register[0]
    records = b"".join(record(number, links[number]) for number in sorted(links))

    moved = dict(parsed(stepped(records, EPOCH)))

    walked = {n: tags.walk(one, EPOCH) if one.epoch < EPOCH else one for n, one in links.items()}
    assert (moved, list(moved)) == (walked, sorted(links))


def test_only_the_chunks_asked_for_are_opened_and_hold_every_number_between(register, tmp_path):
    links, bound, _ = register
    file = LinkFile(tmp_path, workspace=b"w" * 16, random=os.urandom)
    assert file.records_between(b"2" * 10, b"Z" * 10) == b""
    file.store(links)

    for begin, end in ((0, 1), (10, 5_000), (0, len(bound)), (len(bound) - 3, len(bound))):
        part = bound[begin:end]
        found = dict(parsed(file.records_between(*ends(_packed(part)))))
        wanted = {number: links[number] for number, *_ in part if number in links}
        assert wanted.items() <= found.items()
        assert len(found) <= len(wanted) * 1.2 + 2 * CHUNK_RECORDS
    assert file.load() == links
