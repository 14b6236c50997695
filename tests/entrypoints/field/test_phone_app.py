"""The phone app in a browser: a day at a point, with no network, a killed tab and a second scan."""

import pytest

from despensa.domain.encoding import cose, dcbor
from despensa.domain.event import ProxyReason
from despensa.domain.lease import CollectorCheckKind, CollectorRole
from despensa.domain.ports.keeper import Purpose
from despensa.entrypoints.jobs import merging, phones
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.ledger import queries as ledger
from despensa.usecases.accept_events import accept_events
from despensa.usecases.set_collector_limits import set_collector_limits
from tests.clients import node
from tests.entrypoints.field.day import OPERATORS, PIN, SECOND_PIN, delivered, enrolled, prepared
from tests.entrypoints.window.test_check_page import a_video

AXE = node.PACKAGES / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


# What a phone does beside its screen, noted.
FELT = """
window.felt = { shakes: [], tones: [], awake: [] };
navigator.vibrate = (shake) => felt.shakes.push(shake);
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  felt.tones.push(this.frequency.value);
  return start.apply(this, when);
};
const wake = { request: async (what) => { felt.awake.push(what); return { release: async () => {} }; } };
Object.defineProperty(navigator, "wakeLock", { value: wake });
"""


@pytest.fixture
def phone(opened_books, new_context, office_address):
    context = new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    day = enrolled(opened_books, context, office_address(opened_books))
    yield day
    assert not day.problems, "\n".join(day.problems)


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
    phone.screen("scan")
    # a scanner that types, as fast as they do
    phone.page.keyboard.type(second)
    phone.page.keyboard.press("Enter")
    assert phone.verdict() is None
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


def test_a_pin_is_set_by_its_owner_s_own_code_alone_and_a_forgotten_one_anew(phone):
    phone.act("switch")
    phone.page.click(f"[data-act=operator]:has-text('{OPERATORS['omar']}')")
    phone.screen("pincode")
    lucias = phone.own_code(OPERATORS["lucia"])
    phone.show(lucias)
    phone.page.wait_for_selector("[data-trouble=other_person]")
    phone.act("back")
    phone.page.click(f"[data-act=operator]:has-text('{OPERATORS['lucia']}')")
    phone.screen("pin")
    phone.act("forgotten")
    phone.screen("pincode")
    phone.show(lucias)
    phone.screen("pin")
    phone.page.fill("[name=pin]", "9753")
    phone.page.fill("[name=again]", "9753")
    phone.act("confirm")
    phone.screen("home")

    # the code is used up, the old PIN is gone, the new one holds
    phone.act("switch")
    phone.page.click(f"[data-act=operator]:has-text('{OPERATORS['lucia']}')")
    phone.act("forgotten")
    phone.screen("pincode")
    phone.show(lucias)
    phone.page.wait_for_selector("[data-trouble=used]")
    phone.act("back")
    phone.page.click(f"[data-act=operator]:has-text('{OPERATORS['lucia']}')")
    phone.pin(PIN)
    phone.page.wait_for_selector("[data-wrong='1']")
    phone.pin("9753")
    phone.screen("home")


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
        context.add_init_script(FELT)
        day = enrolled(opened_books, context, address)
        prepared(day)
        day.act("open")
        day.act("scan")
        assert day.verdict() is None
        assert day.page.inner_text("h1").endswith("Entregue")
        # the screen stayed on while it looked, and nobody has to look at it now
        assert day.page.evaluate("felt") == {
            "shakes": [[80]],
            "tones": [660, 880],
            "awake": ["screen"],
        }
        day.act("give")
        day.screen("done")
        # the next scan begins by itself, and sees the same card
        assert day.verdict() == 12
        assert not day.problems
    finally:
        browser.close()


def test_who_collects_is_named_by_the_card_alone_and_others_come_for_a_reason(phone):
    books = phone.books
    set_collector_limits(
        books.programme, person=5, institution=500, check=CollectorCheckKind.NAME,
        acting=books.acting("jorge"),
    )  # fmt: skip
    day = books.new_session("P01").day
    order = phones.ListOrder(phone.device, "P01", day)
    phones.prepare(order, books.tools, reach=books.reach("lucia"), acting=books.acting("lucia"))
    phone.act("fetch")
    phone.page.wait_for_selector(".ready--yes")
    phone.act("open")
    phone.act("scan")
    first, second, third = phone.texts()[:3]
    shown = "[data-act=collector]"

    phone.screen("scan")
    phone.show(first)
    phone.screen("collector")
    named = phone.page.inner_text(shown)
    phone.page.click(shown)
    assert phone.verdict() is None
    phone.act("give")
    phone.act("next")
    phone.screen("scan")
    phone.show(second)
    phone.screen("collector")
    phone.act("proxy")
    phone.act("proxy-2")
    assert phone.verdict() is None
    phone.act("give")
    phone.act("next")
    phone.screen("scan")
    phone.show(third)
    phone.screen("collector")
    phone.act("nobody")
    # the card's right is no less: two people hand it over
    assert phone.verdict() == 14
    assert phone.page.is_visible("[data-act=supervised]")
    phone.act("next")
    # a typed number opens no name
    phone.act("type")
    phone.page.fill("[name=number]", books.entitled()[3][1][0])
    phone.act("confirm")
    phone.screen("second")
    phone.act("operator")
    phone.pin(SECOND_PIN, is_new=True)
    phone.screen("collector")
    assert phone.page.locator(shown).count() == 0
    phone.act("nobody")
    assert phone.verdict() == 14
    phone.sent()

    told = [
        dcbor.decode(cose.parse(data).payload).get(16)
        for (data,) in fetch(LEDGER, "SELECT data FROM inbox_event WHERE kind = 1 ORDER BY seq")
    ]
    assert "Primary collector" in named
    assert told == [
        [CollectorRole.PRIMARY, None],
        [CollectorRole.PROXY, ProxyReason.WORKS_OR_STUDIES],
    ]
    looks = fetch(REGISTRY, "SELECT DISTINCT purpose FROM access_entry")
    assert (Purpose.PREPARE_LEASE,) in looks
    assert merging.merge_all(books.tools).posted == 2
