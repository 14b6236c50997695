"""`despensa correction`: what cannot be taken down is one sentence, and nothing is written."""

import pytest

from despensa.records.databases import REGISTRY
from tests.factories.observing import count
from tests.usecases.test_change_household import a_home


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (("sex=x",), "x is no sex here; there are: male, female"),
        (("sex=male", "sex=female"), "set twice"),
        (("phone",), "phone says no value: write --set"),
        (("faith=x",), "faith is no field here"),
        (("birth=2999",), "not in the future"),
        (("full_name=\udcff",), "A name needs letters"),
        (("household_size=" + "9" * 5000,), "is no field here"),
    ],
)
def test_what_cannot_be_taken_down_is_a_sentence(
    registered_books, at, sign_in, despensa, values, sentence
):
    sign_in(at(registered_books), "ana")
    home, people = a_home()
    fields = [part for value in values for part in ("--set", value)]

    said = despensa(
        "correction", "ask", home, "--person", people[0], "--reason", "misspelt", *fields
    )

    assert said.code > 0
    assert sentence in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert count(REGISTRY, "correction") == 0
