"""The sections of the builder's form, in the order in which a rule is thought of."""

from django.utils.translation import gettext_lazy

from despensa.domain.eligibility.document import Path
from despensa.domain.eligibility.sketch import OUTCOME_NAMES, STATES
from despensa.entrypoints.office import rule_words as words
from despensa.entrypoints.office.rule_form.benefits import line_block
from despensa.entrypoints.office.rule_form.carried import carried_section
from despensa.entrypoints.office.rule_form.households import clause_case, rule_case
from despensa.entrypoints.office.rule_form.making import Making, at, choices_of, leaf, name_of
from despensa.entrypoints.office.rule_form.money import money_section
from despensa.entrypoints.office.rule_form.right import right_blocks
from despensa.entrypoints.office.rule_form.rows import condition_block
from despensa.entrypoints.office.rule_pages import RuleBlock, RuleButton, RuleField
from despensa.entrypoints.office.states import Word


def sections(making: Making) -> tuple[RuleBlock, ...]:
    """Return the whole form."""
    return (
        _about(making),
        _grounds(making),
        _right(making),
        _benefit(making),
        carried_section(making),
        _parameters(making),
        money_section(making),
        _cases(making),
    )


def texts(path: Path, making: Making, label: Word = "") -> tuple[RuleField, ...]:
    """Return a field for a text in each language of the rule."""
    return tuple(
        leaf(making.tree, (*path, language), label or words.language_name(language),
             language=language)
        for language in making.languages
    )  # fmt: skip


def _about(making: Making) -> RuleBlock:
    tree = making.tree
    fields = (
        leaf(tree, ("rule",), gettext_lazy("Short name"),
             hint=gettext_lazy("Lower-case letters, digits and hyphens.")),
        leaf(tree, ("purpose",), gettext_lazy("Purpose"),
             hint=gettext_lazy("One word, such as food. Two benefits of one purpose collide.")),
        leaf(tree, ("subject",), gettext_lazy("Who has the right"), "choice", kind="select",
             choices=choices_of(words.SUBJECTS)),
    )  # fmt: skip
    beside = leaf(tree, ("beside",), gettext_lazy("What may come beside it"), "choice", kind="select",
             value=str(tree.get("beside") or "nothing"), choices=choices_of(words.BESIDE))  # fmt: skip
    outcomes = tuple(
        RuleBlock(f"part_outcomes-{name}", words.OUTCOMES[name], ("outcomes", name),
                  fields=texts(("outcomes", name), making))
        for name in OUTCOME_NAMES
    )  # fmt: skip
    return RuleBlock(
        "part_about", gettext_lazy("What this rule is"), (), layout="section",
        blocks=(
            RuleBlock("part_title", gettext_lazy("Title"), ("title",), layout="row",
                      fields=texts(("title",), making)),
            _languages(making),
            RuleBlock("part_names", layout="row", fields=fields),
            RuleBlock("part_beside", layout="row", fields=(beside,)),
            RuleBlock("part_outcomes", gettext_lazy("What people read about each answer"),
                      ("outcomes",), layout="fold", blocks=outcomes),
        ),
    )  # fmt: skip


def _languages(making: Making) -> RuleBlock:
    """Return what adds a language, and takes one away that nobody here is spoken to in."""
    held = making.languages
    more = tuple(
        RuleButton(f"add:languages-{code}",
                   gettext_lazy("Add %(language)s") % {"language": words.language_name(code)},
                   "part_title")
        for code in making.spoken if code not in held
    )  # fmt: skip
    fewer = tuple(
        RuleButton(f"remove:languages-{index}",
                   gettext_lazy("Remove %(language)s") % {"language": words.language_name(code)},
                   "part_title", is_stop=True)
        for index, code in enumerate(held) if code not in making.spoken and len(held) > 1
    )  # fmt: skip
    return RuleBlock(
        "part_languages", gettext_lazy("Languages"), ("languages",),
        gettext_lazy("Every text of the rule stands in each of: %(languages)s")
        % {"languages": " · ".join(map(words.language_name, held))},
        buttons=(*more, *fewer),
    )  # fmt: skip


def _grounds(making: Making) -> RuleBlock:
    clauses = making.tree.get("clauses", [])
    blocks = tuple(_clause(index, making) for index in range(len(clauses)))
    return RuleBlock(
        "part_clauses", gettext_lazy("Grounds"), ("clauses",),
        gettext_lazy(
            "Each ground is one row: a fact, a comparison, a value, and what people are told."
        ),
        layout="section", blocks=blocks,
        buttons=(RuleButton("add:clauses", gettext_lazy("One more ground"),
                            f"part_clauses-{len(clauses)}"),),
    )  # fmt: skip


def _clause(index: int, making: Making) -> RuleBlock:
    path: Path = ("clauses", index)
    code = str(at(making.tree, (*path, "code")) or "")
    languages = tuple(
        RuleBlock(
            f"part_{name_of((*path, 'sentences', language))}", words.language_name(language),
            (*path, "sentences", language),
            fields=tuple(
                leaf(making.tree, (*path, "sentences", language, state), words.STATES[state],
                     language=language)
                for state in STATES
            ),
        )
        for language in making.languages
    )  # fmt: skip
    said = (
        at(making.tree, (*path, "sentences", making.languages[0], "met"))
        if making.languages
        else ""
    )
    sentences = RuleBlock(
        f"part_{name_of((*path, 'sentences'))}", gettext_lazy("What people are told"),
        (*path, "sentences"), layout="fold", blocks=languages, summary=str(said or ""),
        is_open=not said,
    )  # fmt: skip
    name = RuleBlock(f"part_{name_of(path)}-name", layout="row", fields=(
        leaf(making.tree, (*path, "code"), gettext_lazy("Code of this ground"),
             hint=gettext_lazy("Capital letters and underscores; it stands on every decision.")),
    ))  # fmt: skip
    when = condition_block((*path, "when"), making, at(making.tree, (*path, "when")))
    return RuleBlock(
        f"part_{name_of(path)}", code, path, layout="card",
        blocks=(when, name, sentences, clause_case((*path, "case"), making)),
        buttons=(
            RuleButton(f"up:{name_of(path)}", gettext_lazy("Move up"),
                       f"part_clauses-{max(index - 1, 0)}", code),
            RuleButton(f"remove:{name_of(path)}", gettext_lazy("Remove this ground"),
                       "part_clauses", code, is_stop=True),
        ),
    )  # fmt: skip


def _right(making: Making) -> RuleBlock:
    return RuleBlock(
        "part_entitled_when", gettext_lazy("Who is entitled"), ("entitled_when",),
        gettext_lazy("What each ground is for the right."), layout="section",
        blocks=right_blocks(making),
    )  # fmt: skip


def _benefit(making: Making) -> RuleBlock:
    lines = making.tree.get("benefit", [])
    return RuleBlock(
        "part_benefit", gettext_lazy("What is given"), ("benefit",), layout="section",
        blocks=tuple(line_block(index, making) for index in range(len(lines))),
        buttons=(RuleButton("add:benefit", gettext_lazy("One more benefit"),
                            f"part_benefit-{len(lines)}"),),
    )  # fmt: skip


def _parameters(making: Making) -> RuleBlock:
    held = making.tree.get("parameters", {})
    return RuleBlock(
        "part_parameters", gettext_lazy("Numbers with dates"), ("parameters",),
        gettext_lazy(
            "A number that the law may change: write its name where a number is asked for."
        ),
        layout="section", blocks=tuple(_parameter(name, making) for name in held),
        buttons=(RuleButton("add:parameters", gettext_lazy("One more number"), "part_parameters"),),
    )  # fmt: skip


def _parameter(name: str, making: Making) -> RuleBlock:
    path: Path = ("parameters", name)
    fields = (
        RuleField(f"parameters-{name}-name", gettext_lazy("Name"), value=name, path=path,
                  hint=gettext_lazy("Lower-case letters and underscores.")),
        leaf(making.tree, (*path, "unit"), gettext_lazy("Unit"),
             hint=gettext_lazy("Such as years, people or minor.")),
    )  # fmt: skip
    values = at(making.tree, (*path, "values")) or []
    blocks = tuple(_value((*path, "values", index), making) for index in range(len(values)))
    key = name_of(path)
    return RuleBlock(
        f"part_{key}", name, path, layout="card",
        blocks=(RuleBlock(f"part_{key}-names", layout="row", fields=fields), *blocks),
        buttons=(
            RuleButton(f"add:{key}-values", gettext_lazy("Another value from another day"),
                       f"part_{key}", name),
            RuleButton(f"remove:{key}", gettext_lazy("Remove this number"), "part_parameters", name,
                       is_stop=True),
        ),
    )  # fmt: skip


def _value(path: Path, making: Making) -> RuleBlock:
    tree = making.tree
    fields = (
        leaf(tree, (*path, "value"), gettext_lazy("Value"), "whole", kind="number"),
        leaf(tree, (*path, "from"), gettext_lazy("From this day on"), "day"),
        leaf(tree, (*path, "until"), gettext_lazy("Until before"), "maybe", kind="date",
             hint=gettext_lazy("Leave empty when the next value follows, or none.")),
    )  # fmt: skip
    basis = RuleBlock(f"part_{name_of(path)}-basis", gettext_lazy("Legal basis"),
                      (*path, "legal_basis"),
                      fields=texts((*path, "legal_basis"), making))  # fmt: skip
    row = RuleBlock(f"part_{name_of(path)}-value", layout="row", fields=fields, buttons=(
        RuleButton(f"remove:{name_of(path)}", gettext_lazy("Remove this value"),
                   f"part_{name_of(path[:2])}", is_stop=True),
    ))  # fmt: skip
    return RuleBlock(f"part_{name_of(path)}", "", path, blocks=(row, basis))


def _cases(making: Making) -> RuleBlock:
    cases = making.tree.get("cases", [])
    return RuleBlock(
        "part_cases", gettext_lazy("Examples"), ("cases",),
        gettext_lazy(
            "Invented households and what each must get. They are tried before the rule is "
            "published, so that the rule does what you mean."
        ),
        layout="section",
        blocks=tuple(rule_case(("cases", index), making) for index in range(len(cases))),
        buttons=(RuleButton("add:cases", gettext_lazy("One more example"),
                            f"part_cases-{len(cases)}"),),
    )  # fmt: skip
