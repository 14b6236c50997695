import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain import sealing
from despensa.domain.encoding import dcbor
from despensa.domain.sealing import Column, PersonKey, SealBroken, Sealed, ToSeal

KEY, OTHER_KEY = PersonKey(bytes(32)), PersonKey(bytes([1]) * 32)
KEK = bytes([2]) * 32
WORKSPACE, ROW, PERSON, OTHER = (bytes([number]) * 16 for number in (3, 4, 5, 6))
NONCE = bytes(range(12))


def stored(value="Rosa Quispe", *, column=Column.FULL_NAME, row=ROW, version=1):
    item = ToSeal(column, row, version, value)
    return sealing.seal([item], key=KEY, workspace=WORKSPACE, nonces=[NONCE])[0]


def opened(data, *, column=Column.FULL_NAME, row=ROW, key=KEY, workspace=WORKSPACE):
    return sealing.unseal([Sealed(column, row, data)], key=key, workspace=workspace)[0]


def wrapped(**changes):
    place = {"kek": KEK, "person": PERSON, "workspace": WORKSPACE, "kek_number": 1} | changes
    return sealing.wrap_key(KEY, nonce=NONCE, **place)


def unwrapped(data, **changes):
    place = {"kek": KEK, "person": PERSON, "workspace": WORKSPACE, "kek_number": 1} | changes
    return sealing.unwrap_key(data, **place)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(Column),
            st.binary(min_size=16, max_size=16),
            st.integers(0, 2**32 - 1),
            st.none() | st.integers(0, 99) | st.binary(max_size=9),
        ),
        max_size=5,
    )
)
def test_values_come_back_in_order(items):
    values = [ToSeal(*item) for item in items]
    nonces = [bytes([place]) * 12 for place in range(len(values))]

    made = sealing.seal(values, key=KEY, workspace=WORKSPACE, nonces=nonces)

    back = [Sealed(item.column, item.row, data) for item, data in zip(values, made, strict=True)]
    assert sealing.unseal(back, key=KEY, workspace=WORKSPACE) == [item.value for item in values]
    assert [sealing.value_version(data) for data in made] == [v.value_version for v in values]


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"column": Column.ADDRESS},
        {"row": OTHER},
        {"key": OTHER_KEY},
        {"workspace": OTHER},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_value_opens_only_at_its_place(elsewhere):
    assert opened(stored()) == "Rosa Quispe"
    with pytest.raises(SealBroken):
        opened(stored(), **elsewhere)


def test_an_old_value_cannot_be_passed_off_as_a_newer_version():
    old = stored(version=1)

    with pytest.raises(SealBroken):
        opened(old[:1] + (2).to_bytes(4, "big") + old[5:])


def test_no_flipped_bit_opens():
    good = stored()
    for place in range(len(good) * 8):
        data = bytearray(good)
        data[place // 8] ^= 1 << place % 8
        with pytest.raises(SealBroken):
            opened(bytes(data))


def test_a_value_that_is_cut_or_longer_does_not_open():
    good = stored()
    for length in range(len(good)):
        with pytest.raises(SealBroken):
            opened(good[:length])
    with pytest.raises(SealBroken):
        opened(good + b"\x00")


def test_one_broken_value_opens_none():
    with pytest.raises(SealBroken, match="FULL_NAME"):
        sealing.unseal(
            [
                Sealed(Column.PHONE, ROW, stored("+51", column=Column.PHONE)),
                Sealed(Column.FULL_NAME, OTHER, stored()),
            ],
            key=KEY,
            workspace=WORKSPACE,
        )


def test_each_value_has_a_nonce_of_its_own():
    items = [ToSeal(Column.FULL_NAME, ROW, 1, "Rosa")]

    with pytest.raises(ValueError, match="zip"):
        sealing.seal(items, key=KEY, workspace=WORKSPACE, nonces=[])
    with pytest.raises(ValueError, match="zip"):
        sealing.seal(items, key=KEY, workspace=WORKSPACE, nonces=[NONCE, NONCE])


def test_ids_of_another_length_are_a_mistake_of_ours():
    with pytest.raises(AssertionError):
        stored(row=ROW[:15])
    with pytest.raises(AssertionError):
        wrapped(person=PERSON + b"\x00")


def test_only_what_has_one_encoding_is_sealed():
    with pytest.raises(dcbor.EncodingError):
        stored(1.5)
    with pytest.raises(dcbor.EncodingError):
        stored("Mari\u0301a")


def test_the_bytes_are_the_formats():
    data = stored(7, column=Column.BIRTH_DAY, version=258)

    place = b"despensa/sealed/1" + WORKSPACE + b"\x00\x06" + ROW + b"\x00\x00\x01\x02"
    assert data[:17] == b"\x01" + b"\x00\x00\x01\x02" + NONCE
    assert AESGCM(KEY).decrypt(NONCE, data[17:], place) == b"\x07"


def test_a_person_key_is_wrapped_for_one_person_under_one_key():
    assert unwrapped(wrapped()) == KEY
    for elsewhere in (
        {"kek": bytes(32)},
        {"person": OTHER},
        {"workspace": OTHER},
        {"kek_number": 2},
    ):
        with pytest.raises(SealBroken):
            unwrapped(wrapped(), **elsewhere)


def test_a_wrapped_key_that_was_altered_does_not_open():
    good = wrapped()
    for place in range(len(good)):
        data = bytearray(good)
        data[place] ^= 1
        with pytest.raises(SealBroken):
            unwrapped(bytes(data))
    for length in range(len(good)):
        with pytest.raises(SealBroken):
            unwrapped(good[:length])


def test_the_bytes_of_a_wrapped_key_are_the_formats():
    data = wrapped(kek_number=258)

    place = b"despensa/person-key/1" + WORKSPACE + PERSON + b"\x00\x00\x01\x02"
    assert data[:13] == b"\x01" + NONCE
    assert AESGCM(KEK).decrypt(NONCE, data[13:], place) == KEY


def test_the_column_codes_are_frozen():
    assert [(column.name, int(column)) for column in Column] == [
        ("FULL_NAME", 1),
        ("NAME_PARTS", 2),
        ("DOCUMENT", 3),
        ("PHONE", 4),
        ("ADDRESS", 5),
        ("BIRTH_DAY", 6),
        ("PAYEE", 7),
        ("LINK", 8),
        ("GRIEVANCE", 9),
        ("CORRECTION", 20),
        ("PARTNER_ANSWER", 40),
    ]
