import json

from hypothesis import example, given

from despensa.domain.registration.draft import Birth, HouseholdDraft, PersonDraft, Role, Sex
from despensa.domain.registration.said import statements
from tests.domain.registration.test_staged import HOUSEHOLDS

ODD = 'Ñandú "\\" \x00\x1f\x7f\u2028\t \U0001f600'
SOMEBODY = PersonDraft("1/1", ODD, Sex.FEMALE, Birth(1990, 2), (Role.HEAD,), 2, phones=(ODD,))


def as_documented(value):
    """Section 7 of the formats: JSON without spaces, as UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def told(person, address):
    parts = person.name_parts
    return [
        person.full_name,
        person.sex.value,
        [person.birth.year, person.birth.month, person.birth.day],
        [role.value for role in person.roles],
        None if parts is None else [parts.surname_1, parts.surname_2, list(parts.given)],
        [[one.kind, one.country, one.number] for one in person.documents],
        list(person.phones),
        [list(item) for item in sorted(person.facts.items())],
        address if Role.HEAD in person.roles else None,
    ]


@given(HOUSEHOLDS)
@example(HouseholdDraft("1", (SOMEBODY,), 1, ODD, ODD, ODD, {ODD: 10**15 - 1}))
def test_what_a_source_says_is_the_text_of_the_formats(household):
    assert statements(household) == [
        as_documented([household.area_pcode, household.area_name]),
        as_documented(sorted(household.facts.items())),
        *(as_documented(told(one, household.address)) for one in household.persons),
    ]
