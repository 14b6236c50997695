import contextlib
import copy
from importlib import resources

import pytest
import yaml

from despensa.domain.catalogue import CatalogueError, catalogue_text, load_catalogue
from despensa.domain.catalogue_change import (
    CHARACTERS_MAX,
    What,
    change_problems,
    differences,
    read_catalogue,
)
from despensa.domain.eligibility.parse import parse_text

OLD = load_catalogue()
RULE = parse_text(
    resources.files("despensa.data").joinpath("rules/food-parcel.yaml").read_text("utf-8")
)
LABEL = dict(OLD.facts[0].label)
IN_USE = {"food-parcel/1": RULE}
READ_BY_RULE = sorted(set(RULE.facts) & {fact.name for fact in OLD.facts})


def next_version(change=lambda facts: facts, **fields):
    """Return the text of the version after the one shipped, changed."""
    document = yaml.safe_load(catalogue_text())
    document["version"] = 2
    document["facts"] = change(copy.deepcopy(document["facts"]))
    return yaml.safe_dump(document | fields, allow_unicode=True, sort_keys=False)


def fact(facts, name):
    return next(one for one in facts if one["name"] == name)


def with_fact(called, /, **fields):
    def change(facts):
        fact(facts, called).update(fields)
        return facts

    return next_version(change)


def without(*names):
    return next_version(lambda facts: [one for one in facts if one["name"] not in names])


def added(name="shelter_damaged", **fields):
    new = {
        "name": name, "subject": "household", "type": "bool", "purposes": ["rule"],
        "attested_by": ["declared"], "retention_days": 90, "readers": ["registrar"],
        "label": {
            "en": "The dwelling was damaged", "es": "La vivienda sufrió daños",
            "fr": "Le logement a été endommagé", "pt": "A habitação ficou danificada",
            "ar": "تضرر المسكن",
        },
    }  # fmt: skip
    return next_version(lambda facts: [*facts, new | fields])


def problems(text, rules=IN_USE):
    return change_problems(OLD, read_catalogue(text), rules)


def test_the_strict_reader_reads_what_is_shipped_as_the_loader_does():
    assert read_catalogue(catalogue_text()) == OLD


def test_what_a_version_changes_is_named_fact_by_fact():
    def change(facts):
        fact(facts, "displaced").update(readers=["registrar"], retention_days=30)
        fact(facts, "access_need")["label"]["en"] = "What this person needs"
        return [one for one in facts if one["name"] != "channel"]

    found = differences(OLD, read_catalogue(next_version(change)))

    assert [(one.what, one.fact.name) for one in found] == [
        (What.ENDED, "channel"),
        (What.LABEL, "access_need"),
        (What.READERS, "displaced"),
        (What.RETENTION, "displaced"),
    ]
    new = differences(OLD, read_catalogue(added()))
    assert [(one.what, one.fact.name, one.before) for one in new] == [
        (What.ADDED, "shelter_damaged", None)
    ]


def test_a_version_that_only_adds_may_be_published():
    assert problems(added()) == ()


@pytest.mark.parametrize("name", READ_BY_RULE)
def test_a_fact_that_a_rule_in_use_reads_may_not_disappear(name):
    [told] = problems(without(name))

    assert told.startswith(f"{name}: the rule food-parcel/1 is in use and reads it")
    assert problems(without(name), rules={}) == ()


def test_a_fact_that_a_rule_in_use_reads_keeps_the_purpose():
    [told] = problems(with_fact(READ_BY_RULE[0], purposes=["report"]))

    assert "does not hold this fact for rules" in told


def test_the_rule_that_is_shipped_reads_something():
    assert READ_BY_RULE


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("language", {"subject": "registrant"}),
        ("displaced", {"type": "int"}),
        ("access_need", {"values": ["step_free"], "value_labels": {"step_free": LABEL}}),
        ("income_monthly_minor", {"minimum": 1}),
        ("income_monthly_minor", {"maximum": 10}),
    ],
)
def test_what_is_stored_never_becomes_something_else(name, fields):
    told = problems(with_fact(name, **fields), rules={})

    assert [line for line in told if line.startswith(f"{name}: what is stored would no longer fit")]


def test_a_fact_may_take_more_than_before():
    text = with_fact("income_monthly_minor", maximum=10**12)

    assert problems(text) == ()
    assert [one.what for one in differences(OLD, read_catalogue(text))] == [What.VALUES]


def test_versions_follow_each_other_and_change_something():
    assert "next one is 2, not 3" in problems(next_version(version=3))[0]
    assert "called core, not other" in problems(next_version(catalogue="other"))[0]
    assert problems(next_version())[0].startswith("The file changes nothing")


@pytest.mark.parametrize(
    "name", ["party_member", "religion", "afiliacion_politica", "groupe_ethnique", "voto"]
)
def test_a_forbidden_category_is_refused_before_anything_else(name):
    with pytest.raises(CatalogueError, match="never held about people"):
        read_catalogue(added(name))


@pytest.mark.parametrize("key", list(yaml.safe_load(catalogue_text())["facts"][2]))
def test_whatever_stands_in_a_file_is_answered_with_sentences(key):
    for value in (None, [], [[]], 7, "", True, {"en": []}):
        text = next_version(lambda facts, value=value: [facts[2] | {key: value}])
        with contextlib.suppress(CatalogueError):
            read_catalogue(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("facts: &a []\nversion: *a", "anchors and aliases"),
        ("version: 1\nversion: 2", "appears twice"),
        ("{", "not readable"),
        ("#" * (CHARACTERS_MAX + 1), "more than"),
        ("", "empty"),
    ],
)
def test_a_file_that_says_one_thing_and_means_another_is_refused(text, said):
    with pytest.raises(CatalogueError, match=said):
        read_catalogue(text)
