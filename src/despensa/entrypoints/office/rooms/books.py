"""The books: the ledger's trial balance and the log's checkpoint, both checked as they are shown."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext

from despensa.adapters.log_storage import verify_log
from despensa.domain.encoding import dcbor
from despensa.domain.ledger.account import AccountKind
from despensa.domain.ports.log_storage import LogUnavailable
from despensa.domain.role import Permission
from despensa.domain.transparency import checkpoint
from despensa.domain.transparency.leaf import PublicKind, PublicLeaf, parse_leaf
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import rounds
from despensa.entrypoints.jobs.cards import DAY_ZERO
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.book_pages import (
    KindBalance,
    LeafRow,
    LedgerPage,
    LogPage,
    UnitBalance,
)
from despensa.entrypoints.office.parts import Turns
from despensa.entrypoints.office.shell import called, instant, reach, show
from despensa.entrypoints.office.states import CHECK_STATES, Word, isolated
from despensa.entrypoints.office.words import ACCOUNT_KINDS, ACTIONS, KEY_NAMES, LEAF_KINDS
from despensa.records.ledger import queries as ledger_queries
from despensa.records.programmes import queries as programmes
from despensa.records.stock import queries as stock_queries

LEAVES_SHOWN = 12
LEAVES_READ = 2_000
LEAF_DIGITS_MAX = 15
LEAVES_VERIFIED_AT_ONCE = 50_000

_KIND_NAMES = {
    AccountKind.GRANTED: "granted",
    AccountKind.FUND: "fund",
    AccountKind.ENTITLEMENT: "entitlement",
    AccountKind.WALLET: "wallet",
    AccountKind.POINT_STOCK: "stock",
    AccountKind.DELIVERED: "delivered",
    AccountKind.MERCHANT_PAYABLE: "merchant",
    AccountKind.SETTLEMENT: "settlement",
    AccountKind.LOSS: "loss",
    AccountKind.EMERGENCY: "emergency",
    AccountKind.RETURNED: "returned",
    AccountKind.LATE_SHARE: "late_share",
    AccountKind.STOCK_SUPPLIED: "stock_supplied",
    AccountKind.STOCK_GIVEN: "stock_given",
    AccountKind.STOCK_LOST: "stock_lost",
    AccountKind.STOCK_OPENED: "stock_opened",
}
_LEAF_NAMES = {
    PublicKind.RULE: "rule",
    PublicKind.CATALOGUE: "catalogue",
    PublicKind.APPROVAL: "approval",
    PublicKind.STAFF_KEY: "staff_key",
    PublicKind.ROOT: "root",
    PublicKind.TOTAL: "totals",
    PublicKind.START_UP: "start",
    PublicKind.RESTORE: "restore",
    PublicKind.RELEASE: "release",
    PublicKind.COLLECTOR_LIMIT: "collector_limit",
    PublicKind.FACT_DESTROYED: "fact_destroyed",
    PublicKind.KEY: "key",
    PublicKind.INTRODUCER_LIMIT: "introducer_limit",
    PublicKind.LOT: "lot",
    PublicKind.SCHEDULE: "schedule",
    PublicKind.KEY_COPY: "key_copy",
    PublicKind.KEY_DRILL: "key_drill",
}


@door(Permission.SEE_LEDGER)
def ledger(request: HttpRequest) -> HttpResponse:
    """Show the trial balance and what recomputing every balance finds."""
    if not reach(request, Permission.SEE_LEDGER).is_everything:
        # the trial balance is of the whole workspace: a part of it would not balance
        raise PermissionDenied
    units = {number: called(names) for number, (_, names) in programmes.units().items()}
    units |= stock_queries.content_items()
    totals = ledger_queries.trial_balance()
    found = ledger_queries.check()
    page = LedgerPage(
        units=tuple(
            _unit(units.get(unit, str(unit)), list(rows))
            for unit, rows in groupby(totals, key=lambda total: total.unit)
        ),
        checked_at=instant(wiring.tools().now()),
        state=CHECK_STATES["holds" if found.is_balanced else "broken"],
    )
    return show(request, "office/ledger.html", "ledger", page)


@door(Permission.SEE_LOG)
def log(request: HttpRequest) -> HttpResponse:
    """Show the checkpoint, whether the log holds, and its latest public leaves."""
    tools = wiring.tools()
    key = checkpoint.parse_vkey(tools.log_vkey)
    try:
        signed = checkpoint.verify(tools.log.checkpoint(), key)
    except LogUnavailable:
        signed = None
    size = 0 if signed is None else signed.size
    state, verified_at = CHECK_STATES["not_checked"], None
    if signed is not None and size <= LEAVES_VERIFIED_AT_ONCE:
        report = verify_log(tools.log.folder, tools.log_vkey)
        state = CHECK_STATES["holds" if report.is_verified else "broken"]
        verified_at = instant(tools.now())
    path = tools.log.folder / "checkpoint"
    leaves, turns = _leaves(request, tools, size)
    page = LogPage(
        origin=tools.workspace.log_origin,
        size=size,
        waiting=rounds.leaves_waiting(),
        root_hex="" if signed is None else signed.root.hex(),
        signed_at=instant(int(path.stat().st_mtime)) if path.exists() else None,
        key_name=tools.log_vkey.rsplit("+", 2)[1],
        state=state,
        verified_at=verified_at,
        witnesses=(),
        leaves=leaves,
        turns=turns,
    )
    return show(request, "office/log.html", "log", page)


def _unit(name: str, totals: Sequence[ledger_queries.KindTotal]) -> UnitBalance:
    debits = sum(total.debits for total in totals)
    credits_ = sum(total.credits for total in totals)
    return UnitBalance(
        unit_name=name,
        kinds=tuple(
            KindBalance(
                ACCOUNT_KINDS[_KIND_NAMES[AccountKind(total.kind)]],
                total.accounts,
                total.debits,
                total.credits,
            )
            for total in totals
        ),
        debit_total=debits,
        credit_total=credits_,
        state=CHECK_STATES["holds" if debits == credits_ else "broken"],
    )


def _leaves(
    request: HttpRequest, tools: wiring.Tools, size: int
) -> tuple[tuple[LeafRow, ...], Turns]:
    """Return a page of public leaves, newest first, and the links to those around it."""
    after, before = (_leaf_number(request, name, size) for name in ("after", "before"))
    if after is not None:
        first, end = after + 1, min(size, after + 1 + LEAVES_READ)
    else:
        end = size if before is None else before
        first = max(0, end - LEAVES_READ)
    read = list(enumerate(tools.log.read_leaves(first, end), first)) if first < end else []
    public = _public_leaves(read if after is not None else reversed(read))
    rows = sorted(public, key=lambda row: -row.number)
    is_full = len(rows) == LEAVES_SHOWN
    # a page that is not full ends where reading ended: what lies beyond was not looked at
    oldest = rows[-1].number if rows and (is_full or after is not None) else first
    newest = rows[0].number if rows and (is_full or after is None) else end - 1
    is_first = after is None and before is None
    return tuple(rows), Turns(
        previous_url="" if is_first or newest + 1 >= size else f"?after={newest}",
        next_url=f"?before={oldest}" if oldest > 0 else "",
    )


def _public_leaves(numbered: Iterable[tuple[int, bytes]]) -> list[LeafRow]:
    """Return the first public leaves of these, as many as a page shows."""
    rows: list[LeafRow] = []
    for number, data in numbered:
        leaf = parse_leaf(data)
        if isinstance(leaf, PublicLeaf):
            kind = PublicKind(leaf.kind)
            word = LEAF_KINDS[_LEAF_NAMES[kind]]
            rows.append(LeafRow(number, instant(leaf.at), word, _text(kind, leaf.body)))
        if len(rows) == LEAVES_SHOWN:
            break
    return rows


def _leaf_number(request: HttpRequest, name: str, size: int) -> int | None:
    asked = request.GET.get(name, "")
    is_number = asked.isdecimal() and len(asked) <= LEAF_DIGITS_MAX
    return min(int(asked), size) if is_number else None


def _text(kind: PublicKind, data: bytes | None) -> Word:
    """Return what a public leaf says, in a line."""
    if data is None:
        return gettext("a long text, in full in the log")
    body: dict[int, Any] = dcbor.decode(data)
    if kind is PublicKind.APPROVAL and body.get(1) in ACTIONS:
        return ACTIONS[body[1]]
    if kind in {PublicKind.RULE, PublicKind.CATALOGUE}:
        return gettext("version %(version)s, hash %(hash)s…") % {
            "version": body[1],
            "hash": body[2].hex()[:8],
        }
    if kind is PublicKind.ROOT:
        return gettext("facts frozen under %(hash)s…") % {"hash": body[2].hex()[:8]}
    if kind is PublicKind.FACT_DESTROYED:
        return gettext("%(fact)s, nothing needed it since %(day)s") % {
            "fact": isolated(body[0]),
            "day": date_format(date.fromordinal(DAY_ZERO + body[2])),
        }
    if kind is PublicKind.KEY:
        return f"{KEY_NAMES[body[0]]}: {body[2].hex()[:8]}…"
    if kind in {PublicKind.KEY_COPY, PublicKind.KEY_DRILL}:
        return f"{body[0].hex()[:8]}…"
    if kind is PublicKind.START_UP:
        return gettext("Version %(version)s") % {"version": body[1]}
    if kind is PublicKind.COLLECTOR_LIMIT:
        return gettext("%(person)s households a person, %(institution)s an institution") % {
            "person": body[1],
            "institution": body[2],
        }
    if kind is PublicKind.INTRODUCER_LIMIT:
        return gettext("%(person)s households a person, %(office)s an office") % {
            "person": body[1],
            "office": body[2],
        }
    if kind is PublicKind.LOT:
        return gettext("committed to as %(hash)s…") % {"hash": body[1].hex()[:8]}
    if kind is PublicKind.SCHEDULE:
        return gettext("on day %(day)s of every month") % {"day": body[1][0]}
    if kind is PublicKind.TOTAL:
        units = programmes.units()
        return ", ".join(_amount(name, count, units) for name, count in body[1])
    return ""


def _amount(name: str, count: int, units: Mapping[int, tuple[str, Mapping[str, str]]]) -> str:
    number = name.removeprefix("unit:")
    code, names = units.get(int(number) if number.isdecimal() else -1, (name, {}))
    return f"{number_format(count, force_grouping=True)} × {called(names) or code}"
