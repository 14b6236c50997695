"""What a browser test fails on by itself: a broken policy, an error, a request to elsewhere."""

import pytest

from tests.browser import watch

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src *"
ADDRESS = "http://localhost/today"


def serve(context, html: str):
    """Return a fresh page that shows the HTML under our policy; nothing leaves the machine."""
    page = context.new_page()
    headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html"}
    page.route("**/*", lambda route: route.fulfill(body=html, headers=headers))
    return page


@pytest.mark.parametrize(
    "html",
    [
        "<p onclick='go()'>pantry</p><script>document.title = 'changed'</script>",
        "<p style='color: red'>pantry</p>",
        "<img src='http://example.org/pixel.png'>",
    ],
    ids=["script in the page", "style in the page", "picture from elsewhere"],
)
def test_what_no_page_may_do_is_seen(context, html):
    page = serve(context, html)
    problems = watch(page)

    page.goto(ADDRESS)
    page.wait_for_load_state("networkidle")

    assert problems


def test_a_plain_page_is_let_pass(context):
    page = serve(context, "<!doctype html><title>Today</title><p>pantry</p>")
    problems = watch(page)

    page.goto(ADDRESS)
    page.wait_for_load_state("networkidle")

    assert page.title() == "Today"
    assert not problems
