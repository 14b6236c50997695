"""The phone app in a browser: a day at a point, with no network, a killed tab and a second scan."""

import base64

import pytest

from despensa.adapters.qr import ZxingCodes
from despensa.entrypoints.jobs import merging
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER
from despensa.records.ledger import queries as ledger
from despensa.usecases.accept_events import accept_events
from despensa.usecases.offer_device import offer_device
from tests.browser import watch
from tests.clients import node
from tests.entrypoints.window.test_check_page import a_video

PIN, SECOND_PIN = "2580", "1470"
AXE = node.PACKAGES / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
OPERATORS = {
    "lucia": "Lucía Vera",
    "omar": "Omar Saleh",
}


class Day:
    """One phone, its tab, and the office behind it."""

    def __init__(self, books, context, address, fragment):
        self.books, self.context, self.address = books, context, address
        self.problems = []
        self.open_tab(fragment)

    def open_tab(self, fragment):
        self.page = self.context.new_page()
        self.problems += watch(self.page)
        self.page.clock.set_fixed_time(self.books.clock.at)
        self.page.goto(f"{self.address}/field/{fragment}")
        self.page.wait_for_selector("html[data-ready]")

    def kill_tab(self):
        self.page.close(run_before_unload=False)
        self.open_tab("")

    def act(self, name):
        self.page.click(f"[data-act={name}]")

    def screen(self, name):
        return self.page.wait_for_selector(f"[data-screen={name}]")

    def pin(self, digits, *, is_new=False):
        self.screen("pin")
        self.page.fill("[name=pin]", digits)
        if is_new:
            self.page.fill("[name=again]", digits)
        self.act("confirm")

    def enter(self, name="lucia", pin=PIN, *, is_new=False):
        self.screen("operators")
        self.page.click(f"[data-act=operator]:has-text('{OPERATORS[name]}')")
        self.pin(pin, is_new=is_new)
        self.screen("home")

    def show(self, text):
        """Choose a picture of a card, as anybody would."""
        picture = ZxingCodes().code_png(text, side_mm=60.0, pixels_per_module=4)
        self.page.set_input_files(
            "input[type=file]", {"name": "card.png", "mimeType": "image/png", "buffer": picture}
        )

    def scan(self, text):
        self.screen("scan")
        self.show(text)
        return self.verdict()

    def verdict(self):
        shown = self.page.wait_for_selector("[data-screen=give], [data-screen=refused]")
        reason = shown.get_attribute("data-reason")
        return None if reason is None else int(reason)

    def unsent(self):
        return int(self.page.get_attribute("[data-unsent]", "data-unsent"))

    def sent(self):
        self.page.wait_for_selector("[data-unsent='0']")

    def texts(self):
        return [
            self.books.card_texts[n] for _, numbers, _ in self.books.entitled() for n in numbers
        ]


def enrolled(books, context, address):
    """Return a phone that read the office's code, with its first operator at work."""
    code = offer_device(
        books.root_area,
        [(books.staff[name], shown) for name, shown in OPERATORS.items()],
        reach=books.reach("lucia"),
        acting=books.acting("lucia"),
    )
    authority = books.keeper.signatory.public_keys().authority
    day = Day(books, context, address, f"#e1.{_text(code)}.{_text(authority)}")
    day.enter(is_new=True)
    return day


def _text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def prepared(day, code="P01"):
    """Give the phone a list for a session of today and let it fetch it."""
    [(device,)] = fetch(LEDGER, "SELECT id FROM device ORDER BY id")[-1:]
    session = day.books.new_session(code)
    day.books.prepare(device, session)
    day.act("fetch")
    day.page.wait_for_selector(".ready--yes")
    day.page.wait_for_selector("html[data-offline=ready]")
    return session


@pytest.fixture
def phone(opened_books, new_context, office_address):
    context = new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    day = enrolled(opened_books, context, office_address(opened_books))
    yield day
    assert not day.problems, "\n".join(day.problems)


def delivered():
    return fetch(LEDGER, "SELECT coalesce(sum(amount), 0)::bigint FROM transfer WHERE cause=3")[0][
        0
    ]


def test_a_day_without_a_network_a_killed_tab_and_a_second_scan(phone):
    prepared(phone)
    first, second = phone.texts()[:2]
    phone.context.set_offline(True)
    phone.page.reload()
    phone.page.wait_for_selector("html[data-ready]")
    phone.enter()
    phone.act("open")
    phone.act("scan")

    assert phone.scan(first) is None
    phone.act("give")
    phone.screen("done")
    phone.act("next")
    assert phone.scan(first) == 12
    phone.act("receipt")
    words = phone.page.locator(".spoken li").all_inner_texts()
    phone.act("next")

    # dies between the verdict and the hand-over
    assert phone.scan(second) is None
    phone.kill_tab()
    phone.enter()
    phone.act("scan")
    assert phone.scan(second) is None
    phone.act("give")
    phone.screen("done")
    before = phone.unsent()
    phone.context.set_offline(False)
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    phone.sent()
    merged = merging.merge_all(phone.books.tools)

    assert len(words) == 8
    # opened, delivered, refused, interrupted, delivered
    assert before == 5 == merged.events
    goods = [quantity for *_, lines in phone.books.entitled()[:2] for _, quantity in lines]
    assert (merged.posted, merged.excess, delivered()) == (2, 0, sum(goods))
    assert ledger.check().is_balanced


def test_two_people_answer_for_a_supervised_delivery_and_a_typed_number(phone):
    prepared(phone)
    phone.act("open")
    phone.act("scan")
    phone.screen("scan")
    phone.act("no-card")
    assert phone.verdict() == 1
    phone.act("supervised")
    phone.screen("second")
    phone.act("operator")
    phone.pin(SECOND_PIN, is_new=True)
    phone.screen("supervised")
    phone.page.fill("[name=word]", "The card is at home")
    phone.act("give")
    phone.screen("done")
    phone.act("next")
    phone.act("type")
    number = phone.books.entitled()[0][1][0]
    phone.page.fill("[name=number]", f"{number[:4]} {number[4:8].lower()}-{number[8:]}")
    phone.act("confirm")
    phone.screen("second")
    phone.act("operator")
    phone.pin(SECOND_PIN)
    assert phone.verdict() is None
    phone.act("give")
    phone.screen("done")
    phone.sent()
    merged = merging.merge_all(phone.books.tools)

    assert merged.events == 4
    assert merged.excess == 0
    assert ledger.check().is_balanced


def test_nothing_of_a_person_stays_on_the_phone(phone):
    prepared(phone)
    text = phone.texts()[0]
    number = phone.books.entitled()[0][1][0]
    phone.act("open")
    phone.act("scan")
    assert phone.scan(text) is None
    phone.act("give")
    phone.screen("done")

    kept = phone.page.evaluate("""async () => {
      const open = indexedDB.open("despensa-phone");
      const database = await new Promise((resolve) => { open.onsuccess = () => resolve(open.result); });
      const texts = [document.cookie, JSON.stringify(localStorage), location.href];
      const plain = (value) => value instanceof Uint8Array
        ? [...value].map((one) => one.toString(16).padStart(2, "0")).join("") + String.fromCharCode(...value)
        : value && typeof value === "object" && !(value instanceof CryptoKey)
          ? Object.values(value).map(plain).join() : String(value);
      for (const name of database.objectStoreNames) {
        const asked = database.transaction(name).objectStore(name).getAll();
        const rows = await new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
        texts.push(...rows.map(plain));
      }
      const keys = await new Promise((resolve) => {
        const asked = database.transaction("phone").objectStore("phone").get("keys");
        asked.onsuccess = () => resolve(asked.result);
      });
      return [texts.join(" "), keys.signing.extractable, keys.sealing.extractable];
    }""")

    assert kept[1:] == [False, False]
    assert number not in kept[0]
    assert text[:30] not in kept[0]
    assert phone.books.entitled()[0][0].hex() not in kept[0]
    assert phone.context.cookies() == []


def test_ten_wrong_pins_destroy_the_list_and_keep_the_journal(phone):
    prepared(phone)
    phone.act("open")
    phone.context.set_offline(True)
    phone.act("switch")
    phone.page.click(f"[data-act=operator]:has-text('{OPERATORS['lucia']}')")
    for wrong in range(1, 11):
        phone.page.fill("[name=pin]", "0000")
        phone.act("confirm")
        phone.page.wait_for_selector(f"[data-wrong='{wrong}']")
    phone.act("back")
    phone.enter()
    phone.act("scan")

    assert phone.scan(phone.texts()[0]) == 6
    assert phone.unsent() >= 1
    phone.context.set_offline(False)


def barriers(page):
    """Return what keeps somebody from using the page, as axe-core finds it."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(
        """(rules) => axe.run(document, { runOnly: rules }).then(({ violations }) => violations
          .filter(({ impact }) => impact === "serious" || impact === "critical")
          .map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" ")))""",
        RULES,
    )


def test_no_screen_has_a_serious_barrier_in_any_language(phone):
    node.needs_packages()
    found = []

    def look(screen):
        phone.screen(screen)
        for language in ("en", "es", "ar"):
            phone.page.click(f"[data-language={language}]")
            found.extend(f"{screen}, {language}: {one}" for one in barriers(phone.page))

    look("home")
    prepared(phone)
    phone.act("open")
    phone.act("scan")
    look("scan")
    phone.scan(phone.texts()[0])
    look("give")
    phone.act("give")
    phone.screen("done")
    phone.act("next")
    phone.scan(phone.texts()[0])
    look("refused")
    phone.act("receipt")
    look("receipt")
    phone.act("home")
    phone.act("day")
    look("day")

    assert not found, "\n".join(found)


def test_only_one_window_holds_the_phone(phone):
    other = phone.context.new_page()
    other.goto(f"{phone.address}/field/")

    assert "another window" in other.inner_text("[data-phone] .told")
    other.close()


def test_what_was_not_sent_is_saved_as_a_file_the_office_takes_in(phone):
    prepared(phone)
    phone.context.set_offline(True)
    phone.act("open")
    phone.act("scan")
    assert phone.scan(phone.texts()[0]) is None
    phone.act("give")
    phone.screen("done")
    phone.act("next")
    phone.act("back")
    phone.act("day")
    with phone.page.expect_download() as saved:
        phone.act("export")
    data = saved.value.path().read_bytes()
    batches = []
    while data:
        length = int.from_bytes(data[:4], "big")
        batches.append(data[4 : 4 + length])
        data = data[4 + length :]
    signatory = phone.books.keeper.signatory
    for batch in batches:
        accept_events(batch, acting=phone.books.acting(), signatory=signatory)

    assert merging.merge_all(phone.books.tools).posted == 1
    phone.context.set_offline(False)
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    phone.sent()
    assert merging.merge_all(phone.books.tools).events == 0


@pytest.mark.browser
def test_the_camera_of_a_phone_reads_the_card(
    browser_type, browser_type_launch_args, opened_books, office_address, tmp_path
):
    [text, *_] = [opened_books.card_texts[n] for _, [n, *_], _ in opened_books.entitled()]
    a_video(text, tmp_path / "card.y4m")
    arguments = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'card.y4m'}",
    ]
    address = office_address(opened_books)
    browser = browser_type.launch(**{**browser_type_launch_args, "args": arguments})
    try:
        context = browser.new_context(permissions=["camera"], locale="es-ES")
        day = enrolled(opened_books, context, address)
        prepared(day)
        day.act("open")
        day.act("scan")
        assert day.verdict() is None
        assert day.page.inner_text("h1").endswith("Entregue")
        day.act("give")
        day.screen("done")
        # the next scan begins by itself, and sees the same card
        assert day.verdict() == 12
        assert not day.problems
    finally:
        browser.close()
