"""Invented pages about phones of the points."""

import base64
from datetime import datetime, timedelta

from despensa.adapters.qr import screen_svg
from despensa.entrypoints.office import phone_words as words
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.phone_pages import (
    PhoneListRow,
    PhoneOfferPage,
    PhonePage,
    PhonePinPage,
    PhoneRow,
    PhonesPage,
)
from tests.entrypoints.office.invented_parts import TODAY

NOW = datetime(2026, 11, 21, 15, 10)

_USED = PhoneRow(
    "/x/", "7F3A-21C0", "Santa Rosa", "Amina Morales, نور حداد", 1, 12,
    NOW - timedelta(minutes=4), words.PHONE_STATES[1],
)  # fmt: skip
_NEW = PhoneRow(
    "/x/", "0B91-E44D", "San Rafael", "Lucía Vera", 0, None, None, words.PHONE_STATES[1]
)
_FORKED = PhoneRow(
    "/x/", "C2C2-9A01", "San Rafael", "Pedro Luna", 1, 3, NOW - timedelta(days=2),
    words.PHONE_STATES[2],
)  # fmt: skip
_LOST = PhoneRow(
    "/x/", "5510-77AF", "El Carmen", "Lucía Vera", 0, 0, NOW - timedelta(days=9),
    words.PHONE_STATES[3],
)  # fmt: skip


def _areas() -> tuple[ChangeField, ...]:
    areas = (Choice("1", "Santa Rosa"), Choice("2", "San Rafael"))
    return (
        ChangeField("area", "select", words.AREA, areas, hint=words.AREA_HINT, is_required=True),
    )


def phones() -> PhonesPage:
    return PhonesPage((_USED, _NEW, _FORKED, _LOST), _areas())


def none() -> PhonesPage:
    return PhonesPage((), _areas(), (FieldError("id_area", words.NO_AREA),))


def phone() -> PhonePage:
    lists = (
        PhoneListRow(
            "Casa comunal", TODAY, 214, 97, NOW + timedelta(days=2), words.LIST_STATES[1], "/x/"
        ),
        PhoneListRow(
            "Escuela", TODAY - timedelta(days=30), 180, 171, NOW - timedelta(days=28),
            words.LIST_STATES[2],
        ),
    )  # fmt: skip
    sessions = (Choice("P01/2026-11-23", "Casa comunal · 23/11/2026"),)
    parts = (Choice("0/1", words.ONE_TABLE), Choice("1/2", words.TABLE % {"table": 1, "tables": 2}))
    fields = (
        ChangeField("session", "select", words.SESSION, sessions, is_required=True),
        ChangeField("table", "select", words.TABLES, parts, ["0/1"], words.TABLES_HINT),
    )
    until = TODAY + timedelta(days=81)
    return PhonePage(_USED, 421, 0, until, lists, fields, "/x/", "/x/")


def new() -> PhonePage:
    return PhonePage(_LOST, 12, 4, TODAY, (), ())


def offer() -> PhoneOfferPage:
    picture = screen_svg("https://points.example/field/#e1." + "a" * 22 + "." + "b" * 43)
    code = "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode()
    return PhoneOfferPage(
        "/x/", words.OFFER_STATES["shown"], is_waiting=True, minutes=10, area_name="Santa Rosa",
        people="Amina Morales, نور حداد", code_url=code, needs_https=True,
    )  # fmt: skip


def taken() -> PhoneOfferPage:
    return PhoneOfferPage(
        "/x/", words.OFFER_STATES["taken"], is_waiting=False, minutes=10, area_name="Santa Rosa",
        phone_url="/x/",
    )  # fmt: skip


def pin() -> PhonePinPage:
    picture = screen_svg("6BF" + "A5C" * 80)
    code = "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode()
    field = ChangeField(
        "phone", "select", words.YOUR_PHONE, (Choice("1", "7F3A-21C0"),), is_required=True
    )
    return PhonePinPage((field,), 24, code, "7F3A-21C0")


def no_pin() -> PhonePinPage:
    return PhonePinPage((), 24)
