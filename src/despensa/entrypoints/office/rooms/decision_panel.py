"""The `why` of one decision, as the household's page and the page of an appeal show it."""

from django.utils.formats import number_format
from django.utils.translation import get_language

from despensa.domain.eligibility.parse import parse_text
from despensa.entrypoints.jobs.why import explained
from despensa.entrypoints.office.pages import DecisionPanel
from despensa.entrypoints.office.rooms.cycle_words import OUTCOMES, STATE_NAMES
from despensa.entrypoints.office.rooms.decision_papers import papers_of
from despensa.entrypoints.office.shell import called, cycle_name
from despensa.entrypoints.office.states import CYCLE_STATES, OUTCOME_STATES
from despensa.records.programmes import queries as programmes


def decision_panel(
    row: programmes.DecisionRow, *, appeal_url: str = "", open_appeal_url: str = ""
) -> DecisionPanel:
    """Return the panel of a decision in the reader's language."""
    cycle = programmes.cycle(row.cycle)
    if cycle is None:
        raise LookupError("a decision without its cycle")
    rule = parse_text(cycle.rule_text)
    why = explained(row, cycle, get_language() or "en")
    units = programmes.units()
    given = [
        f"{number_format(quantity, force_grouping=True)} × {called(units[unit][1])}"
        for _, unit, quantity in row.lines
    ]
    return DecisionPanel(
        programme_name=called(cycle.programme_names),
        cycle_name=cycle_name(cycle.code),
        cycle_id=cycle.id,
        cycle_state=CYCLE_STATES[STATE_NAMES[cycle.state]],
        state=OUTCOME_STATES[OUTCOMES[row.outcome]],
        quantity=", ".join(given),
        sentences=(
            why.sentence,
            *(reason.sentence for reason in why.because),
            *(reason.sentence for reason in why.besides),
        ),
        rule_reference=f"{rule.name}/{cycle.rule_version}",
        frozen_on=cycle.reference_date,
        appeal_until=cycle.disputed_until,
        papers=papers_of(row.household, cycle),
        appeal_url=appeal_url,
        open_appeal_url=open_appeal_url,
    )
