"""One word, one thing: module names that mean nothing and words the glossary forbids."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source_tree import ROOT, Module, modules, sample, suite_modules, tracked

BANNED_MODULES = {
    "utils", "util", "helpers", "helper", "common", "core", "misc", "base", "manager", "managers",
    "handler", "handlers", "processor", "processors",
}  # fmt: skip

# The word -> what to say. Only words that are wrong wherever they stand in an identifier.
FORBIDDEN_WORDS = {
    "beneficiary": "registrant, or household",
    "beneficiaries": "registrants, or households",
    "vendor": "merchant, or service_point",
    "blacklist": "name what it does (refused, revoked)",
    "whitelist": "name what it does (allowed, listed)",
    "dupe": "candidate_pair",
    "dupes": "candidate_pairs",
    "similarity": "match_weight, or probability",
    "nominee": "collector, or proxy",
    "payout": "settlement, or disbursement",
    "reimbursement": "settlement",
    "blockchain": "log",
    "enrollment": "enrolment",
    "nonpayment": "refusal",
    "voucher": "entitlement (a voucher is only a bearer instrument)",
}
# Identifiers of other people's software and formats, said as they say them.
FOREIGN = {"whitelist_externals"}

TODO = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?P<rest>.{0,20})")
TODO_FORM = re.compile(r"^\(#\d+\):")


def identifiers(module: Module) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.arg):
            yield node.arg, node
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node


def words(identifier: str) -> list[str]:
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", identifier)
    return [word for word in split.lower().split("_") if word]


def wrong_words(module: Module) -> list[str]:
    return [
        f"{module.at(node)}: {identifier} says {word!r}; say {FORBIDDEN_WORDS[word]}"
        for identifier, node in identifiers(module)
        if identifier not in FOREIGN
        for word in words(identifier)
        if word in FORBIDDEN_WORDS
    ]


def test_no_module_has_a_name_that_means_nothing():
    found = [module.place for module in modules() if module.path.stem in BANNED_MODULES]
    found += [
        module.place
        for module in modules()
        if module.path.name == "__init__.py" and module.path.parent.name in BANNED_MODULES
    ]

    assert not found


def test_identifiers_use_the_words_of_the_glossary():
    found = [line for module in modules() + suite_modules() for line in wrong_words(module)]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "bad", ["beneficiary_count = 1", "def blacklist(card): ...", "class Payout: ..."]
)
def test_the_check_sees_a_wrong_word(bad):
    assert wrong_words(sample(bad))


def test_every_todo_names_an_issue():
    here = str(ROOT / "tests" / "architecture")
    found = []
    for path in tracked("*.py", "*.js", "*.css", "*.html", "*.sql", "*.sh", "Makefile"):
        if str(path).startswith(here) or "vendor" in path.parts:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = TODO.search(line)
            if match and not (match[1] == "TODO" and TODO_FORM.match(match["rest"])):
                found.append(f"{path.relative_to(ROOT)}:{number}: write TODO(#123): or nothing")

    assert not found, "\n".join(found)


def test_the_glossary_names_every_forbidden_word():
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").lower()

    assert not [word for word in FORBIDDEN_WORDS if word not in glossary]
