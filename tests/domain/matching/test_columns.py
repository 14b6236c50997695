"""What columns mean, from headers and values of lists nobody prepared for us."""

import pytest

from despensa.domain.matching.columns import (
    ColumnSample,
    MapError,
    Role,
    guess_roles,
    mapped_roles,
)


def column(header, values, *, rows=None, distinct=None):
    """A column of which the given values are the sample."""
    filled = len(values)
    return ColumnSample(header, rows or filled, filled, distinct or len(set(values)), tuple(values))


NAMES = ["Rosa Quispe", "Ana Mamani", "José Flores", "Luz Huamán"]
NUMBERS = ["11", "25", "36", "48"]


@pytest.mark.parametrize(
    ("header", "values", "role"),
    [
        ("rec_id", ["rec-1-org", "rec-2-org"], Role.IDENTIFIER),
        ("soc_sec_id", ["5304218", "4066625"], Role.DOCUMENT),
        ("date_of_birth", ["19151111", "19610702"], Role.BIRTH_DATE),
        ("street_number", ["8", "17"], Role.HOUSE_NUMBER),
        ("address_1", ["stanley street", "pinkerton circuit"], Role.STREET),
        ("address_2", ["miami", "bega flats"], Role.ADDRESS_2),
        ("suburb", ["winston hills", "richlands"], Role.LOCALITY),
        ("postcode", ["4223", "4560"], Role.POSTCODE),
        ("state", ["nsw", "vic"], Role.REGION),
        ("res_street_address", ["12 oak st", "5 elm st"], Role.STREET),
        ("zip_code", ["27701", "27702"], Role.POSTCODE),
        ("full_phone_num", ["9195550100", "9195550101"], Role.PHONE),
        ("birth_year", ["1980", "1981"], Role.BIRTH_YEAR),
        ("first_name", ["rosa", "ana"], Role.GIVEN_NAME),
        ("nameLast", ["Shelton", "Gray"], Role.SURNAME),
        ("lastName", ["Shelton", "Gray"], Role.SURNAME),
        ("birthDate", ["1980-01-02", "1981"], Role.BIRTH_DATE),
        ("idNumber", ["A-1", "B-2"], Role.DOCUMENT),
        ("Apellido Materno", ["Quispe", "Mamani"], Role.SURNAME_2),
        ("Fecha de Nacimiento", ["1/2/1980", "3/4/1981"], Role.BIRTH_DATE),
        ("Teléfono", ["987654321", "987654322"], Role.PHONE),
        ("sexo", ["M", "F"], Role.SEX),
        ("DNI", ["12345678", "87654321"], Role.DOCUMENT),
        ("correo electrónico", ["a@b.pe", "c@d.pe"], Role.EMAIL),
        ("cluster", ["1", "2"], Role.LEFT_OUT),
        ("something", ["x1", "y2"], Role.OTHER),
        ("Nombre y apellidos", ["Rosa Quispe", "Ana Mamani"], Role.FULL_NAME),
        ("Apellidos y nombres", ["Quispe, Rosa", "Mamani, Ana"], Role.FULL_NAME),
        ("midl_name", ["rosa", "ana"], Role.GIVEN_NAME),
        ("family", ["Shelton", "Gray"], Role.SURNAME),
        ("Teléfono de contacto", ["987654321", "987654322"], Role.PHONE),
        ("Comunidad", ["Ayaviri", "Puno"], Role.LOCALITY),
        ("اسم الأب", ["محمد", "علي"], Role.GIVEN_NAME),
        ("tipo_documento", ["DNI", "CE"], Role.OTHER),
        ("mother name", ["Luz", "Ana"], Role.OTHER),
        ("village_name", ["Ayaviri", "Puno"], Role.LOCALITY),
        ("mailing address", ["12 oak st", "5 elm st"], Role.STREET),
        ("lieu de naissance", ["Lyon", "Thiès"], Role.OTHER),
        ("N° de téléphone", ["0612345678", "0612345679"], Role.PHONE),
        ("الاسم الكامل", ["محمد حداد", "علي خوري"], Role.FULL_NAME),
        ("اسم العائلة", ["حداد", "خوري"], Role.SURNAME),
        ("تاريخ الميلاد", ["1980/01/02", "1981/02/03"], Role.BIRTH_DATE),
        ("الجنس", ["ذكر", "أنثى"], Role.SEX),
        ("رقم الهوية", ["4004001", "4004002"], Role.DOCUMENT),
        ("رقم الجوال", ["0599123456", "0599123457"], Role.PHONE),
        ("المحافظة", ["حلب", "حمص"], Role.REGION),
        ("Фамилия", ["Щербак", "Попов"], Role.SURNAME),
        ("Ім'я", ["Оксана", "Тарас"], Role.GIVEN_NAME),
        ("Дата рождения", ["02.01.1980", "03.02.1981"], Role.BIRTH_DATE),
        ("Fecha de Nac.", ["1/2/1980", "3/4/1981"], Role.BIRTH_DATE),
        ("D.O.B.", ["1980-01-02", "1981-02-03"], Role.BIRTH_DATE),
        ("Geburtsdatum", ["02.01.1980", "03.02.1981"], Role.BIRTH_DATE),
        ("Given name(s)", ["Rosa", "Ana"], Role.GIVEN_NAME),
        ("Prénom(s)", ["Rosa", "Ana"], Role.GIVEN_NAME),
        ("nom2", ["Quispe", "Mamani"], Role.SURNAME_2),
        ("اسم المستفيد", ["محمد حداد", "علي خوري"], Role.FULL_NAME),
        ("Tlf", ["987654321", "987654322"], Role.PHONE),
        ("Мобильный телефон", ["+380501234567", "+380501234568"], Role.PHONE),
    ],
)
def test_a_header_tells_the_meaning(header, values, role):
    before = column("first", ["a1", "b2", "b2"], rows=3)

    assert guess_roles([before, column(header, values)])[header] is role


@pytest.mark.parametrize(
    ("values", "role"),
    [
        (["1980-02-03", "1981-12-31", "1975-06-07"], Role.BIRTH_DATE),
        (["a@b.org", "c@d.org", "e@f.org"], Role.EMAIL),
        (["+51 987 654 321", "+51 987 654 322", "+51 987 654 323"], Role.PHONE),
        (["m", "f", "m", "f"], Role.SEX),
        (["one two three four five six seven eight nine ten"] * 4 + ["x"], Role.LEFT_OUT),
    ],
)
def test_values_tell_the_meaning_where_the_header_does_not(values, role):
    named = column("name", NAMES)

    assert guess_roles([named, column("c7", values)])["c7"] is role


def test_a_date_that_nothing_names_is_the_birth_date_if_it_lies_decades_apart():
    names = column("name", NAMES)
    births = column("date", [f"{year}-03-01" for year in range(1950, 2000)])
    visits = column("date of visit", [f"2026-03-{day:02}" for day in range(1, 29)])
    born = column("dob", ["1980-01-02", "1981-02-03"])

    assert guess_roles([names, visits, births])["date"] is Role.BIRTH_DATE
    assert guess_roles([names, visits])["date of visit"] is Role.LEFT_OUT
    assert guess_roles([names, births, born])["date"] is Role.LEFT_OUT


def test_without_a_header_for_names_the_most_varied_words_are_names():
    roles = guess_roles([column("c1", NUMBERS), column("c2", NAMES * 2, distinct=8)])

    assert roles == {"c1": Role.IDENTIFIER, "c2": Role.FULL_NAME}


@pytest.mark.parametrize(
    ("named", "beside", "role"),
    [
        ({"Nom": "Diallo", "Prénoms": "Awa"}, "Nom", Role.SURNAME),
        ({"Nombre": "Rosa", "Apellidos": "Quispe"}, "Nombre", Role.GIVEN_NAME),
        ({"Name": "Rosa Quispe", "Surname": "Quispe"}, "Name", Role.FULL_NAME),
        ({"Name": "Rosa Quispe", "First name": "Rosa"}, "Name", Role.FULL_NAME),
    ],
)
def test_a_name_beside_a_part_of_it_is_told_by_the_rows(named, beside, role):
    columns = [
        ColumnSample(header, 2, 2, 2, (value, "Ana"), (value, ""))
        for header, value in named.items()
    ]

    assert guess_roles(columns)[beside] is role


def test_an_id_that_repeats_is_no_id():
    roles = guess_roles([column("id", ["1", "1", "2"]), column("name", NAMES)])

    assert roles["id"] is Role.LEFT_OUT


def test_a_column_that_tells_nobody_apart_is_left_out():
    roles = guess_roles(
        [column("name", NAMES), column("country", ["PE"] * 4), column("x", [], rows=4)]
    )

    assert roles["country"] is roles["x"] is Role.LEFT_OUT


def test_a_map_wins_and_leaves_out_what_it_does_not_name():
    roles = mapped_roles({"a": "full_name"}, ["a", "b"], "list.csv")

    assert roles == {"a": Role.FULL_NAME, "b": Role.LEFT_OUT}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"z": "full_name"}, "has none of that name"),
        ({"a": "nickname"}, "is none. Use one of"),
        ({"a": "id", "b": "id"}, "more than one id"),
    ],
)
def test_a_map_that_does_not_fit_is_refused_in_words(given, told):
    with pytest.raises(MapError, match=told):
        mapped_roles(given, ["a", "b"], "list.csv")
