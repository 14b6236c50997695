"""Invented contents of the pages of the rule builder."""

from collections.abc import Callable
from dataclasses import replace
from importlib import resources

from despensa.domain.catalogue import load_catalogue
from despensa.domain.eligibility.cases import failing_cases
from despensa.domain.eligibility.caution import rule_warnings
from despensa.domain.eligibility.difference import differences
from despensa.domain.eligibility.document import Problem, read_document
from despensa.domain.eligibility.faults import RuleFault
from despensa.domain.eligibility.parse import located, parse, parse_text
from despensa.domain.eligibility.rule import Rule
from despensa.domain.eligibility.sketch import Tree
from despensa.entrypoints.office import rule_pages, rule_words, work_pages
from despensa.entrypoints.office.parts import Choice, Fact
from despensa.entrypoints.office.rule_differences import change_rows
from despensa.entrypoints.office.rule_form.faults import in_words, placed
from despensa.entrypoints.office.rule_form.here import words_for
from despensa.entrypoints.office.rule_form.making import Making, making
from despensa.entrypoints.office.rule_form.money import empty_budget
from despensa.entrypoints.office.rule_form.sections import sections
from despensa.entrypoints.office.states import OUTCOME_STATES
from despensa.entrypoints.office.words import ACTIONS
from tests.entrypoints.office import invented_proposals
from tests.entrypoints.office.invented_parts import AN_ID, HASH, TODAY, at

UNITS = (Choice("parcel", "food parcel"), Choice("minor", "cents"))


def _text(name: str = "household-support") -> str:
    return resources.files("despensa.data").joinpath(f"rules/{name}.yaml").read_text("utf-8")


def rules() -> rule_pages.RulesPage:
    versions = (
        rule_pages.VersionRow(2, at(9, 12), HASH),
        rule_pages.VersionRow(1, at(9, 12, 3), HASH[::-1]),
    )
    return rule_pages.RulesPage(
        (
            rule_pages.ProgrammeRules(AN_ID, "Food parcel", "food-parcel", versions, True),
            rule_pages.ProgrammeRules(AN_ID, "Maternal grant", "maternal", (), True),
        )
    )


def no_rules() -> rule_pages.RulesPage:
    return rule_pages.RulesPage(())


def told(*, is_old: bool = False) -> rule_pages.CountPanel:
    row = rule_pages.BreakdownRow
    return rule_pages.CountPanel(
        "told",
        entitled="about 410 entitled",
        change="+20 / −<20",
        lines=(row("Entitled", "410"), row("Not entitled", "1,230"), row("Needs", "<20"),
               row("Given in a cycle: cents", "4,990,000 of at most 5,000,000"),
               row("Not reached by the money", "30")),
        reached=rule_pages.Breakdown(
            (row("Upper Mill", "230"), row("Olive Gate", "<20")),
            (row("one member", "<20"), row("2 to 3 members", "180")),
            (row("a girl or woman", "390"), row("a child below 5", "<20")),
        ),
        unreached=rule_pages.Breakdown(
            (row("Upper Mill", "30"), row("Olive Gate", "<20")),
            (row("one member", "<20"), row("2 to 3 members", "<20")),
            (row("a girl or woman", "20"), row("a child below 5", "<20")),
        ),
        examples=(
            rule_pages.ExampleRow(
                "A couple with a baby receives one parcel.", TODAY,
                OUTCOME_STATES["not_entitled"], "", OUTCOME_STATES["entitled"], "1 parcel",
            ),
            rule_pages.ExampleRow(
                "A single person.", TODAY, None, "", OUTCOME_STATES["needs_information"], "1 parcel"
            ),
        ),
        as_of=at(8, 12),
        left_today=41,
        hash_hex=HASH,
        is_before_last_change=is_old,
        token="x",
    )  # fmt: skip


def write(*, is_faulty: bool = False, name: str = "household-support") -> rule_pages.RuleWritePage:
    text = _text(name)
    tree = read_document(text).tree
    assert isinstance(tree, dict)
    errors = ()
    count = told(is_old=True)
    if is_faulty:
        tree = empty_budget(tree, TODAY.isoformat())
        made = _making(tree)
        problems = [
            Problem(("clauses", 1, "when"), RuleFault("empty")),
            Problem(("budget", "maximum"), RuleFault("empty")),
        ]
        errors, _ = placed(problems, sections(made), words_for(made))
        count = rule_pages.CountPanel("unfinished", missing=errors, missing_total=7)
    made = _making(tree)
    return rule_pages.RuleWritePage(
        AN_ID, "Food parcel", text, sections(made), count,
        parameters=tuple(tree["parameters"]), last_version=None if is_faulty else 1,
        errors=errors, summary=errors, is_checked=not is_faulty,
        unshown=(rule_words.PARTS["facts"], rule_words.PARTS["carry_over"]) if is_faulty else (),
    )  # fmt: skip


def review(*, is_first: bool = False) -> rule_pages.RuleReviewPage:
    return rule_pages.RuleReviewPage(
        AN_ID, "Food parcel", "Household support", _text(), 2, None if is_first else 1, HASH,
        rule_pages.CountPanel("refused", reason=rule_words.PREVIEWS_USED_UP % {"count": 50})
        if is_first
        else told(),
        changes=() if is_first else _changes(),
        problems=_said(failing_cases) if is_first else (),
        warnings=_said(rule_warnings),
    )  # fmt: skip


def _said(check: Callable[[Rule], tuple[Problem, ...]]) -> tuple[str, ...]:
    """Return what a check says of a rule whose examples come out otherwise."""
    text = _text().replace("outcome: entitled", "outcome: not_entitled")
    document = read_document(text.replace("state: met", "state: not_met", 1))
    problems = located(check(parse(document)), document)
    return in_words(problems, _making(document.tree))


def _making(tree: Tree) -> Making:
    return making(tree, load_catalogue(), UNITS, TODAY.isoformat(), ("es", "en", "ar", "fr"))


def proposal() -> work_pages.ProposalPage:
    look = rule_pages.RuleLook(
        1,
        _changes(),
        _said(rule_warnings),
        _text(),
    )
    asked = replace(invented_proposals.proposal(), action_word=ACTIONS["publish_rule"], rule=look)
    return replace(asked, totals=(), outputs=(), parameters=(Fact("Rule", "Food parcel"),))


def compare() -> rule_pages.RuleComparePage:
    return rule_pages.RuleComparePage(AN_ID, "Food parcel", 1, 2, (1, 2), _changes())


def compare_same() -> rule_pages.RuleComparePage:
    return rule_pages.RuleComparePage(AN_ID, "Food parcel", 1, 1, (1, 2))


def _changes() -> tuple[rule_pages.RuleChangeRow, ...]:
    before = _text("food-parcel")
    after = before.replace("value: 60", "value: 65").replace("version: 1", "version: 2")
    after = after.replace("DISPLACED", "HAD_TO_LEAVE").replace("lines: {parcel: 2}", "lines: {}")
    found = differences(parse_text(before), parse_text(after))
    return change_rows(found, words_for(_making(read_document(after).tree)))
