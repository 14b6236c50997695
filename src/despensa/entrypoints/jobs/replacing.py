"""
Replace a card, and make the slips that tell the phones which hold the household's goods.

Three steps that may be repeated: the register, a look, the ledger. Killed between them, the same
replacement again makes what is missing and gives the same slips.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext

from despensa.adapters.printing import TypstReceiptPrinter
from despensa.adapters.qr import ZxingCodes
from despensa.domain.act import Acting
from despensa.domain.eligibility.paper import slip_text
from despensa.domain.identifier import display_card_number
from despensa.domain.receipt_paper import ReceiptPaper
from despensa.entrypoints.wiring import Tools
from despensa.records.programmes import queries as programmes
from despensa.usecases.make_slips import MadeSlip, Replacement, make_slips
from despensa.usecases.open_replacement import open_replacement
from despensa.usecases.replace_card import replace_card

_OPEN = 4
_TEMPLATE = Path(__file__).parents[2] / "data" / "print" / "lease-slip.typ"


def replace(old: str, new: str, household: UUID, tools: Tools, *, acting: Acting) -> bool:
    """Return whether the card was replaced now. Raises: what `replace_card` does."""
    return replace_card(
        old, new, household, acting=acting, sealer=tools.keeper.vault, today=tools.today()
    )


def slips(old: str, new: str, household: UUID, tools: Tools, *, acting: Acting) -> list[MadeSlip]:
    """
    Return the slips of a replacement, by the end of their lists; none where no phone holds anything.

    Raises: what `open_replacement` does.
    """
    access = open_replacement(old, new, household, acting=acting)
    made: list[MadeSlip] = []
    for decision in programmes.decisions_of(household, programmes=None):
        cycle = programmes.cycle(decision.cycle)
        if cycle is None or cycle.state != _OPEN:
            continue
        made += make_slips(
            Replacement(cycle.id, cycle.programme, household, old, new),
            access=access,
            acting=acting,
            cycles=tools.keeper.cycles,
            signatory=tools.keeper.signatory,
        )
    return sorted(made, key=lambda slip: (slip.expires_at, slip.lease))


def paper(slip: MadeSlip, new: str, language: str, tools: Tools) -> bytes:
    """
    Return the finished paper of a slip, to lie beside the new card until a phone has read it.

    Raises: PaperError; PaperUnreadable.
    """
    codes = ZxingCodes()
    printer = TypstReceiptPrinter(writer=codes, reader=codes, template=_TEMPLATE)
    with translation.override(language):
        page = ReceiptPaper(
            language=language,
            issuer=tools.workspace.name,
            title=gettext("Slip for the point"),
            sentences=(
                gettext("The holder of the new card takes this paper along once."),
                gettext(
                    "At the point: scan this code before the card. From then on the new card "
                    "stands in the place of the old one, also without a network."
                ),
                gettext(
                    "If the phone does not take it, nobody goes home without food: hand over "
                    "under supervision."
                ),
            ),
            facts=(
                (gettext("New card"), display_card_number(new)),
                (gettext("Good until"), _until(slip.expires_at, tools)),
            ),
            words=(),
            code=slip_text(slip.signed),
        )
    return printer.render_receipt(page)


def languages() -> Sequence[str]:
    """Return the languages a slip can be printed in."""
    codes = ZxingCodes()
    return list(TypstReceiptPrinter(writer=codes, reader=codes, template=_TEMPLATE).words())


def _until(instant: int, tools: Tools) -> str:
    at = datetime.fromtimestamp(instant, ZoneInfo(tools.workspace.time_zone))
    return date_format(at, pgettext("day and hour", "j M Y H:i"))
