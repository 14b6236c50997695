"""
Goods at the points: the end-of-day report, and what was delivered, lost, returned, opened, counted.

Nothing here is asked by a hand-over, and no entry is changed: what was wrong is reversed.
"""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from despensa.domain.ledger.stock import (
    TEXT_MAX,
    EntryKind,
    ItemDay,
    LossReason,
    StockEntry,
    StockLine,
    StockRefused,
)
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import goods
from despensa.entrypoints.office import stock_words as words
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.shell import called, instant, may, reach, show, staff_of
from despensa.entrypoints.office.states import Word
from despensa.entrypoints.office.stock_pages import (
    ContentRow,
    EntryRow,
    ItemRow,
    StockPage,
    StockPointPage,
    StockPointRow,
    StockWritePage,
)
from despensa.records.households import queries as households
from despensa.records.programmes import queries as programmes
from despensa.records.staff import queries as staff
from despensa.records.stock import queries
from despensa.usecases.record_stock import NoSuchPoint, record_stock
from despensa.usecases.reverse_stock import NoSuchEntry, reverse_stock

_DIGITS_MAX = 10


@door(Permission.SEE_STOCK)
def stock(request: HttpRequest) -> HttpResponse:
    """Show the points in reach, and what a parcel holds."""
    areas = {area: called(names) for area, names in households.areas()}
    rows = tuple(
        StockPointRow(
            reverse("office:stock_point", args=[point.code]),
            called(point.names) or point.code,
            point.code,
            areas.get(point.area, ""),
        )
        for point in queries.points(reach(request, Permission.SEE_STOCK).areas)
    )
    names = _names()
    contents = tuple(
        ContentRow(names.get(unit, str(unit)), " · ".join(f"{many} {code}" for code, many in held))
        for unit, held in queries.contents().items()
    )
    return show(request, "office/stock.html", "stock", StockPage(rows, contents))


@door(Permission.SEE_STOCK)
def stock_point(request: HttpRequest, code: str) -> HttpResponse:
    """Show a point's day: per item what was given, what is left and how far a count differs."""
    point = _point(request, code, Permission.SEE_STOCK)
    today = wiring.tools().today()
    errors: tuple[FieldError, ...] = ()
    try:
        day = date.fromisoformat(request.GET["day"]) if "day" in request.GET else today
    except ValueError:
        day, errors = today, (FieldError("id_day", words.BAD_DAY),)
    writes: tuple[Choice, ...] = ()
    if _may_write(request, point):
        writes = tuple(
            Choice(reverse("office:stock_write", args=[code, name]), words.WRITE[kind])
            for name, kind in words.NAMES.items()
        )
    names = _names()
    page = StockPointPage(
        called(point.names) or point.code,
        point.code,
        day,
        today,
        tuple(_item(item, names) for item in queries.day_of(point.id, day)),
        tuple(
            _entry(view, names, point.code, is_ours=bool(writes))
            for view in queries.entries(point.id, day)
        ),
        writes,
        errors,
    )
    return show(request, "office/stock_point.html", "stock", page, status=422 if errors else 200)


@door(Permission.KEEP_STOCK)
def stock_write(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """Write one entry; the form's own number makes sending it twice once."""
    point = _point(request, code, Permission.KEEP_STOCK)
    if kind not in words.NAMES:
        raise Http404
    if request.method != "POST":
        return _form(request, point, kind, wiring.tools().acting(None).new_id())
    entry_id, tools = _id(request.POST.get("entry", "")), wiring.tools()
    try:
        entry = _posted(request, point, kind, entry_id)
        is_new = record_stock(
            entry,
            reach=reach(request, Permission.KEEP_STOCK),
            acting=tools.acting(staff_of(request).id),
        )
    except _Wrong as error:
        return _form(request, point, kind, entry_id, error.error)
    except (StockRefused, NoSuchPoint):
        fault = FieldError(*_fault(request, kind))
        return _form(request, point, kind, entry_id, fault)
    messages.success(request, words.WRITTEN if is_new else words.WRITTEN_BEFORE)
    return redirect(f"{reverse('office:stock_point', args=[code])}?day={entry.day.isoformat()}")


@door(Permission.KEEP_STOCK)
@require_POST
def stock_reverse(request: HttpRequest, code: str, entry_id: UUID) -> HttpResponse:
    """Reverse an entry that was wrong."""
    point = _point(request, code, Permission.KEEP_STOCK)
    of = queries.point_of(entry_id)
    if of is None or of.id != point.id:
        raise Http404
    try:
        is_new = reverse_stock(
            entry_id,
            reach=reach(request, Permission.KEEP_STOCK),
            acting=wiring.tools().acting(staff_of(request).id),
        )
    except NoSuchEntry as error:
        raise Http404 from error
    messages.success(request, words.REVERSED if is_new else words.REVERSED_BEFORE)
    return redirect("office:stock_point", code)


class _Wrong(ValueError):
    """A field of the form holds what cannot be."""

    def __init__(self, field: str, message: Word) -> None:
        super().__init__(field)
        self.error = FieldError(f"id_{field}", message)


def _posted(request: HttpRequest, point: queries.PointView, kind: str, entry: UUID) -> StockEntry:
    """Return the entry a form says. Raises: _Wrong."""
    given = request.POST
    try:
        day = date.fromisoformat(given.get("day", ""))
        expires = given.get("expires_on", "")
        expires_on = date.fromisoformat(expires) if expires else None
    except ValueError as error:
        raise _Wrong("day", words.BAD_DAY) from error
    reason = given.get("reason", "")
    if words.NAMES[kind] is EntryKind.LOSS and reason not in {str(int(one)) for one in LossReason}:
        raise _Wrong("reason", words.NO_REASON)
    lines = []
    for item in goods.items():
        text = given.get(f"item_{item}", "").strip()
        if not text:
            continue
        if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS_MAX:
            raise _Wrong(f"item_{item}", words.BAD_QUANTITY)
        if int(text) or words.NAMES[kind] is EntryKind.COUNT:
            lines.append(StockLine(item, int(text)))
    texts = [given.get(name, "").strip() for name in ("lot", "donor", "waybill")]
    return StockEntry(
        entry.bytes, point.id.bytes, day, words.NAMES[kind], tuple(lines), texts[0], expires_on,
        texts[1], texts[2], LossReason(int(reason)) if reason else None,
    )  # fmt: skip


def _fault(request: HttpRequest, kind: str) -> tuple[str, Word]:
    """Return the field and the sentence for an entry that was refused as a whole."""
    if request.POST.get("day", "") > wiring.tools().today().isoformat():
        return "id_day", words.BAD_DAY
    if any(len(request.POST.get(name, "")) > TEXT_MAX for name in ("lot", "donor", "waybill")):
        return "id_waybill", words.BAD_TEXT
    first = next((name for name in request.POST if name.startswith("item_")), "day")
    is_full = any(
        request.POST.get(name, "").strip() for name in request.POST if name.startswith("item_")
    )
    if kind == "opened" and is_full:
        return f"id_{first}", words.NO_CONTENTS
    return f"id_{first}", words.BAD_QUANTITY


def _form(
    request: HttpRequest, point: queries.PointView, kind: str, entry: UUID, *errors: FieldError
) -> HttpResponse:
    page = StockWritePage(
        words.WRITE[words.NAMES[kind]],
        called(point.names) or point.code,
        point.code,
        reverse("office:stock_point", args=[point.code]),
        str(entry),
        _fields(request.POST, words.NAMES[kind]),
        errors,
    )
    return show(request, "office/stock_write.html", "stock", page, status=422 if errors else 200)


def _fields(given: Mapping[str, str], kind: EntryKind) -> tuple[ChangeField, ...]:
    names, today = _names(), wiring.tools().today().isoformat()

    def values(name: str, default: str = "") -> list[str]:
        return [given.get(name, default)]

    fields = [ChangeField("day", "date", words.DAY, values=values("day", today), is_required=True)]
    if kind is EntryKind.LOSS:
        reasons = tuple(Choice(str(int(one)), word) for one, word in words.REASONS.items())
        fields.append(
            ChangeField("reason", "select", words.REASON, reasons, values("reason"),
                        is_required=True)
        )  # fmt: skip
    hint = words.COUNT_HINT if kind is EntryKind.COUNT else ""
    fields += [
        ChangeField(
            f"item_{item}", "text", words.HOW_MANY % {"item": names.get(item, str(item))},
            values=values(f"item_{item}"), hint=hint,
        )
        for item in goods.items()
        if kind is not EntryKind.OPENED or item in queries.contents()
    ]  # fmt: skip
    if kind is EntryKind.DELIVERY:
        fields += [
            ChangeField("lot", "text", words.LOT, values=values("lot"), hint=words.LOT_HINT),
            ChangeField("expires_on", "date", words.EXPIRES_ON, values=values("expires_on")),
            ChangeField("donor", "text", words.DONOR, values=values("donor")),
        ]
    if kind in {EntryKind.DELIVERY, EntryKind.RETURN}:
        fields.append(ChangeField("waybill", "text", words.WAYBILL, values=values("waybill")))
    return tuple(fields)


def _item(item: ItemDay, names: Mapping[int, str]) -> ItemRow:
    return ItemRow(
        names.get(item.item, str(item.item)), item.before, item.received, item.given, item.lost,
        item.returned, item.opened, item.left, item.counted, item.difference,
    )  # fmt: skip


def _entry(
    view: queries.EntryView, names: Mapping[int, str], code: str, *, is_ours: bool
) -> EntryRow:
    stands = view.kind == EntryKind.REVERSAL or view.is_reversed
    notes = [view.lot, view.donor, view.waybill]
    if view.expires_on is not None:
        notes.insert(1, view.expires_on.isoformat())
    goods_said = [
        f"{'+' if made else ''}{many} {names.get(item, str(item))}"
        for item, many, made in view.lines
    ]
    return EntryRow(
        words.KINDS[EntryKind(view.kind)],
        " · ".join(goods_said),
        " · ".join(note for note in notes if note),
        "" if view.reason is None else words.REASONS[LossReason(view.reason)],
        "" if view.staff is None else staff.names([view.staff]).get(view.staff, ""),
        instant(view.written_at),
        view.is_reversed,
        "" if stands or not is_ours else reverse("office:stock_reverse", args=[code, view.id]),
    )


def _names() -> dict[int, str]:
    units = {number: called(names) or code for number, (code, names) in programmes.units().items()}
    return units | queries.content_items()


def _point(request: HttpRequest, code: str, permission: Permission) -> queries.PointView:
    """Return a point in reach. Raises: Http404."""
    point = queries.point(code)
    if point is None or not reach(request, permission).holds(point.area):
        raise Http404
    return point


def _may_write(request: HttpRequest, point: queries.PointView) -> bool:
    return may(request, Permission.KEEP_STOCK) and reach(request, Permission.KEEP_STOCK).holds(
        point.area
    )


def _id(text: str) -> UUID:
    """Return the entry's number from the form. Raises: Http404."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error
