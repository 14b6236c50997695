import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.payment.amount import AmountUnreadable, minor_units, text_of

CURRENCIES = st.sampled_from(["EUR", "XOF", "IQD", "USD", "JPY", "KWD"])


@given(st.integers(0, 10**14), CURRENCIES)
def test_what_is_written_is_read_back_exactly(amount, currency):
    assert minor_units(text_of(amount, currency), currency) == amount


@pytest.mark.parametrize(
    "text, said",
    [
        ("-5.00", "below zero"),
        ("10,50", "comma"),
        ("1,234.50", "comma"),
        ("10.505", "more decimals"),
        ("1e3", "digits"),
        ("", "digits"),
        ("NaN", "digits"),
        ("٣", None),
        ("9999999999999999999", "digits"),
    ],
)
def test_nothing_is_guessed_or_rounded(text, said):
    if said is None:
        # digits of another script say the same number
        assert minor_units(text, "EUR") == 300
        return
    with pytest.raises(AmountUnreadable, match=said):
        minor_units(text, "EUR")


@pytest.mark.parametrize("text, amount", [("1.234,5", 123450), ("10,50", 1050), ("7", 700)])
def test_a_mapping_may_say_that_decimals_follow_a_comma(text, amount):
    assert minor_units(text, "EUR", comma=True) == amount


@pytest.mark.parametrize("text", ["1.5", "1,5.0", "12.34,5"])
def test_with_a_comma_a_point_parts_thousands_only(text):
    with pytest.raises(AmountUnreadable):
        minor_units(text, "EUR", comma=True)
