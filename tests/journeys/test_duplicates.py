"""A registrar decides pairs with the keyboard alone: two people, then one person, then undone."""

import pytest
from django.urls import reverse

from despensa.domain.duplicate import Strength, Verdict
from despensa.entrypoints.second_factor import add_totp
from despensa.records.duplicates import queries
from tests.browser import watch
from tests.journeys.test_office import sign_in
from tests.usecases.test_duplicates import homes_of_size, noticed, two_people


@pytest.fixture
def desk(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    yield context.new_page()
    context.close()


def test_pairs_are_decided_with_the_keyboard(desk, registered_books, office_address):
    books, problems = registered_books, watch(desk)
    (_, one), (_, other) = two_people(books)
    [(_, couple), *_] = homes_of_size(2)
    first = noticed(books, one, couple[0], Strength.NEARLY_SURE)
    second = noticed(books, one, other, Strength.LIKELY)
    address = office_address(books)
    sign_in(desk, address, "ana", add_totp("ana"))
    desk.goto(address + reverse("office:duplicates"))

    desk.keyboard.press("1")
    desk.wait_for_url(f"**/duplicates/{first}/")
    desk.keyboard.press("2")
    desk.wait_for_url(f"**/duplicates/{second}/")
    assert queries.pair(first).decided.verdict is Verdict.NOT_SAME
    desk.keyboard.press("1")
    desk.wait_for_url("**/same/")
    desk.get_by_label("Why").select_option("3")
    desk.get_by_role("button", name="Yes, this is one person").click()
    desk.wait_for_url(f"**/duplicates/{second}/")
    assert queries.pair(second).decided.verdict is Verdict.SAME
    desk.keyboard.press("5")
    desk.wait_for_url("**/undo/**")
    desk.get_by_label("Why").select_option("17")
    desk.get_by_role("button", name="Yes, undo this").click()
    desk.wait_for_url("**/households/**")

    assert queries.pair(second).decided.verdict is None
    assert problems == []
