"""Fetching submissions from a server of our own making that behaves well, badly, and worse."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import pytest

from despensa.adapters.register_file.pull import PullError, PullLimits, pull_submissions
from tests.adapters.register_file.builders import read
from tests.factories.submissions import kobo_json

TOKEN = "not-a-secret"
DATA = "/api/v2/assets/aTest/data/"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        status, headers, content = self.server.answer(self.path)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    served = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    served.handle_error = lambda *_: None  # whoever reads may go away
    served.asked = []
    served.address = f"http://127.0.0.1:{served.server_port}"
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield served
    served.shutdown()
    served.server_close()


def answers(server, pages):
    """Serve the pages by path; a page is (status, headers, content) or a document."""

    def answer(path):
        page = pages.get(path, (404, {}, b""))
        if isinstance(page, dict):
            return 200, {"Content-Type": "application/json"}, json.dumps(page).encode()
        return page

    server.answer = answer


def pull(server, path=DATA, limits=None, clock=None):
    return pull_submissions(
        f"{server.address}{path}", TOKEN, clock=clock or (lambda: 0.0), limits=limits
    )


def results():
    return json.loads(kobo_json())["results"]


def test_every_page_is_followed_and_comes_in_like_a_file(server):
    first, second = results()
    more = f"{server.address}{DATA}?start=1"
    answers(
        server,
        {
            DATA: {"count": 2, "next": more, "results": [first]},
            f"{DATA}?start=1": {"count": 2, "next": None, "results": [second]},
        },
    )

    register = read(pull(server))

    assert register.accepted_rows == 5
    assert server.asked == [(DATA, f"Token {TOKEN}"), (f"{DATA}?start=1", f"Token {TOKEN}")]


@pytest.mark.parametrize(
    "elsewhere",
    ["https://127.0.0.1/next", "http://localhost:1/next", "http://127.0.0.1:1/n", "file:///etc/x"],
)
def test_the_next_page_is_never_fetched_elsewhere(server, elsewhere):
    answers(server, {DATA: {"count": 2, "next": elsewhere, "results": results()[:1]}})

    with pytest.raises(PullError):
        pull(server)

    assert len(server.asked) == 1


def test_a_redirect_to_another_host_is_refused_before_anything_is_sent(server):
    answers(server, {DATA: (302, {"Location": "http://localhost:9/steal"}, b"")})

    with pytest.raises(PullError, match="the token is not sent there"):
        pull(server)


def test_a_redirect_on_the_same_host_is_followed(server):
    answers(
        server,
        {
            DATA: (301, {"Location": f"{DATA}?format=json"}, b""),
            f"{DATA}?format=json": json.loads(kobo_json()),
        },
    )

    assert read(pull(server)).accepted_rows == 5


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ((401, {}, b""), "does not accept the token"),
        ((404, {}, b""), "knows no such form"),
        ((500, {}, b""), "answered 500"),
        ((200, {}, b"<html>sign in</html>"), "gave no JSON"),
        ((200, {}, b"[" * 100_000), "gave no JSON"),
        ({"detail": "x"}, "no list of submissions"),
        ({"count": 3, "next": None, "results": []}, "counts 3 submissions and gave 0"),
        ({"count": 1, "next": 7, "results": []}, "no address"),
        ({"count": 1, "next": DATA, "results": []}, "the same page again"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_taken(server, page, said):
    answers(server, {DATA: page})

    if isinstance(page, dict) and page.get("next") == DATA:
        page["next"] = f"{server.address}{DATA}"
    with pytest.raises(PullError, match=said):
        pull(server)


def test_pages_totals_and_time_are_bounded(server):
    answers(server, {DATA: json.loads(kobo_json())})
    ticks = count()

    with pytest.raises(PullError, match="pages of more than"):
        pull(server, limits=PullLimits(page_bytes_max=100))
    with pytest.raises(PullError, match="more than 0 MiB"):
        pull(server, limits=PullLimits(bytes_max=100))
    with pytest.raises(PullError, match="more than 0 seconds"):
        pull(server, limits=PullLimits(seconds_max=0), clock=lambda: float(next(ticks)))


def test_a_server_that_goes_silent_is_left(server):
    release = threading.Event()
    server.answer = lambda _: (release.wait(5), (200, {}, b""))[1]

    with pytest.raises(PullError, match="could not be reached"):
        pull(server, limits=PullLimits(silence_seconds_max=0.2))
    release.set()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://example.org/x", "is no address"),
        ("/tmp/register.json", "is no address"),
        ("http://example.org/api", "without encryption"),
        ("https://user:secret@example.org/api", "never in the address"),
    ],
)
def test_an_address_that_would_give_the_token_away_is_refused(address, said):
    with pytest.raises(PullError, match=said):
        pull_submissions(address, TOKEN, clock=lambda: 0.0)


@pytest.mark.parametrize("token", ["", "  ", "a\r\nHost: b", "señal"])
def test_a_token_that_is_none_is_refused(token):
    with pytest.raises(PullError, match="token"):
        pull_submissions("https://example.org/api", token, clock=lambda: 0.0)
