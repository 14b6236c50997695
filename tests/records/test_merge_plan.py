"""How the database takes a batch off the inbox, when its statistics say that nothing waits."""

from django.db.transaction import atomic

from despensa.records.bulk import execute, fetch
from despensa.records.databases import LEDGER
from despensa.records.redemption import merge_sql


def test_a_full_inbox_is_taken_by_place_and_not_compared_row_by_row(founded_books):
    # a join planned for the empty queue took longer the more was waiting: 1.2 s a batch at 12,000
    with atomic(using=LEDGER):
        # a server with the settings it comes with
        execute(LEDGER, "SET LOCAL random_page_cost = 4", ())
        fetch(LEDGER, merge_sql.HOLD_LANE, (0,))
        plan = "\n".join(
            line
            for careful in (False, True)
            for (line,) in fetch(
                LEDGER,
                "EXPLAIN (COSTS OFF) " + merge_sql.take_and_post(500, is_careful=careful),
                (0, "0" * 24),
            )
        )

    assert plan.count("Tid Scan on inbox_event") == 2
    assert "oldest" not in plan
