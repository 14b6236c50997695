"""
A register with wrong rows, walked through in the browser: what is wrong, mended, again, pairs, undo.

Small here; `DESPENSA_WALK_ROWS=200000` walks a large one, and `DESPENSA_WALK_PICTURES=FOLDER` keeps a
picture of every station in both widths and three languages.
"""

import csv
import os
import re
import time
from pathlib import Path

import pytest

from despensa.entrypoints.bench.invented_file import write_invented
from despensa.entrypoints.jobs import worker
from despensa.entrypoints.second_factor import add_totp
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.factories.books import PASSWORD
from tests.factories.codes import next_code
from tests.journeys.test_office import sign_in

ROWS = int(os.environ.get("DESPENSA_WALK_ROWS", "240"))
PICTURES = os.environ.get("DESPENSA_WALK_PICTURES", "")
WAIT_MS = 60_000 if ROWS < 10_000 else 900_000
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
BAD_EVERY = 100


class Camera:
    """Takes a picture of a station in both widths, and some in other languages."""

    def __init__(self, page):
        self.page, self.began = page, time.monotonic()

    def take(self, name, languages=("en",)):
        took = time.monotonic() - self.began
        if not PICTURES:
            return
        print(f"{name}: {took:.1f} s since the station before")
        for language in languages:
            if language != "en":
                self.say(language)
            for size, (width, height) in SIZES.items():
                self.page.set_viewport_size({"width": width, "height": height})
                self.page.screenshot(
                    path=f"{PICTURES}/{name}-{language}-{size}.png", full_page=True
                )
        if languages != ("en",):
            self.say("en")
        self.page.set_viewport_size({"width": 1280, "height": 800})
        self.began = time.monotonic()

    def say(self, language):
        self.page.context.add_cookies(
            [{"name": "django_language", "value": language, "url": self.page.url}]
        )
        self.page.reload()


def spoilt(path: Path) -> None:
    """Make every hundredth row of a file wrong."""
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    for row in rows[BAD_EVERY // 2 :: BAD_EVERY]:
        row["birth_date"] = "2012-13-45"
    _write(path, rows)


def mended(faulty: Path, path: Path) -> int:
    """Write the faulty rows mended; return how many there are."""
    rows = list(csv.DictReader(faulty.open(encoding="utf-8-sig")))
    assert any("2012-13-45" in row["birth_date"] for row in rows)
    assert any(row["despensa_reason"] for row in rows)
    for row in rows:
        if row["birth_date"] == "2012-13-45":
            row["birth_date"] = "2012-11-05"
    _write(path, rows)
    return len(rows)


def _write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def send(page, address, path, camera=None):
    """Send a file and wait for its preview; a large one is read beside the request."""
    page.goto(f"{address}/imports/new/")
    page.locator("input[type=file]").set_input_files(str(path))
    page.get_by_role("button", name="Look into the file").click(timeout=WAIT_MS)
    page.wait_for_url("**/imports/*-*/", timeout=WAIT_MS)
    if camera is not None and PICTURES and page.locator("[data-running]").count():
        page.get_by_text(re.compile("rows so far")).wait_for(timeout=WAIT_MS)
        camera.take("0-reading")
    page.locator("dl.figures").wait_for(timeout=WAIT_MS)


@pytest.mark.timeout(3600)
def test_a_file_with_wrong_rows_is_mended_sent_again_looked_at_and_undone(
    page, founded_books, office_address, tmp_path
):
    books = founded_books
    secret = add_totp("ana")
    approver = add_totp("nour")
    file = tmp_path / "barrio.csv"
    write_invented(file, ROWS, seed=7)
    spoilt(file)
    address, camera = office_address(books), Camera(page)
    page.set_default_timeout(WAIT_MS)
    sign_in(page, address, "ana", secret)

    # look into it: errors and totals only, and the faulty rows with their reasons
    send(page, address, file, camera)
    camera.take("1-preview", ("en", "es", "ar"))
    preview = page.locator("main").inner_text()
    assert "2012-13-45" in preview
    assert "updated" not in preview
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the faulty rows").click()
    count = mended(Path(download.value.path()), tmp_path / "mended.csv")
    page.get_by_role("button", name="Submit for approval").click()
    page.get_by_role("button", name="Yes, go on").click()
    page.wait_for_url(f"{address}/imports/")
    camera.take("2-waiting")
    imported = agreed_to(page, address, camera, approver)
    mended_rows_come_in(page, address, camera, books, tmp_path / "mended.csv", count)
    changed_again(page, address, camera, file, tmp_path / "again.csv")
    undone(page, address, camera, books, imported)

    assert "undone" in page.locator(".head").inner_text()
    assert people() == count


def agreed_to(page, address, camera, approver):
    # a second person agrees in another browser; this one shows how far it is
    first = waiting()
    second = page.context.browser.new_context(locale="en-US").new_page()
    sign_in(second, address, "nour", approver)
    second.goto(f"{address}/proposals/{first}/")
    second.get_by_label("Your password").fill(PASSWORD)
    second.get_by_label("Code of six digits").fill(next_code(approver))
    second.get_by_role("button", name="Approve", exact=True).click()
    imported = import_of(first)
    page.goto(f"{address}/imports/{imported}/")
    if PICTURES:
        time.sleep(6)
        camera.take("3-writing", ("en", "ar"))
    page.locator(".head .pill--done").wait_for(timeout=WAIT_MS)
    page.reload()
    camera.take("4-done", ("en", "es", "ar"))
    return imported


def mended_rows_come_in(page, address, camera, books, file, count):
    # the mended rows come in as well
    send(page, address, file)
    camera.take("5-mended")
    if count > 50:
        page.get_by_role("button", name="Submit for approval").click()
        page.get_by_role("button", name="Yes, go on").click()
        page.wait_for_url(f"{address}/imports/")
        books.approved(waiting())
    else:
        page.get_by_role("button", name="Import now").click()
        page.get_by_role("button", name="Yes, go on").click()
        page.wait_for_url(f"{address}/imports/")
    wait_until(lambda: rows_of_state(2) == 2)
    assert people() == ROWS


def changed_again(page, address, camera, file, again_file):
    # the whole file again, some of it changed: nobody is doubled; pair by pair
    whole = list(csv.DictReader(file.open(encoding="utf-8")))
    changed = [row for row in whole if row["birth_date"] != "2012-13-45"]
    for row in changed:
        if row["household_number"] in {"B0", "B1"}:
            row["address"], row["phone"] = "7 Other Street", row["phone"] and "+34 600000001"
    again = [r for r in changed if int(r["household_number"][1:]) < 6]
    _write(again_file, again)
    send(page, address, again_file)
    page.get_by_role("button", name="Import now").click()
    page.get_by_role("button", name="Yes, go on").click()
    page.wait_for_url(f"{address}/imports/")
    page.get_by_role("link", name=re.compile("again.csv")).click()
    camera.take("6-again")
    page.get_by_role("row", name=re.compile("updated")).get_by_role("link").click()
    pair = page.locator("main").inner_text()
    assert "7 Other Street" in pair
    camera.take("7-pair", ("en", "es", "ar"))
    assert people() == ROWS


def undone(page, address, camera, books, imported):
    # undo the last, then the first
    page.go_back()
    page.get_by_role("link", name="Undo this import").click()
    camera.take("8-undo", ("en", "es", "ar"))
    page.get_by_label("Reason").select_option("50")
    page.get_by_role("button", name="Propose it to a second person").click()
    page.wait_for_url("**/proposals/*-*/")
    camera.take("9-undo-proposed", ("en", "ar"))
    books.approved(waiting())
    wait_until(lambda: rows_of_state(4) == 1)
    page.goto(f"{address}/imports/{imported}/undo/")
    page.get_by_label("Reason").select_option("50")
    page.get_by_role("button", name="Propose it to a second person").click()
    page.wait_for_url("**/proposals/*-*/")
    books.approved(waiting())
    wait_until(lambda: rows_of_state(4) == 2)
    page.goto(f"{address}/imports/{imported}/")
    camera.take("10-undone", ("en", "es", "ar"))


def waiting():
    [(found,)] = fetch(REGISTRY, "SELECT id FROM proposal WHERE state = 1")
    return found


def import_of(proposal):
    [(found,)] = fetch(REGISTRY, "SELECT id FROM register_import WHERE proposal = %s", (proposal,))
    return found


def rows_of_state(state):
    [(found,)] = fetch(REGISTRY, "SELECT count(*) FROM register_import WHERE state = %s", (state,))
    return found


def people():
    [(found,)] = fetch(
        REGISTRY,
        """SELECT count(*) FROM membership
           WHERE role IN (1, 2) AND (until_date IS NULL OR until_date > from_date)""",
    )
    return found


def wait_until(is_so):
    end = time.monotonic() + WAIT_MS / 1000
    worker.running().wake()
    while not is_so():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.2)
