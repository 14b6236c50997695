"""
How long the phone's reader takes in a real browser, beside the browser's bare Ed25519.

`python -m tests.entrypoints.window.speed` prints one object; `make soak` runs it. The files are
served from localhost, where a page has the browser's cryptography, as over https.
"""

import argparse
import json
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser import find_browser
from tests.fuzz import mutated
from tests.vectors import make_card_vectors as card

STATIC = Path(__file__).parents[3] / "src/despensa/entrypoints/field/static/field"
MEASURE = """async ([text, keys, now, turns]) => {
  const { verify } = await import("/card/verify.js");
  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
  const issuerKeys = new Map(Object.entries(keys).map(([kid, key]) => [kid, bytes(key)]));
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const message = new Uint8Array(90);
  const signature = await crypto.subtle.sign("Ed25519", pair.privateKey, message);
  // a page's clock ticks in tenths of a millisecond: many at once are counted
  const each = async (work) => {
    const began = performance.now();
    for (let turn = 0; turn < turns; turn++) {
      if (!(await work())) throw new Error("not genuine");
    }
    return (performance.now() - began) / turns;
  };
  const whole = async () => (await verify(text, { issuerKeys, now })).verdict === "genuine";
  const bare = () => crypto.subtle.verify("Ed25519", pair.publicKey, signature, message);
  await whole();
  return { milliseconds: await each(whole), limit_milliseconds: await each(bare) };
}"""


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map = {".js": "text/javascript", "": "text/html"}

    def log_message(self, *_):
        """Say nothing: standard output is for the figures."""


def measured(turns):
    """Return the milliseconds of one verification, and of one bare signature."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=STATIC))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    keys = {kid.hex(): key.hex() for kid, key in mutated.KEYS.items()}
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_browser())
            page = browser.new_page()
            page.goto(f"http://localhost:{server.server_port}/card/verify.js")
            found = page.evaluate(MEASURE, [mutated.TEXTS[0], keys, card.NOW, turns])
            version = browser.version
            browser.close()
    finally:
        server.shutdown()
    return found | {"browser": f"Chromium {version}"}


def main():
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=1_000)
    asked = parser.parse_args()
    found = measured(asked.turns)
    ratio = found["limit_milliseconds"] / found["milliseconds"] if found["milliseconds"] else 0.0
    rounded = {
        name: round(value, 4) if isinstance(value, float) else value
        for name, value in found.items()
    }
    figures = {"bench": "browser", "n": asked.turns, **rounded, "ratio": round(ratio, 4)}
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0 if found["milliseconds"] < 2.0 else 1


if __name__ == "__main__":
    sys.exit(main())
