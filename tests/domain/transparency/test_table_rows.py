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
