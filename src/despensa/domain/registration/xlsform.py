"""
The registration form for phones, made of the catalogue: the three sheets of an XLSForm.

Its questions bear the names of the register template, so that what KoboToolbox or ODK collected
with it is read without a map. It asks for no place on the map, picture or recording, and for no
fact the catalogue does not hold. Source: xlsform.org reference; docs/reference/register-files.md.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from despensa.domain.catalogue import Catalogue, Fact, FactType, Subject

LANGUAGES = {"en": "English (en)", "es": "Español (es)", "ar": "العربية (ar)"}
FORM_ID = "despensa_register"
FORM_VERSION = 1
GROUP, REPEAT = "household", "members"
_LABELS = tuple(f"label::{name}" for name in LANGUAGES.values())
_HINTS = tuple(f"hint::{name}" for name in LANGUAGES.values())
_MESSAGES = tuple(f"constraint_message::{name}" for name in LANGUAGES.values())
_SURVEY = (
    *("type", "name", *_LABELS, *_HINTS, "required", "relevant", "constraint", *_MESSAGES),
    *("calculation", "appearance"),
)
_CHOICES = ("list_name", "name", *_LABELS)
_SETTINGS = ("form_title", "form_id", "version", "default_language", "style")
_AGREED = "${consent} = 'yes'"
_ONE_HEAD = f"{_AGREED} and ${{heads}} != 1"
_COUNTRY = "regex(., '^[A-Za-z]{2,3}$')"
_DOCUMENT = "string-length(.) <= 64 and regex(., '^[^=+@ ].*$')"
_PHONE = "regex(., '^[+]?[0-9][0-9 ().-]{6,24}$')"
_CONSTRAINTS = {
    "area_pcode": "regex(., '^[A-Za-z0-9][A-Za-z0-9-]{0,31}$')",
    "full_name": "string-length(.) <= 200 and regex(., '^[^=+@-].*$')",
    "birth_date": (
        "regex(., '^(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$')"
        " and substr(., 0, 4) <= format-date(today(), '%Y')"
    ),
    "document_country": _COUNTRY,
    "document_2_country": _COUNTRY,
    "document_number": _DOCUMENT,
    "document_2_number": _DOCUMENT,
    "phone": _PHONE,
    "phone_2": _PHONE,
}
_MESSAGE_OF = {
    "document_2_country": "document_country",
    "document_2_number": "document_number",
    "phone_2": "phone",
}
_CHOICE_OF = {"document_2_type": "document_type"}
_REQUIRED = ("consent", "full_name", "sex", "role")
_HOUSEHOLD = ("area_name", "area_pcode", "address")
_PERSON = (
    *("full_name", "surname_1", "surname_2", "given_names", "birth_date", "sex", "role"),
    *("collector", "document_type", "document_country", "document_number"),
    *("document_2_type", "document_2_country", "document_2_number", "phone", "phone_2"),
)
_SELECTED = ("sex", "role", "collector", "document_type", "document_2_type")

Sheet = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class XlsForm:
    """The sheets of a form by name, each with its columns and its rows in order."""

    columns: Mapping[str, Sequence[str]]
    rows: Mapping[str, Sheet]


def xlsform(catalogue: Catalogue, words: Mapping[str, Any]) -> XlsForm:
    """
    Return the form of a catalogue; `words` are those of data/templates/form-1.yaml.

    Holds: the same catalogue and words give the same form; its version names both.
    """
    survey = list(_survey(catalogue, words))
    settings = {
        "form_title": words["title"]["en"],
        "form_id": FORM_ID,
        "version": f"{catalogue.name}-{catalogue.version}-form-{FORM_VERSION}",
        "default_language": LANGUAGES["en"],
        "style": "pages",
    }
    return XlsForm(
        columns={"survey": _SURVEY, "choices": _CHOICES, "settings": _SETTINGS},
        rows={
            "survey": survey,
            "choices": list(_choices(catalogue, words)),
            "settings": [settings],
        },
    )


def _survey(catalogue: Catalogue, words: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    said = words["questions"]
    yield _row("select_one yes_no", "consent", said["consent"], required="yes")
    # One screen for the household, and one for each person.
    on_a_page = {"relevant": _AGREED, "appearance": "field-list"}
    yield _row("begin_group", GROUP, said[GROUP], **on_a_page)
    for name in _HOUSEHOLD:
        yield _question(name, words)
    for fact in catalogue.of(Subject.HOUSEHOLD):
        yield _fact(fact, words)
    yield {"type": "end_group"}
    yield _row("begin_repeat", REPEAT, said[REPEAT], **on_a_page)
    # An id that stays when people before this one are taken out of an edited submission.
    yield {"type": "calculate", "name": "person_number", "calculation": "once(uuid())"}
    for name in _PERSON:
        yield _question(name, words)
    for fact in catalogue.of(Subject.REGISTRANT):
        yield _fact(fact, words)
    is_head = "if(${role} = 'head', 1, 0)"
    yield {"type": "calculate", "name": "is_head", "calculation": is_head}
    yield {"type": "end_repeat"}
    yield {"type": "calculate", "name": "heads", "calculation": "sum(${is_head})"}
    # A required note can never be answered: the form cannot be finished while it shows.
    yield _row("note", "head_check", said["head_check"], required="yes", relevant=_ONE_HEAD)


def _question(name: str, words: Mapping[str, Any]) -> dict[str, str]:
    selected = _CHOICE_OF.get(name, name)
    row = _row(
        f"select_one {selected}" if name in _SELECTED else "text", name, words["questions"][name]
    )
    if name in words["hints"]:
        row |= _said(_HINTS, words["hints"][name])
    if name in _REQUIRED:
        row["required"] = "yes"
    if name in _CONSTRAINTS:
        row["constraint"] = _CONSTRAINTS[name]
        row |= _said(_MESSAGES, words["messages"][_MESSAGE_OF.get(name, name)])
    if name.endswith(("_country", "_number")):
        kind = f"{name.rpartition('_')[0]}_type"
        row["relevant"] = f"${{{kind}}} != ''"
        if name.endswith("_number"):
            row["required"] = "yes"
    return row


def _fact(fact: Fact, words: Mapping[str, Any]) -> dict[str, str]:
    match fact.type:
        case FactType.BOOL:
            kind = "select_one yes_no"
        case FactType.CHOICE:
            kind = f"select_one {fact.name}"
        case FactType.LANGUAGE:
            kind = "select_one languages"
        case FactType.INT:
            kind = "integer"
        case FactType.DATE:
            kind = "date"
    row = _row(kind, fact.name, fact.label)
    bounds = ((">=", fact.minimum), ("<=", fact.maximum))
    limits = [f". {sign} {bound}" for sign, bound in bounds if bound is not None]
    if limits:
        row["constraint"] = " and ".join(limits)
        row |= _said(_MESSAGES, words["messages"]["whole_number"])
    # Phones hold whole numbers in 32 bits; a larger one is asked for as digits.
    if fact.type is FactType.INT and (fact.maximum is None or fact.maximum >= _INT_32):
        row["type"], row["appearance"] = "text", "numbers"
        low = "" if fact.minimum is None else f" and number(.) >= {fact.minimum}"
        high = "" if fact.maximum is None else f" and number(.) <= {fact.maximum}"
        row["constraint"] = f"regex(., '^-?[0-9]{{1,15}}$'){low}{high}"
        row |= _said(_MESSAGES, words["messages"]["whole_number"])
    return row


_INT_32 = 2**31


def _choices(catalogue: Catalogue, words: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for name, labels in words["choices"].items():
        for value, said in labels.items():
            yield {"list_name": name, "name": value} | _said(_LABELS, said)
    for fact in catalogue.facts:
        for value in fact.values:
            said = fact.value_labels.get(value) or dict.fromkeys(LANGUAGES, value)
            yield {"list_name": fact.name, "name": value} | _said(_LABELS, said)
    for code, own_name in words["languages"].items():
        said = dict.fromkeys(LANGUAGES, own_name)
        yield {"list_name": "languages", "name": code} | _said(_LABELS, said)


def _row(kind: str, name: str, label: Mapping[str, str], **more: str) -> dict[str, str]:
    return {"type": kind, "name": name} | _said(_LABELS, label) | more


def _said(columns: Sequence[str], words: Mapping[str, str]) -> dict[str, str]:
    return {column: words[code] for column, code in zip(columns, LANGUAGES, strict=True)}
