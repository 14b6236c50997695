"""
Every kind of paper, held against PDF/A-2b and PDF/UA-1 by a library that did not make it.

Reads the structure; a whole validator is not among the tools of the tests.
Source: ISO 19005-2, clauses 6.2.2, 6.2.11.4, 6.6.4; ISO 14289-1, clauses 5, 7.1, 7.2, 7.3, 7.18.3.
"""

import io
import re
from datetime import date

import pypdf
import pytest

from despensa.adapters.printing import (
    TypstCardPrinter,
    TypstKeySheetPrinter,
    TypstListPrinter,
    TypstPaperPrinter,
    TypstReceiptPrinter,
)
from despensa.adapters.printing.template import SHIPPED
from despensa.adapters.qr import ZxingCodes
from despensa.domain.card import envelope
from despensa.domain.card.claims import IdentityCard
from despensa.domain.card.hand_over import HandOverPage, Line, place_of
from despensa.domain.card.sheet import LAYOUTS, PrintCard, Shown
from despensa.domain.key_sheet import KeySheet
from despensa.domain.receipt_paper import ReceiptPaper
from tests.adapters.printing.test_card_sheet import FACE, batch
from tests.adapters.printing.test_decision_paper import made
from tests.vectors import make_card_vectors as card

CODES = ZxingCodes()
NAMES = ("María de los Ángeles Fernández-Villanueva de la Cruz", "محمد عبد الرحمن الحسيني", "Ana")


def _identity_cards():
    cards = []
    for bare, name in zip(batch(3), NAMES, strict=True):
        holder = IdentityCard(
            number=bare.number, issued_at=card.ISSUED_AT, expires_at=card.EXPIRES_AT,
            full_name=name, status_index=1, status_uri="https://despensa.example/status/1",
            birth_date="19840305", gender=2,
        )  # fmt: skip
        text = envelope.encode_identity_card(
            holder, public_key=card.public(card.ISSUER), signer=card.ISSUER.sign
        )
        shown = Shown(name, date(1984, 3, 5), 2, date(2029, 11, 22))
        cards.append(PrintCard(bare.number, text, shown))
    return cards


def _sheets(layout, languages, cards):
    return TypstCardPrinter(writer=CODES, reader=CODES).render_sheets(
        cards, FACE, languages, layout
    )


def _list():
    lines = [
        Line(*place_of(at, LAYOUTS[1]), number=one.number, area="San Rafael", name=name)
        for at, (one, name) in enumerate(zip(batch(3), NAMES, strict=True))
    ]
    page = HandOverPage("es", "Municipio San Rafael", "2026-11", date(2026, 12, 1))
    return TypstListPrinter().render_list(lines, page)


def _paper():
    return TypstPaperPrinter(writer=CODES, reader=CODES).render_paper(made("ar"))


def _receipt(**template):
    paper = ReceiptPaper(
        "ar", "Municipio San Rafael", "إيصال", ("جملة.",), (("اليوم", "2026-11-23"),),
        ("uno",) * 8, batch(1)[0].text,
    )  # fmt: skip
    return TypstReceiptPrinter(writer=CODES, reader=CODES, **template).render_receipt(paper)


def _keys():
    sheet = KeySheet(
        "es", "Municipio San Rafael", "0" * 32, "2026-11-22", (("Rosa", "age1" + "q" * 58),),
        "0" * 64, "A" * 64 + "\n",
    )  # fmt: skip
    return TypstKeySheetPrinter(writer=CODES, reader=CODES).render_sheet(sheet)


PAPERS = {
    **{
        f"{layout.name} of {kind}": (lambda layout=layout, cards=cards: _sheets(
            layout, ["es", "ar"], cards()
        ), len(cards()), "es")
        for layout in LAYOUTS.values()
        for kind, cards in (("food cards", lambda: batch(3)), ("identity cards", _identity_cards))
    },
    "hand-over list": (_list, 0, "es"),
    "paper of a decision": (_paper, None, "ar"),
    "receipt": (_receipt, 1, "ar"),
    "slip for a phone's list": (lambda: _receipt(template=SHIPPED / "lease-slip.typ"), 1, "ar"),
    "copy of keys": (_keys, None, "es"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_has_what_pdf_a_and_pdf_ua_ask_for(name):
    make, pictures, language = PAPERS[name]
    file = pypdf.PdfReader(io.BytesIO(make()))
    root = file.trailer["/Root"]

    said = root["/Metadata"].get_object().get_data().decode()
    assert _said(said, "pdfaid:part") == "2"
    assert _said(said, "pdfaid:conformance") == "B"
    assert _said(said, "pdfuaid:part") == "1"
    assert "dc:title" in said
    assert root["/MarkInfo"]["/Marked"].value is True
    assert str(root["/Lang"]).startswith(language)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    [intent] = [one.get_object() for one in root["/OutputIntents"]]
    assert intent["/S"] == "/GTS_PDFA1"
    assert intent["/DestOutputProfile"].get_object().get_data()[36:40] == b"acsp"
    assert all(page.get("/Tabs") == "/S" for page in file.pages if "/Annots" in page)
    assert not file.is_encrypted

    fonts = [font for page in file.pages for font in _fonts(page)]
    assert fonts
    assert all(_is_embedded(font) for font in fonts)

    figures = [one for one in _structure(root["/StructTreeRoot"]) if one.get("/S") == "/Figure"]
    assert pictures is None or len(figures) == pictures
    assert all(str(one.get("/Alt", "")).strip() for one in figures)


def _said(metadata, name):
    return re.search(rf"{name}[^\w]*(\w+)", metadata).group(1)


def _fonts(page):
    resources = page["/Resources"].get_object()
    yield from (one.get_object() for one in resources.get("/Font", {}).values())
    for one in resources.get("/XObject", {}).values():
        inner = one.get_object()
        if inner.get("/Subtype") == "/Form" and "/Resources" in inner:
            yield from _fonts(inner)


def _is_embedded(font):
    if font["/Subtype"] == "/Type3":
        return True
    inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    described = inner["/FontDescriptor"].get_object()
    return any(key in described for key in ("/FontFile", "/FontFile2", "/FontFile3"))


def _structure(element):
    element = element.get_object()
    if not isinstance(element, dict):
        return
    yield element
    below = element.get("/K", [])
    below = below.get_object() if hasattr(below, "get_object") else below
    for one in below if isinstance(below, list) else [below]:
        yield from _structure(one) if hasattr(one, "get_object") else ()
