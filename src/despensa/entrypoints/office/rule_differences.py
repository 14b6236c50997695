"""What two versions of a rule differ in, as the lines of two columns."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy, pgettext_lazy

from despensa.domain.eligibility.caution import rule_warnings
from despensa.domain.eligibility.difference import Difference, differences
from despensa.domain.eligibility.document import Problem, read_document
from despensa.domain.eligibility.parse import located, parse, parse_text
from despensa.entrypoints.office.rule_pages import RuleChangeRow, RuleLook
from despensa.entrypoints.office.rule_words import IN_LINE
from despensa.entrypoints.office.states import Word
from despensa.entrypoints.office.text_fault_words import said

PARTS: dict[str, Word] = {
    "parameter": pgettext_lazy("part of a rule", "Number with dates"),
    "clause": pgettext_lazy("part of a rule", "Ground"),
    "right": pgettext_lazy("part of a rule", "Who is entitled"),
    "benefit": pgettext_lazy("part of a rule", "What is given"),
    "priority": pgettext_lazy("part of a rule", "Who comes first"),
    "budget": pgettext_lazy("part of a rule", "Budget"),
    "case": pgettext_lazy("part of a rule", "Example"),
    "fact": pgettext_lazy("part of a rule", "Fact"),
    "order": pgettext_lazy("part of a rule", "Order in the file"),
    "version": pgettext_lazy("part of a rule", "Version"),
    "title": pgettext_lazy("part of a rule", "Title"),
    "outcomes": pgettext_lazy("part of a rule", "What people read about each answer"),
    "languages": pgettext_lazy("part of a rule", "Languages"),
    "purpose": pgettext_lazy("part of a rule", "Purpose"),
    "subject": pgettext_lazy("part of a rule", "Who has the right"),
    "rule": pgettext_lazy("part of a rule", "Short name"),
}
OTHER = gettext_lazy("Another part")


def look_at(text: str, texts: Mapping[int, str]) -> RuleLook:
    """Return what an approver sees of a rule beside the last of the versions before it."""
    document = read_document(text)
    rule = parse(document)
    last = max(texts, default=None)
    found = () if last is None else differences(parse_text(texts[last]), rule)
    warnings = located(rule_warnings(rule), document)
    return RuleLook(last, change_rows(found), tuple(map(located_words, warnings)), text)


def located_words(problem: Problem) -> str:
    """Return a fault or warning with its line and its place in the file before it."""
    place = "/".join(map(str, problem.path))
    where = str(IN_LINE % {"line": problem.line}) if problem.line else ""
    return ": ".join(filter(None, (", ".join(filter(None, (where, place))), said(problem.text))))


def change_rows(found: Iterable[Difference]) -> tuple[RuleChangeRow, ...]:
    """Return differences with the word for the part of each; the number of the version is none."""
    return tuple(
        RuleChangeRow(PARTS.get(one.part, OTHER), one.name, one.before, one.after)
        for one in found
        if one.part != "version"
    )
