import copy

import pytest

from despensa.domain.catalogue import (
    CatalogueError,
    FactValueError,
    Purpose,
    Subject,
    load_catalogue,
    parse_catalogue,
)
from despensa.domain.forbidden import forbidden_category

A_FACT = {
    "name": "displaced",
    "subject": "household",
    "type": "bool",
    "purposes": ["rule"],
    "attested_by": ["declared"],
    "retention_days": 90,
    "readers": ["registrar"],
    "label": {"en": "a", "es": "b", "fr": "c", "pt": "d", "ar": "e"},
}


def a_catalogue(**changes):
    fact = copy.deepcopy(A_FACT) | changes
    return {"catalogue": "test", "version": 1, "facts": [fact]}


def test_the_catalogue_shipped_is_small_and_closed():
    catalogue = load_catalogue()

    assert len(catalogue.facts) <= 14
    assert {fact.name for fact in catalogue.facts} == {
        "disability_functional", "pregnant_or_nursing", "access_need", "displaced",
        "dwelling_shared", "livelihood_lost", "income_monthly_minor", "language", "channel",
    }  # fmt: skip
    assert all(forbidden_category(fact.name) is None for fact in catalogue.facts)
    assert all(fact.purposes for fact in catalogue.facts)


def test_delivery_is_the_purpose_of_language_channel_and_access_need_alone():
    delivered = {fact.name for fact in load_catalogue().facts if Purpose.DELIVERY in fact.purposes}

    assert delivered == {"language", "channel", "access_need"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"colour": "red"}, "unknown key 'colour'"),
        ({"purposes": []}, "purposes must name at least one"),
        ({"purposes": ["curiosity"]}, "not 'curiosity'"),
        ({"name": "party_member"}, "falls under party_or_union"),
        ({"name": "Displaced"}, "lower-case words"),
        ({"type": "text"}, "type must be one of"),
        ({"type": "choice"}, "a choice needs values"),
        (
            {"type": "choice", "values": ["church", "home"]},
            "the value 'church' falls under religion",
        ),
        ({"values": ["a"]}, "only a choice has values"),
        ({"minimum": 1}, "only for the type int"),
        ({"readers": ["everybody"]}, "not 'everybody'"),
        ({"retention_days": -1}, "retention_days"),
        ({"label": {"en": "a"}}, "label needs one sentence"),
        ({"subject": "village"}, "subject must be"),
    ],
)
def test_a_faulty_fact_is_refused_with_its_place(changes, said):
    with pytest.raises(CatalogueError) as refused:
        parse_catalogue(a_catalogue(**changes))

    assert said in str(refused.value)
    assert "fact 1" in str(refused.value)


def test_all_faults_are_listed():
    document = a_catalogue(purposes=[], subject="village")
    document["facts"].append(copy.deepcopy(A_FACT))
    document["facts"].append(copy.deepcopy(A_FACT))

    with pytest.raises(CatalogueError) as refused:
        parse_catalogue(document)

    assert len(str(refused.value).splitlines()) == 4


@pytest.mark.parametrize("document", [None, [], "x", {"catalogue": "x", "version": 1}])
def test_what_is_no_catalogue_is_refused(document):
    with pytest.raises(CatalogueError):
        parse_catalogue(document)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("displaced", True, "yes"),
        ("income_monthly_minor", 0, -1),
        ("income_monthly_minor", 100_000_000_000, True),
        ("channel", "sms", "pigeon"),
        ("language", "ar", "Arabic"),
    ],
)
def test_values_are_checked(name, good, bad):
    fact = load_catalogue().get(name)

    assert fact.check(good) == good
    with pytest.raises(FactValueError, match=name):
        fact.check(bad)


def test_facts_are_found_by_subject():
    about_people = {fact.name for fact in load_catalogue().of(Subject.REGISTRANT)}

    assert about_people == {"disability_functional", "pregnant_or_nursing", "access_need"}
