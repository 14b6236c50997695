"""What the rooms offer and say: the empty register, names of cycles, order of words, sign-in."""

import io
import re

import python_calamine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from despensa.entrypoints.office.words import WRONG_SIGN_IN
from despensa.records.programmes import queries as programmes


def send(client, content: bytes, name: str):
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("office:import_new"), {"file": file, "kind": ""})


def test_the_empty_register_of_the_office_comes_in_once_filled(founded_books, signed_in):
    client = signed_in(founded_books, "ana")
    form = client.get(reverse("office:import_new")).context["page"]
    answer = client.get(reverse("office:register_template", args=["csv"]))
    headings = answer.content.decode("utf-8-sig").strip().split(",")
    person = {"household_number": "1", "person_number": "1", "full_name": "Rosa Quispe",
              "birth_date": "1984", "sex": "female", "role": "head"}  # fmt: skip
    filled = answer.content + ",".join(person.get(name, "") for name in headings).encode()
    sent = send(client, filled, "despensa-register.csv")

    assert answer.request["PATH_INFO"] in {choice.value for choice in form.template_urls}
    assert client.get(sent["Location"]).context["page"].totals[0].value == 1


def test_the_empty_workbook_explains_itself_in_the_reader_s_language(founded_books, signed_in):
    client = signed_in(founded_books, "ana")
    url = reverse("office:register_template", args=["xlsx"])
    answer = client.get(url, HTTP_ACCEPT_LANGUAGE="ar")
    book = python_calamine.load_workbook(io.BytesIO(answer.content))

    assert 'filename="despensa-register.xlsx"' in answer["Content-Disposition"]
    assert book.sheet_names[:2] == ["Register", "Guide ar"]


def test_there_is_no_empty_register_of_another_kind(founded_books, signed_in):
    client = signed_in(founded_books, "ana")

    assert client.get("/imports/despensa-register.ods").status_code == 404


def test_a_cycle_is_named_after_its_month(decided_books, signed_in):
    client = signed_in(decided_books, "jorge")
    names = {}
    for language in ("en", "es", "ar"):
        page = client.get(reverse("office:cycles"), HTTP_ACCEPT_LANGUAGE=language).context["page"]
        names[language] = [str(row.cycle_name) for row in page.cycles]
    code = programmes.cycles()[0].code

    assert re.fullmatch(r"\d{4}-\d{2}", code)
    assert all(code not in shown for shown in names.values())
    assert len({tuple(shown) for shown in names.values()}) == 3


def test_a_new_cycle_is_offered_the_next_free_month(decided_books, signed_in):
    client = signed_in(decided_books, "jorge")
    page = client.get(reverse("office:cycles")).context["page"]

    assert page.name not in {row.code for row in programmes.cycles()}
    assert page.opens_on.startswith(page.name)


def test_parts_of_a_line_keep_their_order_in_every_script(opened_books, signed_in):
    page = signed_in(opened_books, "nour").get(reverse("office:proposals")).context["page"]

    for row in page.finished:
        parts = str(row.summary).split(" · ")
        assert all(part.startswith("\u2068") and part.endswith("\u2069") for part in parts)


def test_a_wrong_password_is_told_what_to_do(founded_books, doors, client):
    doors(founded_books)
    form = {"login": "ana", "password": "wrong"}

    answer = client.post(reverse("account_login"), form, HTTP_HOST="localhost")

    assert str(WRONG_SIGN_IN) in answer.content.decode()
    assert "reset" not in answer.content.decode()


def test_receipts_write_days_as_the_pages_of_their_language_do():
    from django.utils.translation import override

    from despensa.entrypoints.office import correction_words, erasure_words, partner_words

    day_number = 20_779  # 2026-11-22
    with override("es"):
        said = {
            module._day(day_number) for module in (correction_words, erasure_words, partner_words)
        }

    assert said == {"22 nov 2026"}
