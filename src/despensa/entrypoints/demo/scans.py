"""
The demo's day at the points: cards scanned, every way a scan may end played once, batches sent.

Scans use the texts that were read back from the printed pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from despensa.adapters.field_device import FieldDevice, ScanResult
from despensa.domain.card import envelope
from despensa.domain.card.claims import EntitlementCard
from despensa.domain.encoding import cose, dcbor
from despensa.domain.event import Means
from despensa.domain.redemption.decide import Elsewhere
from despensa.entrypoints.demo.phones import Household, PreparedPoint, district_index, prepare_all
from despensa.entrypoints.jobs.cards import DAY_ZERO
from despensa.entrypoints.wiring import Tools
from despensa.usecases.accept_events import accept_events

DELIVERED_PERCENT = 60


@dataclass(slots=True)
class Scanned:
    """How the scans of all phones ended; `replayed` counts batches that were sent twice."""

    scans: int = 0
    delivered: int = 0
    refused: int = 0
    aborted: int = 0
    replayed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def count(self, result: ScanResult) -> None:
        """Count one scan by its outcome and, if refused, by its reason."""
        self.scans += 1
        self.delivered += result.outcome == "delivered"
        self.refused += result.outcome == "refused"
        self.aborted += result.outcome == "aborted"
        if result.reason is not None:
            name = result.reason.name.lower()
            self.reasons[name] = self.reasons.get(name, 0) + 1


@dataclass(frozen=True, slots=True)
class _Day:
    """What every scan of the day needs."""

    tools: Tools
    operator: bytes
    index: Mapping[bytes, Elsewhere] = field(repr=False)

    def scan(self, phone: FieldDevice, text: str | None) -> ScanResult:
        return phone.scan(
            text,
            Means.FILE,
            self.tools.now(),
            self.operator,
            today=self.tools.today().toordinal() - DAY_ZERO,
            elsewhere=self.index,
        )


def hand_out(cycle_id: UUID, tools: Tools, texts: Sequence[str], operator: UUID) -> Scanned:
    """Return how the scans of a demo day ended; their events are in the ledger's inbox."""
    by_number = _texts_by_number(texts, tools)
    scanned = Scanned()
    points = prepare_all(cycle_id, tools, operator)
    day = _Day(tools, operator.bytes, district_index(cycle_id))
    for number, point in enumerate(points):
        mine = _cards_at(point.households, by_number)
        with FieldDevice.open(point.phone) as phone:
            if number == 0:
                scanned.count(day.scan(phone, mine[0] if mine else None))
            phone.open_session(tools.now(), operator.bytes)
            entitled = _cards_at([h for h in point.households if h[2]], by_number)
            for text in islice(entitled, -(-len(entitled) * DELIVERED_PERCENT // 100)):
                scanned.count(day.scan(phone, text))
            if number == 0:
                _play_odd_scans(phone, point, by_number, day, scanned)
            if number == len(points) - 1 and number > 0:
                phone.close_session(tools.now(), operator.bytes)
                phone.return_lease(tools.now(), operator.bytes)
            send(phone, tools, scanned)
    return scanned


def send(phone: FieldDevice, tools: Tools, scanned: Scanned | None = None) -> None:
    """Send what a phone has not sent, each batch twice as a bad network would."""
    acting = tools.acting(None)
    while (batch := phone.pending_batch()) is not None:
        answer = accept_events(batch, acting=acting, signatory=tools.keeper.signatory)
        again = accept_events(batch, acting=acting, signatory=tools.keeper.signatory)
        if again != answer:
            raise RuntimeError("a batch sent twice got two answers")
        if scanned is not None:
            scanned.replayed += 1
        _, _, seq, event_hash = dcbor.decode(answer)
        phone.acknowledge(seq, event_hash)


def _play_odd_scans(
    phone: FieldDevice,
    point: PreparedPoint,
    by_number: Mapping[str, str],
    day: _Day,
    scanned: Scanned,
) -> None:
    """Play a card shown twice, an altered one, another point's, one without right, none, a stop."""
    here = {number for _, numbers, _ in point.households for number in numbers}
    given = _cards_at([h for h in point.households if h[2]], by_number)
    without_right = _cards_at([h for h in point.households if not h[2]], by_number)
    elsewhere = [text for number, text in by_number.items() if number not in here]
    for text in (
        *given[:1],
        *(altered(text) for text in given[:1]),
        *elsewhere[:1],
        *without_right[:1],
        None,
    ):
        scanned.count(day.scan(phone, text))
    scanned.count(phone.abort_scan(day.tools.now(), day.operator))


def altered(text: str) -> str:
    """Return a card's text with one character exchanged: a forgery."""
    middle = len(text) // 2
    return text[:middle] + ("0" if text[middle] != "0" else "1") + text[middle + 1 :]


def _cards_at(households: Sequence[Household], by_number: Mapping[str, str]) -> list[str]:
    return [by_number[n] for _, numbers, _ in households for n in numbers if n in by_number]


def _texts_by_number(texts: Sequence[str], tools: Tools) -> dict[str, str]:
    issuer = tools.keeper.signatory.public_keys().issuer
    found = {}
    for text in texts:
        card = envelope.decode(
            text, issuer_keys={cose.key_id(issuer): issuer}, now=tools.now()
        ).card
        if isinstance(card, EntitlementCard):
            found[card.number] = text
    return found
