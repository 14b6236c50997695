"""
Identity cards for wallets: offered to somebody present, and ended when a phone is lost.

The codes of an offer are on the page that answers it and nowhere else: loaded again, the page shows
only what became of the offer.
"""

import base64
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from despensa.adapters.qr import ZxingCodes
from despensa.domain.identifier import display_card_number
from despensa.domain.ports.keeper import AccessRefused
from despensa.domain.role import Permission
from despensa.domain.wallet.offer import LIFE_SECONDS, State
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import wallet
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_form import Room, id_in
from despensa.entrypoints.office.rooms.household_changes import acting, opened_room
from despensa.entrypoints.office.shell import reach, show
from despensa.entrypoints.office.states import Word
from despensa.entrypoints.office.wallet_pages import WalletCardRow, WalletOfferPage, WalletPage
from despensa.entrypoints.office.wallet_words import OFFER_STATES, REFUSED, offer_link
from despensa.entrypoints.office.words import TOO_MANY_READS
from despensa.records.registry import queries as registry
from despensa.records.wallet import paper_queries, queries
from despensa.usecases.end_identity import NoSuchCard
from despensa.usecases.offer_identity import Fault, Offered, OfferRefused

_ENDED = gettext_lazy(
    "Ended. Whoever checks this card sees that it is worth nothing, within a quarter of an hour."
)
_NO_ADDRESS = gettext_lazy(
    "Phones cannot reach this office yet: whoever runs it sets its public address first."
)


@door(Permission.CHANGE_HOUSEHOLDS)
def wallet_cards(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Show whose identity card is on a phone; after a POST the offer to one of them."""
    try:
        room = opened_room(request, household_id)
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return redirect("office:households")
    if request.method != "POST":
        return _page(request, room)
    person = id_in(request.POST.get("person"))
    if person is None:
        return _page(request, room, REFUSED[Fault.NO_HOUSEHOLD])
    try:
        made = wallet.offer(person, household_id, wiring.tools(), acting=acting(request))
    except OfferRefused as refused:
        return _page(request, room, REFUSED[refused.fault])
    except wallet.NoAddress:
        return _page(request, room, _NO_ADDRESS)
    return _offer_page(request, household_id, made, name=room.names.get(person, ""))


@door(Permission.CHANGE_HOUSEHOLDS)
def wallet_offer(request: HttpRequest, household_id: UUID, offer_id: UUID) -> HttpResponse:
    """Show what became of an offer; neither a name nor a code is on it."""
    _require(request, household_id)
    found = queries.offer(offer_id)
    if found is None or found.household != household_id:
        raise Http404
    is_late = found.state in {State.SHOWN, State.CODE_USED} and (
        found.until <= wiring.tools().now()
    )
    return _shown(request, household_id, offer_id, State.ENDED if is_late else State(found.state))


@door(Permission.CHANGE_HOUSEHOLDS)
@require_POST
def wallet_end(request: HttpRequest, household_id: UUID, card_id: UUID) -> HttpResponse:
    """End an identity card, at once."""
    try:
        wallet.end(card_id, household_id, wiring.tools(), acting=acting(request))
    except NoSuchCard as error:
        raise Http404 from error
    messages.success(request, _ENDED)
    return redirect("office:wallet", household_id)


def _require(request: HttpRequest, household_id: UUID) -> None:
    """Refuse a household out of reach."""
    covered = reach(request, Permission.CHANGE_HOUSEHOLDS)
    if registry.household(household_id, reach=covered) is None:
        raise Http404


def _page(request: HttpRequest, room: Room, fault: Word = "") -> HttpResponse:
    people = [UUID(choice.value) for choice in room.living()]
    waiting = paper_queries.waiting_for(people)
    held = {card.person: card for card in queries.cards_of(people) if card.ended_at is None}
    rows = []
    for person in people:
        card = held.get(person)
        is_waiting = person in waiting
        row = WalletCardRow(person, room.names.get(person, ""), waits_for_paper=is_waiting)
        if card is not None:
            end = reverse("office:wallet_end", args=[room.household, card.id])
            row = WalletCardRow(
                row.person,
                row.name,
                display_card_number(card.number),
                card.expires_on,
                end,
                is_waiting,
            )
        rows.append(row)
    action = reverse("office:wallet", args=[room.household])
    paper = reverse("office:identity_ask", args=[room.household])
    page = WalletPage(room.household, action, paper, tuple(rows), fault)
    return show(request, "office/wallet.html", "households", page, status=422 if fault else 200)


def _offer_page(
    request: HttpRequest, household_id: UUID, made: Offered, *, name: str
) -> HttpResponse:
    link = offer_link(made.codes, wallet.public_address())
    picture = ZxingCodes().link_svg(link)
    code = "data:image/svg+xml;base64," + base64.b64encode(picture.encode()).decode()
    return _shown(
        request, household_id, made.id, State.SHOWN, name=name, code_url=code,
        typed=made.codes.typed,
    )  # fmt: skip


def _shown(
    request: HttpRequest,
    household_id: UUID,
    offer_id: UUID,
    state: State,
    *,
    name: str = "",
    code_url: str = "",
    typed: str = "",
) -> HttpResponse:
    page = WalletOfferPage(
        back_url=reverse("office:wallet", args=[household_id]),
        state_url=reverse("office:wallet_offer", args=[household_id, offer_id]),
        state=OFFER_STATES[state],
        is_waiting=state in {State.SHOWN, State.CODE_USED},
        minutes=LIFE_SECONDS // 60,
        name=name,
        code_url=code_url,
        typed=typed,
    )
    return show(request, "office/wallet_offer.html", "households", page)
