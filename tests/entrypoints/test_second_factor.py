"""A code of the second factor is used once: in every process, and as long as it could be typed."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from despensa.entrypoints.second_factor import NotConfirmed, add_totp, confirm, current_code, spend
from despensa.records.databases import REGISTRY
from tests.factories.books import PASSWORD
from tests.factories.observing import at_once, count, raised

NEXT_STEP = 30


@pytest.fixture
def secret(founded_books):
    return add_totp("nour")


def _confirm(books, code):
    confirm(books.staff["nour"], PASSWORD, code)


def _another_process():
    """What a process remembers for itself is not there in another one."""
    cache.clear()


def test_a_code_is_not_taken_by_another_process(founded_books, secret):
    code = current_code(secret)
    _confirm(founded_books, code)
    _another_process()

    with pytest.raises(NotConfirmed):
        _confirm(founded_books, code)


def test_a_code_is_not_taken_again_while_a_slow_clock_would_still_show_it(
    founded_books, secret, monkeypatch
):
    code, now = current_code(secret), time.time()
    _confirm(founded_books, code)
    monkeypatch.setattr(auth.time, "time", lambda: now + NEXT_STEP)

    with pytest.raises(NotConfirmed):
        _confirm(founded_books, code)
    _confirm(founded_books, current_code(secret))


def test_of_two_at_once_one_is_let_through(founded_books, secret):
    code = current_code(secret)

    ended = at_once(*[lambda: _confirm(founded_books, code)] * 2)

    assert [type(error) for error in raised(ended)] == [NotConfirmed]
    assert count(REGISTRY, "used_code") == 1


def test_a_code_typed_elsewhere_does_not_open_the_office(founded_books, secret, doors):
    doors(founded_books)
    code = current_code(secret)
    _confirm(founded_books, code)
    _another_process()
    client = Client(HTTP_HOST="localhost")
    client.post(reverse("account_login"), {"login": "nour", "password": PASSWORD})

    refused = client.post(reverse("mfa_authenticate"), {"code": code})

    assert refused.status_code == 200
    assert client.get("/").status_code == 302


def test_a_code_that_opened_the_office_approves_nothing(founded_books, secret, doors):
    doors(founded_books)
    code = current_code(secret)
    client = Client(HTTP_HOST="localhost")
    client.post(reverse("account_login"), {"login": "nour", "password": PASSWORD})
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.get("/").status_code == 200
    _another_process()

    with pytest.raises(NotConfirmed):
        _confirm(founded_books, code)


def test_old_codes_are_forgotten(founded_books, secret, monkeypatch):
    authenticator = Authenticator.objects.get(
        user=User.objects.using(REGISTRY).get(username="nour")
    )
    now = time.time()
    assert spend(authenticator, current_code(secret))
    monkeypatch.setattr(auth.time, "time", lambda: now + 2 * 86_400)

    assert spend(authenticator, current_code(secret))

    assert count(REGISTRY, "used_code") == 1


def test_the_code_shown_now_is_taken_for_a_whole_step_more(founded_books, secret, monkeypatch):
    code, now = current_code(secret), time.time()
    monkeypatch.setattr(auth.time, "time", lambda: now + NEXT_STEP)

    _confirm(founded_books, code)
