"""
One seed of the simulator: points, phones, cards, an office, a network, and what befalls them.

Every choice is drawn from the seed's own dice, so that the same seed is the same run.
"""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from random import Random

from despensa.domain.event import EventKind, Means
from despensa.domain.lease import Lease, LeaseCard, LeaseEntitlement, Scope, SessionHours
from despensa.domain.payload import Goods
from despensa.domain.redemption.merge import Balance, MergeFacts, RowKey
from despensa.entrypoints.simulate.office import PREPARED, Office
from despensa.entrypoints.simulate.phone import DAY_SECONDS, Crash, Disk, Phone
from despensa.entrypoints.simulate.plants import Plant

NOON = 1_795_276_800
TICK_SECONDS = 1_200
HOUSEHOLDS_A_PHONE = 6
STEPS = 140
DISHONEST = 0.05
SESSION_DAYS = 2
LEASE_SECONDS = 48 * 3600
_GOODS: Goods = ((1, 1), (2, 3))
_SKEWS = (0, 0, 0, 0, -3 * DAY_SECONDS, 3 * DAY_SECONDS, -NOON, -40_000)
_TWO_CARDS = 0.2
_CODE_READ = 0.9
_LOST, _TWICE, _CUT = 0.15, 0.10, 0.03
_DELAY_MAX = 6
_STEP_CHANCES: tuple[tuple[str, int], ...] = (
    ("scan", 40),
    ("send", 26),
    ("merge", 10),
    ("back_up", 4),
    ("ask", 8),
    ("crash", 4),
    ("partition", 3),
    ("give_back", 3),
    ("take_over", 3),
    ("break_list", 3),
    ("relist", 6),
    ("restore", 1),
    ("wipe", 1),
    ("roll_back", 1),
    ("clone", 1),
    ("keep_disk", 2),
    ("long_night", 3),
)


@dataclass(frozen=True, slots=True)
class Card:
    """A card: its tag, its household's account; copies of it are the same tag elsewhere."""

    tag: bytes
    account: bytes
    home: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """Bytes on their way: a batch to the office, or an answer to a phone."""

    due: int
    order: float
    to: Phone | None
    data: bytes
    sender: Phone


class World:
    """Everything of one run."""

    def __init__(self, seed: int, phones: int, plant: Plant | None) -> None:
        """Enrol phones at two points, open a cycle, and give each phone its list."""
        self.dice = Random(seed)
        self.plant = plant
        self.now = NOON
        self.tick = 0
        self.office = Office(Random(self.dice.random()), plant)
        self.network: list[Parcel] = []
        self.offline: dict[int, int] = {}
        self.disks: dict[int, Disk] = {}
        self.answers: dict[bytes, bytes] = {}
        self.changed_answers = 0
        self.false_answers = 0
        self.restored = False
        self.retired: list[Phone] = []
        self.returned_lists: set[bytes] = set()
        self.releases: list[tuple[Phone, set[bytes | None]]] = []
        self.staff = (self.dice.randbytes(16), self.dice.randbytes(16))
        self.phones = [self._new_phone(number) for number in range(2 * phones)]
        self.cards = self._open_cycle()
        for phone in self.phones:
            self._give_list(phone, [card for card in self.cards if card.home == phone.name])
        self.office.back_up()

    def _new_phone(self, number: int) -> Phone:
        phone = Phone(number, Random(self.dice.random()), NOON - DAY_SECONDS, self.plant)
        phone.skew = self.dice.choice(_SKEWS)
        phone.is_honest = self.dice.random() >= DISHONEST
        self.office.enrol(phone.certificate, phone.certificate_data)
        return phone

    def _open_cycle(self) -> list[Card]:
        cards: list[Card] = []
        accounts: dict[tuple[bytes, int], int] = {}
        for phone in self.phones:
            for _ in range(HOUSEHOLDS_A_PHONE):
                account = self.dice.randbytes(16)
                accounts |= {(account, unit): quantity for unit, quantity in _GOODS}
                copies = 1 + (self.dice.random() < _TWO_CARDS)
                cards += [Card(self.dice.randbytes(16), account, phone.name) for _ in range(copies)]
        self.credited = dict(accounts)
        self.office.credit(accounts, {card.tag: card.account for card in cards})
        return cards

    def _give_list(self, phone: Phone, cards: list[Card]) -> None:
        """Make a list and load it; nothing is left to list where others hold it all."""
        lease = self.dice.randbytes(16)
        wanted = [(account, _GOODS) for account in dict.fromkeys(card.account for card in cards)]
        closes = self.now + 10 * 3600
        expires = closes + LEASE_SECONDS
        found = dict(self.office.make_list(lease, phone.device, wanted, expires))
        self.office.back_up()
        entitlements = tuple(
            LeaseEntitlement(
                0,
                goods,
                tuple(LeaseCard(10, c.tag, c.tag[:8], 10) for c in cards if c.account == account),
            )
            for account, goods in found.items()
        )
        if not entitlements:
            return
        phone.load(
            Lease(
                lease_id=lease,
                workspace_id=bytes(16),
                device_id=phone.device,
                session_id=lease,
                point_id=bytes(16),
                issued_at=self.now,
                expires_at=expires,
                hours=SessionHours(self.now // DAY_SECONDS, self.now, closes),
                issuer_keys=(),
                scopes=(Scope(bytes(16), bytes(16)),),
                entitlements=entitlements,
                lookup_key=bytes(32),
                inbox_key=bytes(32),
            )
        )

    def unsure_accounts(self) -> set[bytes | None]:
        """Return the accounts that phones released which may have served them all the same."""
        released = [
            accounts for phone, accounts in self.releases
            if not (phone.is_honest and phone.is_single)
        ]  # fmt: skip
        return {account for accounts in released for account in accounts}

    def facts_at_first(self) -> MergeFacts:
        """Return what the ledger knew before the first event, with every list there was since."""
        facts = self.office.books.facts
        used: Counter[RowKey] = Counter()
        for outcome in self.office.books.outcomes.values():
            for posting in outcome.postings:
                if posting.row is not None:
                    used[posting.row] += posting.quantity
        # what is claimed beyond the claims was moved to another phone's list, or was spent there
        rows = {
            key: replace(row, claimed=row.claimed - used[key])
            for key, row in facts.lease_rows.items()
        }
        return MergeFacts(
            accounts=facts.accounts,
            balances={key: Balance(quantity) for key, quantity in self.credited.items()},
            lease_devices=facts.lease_devices,
            lease_rows=rows,
        )

    def heal(self) -> None:
        """End every fault: the network is whole, every phone is up and reachable."""
        self.network, self.offline = [], {}
        for phone in self.phones:
            phone.restart()

    def step(self) -> None:
        """Let one thing happen, and what is due on the network arrive."""
        names = [name for name, _ in _STEP_CHANCES]
        [name] = self.dice.choices(names, [weight for _, weight in _STEP_CHANCES])
        phone = self.dice.choice(self.phones)
        act: Callable[[Phone], None] = getattr(self, f"_{name}")
        self.tick += 1
        self.now += self.dice.randrange(TICK_SECONDS)
        self._living(phone, act)
        self._arrive()

    def _living(self, phone: Phone, act: Callable[[Phone], None]) -> None:
        try:
            act(phone)
        except Crash:
            phone.restart()

    def _scan(self, phone: Phone) -> None:
        own = [card for card in self.cards if card.home == phone.name]
        card = self.dice.choice(own if own and self.dice.random() < 0.85 else self.cards)
        if not phone.is_honest and self.dice.random() < 0.5:
            self._cheat(phone, card)
        elif self.dice.random() < 0.05:
            phone.abort(self.now, self.staff[0])
        else:
            phone.scan(card.tag, self.now, self.staff)

    def _cheat(self, phone: Phone, card: Card) -> None:
        """Do what the app never does: hand over again, out of another list, or under a known id."""
        other = self.dice.choice(self.phones)
        lease = None if other.index is None else other.index.lease.lease_id
        known = phone.noted[-1].event.event_id if phone.noted else None
        what = self.dice.randrange(3)
        phone.write(
            EventKind.DELIVERED,
            phone.now(self.now),
            self.staff[0],
            event_id=known if what == 2 else None,
            lease=lease if what == 1 else None,
            tag=card.tag,
            goods=((1, self.dice.choice((1, 1, 50))),),
            means=Means.CAMERA,
        )

    def _send(self, phone: Phone) -> None:
        batch = None if self._is_offline(phone) else phone.batch()
        if batch is not None:
            self._post(Parcel(0, 0.0, None, batch, phone))

    def _is_offline(self, phone: Phone) -> bool:
        return self.offline.get(phone.name, 0) > self.tick

    def _post(self, parcel: Parcel) -> None:
        """Lose, copy, delay, reorder or cut what goes over the network."""
        if self.dice.random() < _LOST:
            return
        copies = 1 + (self.dice.random() < _TWICE)
        for _ in range(copies):
            data = parcel.data
            if self.dice.random() < _CUT:
                data = data[: self.dice.randrange(len(data))]
            due = self.tick + self.dice.randrange(_DELAY_MAX)
            self.network.append(Parcel(due, self.dice.random(), parcel.to, data, parcel.sender))

    def _arrive(self) -> None:
        due = sorted((p for p in self.network if p.due <= self.tick), key=lambda p: p.order)
        self.network = [parcel for parcel in self.network if parcel.due > self.tick]
        for parcel in due:
            if parcel.to is None:
                self._received(parcel)
            elif parcel.to in self.phones:
                self._living(parcel.to, partial(_hear, data=parcel.data))

    def _received(self, parcel: Parcel) -> None:
        answer = self.office.receive(parcel.data)
        if answer is None:
            return
        self.false_answers += not self.office.holds(parcel.sender.device, answer)
        before = self.answers.setdefault(parcel.data, answer)
        self.changed_answers += before != answer
        self._post(Parcel(0, 0.0, parcel.sender, answer, parcel.sender))

    def _merge(self, _: Phone) -> None:
        self.office.merge(self.dice.randrange(1, 30))

    def _back_up(self, _: Phone) -> None:
        self.office.back_up()

    def _ask(self, phone: Phone) -> None:
        if not self._is_offline(phone):
            self.ask(phone)

    def ask(self, phone: Phone) -> None:
        """Let a phone ask what became of its events."""
        told = self.office.tell(phone.device, [item.seq for item in phone.disk.journal])
        phone.told(told, self.office.grown_from(phone.disk.seen_size))

    def _crash(self, phone: Phone) -> None:
        phone.fuse = self.dice.randrange(1, 6)

    def _partition(self, phone: Phone) -> None:
        self.offline[phone.name] = self.tick + self.dice.randrange(5, 50)

    def _give_back(self, phone: Phone) -> None:
        if phone.is_single and phone.index is not None:
            lease = phone.index.lease.lease_id
            phone.give_back(self.now, self.staff[0])
            self.returned_lists.add(lease)

    def _take_over(self, phone: Phone) -> None:
        """Let another phone take over what this one has left; a code may be shown and not be read."""
        other = self.dice.choice(self.phones)
        if other is phone or phone.index is None or other.index is None:
            return
        if not other.is_single or other.index.lease.lease_id in other.disk.returned:
            return
        rows = phone.release(other, self.now, self.staff[0])
        if not rows:
            return
        accounts = self.office.books.facts.accounts
        self.releases.append((phone, {accounts[card.tag] for one in rows for card in one.cards}))
        if self.dice.random() < _CODE_READ:
            self._living(other, lambda taker: taker.take_over(phone, rows, self.now, self.staff[0]))

    def _break_list(self, phone: Phone) -> None:
        if phone.index is not None:
            self.office.break_list(phone.index.lease.lease_id)

    def _relist(self, phone: Phone) -> None:
        """Give a phone that has no list, or an ended one, what nobody else holds."""
        self.office.end_lists(self.now)
        if not phone.is_single:
            return
        if phone.index is None:
            self._give_list(phone, self.cards)
        elif self.office.books.lists[phone.index.lease.lease_id].state != PREPARED:
            self._give_back(phone)

    def _restore(self, _: Phone) -> None:
        self.office.restore()
        self.restored = True
        self.answers.clear()

    def _wipe(self, phone: Phone) -> None:
        """Lose a phone: it is revoked, its list is broken, and another takes its place."""
        lease = None if phone.index is None else phone.index.lease.lease_id
        self.office.revoke(phone.device)
        if lease is not None and self.office.books.lists[lease].state == PREPARED:
            self.office.break_list(lease)
        self.office.back_up()
        phone.is_wiped = True
        self.retired.append(phone)
        self.phones = [other for other in self.phones if other is not phone]
        new = self._new_phone(phone.name)
        self.phones.append(new)
        self.office.back_up()
        self._give_list(new, [card for card in self.cards if card.home == phone.name])

    def _keep_disk(self, phone: Phone) -> None:
        self.disks[id(phone)] = deepcopy(phone.disk)

    def _roll_back(self, phone: Phone) -> None:
        kept = self.disks.get(id(phone))
        if kept is not None and kept.seq < phone.disk.seq:
            phone.roll_back(kept)
            phone.restart()

    def _clone(self, phone: Phone) -> None:
        if phone.is_single and phone.disk.lanes and len(self.phones) < 12:
            self.phones.append(phone.clone(Random(self.dice.random())))

    def _long_night(self, _: Phone) -> None:
        self.now += self.dice.randrange(3 * DAY_SECONDS)


def _hear(phone: Phone, data: bytes) -> None:
    """Take an answer; one that was cut on its way is as good as none."""
    try:
        phone.answered(data)
    except ValueError:
        return
