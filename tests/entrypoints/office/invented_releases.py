"""Invented contents of the pages about releases."""

from datetime import timedelta

from django.utils.translation import gettext

from despensa.domain.release.package import Wrong
from despensa.domain.release.report import Breakdown
from despensa.entrypoints.office import (
    change_pages,
    desk_pages,
    parts,
    release_pages,
    release_words,
)
from despensa.entrypoints.office.words import PARAMETERS, STORED_REASONS
from tests.entrypoints.office.invented_parts import AN_ID, TODAY

_STATES, _KINDS = release_words.RELEASE_STATES, release_words.KINDS


def releases() -> release_pages.ReleasesPage:
    row = release_pages.ReleaseRow
    later = TODAY + timedelta(days=90)
    taking = (
        parts.Choice("xlsx", gettext("Take it as a workbook")),
        parts.Choice("csv", gettext("Take it as CSV")),
    )
    return release_pages.ReleasesPage(
        rows=(
            row(3, _KINDS[2], "Canasta mensual, November 2026", "Programa Mundial de Alimentos",
                STORED_REASONS[71], later, 2, _STATES[2], AN_ID, "/x/", taking),
            row(2, _KINDS[1], "Canasta mensual, November 2026", "ديوان المحاسبة",
                STORED_REASONS[70], later, 0, _STATES[1], AN_ID),
            row(1, _KINDS[1], "Canasta mensual, October 2026", "Court of Accounts",
                STORED_REASONS[70], TODAY - timedelta(days=3), 1, _STATES[3], AN_ID),
        ),
        waiting=(
            release_pages.WaitingRelease(
                _KINDS[1], "Canasta mensual, November 2026 · 1,204", "Court of Accounts", AN_ID
            ),
        ),
        may_propose=True,
    )  # fmt: skip


def nothing() -> release_pages.ReleasesPage:
    return release_pages.ReleasesPage(rows=(), alone=release_words.ALONE)


def _form(
    title: str, note: str, own: change_pages.ChangeField, error: parts.FieldError
) -> desk_pages.DeskFormPage:
    field = change_pages.ChangeField
    cycles = (parts.Choice("1", "Canasta mensual, November 2026"),)
    day = (TODAY + timedelta(days=90)).isoformat()
    return desk_pages.DeskFormPage(
        title,
        "/x/",
        (
            field("cycle", "select", gettext("Cycle"), cycles, ["1"], is_required=True),
            field("recipient", "text", PARAMETERS["recipient"], (), ["Court of Accounts"],
                  gettext("A person or an office, by name."), is_required=True),
            own,
            field("destroy_by", "date", PARAMETERS["destroy_by"], (), [day],
                  gettext("On this day the copy here is destroyed. Within a year."),
                  is_required=True),
        ),
        gettext("Propose it to a second person"),
        (note,),
        errors=(error,),
        back_url="/releases/",
        back_word=gettext("Releases"),
    )  # fmt: skip


def package_new() -> desk_pages.DeskFormPage:
    key = change_pages.ChangeField(
        "key", "text", gettext("The recipient's public key"), (), ["zz"],
        gettext(
            "The auditor makes it with: despensa decide audit-key. Compare its digits by telephone."
        ),
        is_required=True,
    )  # fmt: skip
    return _form(
        gettext("Give an auditor the package of a cycle"),
        gettext("Only the holder of the key opens it; this office cannot."),
        key,
        parts.FieldError("id_key", release_words.WRONGS[Wrong.KEY]),
    )


def report_new() -> desk_pages.DeskFormPage:
    by = change_pages.ChangeField(
        "breakdowns", "checks", PARAMETERS["breakdowns"],
        tuple(parts.Choice(str(one), release_words.BREAKDOWNS[one]) for one in Breakdown),
    )  # fmt: skip
    return _form(
        gettext("Give a partner of an agreement its report"),
        gettext("Exact totals of a cycle for a recipient by name; no line is about a person."),
        by,
        parts.FieldError("id_breakdowns", release_words.WRONGS[Wrong.BREAKDOWN]),
    )
