"""The office in a browser: nothing overflows on a phone, keys work, it works without script."""

import pypdfium2
import pytest

PAGES = [
    "today", "households", "household", "cycles", "cycle", "imports", "import_new",
    "import_detail", "proposals", "proposal", "proposal_error", "cards", "ledger", "log",
    "rules", "rule_write", "rule_write_error", "rule_review", "rule_compare", "rule_proposal",
    "sign_in", "sign_in_error", "mfa_authenticate", "mfa_index", "totp_activate", "404", "500",
]  # fmt: skip
PHONE = {"width": 390, "height": 844}
SMALL_TARGETS = """
() => [...document.querySelectorAll("a, button, input, select, summary")]
  .filter((one) => one.checkVisibility() && getComputedStyle(one).display !== "inline")
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && (box.width < 23.5 || box.height < 23.5))
  .map(([html]) => html)
"""
DROP_A_FILE = """
(place) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["surname\\nMorales\\n"], "a.csv", {type: "text/csv"}));
  place.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));
}
"""


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_no_page_is_wider_than_a_phone(page, office, language):
    page.set_viewport_size(PHONE)
    for name in PAGES:
        page.goto(f"{office}/{language}/{name}")

        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name


@pytest.mark.parametrize("width", [390, 1280])
def test_every_target_is_large_enough_for_a_finger(page, office, width):
    page.set_viewport_size({"width": width, "height": 844})
    for name in PAGES:
        page.goto(f"{office}/en/{name}")

        assert page.evaluate(SMALL_TARGETS) == [], name


def test_the_rooms_stand_where_reading_begins(page, office):
    page.goto(f"{office}/en/today")
    begins_left = page.locator("#rooms").bounding_box()
    page.goto(f"{office}/ar/today")
    begins_right = page.locator("#rooms").bounding_box()

    assert begins_left["x"] == 0
    assert begins_right["x"] > 900


def test_slash_leads_to_the_search_box(page, office):
    page.goto(f"{office}/en/today")
    page.keyboard.press("/")

    assert page.evaluate("document.activeElement.name") == "query"


def test_escape_closes_a_menu_and_returns_to_its_button(page, office):
    page.goto(f"{office}/en/today")
    menu = page.locator("details.menu").first
    menu.locator("summary").click()
    page.keyboard.press("Escape")

    assert menu.get_attribute("open") is None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_question_is_asked_before_a_step_is_sent(page, office, server):
    page.goto(f"{office}/en/cycle")
    page.get_by_role("button", name="Propose the opening").click()
    page.get_by_role("button", name="Go back").click()
    posted_after_no = len(server.posted)
    page.get_by_role("button", name="Propose the opening").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Yes, go on").click()

    assert posted_after_no == 0
    assert [path for path, _ in server.posted] == ["/cycles/x/"]


def test_trouble_is_where_the_keyboard_begins(page, office):
    page.goto(f"{office}/en/households_error")

    assert page.evaluate("document.activeElement.className") == "trouble"


def test_a_dropped_file_is_sent_and_its_errors_are_shown_in_place(page, office, server):
    page.goto(f"{office}/en/import_new")
    page.locator("[data-drop]").evaluate(DROP_A_FILE)
    page.get_by_role("button", name="Look into the file").click()
    page.wait_for_selector(".trouble")

    (path, body), *_ = server.posted
    assert path == "/imports/new/"
    assert b"Morales" in body
    assert page.evaluate("document.activeElement.className") == "trouble"


def test_without_script_the_drawer_opens_and_forms_are_sent(browser, office, server):
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(f"{office}/en/cycle")
    page.get_by_role("link", name="Open the menu").click()
    drawer_is_open = page.get_by_role("link", name="Ledger").is_visible()
    page.get_by_role("link", name="Close the menu").click()
    page.get_by_role("button", name="Propose the opening").click()
    page.wait_for_load_state()

    assert drawer_is_open
    assert [path for path, _ in server.posted] == ["/cycles/x/"]
    context.close()


def test_the_passkey_signs_the_hash_of_the_proposal(page, office, server):
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasUserVerification": True,
                "isUserVerified": True,
            }
        },
    )
    page.goto(f"{office.replace('127.0.0.1', 'localhost')}/en/proposal")
    credential = page.evaluate(
        """async () => {
          const made = await navigator.credentials.create({publicKey: {
            challenge: new Uint8Array(16), rp: {id: "localhost", name: "x"},
            user: {id: new Uint8Array(8), name: "x", displayName: "x"},
            pubKeyCredParams: [{type: "public-key", alg: -7}]}});
          return made.id;
        }"""
    )
    page.locator("form[data-passkey]").evaluate(
        "(form, credential) => { form.dataset.credentials = credential; }", credential
    )
    with page.expect_navigation():
        page.get_by_role("button", name="Approve with my passkey").click()

    assert made["authenticatorId"]
    (path, body), *_ = server.posted
    assert path.endswith("/approve/")
    assert b"authenticatorData" in body
    assert b"clientDataJSON" in body


def test_progress_is_asked_for_again_while_a_job_runs(page, office):
    page.goto(f"{office}/en/import_writing")

    with page.expect_request("**/en/import_writing", timeout=10_000) as asked:
        pass

    assert asked.value.headers["hx-request"] == "true"
    assert page.locator("#job progress").is_visible()


def test_on_a_phone_what_waits_stands_before_the_points(page, office):
    page.set_viewport_size(PHONE)
    page.goto(f"{office}/en/today")
    waiting = page.locator("section", has=page.locator("#waiting_title")).bounding_box()
    points = page.locator("section", has=page.locator("#points_title")).bounding_box()

    assert waiting["y"] < points["y"]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_on_a_phone_the_state_stands_beside_the_name(page, office, language):
    page.set_viewport_size(PHONE)
    page.goto(f"{office}/{language}/today")
    row = page.locator("tbody tr").first
    name, state = row.locator("th").bounding_box(), row.locator(".pill").bounding_box()

    assert abs(name["y"] - state["y"]) < name["height"]
    assert (state["x"] > name["x"]) == (language == "en")


RECEIPTS = ("desk_paper_appointed", "consent_receipt", "correction_receipt", "erasure_receipt")


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_a_small_paper_takes_one_side_whatever_it_asks_for(page, office, language):
    for name in ("desk_paper_appointed", "desk_paper_refused", "desk_paper_large"):
        page.goto(f"{office}/{language}/{name}")
        paper = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))

        assert len(paper) == 1, name
        assert round(paper[0].get_size()[0]) == (595 if name == "desk_paper_large" else 298)


def test_whatever_is_made_for_paper_has_a_button_that_prints_it(page, office, browser):
    for name in RECEIPTS:
        page.goto(f"{office}/en/{name}")
        page.evaluate("window.print = () => { window.printed = true }")
        page.get_by_role("button", name="Print").click()

        assert page.evaluate("window.printed"), name
        page.emulate_media(media="print")
        assert not page.locator("[data-print]").is_visible(), name
        page.emulate_media(media="screen")
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{office}/en/{RECEIPTS[0]}")
    assert not plain.locator("[data-print]").is_visible()
