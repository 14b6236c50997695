"""Invented contents for every page of the office, so that each can be looked at and tested.

The words that a view would take from records stand here in English; the words of the house come
from `states.py` and change with the language. Every person is invented.
"""

from datetime import date, datetime
from uuid import UUID

from despensa.entrypoints.office import pages, work_pages
from despensa.entrypoints.office.states import (
    BATCH_STATES,
    CARD_STATES,
    CHECK_STATES,
    CYCLE_STATES,
    IMPORT_STATES,
    OUTCOME_STATES,
    POINT_STATES,
    PROPOSAL_STATES,
    State,
)

TODAY = date(2026, 11, 21)
AN_ID = UUID("6f6f2c5e-8f0a-4a44-9f40-1d52a7a2c001")
HASH = "9b2d41f0c7a35e88d1460be7725fca3961d08e4b5f17a2c3e09844d6b1f3a07c"
PURPOSES = (
    pages.Choice("counter", "Serving the person at the counter"),
    pages.Choice("correction", "Correcting a record"),
    pages.Choice("grievance", "Answering a grievance"),
)
REASONS = (
    pages.Choice("yearly", "Yearly registration"),
    pages.Choice("arrivals", "New arrivals"),
)


def at(hour: int, minute: int, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, minute)


def shell(room: str) -> pages.Shell:
    return pages.Shell(
        room=room,
        workspace_name="San Rafael",
        cycle_chip="November",
        person_name="Amina Morales",
        person_initials="AM",
        role_word="Registrar, district of San Rafael",
        badges={"proposals": 2, "imports": 1},
        is_demo=room == "today",
        is_single_operator=room == "proposals",
    )


def november(state: str = "open") -> pages.CycleSummary:
    return pages.CycleSummary(
        cycle_id=AN_ID,
        programme_name="Food parcel",
        cycle_name="November 2026",
        state=CYCLE_STATES[state],
        opens_on=date(2026, 11, 20),
        closes_on=date(2026, 12, 5),
        households=412,
        points_open=12,
    )


def today() -> pages.TodayPage:
    point = pages.PointRow
    waiting = pages.WaitingRow
    return pages.TodayPage(
        today=TODAY,
        cycle=november(),
        figures=(
            pages.Figure("Households entitled", 412, 412),
            pages.Figure("Parcels delivered", 267, 412),
            pages.Figure("To be synced", 38, 412, "waiting"),
            pages.Figure("Refused with receipt", 5, 412, "stopped"),
        ),
        points=(
            point("Escuela Bolívar", "Centro", 64, 18, 1, POINT_STATES["up_to_date"]),
            point("La Ceiba", "Ribera", 51, 29, 0, State("waiting", "12 not sent")),
            point("مركز النور", "الحي الشرقي", 48, 11, 2, POINT_STATES["up_to_date"]),
            point("El Roble", "Loma Alta", 40, 31, 0, POINT_STATES["phone_lost"]),
            point("San Isidro", "San Isidro", 0, 56, 0, POINT_STATES["not_open"]),
        ),
        waiting=(
            waiting("waiting", "Import of 1,204 rows", "proposed by J. Ríos", "/proposals/", "Check"),
            waiting("information", "Opening of the maternity grant", "212 households", "/x/", "See"),
            waiting("stopped", "An appeal ends tomorrow", "receipt “mesa-río-once-luna”", "/x/", "Open"),
        ),
    )


def households() -> pages.HouseholdsPage:
    row = pages.HouseholdRow
    entitled = OUTCOME_STATES["entitled"]
    return pages.HouseholdsPage(
        query="Morales Ana",
        purpose="counter",
        purposes=PURPOSES,
        is_searched=True,
        has_more=True,
        results=(
            row(AN_ID, "Ana Lucía Morales Pérez", "Ribera", 6, 1984, "C7Q4-88KD-2", entitled),
            row(AN_ID, "Ana Morales", "Loma Alta", 2, 1951, "", OUTCOME_STATES["needs_information"]),
            row(AN_ID, "آنا مورالس", "الحي الشرقي", 4, None, "7HJM-2W9X-K", OUTCOME_STATES["not_entitled"]),
        ),
    )


def households_with_error() -> pages.HouseholdsPage:
    message = "Write two parts, such as surname and given name, or a number."
    return pages.HouseholdsPage(
        "Morales", "counter", PURPOSES, errors=(pages.FieldError("id_query", message),)
    )


def household() -> pages.HouseholdPage:
    member = pages.MemberRow
    return pages.HouseholdPage(
        household_id=AN_ID,
        head_name="Ana Lucía Morales Pérez",
        number="H-20418",
        area_name="Ribera, San Rafael",
        language_word="speaks Spanish",
        registered_on=date(2025, 3, 4),
        state=OUTCOME_STATES["entitled"],
        members=(
            member("Ana Lucía Morales Pérez", "head", "female", date(1984, 5, 1), "42 years", True),
            member("Tomás Quispe Morales", "son", "male", date(2009, 1, 1), "17 years", True),
            member("Inés Quispe Morales", "daughter", "female", date(2022, 8, 1), "4 years", False),
            member("مريم الخطيب", "mother in law", "female", None, "about 70 years", False),
        ),
        decisions=(
            pages.DecisionPanel(
                "Food parcel",
                "November 2026",
                AN_ID,
                OUTCOME_STATES["entitled"],
                "2 parcels",
                ("A child under 5 lives here.", "They are 6 people or more: two parcels."),
                "parcel/3",
                date(2026, 11, 1),
                date(2026, 12, 20),
            ),
            pages.DecisionPanel(
                "Heating allowance",
                "Winter 2026",
                AN_ID,
                OUTCOME_STATES["not_entitled"],
                "",
                ("The dwelling lies below 1,200 metres.",),
                "heating/1",
                date(2026, 10, 1),
                None,
            ),
        ),
        cards=(
            pages.CardRow("C7Q4-88KD-2", "Ana Lucía Morales", CARD_STATES["active"], None, date(2026, 1, 9)),
            pages.CardRow("9WRT-4HHC-B", "Ana Lucía Morales", CARD_STATES["replaced"], None, None),
        ),
        looks=(
            pages.LookRow(at(9, 41), "Amina Morales", "registrar", "At the counter", "names, members"),
            pages.LookRow(at(15, 2, 19), "Jorge Ríos", "approver", "Check before a cycle", "members"),
        ),
        looks_turns=pages.Turns(next_url="?page=2", position="1–2"),
    )


def cycles() -> work_pages.CyclesPage:
    draft = pages.CycleSummary(AN_ID, "Maternity grant", "December 2026", CYCLE_STATES["draft"])
    return work_pages.CyclesPage((draft, november(), november("faded")))


def cycle(state: str = "decided") -> work_pages.CyclePage:
    stage = work_pages.CycleStage
    area = work_pages.AreaTotals
    areas = tuple(
        area(name, 30 + 3 * at, 11 + at, at % 4)
        for at, name in enumerate(("Centro", "Ribera", "Loma Alta", "San Isidro", "الحي الشرقي", "El Roble"))
    )
    return work_pages.CyclePage(
        summary=november(state),
        stages=(
            stage("Draft", "done", "1 November"),
            stage("Decided", "current", "412 of 598 households"),
            stage("Approved", "ahead", "by a second person"),
            stage("Open", "ahead"),
        ),
        figures=(
            pages.Figure("Entitled", 412, 598),
            pages.Figure("Not entitled", 174, 598, "stopped"),
            pages.Figure("Needs information", 12, 598, "waiting", "get the minimum line once"),
            pages.Figure("Parcels promised", 566),
        ),
        items=(
            work_pages.ItemTotal("Food parcel", "parcels", 566, 0),
            work_pages.ItemTotal("Cooking oil", "litres", 1132, 0),
        ),
        areas=areas,
        areas_total=area("", sum(a.entitled for a in areas), sum(a.not_entitled for a in areas), 12),
        rule_reference="parcel/3",
        rule_hash=HASH,
        frozen_on=date(2026, 11, 1),
        next_step=work_pages.NextStep(
            "propose_opening",
            "Propose the opening",
            "A second person then approves exactly these totals.",
            "/cycles/x/",
            "Propose to open the cycle with 566 parcels?",
        ),
        job=pages.JobProgress(
            "Freezing the facts", 412, 598, State("waiting", "running"), is_running=True, per_second=300, seconds_left=1
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


def imports() -> work_pages.ImportsPage:
    row = work_pages.ImportRow
    return work_pages.ImportsPage(
        (
            row(AN_ID, "registro_ribera_2026.xlsx", "Despensa table", at(9, 12), "Amina Morales", 1204, 7, IMPORT_STATES["proposed"]),
            row(AN_ID, "hope-rdi-50-households.xlsx", "HOPE workbook", at(16, 40, 18), "Jorge Ríos", 236, 0, IMPORT_STATES["done"]),
            row(AN_ID, "viejo.csv", "121 file", at(8, 5, 2), "Jorge Ríos", 40, 40, IMPORT_STATES["refused"]),
        ),
        pages.Turns("?page=1", "?page=3", "4–6"),
    )


def import_new() -> work_pages.ImportNewPage:
    return work_pages.ImportNewPage(
        kinds=(
            pages.Choice("", "Recognise it by itself"),
            pages.Choice("despensa", "Despensa table"),
            pages.Choice("hope", "HOPE workbook"),
            pages.Choice("121", "121 file"),
        ),
        kind="",
        size_max_mib=50,
        template_urls=(pages.Choice("/x.csv", "CSV"), pages.Choice("/x.xlsx", "XLSX")),
    )


def import_new_with_error() -> work_pages.ImportNewPage:
    page = import_new()
    message = "The file is empty. Save the table again as CSV or XLSX and choose it."
    return work_pages.ImportNewPage(
        page.kinds, "hope", 50, (), errors=(pages.FieldError("id_file", message),)
    )


def import_detail() -> work_pages.ImportDetailPage:
    error = work_pages.RowError
    dropped = work_pages.DroppedColumn
    return work_pages.ImportDetailPage(
        import_id=AN_ID,
        file_name="registro_ribera_2026.xlsx",
        kind_word="HOPE workbook",
        started_at=at(9, 12),
        person_name="Amina Morales",
        state=IMPORT_STATES["preview"],
        figures=(
            pages.Figure("Rows in the file", 1204),
            pages.Figure("Accepted", 1197, 1204),
            pages.Figure("Rejected", 7, 1204, "stopped"),
            pages.Figure("Already in the register", 214, 1204, "information"),
        ),
        totals=(
            pages.Fact("Households", 312),
            pages.Fact("People", 1197),
            pages.Fact("Villages", 12),
            pages.Fact("Without a birth month", 41),
        ),
        dropped_columns=(
            dropped("Individuals", "electoral_card_no_i_c", "names a voter"),
            dropped("Households", "hh_geopoint_h_c", "says where people are"),
        ),
        without_document=23,
        row_errors=(
            error("Individuals", 14, "birth_date_i_c", "2031-02-11", "The birth date lies in the future.", "Write the year as in the document, or leave it empty."),
            error("Individuals", 52, "sex_i_c", "X9", "This value is not known here.", "Use FEMALE, MALE or leave it empty."),
            error("Households", 9, "admin2_h_c", "PS9999", "This village is not in the list of areas.", "Use the code of the list, such as PS0101."),
        ),
        errors_total=7,
        faulty_rows_url="/x.xlsx",
        next_step=work_pages.NextStep(
            "submit", "Submit for approval", "Above 50 rows a second person approves.", "/imports/x/", "Submit 1,197 rows?"
        ),
        may_discard=True,
        reasons=REASONS,
    )


def import_writing() -> work_pages.ImportDetailPage:
    return work_pages.ImportDetailPage(
        import_id=AN_ID,
        file_name="registro.csv",
        kind_word="Despensa table",
        started_at=at(9, 12),
        person_name="Amina Morales",
        state=IMPORT_STATES["writing"],
        figures=(pages.Figure("Rows in the file", 120),),
        totals=(pages.Fact("Households", 40),),
        dropped_columns=(),
        without_document=0,
        row_errors=(),
        errors_total=0,
        job=pages.JobProgress(
            "Writing the register", 64, 120, State("waiting", "running"), is_running=True, seconds_left=2
        ),
        proposal_id=AN_ID,
    )


def proposals() -> work_pages.ProposalsPage:
    row = work_pages.ProposalRow
    return work_pages.ProposalsPage(
        waiting=(
            row(AN_ID, "Import a register", "1,197 rows, village of Ribera", "Jorge Ríos", at(9, 20), at(9, 20, 28), PROPOSAL_STATES["waiting"], is_own=False),
            row(AN_ID, "Open a cycle", "Food parcel, November 2026", "Amina Morales", at(8, 2), at(8, 2, 28), PROPOSAL_STATES["waiting"], is_own=True),
        ),
        finished=(
            row(AN_ID, "Publish a rule", "parcel/3", "Jorge Ríos", at(8, 2, 1), at(8, 2, 8), PROPOSAL_STATES["used"], is_own=False),
            row(AN_ID, "Import a register", "40 rows", "Jorge Ríos", at(8, 2, 2), at(8, 2, 9), PROPOSAL_STATES["refused"], is_own=False),
        ),
    )


def proposal() -> work_pages.ProposalPage:
    return work_pages.ProposalPage(
        proposal_id=AN_ID,
        action_word="Open a cycle",
        creator_name="Jorge Ríos",
        created_at=at(9, 20),
        expires_at=at(9, 20, 28),
        scope="Food parcel, district of San Rafael",
        reason="Monthly distribution",
        hash_hex=HASH,
        state=PROPOSAL_STATES["waiting"],
        totals=(
            pages.Fact("Households entitled", 412),
            pages.Fact("Parcels", 566),
            pages.Fact("Late entrants covered, at most", 8),
        ),
        parameters=(pages.Fact("Opens", "20 November 2026"), pages.Fact("Epoch", 10)),
        inputs=(HASH,),
        outputs=(
            work_pages.ProposalOutput("Sealed paper list per point", "card number, quantity", 12, date(2026, 12, 12)),
        ),
        may_decide=True,
        refuse_reasons=(pages.Choice("totals", "The totals look wrong"), pages.Choice("time", "Not the time")),
        passkey=work_pages.PasskeyChallenge("aGFzaA", "localhost", ("aWQ",)),
    )


def proposal_with_error() -> work_pages.ProposalPage:
    page = proposal()
    return work_pages.ProposalPage(
        **{name: getattr(page, name) for name in page.__slots__ if name not in {"errors", "passkey"}},
        errors=(pages.FieldError("id_code", "The code does not fit. Wait for the next one and type it."),),
    )


def proposal_own() -> work_pages.ProposalPage:
    page = proposal()
    return work_pages.ProposalPage(
        **{name: getattr(page, name) for name in page.__slots__ if name not in {"may_decide", "why_not"}},
        may_decide=False,
        why_not="You made this proposal; another person must decide.",
    )


def cards() -> work_pages.CardsPage:
    row = work_pages.BatchRow
    return work_pages.CardsPage(
        figures=(
            pages.Figure("Cards made", 620),
            pages.Figure("Handed over", 548, 620),
            pages.Figure("Printed, unassigned", 60, 620, "waiting"),
            pages.Figure("Replaced", 12, 620, "information"),
        ),
        batches=(
            row("B-0007", TODAY, 60, 60, 0, BATCH_STATES["ready"], "/x.pdf", date(2026, 11, 28)),
            row("B-0006", TODAY, 200, 120, 0, BATCH_STATES["printing"]),
            row("B-0005", date(2026, 10, 2), 360, 360, 348, BATCH_STATES["counted"]),
        ),
        handed="Card C7Q4-88KD-2 is handed over.",
    )


def ledger() -> work_pages.LedgerPage:
    kind = work_pages.KindBalance
    return work_pages.LedgerPage(
        units=(
            work_pages.UnitBalance(
                "Food parcel",
                (
                    kind("fund", 1, 566, 0),
                    kind("entitlement", 412, 267, 566),
                    kind("delivered", 12, 0, 262),
                    kind("emergency", 1, 0, 5),
                ),
                833,
                833,
                CHECK_STATES["holds"],
            ),
        ),
        checked_at=at(10, 1),
        state=CHECK_STATES["holds"],
    )


def log() -> work_pages.LogPage:
    leaf = work_pages.LeafRow
    return work_pages.LogPage(
        origin="despensa.example/san-rafael",
        size=18422,
        waiting=3,
        root_hex=HASH,
        signed_at=at(10, 0),
        key_name="san-rafael+4f1c77a0",
        state=CHECK_STATES["holds"],
        verified_at=at(10, 0),
        witnesses=(work_pages.WitnessRow("University of the Coast", 18390, at(9, 0), State("done", "up to date")),),
        leaves=(
            leaf(18421, at(9, 58), "totals", "Food parcel, November 2026: 566 parcels promised"),
            leaf(18402, at(9, 20), "approval", "Import of 1,197 rows approved by the second person"),
            leaf(18377, at(8, 0), "start-up", "Version 0.1.0 started"),
        ),
        turns=pages.Turns(next_url="?before=18377", position="18,377–18,421"),
    )


# name: (template, room, page)
PAGES = {
    "today": ("office/today.html", "today", today),
    "today_empty": (
        "office/today.html",
        "today",
        lambda: pages.TodayPage(TODAY, None, (), (), ()),
    ),
    "households": ("office/households.html", "households", households),
    "households_error": ("office/households.html", "households", households_with_error),
    "households_none": (
        "office/households.html",
        "households",
        lambda: pages.HouseholdsPage("Zzz Yyy", "counter", PURPOSES, is_searched=True),
    ),
    "household": ("office/household.html", "households", household),
    "cycles": ("office/cycles.html", "cycles", cycles),
    "cycles_none": ("office/cycles.html", "cycles", lambda: work_pages.CyclesPage(())),
    "cycle": ("office/cycle.html", "cycles", cycle),
    "cycle_open": ("office/cycle.html", "cycles", cycle_open),
    "imports": ("office/imports.html", "imports", imports),
    "imports_none": ("office/imports.html", "imports", lambda: work_pages.ImportsPage(())),
    "import_new": ("office/import_new.html", "imports", import_new),
    "import_new_error": ("office/import_new.html", "imports", import_new_with_error),
    "import_detail": ("office/import_detail.html", "imports", import_detail),
    "import_writing": ("office/import_detail.html", "imports", import_writing),
    "proposals": ("office/proposals.html", "proposals", proposals),
    "proposals_none": ("office/proposals.html", "proposals", lambda: work_pages.ProposalsPage((), ())),
    "proposal": ("office/proposal.html", "proposals", proposal),
    "proposal_error": ("office/proposal.html", "proposals", proposal_with_error),
    "proposal_own": ("office/proposal.html", "proposals", proposal_own),
    "cards": ("office/cards.html", "cards", cards),
    "cards_none": ("office/cards.html", "cards", lambda: work_pages.CardsPage((), ())),
    "ledger": ("office/ledger.html", "ledger", ledger),
    "ledger_none": (
        "office/ledger.html",
        "ledger",
        lambda: work_pages.LedgerPage((), None, CHECK_STATES["not_checked"]),
    ),
    "log": ("office/log.html", "log", log),
    "log_none": (
        "office/log.html",
        "log",
        lambda: work_pages.LogPage(
            "x.example", 0, 0, HASH, None, "key", CHECK_STATES["not_checked"], None, (), ()
        ),
    ),
}
