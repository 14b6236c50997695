"""
What is wrong with a rule, or worth a second look, as sentences: what was expected, how to mend it.

Words in backticks are those of the file; they are the same in every language.
"""

from collections.abc import Mapping

from despensa.domain.sentence import Name, Sentence, Value

_SHAPE = {
    "text_control": "the text holds a control character; keep it on one line",
    "key_no_text": "the key {key} is not text",
    "no_place": "this kind of value has no place in a rule",
    "missing": "{key} is missing; add it",
    "key_unknown": "{found} is not known here; known here: {known}",
    "name_unknown": (
        "{found} cannot be a name here; write it in lower-case letters, digits and underscores"
    ),
    "language_unknown": "{found} is no code of a language; write it as en or pt-br",
    "expected_kind": "expected {wanted}, found {found}",
    "kind_map": "a map of keys",
    "kind_list": "a list",
    "kind_text": "a text",
    "kind_whole": "a whole number",
    "kind_number": "a whole number or a map of one key",
    "kind_value": "`true`, `false`, a whole number or a word",
    "kind_nothing": "nothing",
    "expected_one_of": "expected one of {known}",
    "expected_value": "expected {wanted}, found {found}",
    "only_programme": (
        "expected `programme`: an area below the programme's is no ground of a rule; make a "
        "programme for the smaller area"
    ),
    "only_seed": (
        "expected `seed_in_log`: a lot is drawn from a seed that the log held before, and from "
        "nothing else"
    ),
    "one_kind": "one kind at a time; choose one of {known}",
    "too_many": "there are more than {most} of these; leave some out or join them",
    "too_few": "there are fewer than {least} of these; write more",
    "empty_of": "nothing stands here; write one of {known}",
    "too_long": "longer than {most} characters; say it in fewer",
    "below": "{found} is too small; the least is {least}",
    "above": "{found} is too large; the most is {most}",
    "same_twice": "one of these stands twice; keep one",
    "no_bounds": "give `at_least`, `below` or both",
    "values_without_codes": "only a fact of the type `code` has values; leave them out",
    "not_as_format": "this is not as rules are written; compare it with another rule",
    "empty": "nothing is written here yet; write it",
    "whole": ("{found} is no whole number; write digits alone, or the name of a number with dates"),
    "name": "write it in lower-case letters, digits and underscores, beginning with a letter",
    "slug": "write it in lower-case letters, digits and hyphens, beginning with a letter",
    "code": "write it in capital letters, digits and underscores, beginning with a letter",
    "language": "write the code of a language, as en or pt-br",
    "day": "expected a day as in 2026-03-01",
    "month": "expected a month as in 1990-05, a year alone, or nothing",
}
_PARTS = {
    "parameter_unknown": "parameter {name} is not declared; add it under `parameters`",
    "clause_in_order": "a clause cannot stand inside the order; write its condition",
    "clause_in_clause": "a clause cannot stand inside another clause; write its condition",
    "area_of_member": "the area belongs to the household; ask for it outside members",
    "no_such_value": "{found} is no value of {name}; it may be {known}",
    "age_of_household": "a household has no age; put it inside `any_member` or `count`",
    "age_open": (
        "an uncertain age could count for or against the person here; write `reading: widest` or "
        "`reading: narrowest`"
    ),
    "no_day": "{found} is not a day of the calendar",
    "too_large": "the result could have more than 36 digits; use smaller factors",
    "members_inside": "members inside members: count them in a clause of their own",
    "fact_undeclared": "fact {name} is not declared; add it under `facts`",
    "fact_other_type": "fact {name} is {found}, but {wanted} is needed here",
    "type_boolean": "yes or no",
    "type_integer": "a whole number",
    "type_code": "one of a list of values",
    "fact_of_household": "fact {name} is a fact of the household; use it outside members",
    "fact_of_person": "fact {name} is a fact of the person; use it inside members",
    "sex_declared": "sex is a person's code: female, male, other",
    "until_before": "ends before it begins; `until` is the first day that no longer counts",
    "dates_fall": "dates must rise from one value to the next",
    "language_missing": "the sentence in {language} is missing; add it",
    "language_spoken": (
        "people here read {language} too; add it to `languages`, and every text of the rule in it"
    ),
    "language_strange": "{language} is not among the rule's `languages`",
    "placeholder_unknown": "{{{name}}} names no parameter of this rule",
    "brace_alone": "a brace stands alone; write the name of a parameter between two",
    "only_clauses": (
        "only clauses, `all`, `any` and `none` stand here, so that every reason has a sentence"
    ),
    "code_taken": "this code says that the money ended; choose another",
    "no_clause": "there is no clause {name}",
    "clause_unused": "the clause is never used in `entitled_when`",
    "twice": "{name} appears twice; keep one",
    "minimum_above": "the least is above the maximum",
    "unknown_above": "what is given while information is asked for is above the maximum",
    "no_unit": "no benefit line has this unit",
    "clauses_many": "a rule with a budget has at most {most} clauses; join some",
    "answers_differ": "write one answer for each of the households",
    "steps_fall": "each step must begin above the one before it",
    "not_of_household": "not declared under `facts` as of the household",
    "not_of_person": "not declared under `facts` as of the person",
    "other_value": "{found} is no value of {name}, which is {wanted}",
    "not_in_force": (
        "Parameter {name} has no value on {day}: add a dated value with its legal basis, or "
        "decide on another date"
    ),
}
_LINT = {
    "fact_card": "a right never depends on carrying a card; read what the card would prove",
    "fact_birth": "a birth date is read as an age and never compared; use `age` with bounds",
    "fact_area": (
        "an area below the programme's is no ground of a rule; use `in_area: programme` and make "
        "a programme for the smaller area"
    ),
    "two_values": "two values from {since} until {until}; leave `until` out",
    "gap": (
        "no value from {until} until {since}; a cycle of those days could not be decided. Leave "
        "`until` out or close the gap"
    ),
    "clause_never": "the bounds contradict each other: on {day} nobody can meet it",
    "right_never": "the clauses contradict each other: on {day} nobody can be entitled",
    "clause_idle": (
        "{name} is never reached: the right is the same whether it is met or not. Leave it out"
    ),
    "clause_covered": (
        "{name} is never reached: {by} beside it decides the same cases and more. Leave it out, "
        "or mend its bounds"
    ),
    "single_month": (
        "asks for one single month of birth, which points at persons; take a span of ages"
    ),
    "nothing_carried": (
        "nothing would be carried over; write a number above 0 or leave the unit out"
    ),
    "after_lot": "nothing comes after a lot, which leaves no two equal",
    "order_idle": "orders nothing without a `budget`; leave it out",
    "order_missing": "say under `priority` who comes first when the money ends",
    "budget_sentences": (
        "add `sentences` (`met`, `not_met`) in every language, so that whoever comes too late is "
        "told"
    ),
    "budget_case": "add a `case`: some households, and which of them the money reaches",
}
_CAUTION = {
    "small_group": (
        "fewer than {most} households; published figures are coarsened so that they point at "
        "nobody. Their right stays as it is"
    ),
    "value_ends": "no cycle from {until} on can be decided until a new version has a new value",
    "always_met": "every household known meets this clause",
    "equal_places": (
        "where the money ends, those at an equal place all go without; end with a lot to decide "
        "between them"
    ),
    "carried_less": (
        "whoever has more than {most} {unit} left loses the rest, and one cycle gives up to "
        "{maximum}"
    ),
    "carried_more": (
        "{most} {unit} can never be left of {cycles} cycles that give up to {maximum} each"
    ),
    "cliff_edge": (
        "a cliff edge: in the case “{sentence}” one unit more than {at} loses {lost}. Bands or a "
        "formula that falls with it would be gentler"
    ),
    "goods": "{number} {unit}",
}
_CATALOGUE = {
    "no_such_fact": "the catalogue holds no such fact; use one it holds, or propose it first",
    "held_of_household": "the catalogue holds this fact of the household; write `of: household`",
    "held_of_person": "the catalogue holds this fact of each person; write `of: person`",
    "held_otherwise": "the catalogue holds this fact as {found}; write `type` accordingly",
    "held_as_other": "something that no rule can read",
    "other_purpose": "the catalogue does not hold this fact for rules",
    "value_not_held": "{found} is no value of this fact in the catalogue",
    "forbidden": "the words speak of {category}, which is never held; leave it out",
    "political_opinion": "political opinion",
    "party_or_union": "party or union",
    "votes": "votes and electoral numbers",
    "religion": "religion",
    "ethnicity": "ethnicity",
    "sexual_life": "sexual life",
    "health": "health",
    "criminal_record": "criminal record",
    "social_media": "social media",
    "movements": "whereabouts and movements",
    "biometrics": "biometrics",
    "scores": "scores about a person",
}
_CASES = {
    "case_differs": "“{sentence}”: expected {wanted}, but it is {found}",
    "met": "met",
    "not_met": "not met",
    "unknown": "unknown",
    "entitled": "entitled",
    "not_entitled": "not entitled",
    "needs_information": "needs information",
    "reached": "reached by the money",
    "too_late": "too late for the money",
    "asks_none": "without a claim on the money",
    "goods_none": "nothing",
}
SENTENCES: Mapping[str, str] = _SHAPE | _PARTS | _LINT | _CAUTION | _CATALOGUE | _CASES


class RuleFault(Sentence):
    """
    What is wrong with a rule, or worth a second look.

    >>> RuleFault("no_day", found="2026-02-31")
    '2026-02-31 is not a day of the calendar'
    """

    __slots__ = ()
    templates = SENTENCES


def goods(lines: Mapping[str, int]) -> tuple[Value, ...]:
    """Return quantities by unit as sentences; the one for nothing where there are none."""
    given = [(unit, number) for unit, number in lines.items() if number]
    if not given:
        return (RuleFault("goods_none"),)
    return tuple(RuleFault("goods", number=n, unit=Name("unit", unit)) for unit, n in given)
