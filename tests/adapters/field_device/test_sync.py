"""Two phones at one point, from the scan to the ledger: what the server makes of their journals."""

import os

from despensa.adapters import hpke
from despensa.domain.device import certificate_hash
from despensa.domain.event import Means, verify_chain
from despensa.domain.event.sealing import decode_batch, inbox_info, open_events
from despensa.domain.redemption import (
    Balance,
    Book,
    LeaseRow,
    MergeFacts,
    Outcome,
    merge,
    merge_event,
)
from despensa.domain.redemption.merge import after
from tests.factories import field

ACCOUNTS = {field.tag_of(field.a_card(number)): bytes([number]) * 16 for number in (0, 1)}
OTHER_LEASE = field.an_id(80)


def the_ledger():
    return MergeFacts(
        accounts=ACCOUNTS,
        balances={(account, field.PARCEL): Balance(1) for account in ACCOUNTS.values()},
        lease_devices={field.LEASE: field.DEVICE, OTHER_LEASE: field.OTHER_DEVICE},
        lease_rows={
            (lease, account, field.PARCEL): LeaseRow(1)
            for lease, account in zip((field.LEASE, OTHER_LEASE), ACCOUNTS.values(), strict=True)
        },
    )


def scan(phone, card):
    text = field.card_text(card)
    return phone.scan(text, Means.CAMERA, field.NOW, field.OPERATOR, today=field.DAY)


def received(phone):
    """Return what the server reads from a phone's next batch."""
    batch = decode_batch(phone.pending_batch())
    key = hpke.open_sealed(field.INBOX.private, batch.wrapped_key, inbox_info(batch.lane))
    verified = verify_chain(
        open_events(batch, first_chain_key=key),
        certificate=phone._trust.certificate,
        seq=1,
        previous_hash=certificate_hash(phone._trust.certificate_data),
    )
    return [merge_event(item) for item in verified]


def test_each_phone_serves_its_own_list_and_the_ledger_agrees(tmp_path):
    other = field.a_lease(
        [field.a_card(1)], lease_id=OTHER_LEASE, device_id=field.OTHER_DEVICE, table=2
    )
    with (
        field.a_phone(tmp_path / "a") as phone,
        field.a_phone(tmp_path / "b", lease=other, device_id=field.OTHER_DEVICE) as second,
    ):
        for number in (0, 1):
            scan(phone, field.a_card(number))
            scan(second, field.a_card(number))
        batches = [received(second), received(phone)]

    outcomes = [item for batch in batches for item in batch]
    merged = merge(outcomes, the_ledger())
    ledger = after(the_ledger(), merged)

    assert {item.outcome for item in merged} == {Outcome.POSTED}
    books = [posting.book for item in merged for posting in item.postings]
    assert books == [Book.ENTITLEMENT, Book.ENTITLEMENT]
    assert {balance.available for balance in ledger.balances.values()} == {0}
    assert {item.outcome for item in merge(outcomes, ledger)} == {Outcome.REPLAYED}


def test_large_events_travel_in_smaller_batches(tmp_path):
    with field.a_phone(tmp_path / "a") as phone:
        for _ in range(140):
            refused = phone.scan(None, Means.NO_CARD, field.NOW, field.OPERATOR, today=field.DAY)
            phone.deliver_supervised(
                refused,
                field.NOW,
                field.OPERATOR,
                second_operator=field.POINT_LEAD,
                goods=field.GOODS,
                sealed_word=os.urandom(4096),
            )
        sizes = []
        while (data := phone.pending_batch()) is not None:
            batch = decode_batch(data)
            sizes.append(len(batch.sealed))
            last = sum(sizes)
            phone.acknowledge(last, phone._writer.hash_at(last))

    assert sum(sizes) == 281
    assert len(sizes) == 2
