"""
Five surfaces, five languages, twelve categories: what is never held is refused at each of them.

Catalogue, rule and import refuse by themselves; API fields and table columns are written by us, so
that the walk over them is the refusal: it must find what is planted and nothing in what is there.
"""

import pytest
from django.apps import apps
from django.db import models

from despensa.domain.catalogue import CatalogueError, load_catalogue, parse_catalogue
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.publication import publishing_problems
from despensa.domain.forbidden import LANGUAGES, Category, forbidden_category, forbidden_terms
from despensa.domain.registration.column_map import ColumnMapError, parse_column_map
from tests.adapters.register_file.builders import a_person, read_people
from tests.domain.eligibility.rules import FOOD_PARCEL, changed
from tests.domain.test_catalogue import a_catalogue

TERMS = {
    (language, category): [
        " ".join(term.words).replace("*", "")
        for term in forbidden_terms().terms
        if term.language == language and term.category is category
    ]
    for language in LANGUAGES
    for category in Category
}
each = pytest.mark.parametrize(("language", "category"), TERMS, ids=str)


def walked(names):
    """Return the names that are refused; what tables and API schemas are walked with."""
    return [name for name in names if forbidden_category(name) is not None]


def names_of_schema(document):
    """Return every name a person could be filed under in an OpenAPI document."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key in {"properties", "schemas", "paths"} and isinstance(value, dict):
                yield from value
            if key in {"name", "operationId"} and isinstance(value, str):
                yield value
            if key == "enum":
                yield from (one for one in value if isinstance(one, str))
            yield from names_of_schema(value)
    elif isinstance(document, list):
        for one in document:
            yield from names_of_schema(one)


def names_of_tables(tables):
    """Return the names of tables and their columns."""
    for table in tables:
        yield table._meta.db_table
        yield from (column.column for column in table._meta.concrete_fields)


@each
def test_no_fact_of_the_catalogue_may_bear_it(language, category):
    for term in TERMS[language, category]:
        named = a_catalogue(name="_".join(term.split()))
        labelled = a_catalogue(label={one: term if one == language else "x" for one in LANGUAGES})
        for document in (named, labelled):
            with pytest.raises(CatalogueError):
                parse_catalogue(document)


@each
def test_no_rule_may_say_it(language, category):
    for term in TERMS[language, category][:12]:
        rule = changed(
            FOOD_PARCEL, "title:\n  en: Food parcel", f"title:\n  en: Food {term} parcel"
        )

        problems = list(publishing_problems(parse_text(rule), load_catalogue()))

        assert any("never held" in str(problem) for problem in problems), term


@each
def test_no_column_of_a_file_may_bear_it(language, category):
    for term in TERMS[language, category][:12]:
        register = read_people(a_person(**{term: "SECRET"}))

        assert [one.column for one in register.dropped_columns] == [term]
        assert "SECRET" not in repr(register)
        with pytest.raises(ColumnMapError, match="cannot be mapped"):
            parse_column_map({term: "full_name"}, load_catalogue())


@each
def test_a_field_of_the_api_that_bears_it_is_found(language, category):
    for term in TERMS[language, category]:
        planted = {"components": {"schemas": {"Person": {"properties": {term: {}}}}}}

        assert walked(names_of_schema(planted)) == [term]


@each
def test_a_column_of_a_table_that_bears_it_is_found(language, category):
    for term in TERMS[language, category]:
        column = models.TextField(db_column=term)
        column.set_attributes_from_name("planted")

        assert walked([column.column]) == [term]


def test_the_api_has_no_such_field():
    from despensa.entrypoints.api.urls import api

    found = list(names_of_schema(api.get_openapi_schema()))

    assert len(found) > 10
    assert walked(found) == []


def test_the_tables_have_no_such_column():
    ours = [table for table in apps.get_models() if table.__module__.startswith("despensa.")]
    found = list(names_of_tables(ours))

    assert len(found) > 100
    assert walked(found) == []
