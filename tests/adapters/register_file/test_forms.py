"""Submissions of forms: three ways they come in, one household out."""

import json
import re

import pytest
from pyxform.xls2xform import convert

from despensa.adapters.register_file.form_workbook import write_xlsform
from despensa.domain.catalogue import load_catalogue
from despensa.domain.forbidden import Category, forbidden_category
from despensa.domain.registration.layout import FORM_SOURCE
from tests.adapters.register_file.builders import codes, read
from tests.factories.submissions import (
    FIRST,
    HOUSEHOLDS,
    SECOND,
    SHAPES,
    THIRD,
    a_member,
    kobo_json,
    odk_zip,
    openrosa_xml,
    with_household,
)

each_shape = pytest.mark.parametrize("shape", SHAPES)


@each_shape
def test_what_the_form_collected_comes_in_without_a_map(shape):
    register = read(SHAPES[shape](), filename="any.name")

    assert codes(register) == []
    assert (register.kind, register.source) == (shape, FORM_SOURCE)
    assert (register.rows_in, register.accepted_rows) == (5, 5)
    first, second = register.households
    assert [one.source_record_id for one in register.households] == [FIRST, SECOND]
    assert first.facts == {
        "displaced": True,
        "language": "es",
        "channel": "sms",
        "income_monthly_minor": 45000,
    }
    assert (first.address, first.area_pcode) == ("Calle Mayor, 3", "ES0101")
    ana, luis = first.persons
    assert (ana.full_name, ana.phones, ana.birth.month) == ("Ana Pérez Gómez", ("+34600112233",), 2)
    assert (luis.documents[0].country, luis.facts) == ("ESP", {"disability_functional": True})
    assert second.persons[0].facts == {"access_need": "short_wait"}


def test_the_same_submission_is_the_same_record_whichever_way_it_comes():
    found = [
        [(one.source_record_id, one.persons) for one in read(shape()).households]
        for shape in SHAPES.values()
    ]

    names = [[[p.full_name for p in persons] for _, persons in one] for one in found]
    assert names[0] == names[1] == names[2]
    assert [key for key, _ in found[0]] == [key for key, _ in found[1]] == [FIRST, SECOND]


def test_one_submission_in_a_document_of_its_own_is_read():
    register = read(openrosa_xml(alone=True))

    assert [one.source_record_id for one in register.households] == [FIRST]


@each_shape
def test_every_repeat_with_one_person_is_read(shape):
    alone = {SECOND: HOUSEHOLDS[SECOND]}

    register = read(SHAPES[shape](alone))

    assert [one.full_name for one in register.households[0].persons] == ["ليلى حسن"]


@each_shape
def test_a_refused_consent_leaves_the_household_out(shape):
    register = read(SHAPES[shape](with_household(THIRD, consent="no")))

    assert set(codes(register)) == {"consent_no"}
    assert [one.source_record_id for one in register.rejected] == [THIRD]
    assert register.rows_in == register.accepted_rows + register.rejected_rows == 7


def test_a_submission_the_office_did_not_approve_stays_out():
    status = {"_validation_status": {"uid": "validation_status_not_approved"}}

    assert set(codes(read(kobo_json(**status)))) == {"submission_not_approved"}


def test_an_edited_submission_is_known_by_its_first_id():
    page = json.loads(kobo_json())
    page["results"][0] |= {"_uuid": THIRD, "meta/rootUuid": FIRST}

    register = read(json.dumps(page))

    assert register.households[0].source_record_id == FIRST


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (
            kobo_json(where="12.5 -3.25 0 0", proof="171.jpg", voto="A", _geolocation=[1.5, 2.5]),
            {"where", "proof", "voto", "_geolocation"},
        ),
        (
            odk_zip(where="12.5 -3.25 0 0", proof="171.jpg", **{"punto-Latitude": "12.5"}),
            {"where", "proof", "punto-Latitude"},
        ),
        (
            openrosa_xml(extra="<where>12.5 -3.25 0 0;12.6 -3.3 0 0</where><proof>1.m4a</proof>"),
            {"where", "proof"},
        ),
    ],
)
def test_places_pictures_and_recordings_are_dropped_and_named_whatever_they_are_called(
    content, columns
):
    register = read(content)

    assert columns <= {one.column for one in register.dropped_columns}
    assert register.accepted_rows == 5
    by_name = {one.column: one.category for one in register.dropped_columns}
    assert (by_name["where"], by_name["proof"]) == (Category.MOVEMENTS, Category.BIOMETRICS)
    assert "12.5" not in repr(register)


def test_attachments_are_named_and_never_read():
    register = read(kobo_json(_attachments=[{"download_url": "https://x/1.jpg", "id": 1}]))

    assert "_attachments" in {one.column for one in register.dropped_columns}
    assert "https://x" not in repr(register)


def test_a_place_under_the_name_of_a_field_is_dropped_too():
    page = kobo_json(**{"household/address": "40.416775 -3.703790 0 0"})

    register = read(page)

    assert [one.address for one in register.households] == [None, None]


@each_shape
def test_people_without_submission_or_name_are_told(shape):
    spoilt = with_household(THIRD, members=[a_member("", role="head"), a_member("Eva")])

    register = read(SHAPES[shape](spoilt))

    assert codes(register) == ["missing"]
    assert register.rejected_rows == 3


def test_a_person_of_no_submission_is_rejected():
    page = json.loads(kobo_json())
    lonely = read(odk_zip(without=(SECOND,)))

    assert codes(lonely) == ["member_without_household"]
    assert (lonely.rows_in, lonely.accepted_rows, lonely.rejected_rows) == (4, 3, 1)
    page["results"][1].pop("members")
    assert codes(read(json.dumps(page))) == ["household_without_members"]


def test_a_form_without_repeat_is_a_household_of_one():
    page = [
        {"_uuid": key, "_id": 1, "full_name": name, "gender": "female", "displaced": "no"}
        for key, name in ((FIRST, "Ana"), (SECOND, "Eva"))
    ]

    register = read(json.dumps(page))

    assert [one.persons[0].full_name for one in register.households] == ["Ana", "Eva"]
    assert register.households[0].facts == {"displaced": False}
    assert register.rows_in == 2


def test_a_form_that_asks_for_no_role_takes_the_first_person_for_the_head_and_says_so():
    page = [{"_uuid": FIRST, "_id": 1, "people": [{"people/full_name": n} for n in ("Ana", "Eva")]}]

    register = read(json.dumps(page))

    assert [one.code for one in register.warnings] == ["first_is_head"]
    assert "head" in register.households[0].persons[0].roles


@pytest.fixture(scope="module")
def form(tmp_path_factory):
    path = tmp_path_factory.mktemp("form") / "form.xlsx"
    write_xlsform(path, load_catalogue())
    return path


def test_the_form_is_a_valid_xlsform_in_three_languages(form):
    converted = convert(str(form), warnings=(warned := []))

    assert warned == []
    spoken = set(re.findall(r'<translation lang="([^"]+)"', converted.xform))
    assert spoken == {"English (en)", "Español (es)", "العربية (ar)"}
    assert 'version="core-1-form-1"' in converted.xform
    assert "<group ref=" in converted.xform
    assert "<repeat nodeset=" in converted.xform
    empty = re.findall(r"<value>-?</value>", converted.xform)
    assert empty == []


def test_the_form_asks_for_no_place_picture_or_recording_and_nothing_forbidden(form):
    written = write_xlsform(form, load_catalogue())
    rows = written.rows["survey"]

    kinds = {row["type"].split()[0] for row in rows}
    assert kinds <= {
        *("text", "select_one", "integer", "date", "calculate", "note"),
        *("begin_group", "end_group", "begin_repeat", "end_repeat"),
    }
    names = [row["name"] for row in rows if "name" in row]
    assert [name for name in names if forbidden_category(name)] == []


def test_every_fact_of_the_catalogue_and_every_allowed_value_is_in_the_form(form):
    written = write_xlsform(form, load_catalogue())
    names = {row.get("name") for row in written.rows["survey"]}
    choices = {(row["list_name"], row["name"]) for row in written.rows["choices"]}

    for fact in load_catalogue().facts:
        assert fact.name in names
        assert {(fact.name, value) for value in fact.values} <= choices


def test_the_form_is_written_the_same_every_time(form, tmp_path):
    write_xlsform(tmp_path / "again.xlsx", load_catalogue())

    assert (tmp_path / "again.xlsx").read_bytes() == form.read_bytes()


def test_every_question_of_the_form_that_is_answered_is_read_back(form):
    """The instance the form itself defines, filled in, comes in with no answer ignored."""
    converted = convert(str(form), warnings=[]).xform
    instance = re.search(r"<instance>(<data id=.*?</data>)</instance>", converted)
    assert instance is not None
    filled = _filled(instance.group(1))

    register = read(filled.encode())

    assert codes(register) == []
    ignored = {one.column for one in register.ignored_columns}
    assert ignored <= {"members/is_head", "is_head", "heads", "head_check", "meta/instanceID"}
    (household,) = register.households
    facts = dict(household.facts) | dict(household.persons[0].facts)
    assert set(facts) == {fact.name for fact in load_catalogue().facts}


ANSWERS = {
    "consent": "yes", "area_name": "Villa", "area_pcode": "ES01", "address": "Mayor 3",
    "full_name": "Ana Pérez Gómez", "surname_1": "Pérez", "surname_2": "Gómez",
    "given_names": "Ana", "birth_date": "1980", "sex": "female", "role": "head",
    "collector": "primary", "document_type": "passport", "document_country": "ES",
    "document_number": "A1", "document_2_type": "unhcr_id", "document_2_country": "ES",
    "document_2_number": "B2", "phone": "+34600112233", "phone_2": "+34600112244",
    "person_number": "p-1", "income_monthly_minor": "45000", "language": "es", "channel": "sms",
    "access_need": "short_wait", "instanceID": f"uuid:{FIRST}",
}  # fmt: skip


def _filled(instance):
    """Fill every empty element; a repeat's template is left out, as phones do."""
    instance = re.sub(
        r'<members jr:template="">.*?</members>', "", instance, count=1, flags=re.DOTALL
    )

    def answer(found):
        name = found.group(1)
        said = ANSWERS.get(name.partition(":")[2] or name)
        fact = load_catalogue().get(name)
        if said is None and fact is not None:
            said = "yes"
        return found.group(0) if said is None else f"<{name}>{said}</{name}>"

    return re.sub(r"<([\w:]+)/>", answer, instance)
