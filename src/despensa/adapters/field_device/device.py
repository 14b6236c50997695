"""
The demo phone: a folder that behaves like a phone at a service point, with no network.

It reads cards, decides with the domain's rules, keeps the device journal and signs receipts. Its
keys are held by the server (protection 3), which its certificate says openly. One process at a
time. Source: docs/explanation/design.md sections 7.6 to 7.8; docs/reference/formats.md 3 to 5.
"""

from collections.abc import Mapping
from pathlib import Path

from despensa.adapters.field_device.journal import Mark, ScanBegun
from despensa.adapters.field_device.phone import DeviceError, Phone, SecondOperatorNeeded
from despensa.adapters.field_device.receipts import delivered_receipt, refused_receipt
from despensa.adapters.field_device.scan import (
    Confirm,
    Finding,
    Scan,
    ScanResult,
    decide_scan,
    find,
    has_card_among,
)
from despensa.adapters.field_device.writer import Written
from despensa.domain.event import CollectedBy, EventKind, Means, Supervised
from despensa.domain.event.sealing import BATCH_MAX
from despensa.domain.payload import Goods
from despensa.domain.redemption.decide import Aborted, Delivered, Elsewhere, Refused
from despensa.domain.refusal import AbortReason, RefusalReason


class AcknowledgementWrong(DeviceError):
    """The server acknowledged an event this phone never wrote: keep everything."""


class FieldDevice(Phone):
    """One demo phone, opened from its folder; close it, or use it in a `with` statement."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._served: set[bytes] = set()

    def scan(
        self,
        text: str | None,
        means: Means,
        now: int,
        operator: bytes,
        *,
        today: int,
        second_operator: bytes | None = None,
        confirm: Confirm | None = None,
        elsewhere: Mapping[bytes, Elsewhere] | None = None,
        contested: bool = False,
        out_of_stock: bool = False,
        receipt_requested: bool = False,
    ) -> ScanResult:
        """
        Return the outcome of one attempt to collect, already durable in the device journal.

        `text` is what the reader found on the card (means camera, file, keyboard scanner), the
        typed number (means typed, which takes a `second_operator`), or None. `confirm` is shown
        the collectors of the card where the programme checks them, and says who collects.
        `elsewhere` is the district index by whole tag. `today` is the local day of `now`.

        Holds: every call that returns wrote exactly one event; every refusal has a receipt; a
            delivered receipt is made only on request; a failure in between leaves *aborted*.
        Raises: NotInstalled, SecondOperatorNeeded, before anything is written.
        """
        trust = self._trust_or_refuse()
        if means is Means.TYPED and second_operator in (None, operator):
            raise SecondOperatorNeeded("a typed card number takes a second person")
        scan = Scan(text, means, now, today, contested, out_of_stock)
        self._writer.begin_scan(ScanBegun(now, operator))
        try:
            finding, decision, collector = self._judge(scan, elsewhere or {}, confirm)
        except BaseException:
            self._abort(AbortReason.APP, now, operator)
            raise
        if isinstance(decision, Delivered):
            match = decision.match
            written = self._deliver(
                now,
                operator,
                match.goods,
                means,
                match.tag,
                collector,
                supervised=_vouched(means, second_operator),
            )
            receipt = self.delivered_receipt(written, today=today) if receipt_requested else None
            return ScanResult(written, decision, finding, receipt)
        vouched = _vouched(means, second_operator)
        written = self._refuse(scan, operator, decision, finding, vouched)
        receipt = refused_receipt(
            written,
            decision,
            finding.nonce,
            today=today,
            lease=self.lease,
            trust=trust,
            keys=self._keys,
        )
        return ScanResult(written, decision, finding, receipt)

    def delivered_receipt(self, written: Written, *, today: int) -> bytes:
        """Return the receipt of a delivery just made, ordinary or supervised, on request."""
        trust = self._trust_or_refuse()
        return delivered_receipt(written, today=today, trust=trust, keys=self._keys)

    def abort_scan(self, now: int, operator: bytes) -> ScanResult:
        """Record a scan that the operator ended before there was a verdict."""
        self._trust_or_refuse()
        self._writer.begin_scan(ScanBegun(now, operator))
        written = self._abort(AbortReason.OPERATOR, now, operator)
        return ScanResult(written, Aborted(AbortReason.OPERATOR), Finding(None))

    def deliver_supervised(
        self,
        refused: ScanResult,
        now: int,
        operator: bytes,
        *,
        second_operator: bytes,
        goods: Goods,
        sealed_word: bytes = b"",
    ) -> Written:
        """
        Hand over goods on two people's word after a refusal that offered it.

        `sealed_word` is what the person said, HPKE to the office key. A card that was found keeps
        its tag in the event, and its household counts as served.
        Raises: DeviceError when the refusal offered no supervised delivery, or was answered with
            one before; SecondOperatorNeeded.
        """
        if refused.reason is None or not refused.offers_supervised:
            raise DeviceError("a supervised delivery follows a refusal that offered one")
        if second_operator == operator:
            raise SecondOperatorNeeded("a supervised delivery takes a second person")
        if not self._may_serve(refused):
            raise DeviceError("this refusal was already answered with a supervised delivery")
        means = refused.written.event.means or Means.NO_CARD
        tag = refused.tag if means is not Means.NO_CARD else None
        supervised = Supervised(second_operator, refused.reason, sealed_word)
        written = self._deliver(now, operator, goods, means, tag, supervised=supervised)
        self._served.add(refused.written.event_hash)
        return written

    def hand_over_card(self, number: str, now: int, operator: bytes) -> Written:
        """Record that a card reached its holder (or that an unassigned one was given out)."""
        return self._write(
            self._event(EventKind.CARD_HANDED_OVER, now, operator, card_number=number)
        )

    def pending_batch(self, events_max: int = BATCH_MAX) -> bytes | None:
        """
        Return the oldest events the server has not acknowledged, sealed; None if there are none.

        Shape: see `despensa.domain.event.sealing.encode_batch`; at most 500 events of one lane.
        The same bytes come again until they are acknowledged or more events fit.
        """
        return self._writer.batch(min(events_max, BATCH_MAX))

    @property
    def last_seq(self) -> int:
        """Return the number of the newest event, 0 before the first."""
        return self._writer.state.seq

    def hash_at(self, seq: int) -> bytes | None:
        """Return the hash of one of the phone's own events, None if there is none."""
        return self._writer.hash_at(seq)

    def acknowledge(self, seq: int, event_hash: bytes) -> None:
        """
        Note that the server holds every event up to `seq`; saying it again changes nothing.

        Raises: AcknowledgementWrong when the hash is not the one this phone wrote there.
        """
        if self._writer.hash_at(seq) != event_hash:
            raise AcknowledgementWrong(f"the server acknowledged another event {seq} than ours")
        self._writer.acknowledge(seq)

    def _judge(
        self, scan: Scan, elsewhere: Mapping[bytes, Elsewhere], confirm: Confirm | None
    ) -> tuple[Finding, Delivered | Refused, CollectedBy | None]:
        state = self._writer.state
        finding = find(
            scan,
            self._index,
            self._collected(),
            elsewhere,
            issuer_keys=self._trust_or_refuse().issuer_keys,
        )
        decision, collector = decide_scan(
            scan,
            finding,
            index=self._index,
            is_session_open=self.is_session_open,
            contested_before=frozenset(state.contested),
            confirm=confirm,
        )
        # an aborted attempt is never judged: see abort_scan
        assert not isinstance(decision, Aborted)
        return finding, decision, collector

    def _refuse(
        self,
        scan: Scan,
        operator: bytes,
        refused: Refused,
        finding: Finding,
        vouched: Supervised | None,
    ) -> Written:
        event = self._event(
            EventKind.REFUSED,
            scan.now,
            operator,
            reason=refused.reason,
            commitment=finding.commitment,
            means=scan.means,
            supervised=vouched,
        )
        return self._write(event)

    def _deliver(
        self,
        now: int,
        operator: bytes,
        goods: Goods,
        means: Means,
        tag: bytes | None,
        collector: CollectedBy | None = None,
        *,
        supervised: Supervised | None = None,
    ) -> Written:
        lease = self.lease
        event = self._event(
            EventKind.DELIVERED,
            now,
            operator,
            # an ended list covers nothing: its rows may be on another phone by now
            lease_id=None if lease is None or now >= lease.expires_at else lease.lease_id,
            tag=tag,
            goods=goods,
            means=means,
            collector=collector,
            supervised=supervised,
        )
        marks: list[tuple[Mark, bytes]] = [] if tag is None else [(Mark.COLLECTED, tag)]
        is_contest = supervised is not None and (
            supervised.reason is RefusalReason.COLLECTED_CONFIRMED
        )
        if tag is not None and is_contest:
            marks.append((Mark.CONTEST_SERVED, tag))
        return self._write(event, marks=tuple(marks))

    def _may_serve(self, refused: ScanResult) -> bool:
        if refused.written.event_hash in self._served:
            return False
        match, index = refused.finding.match, self._index
        if refused.reason is not RefusalReason.COLLECTED_CONFIRMED or match is None:
            return True
        contested = frozenset(self._writer.state.contested)
        return index is not None and not has_card_among(index, match, contested)


def _vouched(means: Means, second_operator: bytes | None) -> Supervised | None:
    """Return the second person of a typed number, whom the event names."""
    if means is not Means.TYPED or second_operator is None:
        return None
    return Supervised(second_operator, None)
