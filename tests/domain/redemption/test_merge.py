"""Merging: the order in which phones report does not matter, and nothing handed out is lost."""

from collections import Counter
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from despensa.domain.event import EventKind
from despensa.domain.redemption import (
    Balance,
    Book,
    LeaseRow,
    MergeEvent,
    MergeFacts,
    Outcome,
    merge,
)
from despensa.domain.redemption.merge import after

PHONES, HOUSEHOLDS, UNITS = 3, 3, (1, 2)
few = settings(max_examples=120)


@dataclass(frozen=True)
class Delivery:
    """A delivery a phone reports: to which household (of which phone's list), under two or one."""

    phone: int
    household: int
    is_supervised: bool = False


def device(phone):
    return b"D" * 15 + bytes([phone])


def lease(phone):
    return b"L" * 15 + bytes([phone])


def tag(phone, household):
    return b"T" * 14 + bytes([phone, household])


def account(phone, household):
    return b"A" * 14 + bytes([phone, household])


def the_ledger():
    """Return a ledger in which every phone has its own households, two units each."""
    places = [(phone, household) for phone in range(PHONES) for household in range(HOUSEHOLDS)]
    return MergeFacts(
        accounts={tag(*place): account(*place) for place in places},
        balances={(account(*place), unit): Balance(unit) for place in places for unit in UNITS},
        lease_devices={lease(phone): device(phone) for phone in range(PHONES)},
        lease_rows={
            (lease(place[0]), account(*place), unit): LeaseRow(unit)
            for place in places
            for unit in UNITS
        },
    )


def reported(phone, deliveries):
    """Return the events of one phone; a delivery that is None is a refusal."""
    return [
        MergeEvent(
            event_id=device(phone)[8:] + seq.to_bytes(8, "big"),
            device_id=device(phone),
            seq=seq,
            event_hash=device(phone) + seq.to_bytes(16, "big"),
            kind=EventKind.REFUSED if item is None else EventKind.DELIVERED,
            session_id=bytes(16),
            lease_id=lease(phone),
            tag=None if item is None else tag(item.phone, item.household),
            goods=() if item is None else tuple((unit, unit) for unit in UNITS),
            is_supervised=item is not None and item.is_supervised,
        )
        for seq, item in enumerate(deliveries, start=1)
    ]


@st.composite
def honest_journals(draw):
    """Every phone serves households of its own list, each once, refusals in between."""
    journals = []
    for phone in range(PHONES):
        served = draw(st.permutations(range(HOUSEHOLDS)))[: draw(st.integers(0, HOUSEHOLDS))]
        items = [Delivery(phone, household) for household in served]
        places = draw(st.lists(st.integers(0, len(items)), max_size=2))
        for place in sorted(places, reverse=True):
            items.insert(place, None)
        journals.append(reported(phone, items))
    return journals


deliveries = st.builds(
    Delivery, st.integers(0, PHONES), st.integers(0, HOUSEHOLDS - 1), st.booleans()
)


@st.composite
def any_journals(draw):
    """Phones report whatever they like: others' households, unknown tags, repetitions."""
    return [
        reported(phone, draw(st.lists(st.one_of(st.none(), deliveries), max_size=5)))
        for phone in range(PHONES)
    ]


def merged_in(batches, facts):
    """Return all outcomes of some batches and what the ledger knows at the end."""
    outcomes = []
    for batch in batches:
        made = merge(batch, facts)
        facts = after(facts, made)
        outcomes += made
    return outcomes, facts


def in_batches(draw, events):
    cuts = sorted(draw(st.lists(st.integers(0, len(events)), max_size=4)))
    return [events[start:end] for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True)]


def interleaved(draw, journals):
    """Return all events in an order that keeps every phone's own order."""
    left = [list(journal) for journal in journals]
    events = []
    while any(left):
        phone = draw(st.sampled_from([number for number, rest in enumerate(left) if rest]))
        events.append(left[phone].pop(0))
    return events


def exceptions(outcomes):
    return {(item.event_id, item.outcome, item.postings, item.cause) for item in outcomes}


@few
@given(honest_journals(), st.data())
def test_honest_phones_in_any_order_give_the_same_ledger_and_no_excess(journals, data):
    events = [event for journal in journals for event in journal]
    expected, ledger = merged_in([events], the_ledger())

    shuffled = data.draw(st.permutations(events))
    outcomes, other_ledger = merged_in(in_batches(data.draw, shuffled), the_ledger())

    assert other_ledger == ledger
    assert exceptions(outcomes) == exceptions(expected)
    assert {item.outcome for item in outcomes} <= {Outcome.POSTED}


@few
@given(any_journals(), st.data())
def test_dishonest_phones_in_any_interleaving_give_the_same_ledger_and_cases(journals, data):
    events = [event for journal in journals for event in journal]
    expected, ledger = merged_in([events], the_ledger())

    batches = in_batches(data.draw, interleaved(data.draw, journals))
    outcomes, other_ledger = merged_in(batches, the_ledger())

    assert other_ledger == ledger
    assert exceptions(outcomes) == exceptions(expected)


@few
@given(any_journals(), st.data())
def test_a_repeated_batch_is_replayed_throughout_and_moves_nothing(journals, data):
    events = [event for journal in journals for event in journal]
    _, ledger = merged_in([events], the_ledger())

    again, same_ledger = merged_in([data.draw(st.permutations(events))], ledger)

    assert {item.outcome for item in again} <= {Outcome.REPLAYED}
    assert same_ledger == ledger


@few
@given(any_journals())
def test_everything_handed_out_is_booked_once_and_nothing_is_overdrawn(journals):
    events = [event for journal in journals for event in journal]

    outcomes, ledger = merged_in([events], the_ledger())

    handed_out, booked = Counter(), Counter()
    for event in events:
        handed_out.update(dict(event.goods))
    for outcome in outcomes:
        for posting in outcome.postings:
            booked[posting.unit] += posting.quantity
    assert booked == handed_out
    assert all(balance.available >= 0 for balance in ledger.balances.values())


@few
@given(any_journals(), honest_journals())
def test_what_a_dishonest_phone_reports_costs_no_honest_phone_anything(bad, good):
    honest = [event for journal in good[1:] for event in journal]

    outcomes, _ = merged_in([bad[0], honest], the_ledger())

    ours = [item for item in outcomes if item.event.device_id != device(0)]
    assert {item.outcome for item in ours} <= {Outcome.POSTED}
    assert all(posting.book is Book.ENTITLEMENT for item in ours for posting in item.postings)


@few
@given(any_journals())
def test_every_excess_names_its_phone_and_is_loss_that_one_person_answers_for(journals):
    outcomes, _ = merged_in(journals, the_ledger())

    for item in outcomes:
        has_loss = any(posting.book is Book.LOSS for posting in item.postings)
        assert has_loss == (item.outcome is Outcome.EXCESS)
        assert (item.cause is not None) == has_loss
        if has_loss:
            assert not item.event.is_supervised


def test_a_cloned_phone_is_a_fork_and_both_versions_are_kept():
    original = reported(0, [Delivery(0, 0)])
    clone = [
        MergeEvent(
            event_id=b"c" * 16,
            device_id=device(0),
            seq=1,
            event_hash=b"c" * 32,
            kind=EventKind.DELIVERED,
            session_id=bytes(16),
            lease_id=lease(0),
            tag=tag(0, 1),
            goods=((1, 1),),
        )
    ]

    outcomes, ledger = merged_in([original, clone, clone], the_ledger())

    assert [item.outcome for item in outcomes] == [
        Outcome.POSTED,
        Outcome.FORK,
        Outcome.REPLAYED,
    ]
    assert len(ledger.hashes_by_place[device(0), 1]) == 2
    assert ledger.balances[account(0, 1), 1].available == 1
    assert outcomes[1].postings[0].book is Book.LOSS
