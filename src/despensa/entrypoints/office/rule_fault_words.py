"""
The sentences about a rule that may not be published, or is worth a second look, for its reader.

They are those of `domain.eligibility.faults` by code; a test keeps both tables equal.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy, pgettext_lazy

from despensa.entrypoints.office.states import Word
from despensa.entrypoints.office.words import FORBIDDEN

RULE_FAULT_WORDS: Mapping[str, Word] = {
    "text_control": gettext_lazy("the text holds a control character; keep it on one line"),
    "key_no_text": gettext_lazy("the key {key} is not text"),
    "no_place": gettext_lazy("this kind of value has no place in a rule"),
    "missing": gettext_lazy("{key} is missing; add it"),
    "key_unknown": gettext_lazy("{found} is not known here; known here: {known}"),
    "name_unknown": gettext_lazy(
        "{found} cannot be a name here; write it in lower-case letters, digits and underscores"
    ),
    "language_unknown": gettext_lazy("{found} is no code of a language; write it as en or pt-br"),
    "expected_kind": gettext_lazy("expected {wanted}, found {found}"),
    "kind_map": pgettext_lazy("fault of a rule", "a map of keys"),
    "kind_list": pgettext_lazy("fault of a rule", "a list"),
    "kind_text": pgettext_lazy("fault of a rule", "a text"),
    "kind_whole": pgettext_lazy("fault of a rule", "a whole number"),
    "kind_number": pgettext_lazy("fault of a rule", "a whole number or a map of one key"),
    "kind_value": pgettext_lazy("fault of a rule", "`true`, `false`, a whole number or a word"),
    "kind_nothing": pgettext_lazy("fault of a rule", "nothing"),
    "expected_one_of": gettext_lazy("expected one of {known}"),
    "expected_value": gettext_lazy("expected {wanted}, found {found}"),
    "only_programme": gettext_lazy(
        "expected `programme`: an area below the programme's is no ground of a rule; make"
        " a programme for the smaller area"
    ),
    "only_seed": gettext_lazy(
        "expected `seed_in_log`: a lot is drawn from a seed that the log held before, and"
        " from nothing else"
    ),
    "one_kind": gettext_lazy("one kind at a time; choose one of {known}"),
    "too_many": gettext_lazy("there are more than {most} of these; leave some out or join them"),
    "too_few": gettext_lazy("there are fewer than {least} of these; write more"),
    "empty_of": gettext_lazy("nothing stands here; write one of {known}"),
    "too_long": gettext_lazy("longer than {most} characters; say it in fewer"),
    "below": gettext_lazy("{found} is too small; the least is {least}"),
    "above": gettext_lazy("{found} is too large; the most is {most}"),
    "same_twice": gettext_lazy("one of these stands twice; keep one"),
    "no_bounds": gettext_lazy("give `at_least`, `below` or both"),
    "values_without_codes": gettext_lazy(
        "only a fact of the type `code` has values; leave them out"
    ),
    "not_as_format": gettext_lazy("this is not as rules are written; compare it with another rule"),
    "empty": gettext_lazy("nothing is written here yet; write it"),
    "whole": gettext_lazy(
        "{found} is no whole number; write digits alone, or the name of a number with dates"
    ),
    "name": gettext_lazy(
        "write it in lower-case letters, digits and underscores, beginning with a letter"
    ),
    "slug": gettext_lazy(
        "write it in lower-case letters, digits and hyphens, beginning with a letter"
    ),
    "code": gettext_lazy(
        "write it in capital letters, digits and underscores, beginning with a letter"
    ),
    "language": gettext_lazy("write the code of a language, as en or pt-br"),
    "day": gettext_lazy("expected a day as in 2026-03-01"),
    "month": gettext_lazy("expected a month as in 1990-05, a year alone, or nothing"),
    "parameter_unknown": gettext_lazy(
        "parameter {name} is not declared; add it under `parameters`"
    ),
    "clause_in_order": gettext_lazy("a clause cannot stand inside the order; write its condition"),
    "clause_in_clause": gettext_lazy(
        "a clause cannot stand inside another clause; write its condition"
    ),
    "area_of_member": gettext_lazy("the area belongs to the household; ask for it outside members"),
    "no_such_value": gettext_lazy("{found} is no value of {name}; it may be {known}"),
    "age_of_household": gettext_lazy(
        "a household has no age; put it inside `any_member` or `count`"
    ),
    "age_open": gettext_lazy(
        "an uncertain age could count for or against the person here; write `reading: "
        "widest` or `reading: narrowest`"
    ),
    "no_day": gettext_lazy("{found} is not a day of the calendar"),
    "too_large": gettext_lazy("the result could have more than 36 digits; use smaller factors"),
    "members_inside": gettext_lazy("members inside members: count them in a clause of their own"),
    "fact_undeclared": gettext_lazy("fact {name} is not declared; add it under `facts`"),
    "fact_other_type": gettext_lazy("fact {name} is {found}, but {wanted} is needed here"),
    "type_boolean": pgettext_lazy("fault of a rule", "yes or no"),
    "type_integer": pgettext_lazy("fault of a rule", "a whole number"),
    "type_code": pgettext_lazy("fault of a rule", "one of a list of values"),
    "fact_of_household": gettext_lazy(
        "fact {name} is a fact of the household; use it outside members"
    ),
    "fact_of_person": gettext_lazy("fact {name} is a fact of the person; use it inside members"),
    "sex_declared": gettext_lazy("sex is a person's code: female, male, other"),
    "until_before": gettext_lazy(
        "ends before it begins; `until` is the first day that no longer counts"
    ),
    "dates_fall": gettext_lazy("dates must rise from one value to the next"),
    "language_missing": gettext_lazy("the sentence in {language} is missing; add it"),
    "language_spoken": gettext_lazy(
        "people here read {language} too; add it to `languages`, and every text of the rule in it"
    ),
    "language_strange": gettext_lazy("{language} is not among the rule's `languages`"),
    "placeholder_unknown": gettext_lazy("{{{name}}} names no parameter of this rule"),
    "brace_alone": gettext_lazy("a brace stands alone; write the name of a parameter between two"),
    "only_clauses": gettext_lazy(
        "only clauses, `all`, `any` and `none` stand here, so that every reason has a sentence"
    ),
    "code_taken": gettext_lazy("this code says that the money ended; choose another"),
    "no_clause": gettext_lazy("there is no clause {name}"),
    "clause_unused": gettext_lazy("the clause is never used in `entitled_when`"),
    "twice": gettext_lazy("{name} appears twice; keep one"),
    "minimum_above": gettext_lazy("the least is above the maximum"),
    "unknown_above": gettext_lazy(
        "what is given while information is asked for is above the maximum"
    ),
    "no_unit": gettext_lazy("no benefit line has this unit"),
    "clauses_many": gettext_lazy("a rule with a budget has at most {most} clauses; join some"),
    "answers_differ": gettext_lazy("write one answer for each of the households"),
    "steps_fall": gettext_lazy("each step must begin above the one before it"),
    "not_of_household": gettext_lazy("not declared under `facts` as of the household"),
    "not_of_person": gettext_lazy("not declared under `facts` as of the person"),
    "other_value": gettext_lazy("{found} is no value of {name}, which is {wanted}"),
    "not_in_force": gettext_lazy(
        "Parameter {name} has no value on {day}: add a dated value with its legal basis, "
        "or decide on another date"
    ),
    "fact_card": gettext_lazy(
        "a right never depends on carrying a card; read what the card would prove"
    ),
    "fact_birth": gettext_lazy(
        "a birth date is read as an age and never compared; use `age` with bounds"
    ),
    "fact_area": gettext_lazy(
        "an area below the programme's is no ground of a rule; use `in_area: programme` "
        "and make a programme for the smaller area"
    ),
    "two_values": gettext_lazy("two values from {since} until {until}; leave `until` out"),
    "gap": gettext_lazy(
        "no value from {until} until {since}; a cycle of those days could not be decided."
        " Leave `until` out or close the gap"
    ),
    "clause_never": gettext_lazy("the bounds contradict each other: on {day} nobody can meet it"),
    "right_never": gettext_lazy(
        "the clauses contradict each other: on {day} nobody can be entitled"
    ),
    "clause_idle": gettext_lazy(
        "{name} is never reached: the right is the same whether it is met or not. Leave it out"
    ),
    "clause_covered": gettext_lazy(
        "{name} is never reached: {by} beside it decides the same cases and more. Leave "
        "it out, or mend its bounds"
    ),
    "single_month": gettext_lazy(
        "asks for one single month of birth, which points at persons; take a span of ages"
    ),
    "nothing_carried": gettext_lazy(
        "nothing would be carried over; write a number above 0 or leave the unit out"
    ),
    "after_lot": gettext_lazy("nothing comes after a lot, which leaves no two equal"),
    "order_idle": gettext_lazy("orders nothing without a `budget`; leave it out"),
    "order_missing": gettext_lazy("say under `priority` who comes first when the money ends"),
    "budget_sentences": gettext_lazy(
        "add `sentences` (`met`, `not_met`) in every language, so that whoever comes too "
        "late is told"
    ),
    "budget_case": gettext_lazy(
        "add a `case`: some households, and which of them the money reaches"
    ),
    "small_group": gettext_lazy(
        "fewer than {most} households; published figures are coarsened so that they point"
        " at nobody. Their right stays as it is"
    ),
    "value_ends": gettext_lazy(
        "no cycle from {until} on can be decided until a new version has a new value"
    ),
    "always_met": gettext_lazy("every household known meets this clause"),
    "equal_places": gettext_lazy(
        "where the money ends, those at an equal place all go without; end with a lot to "
        "decide between them"
    ),
    "carried_less": gettext_lazy(
        "whoever has more than {most} {unit} left loses the rest, and one cycle gives up "
        "to {maximum}"
    ),
    "carried_more": gettext_lazy(
        "{most} {unit} can never be left of {cycles} cycles that give up to {maximum} each"
    ),
    "cliff_edge": gettext_lazy(
        "a cliff edge: in the case “{sentence}” one unit more than {at} loses {lost}. "
        "Bands or a formula that falls with it would be gentler"
    ),
    "goods": pgettext_lazy("fault of a rule", "{number} {unit}"),
    "no_such_fact": gettext_lazy(
        "the catalogue holds no such fact; use one it holds, or propose it first"
    ),
    "held_of_household": gettext_lazy(
        "the catalogue holds this fact of the household; write `of: household`"
    ),
    "held_of_person": gettext_lazy(
        "the catalogue holds this fact of each person; write `of: person`"
    ),
    "held_otherwise": gettext_lazy(
        "the catalogue holds this fact as {found}; write `type` accordingly"
    ),
    "held_as_other": pgettext_lazy("fault of a rule", "something that no rule can read"),
    "other_purpose": gettext_lazy("the catalogue does not hold this fact for rules"),
    "value_not_held": gettext_lazy("{found} is no value of this fact in the catalogue"),
    "forbidden": gettext_lazy("the words speak of {category}, which is never held; leave it out"),
    **FORBIDDEN,
    "case_differs": gettext_lazy("“{sentence}”: expected {wanted}, but it is {found}"),
    "met": pgettext_lazy("fault of a rule", "met"),
    "not_met": pgettext_lazy("fault of a rule", "not met"),
    "unknown": pgettext_lazy("fault of a rule", "unknown"),
    "entitled": pgettext_lazy("fault of a rule", "entitled"),
    "not_entitled": pgettext_lazy("fault of a rule", "not entitled"),
    "needs_information": pgettext_lazy("fault of a rule", "needs information"),
    "reached": pgettext_lazy("fault of a rule", "reached by the money"),
    "too_late": pgettext_lazy("fault of a rule", "too late for the money"),
    "asks_none": pgettext_lazy("fault of a rule", "without a claim on the money"),
    "goods_none": pgettext_lazy("fault of a rule", "nothing"),
}
