"""Register files for tests, with the vocabulary of the template."""

import csv
import io
from datetime import date

from despensa.adapters.register_file.reader import read_register
from despensa.domain.catalogue import load_catalogue

TODAY = date(2026, 11, 21)


def a_person(household="1", person="1", **cells):
    return {
        "household_number": household,
        "person_number": person,
        "full_name": f"Ana Prueba {household} {person}",
        "sex": "female",
        "role": "head" if person == "1" else "member",
    } | cells


def a_template_text(*people, separator=",", line_end="\r\n", headings=None):
    names = headings or list(dict.fromkeys(name for person in people for name in person))
    stream = io.StringIO()
    writer = csv.DictWriter(
        stream,
        names,
        delimiter=separator,
        lineterminator=line_end,
        restval="",
        extrasaction="raise",
    )
    writer.writeheader()
    writer.writerows(people)
    return stream.getvalue()


def read(content, *, filename="register.csv", country="ES", today=TODAY, **options):
    if isinstance(content, str):
        content = content.encode("utf-8")
    return read_register(
        content,
        filename=filename,
        today=today,
        workspace_country=country,
        catalogue=load_catalogue(),
        **options,
    )


def read_people(*people, **options):
    return read(a_template_text(*people), **options)


def codes(register):
    return [error.code for error in register.errors]
