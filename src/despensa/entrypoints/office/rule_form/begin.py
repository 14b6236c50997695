"""Where a draft begins: with nothing but what every rule has, or with a rule file."""

from collections.abc import Mapping, Sequence

from despensa.domain.eligibility.document import Problem, read_document
from despensa.domain.eligibility.parse import shape_problems
from despensa.domain.eligibility.sketch import OUTCOME_NAMES, Tree, empty_case, empty_line
from despensa.entrypoints.office import rule_words as words


class OtherShape(ValueError):
    """A file has parts that the form has no place for; `problems` say which."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems."""
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


def new_rule(
    code: str, names: Mapping[str, str], languages: Sequence[str], unit: str, on: str
) -> Tree:
    """Return the rule that an officer begins with: the area as its one ground, one benefit."""
    told = list(languages)
    clause = {
        "code": "LIVES_IN_AREA",
        "when": {"in_area": "programme"},
        "sentences": words.area_sentences(told),
        "case": {
            "sentence": words.area_case(told[0]),
            "on": on,
            "household": {"area": "outside", "members": [{}]},
            "state": "not_met",
        },
    }
    return {
        "format": 1,
        "rule": code,
        "version": 1,
        "purpose": "",
        "subject": "household",
        "languages": told,
        "title": {language: names.get(language, "") for language in told},
        "outcomes": {name: words.first_outcomes(name, told) for name in OUTCOME_NAMES},
        "facts": {},
        "parameters": {},
        "clauses": [clause],
        "entitled_when": {"all": [{"clause": "LIVES_IN_AREA"}]},
        "benefit": [empty_line(unit)],
        "cases": [empty_case(on)],
    }


def tree_of(text: str) -> Tree:
    """
    Return the tree of a rule file that the form has a place for.

    Raises: RuleError when it cannot be read; OtherShape.
    """
    document = read_document(text)
    problems = shape_problems(document)
    if problems or not isinstance(document.tree, dict):
        raise OtherShape(problems)
    return document.tree
