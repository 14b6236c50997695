"""Replacing a household's card: scan another one, and it is done."""

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
from despensa.entrypoints.jobs.desk import SCANNED_MAX, read_card
from despensa.entrypoints.office.access import door
from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.desk_pages import DeskFormPage
from despensa.entrypoints.office.desk_words import CARD_TROUBLES
from despensa.entrypoints.office.parts import FieldError
from despensa.entrypoints.office.shell import reach, show, staff_of
from despensa.records.cards import queries
from despensa.usecases.replace_card import replace_card

_DONE = gettext_lazy("Replaced. The old card counts no more; the new one counts from now on.")


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
            replace_card(
                number,
                read_card(typed, tools),
                household_id,
                acting=tools.acting(staff_of(request).id),
                sealer=tools.keeper.vault,
                today=tools.today(),
            )
        except CardRefused as refused:
            errors = (FieldError("id_by", CARD_TROUBLES[refused.trouble]),)
        except OutOfReach as refused:
            raise Http404 from refused
        else:
            messages.success(request, str(_DONE))
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
