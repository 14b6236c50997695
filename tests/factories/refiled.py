"""A register file that comes again with edited rows, and what the register then says in the open."""

import csv
import io
from datetime import date

from despensa.adapters.register_file.municipality import HEADINGS
from despensa.adapters.register_file.reader import read_register
from despensa.domain import sealing
from despensa.domain.catalogue import load_catalogue
from despensa.domain.ports.keeper import KeyedPerson
from despensa.domain.sealing import Column, Sealed
from despensa.entrypoints.jobs import actions
from despensa.entrypoints.jobs.staging import stage
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.factories.books import HOUSEHOLDS, register_text

FIRST_DAY = date(2026, 11, 21)


def rows(*, skip=0, count=HOUSEHOLDS):
    """Return the rows of the small register as it first came, to be edited."""
    text = register_text(FIRST_DAY, skip=skip, count=count)
    return list(csv.DictReader(io.StringIO(text)))


def text_of(given):
    """Return rows as the text of a file."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, HEADINGS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(given)
    return stream.getvalue()


def read(books, given, *, source=None):
    """Return rows as a door reads them."""
    return read_register(
        text_of(given).encode(),
        filename="again.csv",
        today=books.tools.today(),
        workspace_country="VE",
        catalogue=load_catalogue(),
        source=source,
    )


def proposed(books, given, *, source=None):
    """Return the approved proposal of a file with these rows."""
    file = read(books, given, source=source)
    return books.approved(stage(file, "again.csv", books.tools, acting=books.acting("ana")))


def taken_in(books, given, *, source=None):
    """Let a file with these rows be taken in; return what was said of it and the import's id."""
    proposal = proposed(books, given, source=source)
    said = actions.carry_out(proposal, books.tools)
    [(found,)] = fetch(REGISTRY, "SELECT id FROM register_import WHERE proposal = %s", (proposal,))
    return said, found


def in_the_open(books):
    """Return everybody by name: household, current roles, sex, birth, facts, numbers, tokens."""
    people, vault = {}, books.held.vault
    for person, kek, wrapped, name, address, day, month, sex, facts in fetch(
        REGISTRY,
        """SELECT person.id, key.kek, key.wrapped, full_name, address, birth_day,
                  birth_month, sex, facts
           FROM registrant person JOIN person_key key ON key.person = person.id""",
    ):
        key = vault._unwrap(KeyedPerson(person.bytes, kek, bytes(wrapped)))

        def opened(column, row, value, key=key):
            if not value:
                return None
            given = Sealed(column, row.bytes, bytes(value))
            workspace = books.tools.workspace.workspace_id.bytes
            return sealing.unseal([given], key=key, workspace=workspace)[0]

        numbers = {
            table: [
                opened(column, row, value)
                for row, value in fetch(
                    REGISTRY,
                    f"SELECT id, sealed FROM {table} WHERE registrant_id = %s ORDER BY id",
                    (person,),
                )
                if value
            ]
            for table, column in (
                ("registrant_document", Column.DOCUMENT),
                ("registrant_phone", Column.PHONE),
            )
        }
        roles = fetch(
            REGISTRY,
            """SELECT household_id, role FROM membership
               WHERE registrant_id = %s AND until_date IS NULL ORDER BY role""",
            (person,),
        )
        [(tokens,)] = fetch(
            REGISTRY,
            "SELECT array_agg(token ORDER BY token) FROM search_token WHERE person = %s",
            (person,),
        )
        people[opened(Column.FULL_NAME, person, name)] = {
            "id": person,
            "address": opened(Column.ADDRESS, person, address),
            "day": opened(Column.BIRTH_DAY, person, day),
            "month": month,
            "sex": sex,
            "facts": facts,
            "documents": sorted(numbers["registrant_document"]),
            "phones": sorted(numbers["registrant_phone"]),
            "home": {home for home, _ in roles},
            "roles": [role for _, role in roles],
            "tokens": tokens,
        }
    return people
