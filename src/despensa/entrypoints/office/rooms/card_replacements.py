"""
Replacing a household's card: scan another one, and it is done.

Where a phone holds the household's goods, the slip it learns from is printed beside the new card.
"""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from despensa.domain.enrolment.card_binding import CardRefused
from despensa.domain.identifier import display_card_number
from despensa.domain.reach import OutOfReach
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import replacing
from despensa.entrypoints.jobs.appeal_papers import language_for
from despensa.entrypoints.jobs.desk import SCANNED_MAX, read_card
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.desk_pages import DeskFormPage
from despensa.entrypoints.office.desk_words import CARD_TROUBLES
from despensa.entrypoints.office.parts import FieldError
from despensa.entrypoints.office.print_files import given_away
from despensa.entrypoints.office.shell import reach, show, staff_of
from despensa.records.cards import queries

_DONE = gettext_lazy("Replaced. The old card counts no more; the new one counts from now on.")


_NO_SLIP = gettext_lazy("No phone holds goods of this household now: no slip is needed.")


@door(Permission.ENROL_HOUSEHOLDS)
def card_replace(request: HttpRequest, household_id: UUID, number: str) -> HttpResponse:
    """Show the form of replacing one card; a POST with the new card's number or code does it."""
    known = queries.household_of(number, reach=reach(request, Permission.ENROL_HOUSEHOLDS))
    if known is None or known.household != household_id:
        raise Http404
    errors: tuple[FieldError, ...] = ()
    typed = request.POST.get("by", "")[:SCANNED_MAX].strip()
    if request.method == "POST":
        tools = wiring.tools()
        try:
            new = read_card(typed, tools)
            acting = tools.acting(staff_of(request).id)
            replacing.replace(number, new, household_id, tools, acting=acting)
            slips = replacing.slips(number, new, household_id, tools, acting=acting)
        except CardRefused as refused:
            errors = (FieldError("id_by", CARD_TROUBLES[refused.trouble]),)
        except OutOfReach as refused:
            raise Http404 from refused
        else:
            messages.success(request, str(_DONE))
            if slips:
                return redirect("office:card_slips", household_id, number, new)
            return redirect("office:household", household_id)
    shown = display_card_number(number)
    page = DeskFormPage(
        title=gettext_lazy("Replace card %(number)s") % {"number": shown},
        action=reverse("office:card_replace", args=[household_id, number]),
        fields=(
            ChangeField(
                "by", "text", gettext_lazy("The new card"), (), [typed[:20]],
                gettext_lazy("Scan its code or type the ten characters, as in C7Q4-88KD-2."),
                is_required=True,
            ),
        ),
        button=gettext_lazy("Replace it"),
        notes=(
            gettext_lazy("It is free, and nobody is asked why. The right stays what it is."),
            gettext_lazy("Take a printed card of nobody. The old card counts no more at once."),
        ),
        errors=errors,
        back_url=reverse("office:household", args=[household_id]),
        back_word=gettext_lazy("Household"),
    )  # fmt: skip
    return show(request, "office/desk_form.html", "households", page, status=422 if errors else 200)


@door(Permission.ENROL_HOUSEHOLDS)
def card_slips(request: HttpRequest, household_id: UUID, number: str, new: str) -> HttpResponse:
    """Show that phones are to be told of a new card; a POST prints the slips for it."""
    for one in (number, new):
        known = queries.household_of(one, reach=reach(request, Permission.ENROL_HOUSEHOLDS))
        if known is None or known.household != household_id:
            raise Http404
    if request.method == "POST":
        try:
            files = _printed(request, household_id, number, new)
        except (CardRefused, OutOfReach) as refused:
            raise Http404 from refused
        if files:
            return given_away(f"slip-{new}", files)
        messages.info(request, str(_NO_SLIP))
        return redirect("office:household", household_id)
    page = DeskFormPage(
        title=gettext_lazy("Slip for card %(number)s") % {"number": display_card_number(new)},
        action=reverse("office:card_slips", args=[household_id, number, new]),
        fields=(),
        button=gettext_lazy("Print the slip"),
        notes=(
            gettext_lazy("A phone holds this household's goods and may have no network."),
            gettext_lazy(
                "Print the slip and give it along with the new card. The phone scans it once; from "
                "then on the new card stands in the place of the old one."
            ),
        ),
        back_url=reverse("office:household", args=[household_id]),
        back_word=gettext_lazy("Household"),
    )
    return show(request, "office/desk_form.html", "households", page)


def _printed(request: HttpRequest, household: UUID, old: str, new: str) -> list[tuple[str, bytes]]:
    """Return the slips of a replacement, one page each; none when no phone holds anything more."""
    tools = wiring.tools()
    acting = tools.acting(staff_of(request).id)
    made = replacing.slips(old, new, household, tools, acting=acting)
    language = language_for(household, tools.workspace.languages)
    return [
        (f"slip-{number}.pdf", replacing.paper(slip, new, language, tools))
        for number, slip in enumerate(made, start=1)
    ]
