"""The words for stations, steps and what a cycle waits for."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext_lazy, pgettext_lazy

from despensa.entrypoints.office.states import Word

STATIONS: Mapping[str, Word] = MappingProxyType(
    {
        "draft": pgettext_lazy("station", "Draft"),
        "decided": pgettext_lazy("station", "Decided"),
        "approved": pgettext_lazy("station", "Approved"),
        "open": pgettext_lazy("station", "Open"),
        "closed": pgettext_lazy("station", "Closed"),
        "settled": pgettext_lazy("station", "Settled"),
        "faded": pgettext_lazy("station", "Faded"),
    }
)
STEPS: Mapping[str, Word] = MappingProxyType(
    {
        "decide": gettext_lazy("Freeze the facts and decide"),
        "draft": gettext_lazy("Draft this cycle"),
        "propose_cards": gettext_lazy("Propose the cards"),
        "propose_opening": gettext_lazy("Propose the opening"),
        "propose_waiving": gettext_lazy("Propose to ask nothing back"),
        "propose_withdrawal": gettext_lazy("Propose to withdraw this cycle"),
        "submit": gettext_lazy("Submit for approval"),
        "import": gettext_lazy("Import now"),
        "propose_closing": gettext_lazy("Propose to close it now"),
    }
)
STEP_NOTES: Mapping[str, Word] = MappingProxyType(
    {
        "decide": gettext_lazy("The published rule decides; nothing is opened yet."),
        "draft": "",
        "propose_cards": gettext_lazy(
            "One card for each household without one, and ten without a household as stock."
        ),
        "propose_opening": gettext_lazy("A second person then approves exactly these totals."),
        "propose_waiving": gettext_lazy(
            "What was given too much stays with the households. A second person agrees."
        ),
        "propose_withdrawal": gettext_lazy(
            "For a cycle that was decided wrongly. Nothing of it is given: its decisions and its "
            "frozen facts are destroyed, the log says so, and another cycle may be drafted."
        ),
        "submit": gettext_lazy("Above 50 rows a second person approves."),
        "import": gettext_lazy("Up to 50 rows need no second person."),
        "propose_closing": gettext_lazy(
            "Before its published last day a second person must agree. Lists that are out go on "
            "until they end."
        ),
    }
)
STEP_QUESTIONS: Mapping[str, Word] = MappingProxyType(
    {
        "decide": "",
        "draft": "",
        "propose_cards": "",
        "propose_opening": gettext_lazy("Send this opening to a second person?"),
        "propose_waiving": gettext_lazy("Send this to a second person?"),
        "propose_withdrawal": gettext_lazy("Send the withdrawal of this cycle to a second person?"),
        "submit": gettext_lazy("Send this import to a second person?"),
        "import": gettext_lazy("Write these rows into the register?"),
        "propose_closing": gettext_lazy("Send the closing of this cycle to a second person?"),
    }
)
# what a cycle's page says while a proposal about it waits, by the proposal's action
WAITING_WORDS: Mapping[str, Word] = MappingProxyType(
    {
        "open_cycle": gettext_lazy("The opening waits for a second person."),
        "close_cycle": gettext_lazy("The closing waits for a second person."),
        "settle_recovery": gettext_lazy("The end of this recovery waits for a second person."),
        "withdraw_cycle": gettext_lazy("The withdrawal waits for a second person."),
    }
)
# What comes next in the life of a cycle, and what it waits for (domain.cycle_life.Waits).
CYCLE_NEXT: Mapping[str, Word] = MappingProxyType(
    {
        "open": gettext_lazy("It closes: claims stop"),
        "closed": gettext_lazy("It is settled: what nobody claimed goes back to the fund"),
        "settled": gettext_lazy("It fades: only sums are left, and the keys are destroyed"),
        "fading": gettext_lazy("It fades: only sums are left, and the keys are destroyed"),
    }
)
CYCLE_WAITS: Mapping[str, Word] = MappingProxyType(
    {
        "NOTHING": gettext_lazy("nothing: the next round does it"),
        "PUBLISHED_DAY": gettext_lazy("its published last day"),
        "PHONES": gettext_lazy("the lists that phones still hold"),
        "DISPUTES": gettext_lazy("the end of the days for disputes and appeals"),
        "APPEALS": gettext_lazy("appeals that are not decided yet"),
    }
)
