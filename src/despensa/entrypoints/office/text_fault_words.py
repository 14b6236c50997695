"""
The sentences about a file of facts, or about a file as YAML, in the reader's language.

They are those of `domain.text_fault` by code; a test keeps both tables equal.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy

from despensa.entrypoints.office.states import Word

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
    "in_line": gettext_lazy("line {line}, column {column}, {place}: {why}"),
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
    "yaml": gettext_lazy(
        "not readable as YAML; look at the brackets, quotes, colons and indentation here"
    ),
    "yaml_colon": gettext_lazy(
        "not readable as YAML: a second colon in one line; put the text in quotes"
    ),
    "yaml_no_colon": gettext_lazy(
        "not readable as YAML: a key without a colon; write one, or join the lines"
    ),
    "yaml_open": gettext_lazy(
        "not readable as YAML: a bracket or a quote is not closed, or one too many is"
    ),
    "yaml_indent": gettext_lazy(
        "not readable as YAML: this line stands further in or out than its neighbours"
    ),
    "yaml_control": gettext_lazy("a character that nobody can see stands here; remove it"),
    "yaml_sign": gettext_lazy(
        "not readable as YAML: no text begins with this sign; put the text in quotes"
    ),
    "yaml_escape": gettext_lazy(
        "not readable as YAML: a backslash in double quotes; take single quotes"
    ),
    "yaml_more": gettext_lazy("not readable as YAML: a second document begins here; keep one"),
    "yaml_empty": gettext_lazy("the file is empty; begin with `format: 1`"),
    "yaml_alias": gettext_lazy("anchors and aliases (& and *) are not used here; write it out"),
    "yaml_tag": gettext_lazy("tags (!) are not used here; remove it"),
    "yaml_key": gettext_lazy("a key is not plain text"),
    "yaml_key_twice": gettext_lazy("the key appears twice; keep one"),
    "yaml_too_deep": gettext_lazy("nested too deep; give the inner part its own clause"),
}
