"""Appeals in the books: brought, answered, forgotten; once, twice, at once, late, by an enemy."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from despensa.domain import receipt as receipts
from despensa.domain.appeal import Answer, AppealRefused, Ground, Reason, Why, serial
from despensa.domain.encoding import cose, dcbor
from despensa.domain.ports.keeper import KeyedPerson, Purpose
from despensa.domain.reach import Reach
from despensa.domain.role import Role
from despensa.domain.transparency import journal
from despensa.entrypoints.jobs import appealing, cycle, rounds
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.grievances import queries
from despensa.records.tables import TABLE_NUMBER
from despensa.usecases import answer_appeal as answering
from despensa.usecases import bring_appeal as bringing
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.bring_appeal import Wanted
from despensa.usecases.open_appeal import open_appeal
from tests.factories.books import NOON, new_cycle
from tests.factories.observing import Killed, at_once, count, dies, digests, raised
from tests.factories.shelf import as_owner
from tests.usecases.test_change_household import a_home
from tests.usecases.test_erase_person import erase, everything_written, wish_for

WORDS = "Vivimos cinco, no cuatro.\nنحن خمسة."
_DAY_ZERO = date(1970, 1, 1).toordinal()


def staffed(books, *, names=("rosa",), roles=(Role.GRIEVANCE_OFFICER,), area=None):
    """Add people who answer appeals; the cast has none."""
    today = books.tools.today()
    for name in names:
        books.staff[name] = add_staff(
            NewStaff(
                name, f"{name}-is-not-a-secret", name.title(), "es", list(roles),
                area or books.root_area, today, today + timedelta(days=900),
            ),
            acting=books.acting(),
        )  # fmt: skip
    return books


@pytest.fixture(scope="module")
def opened_once(shelf, django_db_blocker):
    """One open cycle for this module; every test leaves it without appeals, at noon."""
    with django_db_blocker.unblock():
        given = shelf.take("opened")
        yield staffed(given, names=("rosa", "lila"))
        shelf.give_back()


@pytest.fixture
def books(opened_once, django_db_blocker):
    with django_db_blocker.unblock():
        opened_once.clock.at = NOON
        yield opened_once
        with as_owner(opened_once.endpoints, "registry") as connection:
            connection.execute("DELETE FROM grievance")


def wanted(books, home=None, ground=Ground.FACT_MISSING, text=WORDS, **fields):
    home = home or a_home()[0]
    given = {"id": books.acting().new_id(), "cycle": books.cycle, "household": home}
    return Wanted(ground=ground, text=text, **given | fields)


def bring(books, one, by="ana"):
    return appealing.bring(one, books.tools, acting=books.acting(by))


def answer(books, one, given=Answer.NOT_UPHELD, reason=Reason.RULE_WAS_FOLLOWED, by="rosa"):
    return appealing.answer(one.id, given, books.tools, reason=reason, acting=books.acting(by))


def opened(books, one, by="rosa"):
    return open_appeal(one.id, acting=books.acting(by), vault=books.keeper.vault)


def refused(why, act, *args, **named):
    with pytest.raises(AppealRefused) as told:
        act(*args, **named)
    assert told.value.why is why


def said_on(books, signed):
    authority = books.keeper.signatory.public_keys().authority
    keys = {cose.key_id(authority): authority}
    return receipts.verify_receipt(signed, authority_keys=keys).receipt


def day(number):
    return date.fromordinal(_DAY_ZERO + number)


def test_an_appeal_is_taken_down_with_its_days_and_its_receipt_names_the_leaf(books):
    one = wanted(books)

    brought = bring(books, one)

    view, today = queries.appeal(one.id), books.tools.today()
    [(closes_on,)] = fetch(REGISTRY, "SELECT closes_on FROM cycle WHERE id = %s", (books.cycle,))
    assert (view.last_day, view.answer_until) == (
        closes_on + timedelta(days=90), today + timedelta(days=30),
    )  # fmt: skip
    said = said_on(books, brought.receipt)
    assert said.kind is receipts.ReceiptKind.APPEAL_BROUGHT
    assert (day(said.day), day(said.appeal_until), day(said.answer_until)) == (
        today, view.last_day, view.answer_until,
    )  # fmt: skip
    assert (said.serial, said.ground, said.cycle_id) == (
        serial(one.id.hex), Ground.FACT_MISSING, books.cycle.bytes,
    )  # fmt: skip
    assert count(REGISTRY, "journal", "leaf32 = %s", said.content_hash) == 1


def test_a_decided_cycle_is_appealed_against_before_it_opens(books):
    cycle_id = new_cycle(books, "2026-12")
    one = wanted(books, cycle=cycle_id)
    refused(Why.NOT_DECIDED, bring, books, one)

    cycle.freeze_and_decide(cycle_id, books.tools, acting=books.acting("jorge"))

    assert bring(books, one).is_new
    assert queries.deciders(cycle_id) == {books.staff["jorge"]}


def test_what_the_household_says_lies_sealed_and_in_no_journal(books):
    one = wanted(books)
    bring(books, one)

    [(stored,)] = fetch(REGISTRY, "SELECT text FROM grievance WHERE id = %s", (one.id,))
    contents = [bytes(row) for (row,) in fetch(REGISTRY, "SELECT bytes FROM journal_content")]
    needles = (WORDS.encode()[:20], bytes(stored)[20:60])
    assert not any(needle in content for needle in needles for content in [*contents[-3:]])
    assert needles[0] not in bytes(stored)
    before = count(REGISTRY, "access_entry")
    assert opened(books, one).text == WORDS
    looks = fetch(
        REGISTRY,
        "SELECT purpose, fields, staff FROM access_entry ORDER BY at DESC, entry LIMIT 1",
    )
    assert count(REGISTRY, "access_entry") > before
    assert looks[0][0] == Purpose.ANSWER_GRIEVANCE
    assert looks[0][2] == books.staff["rosa"]


def test_the_journal_tells_the_rows_to_whoever_has_the_key(books):
    one = wanted(books)
    bring(books, one)
    answer(books, one)

    told = _told(books)

    told_rows = [dcbor.decode(row.body) for row in told if row.table == TABLE_NUMBER["grievance"]]
    assert [row.get("ground") for row in told_rows] == [Ground.FACT_MISSING, None]
    assert (told_rows[1]["answer"], told_rows[1]["reason"]) == (2, 97)
    assert all(WORDS not in str(row) for row in told_rows)


def _told(books):
    rows = fetch(
        REGISTRY,
        """SELECT journal.entry, content.bytes FROM journal
           JOIN journal_content content USING (entry) ORDER BY seq""",
    )
    people = {
        person.bytes: KeyedPerson(person.bytes, kek, bytes(wrapped))
        for person, kek, wrapped in fetch(REGISTRY, "SELECT person, kek, wrapped FROM person_key")
    }
    entries = [(entry, journal.parse_stored(bytes(data))) for entry, data in rows[-2:]]
    return [
        row
        for entry, stored in entries
        if stored.rows and stored.rows[0][:1] == b"\x85"
        for row in books.keeper.vault.open_rows(entry.bytes, stored, people)
    ]


def test_a_request_sent_twice_is_one_and_an_id_stands_for_one_request(books):
    one = wanted(books)
    first = bring(books, one)
    before = digests(books.endpoints)

    again = bring(books, one)

    assert (again.is_new, again.receipt, digests(books.endpoints)) == (False, first.receipt, before)
    refused(Why.ID_USED_OTHERWISE, bring, books, wanted(books, id=one.id, text="otra cosa"))


def test_a_second_open_appeal_waits_and_one_after_the_answer_does_not(books):
    one = wanted(books)
    bring(books, one)

    refused(Why.BROUGHT_BEFORE, bring, books, wanted(books))
    answer(books, one)

    assert bring(books, wanted(books)).is_new


def test_two_at_once_leave_one(books):
    ones = [wanted(books) for _ in range(2)]

    ended = at_once(*(lambda one=one: bring(books, one) for one in ones))

    [error] = raised(ended)
    assert (type(error), error.why) == (AppealRefused, Why.BROUGHT_BEFORE)
    assert count(REGISTRY, "grievance") == 1


def test_the_same_request_twice_at_once_is_one(books):
    one = wanted(books)

    ended = at_once(*(lambda: bring(books, one) for _ in range(2)))

    assert sorted(done.is_new for done in ended) == [False, True]


def test_the_day_after_the_last_is_too_late(books):
    [(closes_on,)] = fetch(REGISTRY, "SELECT closes_on FROM cycle WHERE id = %s", (books.cycle,))
    days = (closes_on - books.tools.today()).days + 90
    books.clock.forward(days=days)
    one = wanted(books)
    bring(books, one)
    answer(books, one)
    books.clock.forward(days=1)

    refused(Why.TOO_LATE, bring, books, wanted(books))


def test_nothing_decided_and_out_of_reach_look_alike_to_nobody(books):
    staffed(books, names=("lejos",), roles=(Role.REGISTRAR,), area=_village(0))
    home = _home_outside(_village(0))
    never = wanted(books, household=books.acting().new_id())

    refused(Why.NO_SUCH_APPEAL, bring, books, never)
    refused(Why.NO_SUCH_APPEAL, bring, books, wanted(books, home), by="lejos")
    refused(Why.NO_SUCH_APPEAL, bring, books, wanted(books), by="jorge")
    one = wanted(books, home)
    bring(books, one)
    refused(Why.NO_SUCH_APPEAL, opened, books, one, by="lejos")
    refused(Why.NO_SUCH_APPEAL, answer, books, one, by="ana")
    refused(Why.NO_SUCH_APPEAL, answer, books, one, by="lejos")


def _village(place):
    return fetch(REGISTRY, "SELECT id FROM area WHERE level > 0 ORDER BY pcode")[place][0]


def _home_outside(area):
    [(home,), *_] = fetch(
        REGISTRY,
        """SELECT household.id FROM household JOIN decision ON decision.household_id = household.id
           WHERE area_id <> %s ORDER BY household.id""",
        (area,),
    )
    return home


@pytest.mark.parametrize("step", ["store.add", "journal_store.append", "entry_of"])
def test_killed_while_it_is_taken_down_nothing_is_there_and_the_next_try_does_it(
    books, monkeypatch, step
):
    one = wanted(books)
    *module, name = step.split(".")
    with monkeypatch.context() as patch:
        dies(patch, getattr(bringing, *module) if module else bringing, name, after=True)
        with pytest.raises(Killed):
            bring(books, one)
    assert count(REGISTRY, "grievance") == 0

    assert bring(books, one).is_new


def test_who_had_a_hand_in_it_does_not_answer(books):
    both = (Role.GRIEVANCE_OFFICER,)
    for name in ("jorge", "nour"):
        # the same people with the role that answers: drafted and proposed; approved the opening
        _grant(books, name, both)
    one = wanted(books)
    bring(books, one, by="rosa")

    assert queries.deciders(books.cycle) == {books.staff["jorge"], books.staff["nour"]}
    refused(Why.DECIDED_IT, answer, books, one, by="jorge")
    refused(Why.DECIDED_IT, answer, books, one, by="nour")
    refused(Why.TOOK_IT_DOWN, answer, books, one, by="rosa")
    assert queries.appeal(one.id).is_open
    assert answer(books, one, by="lila").is_new


def test_where_one_person_works_a_day_stands_for_another_pair_of_eyes(books):
    _grant(books, "jorge", (Role.GRIEVANCE_OFFICER,))
    one = wanted(books)
    bring(books, one, by="jorge")
    workspace = replace(books.tools.workspace, single_operator=True)
    tools = replace(books.tools, workspace=workspace)
    asked = (one.id, Answer.NOT_UPHELD, tools)

    def given():
        return appealing.answer(
            *asked, reason=Reason.RULE_WAS_FOLLOWED, acting=books.acting("jorge")
        )

    refused(Why.WAITS_A_DAY, given)
    books.clock.forward(hours=24)
    refused(Why.DECIDED_IT, answer, books, one, by="jorge")
    before = count(REGISTRY, "journal_content")

    assert (given().is_new, given().is_new) == (True, False)
    assert count(REGISTRY, "journal_content") == before + 1
    assert fetch(REGISTRY, "SELECT has_waited FROM grievance WHERE id = %s", (one.id,)) == [(True,)]


def _grant(books, name, roles):
    execute(
        REGISTRY,
        """INSERT INTO role_grant (id, staff_id, role, area, from_date, until_date)
           SELECT gen_random_uuid(), %s, %s, %s, %s, %s""",
        (
            books.staff[name], roles[0].value, books.root_area, books.tools.today(),
            books.tools.today() + timedelta(days=99),
        ),
    )  # fmt: skip


def test_the_database_refuses_the_same_person_and_half_an_answer(books):
    one = wanted(books)
    bring(books, one)
    whole = "answer = 1, answered_at = 1, answer_receipt = ''"

    for changes in (
        f"{whole}, answered_by = taken_down_by",
        "answer = 1",
        f"{whole.replace('= 1,', '= 2,', 1)}, answered_by = gen_random_uuid()",
        f"{whole}, answered_by = gen_random_uuid(), reason = 96",
        f"{whole.replace('= 1,', '= 3,', 1)}, answered_by = gen_random_uuid(), child = id",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(using=REGISTRY):
            execute(REGISTRY, f"UPDATE grievance SET {changes} WHERE id = %s", (one.id,))


@pytest.mark.parametrize(
    ("given", "reason", "again"),
    [
        (Answer.UPHELD, None, False),
        (Answer.NOT_UPHELD, Reason.NOTHING_NEW_SHOWN, True),
        (Answer.WITHDRAWN, None, True),
    ],
)
def test_an_answer_has_a_receipt_that_says_what_is_still_possible(books, given, reason, again):
    one = wanted(books)
    bring(books, one)

    done = answer(books, one, given, reason)

    said, view = said_on(books, done.receipt), queries.appeal(one.id)
    assert (said.kind, said.answer, said.reason) == (
        receipts.ReceiptKind.APPEAL_ANSWERED, given, reason,
    )  # fmt: skip
    assert (said.appeal_until is not None) is again
    assert (view.answer, view.answered_by) == (given, books.staff["rosa"])
    before = digests(books.endpoints)
    repeated = answer(books, one, given, reason)
    assert (repeated.is_new, repeated.receipt, digests(books.endpoints)) == (
        False, done.receipt, before,
    )  # fmt: skip
    other = Answer.WITHDRAWN if given is Answer.UPHELD else Answer.UPHELD
    refused(Why.ANSWERED_BEFORE, answer, books, one, other, None)


def test_a_no_needs_a_reason_and_a_yes_has_none(books):
    one = wanted(books)
    bring(books, one)

    refused(Why.REASON_DOES_NOT_FIT, answer, books, one, Answer.NOT_UPHELD, None)
    refused(Why.REASON_DOES_NOT_FIT, answer, books, one, Answer.UPHELD, Reason.FACTS_WERE_RIGHT)


def test_two_answers_at_once_leave_one(books):
    one = wanted(books)
    bring(books, one)

    ended = at_once(
        lambda: answer(books, one, Answer.UPHELD, None),
        lambda: answer(books, one, by="lila"),
    )

    [error] = raised(ended)
    assert (type(error), error.why) == (AppealRefused, Why.ANSWERED_BEFORE)


@pytest.mark.parametrize("step", ["store.answer", "journal_store.append"])
def test_killed_while_it_is_answered_it_is_open_and_the_next_try_answers(books, monkeypatch, step):
    one = wanted(books)
    bring(books, one)
    module, name = step.split(".")
    with monkeypatch.context() as patch:
        dies(patch, getattr(answering, module), name, after=True)
        with pytest.raises(Killed):
            answer(books, one)
    assert queries.appeal(one.id).is_open

    assert answer(books, one).is_new


def test_the_words_are_erased_ninety_days_after_the_answer_and_not_a_day_before(books):
    one, other = wanted(books), wanted(books, _home_outside(a_home_area()))
    bring(books, one)
    bring(books, other)
    books.clock.forward(days=20)
    answer(books, one)
    books.clock.forward(days=89)
    rounds.round_trip(books.tools)
    assert opened(books, one).text == WORDS
    sealed = queries.sealed_text(one.id)
    assert sealed in everything_written(books, None)

    books.clock.forward(days=1)
    rounds.round_trip(books.tools)

    assert sealed not in everything_written(books, None)

    assert (opened(books, one).text, queries.appeal(one.id).has_text) == ("", False)
    assert opened(books, other).text == WORDS
    assert fetch(REGISTRY, "SELECT text, digest FROM grievance WHERE id = %s", (one.id,)) == [
        (None, b"")
    ]


def a_home_area():
    [(area,)] = fetch(REGISTRY, "SELECT area_id FROM household WHERE id = %s", (a_home()[0],))
    return area


def test_the_list_is_by_the_day_an_answer_is_due_and_within_reach(books):
    ones = [wanted(books), wanted(books, _home_outside(a_home_area()))]
    for one in ones:
        bring(books, one)
        books.clock.forward(days=1)
    everything = queries.waiting(9, reach=_reach(books, "rosa"))

    assert [view.id for view in everything] == [one.id for one in ones]
    assert queries.count_waiting(_reach(books, "rosa")) == 2
    assert queries.waiting(9, reach=Reach()) == []
    assert queries.with_open_appeals([books.cycle]) == {books.cycle}


def _reach(books, name):
    from despensa.domain.role import Permission
    from despensa.records.staff.queries import reach_of

    return reach_of(books.staff[name], Permission.ANSWER_APPEALS, books.tools.today())


def test_what_was_said_goes_with_whoever_it_was_sealed_to(books):
    home, people = a_home()
    one = wanted(books, home)
    bring(books, one)
    view, sealed = queries.appeal(one.id), queries.sealed_text(one.id)
    assert view.person == people[0]

    erase(books, wish_for(people[0], home, head=people[1]))

    assert (queries.appeal(one.id).has_text, opened(books, one).text) == (False, "")
    assert sealed not in everything_written(books, None)
    assert answer(books, one).is_new
