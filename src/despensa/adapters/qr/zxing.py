"""
The one place that talks to zxing-cpp: codes drawn as SVG, codes read from grey pictures.

Source: docs/reference/formats.md section 1 (alphanumeric mode); ISO/IEC 18004.
"""

import io
import re
from collections.abc import Sequence
from typing import Any

import zxingcpp
from PIL import Image, ImageOps

from despensa.domain.card import qr

_FORMAT = zxingcpp.BarcodeFormat.QRCode
_QR = zxingcpp.BarcodeFormats(_FORMAT)
_DARK = 0
# What is drawn here is signed and packed: as good as random, so that no mask pattern is better than
# another. Judging all eight takes the library six times as long as drawing (decision 0034).
_MASK = 3
_DARK_RUN = re.compile(rb"\x00+")


class ZxingCodes:
    """Writes and reads QR codes; implements `CodeWriter` and `PageReader`."""

    def code_svg(self, text: str, *, side_mm: float) -> str:
        """
        Return the code of a text as an SVG picture with its white margin of four modules.

        Raises: QrError when the text fits no readable code of this size.
        """
        return _svg(_rows(text, side_mm))

    def link_svg(self, link: str) -> str:
        """Return the code of a link as an SVG picture, for a screen: any characters, level M."""
        drawn: Any = zxingcpp.create_barcode(link, _FORMAT, ec_level="M").to_image(
            scale=1, add_quiet_zones=False
        )
        return _svg(_lines(memoryview(drawn)))

    def code_png(self, text: str, *, side_mm: float, pixels_per_module: int = 8) -> bytes:
        """
        Return the code of a text as a black and white PNG with its white margin.

        `side_mm` is the size it will be printed at, which decides the correction level.
        Raises: QrError when the text fits no readable code of this size.
        """
        rows = _rows(text, side_mm)
        code = Image.frombytes("L", (len(rows), len(rows)), b"".join(rows))
        framed = ImageOps.expand(code, qr.QUIET_ZONE_MODULES, fill=255)
        side = framed.width * pixels_per_module
        file = io.BytesIO()
        framed.resize((side, side), Image.Resampling.NEAREST).convert("1").save(file, "PNG")
        return file.getvalue()

    def page_codes(
        self, pixels: memoryview, *, width: int, height: int, stride: int
    ) -> list[tuple[str, float, float]]:
        """Return every code of a grey picture with its centre in pixels."""
        view = zxingcpp.ImageView(pixels, width, height, zxingcpp.ImageFormat.Lum, stride)
        # a rendered page is upright, black on white and sharp: no need to turn or invert it
        found = zxingcpp.read_barcodes(
            view,
            formats=_QR,
            try_rotate=False,
            try_invert=False,
            text_mode=zxingcpp.TextMode.Plain,
        )
        return [(code.text, *_centre(code.position)) for code in found if code.valid]


def code_rows(text: str, *, side_mm: float) -> list[list[bool]]:
    """
    Return the modules of the code of a text, without margin; true is dark.

    Raises: QrError as `plan_code`, or when the drawn code is not the planned one.
    """
    return [[module == _DARK for module in row] for row in _rows(text, side_mm)]


def code_rows_all(texts: Sequence[str], *, side_mm: float) -> list[list[bytes]]:
    """
    Return the modules of the codes of many texts, as they are printed.

    Shape: one code per text, in their order; a code has one byte string per row, 0 for dark.
    Raises: QrError as `code_rows`.
    """
    return [_rows(text, side_mm) for text in texts]


def read_picture(picture: Image.Image) -> list[str]:
    """
    Return the texts of the QR codes in a grey photograph, trying harder while none is found.

    Shape: in reading order of the first attempt that finds one; empty when none does.
    """
    for binarizer in (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram):
        found = zxingcpp.read_barcodes(
            picture,
            formats=_QR,
            binarizer=binarizer,
            text_mode=zxingcpp.TextMode.Plain,
        )
        texts = [code.text for code in found if code.valid]
        if texts:
            return texts
    return []


def _rows(text: str, side_mm: float) -> list[bytes]:
    plan = qr.plan_code(text, side_mm=side_mm)
    code = zxingcpp.create_barcode(
        text, _FORMAT, ec_level=plan.level, version=plan.version, data_mask=_MASK
    )
    drawn: Any = code.to_image(scale=1, add_quiet_zones=False)
    picture = memoryview(drawn)
    if picture.shape != (plan.modules, plan.modules) or code.ec_level != plan.level:
        # alphanumeric mode is the library's choice: a larger code means it chose otherwise
        raise qr.QrError("the QR library drew another code than planned")
    return _lines(picture)


def _lines(picture: memoryview) -> list[bytes]:
    flat, width = picture.tobytes(), picture.shape[1] if picture.shape else 0
    return [flat[start : start + width] for start in range(0, len(flat), width)]


def _svg(rows: Sequence[bytes]) -> str:
    """Return rows of modules as a picture with the white margin of four modules."""
    margin = qr.QUIET_ZONE_MODULES
    side = len(rows) + 2 * margin
    path = "".join(
        f"M{run.start() + margin} {line}h{run.end() - run.start()}v1H{run.start() + margin}z"
        for line, row in enumerate(rows, start=margin)
        for run in _DARK_RUN.finditer(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/>'
        f'<path fill="#000" d="{path}"/></svg>'
    )


def _centre(position: zxingcpp.Position) -> tuple[float, float]:
    corners = (
        position.top_left,
        position.top_right,
        position.bottom_left,
        position.bottom_right,
    )
    return sum(corner.x for corner in corners) / 4, sum(corner.y for corner in corners) / 4
