"""
A rule built in a browser from nothing to published, by two people, counted on the way.

With DESPENSA_WALK_LANGUAGE the walk is made in that language, and with DESPENSA_WALK_PICTURES=FOLDER
it takes a picture of every station in both widths.
"""

import os

import pytest
from django.utils import translation

from despensa.entrypoints.second_factor import add_totp
from despensa.records.programmes import queries
from despensa.usecases.define_programme import ProgrammeOutline, define_programme
from tests.browser import watch
from tests.factories.books import PASSWORD
from tests.factories.codes import next_code
from tests.journeys.test_office import sign_in

TOLD = {
    "es": ("El hogar tuvo que dejar su casa.", "No tuvo que dejarla.", "No lo sabemos."),
    "ar": ("اضطرت إلى ترك منزلها.", "لم تضطر إلى ذلك.", "لا نعرف."),
    "en": ("It had to leave its home.", "It did not.", "We do not know."),
}
LANGUAGE = os.environ.get("DESPENSA_WALK_LANGUAGE", "en")
PICTURES = os.environ.get("DESPENSA_WALK_PICTURES")
STATES = ("met", "not_met", "unknown")


@pytest.fixture
def second(browser):
    context = browser.new_context(locale="en-US")
    yield context.new_page()
    context.close()


def in_language(word):
    with translation.override(LANGUAGE):
        return translation.gettext(word)


def speak(page):
    page.context.add_cookies([{"name": "django_language", "value": LANGUAGE, "url": page.url}])
    page.reload()


def picture(page, name):
    for size, width in (("desktop", 1280), ("phone", 390)):
        if PICTURES:
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{PICTURES}/{name}-{LANGUAGE}-{size}.png", full_page=True)
            page.set_viewport_size({"width": 1280, "height": 900})


@pytest.fixture
def milk(registered_books):
    """A programme without a rule."""
    outline = ProgrammeOutline(
        "milk",
        {"es": "Leche", "ar": "حليب", "en": "Milk"},
        registered_books.root_area,
        ((7, "litre", {"es": "litro", "en": "litre"}),),
    )
    return define_programme(outline, acting=registered_books.acting("jorge"))


def test_a_rule_is_built_counted_agreed_upon_and_published(
    page, second, registered_books, milk, office_address
):
    secrets = {name: add_totp(name) for name in ("jorge", "nour")}
    problems = [watch(page), watch(second)]
    address = office_address(registered_books)
    sign_in(page, address, "jorge", secrets["jorge"])
    speak(page)
    page.get_by_role("link", name=in_language("Rules"), exact=True).click()
    page.get_by_role("link", name=in_language("Write the first rule")).click()
    page.get_by_label(in_language("Purpose"), exact=True).fill("food")
    page.get_by_role("button", name=in_language("One more ground")).click()
    page.wait_for_url("**#part_clauses-1")

    # choosing another fact brings the fields that belong to it, without losing the page
    page.locator("#id_clauses-1-when-0-what").select_option(label=in_language("number of members"))
    number = page.locator("#id_clauses-1-when-0-value0")
    number.fill("4")
    page.locator("#id_clauses-1-when-0-what").select_option("displaced")
    number.wait_for(state="detached")
    counted = page.locator(".rule-count__number")
    counted.wait_for()
    assert LANGUAGE != "en" or "entitled" in counted.inner_text()

    picture(page, "counted")
    page.locator("#id_clauses-1-code").fill("DISPLACED")
    for language, sentences in TOLD.items():
        for state, sentence in zip(STATES, sentences, strict=True):
            page.locator(f"#id_clauses-1-sentences-{language}-{state}").fill(sentence)
    page.get_by_role("button", name=in_language("Look at all of it")).click()
    page.locator(".trouble").wait_for()
    picture(page, "faults")
    first = page.locator(".trouble a").first
    where = first.get_attribute("href")
    first.click()
    assert page.locator(where).is_visible()
    page.locator("#id_clauses-1-case-sentence").fill("It was not asked.")
    page.locator("#id_clauses-1-case-state").select_option("unknown")
    page.locator("#id_cases-0-sentence").fill("Nobody asked it.")
    page.locator("#id_cases-0-outcome").select_option("needs_information")
    page.get_by_role("button", name=in_language("Look at all of it")).click()
    send = page.get_by_role("button", name=in_language("Send to a second person"))
    send.wait_for()
    picture(page, "whole")
    send.click()
    page.wait_for_url("**/proposals/*-*/")

    sign_in(second, address, "nour", secrets["nour"])
    speak(second)
    second.get_by_role("link", name=in_language("Decide")).first.click()
    assert in_language("The first version") in second.locator("main").inner_text()
    picture(second, "to-decide")
    second.get_by_label(in_language("Your password")).fill(PASSWORD)
    second.get_by_label(in_language("Code of six digits")).fill(next_code(secrets["nour"]))
    second.get_by_role("button", name=in_language("Approve"), exact=True).click()
    second.locator(".head .pill--done").wait_for(timeout=30_000)
    page.get_by_role("link", name=in_language("Rules"), exact=True).click()

    picture(page, "published")
    assert in_language("Write the next version") in page.locator("main").inner_text()
    assert "DISPLACED" in queries.rule_versions(milk)[1]
    assert problems == [[], []]
