"""What two versions of a rule differ in, as the lines of two columns."""

from collections.abc import Iterable, Mapping

from despensa.domain.eligibility.caution import rule_warnings
from despensa.domain.eligibility.difference import Difference, Lines, differences
from despensa.domain.eligibility.document import read_document
from despensa.domain.eligibility.parse import located, parse, parse_text
from despensa.entrypoints.office.rule_form.begin import tree_of
from despensa.entrypoints.office.rule_form.faults import in_words
from despensa.entrypoints.office.rule_form.here import making_here, words_for
from despensa.entrypoints.office.rule_pages import RuleChangeRow, RuleLook
from despensa.entrypoints.office.rule_words import PARTS
from despensa.entrypoints.office.said import Called, said
from despensa.entrypoints.office.states import Word


def look_at(text: str, texts: Mapping[int, str]) -> RuleLook:
    """Return what an approver sees of a rule beside the last of the versions before it."""
    document = read_document(text)
    rule = parse(document)
    last = max(texts, default=None)
    found = () if last is None else differences(parse_text(texts[last]), rule)
    making = making_here(tree_of(text))
    warnings = in_words(located(rule_warnings(rule), document), making)
    return RuleLook(last, change_rows(found, words_for(making)), warnings, text)


def change_rows(found: Iterable[Difference], names: Called) -> tuple[RuleChangeRow, ...]:
    """Return differences in the reader's words; the number of the version is none."""

    def lines(sentences: Lines) -> tuple[str, ...]:
        return tuple(said(one, names) for one in sentences)

    return tuple(
        RuleChangeRow(PARTS[one.part], str(_named(one, names)), lines(one.before), lines(one.after))
        for one in found
        if one.part != "version"
    )


def _named(one: Difference, names: Called) -> Word:
    """Return what the part is called: a fact or a unit by its word, another as in the file."""
    if one.part == "fact":
        return names.get(("fact", one.name), one.name)
    return names.get(("unit", one.name), one.name) if one.part == "carry_over" else one.name
