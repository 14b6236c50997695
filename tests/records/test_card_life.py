"""A card's life goes one way, also for whoever writes to the database directly."""

import contextlib

import pytest
from psycopg import errors

from tests.factories.shelf import as_app, as_owner

PRINTED, HANDED_OVER, ACTIVE, REPLACED, DEAD = range(1, 6)
ALLOWED = {
    (PRINTED, HANDED_OVER), (PRINTED, REPLACED), (PRINTED, DEAD), (HANDED_OVER, ACTIVE),
    (HANDED_OVER, REPLACED), (HANDED_OVER, DEAD), (ACTIVE, REPLACED), (ACTIVE, DEAD),
}  # fmt: skip


class _Refused(Exception):
    """The card does not go this way."""


def _in_state(books, state):
    """Put one card of a household into a state, as nobody but the owner can."""
    with as_owner(books.endpoints, "registry") as connection:
        for trigger in ("card_life", "card_batch_checked"):
            connection.execute(f"ALTER TABLE card DISABLE TRIGGER {trigger}")
        [number] = connection.execute(
            "UPDATE card SET state = %s WHERE number = (SELECT min(number) FROM card"
            " WHERE household_id IS NOT NULL) RETURNING number",
            (state,),
        ).fetchone()
        for trigger in ("card_life", "card_batch_checked"):
            connection.execute(f"ALTER TABLE card ENABLE TRIGGER {trigger}")
    return number


def test_no_card_goes_back_or_leaves_a_state_out(carded_books):
    books, went = carded_books, set()
    for former in range(1, 6):
        for later in range(1, 6):
            number = _in_state(books, former)
            with as_app(books.endpoints, "registry") as connection, contextlib.suppress(_Refused):
                _try(connection, later, number)
                went.add((former, later))

    assert went == ALLOWED | {(state, state) for state in range(1, 6)}


def _try(connection, state, number):
    try:
        connection.execute("UPDATE card SET state = %s WHERE number = %s", (state, number))
    except errors.CheckViolation as refused:
        if refused.diag.constraint_name != "card_life":
            raise
        raise _Refused from refused


def test_a_card_begins_as_printed(carded_books):
    with (
        as_app(carded_books.endpoints, "registry") as connection,
        pytest.raises(errors.CheckViolation, match="card_life"),
    ):
        connection.execute(
            "INSERT INTO card (number, household_id, batch_id, position, state, epoch, issued_on, "
            "expires_on) SELECT 'XXXXXXXXXX', household_id, batch_id, -1, 2, epoch, issued_on, "
            "expires_on FROM card LIMIT 1"
        )


@pytest.mark.parametrize("step", ["SET state = 1", "SET state = 3"])
def test_a_batch_that_was_not_read_back_gives_no_card_and_skips_nothing(carded_books, step):
    books = carded_books
    number = _in_state(books, PRINTED)
    with as_owner(books.endpoints, "registry") as connection:
        connection.execute("ALTER TABLE card_batch DISABLE TRIGGER card_batch_life")
        connection.execute("UPDATE card_batch SET state = 1")
        connection.execute("ALTER TABLE card_batch ENABLE TRIGGER card_batch_life")
    with (
        as_app(books.endpoints, "registry") as connection,
        pytest.raises(errors.CheckViolation, match="card_batch_checked"),
    ):
        connection.execute("UPDATE card SET state = 2 WHERE number = %s", (number,))
    if step == "SET state = 3":
        with (
            as_app(books.endpoints, "registry") as connection,
            pytest.raises(errors.CheckViolation, match="card_life"),
        ):
            connection.execute(f"UPDATE card_batch {step}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE card SET epoch = 0",
        "UPDATE card SET expires_on = '2099-01-01'",
        "UPDATE card_batch SET count = 1",
        "UPDATE shop_package SET hashes = ''",
        "DELETE FROM card",
    ],
)
def test_what_a_card_was_made_with_does_not_change(carded_books, statement):
    with (
        as_app(carded_books.endpoints, "registry") as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute(statement)
