"""Payments in the books: held whole, paid once, corrected by movements, whatever file comes back."""

import hashlib
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from despensa.adapters.payments.problem import StatementRefused
from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.ledger.posting import Outcome as Posted
from despensa.domain.payment.books import Owed, holding
from despensa.domain.payment.order import Outcome
from despensa.domain.payment.plan import Draft
from despensa.domain.payment.reference import reference
from despensa.domain.payment.statement import Effect, Line, LineStatus, State
from despensa.entrypoints.jobs import cycle_life
from despensa.records.bulk import execute, fetch
from despensa.records.databases import LEDGER
from despensa.records.ledger import queries as ledger
from despensa.records.ledger import store as accounts
from despensa.records.payments import queries, store
from despensa.usecases.draft_payments import draft_payments
from despensa.usecases.post_transfers import post_transfers
from despensa.usecases.take_statement import Document, take_statement

PROVIDER = UUID(int=7)
LIST = UUID(int=1)


def named(place):
    return reference(b"k" * 32, person=place.to_bytes(16, "big"), item=b"i" * 16, failures=0)


class Paying:
    """Books and the payments that are out."""

    def __init__(self, books, owed):
        self.owed, self.acting, self.clock, self.tools = (
            owed,
            books.acting,
            books.clock,
            books.tools,
        )


@pytest.fixture(name="paying")
def _paying(opened_books):
    """Every entitlement of one unit in a list that was held and sent."""
    books = opened_books
    unit = fetch(LEDGER, "SELECT min(unit) FROM account WHERE kind = 3")[0][0]
    rows = fetch(
        LEDGER, "SELECT id, balance FROM account WHERE kind = 3 AND unit = %s ORDER BY id", (unit,)
    )
    payments = [(named(at), bytes(account), held) for at, (account, held) in enumerate(rows)]
    draft = Draft(
        LIST, books.programme, books.cycle, unit, "EUR", PROVIDER, b"f" * 32, len(payments),
        sum(amount for _, _, amount in payments),
    )  # fmt: skip
    draft_payments(draft, payments, acting=books.acting("jorge"))
    cycle = books.cycle.bytes
    owed = [
        Owed(name, account, unit, amount, cycle, PROVIDER.bytes, is_swept=False)
        for name, account, amount in payments
    ]
    with transaction.atomic(using=LEDGER):
        accounts.ensure_named(
            [
                (named_account(AccountKind.HELD, cycle=cycle), unit, AccountKind.HELD, books.cycle),
                (
                    named_account(AccountKind.SETTLEMENT, cycle=cycle, place=PROVIDER.bytes),
                    unit, AccountKind.SETTLEMENT, books.cycle,
                ),
            ]
        )  # fmt: skip
    posted = post_transfers([holding(one, LIST.bytes) for one in owed], acting=books.acting())
    assert set(posted) == {Posted.POSTED}
    with transaction.atomic(using=LEDGER):
        store.hold(LIST, at=1)
        store.take_file(LIST, at=2)
    return Paying(books, owed)


def send(books, *lines, name="statement.xml"):
    """Return what a file with these (payment, outcome, amount or None) comes to."""
    read = [
        Line(number, one if isinstance(one, str) else books.owed[one].reference,
             amount if amount is not None else books.owed[one].amount, "EUR", outcome)
        for number, (one, outcome, amount) in enumerate(lines, 1)
    ]  # fmt: skip
    digest = hashlib.sha256(repr((lines, name)).encode()).digest()
    return take_statement(Document(digest, 1, name), read, acting=books.acting("jorge"))


def states(books):
    found = dict(fetch(LEDGER, "SELECT reference, state FROM payment"))
    return [found[one.reference] for one in books.owed]


def holds(books, place):
    owed = books.owed[place]
    [(balance,)] = fetch(
        LEDGER, "SELECT balance FROM account WHERE id = %s AND unit = %s", (owed.account, owed.unit)
    )
    return balance


def test_paid_rejected_and_wrong_lines_each_do_what_they_say(paying):
    found = send(
        paying,
        (0, Outcome.PAID, None),
        (1, Outcome.REJECTED, None),
        (2, Outcome.PAID, 10**9),
        ("somebody else's", Outcome.PAID, 5),
        (0, Outcome.PAID, None),
        (3, Outcome.PENDING, None),
    )

    assert found == {
        LineStatus.MATCHED: 2,
        LineStatus.AMOUNT_DIFFERS: 1,
        LineStatus.UNKNOWN: 1,
        LineStatus.REPEATED: 1,
        LineStatus.STILL_OPEN: 1,
    }
    assert states(paying)[:4] == [State.PAID, State.FAILED, State.SENT, State.SENT]
    assert holds(paying, 1) == paying.owed[1].amount
    assert holds(paying, 0) == 0
    assert ledger.check().is_balanced


def test_the_same_file_twice_changes_nothing(paying):
    first = send(paying, (0, Outcome.PAID, None))
    before = fetch(LEDGER, "SELECT count(*) FROM transfer")

    assert first == {LineStatus.MATCHED: 1}
    assert send(paying, (0, Outcome.PAID, None)) is None
    assert fetch(LEDGER, "SELECT count(*) FROM transfer") == before


def test_a_corrected_file_is_applied_as_corrections(paying):
    send(paying, (0, Outcome.PAID, None), (1, Outcome.REJECTED, None), (2, Outcome.PAID, None))

    found = send(
        paying,
        (0, Outcome.REJECTED, None),
        (1, Outcome.PAID, None),
        (2, Outcome.PAID, None),
        name="corrected",
    )

    assert found == {LineStatus.REVERSED: 2, LineStatus.ALREADY_FINAL: 1}
    assert states(paying)[:3] == [State.RETURNED, State.PAID, State.PAID]
    assert [holds(paying, place) for place in range(3)] == [paying.owed[0].amount, 0, 0]
    assert ledger.check().is_balanced
    assert len(queries.statements()) == 2


def test_paid_after_all_with_the_money_gone_is_a_loss_to_look_into(paying):
    send(paying, (0, Outcome.REJECTED, None))
    owed = paying.owed[0]
    again = Owed(named(900), owed.account, owed.unit, owed.amount, owed.cycle, owed.provider, False)
    post_transfers([holding(again, LIST.bytes)], acting=paying.acting())

    send(paying, (0, Outcome.PAID, None), name="late")

    [late] = [one for one in queries.statements() if one.name == "late"]
    [line] = queries.lines(late.hash, status=LineStatus.REVERSED)
    assert (line.effect, "loss" in line.note) == (Effect.PAY_AFTER_ALL, True)
    assert ledger.check().is_balanced


def test_a_file_that_breaks_off_changes_nothing(paying):
    def broken():
        yield Line(1, paying.owed[0].reference, paying.owed[0].amount, "EUR", Outcome.PAID)
        raise StatementRefused("cut off")

    with pytest.raises(StatementRefused):
        take_statement(Document(b"b" * 32, 1, "x"), broken(), acting=paying.acting("jorge"))

    assert set(states(paying)) == {State.SENT}
    assert fetch(LEDGER, "SELECT count(*) FROM statement") == [(0,)]


def test_reported_there_and_back_again_in_one_file_money_follows(paying):
    send(paying, (0, Outcome.PAID, None), (0, Outcome.RETURNED, None))

    assert states(paying)[0] == State.RETURNED
    assert holds(paying, 0) == paying.owed[0].amount
    assert ledger.check().is_balanced


@pytest.mark.parametrize(
    "statement, rule",
    [
        ("UPDATE payment SET state = 6 WHERE state = 5", "payment_moves"),
        ("UPDATE payment SET state = 2", "payment_moves"),
        (
            """INSERT INTO payment (disbursement_id, reference, account, unit, amount, state,
                                    changed_at)
               SELECT disbursement_id, 'x', account, unit, amount, 2, 1 FROM payment
               WHERE state = 3 LIMIT 1""",
            "payment_one_open_an_account",
        ),
    ],
)
def test_the_database_itself_refuses(paying, statement, rule):
    send(paying, (0, Outcome.PAID, None))

    with pytest.raises(IntegrityError, match=rule), transaction.atomic(using=LEDGER):
        execute(LEDGER, statement)


def test_a_payment_without_outcome_keeps_its_cycle_from_fading(paying):
    send(paying, *((at, Outcome.PAID, None) for at in range(1, len(paying.owed))))
    for _ in range(12):
        paying.clock.forward(days=30)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(cycle_life, "_STEPS", cycle_life._STEPS[:2])
            cycle_life.carry_out(paying.tools)

    from despensa.records.redemption.fade_store import NotEmpty

    with pytest.raises(NotEmpty, match="1 payments"):
        cycle_life.carry_out(paying.tools)

    send(paying, (0, Outcome.PAID, None), name="at last")
    cycle_life.carry_out(paying.tools)
    assert fetch(LEDGER, "SELECT state FROM cycle_books") == [(5,)]
    assert ledger.check().is_balanced
