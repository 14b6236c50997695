"""Goods at a point: written once, reversed once, and never in the way of a hand-over."""

import os
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError

from despensa.adapters.field_device import FieldDevice
from despensa.domain.event import Means
from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.ledger.stock import (
    FIRST_CONTENT_ITEM,
    EntryKind,
    LossReason,
    StockEntry,
    StockLine,
    StockRefused,
)
from despensa.domain.reach import Reach, Stretch
from despensa.entrypoints.jobs import merging
from despensa.entrypoints.jobs.cards import DAY_ZERO
from despensa.records.bulk import execute, fetch
from despensa.records.databases import LEDGER
from despensa.records.ledger import queries as ledger
from despensa.records.stock import queries
from despensa.usecases import record_stock as recording
from despensa.usecases.accept_events import accept_events
from despensa.usecases.book_given import HOUR, book_given
from despensa.usecases.record_stock import NoSuchPoint, record_stock
from despensa.usecases.reverse_stock import NoSuchEntry, reverse_stock
from despensa.usecases.write_contents import write_contents
from tests.factories.observing import Killed, at_once, count, dies

EVERYWHERE = Reach((Stretch(None, None),))
PARCEL = 1
RICE, OIL = FIRST_CONTENT_ITEM + 1, FIRST_CONTENT_ITEM


def an_entry(books, kind, *lines, **more):
    return StockEntry(
        uuid4().bytes,
        books.session.point.bytes,
        books.tools.today(),
        kind,
        tuple(StockLine(item, quantity) for item, quantity in lines),
        **more,
    )


def write(books, kind, *lines, **more):
    entry = an_entry(books, kind, *lines, **more)
    assert record_stock(entry, reach=EVERYWHERE, acting=books.acting("lucia"))
    return UUID(bytes=entry.id)


def today(books, item=PARCEL):
    days = queries.day_of(books.session.point, books.tools.today())
    return next((day for day in days if day.item == item), None)


def handed_over(books, how_many=2):
    """Hand over to so many households through the whole way, merged."""
    texts = [books.card_texts[numbers[0]] for _, numbers, _ in books.entitled()[:how_many]]
    with FieldDevice.open(books.phone_folder()) as phone:
        phone.open_session(books.clock.at, books.staff["lucia"].bytes)
        for text in texts:
            phone.scan(
                text, Means.FILE, books.clock.at, books.staff["lucia"].bytes,
                today=books.tools.today().toordinal() - DAY_ZERO,
            )  # fmt: skip
        batch = phone.pending_batch()
    accept_events(batch, acting=books.acting(), signatory=books.keeper.signatory)
    return merging.merge_all(books.tools).posted


def stock_account(books, kind=AccountKind.POINT_STOCK, item=PARCEL):
    account = named_account(kind, cycle=bytes(16), place=books.session.point.bytes)
    [(balance,)] = fetch(
        LEDGER,
        """SELECT coalesce(sum(CASE WHEN credit = %s THEN amount ELSE -amount END), 0)::bigint
           FROM transfer WHERE unit = %s AND %s IN (debit, credit)""",
        (account, item, account),
    )
    return balance


def test_a_day_of_goods_adds_up_per_item_and_the_ledger_says_the_same(leased_books):
    books = leased_books
    unit = books.entitled()[0][2][0][0]
    assert write_contents(unit, {"rice": 2, "oil": 1}, acting=books.acting("jorge"))
    assert not write_contents(unit, {"oil": 1, "rice": 2}, acting=books.acting("jorge"))
    write(
        books, EntryKind.DELIVERY, (unit, 40), lot="L-77", donor="WFP", waybill="W-1",
        expires_on=books.tools.today() + timedelta(days=200),
    )  # fmt: skip
    write(books, EntryKind.LOSS, (unit, 3), reason=LossReason.DAMAGED)
    write(books, EntryKind.RETURN, (unit, 5), waybill="W-2")
    write(books, EntryKind.OPENED, (unit, 2))
    assert handed_over(books) == 2
    write(books, EntryKind.COUNT, (unit, 27), (RICE, 4))

    day = today(books, unit)
    assert (day.received, day.given, day.lost, day.returned, day.opened) == (40, 2, 3, 5, -2)
    assert (day.left, day.counted, day.difference) == (28, 27, -1)
    rice, oil = today(books, RICE), today(books, OIL)
    assert (rice.left, rice.difference, oil.left, oil.difference) == (4, 0, 2, None)
    assert book_given(acting=books.acting()) == 1
    assert [stock_account(books, item=item) for item in (unit, RICE, OIL)] == [28, 4, 2]
    assert ledger.check().is_balanced
    books.clock.forward(days=1)
    assert (today(books, unit).before, today(books, unit).given) == (28, 0)


def test_stock_that_nobody_wrote_down_stops_no_hand_over_and_shows_below_zero(leased_books):
    books = leased_books
    unit = books.entitled()[0][2][0][0]
    # were every record of stock broken, the phone's deliveries would still be posted
    write(books, EntryKind.COUNT, (unit, 0))

    assert handed_over(books) == 2

    assert today(books, unit).left == -2
    book_given(acting=books.acting())
    assert stock_account(books, item=unit) == -2
    assert ledger.check().is_balanced


def test_what_was_given_is_booked_once_and_a_late_event_to_its_own_day(leased_books):
    books = leased_books
    handed_over(books, 1)
    assert at_once(*[lambda: book_given(acting=books.acting())] * 2).count(1) == 1
    books.clock.at += HOUR
    assert book_given(acting=books.acting()) == 0
    day = books.tools.today()
    books.clock.forward(days=1)
    with FieldDevice.open(books.phone_folder()) as phone:
        text = books.card_texts[books.entitled()[3][1][0]]
        phone.scan(
            text, Means.FILE, books.clock.at - 86_400, books.staff["lucia"].bytes,
            today=day.toordinal() - DAY_ZERO,
        )  # fmt: skip
        batch = phone.pending_batch()
    accept_events(batch, acting=books.acting(), signatory=books.keeper.signatory)
    merging.merge_all(books.tools)
    assert book_given(acting=books.acting()) == 1
    assert fetch(LEDGER, "SELECT DISTINCT day FROM stock_entry WHERE kind = 2") == [(day,)]


def test_sent_twice_or_killed_it_is_written_once(leased_books, monkeypatch):
    books = leased_books
    entry = an_entry(books, EntryKind.DELIVERY, (PARCEL, 4), lot="L")
    with monkeypatch.context() as patched:
        dies(patched, recording.journal_store, "record", after=True)
        with pytest.raises(Killed):
            record_stock(entry, reach=EVERYWHERE, acting=books.acting("lucia"))
    assert (count(LEDGER, "stock_entry"), count(LEDGER, "stock_line")) == (0, 0)

    def send():
        return record_stock(entry, reach=EVERYWHERE, acting=books.acting("lucia"))

    assert sorted(at_once(send, send)) == [False, True]
    with pytest.raises(StockRefused, match="other contents"):
        record_stock(replace(entry, lot="M"), reach=EVERYWHERE, acting=books.acting("lucia"))
    assert stock_account(books) == 4


def test_a_wrong_entry_is_reversed_once_and_stays_to_be_read(leased_books):
    books = leased_books
    wrong = write(books, EntryKind.DELIVERY, (PARCEL, 400))
    counted = write(books, EntryKind.COUNT, (PARCEL, 9))
    for entry in (wrong, counted):
        assert reverse_stock(entry, reach=EVERYWHERE, acting=books.acting("lucia"))
        assert not reverse_stock(entry, reach=EVERYWHERE, acting=books.acting("lucia"))

    day = today(books)
    assert (day.received, day.left, day.counted, stock_account(books)) == (0, 0, None, 0)
    shown = queries.entries(books.session.point, books.tools.today())
    assert [(entry.kind, entry.is_reversed) for entry in shown].count((1, True)) == 1
    reversal = next(entry.id for entry in shown if entry.kind == EntryKind.REVERSAL)
    for cannot in (reversal, uuid4()):
        with pytest.raises(NoSuchEntry):
            reverse_stock(cannot, reach=EVERYWHERE, acting=books.acting("lucia"))
    with pytest.raises(IntegrityError):
        execute(
            LEDGER,
            """INSERT INTO stock_entry (id, point_id, day, kind, lot, donor, waybill, reverses_id,
                                        written_at)
               SELECT %s, point_id, day, 7, '', '', '', reverses_id, 0 FROM stock_entry
               WHERE id = %s""",
            (uuid4(), reversal),
        )


def test_who_keeps_no_stock_there_and_what_cannot_be_is_refused(leased_books):
    books = leased_books
    ours = an_entry(books, EntryKind.LOSS, (PARCEL, 1), reason=LossReason.STOLEN)
    elsewhere = Reach((Stretch(None, frozenset({uuid4()})),))
    for entry, reach in ((ours, elsewhere), (replace(ours, point=os.urandom(16)), EVERYWHERE)):
        with pytest.raises(NoSuchPoint):
            record_stock(entry, reach=reach, acting=books.acting("lucia"))
    written = write(books, EntryKind.DELIVERY, (PARCEL, 4))
    with pytest.raises(NoSuchEntry):
        reverse_stock(written, reach=elsewhere, acting=books.acting("lucia"))
    for wrong in (
        replace(ours, reason=None),
        replace(ours, lines=()),
        replace(ours, lines=(StockLine(PARCEL, 0),)),
        replace(ours, lines=ours.lines * 2),
        replace(ours, lot="x"),
        replace(ours, day=ours.day + timedelta(days=1)),
        replace(ours, kind=EntryKind.GIVEN, reason=None),
        replace(ours, kind=EntryKind.RETURN, reason=None, waybill="two\nlines"),
        replace(ours, kind=EntryKind.OPENED, reason=None),
    ):
        with pytest.raises(StockRefused):
            record_stock(wrong, reach=EVERYWHERE, acting=books.acting("lucia"))
    for held in ({}, {"Rice": 1}, {"rice": 0}):
        with pytest.raises(StockRefused):
            write_contents(PARCEL, held, acting=books.acting("jorge"))
