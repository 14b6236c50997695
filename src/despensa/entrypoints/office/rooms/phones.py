"""
Phones of the points: enrolled by a one-time code, given lists, revoked in one step when lost.

The code is on the page that answers the offer and nowhere else: loaded again, the page shows only
what became of it.
"""

import base64
import hashlib
from datetime import UTC, date, datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from despensa.adapters.qr import screen_svg
from despensa.domain import phone_request
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.field.app import build
from despensa.entrypoints.jobs import breaking
from despensa.entrypoints.jobs import phones as jobs
from despensa.entrypoints.jobs.wallet import NoAddress, public_address
from despensa.entrypoints.office import phone_words as words
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.phone_pages import (
    PhoneListRow,
    PhoneOfferPage,
    PhonePage,
    PhoneRow,
    PhonesPage,
)
from despensa.entrypoints.office.shell import called, instant, reach, show, staff_of
from despensa.entrypoints.office.states import Word
from despensa.records.households import queries as households
from despensa.records.service_points import phone_queries, queries
from despensa.usecases.prepare_lease import CycleClosed, DeviceNotTrusted, LeaseHeld
from despensa.usecases.revoke_device import NoSuchDevice, revoke_device

TABLES_MAX = 4
LISTS_SHOWN = 20
_ACTIVE, _REVOKED = 1, 3
_PREPARED = 1
_HERE = ("localhost", "127.0.0.1")


@door(Permission.MANAGE_PHONES)
def phones(request: HttpRequest) -> HttpResponse:
    """Show the phones in reach."""
    return _phones(request)


@door(Permission.MANAGE_PHONES)
@require_POST
def phone_offer(request: HttpRequest) -> HttpResponse:
    """Show a code that enrols one phone of an area within ten minutes."""
    tools, origin = wiring.tools(), _origin(request)
    try:
        area = UUID(request.POST.get("area", ""))
        made = jobs.offer(
            area,
            origin,
            tools,
            reach=reach(request, Permission.MANAGE_PHONES),
            acting=tools.acting(staff_of(request).id),
        )
    except (ValueError, OutOfReach):
        return _phones(request, FieldError("id_area", words.NO_AREA))
    picture = base64.b64encode(screen_svg(made.text).encode()).decode()
    code = made.text.rpartition("#")[2].split(".")[1]
    digest = phone_request.code_hash(base64.urlsafe_b64decode(code + "=="))
    page = PhoneOfferPage(
        state_url=reverse("office:phone_offered", args=[digest.hex()]),
        state=words.OFFER_STATES["shown"],
        is_waiting=True,
        minutes=phone_request.CODE_SECONDS // 60,
        area_name=_area_names().get(area, ""),
        people=", ".join(name for _, name in made.operators),
        code_url=f"data:image/svg+xml;base64,{picture}",
        needs_https=not origin.startswith("https://") and _host(origin) not in _HERE,
    )
    return show(request, "office/phone_offer.html", "phones", page)


@door(Permission.MANAGE_PHONES)
def phone_offered(request: HttpRequest, digest: str) -> HttpResponse:
    """Show what became of a code; the code itself is not on the page."""
    if len(digest) != 2 * hashlib.sha256().digest_size or not set(digest) <= set(
        "0123456789abcdef"
    ):
        raise Http404
    found = phone_queries.offered(bytes.fromhex(digest))
    if found is None or not reach(request, Permission.MANAGE_PHONES).holds(found.area):
        raise Http404
    is_late = found.expires_at <= wiring.tools().now()
    name = "taken" if found.device is not None else "over" if is_late else "shown"
    page = PhoneOfferPage(
        state_url=request.path,
        state=words.OFFER_STATES[name],
        is_waiting=name == "shown",
        minutes=phone_request.CODE_SECONDS // 60,
        area_name=_area_names().get(found.area, ""),
        phone_url="" if found.device is None else reverse("office:phone", args=[found.device]),
    )
    return show(request, "office/phone_offer.html", "phones", page)


@door(Permission.MANAGE_PHONES)
def phone(request: HttpRequest, phone_id: UUID) -> HttpResponse:
    """Show one phone: who works with it, what it holds, what waits on it."""
    return _phone(request, _found(request, phone_id))


@door(Permission.MANAGE_PHONES)
@require_POST
def phone_prepare(request: HttpRequest, phone_id: UUID) -> HttpResponse:
    """Make the list of a session, or one table's part of it, for a phone."""
    line, tools = _found(request, phone_id), wiring.tools()
    code, _, day = request.POST.get("session", "").rpartition("/")
    try:
        table, tables = _tables(request.POST.get("table", ""))
    except ValueError:
        return _phone(request, line, FieldError("id_table", words.NO_TABLE))
    try:
        _, households_on_it = jobs.prepare(
            jobs.ListOrder(phone_id, code, date.fromisoformat(day), table, tables),
            tools,
            reach=reach(request, Permission.MANAGE_PHONES),
            acting=tools.acting(staff_of(request).id),
        )
    except (ValueError, jobs.NoSession, OutOfReach):
        return _phone(request, line, FieldError("id_session", words.NO_SESSION))
    except (LeaseHeld, DeviceNotTrusted, CycleClosed):
        return _phone(request, line, FieldError("id_session", words.NO_LIST))
    said = words.PREPARED % {"households": households_on_it}
    messages.success(request, said if households_on_it else words.PREPARED_EMPTY)
    return redirect("office:phone", phone_id)


@door(Permission.MANAGE_PHONES)
@require_POST
def phone_revoke(request: HttpRequest, phone_id: UUID) -> HttpResponse:
    """Revoke a phone at once."""
    try:
        is_new = revoke_device(
            phone_id,
            reach=reach(request, Permission.MANAGE_PHONES),
            acting=wiring.tools().acting(staff_of(request).id),
        )
    except NoSuchDevice as error:
        raise Http404 from error
    messages.success(request, words.REVOKED if is_new else words.REVOKED_BEFORE)
    return redirect("office:phone", phone_id)


@door(Permission.MANAGE_PHONES)
@require_POST
def phone_break(request: HttpRequest, phone_id: UUID, lease_id: UUID) -> HttpResponse:
    """Propose to a second person to break a list that a lost phone holds."""
    line = _found(request, phone_id)
    try:
        breaking.propose(
            lease_id,
            reach=reach(request, Permission.MANAGE_PHONES),
            acting=wiring.tools().acting(staff_of(request).id),
        )
    except (breaking.NoSuchList, OutOfReach) as error:
        raise Http404 from error
    messages.success(request, words.BREAK_PROPOSED)
    return redirect("office:phone", line.id)


def _found(request: HttpRequest, phone_id: UUID) -> phone_queries.PhoneLine:
    """Return a phone in reach. Raises: Http404."""
    areas = reach(request, Permission.MANAGE_PHONES).areas
    found = phone_queries.phones(areas, only=phone_id)
    if not found:
        raise Http404
    return found[0]


def _phones(request: HttpRequest, *errors: FieldError) -> HttpResponse:
    covered, names = reach(request, Permission.MANAGE_PHONES), _area_names()
    areas = tuple(Choice(str(area), name) for area, name in names.items() if covered.holds(area))
    field = ChangeField(
        "area", "select", words.AREA, areas, hint=words.AREA_HINT, is_required=True
    )  # fmt: skip
    rows = tuple(_row(line, names) for line in phone_queries.phones(covered.areas))
    reader, frames = (
        reverse("field:file", args=[build(), f"field/{name}"])
        for name in ("scan/picture.js", "domain/frames.js")
    )
    page = PhonesPage(rows, (field,), errors, reader, frames)
    return show(request, "office/phones.html", "phones", page, status=422 if errors else 200)


def _phone(
    request: HttpRequest, line: phone_queries.PhoneLine, *errors: FieldError
) -> HttpResponse:
    sessions = _sessions(request) if line.state == _ACTIVE else ()
    page = PhonePage(
        row=_row(line, _area_names()),
        events=line.events,
        set_aside=line.set_aside,
        until=datetime.fromtimestamp(line.expires_at, UTC).date(),
        lists=tuple(
            PhoneListRow(
                called(held.names) or held.code, held.day, held.households, held.served,
                instant(held.expires_at), words.LIST_STATES[held.state],
                reverse("office:phone_break", args=[line.id, held.lease])
                if held.state == _PREPARED
                else "",
            )
            for held in phone_queries.lists_of(line.id, limit=LISTS_SHOWN)
        ),
        fields=_prepare_fields(sessions, request) if sessions else (),
        prepare_url=reverse("office:phone_prepare", args=[line.id]) if sessions else "",
        revoke_url=""
        if line.state == _REVOKED
        else reverse("office:phone_revoke", args=[line.id]),
        errors=errors,
    )  # fmt: skip
    return show(request, "office/phone.html", "phones", page, status=422 if errors else 200)


def _row(line: phone_queries.PhoneLine, names: dict[UUID, str]) -> PhoneRow:
    return PhoneRow(
        url=reverse("office:phone", args=[line.id]),
        mark=words.mark(line.id),
        area_name=names.get(line.area, ""),
        people=", ".join(name for _, name in line.operators),
        lists=line.leases,
        unsent=line.unsent,
        heard_at=None if line.heard_at is None else instant(line.heard_at),
        state=words.PHONE_STATES[line.state],
    )


def _sessions(request: HttpRequest) -> tuple[Choice, ...]:
    covered = reach(request, Permission.MANAGE_PHONES)
    return tuple(
        Choice(
            f"{code}/{day.isoformat()}",
            f"{called(point_names) or code} · {date_format(day, 'SHORT_DATE_FORMAT')}",
        )
        for code, point_names, day, _, _, programme, area in queries.sessions_from(
            wiring.tools().today(), covered.areas
        )
        if covered.covers(programme, area)
    )


def _prepare_fields(sessions: tuple[Choice, ...], request: HttpRequest) -> tuple[ChangeField, ...]:
    tables: list[Choice] = [Choice("0/1", words.ONE_TABLE)]
    tables += [
        Choice(f"{table}/{of}", words.TABLE % {"table": table, "tables": of})
        for of in range(2, TABLES_MAX + 1)
        for table in range(1, of + 1)
    ]
    chosen: list[str] = [request.POST.get("table", "0/1")]
    label: Word = words.SESSION
    return (
        ChangeField(
            "session", "select", label, sessions, [request.POST.get("session", "")],
            is_required=True,
        ),
        ChangeField("table", "select", words.TABLES, tuple(tables), chosen, words.TABLES_HINT),
    )  # fmt: skip


def _tables(text: str) -> tuple[int, int]:
    """Return which table of how many; 0 of 1 is all of it. Raises: ValueError."""
    table, tables = (int(part) for part in text.split("/", 1))
    if not (table, tables) == (0, 1) and not 1 <= table <= tables <= TABLES_MAX:
        raise ValueError("no such table")
    return table, tables


def _area_names() -> dict[UUID, str]:
    return {area: called(names) for area, names in households.areas()}


def _origin(request: HttpRequest) -> str:
    """Return where phones reach the server: as it is set, else as this page was reached."""
    try:
        return public_address()
    except NoAddress:
        return f"{request.scheme}://{request.get_host()}"


def _host(origin: str) -> str:
    return origin.partition("://")[2].partition(":")[0]
