"""Rows written many at a time are, byte for byte, the rows written one at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.transparency import journal, sealed_row

values = st.one_of(st.none(), st.binary(max_size=300), st.integers(0, 2**32 - 1))


@given(st.lists(st.tuples(values, values, values)))
def test_a_table_is_encoded_as_its_rows_are(rows):
    names = ("key", "amount", "unit")

    together = list(journal.encode_table(names, rows))

    assert together == [journal.encode_columns(dict(zip(names, row, strict=True))) for row in rows]


@pytest.mark.parametrize("value", [-1, 2**32, "text", True, 1.5])
def test_other_values_are_refused(value):
    with pytest.raises(journal.MalformedContent):
        list(journal.encode_table(("unit",), [(value,)]))


def test_a_chunk_is_sealed_as_its_rows_are():
    key, entry, bodies = bytes(range(32)), bytes(16), [b"", b"one", bytes(500)]

    together = sealed_row.seal_chunk(bodies, chunk_key=key, entry=entry)

    assert together == [
        sealed_row.seal_under_chunk(body, chunk_key=key, entry=entry, index=index)
        for index, body in enumerate(bodies)
    ]


def test_rows_of_one_person_are_sealed_as_each_is():
    key, entry = bytes(range(32)), bytes(16)
    rows = [(index, bytes([index]) * 12, bytes(index)) for index in (0, 3, 70)]

    together = sealed_row.seal_person_rows(rows, person_key=key, entry=entry)

    assert together == [
        (
            index,
            sealed_row.seal_under_person(
                body, person_key=key, nonce=nonce, entry=entry, index=index
            ),
        )
        for index, nonce, body in rows
    ]


def test_values_of_one_fact_are_sealed_as_each_is():
    key = bytes(range(32))
    values = [(bytes(n), bytes([n]) * 12, bytes([n]) * 16) for n in (1, 2)]

    together = sealed_row.seal_facts(values, fact_key=key, fact_key_id=7)

    assert together == [
        sealed_row.seal_fact(value, fact_key=key, fact_key_id=7, nonce=nonce, row=row)
        for value, nonce, row in values
    ]


@given(
    st.dictionaries(
        st.text("abcdefghij_", min_size=1, max_size=40),
        st.tuples(st.integers(0, 2**32 - 1), st.binary(max_size=300)).map(list),
        max_size=30,
    )
)
def test_sealed_facts_and_days_are_encoded_as_their_columns_are(facts):
    row = (journal.encode_sealed_facts(facts), journal.encode_text("2026-01-31"))

    assert list(journal.encode_table(("facts", "day"), [row])) == [
        journal.encode_columns({"facts": facts, "day": "2026-01-31"})
    ]
