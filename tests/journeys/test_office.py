"""Two people in two browsers: a file dropped, agreed upon, its people found, and the look listed."""

import re

import pytest

from despensa.domain.identifier import is_card_number
from despensa.entrypoints.second_factor import add_totp, current_code
from tests.factories.books import PASSWORD
from tests.factories.codes import next_code

REGISTER = "\n".join(
    [
        "household_number,person_number,full_name,birth_date,sex,role,religion",
        *(
            f"J{at},1,Zoraida {'BCDFGKLMNP'[at // 6]}ar{'aeioust'[at % 6]}n,1984-05,female,head,x"
            for at in range(52)
        ),
        "J99,1,Pedro Mora,2012-13-45,male,head,x",
        "",
    ]
)
DROP = """
(place, text) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], "barrio.csv", {type: "text/csv"}));
  place.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));
}
"""


def sign_in(page, address: str, username: str, secret: str) -> None:
    page.goto(f"{address}/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator("[name=code]").fill(current_code(secret))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{address}/")


@pytest.fixture
def second(browser):
    context = browser.new_context(locale="en-US")
    yield context.new_page()
    context.close()


def test_a_file_is_dropped_agreed_upon_and_its_people_are_found(
    page, second, opened_books, office_address
):
    secrets = {name: add_totp(name) for name in ("ana", "nour")}
    address = office_address(opened_books)
    sign_in(page, address, "ana", secrets["ana"])
    page.goto(f"{address}/imports/new/")
    page.locator("[data-drop]").evaluate(DROP, REGISTER)
    page.get_by_role("button", name="Look into the file").click()
    page.wait_for_url("**/imports/*-*/")
    preview = page.locator("main").inner_text()
    page.get_by_role("button", name="Submit for approval").click()
    page.get_by_role("button", name="Yes, go on").click()
    page.wait_for_url(f"{address}/imports/")

    sign_in(second, address, "nour", secrets["nour"])
    waiting = second.get_by_role("link", name=re.compile("Decide"))
    waiting.first.click()
    # a code works once: the next is taken before its time, instead of waiting half a minute
    second.get_by_label("Your password").fill(PASSWORD)
    second.get_by_label("Code of six digits").fill(next_code(secrets["nour"]))
    second.get_by_role("button", name="Approve", exact=True).click()
    second.locator(".head .pill--done").wait_for(timeout=30_000)

    page.goto(f"{address}/households/")
    page.get_by_label("Who", exact=True).fill("karen zoraida")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name="Zoraida Karen", exact=True).click()
    page.wait_for_url("**/households/*-*/")
    opened = page.locator("main").inner_text()

    assert "2012-13-45" in preview
    assert "religion" in preview
    assert "Zoraida Karen" in opened
    assert "Nothing decided yet" in opened
    looks = page.locator("section", has=page.get_by_role("heading", name="Who looked")).inner_text()
    assert looks.count("Ana Molina") == 2
    assert "Searching" in looks


def test_a_household_is_opened_and_its_page_says_why(page, opened_books, office_address):
    from despensa.records.bulk import fetch

    secret = add_totp("ana")
    [(number, _)] = fetch(
        "registry",
        "SELECT number, household_id FROM card WHERE household_id IS NOT NULL LIMIT 1",
    )
    address = office_address(opened_books)
    sign_in(page, address, "ana", secret)
    page.goto(f"{address}/households/")
    page.get_by_label("Who", exact=True).fill(number)
    page.get_by_role("button", name="Search", exact=True).click()
    page.locator("main a.main-link").first.click()
    page.wait_for_url("**/households/*-*/")
    why = page.locator(".why")

    assert is_card_number(number)
    assert why.locator("li").count() > 1
    assert number[:4] in page.locator("main").inner_text()


@pytest.mark.parametrize(("code", "word"), [("es", "Hoy"), ("ar", "اليوم")])
def test_the_language_menu_changes_the_language(page, founded_books, office_address, code, word):
    secret = add_totp("samir")
    address = office_address(founded_books)
    sign_in(page, address, "samir", secret)
    page.get_by_label("Language").click()
    with page.expect_navigation():
        page.locator(f"button[value={code}]").click()

    assert word in page.locator("h1").inner_text()
    assert page.evaluate("document.documentElement.lang") == code
