"""
Whoever carries an approved proposal out checks it in its own transaction, whatever the door did.

Every use case under a proposal is called directly, under approvals that an enemy with the
database, a hurried office or a bug could bring; each is refused and leaves nothing behind.
"""

import os
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from despensa.domain import identifier
from despensa.domain import proposal as rules
from despensa.domain.catalogue import load_catalogue
from despensa.domain.eligibility.hashing import rule_hash
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.encoding import cose
from despensa.domain.ledger.opening_rows import SortedRuns
from despensa.domain.proposal import ApprovalInvalid, ApprovalKind, Mandate, Reason
from despensa.domain.role import Role
from despensa.entrypoints.jobs import actions, areas
from despensa.entrypoints.jobs.staging import household_parts, stage
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.journal_store import AlreadyUsed, BegunOtherwise
from despensa.records.proposals import queries
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.begin_opening import begin_opening
from despensa.usecases.credit_opening import Credits, credit_opening
from despensa.usecases.finish_opening import finish_opening
from despensa.usecases.import_register import ApprovedImport, import_register
from despensa.usecases.issue_cards import Batch, issue_cards
from despensa.usecases.publish_rule import publish_rule
from tests.factories.books import rule_text
from tests.factories.observing import at_once, digests, raised
from tests.factories.shelf import as_app
from tests.usecases.test_areas import table, take_in

NOTHING = SortedRuns(28, [])
DAY_ZERO = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Case:
    """One proposal and what carries it out under a mandate."""

    proposal: UUID
    run: Callable[[Mandate], object]


def _rule(books, number):
    text = rule_text().replace("en: ", f"en: ({number}) ", 1)
    digest = rule_hash(parse_text(text))
    proposal = books.proposal(
        "jorge", "publish_rule", Reason.PUBLISHED_PROGRAMME,
        scope=(books.programme.bytes, None, None), parameters=(text,), inputs=(digest,),
    )  # fmt: skip
    return Case(
        proposal,
        lambda mandate: publish_rule(
            text, rule_hash=digest, programme=books.programme, mandate=mandate,
            acting=books.acting("jorge"),
        ),
    )  # fmt: skip


def _cards(books, number):
    order = books.cards_order()
    proposal = books.proposal("jorge", "issue_cards", Reason.CARDS_FOR_STOCK, **order)
    epoch, expires = order["parameters"][2:4]
    batch = Batch(
        books.acting().new_id(), proposal, books.cycle, epoch, books.tools.today(),
        date.fromordinal(DAY_ZERO + expires), books.tools.today() + timedelta(7), bytes(8),
    )  # fmt: skip
    numbers = identifier.card_numbers(os.urandom, dict(order["totals"])["cards"])
    return Case(
        proposal,
        lambda mandate: issue_cards(
            batch,
            [(n, None) for n in numbers],
            mandate=mandate,
            acting=books.acting("jorge"),
            sealer=books.keeper.vault,
        ),
    )


def _opening(books, number):
    order = books.opening_order()
    return Case(
        books.proposal("jorge", "open_cycle", Reason.SCHEDULED_CYCLE, **order),
        lambda mandate: begin_opening(
            books.cycle, epoch=order["parameters"][0], mandate=mandate, acting=books.acting("jorge")
        ),
    )


def _staff(books, number):
    until = books.tools.today() + timedelta(days=90)
    new = NewStaff(
        f"new-{number}", None, "New", "en", [Role.AUDITOR], books.root_area, books.tools.today(),
        until,
    )  # fmt: skip
    parameters = (new.username, new.name, "en", ["auditor"], until.toordinal() - DAY_ZERO)
    books.staff.setdefault("sara", _hired(books, "sara", Role.SECURITY_OFFICER))
    proposal = books.proposal(
        "sara", "add_staff", Reason.STAFF_CHANGE,
        scope=(None, books.root_area.bytes, None), parameters=parameters,
    )  # fmt: skip
    return Case(proposal, lambda mandate: add_staff(new, acting=books.acting(), mandate=mandate))


def _import(books, number):
    register = books.register(skip=100 + number, count=1)
    proposal = stage(register, "register.csv", books.tools, acting=books.acting("ana"))
    content = rules.parse(queries.proposal(proposal).canonical)
    return Case(
        proposal,
        lambda mandate: import_register(
            household_parts(register),
            ApprovedImport(
                UUID(bytes=content.parameters[0]), register.source, mandate, "VE",
                load_catalogue().version, register.places,
            ),
            acting=books.acting("ana"), vault=books.keeper.vault, today=books.tools.today(),
        ),
    )  # fmt: skip


def _areas(books, number):
    if not fetch(REGISTRY, "SELECT 1 FROM area WHERE pcode = 'T01'"):
        take_in(books, table(books))
    places = table(books, en=f"North {number}")
    content = areas._encoded(places)
    return Case(
        take_in(books, places).proposal,
        lambda mandate: areas.carry_out(content, mandate, books.tools, acting=books.acting("ana")),
    )


CASES = {
    "import_areas": _areas,
    "publish_rule": _rule,
    "issue_cards": _cards,
    "begin_opening": _opening,
    "add_staff": _staff,
    "import_register": _import,
}


def _hired(books, name, role, *, area=None, programme=None, days=365):
    today = books.tools.today()
    known = books.staff.get(name)
    return known or add_staff(
        NewStaff(
            name, None, name, "en", [role], area or books.root_area, today,
            today + timedelta(days=days), programme,
        ),
        acting=books.acting(),
    )  # fmt: skip


def _carried(books, proposal, approver, *, kind=2, of=None, write=True, **changes):
    """The mandate of an approval that the authority signed, and that stands in the books."""
    view, said = queries.proposal(proposal), queries.proposal(of or proposal)
    approval = rules.Approval(said.hash, approver.bytes, ApprovalKind(kind), books.clock.at)
    signed = books.keeper.signatory.sign(approval.payload(), label=rules.APPROVAL_LABEL)
    signed = changes.get("alter", lambda data: data)(signed)
    if write:
        recorded = books.staff["nour"] if approver == view.creator else approver
        with as_app(books.endpoints, "registry") as connection:
            connection.execute(
                "INSERT INTO approval (proposal_id, creator, approver, kind, approved_at, signed)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                (proposal, view.creator, recorded, kind, books.clock.at, signed),
            )
            connection.execute("UPDATE proposal SET state = 2 WHERE id = %s", (proposal,))
    authority = books.keeper.signatory.public_keys().authority
    return Mandate(
        view.canonical, signed, {cose.key_id(authority): authority},
        single_operator=changes.get("single_operator", False),
    )  # fmt: skip


def _forged(books, proposal):
    approval = rules.Approval(
        queries.proposal(proposal).hash, books.staff["nour"].bytes, ApprovalKind(2), books.clock.at
    )
    key = Ed25519PrivateKey.generate()
    return cose.sign(
        approval.payload(), label=rules.APPROVAL_LABEL,
        public_key=key.public_key().public_bytes_raw(), signer=key.sign,
    )  # fmt: skip


def _flipped(data):
    return data[:-1] + bytes([data[-1] ^ 1])


def _village(books):
    return next(area for area in registry_areas() if area != books.root_area)


def registry_areas():
    return [area for (area,) in fetch("registry", "SELECT id FROM area ORDER BY pcode")]


def _elsewhere(books):
    return books.staff.setdefault("far", _hired(books, "far", Role.APPROVER, area=_village(books)))


# what stands wrong -> (mandate, what is raised)
ATTACKS = {
    "nobody approved": lambda b, p, other: _carried(b, p, b.staff["nour"], write=False),
    "altered": lambda b, p, other: _carried(b, p, b.staff["nour"], alter=_flipped),
    "another key": lambda b, p, other: _carried(
        b, p, b.staff["nour"], alter=lambda _: _forged(b, p)
    ),
    "another content": lambda b, p, other: _carried(b, p, b.staff["nour"], of=other),
    "the creator": lambda b, p, other: _carried(b, p, queries.proposal(p).creator),
    "no role for it": lambda b, p, other: _carried(b, p, b.staff["samir"]),
    "a stranger": lambda b, p, other: _carried(b, p, UUID(int=7)),
    "a role elsewhere": lambda b, p, other: _carried(b, p, _elsewhere(b)),
    "waited": lambda b, p, other: _carried(b, p, b.staff["nour"], kind=3),
    "waited alone without a role": lambda b, p, other: _carried(
        b, p, b.staff["samir"], kind=3, single_operator=True
    ),
}
REFUSED = (ApprovalInvalid, cose.BadSignature, cose.UnknownKey)


@pytest.mark.parametrize("name", CASES)
def test_an_approval_that_does_not_allow_it_is_refused_by_the_use_case_itself(carded_books, name):
    books = carded_books
    for number, (attack, mandate_of) in enumerate(ATTACKS.items()):
        case, other = CASES[name](books, 2 * number), CASES[name](books, 2 * number + 1)
        if attack == "waited alone without a role":
            books.clock.forward(hours=24)
        mandate = mandate_of(books, case.proposal, other.proposal)
        before = digests(books.endpoints)

        with pytest.raises(REFUSED):
            case.run(mandate)

        assert digests(books.endpoints) == before, attack


@pytest.mark.parametrize("name", CASES)
def test_it_is_done_once_in_time_under_a_right_approval(carded_books, name):
    books = carded_books
    late, case = CASES[name](books, 1), CASES[name](books, 2)
    overdue = _carried(books, late.proposal, books.staff["nour"])
    # the approver's role ends tomorrow: what was approved today is still done the day after
    leaving = _hired(books, "leaving", Role.APPROVER, days=1)
    mandate = _carried(books, case.proposal, leaving)
    books.clock.forward(days=2)

    case.run(mandate)
    with pytest.raises((AlreadyUsed, BegunOtherwise)) if name != "begin_opening" else nullcontext():
        case.run(mandate)
    books.clock.forward(days=1)
    with pytest.raises((ApprovalInvalid, BegunOtherwise)):
        late.run(overdue)


def test_a_role_that_had_ended_when_it_approved_does_not_count(carded_books):
    books = carded_books
    leaving = _hired(books, "leaving", Role.APPROVER, days=1)
    books.clock.forward(days=1)
    case = _rule(books, 1)

    with pytest.raises(ApprovalInvalid, match="on that day"):
        case.run(_carried(books, case.proposal, leaving))


def test_a_role_for_another_programme_does_not_count(carded_books):
    books = carded_books
    other = _hired(books, "other", Role.APPROVER, programme=books.acting().new_id())
    same = _hired(books, "same", Role.APPROVER, programme=books.programme)
    first, second = _rule(books, 1), _rule(books, 2)

    with pytest.raises(ApprovalInvalid):
        first.run(_carried(books, first.proposal, other))

    assert second.run(_carried(books, second.proposal, same))


def test_of_two_processes_at_once_one_carries_it_out(carded_books):
    books = carded_books
    case = _rule(books, 1)
    mandate = _carried(books, case.proposal, books.staff["nour"])

    ended = at_once(lambda: case.run(mandate), lambda: case.run(mandate))

    assert [type(error) for error in raised(ended)] == [AlreadyUsed]


def test_a_single_operator_who_waited_may_do_what_they_may_propose(carded_books):
    books = carded_books
    case = _rule(books, 1)
    books.clock.forward(hours=24)

    mandate = _carried(books, case.proposal, books.staff["jorge"], kind=3, single_operator=True)

    assert case.run(mandate)


class TestTheLedger:
    """No role is known there: the authority's signature stands for it; the rest is checked."""

    def _run(self, books, mandate, *, begun_at=None, budget=None):
        totals = books.opening_order()["totals"]
        whole = [(int(name.removeprefix("unit:")), total) for name, total in totals]
        return credit_opening(
            Credits(books.cycle, NOTHING, NOTHING, whole if budget is None else budget),
            mandate=mandate, begun_at=begun_at or books.clock.at, acting=books.acting("jorge"),
            keeper=books.keeper.cycles,
        )  # fmt: skip

    @pytest.fixture
    def opened_key(self, carded_books):
        books = carded_books
        first = books.approved(_opening(books, 0).proposal)
        approved = actions.verified(first, books.tools)
        books.keeper.cycles.step_links(
            proposal=approved.mandate.canonical, approval=approved.mandate.signed,
            cycle=books.cycle.bytes, programme=books.programme.bytes,
            epoch=approved.proposal.parameters[0],
        )  # fmt: skip
        return books

    @pytest.mark.parametrize(
        "attack", ["altered", "another key", "another content", "the creator", "waited"]
    )
    def test_it_credits_nothing_under_a_wrong_approval(self, opened_key, attack):
        books = opened_key
        case, other = _opening(books, 1), _rule(books, 2)
        mandate = ATTACKS[attack](books, case.proposal, other.proposal)
        before = digests(books.endpoints)

        with pytest.raises(REFUSED):
            self._run(books, mandate)

        assert digests(books.endpoints) == before

    def test_it_credits_only_the_approved_budget_in_time_and_once(self, opened_key):
        books = opened_key
        mandate = _carried(books, _opening(books, 1).proposal, books.staff["nour"])
        with pytest.raises(ApprovalInvalid, match="budget"):
            self._run(books, mandate, budget=[(1, 10_000)])
        with pytest.raises(ApprovalInvalid, match="expired"):
            self._run(books, mandate, begun_at=books.clock.at + rules.APPROVAL_KEPT_SECONDS)

        assert self._run(books, mandate) == 0
        assert self._run(books, mandate) is None

    def test_the_cycle_is_not_marked_open_under_another_proposal(self, carded_books):
        books = carded_books
        case, other = _opening(books, 1), _opening(books, 2)
        mandate = _carried(books, case.proposal, books.staff["nour"])
        wrong = _carried(books, other.proposal, books.staff["nour"])
        case.run(mandate)

        with pytest.raises(BegunOtherwise):
            finish_opening(books.cycle, mandate=wrong, acting=books.acting("jorge"))
        with pytest.raises(cose.BadSignature):
            finish_opening(
                books.cycle, mandate=replace(mandate, signed=_flipped(mandate.signed)),
                acting=books.acting("jorge"),
            )  # fmt: skip

        finish_opening(books.cycle, mandate=mandate, acting=books.acting("jorge"))
