"""
From a tree that fits the schema to a rule, with all that a schema cannot see.

Decides whether languages are complete, dates rise, codes are unique, every clause is used and the
cases speak only of declared facts. Source: docs/explanation/design.md section 7.1.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from despensa.domain.eligibility.document import Path, Problem
from despensa.domain.eligibility.faults import RuleFault
from despensa.domain.eligibility.nodes import NodeReader, Place
from despensa.domain.eligibility.rule import (
    BUDGET_CODE,
    ENTITLED,
    NEEDS_INFORMATION,
    NOT_ENTITLED,
    Bands,
    BenefitLine,
    Budget,
    BudgetCase,
    BudgetTexts,
    CarryOver,
    Clause,
    ClauseCase,
    ClauseTexts,
    DatedValue,
    FactDeclaration,
    First,
    Highest,
    Household,
    Lot,
    Lowest,
    Member,
    NotInForce,
    Priority,
    Rounding,
    Rule,
    RuleCase,
    RuleParameter,
    Scope,
)
from despensa.domain.sentence import Name

OUTCOME_OF = {
    "entitled": ENTITLED,
    "not_entitled": NOT_ENTITLED,
    "needs_information": NEEDS_INFORMATION,
}
_REACHED = {"reached": True, "too_late": False, "asks_none": None}
CLAUSES_WITH_BUDGET = 30  # two bits each and two for the budget, in 63
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SEX = FactDeclaration("sex", "person", "code", ("female", "male", "other"))


class Builder:
    """Builds one rule from a tree that fits the schema, gathering problems on the way."""

    def __init__(self, tree: dict[str, Any]) -> None:
        """Read the declarations that everything else refers to."""
        self.tree = tree
        self.languages = tuple(tree["languages"])
        declared = {
            name: FactDeclaration(name, body["of"], body["type"], tuple(body.get("values", ())))
            for name, body in sorted(tree["facts"].items())
        }
        self.facts = declared
        self.scope: Scope = "applicant" if tree["subject"] == "person" else "household"
        self.nodes = NodeReader(declared, {})
        self.nodes.parameters = {
            name: self._parameter(name, body) for name, body in sorted(tree["parameters"].items())
        }

    def build(self) -> tuple[Rule, list[Problem]]:
        """Return the rule and every problem found; with problems the rule must not be used."""
        tree, fault = self.tree, self.nodes.fault
        if self.facts.get("sex", _SEX) != _SEX:
            fault(("facts", "sex"), "sex_declared")
        entitled_when = self.nodes.condition(
            tree["entitled_when"], Place(("entitled_when",), self.scope, 1)
        )
        self._only_clauses(tree["entitled_when"], ("entitled_when",))
        clauses = tuple(self._clause(body, i) for i, body in enumerate(tree["clauses"]))
        self._clause_names(clauses)
        benefit = tuple(self._benefit(body, i) for i, body in enumerate(tree["benefit"]))
        self._unique([line.unit for line in benefit], "benefit", "unit")
        self._unique([line.line for line in benefit], "benefit", "line")
        outcomes = {
            OUTCOME_OF[name]: self._texts(texts, ("outcomes", name))
            for name, texts in tree["outcomes"].items()
        }
        rule = Rule(
            name=tree["rule"],
            version=tree["version"],
            purpose=tree["purpose"],
            subject=tree["subject"],
            languages=self.languages,
            title=self._texts(tree["title"], ("title",)),
            outcome_texts=outcomes,
            facts=self.facts,
            parameters=self.nodes.parameters,
            clauses=clauses,
            entitled_when=entitled_when,
            benefit=benefit,
            priority=tuple(self._priority(p, i) for i, p in enumerate(tree.get("priority", ()))),
            budget=self._budget(benefit),
            cases=tuple(self._case(body, i, benefit) for i, body in enumerate(tree["cases"])),
            source=tree,
            beside=tree.get("beside", "nothing"),
            carry_over=self._carry_over(benefit),
        )
        self._band_order(rule)
        return rule, self.nodes.problems

    def _parameter(self, name: str, body: Mapping[str, Any]) -> RuleParameter:
        path: Path = ("parameters", name, "values")
        values: list[DatedValue] = []
        for index, dated in enumerate(body["values"]):
            here = (*path, index)
            since = self.nodes.day(dated["from"], (*here, "from"))
            until = self.nodes.day(dated["until"], (*here, "until")) if "until" in dated else None
            if until is not None and until <= since:
                self.nodes.fault((*here, "until"), "until_before")
            if values and (values[-1].since >= since):
                self.nodes.fault((*here, "from"), "dates_fall")
            basis = self._texts(dated["legal_basis"], (*here, "legal_basis"), placeholders=False)
            values.append(DatedValue(since, until, dated["value"], basis))
        return RuleParameter(name, body.get("unit", "number"), tuple(values))

    def _texts(
        self, texts: Mapping[str, str], path: Path, *, placeholders: bool = True
    ) -> Mapping[str, str]:
        self._languages(texts, path)
        if placeholders:
            for language, text in texts.items():
                self._placeholders(text, (*path, language))
        return texts

    def _languages(self, texts: Mapping[str, Any], path: Path) -> None:
        for language in self.languages:
            if language not in texts:
                self.nodes.fault(path, "language_missing", language=language)
        for language in texts:
            if language not in self.languages:
                self.nodes.fault((*path, language), "language_strange", language=language)

    def _placeholders(self, text: str, path: Path) -> None:
        for name in _PLACEHOLDER.findall(text):
            if name not in self.nodes.parameters:
                self.nodes.fault(path, "placeholder_unknown", name=name)
        if "{" in _PLACEHOLDER.sub("", text) or "}" in _PLACEHOLDER.sub("", text):
            self.nodes.fault(path, "brace_alone")

    def _only_clauses(self, tree: Mapping[str, Any], path: Path) -> None:
        (kind, body), *_ = tree.items()
        if kind in ("all", "any", "none"):
            for index, part in enumerate(body):
                self._only_clauses(part, (*path, kind, index))
        elif kind != "clause":
            self.nodes.fault((*path, kind), "only_clauses")

    def _clause(self, body: Mapping[str, Any], index: int) -> Clause:
        path: Path = ("clauses", index)
        signs = self.nodes.clause_signs.get(body["code"], {1})
        sign = next(iter(signs)) if len(signs) == 1 else 0
        when = self.nodes.condition(body["when"], Place((*path, "when"), self.scope, sign))
        self._languages(body["sentences"], (*path, "sentences"))
        for language, texts in body["sentences"].items():
            for state, text in texts.items():
                self._placeholders(text, (*path, "sentences", language, state))
        case = body["case"]
        clause_case = ClauseCase(
            case["sentence"],
            self.nodes.day(case["on"], (*path, "case", "on")),
            self._household(case["household"], (*path, "case", "household")),
            case["state"],
        )
        texts = {
            language: ClauseTexts(t["met"], t["not_met"], t["unknown"])
            for language, t in body["sentences"].items()
        }
        return Clause(body["code"], when, texts, clause_case)

    def _clause_names(self, clauses: tuple[Clause, ...]) -> None:
        codes = [clause.code for clause in clauses]
        self._unique(codes, "clauses", "code")
        if BUDGET_CODE in codes:
            path: Path = ("clauses", codes.index(BUDGET_CODE), "code")
            self.nodes.fault(path, "code_taken")
        for code in self.nodes.clause_signs:
            if code not in codes:
                self.nodes.fault(("entitled_when",), "no_clause", name=code)
        for index, code in enumerate(codes):
            if code not in self.nodes.clause_signs:
                self.nodes.fault(("clauses", index, "code"), "clause_unused")

    def _unique(self, names: list[str], section: str, key: str) -> None:
        for index, name in enumerate(names):
            if name in names[:index]:
                self.nodes.fault((section, index, key), "twice", name=name)

    def _benefit(self, body: Mapping[str, Any], index: int) -> BenefitLine:
        path: Path = ("benefit", index)
        place = Place((*path, "quantity"), self.scope, 1)
        (kind, inner), *_ = body["quantity"].items()
        reader = self.nodes.bands if kind == "bands" else self.nodes.number
        rounding = body.get("rounding", {"to": 1, "direction": "down"})
        for key, code in (("minimum", "minimum_above"), ("while_unknown", "unknown_above")):
            if body[key] > body["maximum"]:
                self.nodes.fault((*path, key), code)
        return BenefitLine(
            line=body["line"],
            unit=body["unit"],
            kind=body.get("kind", "item"),
            quantity=reader(inner, place.at(kind)),
            minimum=body["minimum"],
            maximum=body["maximum"],
            while_unknown=body["while_unknown"],
            rounding=Rounding(rounding["to"], rounding["direction"]),
            purpose=body.get("purpose", ""),
        )

    def _carry_over(self, benefit: tuple[BenefitLine, ...]) -> tuple[CarryOver, ...]:
        bodies = self.tree.get("carry_over", ())
        units = [line.unit for line in benefit]
        self._unique([body["unit"] for body in bodies], "carry_over", "unit")
        rules = []
        for index, body in enumerate(bodies):
            path: Path = ("carry_over", index)
            if body["unit"] not in units:
                self.nodes.fault((*path, "unit"), "no_unit")
            place = Place((*path, "at_most"), "household", 0)
            at_most = self.nodes.constant(body["at_most"], place)
            rules.append(CarryOver(body["unit"], at_most, body.get("cycles", 1)))
        return tuple(rules)

    def _priority(self, body: Mapping[str, Any], index: int) -> Priority:
        (kind, inner), *_ = body.items()
        place = Place(("priority", index, kind), self.scope, -1 if kind == "lowest" else 1)
        if kind == "lot":
            return Lot()
        if kind == "first":
            return First(self.nodes.condition(inner, place))
        number = self.nodes.number(inner, place)
        return Highest(number) if kind == "highest" else Lowest(number)

    def _budget(self, benefit: tuple[BenefitLine, ...]) -> Budget | None:
        body = self.tree.get("budget")
        if body is None:
            return None
        place = Place(("budget", "maximum"), "household", 0)
        if body["unit"] not in [line.unit for line in benefit]:
            self.nodes.fault(("budget", "unit"), "no_unit")
        if len(self.tree["clauses"]) > CLAUSES_WITH_BUDGET:
            self.nodes.fault(("clauses",), "clauses_many", most=CLAUSES_WITH_BUDGET)
        sentences = body.get("sentences", {})
        if sentences:
            self._languages(sentences, ("budget", "sentences"))
        for language, texts in sentences.items():
            for state, text in texts.items():
                self._placeholders(text, ("budget", "sentences", language, state))
        texts = {code: BudgetTexts(t["met"], t["not_met"]) for code, t in sentences.items()}
        maximum = self.nodes.constant(body["maximum"], place)
        case = self._budget_case(body["case"]) if "case" in body else None
        return Budget(body["unit"], maximum, texts, case)

    def _budget_case(self, body: Mapping[str, Any]) -> BudgetCase:
        path: Path = ("budget", "case")
        households = tuple(
            self._household(one, (*path, "households", index))
            for index, one in enumerate(body["households"])
        )
        if len(households) != len(body["reached"]):
            self.nodes.fault((*path, "reached"), "answers_differ")
        answers = tuple(_REACHED[answer] for answer in body["reached"])
        on = self.nodes.day(body["on"], (*path, "on"))
        return BudgetCase(body["sentence"], on, households, answers)

    def _band_order(self, rule: Rule) -> None:
        days = {d.since for parameter in rule.parameters.values() for d in parameter.values}
        for index, line in enumerate(rule.benefit):
            quantity = line.quantity
            if not isinstance(quantity, Bands) or self.nodes.problems:
                continue
            for day in sorted(days | {date(1970, 1, 1)}):
                try:
                    starts = [rule.constant(start, day) for start, _ in quantity.steps]
                except NotInForce:
                    continue
                if starts != sorted(set(starts)):
                    path = ("benefit", index, "quantity", "bands", "steps")
                    self.nodes.fault(path, "steps_fall")

    def _case(
        self, body: Mapping[str, Any], index: int, benefit: tuple[BenefitLine, ...]
    ) -> RuleCase:
        path: Path = ("cases", index)
        lines = body.get("lines")
        for unit in lines or ():
            if unit not in [line.unit for line in benefit]:
                self.nodes.fault((*path, "lines", unit), "no_unit")
        return RuleCase(
            body["sentence"],
            self.nodes.day(body["on"], (*path, "on")),
            self._household(body["household"], (*path, "household")),
            OUTCOME_OF[body["outcome"]],
            lines,
        )

    def _household(self, body: Mapping[str, Any], path: Path) -> Household:
        area = {"inside": True, "outside": False, "unknown": None}[body.get("area", "inside")]
        members = tuple(
            self._member(member, (*path, "members", i)) for i, member in enumerate(body["members"])
        )
        facts = body.get("facts", {})
        self._known(facts, "household", (*path, "facts"))
        return Household(area, facts, members)

    def _member(self, body: Mapping[str, Any], path: Path) -> Member:
        facts = body.get("facts", {})
        self._known(facts, "person", (*path, "facts"))
        born = str(body.get("born", "unknown"))
        if born == "unknown":
            return Member(None, 0, facts)
        precision = 1 if len(born) == 4 else 2
        month = f"{born}-01" if precision == 1 else born
        return Member(self.nodes.day(f"{month}-01", (*path, "born")), precision, facts)

    def _known(self, facts: Mapping[str, Any], of: str, path: Path) -> None:
        types = {"boolean": bool, "integer": int, "code": str}
        for name, value in facts.items():
            fact = self.facts.get(name)
            if fact is None or fact.of != of:
                self.nodes.fault((*path, name), f"not_of_{of}")
            elif type(value) is not types[fact.type] or (
                fact.type == "code" and value not in fact.values
            ):
                self.nodes.fault(
                    (*path, name),
                    "other_value",
                    found=str(value).lower() if isinstance(value, bool) else str(value),
                    name=Name("fact", name),
                    wanted=RuleFault(f"type_{fact.type}"),
                )
