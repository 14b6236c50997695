"""Every template renders with the value its view will give it, in each language, as plain HTML."""

import re
from html.parser import HTMLParser
from pathlib import Path

from despensa.entrypoints import office

TEMPLATES = Path(office.__file__).parent / "templates"
LANGUAGES = {"en": "ltr", "es": "ltr", "ar": "rtl"}
EMPTY = {"input", "img", "meta", "link", "br", "hr"}


class Reader(HTMLParser):
    """Reads a page into (tag, attributes) and checks that tags close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        is_data = self.tags and self.tags[-1][1].get("type") == "application/json"
        if self.open and self.open[-1] == "script" and not is_data:
            self.scripts.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.open in ([], ["html"]), reader.open
    return reader


def pages(rendered: Path):
    files = sorted(rendered.glob("*.html"))
    assert len(files) > 100
    for file in files:
        name, language, _ = file.name.split(".")
        yield name, language, file.read_text(encoding="utf-8")


def test_no_template_asks_for_something_it_is_not_given(rendered):
    missing = {
        (name, found)
        for name, _, html in pages(rendered)
        for found in re.findall(r"MISSING\([^)]*\)", html)
    }

    assert not missing


def test_every_template_is_rendered_by_the_preview(rendered):
    source = (Path(__file__).parent / "invented_pages.py").read_text(encoding="utf-8")
    source += (Path(__file__).parent / "preview.py").read_text(encoding="utf-8")
    frames = {"office/base.html", "office/entrance.html", "allauth/layouts/base.html"}
    every = {file.relative_to(TEMPLATES).as_posix() for file in TEMPLATES.rglob("*.html")}
    pages_of_ours = {
        name for name in every - frames if "parts/" not in name and "elements/" not in name
    }

    assert {name for name in pages_of_ours if f'"{name}"' not in source} == set()


def test_every_template_names_its_context_at_its_head():
    without = [
        file.name
        for file in TEMPLATES.rglob("*.html")
        if not file.read_text(encoding="utf-8").startswith("{# context: ")
    ]

    assert not without


def test_language_and_direction_are_those_of_the_reader(rendered):
    for name, language, html in pages(rendered):
        (_, attributes), *_ = [tag for tag in read(html).tags if tag[0] == "html"]
        expected = (language, LANGUAGES[language])

        assert (attributes["lang"], attributes["dir"]) == expected, name
        assert ("bootstrap.rtl.min.css" in html) == (expected[1] == "rtl"), name


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(rendered):
    for name, _, html in pages(rendered):
        reader = read(html)

        assert not [tag for tag, _ in reader.tags if tag == "style"], name
        assert not [text for text in reader.scripts if text.strip()], name
        for tag, attributes in reader.tags:
            assert "style" not in attributes, (name, tag)
            assert not [key for key in attributes if key.startswith("on")], (name, tag)
            for key in ("src", "href", "action"):
                value = attributes.get(key) or ""
                assert not re.match(r"(?:https?:)?//|javascript:", value), (name, value)


def test_every_field_has_a_label_and_every_reference_a_target(rendered):
    for name, _, html in pages(rendered):
        tags = read(html).tags
        ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
        labelled = {attributes.get("for") for tag, attributes in tags if tag == "label"}
        wrapped = re.findall(r'<label><input type="checkbox" name="(\w+)"', html)

        assert len(ids) == len(set(ids)), name
        for tag, attributes in tags:
            for key in ("aria-labelledby", "aria-describedby", "for"):
                for target in (attributes.get(key) or "").split():
                    assert target in ids, (name, key, target)
            is_field = tag in {"input", "select", "textarea"}
            if is_field and attributes.get("type") != "hidden":
                has_label = attributes.get("id") in labelled or attributes.get("aria-label")
                assert has_label or attributes.get("name") in wrapped, (name, attributes)
            if tag == "img":
                assert "alt" in attributes, name


def test_every_form_that_writes_carries_the_key_against_forgery(rendered):
    for name, _, html in pages(rendered):
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", html, re.DOTALL):
            # The two frames without a request have no forms at all.
            assert "csrfmiddlewaretoken" in form, name


def test_names_of_people_never_stand_in_an_address(rendered):
    for name, _, html in pages(rendered):
        for form in re.findall(r"<form[^>]*role=\"search\"[^>]*>", html):
            assert 'method="post"' in form, name


def test_numbers_in_attributes_are_for_machines(rendered):
    for name, _, html in pages(rendered):
        for value in re.findall(r'<progress[^>]* (?:max|value)="([^"]*)"', html):
            assert value.isascii(), name
            assert value.isdigit(), name
