"""Many clients at one counter: each has its own answer, whatever the others sent."""

import threading

import pytest

from despensa.domain.ledger.posting import MalformedOrder, Move, Outcome
from despensa.entrypoints.jobs import counter as module
from despensa.entrypoints.jobs.counter import Counter


def order(place, group=None):
    number = place.to_bytes(16, "big")
    return Move(number, b"a" * 16, b"b" * 16, 1, place, 13, bytes(16), group=group)


@pytest.fixture(name="posted")
def _posted(monkeypatch):
    """What was posted together; odd amounts are refused as overdrawn."""
    batches = []

    def post(orders, *, acting):
        batches.append(list(orders))
        if any(one.amount == 666 for one in orders):
            raise RuntimeError("the disk is full")
        return [Outcome.OVERDRAWN if one.amount % 2 else Outcome.POSTED for one in orders]

    monkeypatch.setattr(module, "post_transfers", post)
    return batches


def run(counter, batches):
    answers = [None] * len(batches)

    def client(at):
        try:
            answers[at] = counter.post(batches[at])
        except Exception as error:
            answers[at] = error

    threads = [threading.Thread(target=client, args=(at,)) for at in range(len(batches))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return answers


def test_every_client_gets_its_own_answer(posted):
    answers = run(Counter(lambda: None), [[order(place)] for place in range(1, 201)])

    assert answers == [
        [Outcome.OVERDRAWN if place % 2 else Outcome.POSTED] for place in range(1, 201)
    ]
    assert sum(map(len, posted)) == 200


def test_groups_of_two_clients_are_two_groups(posted):
    counter = Counter(lambda: None)
    slips = [module._Slip([order(2, 1), order(4, 1)]), module._Slip([order(6, 1)])]

    together = module._together(slips)
    counter._serve(slips)

    assert [one.group for one in together] == [0, 0, 1]
    assert [slip.outcomes for slip in slips] == [[Outcome.POSTED] * 2, [Outcome.POSTED]]


def test_a_malformed_order_harms_nobody_else_and_a_broken_disk_is_told_to_everybody(posted):
    counter = Counter(lambda: None)

    with pytest.raises(MalformedOrder):
        counter.post([order(0)])
    with pytest.raises(RuntimeError, match="disk"):
        counter.post([order(666)])
    assert counter.post([order(2)]) == [Outcome.POSTED]
