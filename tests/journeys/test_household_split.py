"""A registrar on a phone, without JavaScript: a split looked at, done, seen in the history, undone."""

import re

import pytest
from django.urls import reverse

from despensa.entrypoints.second_factor import add_totp
from despensa.records.households import queries
from tests.journeys.test_office import sign_in
from tests.usecases.test_carry_over import entitled_home

WIDTH = 390


@pytest.fixture
def phone(browser):
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": WIDTH, "height": 844}, locale="en-US"
    )
    yield context.new_page()
    context.close()


def test_a_household_is_split_and_the_split_undone_on_a_phone(phone, opened_books, office_address):
    home, people, _ = entitled_home()
    address = office_address(opened_books)
    sign_in(phone, address, "ana", add_totp("ana"))
    at_home = address + reverse("office:household", args=[home])

    phone.goto(at_home)
    phone.get_by_text("Change this household").click()
    phone.get_by_role("link", name="Some people form a household of their own").click()
    phone.locator(f"input[name=people][value='{people[-1]}']").check()
    phone.get_by_label("Head of the new household").select_option(str(people[-1]))
    phone.get_by_label("Everything goes with them").check()
    phone.get_by_label("Why").select_option("6")
    _fits(phone)
    phone.get_by_role("button", name="Look at what changes").click()
    said = phone.locator(".said").inner_text()
    _fits(phone)
    phone.get_by_role("button", name="Yes, do this").click()

    assert "A new household is made with 1 person." in said
    assert "Everything that is still free in the open cycles goes along." in said
    assert phone.url == at_home
    assert people[-1] not in queries.situation_of([home]).living(home)
    _fits(phone)

    phone.get_by_role("link", name="With names, and on any day").click()
    assert re.search(r"lives in the other|is head of the other", phone.locator("main").inner_text())
    _fits(phone)
    phone.goto(at_home)
    phone.get_by_role("link", name="Undo").click()
    phone.get_by_label("Why").select_option("17")
    phone.get_by_role("button", name="Yes, undo this").click()

    assert "undone" in phone.locator(".timeline").inner_text()
    assert people[-1] in queries.situation_of([home]).living(home)


def _fits(page):
    """Assert that nothing makes the page wider than the phone."""
    size = page.locator("html").bounding_box()
    assert size["width"] <= WIDTH
    for box in (part.bounding_box() for part in page.locator("main *:visible").all()):
        if box is not None and box["width"] > 1:
            assert box["x"] + box["width"] <= WIDTH + 1, page.url
