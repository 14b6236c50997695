"""A person's own code for a PIN on one phone: it is on the page that answers, and nowhere else."""

import base64
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from despensa.adapters.qr import screen_svg
from despensa.domain import pin_code
from despensa.domain.card import base45
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.office import phone_words as words
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.phone_pages import PhonePinPage
from despensa.entrypoints.office.shell import show, staff_of
from despensa.records.service_points import phone_queries
from despensa.usecases.offer_pin import NotHerPhone, offer_pin

_ACTIVE = 1


@door(Permission.RUN_POINT)
@require_http_methods(["GET", "POST"])
def phone_pin(request: HttpRequest) -> HttpResponse:
    """Show whoever is signed in a code for her own PIN on a phone she works with."""
    if request.method == "GET":
        return _page(request)
    tools, who = wiring.tools(), staff_of(request).id
    try:
        device = UUID(request.POST.get("phone", ""))
        data = offer_pin(device, acting=tools.acting(who), signatory=tools.keeper.signatory)
    except (ValueError, NotHerPhone):
        return _page(request, errors=(FieldError("id_phone", words.NO_PHONE),))
    picture = base64.b64encode(screen_svg(base45.encode(data)).encode()).decode()
    return _page(request, f"data:image/svg+xml;base64,{picture}", words.mark(device))


def _page(
    request: HttpRequest, code_url: str = "", mark: str = "", errors: tuple[FieldError, ...] = ()
) -> HttpResponse:
    own = str(staff_of(request).id)
    phones = tuple(
        Choice(str(line.id), words.mark(line.id))
        for line in phone_queries.phones(None)
        if line.state == _ACTIVE and any(staff == own for staff, _ in line.operators)
    )
    field = ChangeField("phone", "select", words.YOUR_PHONE, phones, is_required=True)
    hours = pin_code.CODE_SECONDS // 3600
    page = PhonePinPage((field,) if phones else (), hours, code_url, mark, errors)
    answer = show(
        request, "office/phone_pin.html", "today", page, status=422 if errors else 200
    )  # fmt: skip
    answer["Cache-Control"] = "no-store"
    return answer
