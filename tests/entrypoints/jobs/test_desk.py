"""The desk asks whether somebody is registered already; whoever stands there is never sent away."""

import uuid
from datetime import timedelta

import pytest

from despensa.domain.duplicate import Verdict
from despensa.domain.enrolment.desk import DeskForm
from despensa.domain.role import Role
from despensa.entrypoints.jobs import deduplicating, desk
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.duplicates import queries
from despensa.records.households import queries as households
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.decide_pair import decide_pair
from despensa.usecases.enrol_household import Enrolment
from tests.factories.observing import Killed, count, dies, digests

ZORAIDA = {
    "full_name": "Zoraida Ñáñez Quispe", "role": "head", "birth_date": "1990",
    "document_type": "national_id", "document_number": "V-776655",
}  # fmt: skip
# the same person, written as somebody else hears it
AGAIN = ZORAIDA | {"full_name": "Soraida Nanes Quispe"}


def come(books, *people, by="ana", area=None, form=None):
    """Return the household and the pairs its registrar is told of."""
    form = form or uuid.uuid4()
    draft = desk.draft_of(DeskForm({}, people), form, books.tools)
    enrolment = Enrolment(form, draft, area or books.root_area)
    done = desk.enrol(enrolment, books.tools, acting=books.acting(by))
    return done, desk.notice(done.household, books.tools, acting=books.acting(by))


def two_villages():
    rows = fetch(REGISTRY, "SELECT id FROM area WHERE parent_id IS NOT NULL ORDER BY pcode LIMIT 2")
    return [area for (area,) in rows]


def a_registrar(books, village):
    """Return the name of a registrar for one village."""
    today = books.tools.today()
    books.staff["vera"] = add_staff(
        NewStaff("vera", "is-not-a-secret", "Vera", "es", [Role.REGISTRAR], village, today,
                 today + timedelta(9)),
        acting=books.acting(),
    )  # fmt: skip
    return "vera"


def test_whoever_came_before_is_noticed_and_both_registrations_stand(opened_books):
    books = opened_books
    first, told = come(books, ZORAIDA)
    assert told == []
    before = digests(books.endpoints)

    second, pairs = come(books, AGAIN)

    [pair] = pairs
    assert second.is_new
    assert queries.pair(pair).decided.verdict is None, "nothing is decided, nothing waits"
    after = digests(books.endpoints)
    changed = {table for table in before if before[table] != after[table]}
    assert not {table for table in changed if table.startswith("ledger.")}, "no food moved"
    for home in (first.household, second.household):
        assert households.standing(home).ended_on is None
    assert count(REGISTRY, "duplicate_decision") == 0


def test_people_of_one_form_are_not_held_against_each_other(founded_books):
    father = {"full_name": "José Mora Paz", "role": "head", "phone": "0414 7654321"}

    _, told = come(founded_books, father, father | {"role": "member"})

    assert told == []
    assert count(REGISTRY, "duplicate_pair") == 0


def test_a_stop_after_the_enrolment_is_made_good_when_the_form_comes_again(
    founded_books, monkeypatch
):
    books, form = founded_books, uuid.uuid4()
    come(books, ZORAIDA)
    with monkeypatch.context() as patch:
        dies(patch, deduplicating, "notice_duplicates")
        with pytest.raises(Killed):
            come(books, AGAIN, form=form)
    assert count(REGISTRY, "duplicate_pair") == 0

    done, pairs = come(books, AGAIN, form=form)

    assert (done.is_new, len(pairs)) == (False, 1)
    assert count(REGISTRY, "household") == 2
    assert come(books, AGAIN, form=form)[1] == pairs
    assert count(REGISTRY, "duplicate_pair") == 1


def test_enrolling_tells_nobody_who_is_registered_elsewhere(founded_books):
    books = founded_books
    here, elsewhere = two_villages()
    come(books, ZORAIDA, area=elsewhere)

    _, told = come(books, AGAIN, by=a_registrar(books, here), area=here)

    assert told == []
    assert count(REGISTRY, "duplicate_pair") == 1, "whoever may see both is asked"


def test_a_pair_that_was_decided_is_not_told_again(founded_books):
    books, form = founded_books, uuid.uuid4()
    come(books, ZORAIDA)
    _, [pair] = come(books, AGAIN, form=form)
    decide_pair(
        pair, Verdict.NOT_SAME, seen=0, acting=books.acting("ana"), sealer=books.keeper.vault
    )

    assert come(books, AGAIN, form=form)[1] == []
