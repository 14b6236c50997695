"""Invented contents of the pages about corrections and a household's timeline."""

from dataclasses import replace
from datetime import timedelta

from despensa.entrypoints.office import correction_pages
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.correction_words import CHANNELS, FIELDS, REASONS, REFUSALS, STATES
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.receipt_page import Back, ReceiptPage
from tests.entrypoints.office import invented_changes
from tests.entrypoints.office.invented_parts import AN_ID, TODAY, at


def form() -> correction_pages.CorrectionFormPage:
    reasons = tuple(Choice(str(int(one)), word) for one, word in REASONS.items())
    return correction_pages.CorrectionFormPage(
        household_id=AN_ID,
        title="نور حداد",
        action="/x/",
        request=(ChangeField("reason", "select", "Why", reasons, is_required=True),),
        fields=tuple(ChangeField(f"f{one}", "text", word) for one, word in FIELDS.items()),
        hidden=(("version", "0"),),
        errors=(FieldError("id_reason", "Choose a reason."),),
    )


def correction(*, is_open: bool = True) -> correction_pages.CorrectionPage:
    rows = tuple(
        correction_pages.DiffRow(word, *(("Ana Morales", "نور حداد") if is_open else ()))
        for word in list(FIELDS.values())[:3]
    )
    return correction_pages.CorrectionPage(
        correction_id=AN_ID,
        household_id=AN_ID,
        serial="C-0a1b2c3d4e5f",
        number="0a1b2c3d",
        state=STATES["waiting" if is_open else "refused"],
        is_open=is_open,
        rows=rows,
        channel=next(iter(CHANNELS.values())),
        reason=next(iter(REASONS.values())),
        taken_by="J. Ríos",
        taken_at=at(9, 12),
        answer_until=TODAY - timedelta(days=1),
        is_overdue=is_open,
        decided_by="" if is_open else "Nour Haddad",
        decided_at=None if is_open else at(10, 5),
        refused_for="" if is_open else next(iter(REFUSALS.values())),
        may_read_household=is_open,
        proposal_url="/x/",
        undoes_url="/x/",
        asked_url="/x/",
        answer_url="" if is_open else "/x/",
        may_undo=not is_open,
        may_refuse=is_open,
        refuse_reasons=tuple(Choice(str(int(one)), word) for one, word in REFUSALS.items()),
    )


def corrections() -> correction_pages.CorrectionsPage:
    row = correction_pages.CorrectionRow(
        correction_id=AN_ID,
        serial="C-0a1b2c3d4e5f",
        fields=", ".join(str(word) for word in list(FIELDS.values())[:3]),
        number="0a1b2c3d",
        channel=next(iter(CHANNELS.values())),
        taken_at=at(9, 12),
        answer_until=TODAY,
        is_overdue=True,
        state=STATES["unanswered"],
    )
    return correction_pages.CorrectionsPage((row, row), (row,))


def receipt() -> ReceiptPage:
    return replace(
        invented_changes.erasure_receipt(),
        back=Back("/x/", "Correction"),
        title="إيصال: رُفض التصحيح",
        serial="C-0a1b2c3d4e5f",
    )


def timeline() -> correction_pages.TimelinePage:
    line = correction_pages.DeedLine
    return correction_pages.TimelinePage(
        AN_ID,
        "0a1b2c3d",
        "حي النور",
        (
            line("The record of نور حداد was corrected.", at(9, 12), False, "J. Ríos", url="/x/"),
            line("Somebody joins", at(9, 2), False, "J. Ríos", said=("نور حداد is a member.",)),
            line("The household was registered.", at(0, 0), True),
        ),
    )
