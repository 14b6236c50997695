"""The sentences of one household's decision, as every door tells them."""

from despensa.domain.eligibility.evaluate import decision_from_codes
from despensa.domain.eligibility.explain import Explanation, explain
from despensa.domain.eligibility.parse import parse_text
from despensa.records.programmes.queries import CycleRow, DecisionRow


def explained(decision: DecisionRow, cycle: CycleRow, language: str) -> Explanation:
    """Return why a decision is as it is, in one language, by the rule its cycle was decided by."""
    lines = [(line, quantity) for line, _, quantity in decision.lines]
    stored = decision_from_codes(decision.outcome, decision.clauses, lines)
    return explain(parse_text(cycle.rule_text), stored, cycle.reference_date, [language])
