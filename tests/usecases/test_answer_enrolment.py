"""Whoever is not enrolled leaves with a signed paper, and leaves nothing behind."""

import uuid
from datetime import timedelta

import pytest
from psycopg import errors

from despensa.domain import receipt as receipts
from despensa.domain.encoding import cose
from despensa.domain.enrolment.answer import Bring, EnrolmentReason, appointment, refusal
from despensa.domain.reach import OutOfReach, Reach, Stretch
from despensa.domain.role import Role
from despensa.entrypoints.cli.receipt import verdict_on
from despensa.entrypoints.jobs import rounds
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.enrolment import queries
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.answer_enrolment import answer_enrolment
from tests.factories.observing import at_once, count, digests
from tests.factories.shelf import as_app

PEOPLE = ("registrant", "household", "membership", "search_token", "person_key", "access_entry")


def answer(books, said, *, by="ana", area=None, own=None):
    return answer_enrolment(
        own or uuid.uuid4(), said, area=area or books.root_area, acting=books.acting(by),
        signatory=books.keeper.signatory,
    )  # fmt: skip


def a_refusal(books):
    return refusal(EnrolmentReason.LIVES_ELSEWHERE, day=books.tools.today())


def an_appointment(books):
    today = books.tools.today()
    wanted = [Bring.ADDRESS, Bring.SOMEBODY_WHO_VOUCHES]
    return appointment(wanted, come_by=today + timedelta(14), day=today)


def test_a_paper_holds_offline_and_nothing_of_the_person_is_kept(founded_books):
    books = founded_books
    people = {table: count(REGISTRY, table) for table in PEOPLE}
    authority = books.keeper.signatory.public_keys().authority

    refused, appointed = answer(books, a_refusal(books)), answer(books, an_appointment(books))

    said = verdict_on(refused, authority, "es")
    assert (said["verdict"], said["kind"]) == ("valid", "enrolment_refused")
    assert (said["reason"], said["day"], said["appeal_until"]) == (
        "lives_elsewhere", "2026-11-21", "2027-02-19",
    )  # fmt: skip
    assert "apelar" in said["sentences"][1]
    said = verdict_on(appointed, authority, "ar")
    assert (said["kind"], said["come_by"]) == ("appointment", "2026-12-05")
    assert said["bring"] == ["somebody_who_vouches", "address"]
    assert len(said["sentences"]) == 4
    altered = refused[:-1] + bytes([refused[-1] ^ 1])
    assert verdict_on(altered, authority)["verdict"] == "not valid"
    assert {table: count(REGISTRY, table) for table in PEOPLE} == people == dict.fromkeys(PEOPLE, 0)


def test_the_leaf_of_the_paper_is_in_the_log(founded_books):
    books = founded_books
    authority = books.keeper.signatory.public_keys().authority

    signed = answer(books, a_refusal(books))
    rounds.round_trip(books.tools)

    keys = {cose.key_id(authority): authority}
    said = receipts.verify_receipt(signed, authority_keys=keys).receipt
    leaves = fetch(REGISTRY, "SELECT leaf32 FROM journal")
    assert [bytes(leaf) for (leaf,) in leaves].count(said.content_hash) == 1


def test_the_same_answer_sent_twice_is_one_paper(founded_books):
    books = founded_books
    own = uuid.uuid4()

    first, second = at_once(*[lambda: answer(books, a_refusal(books), own=own)] * 2)

    assert first == second
    assert count(REGISTRY, "enrolment_answer") == 1


def test_papers_are_given_and_seen_in_scope_only(founded_books):
    books = founded_books
    [(village,), (other,)] = fetch(
        REGISTRY, "SELECT id FROM area WHERE parent_id IS NOT NULL ORDER BY pcode LIMIT 2"
    )
    today = books.tools.today()
    books.staff["vera"] = add_staff(
        NewStaff("vera", "is-not-a-secret", "Vera", "es", [Role.REGISTRAR], village, today,
                 today + timedelta(9)),
        acting=books.acting(),
    )  # fmt: skip
    before = digests(books.endpoints)

    for area, by in ((other, "vera"), (books.root_area, "vera"), (village, "jorge")):
        with pytest.raises(OutOfReach):
            answer(books, a_refusal(books), area=area, by=by)

    assert digests(books.endpoints) == before
    own = uuid.uuid4()
    answer(books, a_refusal(books), area=village, by="vera", own=own)
    there = Reach((Stretch(None, frozenset({village})),))
    assert queries.answer(own, reach=there).reason == 32
    assert queries.answer(own, reach=Reach((Stretch(None, frozenset({other})),))) is None
    day = queries.desk_day(books.staff["vera"], day=today, since=0, reach=there)
    assert (day.rows_alone, day.refused, day.appointed) == (0, 1, 0)


@pytest.mark.parametrize(
    "values",
    ["3, NULL, '{}'", "3, 7, '{}'", "3, 33, '{1}'", "5, NULL, '{}'", "5, 33, '{1}'", "1, 33, '{}'"],
)
def test_the_database_takes_no_answer_that_says_nothing(founded_books, values):
    with (
        as_app(founded_books.endpoints, "registry") as connection,
        pytest.raises(errors.CheckViolation, match="enrolment_answer"),
    ):
        connection.execute(
            f"""INSERT INTO enrolment_answer (kind, reason, bring, id, area_id, staff, at,
                                              until_date, receipt)
                SELECT {values}, gen_random_uuid(), id, id, 1, '2027-01-01', '' FROM area LIMIT 1"""
        )
