"""
The sentences about wrong rows and left-out values, in the reader's language.

They are those of `domain.registration.fault` by code; a test keeps both tables equal.
"""

from collections.abc import Mapping

from django.utils.translation import get_language_bidi, gettext_lazy

from despensa.domain.registration.fault import RowError
from despensa.entrypoints.office.states import Word, isolated

MEND_WORDS: Mapping[str, Word] = {
    "missing": gettext_lazy("Fill in {column}; it may not be empty."),
    "household_number_missing": gettext_lazy(
        "Write the number of the household this person belongs to; a member without "
        "household cannot be registered."
    ),
    "person_number_repeated": gettext_lazy(
        "Give every person of a household a number of their own; this one is used in rows {rows}."
    ),
    "household_repeated": gettext_lazy(
        "Give every household a number of its own; this one is used in rows {rows}."
    ),
    "household_without_members": gettext_lazy(
        "Add the people of this household, or remove its row; a household without members "
        "cannot be registered."
    ),
    "member_without_household": gettext_lazy(
        "Add household {household} to the sheet {sheet}, or correct the number in this row."
    ),
    "no_head": gettext_lazy("Mark one member of this household as its head."),
    "several_heads": gettext_lazy("Keep one head in this household; rows {rows} say head."),
    "several_collectors": gettext_lazy("Keep one {role} in this household; rows {rows} name one."),
    "name_formula": gettext_lazy(
        "A name may not begin with = + - or @, as a formula does; write the name as the "
        "person says it."
    ),
    "name_unreadable": gettext_lazy(
        "Write the name with letters, in at most {length} characters and without control "
        "characters."
    ),
    "formula_without_value": gettext_lazy(
        "The cell holds a formula without a result; open the file in a spreadsheet "
        "program, save it, or replace the formula by its value."
    ),
    "cell_error": gettext_lazy(
        "The cell shows a calculation error ({value}); replace it by a value."
    ),
    "date_unreadable": gettext_lazy(
        "Write the date as YYYY-MM-DD, YYYY-MM or YYYY, or leave it empty."
    ),
    "date_ambiguous": gettext_lazy(
        "Day and month cannot be told apart; write the date as YYYY-MM-DD, for example 2001-04-03."
    ),
    "date_future": gettext_lazy("The birth date lies after {today}; correct it or leave it empty."),
    "date_too_old": gettext_lazy(
        "The birth date lies before {earliest}; correct it or leave it empty."
    ),
    "choice_unknown": gettext_lazy("Write one of: {allowed}."),
    "fact_value": gettext_lazy("The fact {takes}."),
    "number_unreadable": gettext_lazy("Write a whole number without separators or units."),
    "phone_unreadable": gettext_lazy(
        "Write the phone number with + and the country code, for example +{calling}..., "
        "or leave it empty."
    ),
    "document_kind_missing": gettext_lazy(
        "Say what kind of document this number belongs to: {allowed}."
    ),
    "document_number_missing": gettext_lazy(
        "Write the number of the document, or empty its other cells."
    ),
    "document_number_unreadable": gettext_lazy(
        "Write the document's number with letters, digits, spaces and - / . only, at most 64."
    ),
    "document_country": gettext_lazy(
        "Write the country of the document as two or three letters, such as {example}."
    ),
    "cells_surplus": gettext_lazy(
        "The row has more cells than the heading; put text that holds the separator in "
        "quotation marks."
    ),
    "row_cut_off": gettext_lazy("The file ends in the middle of this row; save or send it again."),
    "pcode_unreadable": gettext_lazy(
        "Write the area code with letters and digits only, such as PS0103."
    ),
    "text_too_long": gettext_lazy("Shorten the text to at most {length} characters."),
    "household_disagrees": gettext_lazy(
        "The rows of this household say different things here; row {row} says {other}. "
        "Write the same in all, or only once."
    ),
    "consent_no": gettext_lazy(
        "The household did not agree to be registered; leave it out, or ask again and write YES."
    ),
    "submission_not_approved": gettext_lazy(
        "This submission was marked as not approved; approve it where it was collected, or "
        "leave it out."
    ),
    "registration_repeated": gettext_lazy(
        "The same registration stands in rows {rows}; keep one of them."
    ),
}
WARNING_WORDS: Mapping[str, Word] = {
    "read_as_windows_1252": gettext_lazy(
        "The file is not in UTF-8 and was read as Windows-1252; look at the accents in a "
        "few names before you go on."
    ),
    "phone_dropped": gettext_lazy(
        "{count} phone numbers cannot be called as written and were left out, the first "
        "in row {row}."
    ),
    "documents_surplus": gettext_lazy(
        "{count} documents beyond two per person were left out, the first in row {row}."
    ),
    "name_part_dropped": gettext_lazy(
        "{count} parts of names do not occur in the full name and were left out, the "
        "first in row {row}."
    ),
    "first_is_head": gettext_lazy(
        "{count} households do not say who the head is; the person written first was taken, "
        "the first time in row {row}."
    ),
    "collector_dropped": gettext_lazy(
        "{count} collectors name a household that is not in the file and were left out, "
        "the first in row {row}."
    ),
}


def mend(fault: RowError) -> str:
    """Return what is wrong with a row and how to mend it."""
    values = {"column": fault.column, **fault.parameters}
    return str(MEND_WORDS[fault.code]).format_map(_in_order(values))


def row_reason(fault: RowError) -> str:
    """Return the reason a faulty row carries in the file that is downloaded."""
    said = mend(fault)
    return f"{fault.column}: {said}" if fault.column else said


def warning(code: str, parameters: Mapping[str, int]) -> str:
    """Return what was left out of the file, and where first."""
    return str(WARNING_WORDS[code]).format_map(_in_order(parameters))


def _in_order(values: Mapping[str, object]) -> Mapping[str, object]:
    """Return values that a right-to-left sentence cannot turn round, as it does with dates."""
    if not get_language_bidi():
        return values
    return {name: isolated(value) for name, value in values.items()}
