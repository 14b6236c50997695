import pytest
from hypothesis import given
from hypothesis import strategies as st

from despensa.domain.registration.country import countries
from despensa.domain.registration.phone import e164

AFGHANISTAN, SPAIN, RUSSIA, MEXICO = (countries()[code] for code in ("AF", "ES", "RU", "MX"))


@pytest.mark.parametrize(
    ("written", "home", "number"),
    [
        ("+44 1632 960852", AFGHANISTAN, "+441632960852"),
        ("+1-541-754-3010", AFGHANISTAN, "+15417543010"),
        ("0044 (1632) 960852", AFGHANISTAN, "+441632960852"),
        ("0700 123 456", AFGHANISTAN, "+93700123456"),
        ("700123456", AFGHANISTAN, "+93700123456"),
        ("٠٧٠٠١٢٣٤٥٦", AFGHANISTAN, "+93700123456"),
        ("600 11 22 33", SPAIN, "+34600112233"),
        ("8 912 345 67 89", RUSSIA, "+79123456789"),
        ("55 1234 5678", MEXICO, "+525512345678"),
    ],
)
def test_numbers_as_people_write_them_become_e164(written, home, number):
    assert e164(written, home) == number


@pytest.mark.parametrize(
    "written",
    ["001-813-852-7364x897", "534-971-8341x4064", "(374)528-2831", "+0 12345678", "+210 123 4567",
     "+1 123 456 7890", "123", "no tiene", "+", "", "+44 1632 960852 960852 1", "++34600112233"],
)  # fmt: skip
def test_numbers_that_may_be_somebody_elses_are_refused(written):
    assert e164(written, AFGHANISTAN) is None


def test_a_file_may_write_calling_codes_without_a_plus_sign():
    assert e164("63910680830", SPAIN, bare_international=True) == "+63910680830"


@given(st.text(max_size=30))
def test_any_text_gives_e164_or_nothing(written):
    number = e164(written, SPAIN)

    assert number is None or (number[0] == "+" and number[1:].isdigit() and 9 <= len(number) <= 16)
    assert number is None or e164(number, AFGHANISTAN) == number


def test_countries_are_found_by_both_codes_and_are_many():
    assert countries()["ESP"] is countries()["ES"]
    assert len({country.alpha_3 for country in countries().values()}) > 180
