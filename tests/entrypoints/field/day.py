"""A day with the phone app in a browser: one phone, its tab, and the office behind it."""

import base64

from despensa.adapters.qr import ZxingCodes
from despensa.domain.card import base45
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER
from despensa.usecases.offer_device import offer_device
from despensa.usecases.offer_pin import offer_pin
from tests.browser import watch

PIN, SECOND_PIN = "2580", "1470"
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
        if is_new:
            self.screen("pincode")
            self.show(self.own_code(self.page.inner_text("h1")))
        self.screen("pin")
        self.page.fill("[name=pin]", digits)
        if is_new:
            self.page.fill("[name=again]", digits)
        self.act("confirm")

    def own_code(self, name):
        """Return the code that the office shows an operator for her PIN on this phone."""
        [staff] = [one for one, shown in OPERATORS.items() if shown == name]
        signatory = self.books.keeper.signatory
        data = offer_pin(self.device, acting=self.books.acting(staff), signatory=signatory)
        return base45.encode(data)

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


def phones():
    return {device for (device,) in fetch(LEDGER, "SELECT id FROM device")}


def enrolled(books, context, address, name="lucia"):
    """Return a phone that read the office's code, with its first operator at work."""
    before = phones()
    code = offer_device(
        books.root_area,
        [(books.staff[name], shown) for name, shown in OPERATORS.items()],
        reach=books.reach("lucia"),
        acting=books.acting("lucia"),
    )
    authority = books.keeper.signatory.public_keys().authority
    day = Day(books, context, address, f"#e1.{_text(code)}.{_text(authority)}")
    day.screen("operators")
    [day.device] = phones() - before
    day.enter(name, is_new=True)
    return day


def _text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def prepared(day, code="P01", *, session=None, households=None, table=0):
    """Give the phone a list for a session of today and let it fetch it."""
    session = session or day.books.new_session(code)
    day.books.prepare(day.device, session, households, table=table)
    day.act("fetch")
    day.page.wait_for_selector(".ready--yes")
    day.page.wait_for_selector("html[data-offline=ready]")
    return session


def delivered():
    return fetch(LEDGER, "SELECT coalesce(sum(amount), 0)::bigint FROM transfer WHERE cause=3")[0][
        0
    ]


def codes(day):
    """Return the texts of the row of codes on a phone's screen."""
    frames = day.page.wait_for_selector(".frames")
    count, seen = int(frames.get_attribute("data-count")), {}
    while len(seen) < count:
        seen[day.page.get_attribute(".frames .code", "data-text")] = None
        day.page.wait_for_timeout(60)
    return list(seen)


def read_by(day, texts):
    """Let a phone read pictures of codes, as anybody would who took them."""
    day.screen("reading")
    files = [
        {
            "name": f"{place}.png",
            "mimeType": "image/png",
            "buffer": ZxingCodes().code_png(text, side_mm=80.0, pixels_per_module=3),
        }
        for place, text in enumerate(texts)
    ]
    day.page.set_input_files("input[type=file]", files)


def handed(one, two):
    """Hand the rest of one phone's list to another one, both at home and without a network."""
    two.act("handing")
    two.act("take")
    asking = codes(two)
    one.act("handing")
    one.act("give-rest")
    read_by(one, asking)
    one.screen("confirm-handing")
    one.act("confirm")
    given = codes(one)
    one.act("done")
    two.act("next")
    read_by(two, given)
    two.screen("taken")
    two.act("home")
    return given
