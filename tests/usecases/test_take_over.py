"""One phone's rest on another one: spendable once, whoever reports first, and whose doing an excess is."""

import pytest

from despensa.adapters.field_device import FieldDevice
from despensa.domain.encoding import dcbor
from despensa.domain.event import EventKind, Handover, Means
from despensa.entrypoints.jobs import merging
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER
from despensa.records.ledger import queries as ledger
from despensa.usecases.accept_events import accept_events
from tests.factories.observing import count


class Table:
    """One phone with its half of a session's households."""

    def __init__(self, books, code, session, households, number):
        self.books, self.households = books, households
        self.device = books.new_phone(code)
        self.folder = books.phone_folder(code)
        self.lease, sealed = books.prepare(self.device, session, households, table=number)
        with FieldDevice.open(self.folder) as phone:
            phone.load_lease(self.lease.bytes, sealed)

    def write(self, kind, **particulars):
        with FieldDevice.open(self.folder) as phone:
            at, operator = self.books.clock.at, self.books.staff["lucia"].bytes
            return phone._write(phone._event(kind, at, operator, **particulars))

    def tags(self):
        rows = fetch(
            LEDGER,
            """SELECT tag.tag FROM tag JOIN lease_row USING (account)
               WHERE lease_id = %s ORDER BY 1""",
            (self.lease,),
        )
        return tuple(dict.fromkeys(bytes(tag) for (tag,) in rows))

    def release_to(self, other, tags):
        return self.write(
            EventKind.ROW_RELEASED,
            handover=Handover(other.device.bytes, tags, other_lease_id=other.lease.bytes),
        ).data

    def take_over_from(self, other, tags, release):
        handover = Handover(other.device.bytes, tags, release=release)
        self.write(EventKind.TAKEN_OVER, handover=handover)

    def deliver(self, tag):
        goods = self.goods(tag)
        self.write(EventKind.DELIVERED, tag=tag, goods=goods, means=Means.CAMERA)
        return sum(quantity for _, quantity in goods)

    def goods(self, tag):
        rows = fetch(
            LEDGER,
            """SELECT DISTINCT unit, quantity FROM lease_row JOIN tag USING (account)
               WHERE tag = %s ORDER BY 1""",
            (tag,),
        )
        return tuple(rows)

    def report(self):
        with FieldDevice.open(self.folder) as phone:
            batch = phone.pending_batch()
            answer = accept_events(
                batch, acting=self.books.acting(), signatory=self.books.keeper.signatory
            )
            _, _, seq, digest = dcbor.decode(answer)
            phone.acknowledge(seq, digest)
        return merging.merge_all(self.books.tools)


@pytest.fixture
def tables(opened_books):
    books = opened_books
    session, households = books.new_session("P01"), books.entitled()
    return [
        Table(books, f"table {number}", session, households[number - 1 :: 2], number)
        for number in (1, 2)
    ]


def blamed():
    return fetch(LEDGER, "SELECT cause, blamed FROM delivery_case ORDER BY cause")


def handed_over(one, two):
    tags = one.tags()
    release = one.release_to(two, tags)
    two.take_over_from(one, tags, release)
    return tags


@pytest.mark.parametrize("first", [0, 1])
def test_what_was_taken_over_is_posted_whichever_phone_reports_first(tables, first):
    one, two = tables
    tag, *_ = handed_over(one, two)
    two.deliver(tag)

    done = [tables[place].report() for place in (first, 1 - first)]

    assert [sum(part) for part in zip(*[(m.posted, m.excess) for m in done], strict=True)] == [1, 0]
    assert count(LEDGER, "take_over") == 1
    assert ledger.check().is_balanced
    # the first phone's list holds nothing any more, the second one's holds the rest
    open_rows = dict(
        fetch(
            LEDGER,
            """SELECT lease_id, count(DISTINCT account)::int FROM lease_row
               WHERE quantity > claimed GROUP BY lease_id""",
        )
    )
    assert open_rows == {two.lease: len(one.households) + len(two.households) - 1}


@pytest.mark.parametrize("first", [0, 1])
def test_what_a_phone_serves_after_it_released_is_its_own_doing(tables, first):
    one, two = tables
    tag, *_ = handed_over(one, two)
    two.deliver(tag)
    one.deliver(tag)

    done = [tables[place].report() for place in (first, 1 - first)]

    assert [sum(part) for part in zip(*[(m.posted, m.excess) for m in done], strict=True)] == [1, 1]
    assert ledger.check().is_balanced
    # the move is made before anything is merged, so the second phone is posted in either order
    assert blamed() == [("OVER_LEASE", None)]


def test_what_was_spent_before_it_was_released_is_the_releasing_phones_doing(tables):
    one, two = tables
    tag, *_ = one.tags()
    one.deliver(tag)
    one.report()
    handed_over(one, two)
    two.deliver(tag)

    assert two.report().excess == 1
    assert blamed() == [("RELEASED_SPENT", one.device)]
    assert ledger.check().is_balanced


def test_what_the_taking_phone_serves_twice_is_its_own_doing(tables):
    one, two = tables
    tag, *_ = handed_over(one, two)
    two.deliver(tag)
    two.deliver(tag)

    assert two.report().excess == 1
    assert blamed() == [("OVER_LEASE", None)]


def test_nothing_moves_by_a_release_of_its_own_making(tables):
    one, two = tables
    tags = one.tags()
    forged = two.write(
        EventKind.ROW_RELEASED,
        handover=Handover(one.device.bytes, tags, other_lease_id=one.lease.bytes),
    ).data
    two.take_over_from(one, tags, forged)
    two.deliver(tags[0])

    assert two.report().excess == 1
    # of its own list it released nothing of these cards
    assert blamed() == [("OTHER_LEASE", None)]
    one.deliver(tags[0])
    assert one.report().excess == 0


def test_what_is_handed_back_is_spendable_there_again(tables):
    one, two = tables
    tags = handed_over(one, two)
    back = two.release_to(one, tags)
    one.take_over_from(two, tags, back)
    one.deliver(tags[0])

    assert one.report().excess == 0
    assert two.report().excess == 0
    two.deliver(tags[0])
    assert two.report().excess == 1
    assert blamed() == [("OVER_LEASE", None)]


def test_a_release_to_a_list_of_another_session_moves_nothing(tables):
    one, two = tables
    other, _ = two.books.prepare(two.device, two.books.new_session("P02"), [])
    tags = one.tags()
    release = one.write(
        EventKind.ROW_RELEASED,
        handover=Handover(two.device.bytes, tags, other_lease_id=other.bytes),
    ).data

    assert release
    one.report()
    assert count(LEDGER, "take_over") == 0
