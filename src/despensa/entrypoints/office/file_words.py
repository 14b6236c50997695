"""
The sentences about files that cannot be read at all, in the reader's language.

They are those of `adapters.register_file` by code and parameters; a test sees that none is missing.
"""

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy

from despensa.adapters.register_file.source import RegisterFileError
from despensa.entrypoints.office.states import Word

FILE_WORDS: Mapping[str, Word] = {
    "unreadable": gettext_lazy(
        "{file} cannot be opened; check the name and whether you may read it."
    ),
    "too_large": gettext_lazy(
        "{file} is larger than {mib} MiB; split it into several files, keeping each household in "
        "one."
    ),
    "empty": gettext_lazy("{file} is empty; export it again, or start from the template."),
    "not_a_table": gettext_lazy("{file} is not a table; export it as XLSX or as CSV in UTF-8."),
    "too_many_columns": gettext_lazy(
        "{file} has {columns} columns; at most {most} are read. Keep the columns of the template."
    ),
    "too_many_rows": gettext_lazy(
        "{file} has too many rows; delete what stands below the last person, or split the file, "
        "keeping each household in one."
    ),
    "too_many_cells": gettext_lazy(
        "{file} has more than {most} cells, and a workbook is read whole; delete what stands below "
        "the last person, save a single sheet as CSV in UTF-8, or split the file, keeping each "
        "household in one."
    ),
    "too_large_whole": gettext_lazy(
        "{file} is larger than {mib} MiB and of a kind that is read whole; save it as CSV in UTF-8, "
        "or split it into several files, keeping each household in one."
    ),
    "cut_off": gettext_lazy("{file} was cut off before its end; export it or send it again."),
    "quotation": gettext_lazy(
        "{file} cannot be read after row {row}: a quotation mark is open or out of place. Export "
        "it again."
    ),
    "line_too_long": gettext_lazy(
        "{file}, line {line}, is too long for a table of people. Export it again."
    ),
    "old_or_protected": gettext_lazy(
        "{file} is an old XLS workbook or protected by a password; save it as XLSX without a "
        "password."
    ),
    "map_not_needed": gettext_lazy(
        "{file} is of a kind whose columns have their meaning, and none can be mapped. Leave the "
        "map away."
    ),
    "heading_repeated": gettext_lazy(
        "{file} has the heading {heading} twice; remove or rename one of the two columns."
    ),
    "mapped_forbidden": gettext_lazy(
        "{file}: the column {column} holds what is never held about people; it cannot be mapped. "
        "Take it out of the map."
    ),
    "mapped_elsewhere": gettext_lazy(
        "{file}: a column is mapped to a field that is not asked in its sheet. Map it to another "
        "field, or leave it."
    ),
    "map_incomplete": gettext_lazy(
        "{file} needs a column for {missing} as well; add a line for it to the map."
    ),
    "wrong_kind": gettext_lazy(
        "{file} is none of the kinds that are read. It begins with {found}. Rename the headings as "
        "in the template, or export it again."
    ),
    "not_a_workbook": gettext_lazy(
        "{file} is a packed file but no XLSX workbook; save it as XLSX or as CSV in UTF-8."
    ),
    "zip_bomb": gettext_lazy(
        "{file} unpacks to {mib} MiB, more than a register needs; it was not opened. Save it as "
        "CSV in UTF-8 and use that."
    ),
    "damaged": gettext_lazy(
        "{file} is damaged or cut off; open it in a spreadsheet program and save it again, or send "
        "it again."
    ),
    "not_json": gettext_lazy(
        "{file} is no whole JSON document; it may be cut off. Save the answer again."
    ),
    "one_page": gettext_lazy("{file} is one page of several; save a page with all submissions."),
    "not_submissions": gettext_lazy(
        "{file} holds no submissions of a form. Export it as CSV in UTF-8."
    ),
    "submission_without_id": gettext_lazy(
        "{file}: submission {number} has no identifier. Export the submissions again."
    ),
    "too_deep": gettext_lazy("{file} nests its answers too deep; export it again."),
    "not_text": gettext_lazy("{file} is no table of text; export it as XLSX or as CSV in UTF-8."),
    "encoding_broken": gettext_lazy(
        "{file} is not valid in its encoding; export it again as CSV in UTF-8."
    ),
    "mixed_encodings": gettext_lazy(
        "{file} mixes two encodings: line {line} is UTF-8 and line {other} is not. Export one file "
        "as CSV in UTF-8."
    ),
    "encoding_unknown": gettext_lazy(
        "{file} is not in UTF-8, and line {line} does not tell which encoding it is in. Export it "
        "as XLSX, or as CSV in UTF-8."
    ),
    "not_xml": gettext_lazy(
        "{file} is no XML that can be read: it is cut off, broken, nested too deep or carries a "
        "document type. Export it again."
    ),
    "no_rows": gettext_lazy("{file} holds headings and no rows; add the people and try again."),
    "country_unknown": gettext_lazy("{file} is no country code; set it to two or three letters."),
}


def why_unreadable(error: RegisterFileError) -> str:
    """Return why a file was not read and how to mend it; boundary tables say it in English."""
    word = FILE_WORDS.get(error.code)
    said = {
        name: number_format(value, force_grouping=True) if isinstance(value, int) else value
        for name, value in error.parameters.items()
    }
    return str(error) if word is None else str(word).format_map(said)
