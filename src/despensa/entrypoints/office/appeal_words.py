"""The words of the pages about appeals; what papers say lies in `entrypoints/appeal_words.py`."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import get_language, gettext_lazy, pgettext_lazy

from despensa.domain.appeal import Answer, AppealRefused, Ground, Reason, Why
from despensa.entrypoints.appeal_words import ground_said, reason_said
from despensa.entrypoints.office.states import State, Word

STATES: Mapping[Answer | None, State] = MappingProxyType(
    {
        None: State("waiting", pgettext_lazy("appeal", "waits for an answer")),
        Answer.UPHELD: State("done", pgettext_lazy("appeal", "upheld")),
        Answer.NOT_UPHELD: State("stopped", pgettext_lazy("appeal", "not upheld")),
        Answer.WITHDRAWN: State("information", pgettext_lazy("appeal", "withdrawn")),
    }
)
ANSWERS: Mapping[Answer, Word] = MappingProxyType(
    {
        Answer.UPHELD: gettext_lazy("Upheld: the rule decides again"),
        Answer.NOT_UPHELD: gettext_lazy("Not upheld, for a reason of the list"),
        Answer.WITHDRAWN: gettext_lazy("Withdrawn by the household"),
    }
)
_MENDING: Mapping[Why, Word] = MappingProxyType(
    {
        Why.NOT_DECIDED: gettext_lazy("Nothing was decided about this household in this cycle."),
        Why.TOO_LATE: gettext_lazy(
            "The last day to appeal is over. What has changed counts in the next cycle: correct the "
            "record."
        ),
        Why.BROUGHT_BEFORE: gettext_lazy(
            "An appeal against this decision waits for its answer already: print its paper again."
        ),
        Why.ANSWERED_BEFORE: gettext_lazy("This appeal was answered before: nothing was changed."),
        Why.DECIDED_IT: gettext_lazy(
            "You drafted, decided or approved this cycle: another person must answer."
        ),
        Why.TOOK_IT_DOWN: gettext_lazy("You took this appeal down: another person must answer."),
        Why.NO_SUCH_APPEAL: gettext_lazy("There is no such appeal."),
        Why.ID_USED_OTHERWISE: gettext_lazy(
            "This request was sent before with other content: begin it anew."
        ),
        Why.REASON_DOES_NOT_FIT: gettext_lazy(
            "Choose a reason for an appeal that is not upheld, and none for another answer."
        ),
        Why.TEXT_TOO_LONG: gettext_lazy("At most 2,000 characters: shorten what is said."),
        Why.NOBODY_TO_SEAL_FOR: gettext_lazy(
            "Nobody of this household is in the register any more: leave the words away."
        ),
        Why.NOT_UPHELD: gettext_lazy("This appeal was not upheld: nothing follows from it."),
        Why.WAITS_A_DAY: gettext_lazy(
            "One person runs this office: you answer 24 hours after it was taken down. Look at it "
            "anew then."
        ),
    }
)


def mending(refused: AppealRefused) -> Word:
    """Return why an appeal is not brought or answered, and how to go on."""
    return _MENDING[refused.why]


def why_word(why: Why) -> Word:
    """Return why somebody may not answer."""
    return _MENDING[why]


def ground_word(ground: Ground) -> str:
    """Return a ground in the reader's language."""
    return ground_said(ground, get_language() or "en")


def reason_word(reason: Reason) -> str:
    """Return a reason in the reader's language."""
    return reason_said(reason, get_language() or "en")
