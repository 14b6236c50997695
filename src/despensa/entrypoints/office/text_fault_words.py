"""
The sentences about a file of facts that may not be used, in the reader's language.

They are those of `domain.text_fault` by code; a test keeps both tables equal.
"""

from collections.abc import Iterable, Mapping

from django.utils.translation import get_language_bidi, gettext_lazy

from despensa.domain.text_fault import Fault
from despensa.entrypoints.office.states import Word, isolated

FAULT_WORDS: Mapping[str, Word] = {
    "no_map": gettext_lazy(
        "{place}: the file must be a map with the keys catalogue, version and facts"
    ),
    "no_facts": gettext_lazy("{place}: facts must be a list with at least one fact"),
    "bad_title": gettext_lazy("{place}: catalogue must be its name, in lower-case words"),
    "bad_version": gettext_lazy("{place}: version must be a whole number from 1"),
    "fact_no_map": gettext_lazy("{place}: must be a map"),
    "name_twice": gettext_lazy("{place}: the name is used twice; rename or remove one"),
    "key_unknown": gettext_lazy("{place}: unknown key {key}; the keys are {known}"),
    "key_missing": gettext_lazy("{place}: the key {key} is missing"),
    "key_empty": gettext_lazy("{place}: the key {key} says nothing; fill it in or leave it out"),
    "bad_name": gettext_lazy("{place}: the name must be lower-case words joined by underscores"),
    "bad_subject": gettext_lazy("{place}: subject must be registrant or household"),
    "bad_type": gettext_lazy("{place}: type must be one of {known}"),
    "bad_retention": gettext_lazy("{place}: retention_days must be a whole number of days from 0"),
    "bad_label": gettext_lazy("{place}: label needs one sentence in each of {known}"),
    "bad_unit": gettext_lazy("{place}: unit must be one of {known}"),
    "bad_values": gettext_lazy("{place}: a choice needs values in words, each once"),
    "values_without_choice": gettext_lazy("{place}: only a choice has values"),
    "bad_bound": gettext_lazy("{place}: {key} is a whole number and only for the type int"),
    "value_labels_without_choice": gettext_lazy(
        "{place}: value_labels names the values of a choice"
    ),
    "bad_value_labels": gettext_lazy(
        "{place}: value_labels needs every value, in order, in each of {known}"
    ),
    "list_empty": gettext_lazy("{place}: {key} must name at least one of {known}"),
    "list_unknown": gettext_lazy("{place}: {key} knows {known}, not {found}"),
    "forbidden": gettext_lazy(
        "{place}: the {key} {found} falls under {category}, which is never held about "
        "people; remove it"
    ),
    "too_long": gettext_lazy("The catalogue has more than {most} characters. Hold fewer facts."),
    "in_line": gettext_lazy("line {line}, {place}: {why}"),
    "in_place": gettext_lazy("{place}: {why}"),
    "another_name": gettext_lazy(
        "The catalogue is called {old}, not {new}. Write `catalogue: {old}`."
    ),
    "another_number": gettext_lazy(
        "Version {old} is in force, so the next one is {next}, not {new}. Begin with "
        "the file of the version in force."
    ),
    "no_change": gettext_lazy("The file changes nothing: there is no new version to publish."),
    "stored_would_not_fit": gettext_lazy(
        "{place}: what is stored would no longer fit. A fact keeps its subject, type, "
        "unit and values, and may only take more; give the other one a name of its own."
    ),
    "read_by_rule": gettext_lazy(
        "{place}: the rule {rule} is in use and reads it, and {why}. Publish a rule "
        "without it first."
    ),
    "yaml_too_long": gettext_lazy("longer than {most} characters; split the rule"),
    "yaml": gettext_lazy("not readable as YAML"),
    "yaml_why": gettext_lazy("not readable as YAML: {found}"),
    "yaml_empty": gettext_lazy("the file is empty; begin with `format: 1`"),
    "yaml_alias": gettext_lazy("anchors and aliases (& and *) are not used here; write it out"),
    "yaml_tag": gettext_lazy("tags (!) are not used here; remove it"),
    "yaml_key": gettext_lazy("a key is not plain text"),
    "yaml_key_twice": gettext_lazy("the key appears twice; keep one"),
    "yaml_too_deep": gettext_lazy("nested too deep; give the inner part its own clause"),
    "rule_no_such_fact": gettext_lazy(
        "the catalogue holds no such fact; use one it holds, or propose it first"
    ),
    "rule_other_subject": gettext_lazy(
        "the catalogue holds this fact of the {found}; write `of` accordingly"
    ),
    "rule_other_type": gettext_lazy(
        "the catalogue holds this fact as {found}; write `type` accordingly"
    ),
    "rule_other_purpose": gettext_lazy("the catalogue does not hold this fact for rules"),
    "rule_other_value": gettext_lazy("{found} is no value of this fact in the catalogue"),
    "rule_empty": gettext_lazy("nothing is written here yet; write it"),
    "rule_whole": gettext_lazy(
        "{found} is no whole number; write digits alone, or the name of a number with dates"
    ),
    "rule_name": gettext_lazy(
        "write it in lower-case letters, digits and underscores, beginning with a letter"
    ),
    "rule_slug": gettext_lazy(
        "write it in lower-case letters, digits and hyphens, beginning with a letter"
    ),
    "rule_code": gettext_lazy(
        "write it in capital letters, digits and underscores, beginning with a letter"
    ),
    "rule_day": gettext_lazy("expected a day as in 2026-03-01"),
    "rule_month": gettext_lazy("expected a month as in 1990-05, a year alone, or nothing"),
}


def faults(found: Iterable[Fault]) -> list[str]:
    """Return what is wrong with a file and how to mend it."""
    return [_said(one) for one in found]


def said(text: str) -> str:
    """Return one fault in the reader's language; a text that is no fault as it is."""
    return _said(text) if isinstance(text, Fault) else text


def _said(found: Fault) -> str:
    values = {
        name: _said(value) if isinstance(value, Fault) else _in_order(value)
        for name, value in found.parameters.items()
    }
    return str(FAULT_WORDS[found.code]).format_map(values)


def _in_order(value: str) -> str:
    """Return a value that a right-to-left sentence cannot turn round."""
    return isolated(value) if get_language_bidi() else value
