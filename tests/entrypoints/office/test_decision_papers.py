"""The paper of a decision in the office: the look is written first, and the code is the slip."""

import shutil

import pytest
from django.urls import reverse

from despensa.adapters.qr import read_images
from despensa.domain.eligibility import slip as slips
from despensa.domain.eligibility.paper import slip_in
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.encoding import cose
from despensa.entrypoints.jobs.cycle import frozen_folder
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from tests.factories.books import rule_text
from tests.factories.observing import count


@pytest.fixture
def household(decided_books):
    [(one,)] = fetch(REGISTRY, "SELECT id FROM household ORDER BY id LIMIT 1")
    return one


def address(household, cycle, language=""):
    asked = f"?language={language}" if language else ""
    return reverse("office:decision_paper", args=[household, cycle]) + asked


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_the_paper_carries_the_slip_and_the_look_is_on_record(
    decided_books, household, signed_in, language
):
    client = signed_in(decided_books, "ana")
    looks = count(REGISTRY, "journal_content")

    answer = client.get(address(household, decided_books.cycle, language))

    assert (answer.status_code, answer["Content-Language"]) == (200, language)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "no-store")
    assert count(REGISTRY, "journal_content") == looks + 1
    authority = decided_books.keeper.signatory.public_keys().authority
    signed = slip_in(read_images(answer.content))
    slip = slips.read_slip(signed, {cose.key_id(authority): authority})
    assert slips.decided_again(slip, parse_text(rule_text())) == slip.decision


def test_the_household_s_own_language_comes_first(decided_books, household, signed_in):
    client = signed_in(decided_books, "ana")
    execute(
        REGISTRY,
        'UPDATE household SET facts = facts || \'{"language": "ar-SY"}\' WHERE id = %s',
        (household,),
    )

    page = client.get(reverse("office:household", args=[household])).context["page"]
    answer = client.get(address(household, decided_books.cycle))

    assert [one.word for one in page.decisions[0].papers] == ["العربية", "English", "Español"]
    assert answer["Content-Language"] == "ar"


def test_who_may_not_read_households_prints_nothing(decided_books, household, signed_in):
    looks = count(REGISTRY, "journal_content")

    answer = signed_in(decided_books, "nour").get(address(household, decided_books.cycle))

    assert answer.status_code == 403
    assert count(REGISTRY, "journal_content") == looks


def test_without_its_frozen_facts_there_is_no_paper(decided_books, household, signed_in):
    client = signed_in(decided_books, "ana")
    cycle = decided_books.cycle
    shutil.rmtree(frozen_folder(cycle, decided_books.tools))

    page = client.get(reverse("office:household", args=[household])).context["page"]

    assert page.decisions[0].papers == ()
    assert client.get(address(household, cycle)).status_code == 404
    assert client.get(address(cycle, cycle)).status_code == 404
