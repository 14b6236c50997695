"""Codes drawn for print and read from what people hand in."""

import io
import re
import struct
import zlib

import pytest
import zxingcpp
from PIL import Image

from despensa.adapters.qr import PictureError, ZxingCodes, read_images, reading
from despensa.adapters.qr.zxing import code_rows, read_picture
from despensa.domain.card import envelope
from despensa.domain.card.qr import QrError, plan_code
from tests.adapters.qr.photographs import encoded, jpeg, photographed
from tests.vectors import make_card_vectors as card

TEXT = envelope.encode_entitlement_card(
    card.ENTITLEMENT, public_key=card.public(card.ISSUER), signer=card.ISSUER.sign
)


def drawn(text, *, scale=6, margin=4):
    rows = code_rows(text, side_mm=34)
    side = len(rows) + 2 * margin
    picture = Image.new("L", (side, side), 255)
    for line, row in enumerate(rows):
        for column, is_dark in enumerate(row):
            if is_dark:
                picture.putpixel((column + margin, line + margin), 0)
    return picture.resize((side * scale, side * scale), Image.Resampling.NEAREST)


def card_picture(text):
    """A card of 85.6 x 54 mm at 20 pixels a millimetre, with its code of 34 mm at the right."""
    face = Image.new("L", (1712, 1080), 248)
    code = drawn(text).resize((760, 760), Image.Resampling.LANCZOS)
    face.paste(code, (900, 160))
    return face


def test_a_drawn_code_is_the_planned_one_in_alphanumeric_mode():
    plan = plan_code(TEXT, side_mm=34)

    [code] = zxingcpp.read_barcodes(drawn(TEXT))

    assert code.text == TEXT
    assert code.ec_level == plan.level == "H"
    assert int(code.extra["Version"]) == plan.version
    # byte mode would need a larger version: 225 bytes at level H is version 15
    assert plan.version in {12, 13}


def test_the_svg_shows_the_same_modules():
    svg = ZxingCodes().code_svg(TEXT, side_mm=34)
    rows = code_rows(TEXT, side_mm=34)

    dark = {
        (int(left) + step - 4, int(top) - 4)
        for left, top, width in re.findall(r"M(\d+) (\d+)h(\d+)v1H\d+z", svg)
        for step in range(int(width))
    }

    assert dark == {
        (column, line)
        for line, row in enumerate(rows)
        for column, is_dark in enumerate(row)
        if is_dark
    }
    assert f'viewBox="0 0 {len(rows) + 8} {len(rows) + 8}"' in svg


def test_the_png_is_read():
    png = ZxingCodes().code_png(TEXT, side_mm=34, pixels_per_module=3)

    assert read_images(png) == [TEXT]
    assert Image.open(io.BytesIO(png)).width == 3 * (len(code_rows(TEXT, side_mm=34)) + 8)


def test_a_text_that_fits_no_code_is_refused():
    with pytest.raises(QrError):
        ZxingCodes().code_svg("lower case", side_mm=34)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "PDF"])
def test_a_picture_of_each_kind_is_read(kind):
    assert read_images(encoded(drawn(TEXT), kind)) == [TEXT]


def test_a_transparent_picture_lies_on_white():
    picture = drawn(TEXT).convert("RGBA")
    picture.putdata(
        [(0, 0, 0, 255 if pixel[0] == 0 else 0) for pixel in picture.get_flattened_data()]
    )

    assert read_images(encoded(picture, "PNG")) == [TEXT]


def test_all_codes_of_a_picture_are_read():
    both = Image.new("L", (1_200, 520), 255)
    both.paste(drawn("CARD ONE"), (10, 10))
    both.paste(drawn("CARD TWO"), (700, 10))

    assert sorted(read_images(encoded(both, "PNG"))) == ["CARD ONE", "CARD TWO"]


@pytest.mark.parametrize("seed", range(8))
def test_a_photographed_card_is_read(seed):
    assert read_images(photographed(card_picture(TEXT), seed=seed)) == [TEXT]


def test_a_picture_from_a_shaking_hand_is_read_at_the_second_attempt():
    picture = photographed(card_picture(TEXT), seed=0, blur=2.2, noise=30)

    assert read_picture(Image.open(io.BytesIO(picture)).convert("L")) == []
    assert read_images(picture) == [TEXT]


def test_a_card_upside_down_is_read():
    assert read_images(encoded(card_picture(TEXT).rotate(180), "PNG")) == [TEXT]


def test_a_scratched_and_stained_card_is_read():
    face = card_picture(TEXT)
    face.paste(255, (1_000, 400, 1_600, 410))
    face.paste(90, (1_350, 600, 1_430, 680))

    assert read_images(photographed(face, seed=1)) == [TEXT]


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("L", (400, 300), 255),
        Image.effect_noise((400, 300), 80),
        Image.new("L", (1, 1), 0),
        drawn(TEXT, scale=1).resize((30, 30)),
    ],
    ids=["white", "noise", "one pixel", "far too small"],
)
def test_a_picture_without_a_readable_code_gives_nothing(picture):
    assert read_images(encoded(picture, "PNG")) == []


def test_other_kinds_of_barcodes_are_not_read():
    other = zxingcpp.create_barcode("12345678", zxingcpp.BarcodeFormat.Code128)
    picture = Image.fromarray(other.to_image(scale=3))

    assert read_images(encoded(picture, "PNG")) == []


GOOD = encoded(drawn(TEXT), "PNG")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"hello", "PNG, JPEG, WebP or PDF"),
        (GOOD[:200], "PNG, JPEG, WebP or PDF"),
        (jpeg(drawn(TEXT))[:300], "PNG, JPEG, WebP or PDF"),
        (b"%PDF-1.7 and nothing more", "PDF is broken"),
        (encoded(drawn(TEXT), "GIF"), "PNG, JPEG, WebP or PDF"),
    ],
    ids=["empty", "text", "cut PNG", "cut JPEG", "broken PDF", "another kind"],
)
def test_a_broken_file_gets_a_sentence(data, sentence):
    with pytest.raises(PictureError, match=sentence):
        read_images(data)


def flood_of_pixels(side):
    """A PNG of a few kilobytes that says it is `side` x `side` pixels large."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    data = zlib.compress(bytes(10_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [8_001, 12_000, 60_000])
def test_a_flood_of_pixels_is_refused_before_it_is_unpacked(side):
    with pytest.raises(PictureError, match="million pixels"):
        read_images(flood_of_pixels(side))


def test_a_file_too_large_is_refused():
    with pytest.raises(PictureError, match="larger than"):
        read_images(bytes(reading.FILE_BYTES_MAX + 1))


def test_a_pdf_with_too_many_pages_is_refused(monkeypatch):
    monkeypatch.setattr(reading, "PAGES_MAX", 1)
    page = drawn("CARD ONE")
    file = io.BytesIO()
    page.save(file, "PDF", save_all=True, append_images=[page])

    with pytest.raises(PictureError, match="pages"):
        read_images(file.getvalue())


def test_a_link_is_drawn_with_its_small_letters_and_read():
    link = "openid-credential-offer://?credential_offer=%7B%22a%22%3A%22b" + "x" * 400
    svg = ZxingCodes().link_svg(link)
    side = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])
    picture = Image.new("L", (side, side), 255)
    for left, line, width in re.findall(r"M(\d+) (\d+)h(\d+)v1H", svg):
        for column in range(int(width)):
            picture.putpixel((int(left) + column, int(line)), 0)

    assert read_picture(picture.resize((side * 4, side * 4), Image.Resampling.NEAREST)) == [link]
