"""The terminal tells where something broke, and nothing about whom."""

import io
import logging

import pytest
from django.test import Client
from django.urls import reverse

from despensa.entrypoints.fault_log import FaultFormatter
from despensa.entrypoints.office.rooms import today
from despensa.records.bulk import execute
from despensa.records.databases import REGISTRY

SECRET = "Luz Marina Ortega"


@pytest.fixture
def terminal():
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(FaultFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield said.getvalue
    root.removeHandler(handler)


def test_a_page_that_breaks_leaves_its_lines_and_no_values(
    registered_books, signed_in, monkeypatch, terminal
):
    def breaks(*_):
        try:
            execute(REGISTRY, "INSERT INTO area (id, names) VALUES (%s, %s)", (SECRET, SECRET))
        except Exception as error:
            raise ValueError(f"{SECRET} lives there") from error

    monkeypatch.setattr(today, "_points", breaks)
    client: Client = signed_in(registered_books, "jorge")
    client.raise_request_exception = False

    answer = client.get(reverse("office:today") + f"?q={SECRET}")

    said = terminal()
    assert answer.status_code == 500
    assert "500 GET /" in said
    assert "in breaks" in said
    assert "builtins.ValueError" in said
    assert "and from that:" in said
    assert "psycopg" in said or "django.db.utils" in said
    assert "Luz" not in said
    assert "Luz" not in answer.content.decode()


def test_what_a_log_line_says_of_an_error_is_its_kind_alone(terminal):
    logging.getLogger("despensa").warning("%s was not done: %s", 7, ValueError(SECRET))

    assert "7 was not done: ValueError" in terminal()


def test_a_sentence_for_users_is_told_as_it_is(terminal):
    from despensa.entrypoints.cli.problems import Refused

    logging.getLogger("despensa").warning("not done: %s", Refused("The disk is full."))

    assert "not done: The disk is full." in terminal()


def test_the_settings_use_it():
    [handler] = [
        one for one in logging.getLogger().handlers if isinstance(one.formatter, FaultFormatter)
    ]

    assert isinstance(handler, logging.StreamHandler)
    assert logging.getLogger("django").handlers == []
