"""
Opening a cycle across both databases: registry, keeper, ledger, registry.

Killed anywhere, the next call ends with the same accounts, tags and balances as an opening that
nothing disturbed.
"""

from uuid import UUID

import pytest

from despensa.domain.card import tag as tags
from despensa.domain.ledger.opening_rows import CREDIT, TAG, SortedRuns
from despensa.domain.proposal import APPROVAL_KEPT_SECONDS, ApprovalInvalid, Reason
from despensa.entrypoints.jobs import actions, opening
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.journal_store import BegunOtherwise
from despensa.records.ledger import queries as ledger
from despensa.records.programmes import queries
from despensa.records.programmes.store import WrongState
from despensa.records.proposals import queries as proposal_queries
from despensa.usecases import begin_opening, credit_opening, finish_opening
from tests.factories.books import new_cycle
from tests.factories.observing import Killed, at_once, count, dies, digests, raised
from tests.factories.reading import card_of

DECIDED, OPEN = 2, 4


def _proposed(books, **changes):
    return books.approved(
        books.proposal(
            "jorge", "open_cycle", Reason.SCHEDULED_CYCLE, **books.opening_order() | changes
        )
    )


def _ledger():
    """Return what an opening leaves in the ledger, whatever ids its transfers drew."""
    return {
        "accounts": fetch(LEDGER, "SELECT id, unit, kind, balance FROM account ORDER BY 1, 2"),
        "tags": fetch(LEDGER, "SELECT tag, account, step, status FROM tag ORDER BY tag"),
        "transfers": fetch(
            LEDGER, "SELECT debit, credit, unit, amount FROM transfer ORDER BY 1, 2, 3"
        ),
    }


def test_every_entitled_household_gets_an_account_and_every_card_a_tag(carded_books):
    books = carded_books
    decided = queries.decided_households(books.cycle)

    said = actions.carry_out(_proposed(books), books.tools)

    gives = [row for row in decided if row[3]]
    assert said == f"cycle open for {len(gives)} households"
    assert count(LEDGER, "account", "kind = 3") == len(gives)
    assert count(LEDGER, "tag") == sum(len(numbers) for *_, numbers in decided)
    assert count(LEDGER, "tag", "account IS NULL") == count(LEDGER, "tag", "status = 2")
    assert ledger.check().is_balanced
    assert queries.cycle(books.cycle).state == OPEN
    assert count(REGISTRY, "card", "state = 3") == len(decided)


def test_no_table_of_the_ledger_names_a_household_or_a_card(opened_books):
    books = opened_books
    secret = [h.bytes for h, *_ in queries.decided_households(books.cycle)]
    secret += [number.encode() for number in books.card_texts]
    tables = [name for (name,) in fetch(LEDGER, "SELECT relname FROM pg_stat_user_tables")]

    for table in tables:
        text = b"\n".join(
            row.encode() for (row,) in fetch(LEDGER, f"SELECT t::text FROM {table} t")
        )
        assert not [value for value in secret if value.hex().encode() in text or value in text], (
            table
        )


@pytest.mark.parametrize(
    "module, name, after",
    [
        (opening, "begin_opening", False),
        (opening, "begin_opening", True),
        (begin_opening.store, "move", True),
        (opening, "credit_opening", False),
        (credit_opening.store, "add_transfers", True),
        (credit_opening.store, "credit_accounts", True),
        (credit_opening.redemption, "add_tags", True),
        (opening, "credit_opening", True),
        (opening, "finish_opening", False),
        (finish_opening.cards, "activate", True),
        (opening, "finish_opening", True),
    ],
)
def test_killed_between_any_two_stages_it_ends_as_if_undisturbed(
    carded_books, monkeypatch, module, name, after
):
    books = carded_books
    proposal = _proposed(books)
    with monkeypatch.context() as patched:
        dies(patched, module, name, after=after)
        with pytest.raises(Killed):
            actions.carry_out(proposal, books.tools)
    half_way = _ledger()

    _finish(books, proposal)

    ended = _ledger()
    assert all(row in ended["tags"] for row in half_way["tags"])
    assert all(row in ended["accounts"] for row in half_way["accounts"])
    gives = [row for row in queries.decided_households(books.cycle) if row[3]]
    assert len([row for row in ended["accounts"] if row[2] == 3]) == len(gives)
    assert sum(row[3] for row in ended["accounts"] if row[2] == 3) == sum(
        quantity for row in gives for _, quantity in row[3]
    )
    assert ledger.check().is_balanced
    assert queries.cycle(books.cycle).state == OPEN


def _finish(books, proposal):
    """Repeat until it is done, as the job that follows approvals does."""
    try:
        actions.carry_out(proposal, books.tools)
    except actions.NotCarriedOut:
        assert proposal_queries.proposal(proposal).state == proposal_queries.DONE


def test_each_stage_repeated_gives_the_same_accounts_tags_and_balances(carded_books):
    books = carded_books
    approved = actions.verified(_proposed(books), books.tools)
    order = _order(approved)
    opening.open_cycle(order, books.tools, acting=books.acting("jorge"))
    before, everything = _ledger(), digests(books.endpoints)

    opening.open_cycle(order, books.tools, acting=books.acting("jorge"))

    assert _ledger() == before
    assert digests(books.endpoints) == everything


def test_an_opening_begun_in_time_is_finished_after_its_approval_expired(carded_books, monkeypatch):
    books = carded_books
    proposal = _proposed(books)
    with monkeypatch.context() as patched:
        dies(patched, opening, "credit_opening")
        with pytest.raises(Killed):
            actions.carry_out(proposal, books.tools)
    books.clock.forward(seconds=APPROVAL_KEPT_SECONDS)

    actions.carry_out(proposal, books.tools)

    assert queries.cycle(books.cycle).state == OPEN


def test_two_processes_open_a_cycle_once(carded_books):
    books = carded_books
    proposal = _proposed(books)

    ended = at_once(*[lambda: actions.carry_out(proposal, books.tools)] * 2)

    assert len(raised(ended)) <= 1
    assert ledger.check().is_balanced
    assert count(LEDGER, "transfer", "cause = 1") == len(queries.goods_totals(books.cycle))
    assert queries.cycle(books.cycle).state == OPEN


@pytest.mark.parametrize("stage", ["credit_opening", "finish_opening", None])
def test_a_cycle_is_not_opened_under_a_second_proposal(carded_books, monkeypatch, stage):
    books = carded_books
    first, second = _proposed(books), _proposed(books)
    if stage is None:
        actions.carry_out(first, books.tools)
    else:
        with monkeypatch.context() as patched:
            dies(patched, opening, stage)
            with pytest.raises(Killed):
                actions.carry_out(first, books.tools)
    before = digests(books.endpoints)

    with pytest.raises(BegunOtherwise):
        actions.carry_out(second, books.tools)

    assert digests(books.endpoints) == before


def test_the_ledger_is_not_credited_under_a_second_proposal(opened_books):
    books = opened_books
    second = actions.verified(_proposed(books), books.tools)
    before = digests(books.endpoints)

    with pytest.raises(BegunOtherwise):
        credit_opening.credit_opening(
            credit_opening.Credits(
                books.cycle, SortedRuns(CREDIT.size, []), SortedRuns(TAG.size, []), []
            ),
            mandate=second.mandate,
            begun_at=books.clock.at,
            acting=books.acting("jorge"),
            keeper=books.keeper.cycles,
        )

    assert digests(books.endpoints) == before


def test_more_than_the_approved_budget_is_refused_whole(carded_books):
    books = carded_books
    [(name, total)] = books.opening_order()["totals"]
    proposal = _proposed(books, totals=((name, total - 1),))

    with pytest.raises(opening.BudgetExceeded, match="budget"):
        actions.carry_out(proposal, books.tools)

    assert count(LEDGER, "account") == 0
    assert queries.cycle(books.cycle).state == DECIDED


def test_a_cycle_that_is_not_decided_is_not_opened(carded_books):
    books = carded_books
    draft = new_cycle(books, "2026-12")
    proposal = _proposed(books, scope=(books.programme.bytes, None, draft.bytes))

    with pytest.raises(WrongState):
        actions.carry_out(proposal, books.tools)


def test_an_opening_that_names_no_cycle_is_refused(carded_books):
    proposal = _proposed(carded_books, scope=(None, None, None))

    with pytest.raises(actions.NotCarriedOut, match="no cycle"):
        actions.carry_out(proposal, carded_books.tools)


class TestTheKeeper:
    """The keeper checks the approval itself: the databases are not asked."""

    def _open(self, books, approved, method="step_links", **changes):
        order = _order(approved)
        fields = {
            "proposal": order.mandate.canonical,
            "approval": order.mandate.signed,
            "cycle": order.cycle.bytes,
            "programme": order.programme.bytes,
            "epoch": order.epoch,
        }
        return getattr(books.keeper.cycles, method)(**fields | changes)

    @pytest.mark.parametrize(
        "changes",
        [{"cycle": bytes(16)}, {"programme": bytes(16)}, {"epoch": 11}],
        ids=["another cycle", "another programme", "another epoch"],
    )
    def test_it_opens_only_what_was_approved(self, carded_books, changes):
        approved = actions.verified(_proposed(carded_books), carded_books.tools)

        with pytest.raises(ApprovalInvalid):
            self._open(carded_books, approved, **changes)
        with pytest.raises(ApprovalInvalid):
            self._open(carded_books, approved, "open_cycle", cards=b"", goods=b"", **changes)

    def test_an_approval_of_something_else_opens_nothing(self, carded_books):
        books = carded_books
        approved = actions.verified(_proposed(books), books.tools)
        other = actions.verified(
            books.approved(
                books.proposal(
                    "jorge", "issue_cards", Reason.CARDS_FOR_ENTITLED, **books.cards_order()
                )
            ),
            books.tools,
        )

        with pytest.raises(ApprovalInvalid):
            self._open(
                books, approved, proposal=other.mandate.canonical, approval=other.mandate.signed
            )
        with pytest.raises(ApprovalInvalid):
            self._open(books, approved, approval=other.mandate.signed)

    def test_the_tags_are_those_of_the_cards_in_the_printed_codes(self, opened_books):
        books = opened_books
        epoch = books.opening_order()["parameters"][0]
        stored = {bytes(tag) for (tag,) in fetch(LEDGER, "SELECT tag FROM tag")}
        for number, text in books.card_texts.items():
            card = card_of(books, text)
            link = tags.walk(tags.Link(card.epoch, card.secret), epoch)
            tag = tags.tag16(link.key, programme=books.programme.bytes, cycle=books.cycle.bytes)
            assert (tag in stored) == (count(REGISTRY, "card", "number = %s AND state = 3", number))


def _order(approved):
    return opening.Order(
        proposal=approved.id,
        mandate=approved.mandate,
        cycle=UUID(bytes=approved.proposal.scope[2]),
        programme=UUID(bytes=approved.proposal.scope[0]),
        epoch=approved.proposal.parameters[0],
        totals=approved.proposal.totals,
    )
