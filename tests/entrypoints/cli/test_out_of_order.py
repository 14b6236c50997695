"""Steps twice, out of order and with wrong values: a sentence with the way on, nothing changed."""

from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from despensa.domain.role import Role
from despensa.entrypoints.cli.problems import sentence_of
from despensa.entrypoints.jobs import cycle, worker
from despensa.records.bulk import execute
from despensa.records.databases import LEDGER
from despensa.usecases.add_staff import NewStaff, add_staff
from despensa.usecases.define_programme import ProgrammeOutline, define_programme
from despensa.usecases.draft_cycle import draft_cycle
from despensa.usecases.enrol_device import NewDevice, enrol_device
from despensa.usecases.publish_sessions import PointRow, publish_sessions
from tests.factories.books import PASSWORD, new_cycle
from tests.factories.observing import digests


def second_lease(books):
    books.prepare(books.device, books.session)


def lease_of_what_another_phone_holds(books):
    # read before the other phone prepared: what is free is not asked again
    execute(LEDGER, "UPDATE lease_row SET claimed = quantity")
    books.prepare(books.new_phone("P02"), books.new_session("P02"))


def cycle_decided_twice(books):
    cycle.freeze_and_decide(books.cycle, books.tools, acting=books.acting("jorge"))


def cycle_of_the_same_name(books):
    new_cycle(books)


def cycle_that_closes_first(books):
    today = books.tools.today()
    draft_cycle(
        programme=books.programme, rule=books.rule, code="x", reference_date=today,
        opens_on=today, closes_on=today - timedelta(days=1),
        commit_lot=cycle.lots_of(books.tools), acting=books.acting("jorge"),
    )  # fmt: skip


def _define(books, code, *units):
    define_programme(
        ProgrammeOutline(code, {"es": "Canasta"}, books.root_area, units),
        acting=books.acting("jorge"),
    )


def programme_defined_twice(books):
    _define(books, "food-parcel", (1, "parcel", {"es": "canasta"}))


def unit_with_the_number_of_another(books):
    _define(books, "oil", (1, "litre", {"es": "litro"}))


def programme_with_a_code_too_long(books):
    _define(books, "x" * 65, (1, "parcel", {"es": "canasta"}))


def programme_that_gives_nothing(books):
    _define(books, "oil")


def point_published_twice(books):
    books.new_session("P01")


def session_that_closes_first(books):
    acting = books.acting("lucia")
    point = PointRow(acting.new_id(), "P09", {"es": "Punto"}, books.root_area)
    wrong = replace(books.session, id=acting.new_id(), point=point.id, closes_at=1)
    publish_sessions([point], [wrong], reach=books.reach("lucia"), acting=acting)


def phone_enrolled_twice(books):
    from despensa.adapters.field_device import FieldDevice
    from despensa.domain.device import Protection

    with FieldDevice.open(books.phone_folder()) as phone:
        keys = phone.public_keys
    enrol_device(
        NewDevice(
            books.device, keys.signing, keys.sealing, books.root_area, Protection.SERVER_HELD_DEMO
        ),
        reach=books.reach("lucia"),
        acting=books.acting("lucia"),
        signatory=books.keeper.signatory,
    )


def _add(books, **changes):
    today = books.tools.today()
    right = NewStaff(
        "eva", PASSWORD, "Eva", "es", [Role.AUDITOR], books.root_area, today,
        today + timedelta(days=1),
    )  # fmt: skip
    add_staff(replace(right, **changes), acting=books.acting())


def role_that_ends_before_it_begins(books):
    _add(books, until_date=books.tools.today())


def sign_in_name_too_long(books):
    _add(books, username="n" * 151)


def sign_in_name_that_is_empty(books):
    _add(books, username="")


def name_with_a_control_character(books):
    _add(books, name="Eva\x00")


def decided_with_a_unit_nobody_defined(books):
    drafted = new_cycle(books, "2026-12")
    with psycopg.connect(books.endpoints.registry_owner) as owner:
        owner.execute("UPDATE unit SET code = 'other'")
    cycle.freeze_and_decide(drafted, books.tools, acting=books.acting("jorge"))


WRONG = [
    second_lease, lease_of_what_another_phone_holds, cycle_decided_twice, cycle_of_the_same_name,
    cycle_that_closes_first, programme_defined_twice, unit_with_the_number_of_another,
    programme_with_a_code_too_long, programme_that_gives_nothing, point_published_twice,
    session_that_closes_first, phone_enrolled_twice, role_that_ends_before_it_begins,
    sign_in_name_too_long, sign_in_name_that_is_empty, name_with_a_control_character,
    decided_with_a_unit_nobody_defined,
]  # fmt: skip


@pytest.mark.parametrize("step", WRONG, ids=lambda step: step.__name__)
def test_a_step_that_cannot_be_taken_is_told_in_a_sentence(leased_books, step):
    with pytest.raises(Exception) as told:
        step(leased_books)

    known = sentence_of(told.value)
    assert known is not None, repr(told.value)
    sentence, code = known
    assert code in (1, 2)
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    assert str(leased_books.folder) not in sentence


@pytest.mark.parametrize(
    "step", [second_lease, cycle_decided_twice, programme_defined_twice, point_published_twice],
    ids=lambda step: step.__name__,
)  # fmt: skip
def test_such_a_step_changes_nothing(leased_books, step):
    before = digests(leased_books.endpoints)
    with pytest.raises(Exception, match="nothing was changed"):
        step(leased_books)

    assert digests(leased_books.endpoints) == before


def test_a_page_never_shows_what_the_database_says_of_a_row():
    error = RuntimeError("DETAIL: Failing row contains (María Pérez)")

    assert worker.told(error) == worker.UNEXPECTED
    assert worker.told(cycle.AlreadyDecided("It was decided before.")) == "It was decided before."


def test_a_proposal_for_a_member_who_could_not_be_added_is_not_made(
    founded_books, despensa, at, sign_in
):
    books = at(founded_books)
    _add(books, username="sofia", roles=[Role.SECURITY_OFFICER])
    from despensa.records.staff import queries

    books.staff["sofia"] = queries.of_username("sofia", books.tools.today()).id
    sign_in(books, "sofia")
    role = ("--name", "A", "--role", "registrar")

    for arguments in (["ana", *role], ["x" * 151, *role], ["new", *role, "--until", "2020-01-01"]):
        said = despensa("staff", "propose", *arguments)

        assert said.code in (1, 2), said
        assert said.err.startswith("despensa: ")
    assert despensa("staff", "propose", "new", *role).code == 0


def test_a_password_file_that_is_no_text_is_said(founded_books, despensa, at, tmp_path):
    at(founded_books)
    file = tmp_path / "secret"
    file.write_bytes(b"\xff\xfe")

    said = despensa("backup", tmp_path / "out", "--passphrase-file", file)

    assert (said.code, "UTF-8" in said.err) == (2, True)
