"""The printed sheet: right sizes, right words, every code read back, accessible and archivable."""

import io
import json
import random
import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from despensa.adapters.printing import TypstCardPrinter, card_sheet
from despensa.adapters.qr import ZxingCodes, read_images
from despensa.domain import identifier
from despensa.domain.card import envelope, qr, sheet
from despensa.domain.card.claims import EntitlementCard
from despensa.domain.card.sheet import CardFace, PrintCard, Problem, SheetError, SheetProblem
from tests.adapters.qr.photographs import photographed
from tests.vectors import make_card_vectors as card

FACE = CardFace("Municipio San Rafael", "0800-111-22", date(2026, 11, 21), "2026-11-A")
MM = 600 / 25.4  # pixels a millimetre of the pages measured here


def batch(count, seed=5):
    generator = random.Random(seed)
    numbers = identifier.card_numbers(generator.randbytes, count)
    cards = [
        EntitlementCard(number, card.ISSUED_AT, card.EXPIRES_AT, 10, generator.randbytes(16))
        for number in numbers
    ]
    texts = envelope.encode_cards(
        cards, public_key=card.public(card.ISSUER), signer=card.ISSUER.sign
    )
    return [PrintCard(number, text) for number, text in zip(numbers, texts, strict=True)]


@pytest.fixture(scope="module")
def printer():
    codes = ZxingCodes()
    return TypstCardPrinter(writer=codes, reader=codes)


@pytest.fixture(scope="module")
def cards():
    return batch(13)


@pytest.fixture(scope="module")
def pdf(printer, cards):
    return printer.render_sheets(cards, FACE, ["es", "ar"])


@pytest.fixture(scope="module")
def page(pdf):
    return pypdfium2.PdfDocument(pdf)[0].render(scale=600 / 72, grayscale=True).to_pil()


def texts(cards):
    return [each.text for each in cards]


def test_every_code_is_read_back_in_its_place(printer, cards, pdf):
    found = printer.read_back(pdf)
    check = printer.verify_sheet(pdf, texts(cards))

    assert [(item.page, item.position) for item in found] == [
        sheet.A4_TEN.place_of(index) for index in range(13)
    ]
    assert check.ready
    assert check.codes_right == 13


def test_a_code_that_is_not_the_expected_one_is_found(printer, cards, pdf):
    expected = texts(cards)
    expected[4], expected[11] = expected[11], expected[4]

    check = printer.verify_sheet(pdf, expected)

    assert not check.ready
    assert check.problems == (
        SheetProblem(1, 5, Problem.DIFFERENT),
        SheetProblem(2, 2, Problem.DIFFERENT),
    )


def test_missing_and_surplus_cards_are_found(printer, cards, pdf):
    fewer = printer.verify_sheet(pdf, texts(cards)[:12])
    more = printer.verify_sheet(pdf, [*texts(cards), "ANOTHER"])

    assert fewer.problems == (SheetProblem(2, 3, Problem.UNEXPECTED),)
    assert more.problems == (SheetProblem(2, 4, Problem.MISSING),)


class SmudgingWriter:
    """Draws codes that nobody can read."""

    def code_svg(self, text, *, side_mm):
        svg = ZxingCodes().code_svg(text, side_mm=side_mm)
        return svg.replace("</svg>", '<path fill="#000" d="M20 20h30v30h-30z"/></svg>')


def test_a_sheet_with_spoilt_codes_is_not_ready(cards):
    printer = TypstCardPrinter(writer=SmudgingWriter(), reader=ZxingCodes())

    check = printer.verify_sheet(printer.render_sheets(cards, FACE, ["en"]), texts(cards))

    assert not check.ready
    assert {problem.problem for problem in check.problems} == {Problem.MISSING}


def test_the_page_is_a4_with_ten_cards(pdf):
    document = pypdfium2.PdfDocument(pdf)

    assert len(document) == 2
    for each in document:
        width, height = each.get_size()
        assert width * 25.4 / 72 == pytest.approx(210, abs=0.1)
        assert height * 25.4 / 72 == pytest.approx(297, abs=0.1)


def dark_box(page, left, top, right, bottom):
    """The extent in millimetres of what is black inside a part of the page."""
    box = tuple(round(value * MM) for value in (left, top, right, bottom))
    black = page.crop(box).point(lambda value: 255 if value < 60 else 0)
    return [value / MM for value in black.getbbox()]


@pytest.mark.parametrize("position", range(10))
def test_each_code_is_34_mm_wide_with_its_white_margin(page, position):
    left = sheet.A4_TEN.corner_of(position + 1)[0]
    top = sheet.A4_TEN.corner_of(position + 1)[1]
    # the right half of the card, below its green edge and above the line at the bottom
    west, north, east, south = dark_box(page, left + 44, top + 4, left + 85, top + 47.2)

    assert east - west == pytest.approx(34, abs=0.3)
    assert south - north == pytest.approx(34, abs=0.3)
    right_edge, bottom_edge = 85.6 - 44 - east, 54 - 4 - south
    assert right_edge >= 5
    assert bottom_edge >= 5
    assert north + 4 >= 5
    margin = 4 * 34 / 69
    box = tuple(
        round(value * MM)
        for value in (
            left + 44 + west - margin + 0.1,
            top + 4 + north - margin + 0.1,
            left + 44 + west - 0.1,
            top + 4 + south + margin - 0.1,
        )
    )
    assert page.crop(box).getextrema() == (255, 255)


def test_the_ruler_is_100_mm_long(page):
    line = page.crop(tuple(round(value * MM) for value in (30, 289.9, 180, 290.6)))
    west, _, east, _ = line.point(lambda value: 255 if value < 100 else 0).getbbox()

    assert (east - west) / MM == pytest.approx(100, abs=0.3)


def test_the_cards_fill_171_2_by_270_mm(page):
    coloured = page.point(lambda value: 255 if value < 130 else 0)
    strip = coloured.crop(tuple(round(value * MM) for value in (10, 14.5, 205, 15.5)))
    west, _, east, _ = strip.getbbox()

    assert (east - west) / MM == pytest.approx(171.2, abs=0.2)
    assert 10 + west / MM == pytest.approx(19.4, abs=0.1)


def words_of(pdf, index=0):
    return pypdfium2.PdfDocument(pdf)[index].get_textpage().get_text_range()


def test_number_help_line_sentence_and_sheet_number_are_printed(cards, pdf):
    words = words_of(pdf)

    for each in cards[:10]:
        assert identifier.display_card_number(each.number) in words
    assert "0800-111-22" in words
    assert "El derecho es suyo, aunque" in words
    assert "Hoja 1 de 2" in words
    assert "debe tener 100 mm" in words
    assert "Hoja 2 de 2" in words_of(pdf, 1)


@pytest.mark.parametrize("languages", [["en"], ["es", "ar"], ["ar", "en"], ["en", "es"], ["ar"]])
def test_every_pair_of_languages_can_be_printed(printer, cards, languages):
    pdf = printer.render_sheets(cards[:2], FACE, languages)

    assert printer.verify_sheet(pdf, texts(cards[:2])).ready
    assert "0800-111-22" in words_of(pdf)
    assert "2026-11-21" in words_of(pdf)


def test_arabic_is_shaped_and_runs_from_right_to_left(printer, cards):
    pdf = printer.render_sheets(cards[:1], FACE, ["ar"])
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    characters = [
        (text.get_text_range(index, 1), text.get_charbox(index)[0])
        for index in range(text.count_chars())
    ]
    word = [left for character, left in characters if "\u0600" <= character <= "\ufeff"]

    assert len(word) > 20
    # the first letters of a line lie further right than the ones after them
    assert sum(later < earlier for earlier, later in pairwise(word)) > len(word) * 0.5


def test_no_font_of_the_machine_is_used(pdf):
    fonts = set(re.findall(rb"/BaseFont/[A-Z]{6}\+([A-Za-z0-9-]+)", pdf)) | set(
        re.findall(rb"/BaseFont /[A-Z]{6}\+([A-Za-z0-9-]+)", pdf)
    )

    assert fonts
    assert all(name.startswith(b"NotoSans") for name in fonts)


def test_the_file_says_that_it_is_pdf_a_and_pdf_ua(pdf):
    # typst checks the file against both standards and refuses to write it otherwise
    assert re.search(rb"pdfaid:part[=>\s\"]*2", pdf)
    assert re.search(rb"pdfaid:conformance[=>\s\"]*B", pdf)
    assert re.search(rb"pdfuaid:part[=>\s\"]*1", pdf)


def test_the_same_cards_give_the_same_bytes(printer, cards, pdf):
    assert printer.render_sheets(cards, FACE, ["es", "ar"]) == pdf


def test_a_long_issuer_and_help_line_stay_off_the_code(printer, cards):
    face = CardFace("W" * 20 + " " + "W" * 27, "+000 0800-111-22 / 0800-333-44", FACE.issued_on)

    pdf = printer.render_sheets(cards, face, ["es", "ar"])

    assert printer.verify_sheet(pdf, texts(cards)).ready


@pytest.mark.parametrize(
    ("count", "languages", "sentence"),
    [
        (0, ["es"], "no card"),
        (1, [], "one or two"),
        (1, ["es", "es"], "one or two"),
        (1, ["en", "es", "ar"], "one or two"),
        (1, ["tlh"], "no words in 'tlh'"),
    ],
)
def test_what_cannot_be_printed_is_refused(printer, cards, count, languages, sentence):
    with pytest.raises(SheetError, match=sentence):
        printer.render_sheets(cards[:count], FACE, languages)


@pytest.mark.parametrize(
    ("issuer", "help_line", "sentence"),
    [
        ("", "1", "issuer"),
        ("x" * 49, "1", "issuer"),
        ("x", "", "help line"),
        ("x", "1" * 33, "help"),
    ],
)
def test_a_line_too_long_for_a_card_is_refused(issuer, help_line, sentence):
    with pytest.raises(SheetError, match=sentence):
        CardFace(issuer, help_line, FACE.issued_on)


@pytest.mark.parametrize("layout", sheet.LAYOUTS.values(), ids=lambda layout: layout.name)
def test_every_layout_is_read_back_in_its_places(printer, cards, layout):
    pdf = printer.render_sheets(cards, FACE, ["es", "ar"], layout)
    document = pypdfium2.PdfDocument(pdf)

    assert printer.verify_sheet(pdf, texts(cards), layout).ready
    assert not printer.verify_sheet(pdf, texts(cards[::-1]), layout).ready
    assert len(document) == -(-len(cards) // layout.per_page)
    assert document[0].get_size() == pytest.approx(
        (layout.page_width / 25.4 * 72, layout.page_height / 25.4 * 72), abs=0.1
    )


@pytest.mark.parametrize("layout", sheet.LAYOUTS.values(), ids=lambda layout: layout.name)
def test_long_words_in_two_scripts_stay_off_the_white_margin_of_a_code(printer, cards, layout):
    face = CardFace(
        "Municipio de San Rafael de los Montes Altos", "+34 900 123 456", FACE.issued_on
    )
    pdf = printer.render_sheets(cards[:1], face, ["en", "ar"], layout)
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=MM * 25.4 / 72, grayscale=True).to_pil()
    [(_, x, y)] = ZxingCodes().page_codes(
        memoryview(picture.tobytes()), width=picture.width, height=picture.height,
        stride=picture.width,
    )  # fmt: skip
    half = layout.code_side * MM / 2
    modules = qr.plan_code(cards[0].text, side_mm=layout.code_side).modules
    margin = 4 * layout.code_side * MM / modules - 4
    outer = picture.crop(
        (x - half - margin, y - half - margin, x + half + margin, y + half + margin)
    )
    inner = Image.new("L", (round(2 * half) + 6, round(2 * half) + 6), 255)
    outer.paste(inner, (round(margin) - 3, round(margin) - 3))

    assert min(outer.get_flattened_data()) == 255


def test_too_many_cards_are_refused(printer, cards):
    with pytest.raises(SheetError, match="too many"):
        printer.render_sheets(cards * 200, FACE, ["es"])


@pytest.fixture
def own_template(tmp_path):
    for file in card_sheet.TEMPLATE.parent.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path / card_sheet.TEMPLATE.name


def own_printer(template):
    codes = ZxingCodes()
    return TypstCardPrinter(writer=codes, reader=codes, template=template)


def change(path, old, new):
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_an_office_may_edit_template_and_words(own_template, cards):
    words = own_template.parent / "card-words.json"
    change(own_template, '"Despensa")', '"Alacena")')
    change(words, "Guárdela seca.", "Cuídela bien.")

    pdf = own_printer(own_template).render_sheets(cards[:1], FACE, ["es"])

    assert "Alacena" in words_of(pdf)
    assert "Cuídela bien." in words_of(pdf)


def test_a_language_added_to_the_words_can_be_printed(own_template, cards):
    words = own_template.parent / "card-words.json"
    content = json.loads(words.read_text("utf-8"))
    content["pt"] = content["es"] | {"name": "Português", "right": "O direito é seu."}
    words.write_text(json.dumps(content), "utf-8")
    printer = own_printer(own_template)

    assert printer.languages()["pt"] == "Português"
    assert "O direito é seu." in words_of(printer.render_sheets(cards[:1], FACE, ["pt"]))


def test_words_that_are_missing_are_named(own_template, cards):
    words = own_template.parent / "card-words.json"
    content = json.loads(words.read_text("utf-8"))
    del content["es"]["help"]
    words.write_text(json.dumps(content), "utf-8")

    with pytest.raises(SheetError, match="'es' has not exactly the words"):
        own_printer(own_template).render_sheets(cards[:1], FACE, ["es"])


def test_words_that_cannot_be_read_get_a_sentence(own_template, cards):
    (own_template.parent / "card-words.json").write_text("{", "utf-8")

    with pytest.raises(SheetError, match="cannot be read"):
        own_printer(own_template).render_sheets(cards[:1], FACE, ["es"])


def test_a_broken_template_gets_a_sentence(own_template, cards):
    own_template.write_text("#let", "utf-8")

    with pytest.raises(SheetError, match="undo the last change"):
        own_printer(own_template).render_sheets(cards[:1], FACE, ["es"])


def test_a_template_that_moves_a_code_is_found_out(own_template, cards):
    change(own_template, "#let code-top = 11mm", "#let code-top = 40mm")
    printer = own_printer(own_template)

    pdf = printer.render_sheets(cards, FACE, ["es"])

    assert not printer.verify_sheet(pdf, texts(cards)).ready


def test_a_broken_file_is_not_read_back(printer):
    with pytest.raises(SheetError, match="no readable PDF"):
        printer.read_back(b"%PDF-1.7 nothing")


def test_the_mark_is_a_small_picture():
    mark = card_sheet.TEMPLATE.parent / "mark.svg"

    assert mark.stat().st_size < 1_500


def test_the_fonts_are_small_and_named_in_sources():
    folder = Path(card_sheet.__file__).parents[2] / "data" / "fonts"
    fonts = [*folder.glob("*.ttf"), *folder.glob("web/*.woff2")]
    sources = (folder / "SOURCES.md").read_text("utf-8")

    assert sum(font.stat().st_size for font in fonts) < 2 << 20
    assert all(font.name in sources for font in fonts)


def test_pages_are_drawn_one_at_a_time(printer, pdf, monkeypatch):
    open_pages = []
    page_codes = ZxingCodes.page_codes

    def count(self, pixels, *, width, height, stride):
        open_pages.append(width * height)
        assert width * height < 9_000_000
        return page_codes(self, pixels, width=width, height=height, stride=stride)

    monkeypatch.setattr(ZxingCodes, "page_codes", count)
    printer.read_back(pdf)

    assert len(open_pages) == 2


def test_a_photographed_printed_card_is_read(printer, pdf, cards):
    picture = Image.open(io.BytesIO(printer.card_picture(pdf, page=2, position=3, dpi=400)))

    assert picture.width / 400 * 25.4 == pytest.approx(85.6, abs=0.1)
    assert picture.height / 400 * 25.4 == pytest.approx(54, abs=0.1)
    assert read_images(photographed(picture, seed=3)) == [cards[12].text]


@pytest.mark.parametrize(("page", "position"), [(0, 1), (3, 1), (1, 0), (1, 11)])
def test_a_place_that_is_not_there_has_no_picture(printer, pdf, page, position):
    with pytest.raises(SheetError, match="no card at"):
        printer.card_picture(pdf, page=page, position=position)
