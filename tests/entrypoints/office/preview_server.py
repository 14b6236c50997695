"""Serves a folder of rendered pages with the office's static files and its security policy.

Needs no Django: a page is /<language>/<name>, a static file lies in one of the folders below.
Every POST is kept in `posted` and answered with the import page and its error.
"""

import http.server
import threading
from functools import partial
from pathlib import Path

import allauth
import django_htmx

from despensa.entrypoints import office
from tests.browser import find_browser

STATIC = [
    Path(module.__file__).parent / "static"
    for module in (office, django_htmx, allauth)
    if module.__file__
]
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


class _Handler(http.server.BaseHTTPRequestHandler):
    def __init__(self, folder: Path, *arguments) -> None:
        self.folder = folder
        super().__init__(*arguments)

    def do_GET(self) -> None:
        where = self.path.split("?")[0].strip("/")
        if where.startswith("static/"):
            name = where.removeprefix("static/")
            files = [folder / name for folder in STATIC if (folder / name).is_file()]
        else:
            language, _, name = where.partition("/")
            files = [self.folder / f"{name}.{language}.html"]
        self._answer(next((file for file in files if file.is_file()), None))

    def do_POST(self) -> None:
        self.server.posted.append(  # type: ignore[attr-defined]
            (self.path, self.rfile.read(int(self.headers["Content-Length"])))
        )
        self._answer(self.folder / "import_new_error.en.html")

    def _answer(self, file: Path | None) -> None:
        self.send_response(200 if file else 404)
        kind = KINDS.get(file.suffix) if file else None
        self.send_header("Content-Type", kind or "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.end_headers()
        self.wfile.write(file.read_bytes() if file else b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def start_server(folder: Path, port: int = 0) -> http.server.ThreadingHTTPServer:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, folder))
    server.posted = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def take_pictures(server, folder: Path, names: list[str]) -> None:
    """Write one picture per page, language, size and mode; in dark mode English only."""
    from playwright.sync_api import sync_playwright

    pages = [file.name.split(".")[:2] for file in sorted(folder.glob("*.html"))]
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=find_browser(), args=flags)
        for size, (width, height) in {"desktop": (1280, 800), "phone": (390, 844)}.items():
            for mode in ("light", "dark"):
                view = browser.new_page(
                    viewport={"width": width, "height": height}, color_scheme=mode
                )
                for name, language in pages:
                    if (names and name not in names) or (mode == "dark" and language != "en"):
                        continue
                    view.goto(f"http://127.0.0.1:{server.server_port}/{language}/{name}")
                    view.evaluate("document.fonts.ready")
                    picture = folder / f"{name}-{language}-{size}-{mode}.png"
                    view.screenshot(path=picture, full_page=True)
                view.close()
        browser.close()
