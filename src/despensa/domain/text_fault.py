"""
What is wrong with a file of facts, or of a rule as a text: a stable code, parameters, and an English sentence.

Offices translate by code and parameters; the sentence is what the command line prints. A parameter
may be a fault itself, such as what a rule misses.
"""

from collections.abc import Mapping
from typing import Self

SENTENCES: Mapping[str, str] = {
    "no_map": "{place}: the file must be a map with the keys catalogue, version and facts",
    "no_facts": "{place}: facts must be a list with at least one fact",
    "bad_title": "{place}: catalogue must be its name, in lower-case words",
    "bad_version": "{place}: version must be a whole number from 1",
    "fact_no_map": "{place}: must be a map",
    "name_twice": "{place}: the name is used twice; rename or remove one",
    "key_unknown": "{place}: unknown key {key}; the keys are {known}",
    "key_missing": "{place}: the key {key} is missing",
    "key_empty": "{place}: the key {key} says nothing; fill it in or leave it out",
    "bad_name": "{place}: the name must be lower-case words joined by underscores",
    "bad_subject": "{place}: subject must be registrant or household",
    "bad_type": "{place}: type must be one of {known}",
    "bad_retention": "{place}: retention_days must be a whole number of days from 0",
    "bad_label": "{place}: label needs one sentence in each of {known}",
    "bad_unit": "{place}: unit must be one of {known}",
    "bad_values": "{place}: a choice needs values in words, each once",
    "values_without_choice": "{place}: only a choice has values",
    "bad_bound": "{place}: {key} is a whole number and only for the type int",
    "value_labels_without_choice": "{place}: value_labels names the values of a choice",
    "bad_value_labels": "{place}: value_labels needs every value, in order, in each of {known}",
    "list_empty": "{place}: {key} must name at least one of {known}",
    "list_unknown": "{place}: {key} knows {known}, not {found}",
    "forbidden": (
        "{place}: the {key} {found} falls under {category}, which is never held about people;"
        " remove it"
    ),
    "too_long": "The catalogue has more than {most} characters. Hold fewer facts.",
    "in_line": "line {line}, {place}: {why}",
    "in_place": "{place}: {why}",
    "another_name": "The catalogue is called {old}, not {new}. Write `catalogue: {old}`.",
    "another_number": (
        "Version {old} is in force, so the next one is {next}, not {new}. Begin with the file of"
        " the version in force."
    ),
    "no_change": "The file changes nothing: there is no new version to publish.",
    "stored_would_not_fit": (
        "{place}: what is stored would no longer fit. A fact keeps its subject, type, unit and"
        " values, and may only take more; give the other one a name of its own."
    ),
    "read_by_rule": (
        "{place}: the rule {rule} is in use and reads it, and {why}. Publish a rule without it"
        " first."
    ),
    "yaml_too_long": "longer than {most} characters; split the rule",
    "yaml": "not readable as YAML",
    "yaml_why": "not readable as YAML: {found}",
    "yaml_empty": "the file is empty; begin with `format: 1`",
    "yaml_alias": "anchors and aliases (& and *) are not used here; write it out",
    "yaml_tag": "tags (!) are not used here; remove it",
    "yaml_key": "a key is not plain text",
    "yaml_key_twice": "the key appears twice; keep one",
    "yaml_too_deep": "nested too deep; give the inner part its own clause",
    "rule_no_such_fact": "the catalogue holds no such fact; use one it holds, or propose it first",
    "rule_other_subject": "the catalogue holds this fact of the {found}; write `of` accordingly",
    "rule_other_type": "the catalogue holds this fact as {found}; write `type` accordingly",
    "rule_other_purpose": "the catalogue does not hold this fact for rules",
    "rule_other_value": "{found} is no value of this fact in the catalogue",
    "rule_empty": "nothing is written here yet; write it",
    "rule_whole": "{found} is no whole number; write digits alone, or the name of a number with dates",
    "rule_name": "write it in lower-case letters, digits and underscores, beginning with a letter",
    "rule_slug": "write it in lower-case letters, digits and hyphens, beginning with a letter",
    "rule_code": "write it in capital letters, digits and underscores, beginning with a letter",
    "rule_day": "expected a day as in 2026-03-01",
    "rule_month": "expected a month as in 1990-05, a year alone, or nothing",
}


class Fault(str):
    """
    A fault, which is its English sentence, with what other languages say it from.

    >>> Fault("bad_type", place="fact 1", known="int")
    'fact 1: type must be one of int'
    """

    __slots__ = ("code", "parameters")
    code: str
    parameters: Mapping[str, str]

    def __new__(cls, code: str, **parameters: str) -> Self:
        """Return the fault of a code; each parameter is a text or a fault."""
        self = super().__new__(cls, SENTENCES[code].format_map(parameters))
        self.code, self.parameters = code, parameters
        return self
