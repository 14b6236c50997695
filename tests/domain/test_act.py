from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.act import Acting

WORKSPACE, STAFF = UUID(int=1), UUID(int=2)


def counting(length):
    return bytes(range(length))


def acting(staff=STAFF, random=counting):
    return Acting(WORKSPACE, staff, 1_795_219_200, random, lambda entry: (entry, entry))


@given(st.binary(min_size=16, max_size=16))
def test_an_identifier_is_random_but_for_version_and_variant(drawn):
    made = acting(random=lambda _: drawn).new_id()

    assert (made.version, made.variant) == (4, "specified in RFC 4122")
    kept = (1 << 128) - 1 ^ (0xF << 76) ^ (0b11 << 62)
    assert made.int & kept == int.from_bytes(drawn, "big") & kept


def test_a_salt_has_32_bytes_of_the_dice_handed_in():
    assert acting().new_salt() == bytes(range(32))


def test_the_actor_is_the_staff_id_or_the_system():
    assert acting().actor == STAFF.bytes
    assert acting(staff=None).actor is None


def test_the_dice_do_not_show_in_a_message():
    assert "counting" not in repr(acting())
