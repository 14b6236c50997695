"""Finished pages, drawn as a printer would draw them, and the codes that are read from them."""

import pypdfium2
from pypdfium2 import raw

from despensa.domain.ports.printing import PageReader

POINTS_PER_INCH = 72


def opened(pdf: bytes, problem: type[Exception]) -> pypdfium2.PdfDocument:
    """
    Return a file of pages.

    Raises: `problem` when the file is no readable PDF.
    """
    try:
        return pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise problem("the printed file is no readable PDF: print it again") from error


def texts_of(pdf: bytes, reader: PageReader, problem: type[Exception]) -> list[str]:
    """
    Return the text of every code of a file, page by page.

    Raises: `problem` when the file is no readable PDF.
    """
    document = opened(pdf, problem)
    found = [
        text for index in range(len(document)) for text, _, _ in codes_of(document[index], reader)
    ]
    document.close()
    return found


def codes_of(
    page: pypdfium2.PdfPage, reader: PageReader, *, dpi: int = 300
) -> list[tuple[str, float, float]]:
    """
    Return every code of a page with its centre, and close the page.

    Units: pixels at `dpi` dots an inch.
    """
    bitmap = page.render(
        scale=dpi / POINTS_PER_INCH, grayscale=True, force_bitmap_format=raw.FPDFBitmap_Gray
    )
    codes = reader.page_codes(
        memoryview(bitmap.buffer).cast("B"),
        width=bitmap.width,
        height=bitmap.height,
        stride=bitmap.stride,
    )
    bitmap.close()
    page.close()
    return codes
