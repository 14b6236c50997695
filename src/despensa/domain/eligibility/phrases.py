"""
What a part of a rule says, as sentences for those who compare two versions.

Words in square brackets are numbers with dates, by the name they have in the file.
"""

from collections.abc import Mapping

from despensa.domain.sentence import Sentence

_NUMBERS = {
    "number": "{value}",
    "parameter": "[{name}]",
    "fact": "{name}",
    "members": "the number of members",
    "members_whom": "the number of members of whom {what}",
    "sum": "the sum of ({what}) over the members",
    "sum_whom": "the sum of ({what}) over the members of whom {whom}",
    "plus": "({left} plus {right})",
    "minus": "({left} minus {right})",
    "times": "({left} times {right})",
}
_CONDITIONS = {
    "<": "{left} is below {right}",
    "<=": "{left} is at most {right}",
    "==": "{left} is exactly {right}",
    "!=": "{left} is not {right}",
    ">=": "{left} is at least {right}",
    ">": "{left} is above {right}",
    "between": "{what} is from {low} to {high}",
    "one_of": "{name} is one of {values}",
    "yes": "{name} is yes",
    "age_from": "the age in {unit} is at least {least}",
    "age_below": "the age in {unit} is below {below}",
    "age_between": "the age in {unit} is at least {least} and below {below}",
    "years": "years",
    "months": "months",
    "on_day": "on {day} {what}",
    "widest": "{what} (if it may be)",
    "narrowest": "{what} (if it is so for certain)",
    "area": "the household lives in the area of the programme",
    "any_member": "there is a member of whom {what}",
    "all": "all of ({parts})",
    "any": "any of ({parts})",
    "none": "none of ({parts})",
    "clause": "{name}",
}
_ORDER = {
    "highest": "who has more of {what}",
    "lowest": "who has less of {what}",
    "first": "of whom {what}",
    "lot": "by a lot drawn from a seed in the log",
}
_BENEFIT = {
    "item": "{unit}, as goods",
    "amount": "{unit}, as money",
    "for_purpose": "for {purpose}",
    "quantity": "how much: {what}",
    "bands": "by {what}: {steps}",
    "step": "{given} from {start}",
    "limits": "at least {least}, at most {most}",
    "meanwhile": "{number} while information is asked for",
    "down": "rounded down to multiples of {to}",
    "up": "rounded up to multiples of {to}",
    "nearest": "rounded to the nearest multiple of {to}",
    "budget": "at most {most} {unit} a cycle",
    "carry_over": "at most {most} of what was not claimed; for so many more cycles: {cycles}",
}
_TEXTS = {
    "in_unit": "unit: {unit}",
    "since": "{value} from {since}",
    "since_until": "{value} from {since} until {until}",
    "in_language": "{language}: {text}",
    "told": "told when {state}, {language}: {text}",
    "text": "{text}",
    "list": "{values}",
    "household": "the household",
    "person": "each person in it",
    "beside_nothing": "nothing else of this purpose in the same month",
    "beside_own_cycles": "further cycles of the same programme",
    "beside_everything": "everything else",
    "declared_household": "of the household: {kind}",
    "declared_person": "of each person: {kind}",
    "values": "values: {values}",
}
_CASES = {
    "example": "example “{sentence}”",
    "inside": "on {day}, a household in the area of the programme",
    "outside": "on {day}, a household outside the area of the programme",
    "somewhere": "on {day}, a household of which it is not known whether it lives in the area",
    "member": "a member born in {born}",
    "member_unknown": "a member whose birth is not known",
    "with_facts": "{who}; {facts}",
    "no_member": "nobody lives in it",
    "is_yes": "{name}: yes",
    "is_no": "{name}: no",
    "is": "{name}: {value}",
    "must_be": "must come out: {state}",
    "must_get": "must get: {goods}",
}
SENTENCES: Mapping[str, str] = _NUMBERS | _CONDITIONS | _ORDER | _BENEFIT | _TEXTS | _CASES


class Phrase(Sentence):
    """
    What a part of a rule says.

    >>> Phrase("since", value=60, since="2026-01-01")
    '60 from 2026-01-01'
    """

    __slots__ = ()
    templates = SENTENCES
