"""Invented pages about identity cards on phones."""

import base64
from datetime import timedelta
from uuid import UUID

from despensa.adapters.qr import ZxingCodes
from despensa.domain.wallet.offer import Codes, State
from despensa.entrypoints.office.wallet_pages import WalletCardRow, WalletOfferPage, WalletPage
from despensa.entrypoints.office.wallet_words import OFFER_STATES, offer_link
from tests.entrypoints.office.invented_parts import AN_ID, TODAY

_PEOPLE = ("Ana Morales Pérez", "نور حداد", "Benedicto Morales")


def cards() -> WalletPage:
    ana, nour, benedicto = (
        WalletCardRow(UUID(int=at), name) for at, name in enumerate(_PEOPLE, start=1)
    )
    until = TODAY + timedelta(days=1_095)
    held = WalletCardRow(ana.person, ana.name, "7KQM 4WZX AB", until, "/x/")
    nour = WalletCardRow(nour.person, nour.name, waits_for_paper=True)
    return WalletPage(AN_ID, "/x/", "/x/", (held, nour, benedicto))


def offer() -> WalletOfferPage:
    codes = Codes("c" * 43, "048213")
    picture = ZxingCodes().link_svg(offer_link(codes, "https://despensa.example"))
    code = "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode()
    return WalletOfferPage(
        "/x/", "/x/", OFFER_STATES[State.SHOWN], is_waiting=True, minutes=10, name=_PEOPLE[0],
        code_url=code, typed=codes.typed,
    )  # fmt: skip


def taken() -> WalletOfferPage:
    return WalletOfferPage("/x/", "/x/", OFFER_STATES[State.TAKEN], is_waiting=False, minutes=10)


def over() -> WalletOfferPage:
    return WalletOfferPage("/x/", "/x/", OFFER_STATES[State.ENDED], is_waiting=False, minutes=10)
