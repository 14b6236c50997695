import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.registration.draft import (
    Birth,
    Document,
    HouseholdDraft,
    NameParts,
    PersonDraft,
    Role,
    Sex,
)
from despensa.domain.registration.staged import (
    StagedUnreadable,
    decode_households,
    decode_report,
    encode_households,
    encode_report,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
# a cell holds at most fifteen digits (`cell.whole`)
WHOLE = st.integers(-(10**15) + 1, 10**15 - 1)
FACTS = st.dictionaries(TEXT, st.booleans() | WHOLE | TEXT, max_size=3)
BIRTHS = st.builds(Birth, *[st.none() | st.integers(1, most) for most in (9999, 12, 31)])
PERSONS = st.builds(
    PersonDraft,
    source_record_id=TEXT,
    full_name=TEXT,
    sex=st.sampled_from(Sex),
    birth=BIRTHS,
    roles=st.lists(st.sampled_from(Role), max_size=3).map(tuple),
    row=st.integers(1, 10**6),
    name_parts=st.none()
    | st.builds(
        NameParts, st.none() | TEXT, st.none() | TEXT, st.lists(TEXT, max_size=2).map(tuple)
    ),
    documents=st.lists(st.builds(Document, TEXT, TEXT, TEXT), max_size=2).map(tuple),
    phones=st.lists(TEXT, max_size=2).map(tuple),
    facts=FACTS,
)
HOUSEHOLDS = st.builds(
    HouseholdDraft,
    source_record_id=TEXT,
    persons=st.lists(PERSONS, max_size=3).map(tuple),
    rows=st.integers(1, 100),
    address=st.none() | TEXT,
    area_name=st.none() | TEXT,
    area_pcode=st.none() | TEXT,
    facts=FACTS,
)


@given(st.lists(HOUSEHOLDS, max_size=3), FACTS)
def test_drafts_come_back_as_they_were(households, report):
    back = decode_households(encode_households(households))

    assert back == households
    assert decode_report(encode_report(report)) == report
    for household in back:
        for person in household.persons:
            assert isinstance(person.sex, Sex)
            assert all(isinstance(role, Role) for role in person.roles)


def written(value):
    return zlib.compress(json.dumps(value).encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not compressed",
        zlib.compress(b"not JSON"),
        zlib.compress(b"\xff\xfe"),
        encode_households([])[:-1],
        written([]),
        written(None),
        written({}),
        written({"format": 0, "households": []}),
        written({"format": 3}),
        written({"format": 2, "households": []}),
        written({"format": 3, "households": [{}]}),
        written({"format": 3, "households": [1]}),
        written({"format": 3, "households": [["a", [["b"]]]]}),
        written({"format": 3, "households": [["a", [], 1, None, None, None, {}, 1]]}),
    ],
)
def test_anything_else_asks_to_stage_again(data):
    with pytest.raises(StagedUnreadable, match="stage it again"):
        decode_households(data)


@pytest.mark.parametrize(
    "data", [b"", written([]), written({"format": 2, "report": {}}), encode_households([])]
)
def test_a_report_that_is_none_asks_to_stage_again(data):
    with pytest.raises(StagedUnreadable, match="stage it again"):
        decode_report(data)


@given(st.binary(max_size=60))
def test_arbitrary_bytes_raise_what_is_documented(data):
    with pytest.raises(StagedUnreadable):
        decode_households(data)
