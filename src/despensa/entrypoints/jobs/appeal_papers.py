"""Make the paper of an appeal: the signed receipt as a code, with its sentences in a language."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import pgettext

from despensa.adapters.printing import TypstReceiptPrinter
from despensa.adapters.qr import ZxingCodes
from despensa.domain import receipt as receipts
from despensa.domain.eligibility.paper import slip_text
from despensa.domain.encoding import cose
from despensa.domain.receipt_paper import ReceiptPaper
from despensa.entrypoints.appeal_words import appeal_said
from despensa.entrypoints.wiring import Tools
from despensa.records.grievances.queries import AppealView
from despensa.records.programmes import queries
from despensa.records.registry.queries import language_of

_DAY_ZERO = date(1970, 1, 1).toordinal()


def paper_languages() -> dict[str, str]:
    """Return the languages a paper can be printed in: code and own name."""
    return {code: word["name"] for code, word in _printer().words().items()}


def language_for(household: UUID, office: Sequence[str], asked: str = "") -> str:
    """
    Return the language of a household's paper: the one asked for, its own, the office's, English.

    A regional language falls back to its general one.
    """
    known = _printer().words()
    for wanted in (asked, language_of(household), *office):
        for candidate in (wanted, wanted.split("-")[0]):
            if candidate in known:
                return candidate
    return next(iter(known))


def appeal_paper(view: AppealView, signed: bytes, language: str, tools: Tools) -> bytes:
    """
    Return the finished paper of one receipt of an appeal.

    Raises: PaperError; PaperUnreadable; the errors of `verify_receipt` for one that is not ours.
    """
    authority = tools.keeper.signatory.public_keys().authority
    receipt = receipts.verify_receipt(
        signed, authority_keys={cose.key_id(authority): authority}
    ).receipt
    printer, cycle = _printer(), queries.cycle(view.cycle)
    with translation.override(language):
        said = appeal_said(receipt, language, _day)
        if said is None or cycle is None:
            raise LookupError("a receipt of an appeal without its cycle")
        word = printer.words()[language]
        paper = ReceiptPaper(
            language=language,
            issuer=tools.workspace.name,
            title=said.title,
            sentences=said.sentences,
            facts=(
                (word["number"], receipt.serial),
                (word["day"], _day(receipt.day)),
                (word["programme"], _called(cycle.programme_names, language)),
                (word["cycle"], cycle.code),
            ),
            words=receipts.spoken_code(signed),
            code=slip_text(signed),
        )
    return printer.render_receipt(paper)


def _printer() -> TypstReceiptPrinter:
    codes = ZxingCodes()
    return TypstReceiptPrinter(writer=codes, reader=codes)


def _day(number: int) -> str:
    return date_format(date.fromordinal(_DAY_ZERO + number), pgettext("day", "j M Y"))


def _called(names: Mapping[str, str], language: str) -> str:
    return names.get(language) or next(iter(names.values()), "")
