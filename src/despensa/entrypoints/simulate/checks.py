"""What must hold after every step and at the end; a check that fails is named."""

from collections import Counter, defaultdict
from random import Random

from despensa.domain.event import Event, EventKind
from despensa.domain.redemption.merge import (
    Book,
    MergeEvent,
    MergeOutcome,
    Outcome,
    RowKey,
    after,
    merge,
)
from despensa.entrypoints.simulate.office import ACTIVE, Books
from despensa.entrypoints.simulate.phone import Noted, Phone
from despensa.entrypoints.simulate.world import World

SENDS_MAX = 120

Fault = tuple[str, str]


def after_step(world: World) -> list[Fault]:
    """Return what is wrong now."""
    facts, faults = world.office.books.facts, []
    if any(balance.available < 0 for balance in facts.balances.values()):
        faults.append(("nothing below zero", "an account is overdrawn"))
    given: Counter[RowKey] = Counter()
    for outcome in world.office.books.outcomes.values():
        for posting in outcome.postings:
            if posting.book is Book.ENTITLEMENT and posting.row is not None:
                given[posting.row] += posting.quantity
    if any(number > facts.lease_rows[key].quantity for key, number in given.items()):
        faults.append(("nothing below zero", "a list gave more than it holds"))
    if world.changed_answers:
        faults.append(("the same batch gets the same answer", "it got another one"))
    if world.false_answers:
        faults.append(("what is answered is held", "the office named what it does not hold"))
    for phone in world.phones:
        if phone.log_faults:
            faults.append(("the log only grows", f"phone {phone.name} saw it change"))
        if phone.wrong_forgets:
            detail = f"phone {phone.name} forgot {phone.wrong_forgets}"
            faults.append(("nothing is forgotten without a proof", detail))
    return faults


def at_the_end(world: World) -> list[Fault]:
    """Return what is wrong once every fault was healed, everything sent and merged."""
    books = world.office.books
    everybody = [*world.phones, *world.retired]
    trusted = [phone for phone in everybody if phone.is_honest and phone.is_single]
    return [
        *_sent(world, trusted),
        *_kept(books, everybody, trusted, was_restored=world.restored),
        *_excess(world, everybody, trusted),
        *_returned(world, trusted),
        *_order(books, world),
    ]


def _sent(world: World, trusted: list[Phone]) -> list[Fault]:
    faults = []
    for phone in trusted:
        if phone.is_wiped:
            continue
        row = world.office.books.devices[phone.device]
        if row.state != ACTIVE:
            faults.append(("no honest phone has two journals", f"phone {phone.name} is suspended"))
        elif phone.unsent or max(phone.sent.values(), default=0) > SENDS_MAX:
            faults.append(("sending ends", f"phone {phone.name} has {len(phone.unsent)} unsent"))
    return faults


def _kept(
    books: Books, everybody: list[Phone], trusted: list[Phone], *, was_restored: bool
) -> list[Fault]:
    faults = []
    for phone in trusted:
        on_disk = {item.hash for item in phone.disk.journal}
        for noted in phone.noted:
            if phone.is_wiped:
                is_due = noted.event.seq in phone.forgotten or (
                    not was_restored and noted.event.seq <= phone.disk.acknowledged
                )
            else:
                is_due = noted.hash in on_disk or noted.event.seq in phone.forgotten
            if is_due and not _is_kept(books, noted):
                detail = f"phone {phone.name} wrote event {noted.event.seq}"
                faults.append(("every event is in the books", detail))
                break
    if any(count > 1 for count in books.counted.values()):
        faults.append(("a claim counts once", "an event was posted twice"))
    for phone in everybody:
        # after a restore a second version may be on its phone alone, which has no proof of it
        if phone.is_single or phone.is_wiped or was_restored:
            continue
        lost = [item for item in phone.disk.journal if not _is_known(books, phone, item.hash)]
        if lost and not phone.unsent:
            faults.append(("both versions are kept", f"phone {phone.name}: {len(lost)} are gone"))
    return faults


def _is_kept(books: Books, noted: Noted) -> bool:
    if noted.hash in books.outcomes:
        return True
    place = (noted.event.device_id, noted.event.seq)
    return noted.hash in books.aside.get(place, frozenset())


def _is_known(books: Books, phone: Phone, digest: bytes) -> bool:
    return digest in books.outcomes or any(
        digest in versions
        for (device, _), versions in books.aside.items()
        if device == phone.device
    )


def _excess(world: World, everybody: list[Phone], trusted: list[Phone]) -> list[Fault]:
    """
    Compare what the books call excess with what an oracle that saw everything calls so.

    Whose excess it is that a phone caused which released what was spent depends on which phone was
    heard first; that it is never an honest one's does not.
    """
    books = world.office.books
    events = {noted.hash: noted.event for phone in everybody for noted in phone.noted}
    merged = {digest: outcome for digest, outcome in books.outcomes.items() if digest in events}
    honest = {phone.device for phone in trusted}
    faults = []
    expected = _oracle(books, {digest: events[digest] for digest in merged})
    found = {
        (outcome.event.device_id, digest)
        for digest, outcome in merged.items()
        if outcome.outcome is Outcome.EXCESS
    }
    by_honest = [
        outcome
        for outcome in merged.values()
        if outcome.outcome is Outcome.EXCESS and outcome.blamed in honest
    ]
    if by_honest:
        faults.append(("no honest excess", f"{len(by_honest)} claims of honest phones"))
    accounts = world.unsure_accounts()
    unsure = {
        digest
        for digest, outcome in merged.items()
        if books.facts.accounts.get(outcome.event.tag or b"") in accounts
    }
    if {one for one in found ^ expected if one[1] not in unsure}:
        faults.append(("excess equals the oracle's", f"{len(found ^ expected)} differ"))
    counted = set(books.counted)
    if any(digest in counted for digest in events) and not counted >= set(merged):
        faults.append(("every claim is in the books", "an outcome was not counted"))
    lost = _uncounted(books, events)
    if lost:
        faults.append(("every claim is in the books", f"{lost} claims are nowhere"))
    return faults


def _uncounted(books: Books, events: dict[bytes, Event]) -> int:
    taken_in = set(books.held.values())
    waiting = {event.event_hash for event in books.inbox}
    return sum(
        digest in taken_in
        and digest not in books.outcomes
        and digest not in waiting
        and digest not in books.aside.get((event.device_id, event.seq), frozenset())
        for digest, event in events.items()
    )


def _oracle(books: Books, events: dict[bytes, Event]) -> set[tuple[bytes, bytes]]:
    """Return (phone, event) of every unsupervised claim beyond the phone's own list."""
    used: defaultdict[tuple[bytes, bytes, int], int] = defaultdict(int)
    excess = set()
    order = sorted(events.items(), key=lambda item: (item[1].device_id, item[1].seq, item[0]))
    facts = books.facts
    for digest, event in order:
        if event.kind is not EventKind.DELIVERED:
            continue
        account = facts.accounts.get(event.tag or b"")
        for unit, quantity in event.goods or ():
            key = (event.lease_id or b"", account or b"", unit)
            row = facts.lease_rows.get(key)
            is_own = facts.lease_devices.get(event.lease_id or b"") == event.device_id
            spent = row.spent if row is not None and not row.is_freed else 0
            fits = row is not None and is_own and spent + used[key] + quantity <= row.quantity
            if row is not None and is_own:
                # what is beyond the list counts against it all the same
                used[key] += quantity
            if not fits and not event.is_supervised:
                excess.add((event.device_id, digest))
    return excess


def _returned(world: World, trusted: list[Phone]) -> list[Fault]:
    for phone in trusted:
        ended: set[bytes] = set()
        for noted in phone.noted:
            event = noted.event
            if event.kind is EventKind.DELIVERED and event.lease_id in ended:
                detail = f"phone {phone.name}, event {event.seq}"
                return [("a list given back gives nothing", detail)]
            if event.kind is EventKind.LEASE_RETURNED and event.lease_id in world.returned_lists:
                ended.add(event.lease_id)
    return []


def _order(books: Books, world: World) -> list[Fault]:
    """Merge everything again in another order and other batches: the same must come out."""
    facts = world.facts_at_first()
    if world.plant is not None:
        return []
    again = [outcome.event for outcome in books.outcomes.values()]
    by_device: defaultdict[bytes, list[MergeEvent]] = defaultdict(list)
    for event in sorted(again, key=lambda item: item.seq):
        by_device[event.device_id].append(event)
    dice = Random(len(again))
    outcomes: dict[bytes, MergeOutcome] = {}
    while by_device:
        device = dice.choice(sorted(by_device))
        size = dice.randrange(1, 9)
        taken, rest = by_device[device][:size], by_device[device][size:]
        results = merge(taken, facts)
        facts = after(facts, results)
        outcomes |= {item.event.event_hash: item for item in results}
        if rest:
            by_device[device] = rest
        else:
            del by_device[device]
    # two people's delivery of a card that was taken over later is covered once the move is known
    moved = {account for (_, account, _), row in facts.lease_rows.items() if row.origin is not None}
    unsure = world.unsure_accounts() | {
        facts.accounts.get(event.tag or b"")
        for event in again
        if event.is_supervised and facts.accounts.get(event.tag or b"") in moved
    }
    same = all(
        outcomes[digest].outcome is outcome.outcome
        and outcomes[digest].postings == outcome.postings
        for digest, outcome in books.outcomes.items()
        if facts.accounts.get(outcome.event.tag or b"") not in unsure
    )
    balances = all(
        balance == books.facts.balances[key]
        for key, balance in facts.balances.items()
        if key[0] not in unsure
    )
    if same and balances:
        return []
    return [("order does not matter", "another order of merging gave another result")]
