"""The words of the rule builder: sections, comparisons, states and what a new rule says at first."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import get_language_info, gettext_lazy, override, pgettext_lazy

from despensa.domain.eligibility.table import AGE_MONTHS, AGE_YEARS, AREA, MEMBERS
from despensa.entrypoints.office.states import Word


def _words(words: dict[str, Word]) -> Mapping[str, Word]:
    return MappingProxyType(words)


WHATS = _words(
    {
        AREA: gettext_lazy("lives in the programme's area"),
        MEMBERS: gettext_lazy("number of members"),
        AGE_YEARS: gettext_lazy("age in years"),
        AGE_MONTHS: gettext_lazy("age in months"),
    }
)
SEX = gettext_lazy("sex")
CODES = _words(
    {
        "female": pgettext_lazy("sex", "female"),
        "male": pgettext_lazy("sex", "male"),
        "other": pgettext_lazy("sex", "other"),
    }
)
SUMMED = gettext_lazy("sum over the members: %(fact)s")
COMPARISONS = _words(
    {
        "yes": pgettext_lazy("comparison", "is yes"),
        "no": pgettext_lazy("comparison", "is no"),
        "in": pgettext_lazy("comparison", "is one of"),
        "not_in": pgettext_lazy("comparison", "is none of"),
        "<": pgettext_lazy("comparison", "is below"),
        "<=": pgettext_lazy("comparison", "is at most"),
        "==": pgettext_lazy("comparison", "is exactly"),
        "!=": pgettext_lazy("comparison", "is not"),
        ">=": pgettext_lazy("comparison", "is at least"),
        ">": pgettext_lazy("comparison", "is above"),
        "between": pgettext_lazy("comparison", "is from … to …, both included"),
        "at_least": pgettext_lazy("comparison", "is at least"),
        "below": pgettext_lazy("comparison", "is below"),
        "from_to": pgettext_lazy("comparison", "is from … to below …"),
    }
)
WHO = _words(
    {
        "itself": gettext_lazy("The household"),
        "a_member": gettext_lazy("At least one member"),
        "no_member": gettext_lazy("No member"),
    }
)
THE_PERSON = gettext_lazy("The person or the household")
JOINS = _words(
    {
        "all": gettext_lazy("All of these hold"),
        "any": gettext_lazy("At least one of these holds"),
        "none": gettext_lazy("None of these holds"),
        "member_all": gettext_lazy("One and the same member meets all of these"),
        "member_any": gettext_lazy("One member meets at least one of these"),
    }
)
ROLES = _words(
    {
        "must": gettext_lazy("must be met"),
        "one_of": gettext_lazy("is one of several, of which one is enough"),
        "must_not": gettext_lazy("must not be met"),
    }
)
STATES = _words(
    {
        "met": gettext_lazy("It is met"),
        "not_met": gettext_lazy("It is not met"),
        "unknown": gettext_lazy("It is not known"),
    }
)
OUTCOMES = _words(
    {
        "entitled": gettext_lazy("Entitled"),
        "not_entitled": gettext_lazy("Not entitled"),
        "needs_information": gettext_lazy("Needs information"),
    }
)
SUBJECTS = _words(
    {
        "household": gettext_lazy("the household"),
        "person": gettext_lazy("each person in it"),
    }
)
KINDS = _words(
    {
        "item": pgettext_lazy("benefit", "goods"),
        "amount": pgettext_lazy("benefit", "money"),
    }
)
QUANTITIES = _words(
    {
        "same": gettext_lazy("the same for everybody"),
        "each": gettext_lazy("so much for each member"),
        "bands": gettext_lazy("by steps of a number"),
    }
)
ROUNDINGS = _words(
    {
        "down": gettext_lazy("down"),
        "up": gettext_lazy("up"),
        "nearest": gettext_lazy("to the nearest"),
    }
)
AREAS = _words(
    {
        "inside": gettext_lazy("in the programme's area"),
        "outside": gettext_lazy("outside it"),
        "unknown": gettext_lazy("not known"),
    }
)
YES_NO = _words(
    {
        "": gettext_lazy("not known"),
        "true": gettext_lazy("yes"),
        "false": gettext_lazy("no"),
    }
)
REACHED = _words(
    {
        "reached": gettext_lazy("receives"),
        "too_late": gettext_lazy("comes too late"),
        "asks_none": gettext_lazy("asks for none"),
    }
)
PRIORITIES = _words(
    {
        "first": gettext_lazy("First those of whom this is so"),
        "lowest": gettext_lazy("Who has less comes first"),
        "highest": gettext_lazy("Who has more comes first"),
        "lot": gettext_lazy("A lot, drawn from a seed in the log"),
    }
)

FILE_TOO_LARGE = gettext_lazy("The file is too large for a rule.")
FILE_UNREADABLE = gettext_lazy("This is no text in UTF-8. Save the file as UTF-8.")
PREVIEWS_USED_UP = gettext_lazy(
    "You had %(count)s drafts counted today, and that is as many as one person may. Go on "
    "tomorrow; reading the rule and comparing its versions has no limit."
)
IN_LINE = gettext_lazy("line %(line)s, column %(column)s")

# units of numbers with dates that are no goods
SPANS = _words(
    {
        "years": pgettext_lazy("what a rule says", "years"),
        "months": pgettext_lazy("what a rule says", "months"),
        "people": pgettext_lazy("unit", "people"),
        "number": pgettext_lazy("unit", "without a unit"),
    }
)
PARTS = _words(
    {
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
        "beside": pgettext_lazy("part of a rule", "What may come beside it"),
        "carry_over": pgettext_lazy("part of a rule", "What was not claimed"),
        "facts": pgettext_lazy("part of a rule", "Facts that no ground reads"),
        "cases": pgettext_lazy("part of a rule", "Examples"),
        "clauses": pgettext_lazy("part of a rule", "Grounds"),
        "parameters": pgettext_lazy("part of a rule", "Numbers with dates"),
        "entitled_when": pgettext_lazy("part of a rule", "Who is entitled"),
    }
)
# in the order of `preview.SEXES`, then of `preview.AGES`
LIVES_THERE: tuple[Word, ...] = (
    pgettext_lazy("members", "a girl or woman"),
    pgettext_lazy("members", "a boy or man"),
    pgettext_lazy("members", "a child below 5"),
    pgettext_lazy("members", "somebody of 5 to 17"),
    pgettext_lazy("members", "somebody of 18 to 59"),
    pgettext_lazy("members", "somebody of 60 or more"),
)
BESIDE = _words(
    {
        "nothing": gettext_lazy("nothing else of this purpose in the same month"),
        "own_cycles": gettext_lazy("further cycles of the same programme, such as weekly parcels"),
        "everything": gettext_lazy("everything else: it is meant as a supplement"),
    }
)

_FIRST_OUTCOMES = _words(
    {
        "entitled": gettext_lazy("Your household receives this support in this cycle."),
        "not_entitled": gettext_lazy(
            "Your household does not receive this support in this cycle. You may appeal."
        ),
        "needs_information": gettext_lazy(
            "We need more information to decide. Until then your household receives the minimum "
            "for one cycle."
        ),
    }
)
_AREA_SENTENCES = _words(
    {
        "met": gettext_lazy("The household lives in the area of the programme."),
        "not_met": gettext_lazy("The household lives outside the area of the programme."),
        "unknown": gettext_lazy(
            "We do not know whether the household lives in the area of the programme."
        ),
    }
)
_AREA_CASE = gettext_lazy("A household in the next district lives outside the area.")


def language_name(code: str) -> str:
    """Return a language's own name for itself, or its code."""
    try:
        return str(get_language_info(code)["name_local"])
    except KeyError:
        return code


def first_outcomes(outcome: str, languages: list[str]) -> dict[str, str]:
    """Return what a new rule says of an outcome at first, in each language there are words in."""
    return {language: _in(_FIRST_OUTCOMES[outcome], language) for language in languages}


def area_sentences(languages: list[str]) -> dict[str, dict[str, str]]:
    """Return the sentences of the clause about the area, in each language there are words in."""
    return {
        language: {state: _in(word, language) for state, word in _AREA_SENTENCES.items()}
        for language in languages
    }


def area_case(language: str) -> str:
    """Return the sentence of the case that comes with the clause about the area."""
    return _in(_AREA_CASE, language)


def _in(word: Word, language: str) -> str:
    if language.split("-", maxsplit=1)[0] not in {"en", "es", "ar"}:
        return ""
    with override(language):
        return str(word)
