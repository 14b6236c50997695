"""Invented contents of the pages about a household's history and its changes."""

import base64
from dataclasses import replace
from datetime import timedelta

from despensa.adapters.qr import ZxingCodes
from despensa.domain.partner.agreement import Wrong
from despensa.entrypoints.office import change_pages, partner_pages, partner_words, parts
from despensa.entrypoints.office.receipt_page import Back, ReceiptPage
from despensa.entrypoints.office.words import MEMBER_ROLES
from tests.entrypoints.office.invented_parts import AN_ID, TODAY, at


def history() -> change_pages.HistoryPage:
    row = change_pages.TimelineRow
    return change_pages.HistoryPage(
        household_id=AN_ID,
        number="C7Q4-88KD-2",
        day=TODAY - timedelta(days=30),
        today=TODAY,
        area_name="حي النور",
        roles=(
            change_pages.RoleRow("Ana Morales Pérez", MEMBER_ROLES["head"]),
            change_pages.RoleRow("نور حداد", MEMBER_ROLES["member"]),
        ),
        timeline=(
            row(TODAY, "Somebody joins", "birth", "J. Ríos", at(9, 12), undo_url="/x/"),
            row(TODAY, "The household moves", "mistake", "J. Ríos", at(9, 2), is_undone=True),
        ),
    )


def change() -> change_pages.HouseholdChangePage:
    field = change_pages.ChangeField
    people = (parts.Choice("1", "Ana Morales Pérez"), parts.Choice("2", "نور حداد"))
    return change_pages.HouseholdChangePage(
        household_id=AN_ID,
        number="C7Q4-88KD-2",
        title="Name the head",
        action="/x/",
        fields=(
            field("day", "date", "From which day", values=("2026-11-21",), hint="Also a past day."),
            field("person", "radios", "Who", people, ("1",), is_required=True),
            field("reason", "select", "Reason", people, is_required=True),
        ),
        button="Show what changes",
        errors=(parts.FieldError("id_reason", "Choose a reason."),),
    )


def change_preview() -> change_pages.HouseholdChangePage:
    return change_pages.HouseholdChangePage(
        household_id=AN_ID,
        number="C7Q4-88KD-2",
        title="Name the head",
        action="/x/",
        hidden=(("person", "1"), ("stage", "do")),
        sentences=("Ana Morales Pérez becomes head.", "نور حداد stays a member."),
        button="Do it",
    )


def erasure_receipt() -> ReceiptPage:
    code = ZxingCodes().code_svg("D2845820" * 45, side_mm=60.0)
    return ReceiptPage(
        back=Back("/x/", "محو شخص"),
        title="إيصال محو",
        language="ar",
        direction="rtl",
        serial="E-0a1b2c3d4e5f",
        sentences=(
            "تُحفظ النسخ الاحتياطية التي أُخذت قبل ذلك مدةً من الزمن.",
            "ما سُلّم يبقى في الحسابات دون أي اسم.",
            "لا تذكر هذه الورقة اسم أحد.",
        ),
        words="lisal rilul riwis dadin babal baban babil titin",
        code_url=f"data:image/svg+xml;base64,{base64.b64encode(code.encode()).decode()}",
        languages=(parts.Choice("en", "English"), parts.Choice("ar", "العربية")),
    )


def partners() -> partner_pages.PartnersPage:
    row = partner_pages.PartnerRow
    purposes = partner_words.purpose_words((1, 2))
    fields = partner_words.field_words(("full_name", "sex", "area"))
    return partner_pages.PartnersPage(
        rows=(
            row(
                "Ministerio de Asistencia", "spmis.example.org", purposes, fields, 41, 12, 100,
                TODAY + timedelta(days=200), partner_words.PARTNER_STATES["asks"], "/x/",
            ),
            row(
                "صندوق الإغاثة", "relief.example.net", purposes, fields, 0, 0, 20,
                TODAY, partner_words.PARTNER_STATES["revoked"],
            ),
        ),
        our_id=str(AN_ID),
        may_propose=True,
    )  # fmt: skip


def _consent_fields() -> tuple[change_pages.ChangeField, ...]:
    field = change_pages.ChangeField
    people = (parts.Choice("1", "Ana Morales Pérez"), parts.Choice("2", "نور حداد"))
    names = ("full_name", "sex", "area")
    return (
        field("partner", "select", "Which partner", people, is_required=True),
        field("given_by", "radios", "Who is present and agrees", people, ("1",), "Grown-ups."),
        field(
            "fields", "checks", "What may be told",
            tuple(parts.Choice(name, partner_words.field_word(name)) for name in names), ("sex",),
        ),
        field("until", "date", "Until", values=("2027-05-21",), is_required=True),
    )  # fmt: skip


def partner_new() -> partner_pages.PartnerNewPage:
    return partner_pages.PartnerNewPage(
        fields=_consent_fields(),
        errors=(parts.FieldError("id_fields", partner_words.WRONGS[Wrong.FIELDS]),),
    )


def consents() -> partner_pages.ConsentsPage:
    row, states = partner_pages.ConsentRow, partner_words.CONSENT_STATES
    told = partner_words.field_words(("full_name", "area"))
    until = TODAY + timedelta(days=90)
    return partner_pages.ConsentsPage(
        household_id=AN_ID,
        action="/x/",
        rows=(
            row("صندوق الإغاثة", "نور حداد", partner_words.PURPOSES[1], told, TODAY, until,
                states["holds"], "/x/", "/x/"),
            row("Ministerio", "Ana Morales Pérez", partner_words.PURPOSES[2], told, TODAY, until,
                states["ended"], "/x/"),
        ),
        fields=_consent_fields(),
    )  # fmt: skip


def consent_receipt() -> ReceiptPage:
    return replace(
        erasure_receipt(),
        back=Back("/x/", "Consents"),
        title="Receipt of a consent",
        serial="C-0123456789ab",
    )
