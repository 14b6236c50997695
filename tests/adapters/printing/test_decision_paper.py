"""The paper of a decision: in each language, its code read back, refused when it does not read."""

import hashlib
import json
import shutil
from dataclasses import replace
from datetime import date
from importlib import resources

import pypdfium2
import pytest

from despensa.adapters.printing import TypstPaperPrinter, decision_paper
from despensa.adapters.qr import ZxingCodes, read_images
from despensa.domain.eligibility import paper as papers
from despensa.domain.eligibility import slip as slips
from despensa.domain.eligibility.evaluate import decision_from_codes
from despensa.domain.eligibility.explain import explain
from despensa.domain.eligibility.paper import DecisionPaper, PaperError, PaperUnreadable
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.encoding import cose
from tests.vectors import make_card_vectors as card

RULE = parse_text(
    (resources.files("despensa.data") / "rules/food-parcel.yaml").read_text(encoding="utf-8")
)
# as long as the slip of a household of six in a country of six million
SIGNED = card.ISSUER.sign(b"1") * 18
CODE = papers.slip_text(SIGNED)


def made(language, outcome=1, signed=SIGNED):
    codes = [f"-{clause.code}" for clause in RULE.clauses]
    return DecisionPaper(
        language=language,
        issuer="Municipio San Rafael",
        programme="Canasta",
        cycle="2026-12",
        explanation=explain(
            RULE, decision_from_codes(outcome, codes, ()), date(2026, 11, 1), [language]
        ),
        goods=(("2", "canasta"),),
        days=("1 nov 2026", "1 dic 2026", "31 dic 2026", "31 mar 2027"),
        rule="food-parcel/1",
        rule_hash=bytes(range(32)),
        root=bytes(range(32, 64)),
        codes=papers.slip_texts(signed),
    )


def noise(length):
    """A signed slip that no packing makes smaller."""
    row = b"".join(hashlib.sha256(bytes((n % 256, n // 256))).digest() for n in range(length // 32))
    return cose.sign(
        {6: row}, label=slips.LABEL, signer=card.ISSUER.sign, public_key=card.public(card.ISSUER)
    )


@pytest.fixture(scope="module")
def printer():
    codes = ZxingCodes()
    return TypstPaperPrinter(writer=codes, reader=codes)


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_the_paper_says_the_decision_and_its_reasons(printer, language):
    paper = made(language)

    pdf = printer.render_paper(paper)

    document = pypdfium2.PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_bounded() for page in document)
    assert read_images(pdf) == [CODE]
    assert "2026-12" in text
    assert paper.rule_hash.hex()[:8] in text
    if language != "ar":  # shaped letters are not those of the sentence
        said = " ".join(text.split())
        assert paper.explanation.sentence[:40] in said
        assert all(one.sentence[:30] in said for one in paper.explanation.besides)
    assert printer.render_paper(paper) == pdf


def test_a_paper_whose_code_does_not_read_back_is_refused(tmp_path):
    codes = ZxingCodes()
    folder = tmp_path / "print"
    shutil.copytree(decision_paper.TEMPLATE.parent, folder)
    template = folder / decision_paper.TEMPLATE.name
    text = template.read_text(encoding="utf-8")
    template.write_text(
        text.replace("width: job.side * 1mm * (1 + 8 / code.modules)", "width: 9mm")
    )
    printer = TypstPaperPrinter(writer=codes, reader=codes, template=template)

    with pytest.raises(PaperUnreadable, match="0 of 1 codes"):
        printer.render_paper(made("en"))

    words = folder / "decision-words.json"
    words.write_text(json.dumps(json.loads(words.read_text("utf-8")) | {"fr": {"name": "x"}}))
    with pytest.raises(PaperError, match="'fr' has not exactly the words"):
        printer.render_paper(made("en"))


def test_what_cannot_be_printed_is_said(printer):
    with pytest.raises(PaperError, match="no words in 'fr'"):
        printer.render_paper(replace(made("en"), language="fr"))
    with pytest.raises(PaperError, match="despensa decide slip"):
        papers.slip_texts(noise(9_000))


@pytest.mark.parametrize("length", [300, 2_500])
def test_a_slip_of_any_length_comes_out_of_its_code(length):
    row = b'[40,40,"female",null],' * (length // 20)
    signed = cose.sign(
        {6: row}, label=slips.LABEL, signer=card.ISSUER.sign, public_key=card.public(card.ISSUER)
    )

    text = papers.slip_text(signed)

    assert papers.slip_in(["NOT A SLIP", text]) == signed
    assert papers.slip_in([text[:-3]]) is None
    assert len(text) < 2_300


def test_the_code_grows_with_the_slip():
    assert papers.code_side(CODE[:600]) < papers.code_side(CODE + CODE[:900])
    with pytest.raises(PaperUnreadable):
        papers.check_paper([CODE, CODE], CODE)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_long_slip_spreads_over_codes_that_are_read_in_any_order(printer, language):
    signed = noise(2_400)
    codes = papers.slip_texts(signed)

    pdf = printer.render_paper(made(language, signed=signed))

    read = read_images(pdf)
    assert sorted(read) == sorted(codes)
    assert len(codes) == 4
    assert all(papers.code_side(code) <= 65 for code in codes)
    assert papers.slip_from([*read[::-1], CODE[:40], read[0]]) == signed
    if language == "en":
        pages = pypdfium2.PdfDocument(pdf)
        text = "".join(page.get_textpage().get_text_bounded() for page in pages)
        assert "all 4 codes are needed" in " ".join(text.split())
        assert "3 of 4" in " ".join(text.split())


def test_a_code_that_is_missing_is_named_and_no_two_papers_are_mixed():
    codes, others = papers.slip_texts(noise(2_400)), papers.slip_texts(noise(2_432))
    one_more = codes[1].replace("/2/4/", "/5/4/")

    with pytest.raises(papers.SlipIncomplete, match="code 2, 4 of 4 is missing"):
        papers.slip_from([codes[2], codes[0]])
    for wrong in (
        [*codes[:3], others[3]],
        [*codes[:3], codes[3][:-3]],
        [*codes, codes[0][:-1] + "0"],
        [*codes[:1], *codes[2:], one_more],
        [codes[0][:-1] + ("A" if codes[0][-1] != "A" else "B"), *codes[1:]],
    ):
        with pytest.raises(papers.SlipMixed):
            papers.slip_from(wrong)
    assert papers.slip_from(["SLIP1/1/1/00000000/A", "SLIP1/2/3/0/A", ""]) is None
