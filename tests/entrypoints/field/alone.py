"""
The phone app's own modules alone in a real browser: killed tabs, and how fast a card is judged.

`python -m tests.entrypoints.field.alone` prints one object; `make soak` runs it.
"""

import argparse
import base64
import io
import json
import random
import statistics
import sys
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from PIL import Image
from playwright.sync_api import Error, sync_playwright

from despensa.adapters import hpke
from despensa.adapters.qr import ZxingCodes
from despensa.domain.card import tag as chain
from despensa.domain.device import certificate_hash
from despensa.domain.event import EventKind, verify_chain
from despensa.domain.event.sealing import decode_batch, inbox_info, open_events
from despensa.domain.identifier import check_character
from despensa.domain.lease import LeaseCard, LeaseEntitlement
from tests.adapters.qr.photographs import photographed
from tests.browser import find_browser
from tests.factories import field

STATIC = Path(__file__).parents[3] / "src/despensa/entrypoints/field/static/field"
SCRIPT = Path(__file__).with_name("alone.js")
TYPES = {".js": "text/javascript", ".wasm": "application/wasm", "": "text/html"}
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
THROTTLE = 6
CALL = "async ([name, given]) => (await import('/alone.js'))[name](given)"
START = "([name, given]) => { import('/alone.js').then((all) => all[name](given)); }"


class _Files(SimpleHTTPRequestHandler):
    extensions_map = TYPES

    def log_message(self, *_):
        """Say nothing: standard output is for the figures."""

    def translate_path(self, path):
        return str(SCRIPT) if path == "/alone.js" else super().translate_path(path)


class Alone:
    """One browser with one phone in it; `households` are on its list."""

    def __init__(self, playwright, households):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=STATIC))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.browser = playwright.chromium.launch(
            executable_path=find_browser(), args=["--no-sandbox"]
        )
        self.context = self.browser.new_context()
        self.page = self.open_tab()
        self.numbers = [number_of(place) for place in range(households)]
        self.card = field.a_card()
        self.about = {
            "now": field.NOW,
            "today": field.DAY,
            "operator": field.OPERATOR.hex(),
            "second": field.POINT_LEAD.hex(),
        }
        self._begin()

    def open_tab(self):
        page = self.context.new_page()
        page.goto(f"http://localhost:{self.server.server_port}/app/dom.js")
        return page

    def call(self, name, given=None):
        return self.page.evaluate(CALL, [name, given])

    def close(self):
        self.browser.close()
        self.server.shutdown()

    def _begin(self):
        keys = {name: bytes.fromhex(key) for name, key in self.call("keys").items()}
        self.certificate = field.a_certificate(keys["device"], keys["signing"], keys["sealing"])
        data = field.certificate_bytes(self.certificate)
        self.first = certificate_hash(data)
        own = LeaseEntitlement(0, field.GOODS, (field.lease_card(self.card),))
        listed = tuple(
            LeaseEntitlement(0, field.GOODS, (card_of(number),)) for number in self.numbers
        )
        lease = field.a_lease(device_id=keys["device"], entitlements=(own, *listed))
        self.call(
            "begin",
            self.about
            | {
                "certificate": data.hex(),
                "authority": field.AUTHORITY.public.hex(),
                "inbox": field.INBOX.public.hex(),
                "issuer": field.ISSUER.public.hex(),
                "workspace": field.WORKSPACE.hex(),
                "lease": lease.lease_id.hex(),
                "sealed": field.sealed_lease(lease, keys["sealing"]).hex(),
            },
        )

    def killed_tabs(self, kills, seed):
        """Return what the store holds after tabs were killed while people were served."""
        dice = random.Random(seed)
        given = self.about | {"numbers": self.numbers}
        for _ in range(kills):
            self.page.evaluate(START, ["serve", given])
            self.page.wait_for_function("document.title !== ''")
            time.sleep(dice.random() * 0.06)
            if dice.random() < 0.5:
                self.page.close(run_before_unload=False)
            else:
                # the whole renderer dies, as on a phone without memory
                try:
                    self.page.goto("chrome://crash", timeout=5_000)
                except Error:
                    self.page.close()
            self.page = self.open_tab()
        self.page.evaluate(START, ["serve", given])
        self.page.wait_for_function("document.title === 'done'", timeout=120_000)
        return self._checked(self.call("written"))

    def _checked(self, written):
        events = [event for batch in written["batches"] for event in self._opened(batch)]
        verified = verify_chain(
            events, certificate=self.certificate, seq=1, previous_hash=self.first
        )
        tags = [
            one.event.tag.hex() for one in verified if one.event.kind is EventKind.DELIVERED
        ]  # fmt: skip
        wanted = sorted(card_of(number).tag.hex() for number in self.numbers)
        return {
            "lost": len(set(wanted) - set(tags)) + written["seq"] - len(events),
            "twice": len(tags) - len(set(tags)),
            "marked": sorted(written["marks"]) == wanted,
            "aborted": sum(one.event.kind is EventKind.ABORTED for one in verified),
        }

    def _opened(self, batch):
        made = decode_batch(bytes.fromhex(batch))
        info = inbox_info(made.lane)
        return open_events(
            made, first_chain_key=hpke.open_sealed(field.INBOX.private, made.wrapped_key, info)
        )

    def frames(self, count, throttle):
        """Return the milliseconds from each frame of a moving card to its verdict."""
        pictures = [moving(field.card_text(self.card), seed) for seed in range(count)]
        session = self.context.new_cdp_session(self.page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": throttle})
        # the first one loads the reader
        self.call("frames", self.about | {"pictures": pictures[:1]})
        return self.call("frames", self.about | {"pictures": pictures})


def number_of(place):
    """Return the card number of one household: valid, and no two alike."""
    body, rest = "", place * 7 + 11
    for _ in range(6):
        body, rest = body + ALPHABET[rest % len(ALPHABET)], rest // len(ALPHABET)
    for letter in ALPHABET:
        check = check_character(f"{body}AB{letter}")
        if check in ALPHABET:
            return f"{body}AB{letter}{check}"
    raise ValueError("no letter has a good check character")


def card_of(number):
    """Return how a list holds the card of a household that types its number."""
    tag = chain.number_lookup8(bytes(32), number) * 2
    lookup = chain.number_lookup8(field.LOOKUP_KEY, number)
    return LeaseCard(field.STEP, tag, lookup, field.STEP)


def moving(text, seed):
    """Return one frame of a card before a camera, as an address a page can read."""
    code = Image.open(io.BytesIO(ZxingCodes().code_png(text, side_mm=34.0))).convert("L")
    picture = Image.new("L", (code.width * 2, code.height * 5 // 4), 250)
    picture.paste(code, (code.width // 2, code.height // 8))
    seen = photographed(picture, seed=seed, blur=0.9, tilt=0.1)
    return "data:image/jpeg;base64," + base64.b64encode(seen).decode()


def measured(playwright, kills, count):
    """Return the figures of both, in a browser of this Playwright."""
    alone = Alone(playwright, households=max(20, kills * 3))
    try:
        killed = alone.killed_tabs(kills, seed=1)
        light = alone.call("light")
        took = alone.frames(count, THROTTLE)
        version = alone.browser.version
    finally:
        alone.close()
    found = sorted(one for one in took if one is not None)
    return {
        "bench": "phone",
        "kills": kills,
        **killed,
        "light": light == [False, True, False, "stopped"],
        "frames": count,
        "frames_read": len(found),
        "throttle": THROTTLE,
        "verdict_milliseconds_median": round(statistics.median(found), 1),
        "verdict_milliseconds_max": round(found[-1], 1),
        "browser": f"Chromium {version}",
    }


def main():
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--frames", type=int, default=30)
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        figures = measured(playwright, asked.kills, asked.frames)
    sys.stdout.write(json.dumps(figures) + "\n")
    is_good = (
        figures["lost"] == figures["twice"] == 0
        and figures["marked"]
        and figures["frames_read"] == figures["frames"]
        and figures["verdict_milliseconds_median"] < 300
    )
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
