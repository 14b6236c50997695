"""
What is wrong with a file of facts, or with a file of any kind as YAML, as sentences.

What is wrong with a rule is in `eligibility.faults`.
"""

from collections.abc import Mapping

from despensa.domain.sentence import Sentence

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
    "in_line": "line {line}, column {column}, {place}: {why}",
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
    "yaml": "not readable as YAML; look at the brackets, quotes, colons and indentation here",
    "yaml_colon": "not readable as YAML: a second colon in one line; put the text in quotes",
    "yaml_no_colon": "not readable as YAML: a key without a colon; write one, or join the lines",
    "yaml_open": "not readable as YAML: a bracket or a quote is not closed, or one too many is",
    "yaml_indent": "not readable as YAML: this line stands further in or out than its neighbours",
    "yaml_sign": "not readable as YAML: no text begins with this sign; put the text in quotes",
    "yaml_escape": "not readable as YAML: a backslash in double quotes; take single quotes",
    "yaml_more": "not readable as YAML: a second document begins here; keep one",
    "yaml_control": "a character that nobody can see stands here; remove it",
    "yaml_empty": "the file is empty; begin with `format: 1`",
    "yaml_alias": "anchors and aliases (& and *) are not used here; write it out",
    "yaml_tag": "tags (!) are not used here; remove it",
    "yaml_key": "a key is not plain text",
    "yaml_key_twice": "the key appears twice; keep one",
    "yaml_too_deep": "nested too deep; give the inner part its own clause",
}


class Fault(Sentence):
    """
    What is wrong with a file.

    >>> Fault("bad_type", place="fact 1", known="int")
    'fact 1: type must be one of int'
    """

    __slots__ = ()
    templates = SENTENCES
