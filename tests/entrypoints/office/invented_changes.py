"""Invented contents of the pages about a household's history and its changes."""

import base64
from datetime import timedelta

from despensa.adapters.qr import ZxingCodes
from despensa.entrypoints.office import change_pages, parts
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


def erasure_receipt() -> change_pages.ErasureReceiptPage:
    code = ZxingCodes().code_svg("D2845820" * 45, side_mm=60.0)
    return change_pages.ErasureReceiptPage(
        proposal_id=AN_ID,
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
