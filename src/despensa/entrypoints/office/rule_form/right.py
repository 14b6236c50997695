"""Which clauses together make the right: for each whether it must, may or must not be met."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy

from despensa.domain.eligibility.document import RuleError, read_document
from despensa.domain.eligibility.rewrite import is_same, written
from despensa.domain.eligibility.sketch import Tree
from despensa.entrypoints.office import rule_words as words
from despensa.entrypoints.office.rule_form.making import Making, choices_of
from despensa.entrypoints.office.rule_form.reading import Unread
from despensa.entrypoints.office.rule_pages import RuleBlock, RuleField
from despensa.entrypoints.office.said import said

_PATH = ("entitled_when",)
_GROUPS = {"any": "one_of", "none": "must_not"}


def roles_of(tree: object) -> dict[str, str] | None:
    """Return what each clause is for the right, or None where it is built deeper than that."""
    roles = _roles(tree)
    if roles is None:
        return None
    whole = right_of(roles)
    return roles if is_same(whole, tree) or is_same({"all": [whole]}, tree) else None


def right_of(roles: dict[str, str]) -> Tree:
    """Return the condition of these roles: all that must be, one of several, none of the others."""
    named = {
        role: [{"clause": code} for code, one in roles.items() if one == role]
        for role in words.ROLES
    }
    parts: list[Tree] = list(named["must"])
    if named["one_of"]:
        parts.append({"any": named["one_of"]})
    if named["must_not"]:
        parts.append({"none": named["must_not"]})
    return parts[0] if len(parts) == 1 else {"all": parts}


def right_blocks(making: Making) -> tuple[RuleBlock, ...]:
    """Return the fields of the right."""
    tree = making.tree.get("entitled_when")
    roles = roles_of(tree)
    if roles is None:
        text = RuleField("entitled_when-text", gettext_lazy("The right as it is written in the file"),
                         "textarea", written(tree).rstrip("\n"), path=_PATH)  # fmt: skip
        return (RuleBlock("part_right", path=_PATH, fields=(text,)),)
    fields = tuple(
        RuleField(f"entitled_when-{code}", _called(making, code), "select", role, path=_PATH,
                  choices=choices_of(words.ROLES))
        for code, role in roles.items()
    )  # fmt: skip
    return (RuleBlock("part_right", path=_PATH, fields=fields),)


def right_posted(tree: Any, given: QueryDict) -> Any:
    """
    Return the right that was typed; the tree itself when nothing in it was changed.

    Raises: Unread.
    """
    roles = roles_of(tree)
    if roles is None:
        typed = given.get("entitled_when-text")
        if typed is None or typed.replace("\r\n", "\n").strip() == written(tree).strip():
            return tree
        return _read(typed.replace("\r\n", "\n"))
    chosen = {code: given.get(f"entitled_when-{code}", role) for code, role in roles.items()}
    return (
        tree
        if chosen == roles
        else right_of(
            {code: role if role in words.ROLES else "must" for code, role in chosen.items()}
        )
    )


def right_with(tree: Any, codes: list[str]) -> Any:
    """Return the right after clauses were added, renamed elsewhere or removed."""
    roles = roles_of(tree)
    if roles is None:
        return tree
    default = "one_of" if "one_of" in roles.values() else "must"
    kept = {code: role for code, role in roles.items() if code in codes}
    new = {code: default for code in codes if code not in roles}
    return right_of(kept | new) if kept or new else tree


def _read(text: str) -> object:
    try:
        return read_document(text + "\n").tree
    except RuleError as error:
        field = RuleField("entitled_when-text", "", path=_PATH)
        raise Unread(field, text, said(error.problems[0].text)) from error


def _called(making: Making, code: str) -> str:
    """Return a clause by what is told of whoever meets it, else by its code."""
    for clause in making.tree.get("clauses", []):
        if clause.get("code") == code:
            for language in making.languages:
                said = clause.get("sentences", {}).get(language, {}).get("met")
                if said:
                    return f"{code}: {said}"
    return code


def _roles(tree: object) -> dict[str, str] | None:
    if not isinstance(tree, dict) or len(tree) != 1:
        return None
    parts = tree.get("all", [tree])
    roles: dict[str, str] = {}
    for part in parts:
        if not isinstance(part, dict) or len(part) != 1:
            return None
        [(kind, body)] = part.items()
        role = _GROUPS.get(kind, "must")
        inner = body if kind in _GROUPS else [part]
        if not isinstance(inner, list):
            return None
        for one in inner:
            if not isinstance(one, dict) or set(one) != {"clause"} or one["clause"] in roles:
                return None
            roles[str(one["clause"])] = role
    return roles
