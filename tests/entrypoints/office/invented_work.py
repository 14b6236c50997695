"""Invented contents of cycles and imports."""

from dataclasses import replace
from datetime import date

from despensa.entrypoints.office import pages, parts, work_pages
from despensa.entrypoints.office.child_words import CHILD_KINDS, CHILD_NOTES
from despensa.entrypoints.office.rooms import cycle_differences
from despensa.entrypoints.office.rooms import cycle_family as cycle_family_room
from despensa.entrypoints.office.shell import cycle_name
from despensa.entrypoints.office.states import (
    CYCLE_STATES,
    IMPORT_STATES,
    State,
)
from despensa.entrypoints.office.step_words import (
    CYCLE_NEXT,
    CYCLE_WAITS,
    STATIONS,
    STEP_NOTES,
    STEP_QUESTIONS,
    STEPS,
)
from despensa.entrypoints.office.words import (
    FIGURES,
    FILE_EMPTY,
    JOBS,
    PROPOSAL_REASONS,
    REGISTER_KINDS,
    TOTALS,
)
from tests.entrypoints.office.invented_parts import AN_ID, HASH, at, choices
from tests.entrypoints.office.invented_people import november


def cycles() -> work_pages.CyclesPage:
    draft = pages.CycleSummary(AN_ID, "Maternity grant", "December 2026", CYCLE_STATES["draft"])
    return work_pages.CyclesPage(
        (draft, november(), november("faded")),
        programmes=(parts.Choice("x", "Food parcel"), parts.Choice("y", "Maternity grant")),
        name="2026-12",
        opens_on="2026-12-01",
        closes_on="2026-12-03",
    )


def differences(*, is_compared: bool = True) -> work_pages.CycleDifferencesPage:
    if not is_compared:
        return work_pages.CycleDifferencesPage(AN_ID, "November 2026", date(2026, 11, 1))
    row = work_pages.DifferenceRow
    changes = list(cycle_differences.CHANGES.values())
    return work_pages.CycleDifferencesPage(
        AN_ID,
        "November 2026",
        date(2026, 11, 1),
        is_compared=True,
        figures=tuple(
            parts.Figure(state.word, 3 * at + 1, kind=state.kind)
            for at, state in enumerate(changes)
        ),
        rows=(row("c7e188d2", changes[0], "/x/"), row("e5540f03", changes[2])),
        more=9,
    )


def cycle(state: str = "decided") -> work_pages.CyclePage:
    stage = work_pages.CycleStage
    area = work_pages.AreaTotals
    areas = tuple(
        area(name, 30 + 3 * at, 11 + at, at % 4)
        for at, name in enumerate(
            ("Centro", "Ribera", "Loma Alta", "San Isidro", "الحي الشرقي", "El Roble")
        )
    )
    return work_pages.CyclePage(
        summary=november(state),
        stages=(
            stage(STATIONS["draft"], "done", "1 November"),
            stage(STATIONS["decided"], "current", "412 of 598 households"),
            stage(STATIONS["approved"], "ahead", "by a second person"),
            stage(STATIONS["open"], "ahead"),
            stage(STATIONS["closed"], "ahead"),
            stage(STATIONS["settled"], "ahead"),
            stage(STATIONS["faded"], "ahead"),
        ),
        figures=(
            parts.Figure(FIGURES["entitled"], 412, 598),
            parts.Figure(FIGURES["not_entitled"], 174, 598, "stopped"),
            parts.Figure(
                FIGURES["needs_information"], 12, 598, "waiting", "get the minimum line once"
            ),
            parts.Figure(FIGURES["promised"], 566),
        ),
        items=(
            work_pages.ItemTotal("Food parcel", "parcels", 566),
            work_pages.ItemTotal("Cooking oil", "litres", 1132),
        ),
        areas=areas,
        areas_total=area(
            "", sum(a.entitled for a in areas), sum(a.not_entitled for a in areas), 12
        ),
        rule_reference="parcel/3",
        rule_hash=HASH,
        frozen_on=date(2026, 11, 1),
        has_differences=True,
        next_step=work_pages.NextStep(
            "propose_opening",
            STEPS["propose_opening"],
            STEP_NOTES["propose_opening"],
            "/cycles/x/",
            STEP_QUESTIONS["propose_opening"],
        ),
        withdrawal=work_pages.NextStep(
            "propose_withdrawal",
            STEPS["propose_withdrawal"],
            STEP_NOTES["propose_withdrawal"],
            "/cycles/x/",
            STEP_QUESTIONS["propose_withdrawal"],
        ),
        job=parts.JobProgress(
            JOBS["freeze"],
            412,
            598,
            State("waiting", "running"),
            is_running=True,
            per_second=300,
            seconds_left=1,
            can_be_stopped=True,
        ),
    )


def cycle_open() -> work_pages.CyclePage:
    page = cycle("open")
    return work_pages.CyclePage(
        summary=page.summary,
        stages=page.stages,
        figures=page.figures,
        items=page.items,
        areas=page.areas,
        areas_total=page.areas_total,
        rule_reference=page.rule_reference,
        rule_hash=page.rule_hash,
        proposal_id=AN_ID,
    )


def cycle_family() -> work_pages.CyclePage:
    line = work_pages.ChildLine
    return replace(
        cycle_open(),
        family=work_pages.CycleFamily(
            children=(
                line(
                    AN_ID, cycle_name("2026-11/late-1"), CYCLE_STATES["open"], date(2026, 11, 22),
                    3, ("4 × Food parcel",),
                ),
                line(
                    AN_ID, cycle_name("2026-11/top-up-1"), CYCLE_STATES["draft"],
                    date(2026, 11, 25), None, (),
                ),
            ),
            shares=(work_pages.ShareLine("Food parcel", 4, 11),),
            kinds=tuple(
                parts.Choice(kind, CHILD_KINDS[kind])
                for kind in ("follow-up", "top-up", "recovery")
            ),
            opens_on="2026-11-25",
            closes_on="2026-11-27",
        ),
    )  # fmt: skip


def cycle_child() -> work_pages.CyclePage:
    page = cycle()
    return replace(
        page,
        summary=replace(page.summary, cycle_name=cycle_name("2026-11/recovery-1")),
        job=None,
        next_step=work_pages.NextStep(
            "propose_waiving",
            STEPS["propose_waiving"],
            STEP_NOTES["propose_waiving"],
            "/cycles/x/",
            STEP_QUESTIONS["propose_waiving"],
        ),
        family=work_pages.CycleFamily(
            kind_word=CHILD_KINDS["recovery"],
            note=CHILD_NOTES["recovery"],
            root_id=AN_ID,
            root_name=cycle_name("2026-11"),
            recovered=(work_pages.ItemTotal("Food parcel", "", 7),),
            taken=(
                cycle_family_room.taken_sentence(12, "food", 10, ({"en": "Community canteen"},)),
            ),
        ),
    )


def cycle_settled() -> work_pages.CyclePage:
    page = cycle("settled")
    return work_pages.CyclePage(
        summary=page.summary,
        stages=tuple(
            work_pages.CycleStage(STATIONS[name], "ahead" if name == "faded" else "done", "")
            for name in ("draft", "decided", "approved", "open", "closed", "settled", "faded")
        ),
        figures=page.figures,
        items=page.items,
        areas=page.areas,
        areas_total=page.areas_total,
        rule_reference=page.rule_reference,
        rule_hash=page.rule_hash,
        end=work_pages.CycleEnd(
            next_word=CYCLE_NEXT["settled"],
            waits_word=CYCLE_WAITS["DISPUTES"],
            on=date(2027, 3, 4),
            days_left=71,
            closed_on=date(2026, 12, 4),
            disputed_until=date(2027, 3, 3),
            goods=(work_pages.GoodsEnd("Food parcel", 551, 11, 4, 2, 1),),
        ),
    )


def imports() -> work_pages.ImportsPage:
    row = work_pages.ImportRow
    return work_pages.ImportsPage(
        (
            row(
                AN_ID,
                "registro_ribera_2026.xlsx",
                REGISTER_KINDS["despensa"],
                at(9, 12),
                "Amina Morales",
                1204,
                7,
                IMPORT_STATES["proposed"],
            ),
            row(
                AN_ID,
                "hope-rdi-50-households.xlsx",
                REGISTER_KINDS["hope"],
                at(16, 40, 18),
                "Jorge Ríos",
                236,
                0,
                IMPORT_STATES["done"],
            ),
            row(
                AN_ID,
                "viejo.csv",
                REGISTER_KINDS["121"],
                at(8, 5, 2),
                "Jorge Ríos",
                40,
                40,
                IMPORT_STATES["refused"],
            ),
        ),
        parts.Turns("?page=1", "?page=3", "4–6"),
    )


def import_new() -> work_pages.ImportNewPage:
    return work_pages.ImportNewPage(
        kinds=choices(REGISTER_KINDS),
        kind="",
        size_max_mib=50,
        template_urls=(parts.Choice("/x.csv", "CSV"), parts.Choice("/x.xlsx", "XLSX")),
    )


def import_new_with_error() -> work_pages.ImportNewPage:
    page = import_new()
    message = FILE_EMPTY
    return work_pages.ImportNewPage(
        page.kinds, "hope", 50, (), errors=(parts.FieldError("id_file", message),)
    )


def import_columns() -> work_pages.ImportColumnsPage:
    headings = (("Hogar", "household_number"), ("Nombre y apellidos", "full_name"), ("Obs.", ""))
    return work_pages.ImportColumnsPage(
        file_name="lista_parroquia.csv",
        columns=tuple(
            work_pages.MappedColumn(number, *column) for number, column in enumerate(headings)
        ),
        fields=(
            parts.Choice("household_number", "Number of the household"),
            parts.Choice("full_name", "Full name as the person writes it"),
        ),
        size_max_mib=50,
        errors=(parts.FieldError("id_file", FILE_EMPTY),),
    )


_REASONS = (
    work_pages.FaultTotal(
        "Individuals", "birth_date_i_c", 2_011, 14, "The birth date lies in the future."
    ),
    work_pages.FaultTotal("Individuals", "sex_i_c", 31, 52, "Use FEMALE, MALE or leave it empty."),
    work_pages.FaultTotal(
        "Households", "admin2_h_c", 1, 9, "Use the code of the list, such as PS0101."
    ),
)


def import_detail() -> work_pages.ImportDetailPage:
    error = work_pages.RowError
    dropped = work_pages.DroppedColumn
    return work_pages.ImportDetailPage(
        import_id=AN_ID,
        file_name="registro_ribera_2026.xlsx",
        kind_word=REGISTER_KINDS["hope"],
        started_at=at(9, 12),
        person_name="Amina Morales",
        state=IMPORT_STATES["preview"],
        figures=(
            parts.Figure(FIGURES["rows"], 1204),
            parts.Figure(FIGURES["accepted"], 1197, 1204),
            parts.Figure(FIGURES["rejected"], 7, 1204, "stopped"),
        ),
        totals=(
            parts.Fact(TOTALS["households"], 312),
            parts.Fact(TOTALS["people"], 1197),
            parts.Fact(TOTALS["villages"], 12),
            parts.Fact(TOTALS["without_birth_month"], 41),
        ),
        dropped_columns=(
            dropped("Individuals", "electoral_card_no_i_c", "names a voter"),
            dropped("Households", "hh_geopoint_h_c", "says where people are"),
        ),
        without_document=23,
        row_errors=(
            error(
                "Individuals",
                14,
                "birth_date_i_c",
                "2031-02-11",
                "The birth date lies in the future.",
                "Write the year as in the document, or leave it empty.",
            ),
            error(
                "Individuals",
                52,
                "sex_i_c",
                "X9",
                "This value is not known here.",
                "Use FEMALE, MALE or leave it empty.",
            ),
            error(
                "Households",
                9,
                "admin2_h_c",
                "PS9999",
                "This village is not in the list of areas.",
                "Use the code of the list, such as PS0101.",
            ),
        ),
        ignored_columns=("favourite_colour", "remarks"),
        warnings=("3 phone numbers were left out, the first in row 7.",),
        errors_total=2_043,
        totals_by_reason=_REASONS,
        faulty_rows_url="/x.xlsx",
        next_step=work_pages.NextStep(
            "submit", STEPS["submit"], STEP_NOTES["submit"], "/imports/x/", STEP_QUESTIONS["submit"]
        ),
        may_discard=True,
        reasons=choices(PROPOSAL_REASONS),
    )


def import_writing() -> work_pages.ImportDetailPage:
    return work_pages.ImportDetailPage(
        import_id=AN_ID,
        file_name="registro.csv",
        kind_word=REGISTER_KINDS["despensa"],
        started_at=at(9, 12),
        person_name="Amina Morales",
        state=IMPORT_STATES["writing"],
        figures=(parts.Figure(FIGURES["rows"], 120),),
        totals=(parts.Fact(TOTALS["households"], 40),),
        dropped_columns=(),
        without_document=0,
        row_errors=(),
        errors_total=0,
        job=parts.JobProgress(
            JOBS["write"], 64, 120, State("waiting", "running"), is_running=True, seconds_left=2
        ),
        proposal_id=AN_ID,
    )
