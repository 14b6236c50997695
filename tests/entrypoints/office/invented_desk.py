"""Invented contents of the pages of the desk."""

import base64
from datetime import timedelta

from django.http import QueryDict
from django.utils import translation

from despensa.adapters.qr import ZxingCodes
from despensa.domain.catalogue import load_catalogue
from despensa.domain.enrolment import answer as answers
from despensa.domain.enrolment.card_binding import CardTrouble
from despensa.domain.enrolment.desk import DeskForm
from despensa.domain.receipt import Receipt, ReceiptKind
from despensa.entrypoints import desk_words as papers
from despensa.entrypoints.office import change_pages, desk_pages, desk_words, enrol_form, parts
from despensa.entrypoints.office.household_words import INSTITUTIONS
from tests.entrypoints.office.invented_parts import AN_ID, TODAY

AREAS = (parts.Choice("1", "San Rafael"), parts.Choice("2", "Puerto Azul"))
_DAY = TODAY.toordinal() - 719163
_SIGNED = bytes(range(200))


def desk() -> desk_pages.DeskPage:
    return desk_pages.DeskPage(
        figures=(
            parts.Figure(desk_words.FIGURES["rows"], 12, 50),
            parts.Figure(desk_words.FIGURES["refused"], 1),
            parts.Figure(desk_words.FIGURES["appointed"], 3),
        ),
        offices=(
            desk_pages.OfficeRow("Casa Luz", "Dirección", INSTITUTIONS[1], "San Rafael", 14, 100),
            desk_pages.OfficeRow(
                "مجلس حي النور", "الديوان", INSTITUTIONS[6], "Puerto Azul", 3, 100
            ),
        ),
        may_enrol=True,
        may_set=True,
    )


def desk_with_error() -> desk_pages.DeskPage:
    said = desk_words.CARD_TROUBLES[CardTrouble.BOUND]
    return desk_pages.DeskPage(
        figures=(), offices=(), may_enrol=True, may_set=False, card_number="C7Q4-88KD-2",
        errors=(parts.FieldError("id_card_number", said),),
    )  # fmt: skip


def _enrol(query: str, people: int, errors: tuple[parts.FieldError, ...] = ()):
    given, catalogue = QueryDict(query), load_catalogue()
    wrong = {one.field_id for one in errors}
    field = change_pages.ChangeField
    return desk_pages.EnrolPage(
        household=enrol_form.household_group(given, catalogue, AREAS),
        people=tuple(enrol_form.person_block(given, catalogue, at, wrong) for at in range(people)),
        beside=(
            desk_pages.FieldGroup("Vouching", (field("introducer_card", "text", "Card"),)),
            desk_pages.FieldGroup("Card", (field("card", "text", "Number"),), note="Or later."),
        ),
        is_agreed=True,
        hidden=(("enrolment", str(AN_ID)), ("people", str(people))),
        errors=errors,
    )


def enrol() -> desk_pages.EnrolPage:
    return _enrol("", 1)


def enrol_with_errors() -> desk_pages.EnrolPage:
    query = "p0_full_name=Zoraida+%C3%91%C3%A1%C3%B1ez&p1_phone=12&p1_surname_1=X&people=2"
    errors = (
        parts.FieldError("id_p1_full_name", "Fill in the name."),
        parts.FieldError("id_p1_phone", "Write the phone number with + and the country code."),
    )
    return _enrol(query, 2, errors)


def check() -> desk_pages.CheckPage:
    form = DeskForm(
        {"address": "Calle 3, casa azul", "displaced": "yes"},
        (
            {"full_name": "Zoraida Ñáñez Quispe", "role": "head", "birth_date": "1990-02"},
            {"full_name": "محمود", "sex": "male", "role": "member"},
        ),
    )
    groups = enrol_form.answers(form, load_catalogue(), "San Rafael")
    beside = desk_words.beside(has_introducer=True, card="")
    return desk_pages.CheckPage((*groups, beside), (("stage", "x"),))


def enrolled() -> desk_pages.EnrolledPage:
    return desk_pages.EnrolledPage(AN_ID, "3f2a91c7", ())


def enrolled_known() -> desk_pages.EnrolledPage:
    return desk_pages.EnrolledPage(AN_ID, "3f2a91c7", ("C7Q4-88KD-2",), (AN_ID,))


def enrolled_with_card() -> desk_pages.EnrolledPage:
    return desk_pages.EnrolledPage(AN_ID, "3f2a91c7", ("C7Q4-88KD-2",))


def refuse() -> desk_pages.DeskFormPage:
    language = translation.get_language() or "en"
    reasons = tuple(
        parts.Choice(str(int(one)), papers.answer_said(one.message_id, language)[0])
        for one in answers.EnrolmentReason
    )
    field = change_pages.ChangeField
    return desk_pages.DeskFormPage(
        "Refuse an enrolment",
        "/x/",
        (
            field("reason", "radios", "Why", reasons, ("32",)),
            field("area", "select", "Area", AREAS, is_required=True),
        ),
        "Sign",
        ("Missing papers are no reason: who has none is enrolled.",),
    )


# as long as names of municipalities are
_OFFICE = "Municipalidad Distrital de San Rafael de la Ribera"


def _paper(kind: ReceiptKind, language: str, size: str, **fields: object) -> desk_pages.PaperPage:
    said = Receipt(
        kind=kind, workspace_id=bytes(16), content_hash=bytes(32), day=_DAY,
        serial="R-3f2a91c7d840", **fields,
    )  # fmt: skip
    picture = ZxingCodes().code_svg(_SIGNED.hex().upper(), side_mm=38.0)
    parts_said = []
    for one in (language, "es" if language == "ar" else "ar"):
        with translation.override(one):
            way = "rtl" if translation.get_language_bidi() else "ltr"
            part = desk_words.paper_part(said, one, workspace=_OFFICE, direction=way)
            parts_said.append(part)
    return desk_pages.PaperPage(
        answer_id=AN_ID,
        serial=said.serial,
        parts=tuple(parts_said),
        words="lisal rilul riwis dadin dasas bitun rimil diwal",
        code_url="data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode(),
        language=language,
        languages=tuple(parts.Choice(code, name) for code, name in papers.LANGUAGES.items()),
        paper="a4" if size == "a4" else "a6",
    )


def paper_refused() -> desk_pages.PaperPage:
    language = translation.get_language() or "en"
    until = _DAY + answers.APPEAL_DAYS
    return _paper(ReceiptKind.ENROLMENT_REFUSED, language, "a6", reason=33, appeal_until=until)


def paper_appointed() -> desk_pages.PaperPage:
    language = translation.get_language() or "en"
    come_by = (TODAY + timedelta(days=14)).toordinal() - 719163
    return _paper(ReceiptKind.APPOINTMENT, language, "a6", bring=(1, 2, 3, 4), come_by=come_by)


def paper_large() -> desk_pages.PaperPage:
    language = translation.get_language() or "en"
    until = _DAY + answers.APPEAL_DAYS
    return _paper(ReceiptKind.ENROLMENT_REFUSED, language, "a4", reason=33, appeal_until=until)
