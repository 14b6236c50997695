"""A rule built in a browser from nothing to published, by two people, counted on the way."""

import pytest

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
STATES = ("met", "not_met", "unknown")


@pytest.fixture
def second(browser):
    context = browser.new_context(locale="en-US")
    yield context.new_page()
    context.close()


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
    page.get_by_role("link", name="Rules", exact=True).click()
    page.get_by_role("link", name="Write the first rule").click()
    page.get_by_label("Purpose", exact=True).fill("food")
    page.get_by_role("button", name="One more ground").click()
    page.wait_for_url("**#part_clauses-1")

    # choosing another fact brings the fields that belong to it, without losing the page
    page.locator("#id_clauses-1-when-0-what").select_option(label="number of members")
    number = page.locator("#id_clauses-1-when-0-value0")
    number.fill("4")
    page.locator("#id_clauses-1-when-0-what").select_option(label="Had to leave home")
    number.wait_for(state="detached")
    counted = page.locator(".rule-count__number")
    counted.wait_for()
    assert "entitled" in counted.inner_text()

    page.locator("#id_clauses-1-code").fill("DISPLACED")
    for language, sentences in TOLD.items():
        for state, sentence in zip(STATES, sentences, strict=True):
            page.locator(f"#id_clauses-1-sentences-{language}-{state}").fill(sentence)
    page.get_by_role("button", name="Look at all of it").click()
    page.locator(".trouble").wait_for()
    first = page.locator(".trouble a").first
    where = first.get_attribute("href")
    first.click()
    assert page.locator(where).is_visible()
    page.locator("#id_clauses-1-case-sentence").fill("It was not asked.")
    page.locator("#id_clauses-1-case-state").select_option("unknown")
    page.locator("#id_cases-0-sentence").fill("Nobody asked it.")
    page.locator("#id_cases-0-outcome").select_option("needs_information")
    page.get_by_role("button", name="Look at all of it").click()
    page.get_by_role("button", name="Send to a second person").click()
    page.wait_for_url("**/proposals/*-*/")

    sign_in(second, address, "nour", secrets["nour"])
    second.get_by_role("link", name="Decide").first.click()
    assert "The first version" in second.locator("main").inner_text()
    second.get_by_label("Your password").fill(PASSWORD)
    second.get_by_label("Code of six digits").fill(next_code(secrets["nour"]))
    second.get_by_role("button", name="Approve", exact=True).click()
    second.locator(".head .pill--done").wait_for(timeout=30_000)
    page.get_by_role("link", name="Rules", exact=True).click()

    assert "Write the next version" in page.locator("main").inner_text()
    assert "DISPLACED" in queries.rule_versions(milk)[1]
    assert problems == [[], []]
