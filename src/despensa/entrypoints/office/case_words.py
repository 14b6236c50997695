"""Words of the page about cases."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy, pgettext_lazy

from despensa.domain.redemption.verdict import Verdict
from despensa.entrypoints.office.states import State, Word

CAUSES: Mapping[str, Word] = {
    "NO_ENTITLEMENT": gettext_lazy("Handed over to a card without a right"),
    "OTHER_LEASE": gettext_lazy("Handed over from another phone's list"),
    "OVER_LEASE": gettext_lazy("More handed over than the list held"),
    "OVER_BALANCE": gettext_lazy("Handed over after everything was collected"),
    "RELEASED_SPENT": gettext_lazy("Released to another phone after it was handed over"),
    "RELEASED_FREED": gettext_lazy("Released to another phone after the office had freed it"),
    "FORKED_JOURNAL": gettext_lazy("The phone's journal has two versions"),
}
VERDICTS: Mapping[Verdict, Word] = {
    Verdict.TAKEN_TWICE: pgettext_lazy("case", "Collected twice"),
    Verdict.MISTAKE_AT_THE_POINT: pgettext_lazy("case", "A mistake at the point"),
    Verdict.LIST_RELEASED: pgettext_lazy("case", "The list had been released or broken"),
    Verdict.PHONE_COPIED: pgettext_lazy("case", "The phone was copied or put back"),
    Verdict.NOT_HONEST_AT_THE_POINT: pgettext_lazy("case", "Not honest at the point"),
    Verdict.NOT_EXPLAINED: pgettext_lazy("case", "Could not be explained"),
}
OPEN = State("waiting", pgettext_lazy("case", "open"))
ONE_WORD = State("waiting", pgettext_lazy("case", "waits for a second person"))
CLOSED = State("done", pgettext_lazy("case", "closed by two people"))
WHAT_IT_WAS = gettext_lazy("What it was")
CHOOSE = gettext_lazy("Choose what it was.")
SAID = gettext_lazy("Noted. The case is closed when a second person says the same.")
ENDED = gettext_lazy("Closed: two people say the same.")
GIVEN = gettext_lazy("You have said what this case was: another person is needed.")
