"""
People registered twice: pairs one at a time, side by side; opening a pair is a look at both.

Lists hold no name: whom a pair is about is seen only where the look was written down.
"""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from despensa.domain.duplicate import Verdict
from despensa.domain.household.operation import REASONS, Kind, Order, Reason
from despensa.domain.household.refusal import ChangeRefused
from despensa.domain.household.statement import statements
from despensa.domain.ports.keeper import AccessRefused
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import deduplicating
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_pages import ChangeField, HouseholdChangePage
from despensa.entrypoints.office.duplicate_pages import DuplicatesPage, PairRow
from despensa.entrypoints.office.duplicate_words import STRENGTHS
from despensa.entrypoints.office.household_words import KINDS, refusal
from despensa.entrypoints.office.household_words import REASONS as REASON_WORDS
from despensa.entrypoints.office.parts import Choice, FieldError
from despensa.entrypoints.office.rooms.household_changes import acting, sentences, short_number
from despensa.entrypoints.office.rooms.pair_page import pair_page
from despensa.entrypoints.office.shell import called, instant, reach, show
from despensa.entrypoints.office.states import isolated
from despensa.entrypoints.office.words import TOO_MANY_READS
from despensa.records.duplicates import queries
from despensa.usecases.change_household import Wanted, change_household, preview_change
from despensa.usecases.decide_pair import decide_pair
from despensa.usecases.open_pair import NoSuchPair, OpenedPair, found_pair, open_pair

_SHOWN = 25
_AHEAD = 500
_DECIDED = {
    Verdict.NOT_SAME: gettext_lazy("Two people. This pair will not be brought again."),
    Verdict.ASKED: gettext_lazy("Noted: the household was asked. Food goes on for both."),
}
_ONE = gettext_lazy("One person now. It stands in the history of the household and can be undone.")
_NO_MORE = gettext_lazy("No other pair waits.")
_RUN = gettext_lazy("Proposed. The search runs once a second person has approved it.")
_PART = gettext_lazy("Only somebody whose role is for the whole register may propose it.")
_MISSING = gettext_lazy(
    "Searching the whole register needs the extra packages: pip install 'despensa[match]'."
)


@door(Permission.CHANGE_HOUSEHOLDS)
def duplicates(request: HttpRequest) -> HttpResponse:
    """Show how many pairs wait, and the first of them."""
    within = reach(request, Permission.CHANGE_HOUSEHOLDS)
    pairs = queries.waiting(_SHOWN, reach=within)
    page = DuplicatesPage(
        waiting=len(pairs) if len(pairs) < _SHOWN else queries.count_waiting(reach=within),
        pairs=tuple(_row(one) for one in pairs),
        people=queries.people_to_compare(),
        run_waits=deduplicating.waiting_proposal(),
        missing="" if deduplicating.is_installed() else _MISSING,
        may_run=within.is_everything,
    )
    return show(request, "office/duplicates.html", "duplicates", page)


@door(Permission.CHANGE_HOUSEHOLDS)
def next_pair(request: HttpRequest) -> HttpResponse:
    """Lead to the pair that waits after another one, in the order of the list."""
    waiting = queries.waiting(_AHEAD, reach=reach(request, Permission.CHANGE_HOUSEHOLDS))
    ids = [str(one.id) for one in waiting]
    after = request.GET.get("after", "")
    at = ids.index(after) if after in ids else -1
    # those behind it, then from the beginning; whoever was asked comes last
    left = [*waiting[at + 1 :], *waiting[: max(at, 0)]]
    left.sort(key=lambda one: one.decided.verdict is Verdict.ASKED)
    if not left:
        messages.info(request, _NO_MORE)
        return redirect("office:duplicates")
    return redirect("office:duplicate_pair", left[0].id)


@door(Permission.CHANGE_HOUSEHOLDS)
@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Propose a search of the whole register."""
    try:
        proposal = deduplicating.propose(acting=acting(request))
    except (OutOfReach, deduplicating.MatchMissing) as error:
        messages.error(
            request, _MISSING if isinstance(error, deduplicating.MatchMissing) else _PART
        )
        return redirect("office:duplicates")
    messages.success(request, _RUN)
    return redirect("office:proposal", proposal)


@door(Permission.CHANGE_HOUSEHOLDS)
def pair(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """Show both records; after a POST they are told apart, or somebody was asked."""
    if request.method == "POST":
        return _decide(request, pair_id)
    opened = _opened(request, pair_id)
    if opened is None:
        return redirect("office:duplicates")
    return show(request, "office/duplicate_pair.html", "duplicates", pair_page(opened))


@door(Permission.CHANGE_HOUSEHOLDS)
def same(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    """Show what changes when both records are of one person; after a POST it is so."""
    opened = _opened(request, pair_id)
    if opened is None:
        return redirect("office:duplicates")
    given = request.POST if request.method == "POST" else _fresh(request)
    today = wiring.tools().today()
    errors: tuple[FieldError, ...] = ()
    try:
        order = _order(opened, given, request)
        if request.method == "POST" and _is_reason(given):
            change_household(
                Wanted(order),
                acting=acting(request),
                vault=wiring.tools().keeper.vault,
                today=today,
                catalogue_version=0,
            )
            messages.success(request, _ONE)
            return redirect("office:duplicate_pair", pair_id)
        if request.method == "POST":
            errors = (FieldError("id_reason", gettext("Choose a reason.")),)
        situation, decided = preview_change(order, acting=acting(request), today=today)
    except ChangeRefused as refused:
        messages.error(request, refusal(refused))
        return redirect("office:duplicate_pair", pair_id)
    names = {record.view.id: record.full_name for record in opened.records}
    page = HouseholdChangePage(
        household_id=order.household,
        number=short_number(order.household),
        title=KINDS[Kind.SAME_PERSON],
        action=reverse("office:duplicate_same", args=[pair_id]),
        fields=(_why(given),),
        hidden=(("operation", given.get("operation", "")),),
        sentences=sentences(statements(decided, situation), names),
        errors=errors,
        button=gettext_lazy("Yes, this is one person"),
        back_url=reverse("office:duplicates"),
    )
    return show(
        request, "office/household_change.html", "duplicates", page, status=422 if errors else 200
    )


def _opened(request: HttpRequest, pair_id: UUID) -> OpenedPair | None:
    """Return a pair with both records open, or None when too many were opened this hour."""
    try:
        return open_pair(pair_id, acting=acting(request), vault=wiring.tools().keeper.vault)
    except NoSuchPair as error:
        raise Http404 from error
    except AccessRefused:
        messages.error(request, TOO_MANY_READS)
        return None


def _decide(request: HttpRequest, pair_id: UUID) -> HttpResponse:
    seen, said = request.POST.get("seen", ""), request.POST.get("verdict", "")
    verdicts = {"not_same": Verdict.NOT_SAME, "asked": Verdict.ASKED}
    if said not in verdicts or not seen.isdecimal() or len(seen) > 9:
        raise Http404
    try:
        found_pair(pair_id, reach=reach(request, Permission.CHANGE_HOUSEHOLDS))
        decide_pair(
            pair_id,
            verdicts[said],
            seen=int(seen),
            acting=acting(request),
            sealer=wiring.tools().keeper.vault,
        )
    except NoSuchPair as error:
        raise Http404 from error
    except ChangeRefused as refused:
        messages.error(request, refusal(refused))
        return redirect("office:duplicate_pair", pair_id)
    messages.success(request, _DECIDED[verdicts[said]])
    return redirect(f"{reverse('office:duplicate_next')}?{urlencode({'after': pair_id})}")


def _fresh(request: HttpRequest) -> QueryDict:
    return QueryDict(urlencode({"operation": str(acting(request).new_id())}))


def _order(opened: OpenedPair, given: QueryDict, request: HttpRequest) -> Order:
    """Return the operation that makes the two records one."""
    try:
        operation = UUID(given.get("operation", ""))
    except ValueError as error:
        raise Http404 from error
    first = REASONS[Kind.SAME_PERSON][0]
    return deduplicating.one_person(
        opened.pair.id,
        [record.view for record in opened.records],
        operation=operation,
        reason=Reason(int(str(given["reason"]))) if _is_reason(given) else first,
        day=acting(request).day,
    )


def _is_reason(given: QueryDict) -> bool:
    return given.get("reason", "") in {str(int(one)) for one in REASONS[Kind.SAME_PERSON]}


def _why(given: QueryDict) -> ChangeField:
    reasons = tuple(Choice(str(int(one)), REASON_WORDS[one]) for one in REASONS[Kind.SAME_PERSON])
    chosen = (given.get("reason", ""),)
    return ChangeField(
        "reason", "select", gettext_lazy("Why"), reasons, values=chosen, is_required=True
    )


def _row(one: queries.WaitingPair) -> PairRow:
    names = list(dict.fromkeys(called(area) for area in one.areas))
    return PairRow(
        pair_id=one.id,
        number=str(one.id)[:8],
        found_at=instant(one.found_at),
        state=STRENGTHS[one.strength],
        areas=" · ".join(isolated(name) for name in names),
        one_household=one.one_household,
        money_waits_until=one.decided.money_waits_until,
        is_asked=one.decided.verdict is Verdict.ASKED,
    )
