"""
What is wrong with a row and how to mend it: a stable code, parameters, and an English sentence.

Offices translate by code and parameters; the sentence is what the command line prints. A fault
shows the value of one cell, never the rest of the row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

VALUE_SHOWN_MAX = 80

MEND: Mapping[str, str] = {
    "missing": "Fill in {column}; it may not be empty.",
    "household_number_missing": (
        "Write the number of the household this person belongs to; a member without household"
        " cannot be registered."
    ),
    "person_number_repeated": (
        "Give every person of a household a number of their own; this one is used in rows {rows}."
    ),
    "household_repeated": (
        "Give every household a number of its own; this one is used in rows {rows}."
    ),
    "household_without_members": (
        "Add the people of this household, or remove its row; a household without members cannot"
        " be registered."
    ),
    "member_without_household": (
        "Add household {household} to the sheet {sheet}, or correct the number in this row."
    ),
    "no_head": "Mark one member of this household as its head.",
    "several_heads": "Keep one head in this household; rows {rows} say head.",
    "several_collectors": "Keep one {role} in this household; rows {rows} name one.",
    "name_formula": (
        "A name may not begin with = + - or @, as a formula does; write the name as the person"
        " says it."
    ),
    "name_unreadable": (
        "Write the name with letters, in at most {length} characters and without control"
        " characters."
    ),
    "formula_without_value": (
        "The cell holds a formula without a result; open the file in a spreadsheet program, save"
        " it, or replace the formula by its value."
    ),
    "cell_error": "The cell shows a calculation error ({value}); replace it by a value.",
    "date_unreadable": "Write the date as YYYY-MM-DD, YYYY-MM or YYYY, or leave it empty.",
    "date_ambiguous": (
        "Day and month cannot be told apart; write the date as YYYY-MM-DD, for example 2001-04-03."
    ),
    "date_future": "The birth date lies after {today}; correct it or leave it empty.",
    "date_too_old": "The birth date lies before {earliest}; correct it or leave it empty.",
    "choice_unknown": "Write one of: {allowed}.",
    "fact_value": "The fact {takes}.",
    "number_unreadable": "Write a whole number without separators or units.",
    "phone_unreadable": (
        "Write the phone number with + and the country code, for example +{calling}..., or leave"
        " it empty."
    ),
    "document_kind_missing": "Say what kind of document this number belongs to: {allowed}.",
    "document_number_missing": "Write the number of the document, or empty its other cells.",
    "document_number_unreadable": (
        "Write the document's number with letters, digits, spaces and - / . only, at most 64."
    ),
    "document_country": (
        "Write the country of the document as two or three letters, such as {example}."
    ),
    "cells_surplus": (
        "The row has more cells than the heading; put text that holds the separator in quotation"
        " marks."
    ),
    "row_cut_off": "The file ends in the middle of this row; save or send it again.",
    "pcode_unreadable": "Write the area code with letters and digits only, such as PS0103.",
    "text_too_long": "Shorten the text to at most {length} characters.",
    "household_disagrees": (
        "The rows of this household say different things here; row {row} says {other}. Write the"
        " same in all, or only once."
    ),
    "consent_no": (
        "The household did not agree to be registered; leave it out, or ask again and write YES."
    ),
    "submission_not_approved": (
        "This submission was marked as not approved; approve it where it was collected, or leave"
        " it out."
    ),
    "registration_repeated": ("The same registration stands in rows {rows}; keep one of them."),
}


@dataclass(frozen=True, slots=True)
class RowError:
    """
    One fault: where, what stands there, and how to mend it.

    Shape: `sheet` is empty for files without sheets; `row` counts from 1 as spreadsheets do;
    `column` is the heading as the file writes it; `value` is shortened for showing.
    """

    sheet: str
    row: int
    column: str
    value: str
    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def mend(self) -> str:
        """The English sentence that says what to do."""
        return MEND[self.code].format_map({"column": self.column, **self.parameters})


@dataclass(frozen=True, slots=True)
class Omission:
    """Something that was left out of accepted households, counted per column."""

    sheet: str
    column: str
    code: str
    count: int
    first_row: int

    @property
    def sentence(self) -> str:
        """The English sentence that says what was left out."""
        return WARNINGS[self.code].format(count=self.count, row=self.first_row)


WARNINGS: Mapping[str, str] = {
    "read_as_windows_1252": (
        "The file is not in UTF-8 and was read as Windows-1252; look at the accents in a few names"
        " before you go on."
    ),
    "phone_dropped": (
        "{count} phone numbers cannot be called as written and were left out, the first in row"
        " {row}."
    ),
    "documents_surplus": (
        "{count} documents beyond two per person were left out, the first in row {row}."
    ),
    "name_part_dropped": (
        "{count} parts of names do not occur in the full name and were left out, the first in"
        " row {row}."
    ),
    "first_is_head": (
        "{count} households do not say who the head is; the person written first was taken, the"
        " first time in row {row}."
    ),
    "collector_dropped": (
        "{count} collectors name a household that is not in the file and were left out, the first"
        " in row {row}."
    ),
}


def shown(value: object) -> str:
    """Return a cell's value as a fault shows it: one line, at most 80 characters."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = " ".join(str(value).split()) if value is not None else ""
    return text if len(text) <= VALUE_SHOWN_MAX else text[: VALUE_SHOWN_MAX - 1] + "…"
