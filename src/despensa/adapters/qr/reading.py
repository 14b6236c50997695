"""
Reads card texts from a file somebody hands in: a photograph, a scan or a PDF.

Decides what is accepted (PNG, JPEG, WebP, PDF) and how large it may be. What a text means is the
domain's question; texts are returned, never stored.
"""

import io
import warnings
from collections.abc import Iterator

import pypdfium2
from PIL import Image, ImageFilter

from despensa.adapters.qr.zxing import read_picture

FILE_BYTES_MAX = 32 << 20
PIXELS_MAX = 64_000_000  # above any phone camera's ordinary picture, 64 MB as grey
PAGES_MAX = 200
_PAGE_DPI = 300
_POINTS_PER_INCH = 72
_SMALL_PIXELS = 2_000_000


class PictureError(ValueError):
    """The file is no picture that can be looked at; the message says what to do."""


def read_images(data: bytes) -> list[str]:
    """
    Return the texts of all QR codes in a PNG, JPEG, WebP or PDF file.

    Shape: in page order; empty when the picture shows no readable code.
    Raises: PictureError when the file is empty, too large, broken or of another kind.
    """
    if not data:
        raise PictureError("the file is empty: choose the picture again")
    if len(data) > FILE_BYTES_MAX:
        raise PictureError(
            f"the file is larger than {FILE_BYTES_MAX >> 20} MB: send a smaller picture"
        )
    pages = _pdf_pages(data) if data[:1024].lstrip().startswith(b"%PDF-") else _pictures(data)
    return [text for page in pages for text in _read_harder(page)]


def _read_harder(picture: Image.Image) -> list[str]:
    # each step costs more than the one before; sharpening an enlarged picture reads most of what
    # a shaking hand has blurred, smoothing helps against the grain of a dark room
    attempts = [_as_it_is, _sharper]
    if picture.width * picture.height <= _SMALL_PIXELS:
        attempts += [_larger_and_sharper, _smoother]
    for attempt in attempts:
        texts = read_picture(attempt(picture))
        if texts:
            return texts
    return []


def _as_it_is(picture: Image.Image) -> Image.Image:
    return picture


def _sharper(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.UnsharpMask(radius=3, percent=200, threshold=2))


def _larger_and_sharper(picture: Image.Image) -> Image.Image:
    larger = picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.BICUBIC)
    return larger.filter(ImageFilter.UnsharpMask(radius=4, percent=200, threshold=2))


def _smoother(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.MedianFilter(3))


def _pictures(data: bytes) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
            # the size is known from the header: a flood of pixels is refused before it is unpacked
            if picture.width * picture.height > PIXELS_MAX:
                raise _too_many_pixels()
            yield _grey(picture)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_many_pixels() from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, PictureError):
            raise
        raise PictureError(
            "the file is no complete PNG, JPEG, WebP or PDF: take the picture again"
        ) from error


def _pdf_pages(data: bytes) -> Iterator[Image.Image]:
    try:
        document = pypdfium2.PdfDocument(data)
        if len(document) > PAGES_MAX:
            raise PictureError(f"the PDF has more than {PAGES_MAX} pages: send it in parts")
        for page in document:
            width, height = page.get_size()
            scale = _PAGE_DPI / _POINTS_PER_INCH
            scale = min(scale, (PIXELS_MAX / max(width * height, 1)) ** 0.5)
            yield page.render(scale=scale, grayscale=True).to_pil()
            page.close()
    except pypdfium2.PdfiumError as error:
        raise PictureError("the PDF is broken or locked: save it again") from error


def _grey(picture: Image.Image) -> Image.Image:
    if "A" in picture.getbands() or "transparency" in picture.info:
        # a code drawn on nothing is meant to lie on white
        coloured = picture.convert("RGBA")
        white = Image.new("RGBA", coloured.size, "white")
        white.alpha_composite(coloured)
        return white.convert("L")
    return picture.convert("L")


def _too_many_pixels() -> PictureError:
    return PictureError(
        f"the picture has more than {PIXELS_MAX // 1_000_000} million pixels: send a smaller one"
    )
