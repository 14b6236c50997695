"""
Find a Chromium for the browser tests: the system's own, Google's, or the one Playwright fetched.

Also watches a page for what no page of ours may do: break its content security policy, raise an
error, or ask another machine for something.

`python -m tests.browser` prints its path, or nothing. DESPENSA_BROWSER names one and wins.
"""

import os
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
# Newest folder last; the names differ between Linux, macOS and the headless build.
_PLAYWRIGHT_PATTERNS = (
    "chromium_headless_shell-*/chrome-*/headless_shell",
    "chromium_headless_shell-*/chrome-*/chrome-headless-shell",
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
    "chromium-*/chrome-mac*/Google Chrome for Testing.app/Contents/MacOS/*Testing",
)


def find_browser() -> str | None:
    """Return the path of a Chromium that can be started, or None."""
    named = os.environ.get("DESPENSA_BROWSER")
    if named:
        return named if os.access(named, os.X_OK) else None
    candidates = [shutil.which(program) for program in _PROGRAMS]
    candidates += list(_MAC_APPLICATIONS) + _fetched_by_playwright()
    for candidate in candidates:
        if candidate and os.access(candidate, os.X_OK) and not _is_snap_stub(candidate):
            return candidate
    return None


def watch(page) -> list[str]:
    """Return a list that fills with one sentence for everything a page must not do."""
    problems: list[str] = []

    def hear(message):
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            problems.append(f"{page.url}: {message.text}")

    def see(request):
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and address.hostname not in _THIS_MACHINE:
            problems.append(f"{page.url}: asked {address.hostname} for {address.path}")

    page.on("console", hear)
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    page.on("request", see)
    return problems


def _fetched_by_playwright() -> list[str]:
    folders = [
        os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""),
        "~/.cache/ms-playwright",
        "~/Library/Caches/ms-playwright",
    ]
    found: list[Path] = []
    for folder in filter(None, folders):
        for pattern in _PLAYWRIGHT_PATTERNS:
            found += sorted(Path(folder).expanduser().glob(pattern))
    return [str(path) for path in reversed(found)]


def _is_snap_stub(program: str) -> bool:
    # Ubuntu's chromium-browser package is a shell script that asks for snap.
    path = Path(program).resolve()
    if path.stat().st_size > 1 << 16:
        return False
    return b"snap install chromium" in path.read_bytes()


if __name__ == "__main__":
    sys.stdout.write(find_browser() or "")
