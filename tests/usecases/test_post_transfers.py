"""Posting in the database: what the readable form decides, under two at once, again and killed."""

import threading

import pytest
from django.db import IntegrityError, connections, transaction

from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.ledger.posting import End, Move, Outcome
from despensa.domain.ledger.transfer import Cause
from despensa.entrypoints.jobs import cycle_life, rounds
from despensa.records.bulk import execute, fetch
from despensa.records.databases import LEDGER
from despensa.records.ledger import queries, store
from despensa.usecases import post_transfers as module
from despensa.usecases.post_transfers import post_transfers
from despensa.usecases.seal_trial_balance import seal_trial_balance

EURO = 978
HELD = named_account(AccountKind.HELD, cycle=b"h" * 16)
SHOP = named_account(AccountKind.MERCHANT_PAYABLE, cycle=b"s" * 16)
GRANTED = named_account(AccountKind.GRANTED, cycle=b"g" * 16)


def wallet(place):
    return named_account(AccountKind.WALLET, cycle=place.to_bytes(16, "big"))


def number(place):
    return place.to_bytes(16, "big")


def move(place, debit, credit, amount=10, **more):
    return Move(number(place), debit, credit, EURO, amount, int(Cause.PAYMENT), bytes(16), **more)


@pytest.fixture(name="money")
def _money(founded_books):
    """Eight wallets with 100.00 each, a shop, and where amounts are held."""
    with transaction.atomic(using=LEDGER):
        store.ensure_named(
            [
                (GRANTED, EURO, AccountKind.GRANTED, None),
                (SHOP, EURO, AccountKind.MERCHANT_PAYABLE, None),
                (HELD, EURO, AccountKind.HELD, None),
                *((wallet(place), EURO, AccountKind.WALLET, None) for place in range(8)),
            ]
        )
    acting = founded_books.tools.acting(None)
    orders = [move(1000 + place, GRANTED, wallet(place), 10_000) for place in range(8)]
    assert set(post_transfers(orders, acting=acting)) == {Outcome.POSTED}
    return founded_books


def post(books, *orders):
    return post_transfers(orders, acting=books.tools.acting(None))


def held_by(account):
    [(balance,)] = fetch(LEDGER, "SELECT balance FROM account WHERE id = %s", (account,))
    return balance


def test_clean_or_not_a_batch_ends_as_the_readable_form_says(money):
    clean = post(money, move(1, wallet(0), SHOP), move(2, wallet(1), SHOP))
    mixed = post(
        money,
        move(1, wallet(0), SHOP),
        move(2, wallet(2), SHOP),
        move(3, wallet(3), SHOP, 10_001),
        move(4, wallet(4), SHOP, 5, held=HELD),
        move(5, wallet(5), number(77), 5),
        move(6, wallet(6), SHOP, 1, group=1),
        move(7, wallet(6), SHOP, 10_000, group=1),
    )

    assert clean == [Outcome.POSTED] * 2
    assert mixed == [
        Outcome.REPLAYED,
        Outcome.OTHER_CONTENT,
        Outcome.OVERDRAWN,
        Outcome.POSTED,
        Outcome.NO_ACCOUNT,
        Outcome.GROUP_REFUSED,
        Outcome.OVERDRAWN,
    ]
    assert [held_by(wallet(place)) for place in (0, 4, 6)] == [9_990, 9_995, 10_000]
    assert queries.check().is_balanced


def test_a_held_amount_ends_once_in_the_database(money):
    post(money, move(1, wallet(0), SHOP, 30, held=HELD))

    assert post(money, End(number(2), number(1), False)) == [Outcome.POSTED]
    assert post(money, End(number(2), number(1), False)) == [Outcome.REPLAYED]
    assert post(money, End(number(3), number(1), True)) == [Outcome.HOLD_ENDED]
    assert held_by(wallet(0)) == 10_000
    assert queries.check().is_balanced


@pytest.mark.parametrize(
    "statement",
    [
        """INSERT INTO hold SELECT gen_random_uuid(), NULL, credit, debit, credit, unit, amount
           FROM transfer LIMIT 1""",
        "INSERT INTO hold_end SELECT id, gen_random_uuid(), true FROM hold",
        """INSERT INTO hold_end SELECT hold.id, transfer.id, true FROM hold, transfer
           WHERE transfer.id <> hold.id LIMIT 1""",
    ],
)
def test_the_database_wants_the_transfer_of_a_hold_and_of_its_end(money, statement):
    post(money, move(1, wallet(0), SHOP, 30, held=HELD))

    with pytest.raises(IntegrityError, match="without"), transaction.atomic(using=LEDGER):
        execute(LEDGER, statement)


def test_killed_before_the_commit_nothing_is_there_and_it_is_posted_when_sent_again(
    money, monkeypatch
):
    def dies(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, "_journal", dies)
        with pytest.raises(KeyboardInterrupt):
            post(money, move(1, wallet(0), SHOP))

    assert held_by(wallet(0)) == 10_000
    assert post(money, move(1, wallet(0), SHOP)) == [Outcome.POSTED]


def test_every_reader_sees_the_same_total_while_clients_move_money(money):
    """The bank test, short: transfers between wallets in batches from two clients at once."""
    done, totals, failed = threading.Event(), set(), []

    def client(seed):
        try:
            for batch in range(12):
                orders = [
                    move(seed + batch * 20 + at, wallet((seed + at) % 8),
                         wallet((seed + at * 3 + 1) % 8), 1 + (at * batch) % 400)
                    for at in range(20) if (seed + at) % 8 != (seed + at * 3 + 1) % 8
                ]  # fmt: skip
                post(money, *orders)
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    def reader():
        while not done.is_set():
            [(total,)] = fetch(LEDGER, "SELECT sum(balance) FROM account WHERE kind = 4")
            totals.add(int(total))
        connections.close_all()

    clients = [threading.Thread(target=client, args=(seed,)) for seed in (10_000, 20_003)]
    watcher = threading.Thread(target=reader)
    for thread in (watcher, *clients):
        thread.start()
    for thread in clients:
        thread.join()
    done.set()
    watcher.join()

    assert not failed
    assert totals == {80_000}
    assert queries.check().is_balanced


def test_money_of_a_cycle_fades_into_sums_net_of_what_came_back(opened_books):
    books, cycle = opened_books, opened_books.cycle
    held = named_account(AccountKind.HELD, cycle=cycle.bytes)
    paid = named_account(AccountKind.SETTLEMENT, cycle=cycle.bytes)
    rows = fetch(
        LEDGER, "SELECT id, unit, balance FROM account WHERE kind = 3 AND balance > 0 ORDER BY id"
    )
    (first, unit, whole), (second, _, other) = [row for row in rows if row[1] == rows[0][1]][:2]
    with transaction.atomic(using=LEDGER):
        store.ensure_named(
            [(held, unit, AccountKind.HELD, cycle), (paid, unit, AccountKind.SETTLEMENT, cycle)]
        )
    cause, proposed = int(Cause.PAYMENT), cycle.bytes
    post(
        books,
        Move(number(1), bytes(first), paid, unit, whole, cause, proposed, held=held),
        Move(number(2), bytes(second), paid, unit, other, cause, proposed, held=held),
    )
    post(books, End(number(3), number(1), True), End(number(4), number(2), True))
    back = int(Cause.PAYMENT_RETURNED)
    assert post(books, Move(number(5), paid, bytes(second), unit, other, back, proposed)) == [1]
    while not fetch(LEDGER, "SELECT 1 FROM cycle_books WHERE state = 5"):
        books.clock.forward(days=30)
        cycle_life.carry_out(books.tools)

    sums = fetch(LEDGER, "SELECT unit, book, quantity FROM closing_sum WHERE cycle = %s", (cycle,))
    assert (unit, 2, whole) in sums
    assert fetch(LEDGER, "SELECT count(*) FROM hold") == [(0,)]
    assert queries.check().is_balanced


def test_a_day_is_sealed_once_with_what_every_kind_comes_to(money):
    acting = money.tools.acting(None)

    assert [seal_trial_balance(acting=acting) for _ in range(2)] == [True, None]
    money.clock.forward(days=1)
    assert seal_trial_balance(acting=money.tools.acting(None)) is True

    assert fetch(LEDGER, "SELECT transfers, is_balanced FROM trial_balance") == [(8, True)] * 2
    rounds.seal_log(money.tools)
    assert rounds.leaves_waiting() == 0
