"""A pay-day: drafted by a maker, approved by a checker, paid once, whatever is repeated or killed."""

import csv
import hashlib
import io
from datetime import timedelta

import pytest

from despensa.adapters.payments.iso20022 import read_camt053
from despensa.domain.payment.order import AccountKind, Rail
from despensa.domain.payment.plan import Task
from despensa.domain.payment.statement import LineStatus, State
from despensa.domain.proposal import ApprovalInvalid
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Role
from despensa.entrypoints.jobs import actions, paying
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.ledger import queries as ledger
from despensa.records.payees import queries as payees
from despensa.records.payees.queries import ProviderView
from despensa.records.programmes import queries as programmes
from despensa.records.proposals import queries as proposals
from despensa.records.registry import queries as registry
from despensa.usecases import hold_payments as holding
from despensa.usecases.add_provider import add_provider
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.refuse_proposal import refuse_proposal
from despensa.usecases.set_payee import AccountWrong, confirm_payee, set_payee
from despensa.usecases.take_statement import Document, take_statement
from tests.adapters.payments.test_corpus import camt, details, entry
from tests.factories.shelf import as_owner

IBAN = "DE89370400440532013000"
BANK = {"payer": "Municipio", "payer_account": IBAN, "payer_agent": "COBADEFFXXX"}


class PayDay:
    """An open cycle that gives money, a maker, a checker, and two providers."""

    def __init__(self, books):
        self.books, self.tools, self.acting = books, books.tools, books.acting
        self.cycle = programmes.cycle(books.cycle)
        today = books.tools.today()
        for name, role in (("mara", Role.FINANCE_MAKER), ("chen", Role.FINANCE_CHECKER)):
            new = NewStaff(name, None, name, "en", [role], None, today, today + timedelta(days=99))
            books.staff[name] = add_staff(new, acting=books.acting(None))
        with as_owner(books.endpoints, "registry") as connection:
            connection.execute(
                "UPDATE unit SET code = 'EUR' WHERE number = (SELECT min(unit) FROM benefit_line)"
            )
        self.provider("bank", Rail.PAIN_001, AccountKind.IBAN, BANK)
        _, homes = payees.entitled(books.cycle, "EUR")
        self.heads = registry.shown_first(homes)

    def provider(self, code, rail, kind, settings, *, needs_document=False):
        acting = self.acting("mara")
        add_provider(
            ProviderView(acting.new_id(), code, {"en": code}, rail, kind, needs_document, settings),
            acting=acting,
        )

    def account(self, member, account=IBAN, *, code="bank", by="ana"):
        return set_payee(
            member.id,
            payees.provider(code),
            account,
            "COBADEFFXXX" if code == "bank" else "",
            acting=self.acting(by),
            vault=self.tools.keeper.vault,
        )

    def draft(self, code="bank"):
        return paying.draft(
            self.cycle, payees.provider(code), "EUR", self.tools.today(), self.tools,
            acting=self.acting("mara"),
        )  # fmt: skip

    def held(self, drafted):
        self.books.approved(drafted.proposal, by="chen")
        return actions.carry_out(drafted.proposal, self.tools)

    def file(self, drafted):
        made = paying.file_of(drafted.proposal, self.tools, acting=self.acting("mara"))
        return b"".join(made)

    def statement(self, content):
        document = Document(hashlib.sha256(content).digest(), 1, "s.xml")
        return take_statement(
            document, read_camt053(io.BytesIO(content)), acting=self.acting("mara")
        )


@pytest.fixture(name="day")
def _day(opened_books):
    return PayDay(opened_books)


def references():
    return fetch(LEDGER, "SELECT reference, amount FROM payment WHERE state > 1 ORDER BY reference")


def test_a_pay_day_from_the_open_cycle_to_the_statement(day):
    first, *others = day.heads.values()
    for member in others:
        assert day.account(member) is False

    drafted = day.draft()
    done = day.held(drafted)
    content = day.file(drafted)

    assert drafted.tasks == {Task.NO_ACCOUNT: 1}
    assert [(one.household, one.kind) for one in payees.tasks(None)] == [
        (first.household, Task.NO_ACCOUNT)
    ]
    assert f"{len(others)} payments held" in done
    assert hashlib.sha256(content).digest() == drafted.file_hash
    assert content.count(b"<CdtTrfTxInf>") == drafted.count == len(others)
    told = references()
    assert all(f"<EndToEndId>{name}</EndToEndId>".encode() in content for name, _ in told)
    assert sum(amount for _, amount in told) == drafted.total

    paid = "".join(details(name, amount=f"{amount / 100:.2f}") for name, amount in told)
    assert day.statement(camt(entry(paid))) == {LineStatus.MATCHED: len(others)}
    assert set(fetch(LEDGER, "SELECT state FROM payment")) == {(State.PAID,)}
    assert ledger.check().is_balanced
    # the one without an account is paid as soon as there is one, and nobody else again
    day.account(first)
    assert day.draft().count == 1


def test_who_made_a_list_and_who_approves_other_things_do_not_approve_it(day):
    for member in day.heads.values():
        day.account(member)
    drafted = day.draft()

    for name in ("mara", "nour"):
        with pytest.raises((OutOfReach, PermissionError)):
            day.books.approved(drafted.proposal, by=name)
    with pytest.raises(actions.NotCarriedOut):
        actions.carry_out(drafted.proposal, day.tools)
    with pytest.raises(paying.ListRefused):
        day.file(drafted)


def test_two_lists_of_the_same_people_pay_once(day):
    for member in day.heads.values():
        day.account(member)
    one, other = day.draft(), day.draft()
    day.held(one)
    day.books.approved(other.proposal, by="chen")

    with pytest.raises(actions.NotCarriedOut, match="another list"):
        actions.carry_out(other.proposal, day.tools)

    assert len(references()) == one.count
    with pytest.raises(paying.ListRefused, match="Nobody"):
        day.draft()


def test_killed_after_holding_it_goes_on_and_holds_nothing_twice(day, monkeypatch):
    for member in day.heads.values():
        day.account(member)
    drafted = day.draft()
    day.books.approved(drafted.proposal, by="chen")

    def dies(*_args, **_named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(paying, "finish_payment", dies)
        with pytest.raises(KeyboardInterrupt):
            actions.carry_out(drafted.proposal, day.tools)
    before = fetch(LEDGER, "SELECT count(*) FROM transfer")
    actions.carry_out(drafted.proposal, day.tools)

    assert fetch(LEDGER, "SELECT count(*) FROM transfer") == before
    assert proposals.proposal(drafted.proposal).state == proposals.DONE


def test_a_rejected_payment_is_tried_again_under_another_reference(day):
    for member in day.heads.values():
        day.account(member)
    drafted = day.draft()
    day.held(drafted)
    day.file(drafted)
    (name, amount), *_ = references()
    returned = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
    back = details(name, amount=f"{amount / 100:.2f}", more=returned)

    assert day.statement(camt(entry(back, side="CRDT"))) == {LineStatus.MATCHED: 1}
    again = day.draft()
    day.held(again)

    assert again.count == 1
    [(other,)] = fetch(LEDGER, "SELECT reference FROM payment WHERE state = 2")
    assert other != name


def test_an_account_changed_shortly_before_waits_for_another_person(day):
    member, *others = day.heads.values()
    day.account(member)
    for other in others:
        day.account(other)
    assert day.account(member, "GB82WEST12345698765432") is True

    drafted = day.draft()
    assert drafted.tasks == {Task.CHANGE_TO_CONFIRM: 1}
    payee = payees.payees([member.id])[member.id]
    assert confirm_payee(payee.id, acting=day.acting("jorge"))
    assert day.draft().count == len(others) + 1


def test_a_provider_that_demands_a_document_makes_a_task_of_who_has_none(day):
    day.provider("cash", Rail.CASH_LIST, AccountKind.CASH, {}, needs_document=True)
    member, other, *_ = day.heads.values()
    for one in (member, other):
        day.account(one, "", code="cash")
    with as_owner(day.books.endpoints, "registry") as connection:
        connection.execute(
            "UPDATE registrant_document SET sealed = '' WHERE registrant_id = %s", (member.id,)
        )

    drafted = day.draft("cash")

    assert Task.DOCUMENT_MISSING in drafted.tasks
    day.held(drafted)
    rows = list(csv.DictReader(io.StringIO(day.file(drafted).decode())))
    assert len(rows) == drafted.count == 1
    assert rows[0]["name"]


def test_a_wrong_account_is_not_taken_and_not_repeated_in_the_refusal(day):
    member = next(iter(day.heads.values()))

    with pytest.raises(AccountWrong) as refused:
        day.account(member, "DE88370400440532013000")

    assert "DE88" not in str(refused.value)
    assert fetch(REGISTRY, "SELECT count(*) FROM payee") == [(0,)]


def test_what_nobody_reports_is_resolved_by_two_people_alone(day):
    for member in day.heads.values():
        day.account(member)
    drafted = day.draft()
    day.held(drafted)
    (name, _), *_ = references()
    with pytest.raises(paying.ListRefused):
        paying.propose_outcome(name, is_paid=True, acting=day.acting("mara"))
    day.file(drafted)

    asked = paying.propose_outcome(name, is_paid=True, acting=day.acting("mara"))
    with pytest.raises(OutOfReach):
        day.books.approved(asked, by="nour")
    day.books.approved(asked, by="chen")

    assert actions.carry_out(asked, day.tools) == "resolved"
    assert dict(fetch(LEDGER, "SELECT reference, state FROM payment"))[name] == State.PAID


def test_a_list_that_was_changed_after_approval_is_not_held(day):
    for member in day.heads.values():
        day.account(member)
    drafted = day.draft()
    day.books.approved(drafted.proposal, by="chen")
    with as_owner(day.books.endpoints, "ledger") as connection:
        connection.execute("UPDATE payment SET amount = amount + 1")

    with pytest.raises(ApprovalInvalid, match="not the one"):
        actions.carry_out(drafted.proposal, day.tools)
    assert fetch(LEDGER, "SELECT count(*) FROM hold") == [(0,)]
    assert holding.STAGE not in {stage for (stage,) in fetch(LEDGER, "SELECT stage FROM stage")}


def test_the_look_at_everybody_paid_is_written_down_first(day):
    for member in day.heads.values():
        day.account(member)
    day.draft()

    looked = fetch(REGISTRY, "SELECT person, fields FROM access_entry WHERE purpose = 70")
    assert {person for person, _ in looked} == {member.id for member in day.heads.values()}
    kinds = [record[0] for record in day.books.keeper_records()]
    assert {70, 71} <= set(kinds)


def test_the_file_of_a_refused_list_is_destroyed_and_the_log_says_so(day):
    for member in day.heads.values():
        day.account(member)
    drafted, kept = day.draft(), day.draft()
    assert paying.destroy_files(day.tools) == 0

    refuse_proposal(drafted.proposal, acting=day.acting("chen"), staging=day.tools.keeper.staging)

    entries = "SELECT count(*) FROM journal"
    [(before,)] = fetch(LEDGER, entries)
    assert [paying.destroy_files(day.tools) for _ in range(2)] == [1, 0]
    folder = day.tools.workspace.run / "staging/payments"
    assert [path.stem for path in folder.iterdir()] == [kept.proposal.hex]
    assert [one[1] for one in day.books.keeper_records() if one[0] == 73] == [
        drafted.proposal.bytes
    ]
    assert fetch(LEDGER, entries) == [(before + 1,)]


def test_the_file_of_a_held_list_outlives_its_approval_and_not_its_last_day(day, monkeypatch):
    for member in day.heads.values():
        day.account(member)
    drafted = day.draft()
    day.held(drafted)
    now = day.tools.now()

    monkeypatch.setattr(type(day.tools), "now", lambda _: now + 20 * 86_400)
    assert paying.destroy_files(day.tools) == 0
    assert hashlib.sha256(day.file(drafted)).digest() == drafted.file_hash
    monkeypatch.setattr(type(day.tools), "now", lambda _: now + 32 * 86_400)
    assert paying.destroy_files(day.tools) == 1
    with pytest.raises(FileNotFoundError):
        day.file(drafted)
