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
from despensa.entrypoints.office.words import (
    ACCOUNT_KINDS,
    ACTIONS,
    FIGURES,
    FILE_EMPTY,
    JOBS,
    LEAF_KINDS,
    MEMBER_ROLES,
    OWN_PROPOSAL,
    PARAMETERS,
    PROPOSAL_REASONS,
    PURPOSES,
    REFUSAL_REASONS,
    REGISTER_KINDS,
    ROLES,
    SEARCH_TOO_SHORT,
    SEXES,
    STATIONS,
    STEP_NOTES,
    STEP_QUESTIONS,
    STEPS,
    TOTALS,
    WRONG_CODE,
)

TODAY = date(2026, 11, 21)
AN_ID = UUID("6f6f2c5e-8f0a-4a44-9f40-1d52a7a2c001")
HASH = "9b2d41f0c7a35e88d1460be7725fca3961d08e4b5f17a2c3e09844d6b1f3a07c"


def choices(words) -> tuple[pages.Choice, ...]:
    return tuple(pages.Choice(code, word) for code, word in words.items())


def at(hour: int, minute: int, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, minute)


def shell(room: str) -> pages.Shell:
    return pages.Shell(
        room=room,
        workspace_name="San Rafael",
        cycle_chip="November",
        person_name="Amina Morales",
        person_initials="AM",
        role_word=ROLES["registrar"],
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
            pages.Figure(FIGURES["entitled"], 412, 412),
            pages.Figure(FIGURES["delivered"], 267, 412),
            pages.Figure(FIGURES["to_sync"], 38, 412, "waiting"),
            pages.Figure(FIGURES["refused"], 5, 412, "stopped"),
        ),
        points=(
            point("Escuela Bolívar", "Centro", 64, 18, 1, POINT_STATES["up_to_date"]),
            point("La Ceiba", "Ribera", 51, 29, 0, State("waiting", "12 not sent")),
            point("مركز النور", "الحي الشرقي", 48, 11, 2, POINT_STATES["up_to_date"]),
            point("El Roble", "Loma Alta", 40, 31, 0, POINT_STATES["phone_lost"]),
            point("San Isidro", "San Isidro", 0, 56, 0, POINT_STATES["not_open"]),
        ),
        waiting=(
            waiting(
                "waiting", "Import of 1,204 rows", "proposed by J. Ríos", "/proposals/", "Check"
            ),
            waiting(
                "information", "Opening of the maternity grant", "212 households", "/x/", "See"
            ),
            waiting(
                "stopped", "An appeal ends tomorrow", "receipt “mesa-río-once-luna”", "/x/", "Open"
            ),
        ),
    )


def households() -> pages.HouseholdsPage:
    row = pages.HouseholdRow
    entitled = OUTCOME_STATES["entitled"]
    return pages.HouseholdsPage(
        query="Morales Ana",
        purpose="counter",
        purposes=choices(PURPOSES),
        is_searched=True,
        has_more=True,
        results=(
            row(AN_ID, "Ana Lucía Morales Pérez", "Ribera", 6, 1984, "C7Q4-88KD-2", entitled),
            row(
                AN_ID, "Ana Morales", "Loma Alta", 2, 1951, "", OUTCOME_STATES["needs_information"]
            ),
            row(
                AN_ID,
                "آنا مورالس",
                "الحي الشرقي",
                4,
                None,
                "7HJM-2W9X-K",
                OUTCOME_STATES["not_entitled"],
            ),
        ),
    )


def households_with_error() -> pages.HouseholdsPage:
    message = SEARCH_TOO_SHORT
    return pages.HouseholdsPage(
        "Morales", "counter", choices(PURPOSES), errors=(pages.FieldError("id_query", message),)
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
            member(
                "Ana Lucía Morales Pérez",
                MEMBER_ROLES["head"],
                SEXES["female"],
                date(1984, 5, 1),
                "42 years",
                True,
            ),
            member(
                "Tomás Quispe Morales",
                MEMBER_ROLES["child"],
                SEXES["male"],
                date(2009, 1, 1),
                "17 years",
                True,
            ),
            member(
                "Inés Quispe Morales",
                MEMBER_ROLES["child"],
                SEXES["female"],
                date(2022, 8, 1),
                "4 years",
                False,
            ),
            member(
                "مريم الخطيب",
                MEMBER_ROLES["parent"],
                SEXES["female"],
                None,
                "about 70 years",
                False,
            ),
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
            pages.CardRow(
                "C7Q4-88KD-2", "Ana Lucía Morales", CARD_STATES["active"], None, date(2026, 1, 9)
            ),
            pages.CardRow("9WRT-4HHC-B", "Ana Lucía Morales", CARD_STATES["replaced"], None, None),
        ),
        looks=(
            pages.LookRow(
                at(9, 41),
                "Amina Morales",
                ROLES["registrar"],
                PURPOSES["counter"],
                "names, members",
            ),
            pages.LookRow(
                at(15, 2, 19), "Jorge Ríos", ROLES["approver"], PURPOSES["cycle_check"], "members"
            ),
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
        ),
        figures=(
            pages.Figure(FIGURES["entitled"], 412, 598),
            pages.Figure(FIGURES["not_entitled"], 174, 598, "stopped"),
            pages.Figure(
                FIGURES["needs_information"], 12, 598, "waiting", "get the minimum line once"
            ),
            pages.Figure(FIGURES["promised"], 566),
        ),
        items=(
            work_pages.ItemTotal("Food parcel", "parcels", 566, 0),
            work_pages.ItemTotal("Cooking oil", "litres", 1132, 0),
        ),
        areas=areas,
        areas_total=area(
            "", sum(a.entitled for a in areas), sum(a.not_entitled for a in areas), 12
        ),
        rule_reference="parcel/3",
        rule_hash=HASH,
        frozen_on=date(2026, 11, 1),
        next_step=work_pages.NextStep(
            "propose_opening",
            STEPS["propose_opening"],
            STEP_NOTES["propose_opening"],
            "/cycles/x/",
            STEP_QUESTIONS["propose_opening"],
        ),
        job=pages.JobProgress(
            JOBS["freeze"],
            412,
            598,
            State("waiting", "running"),
            is_running=True,
            per_second=300,
            seconds_left=1,
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
        pages.Turns("?page=1", "?page=3", "4–6"),
    )


def import_new() -> work_pages.ImportNewPage:
    return work_pages.ImportNewPage(
        kinds=choices(REGISTER_KINDS),
        kind="",
        size_max_mib=50,
        template_urls=(pages.Choice("/x.csv", "CSV"), pages.Choice("/x.xlsx", "XLSX")),
    )


def import_new_with_error() -> work_pages.ImportNewPage:
    page = import_new()
    message = FILE_EMPTY
    return work_pages.ImportNewPage(
        page.kinds, "hope", 50, (), errors=(pages.FieldError("id_file", message),)
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
            pages.Figure(FIGURES["rows"], 1204),
            pages.Figure(FIGURES["accepted"], 1197, 1204),
            pages.Figure(FIGURES["rejected"], 7, 1204, "stopped"),
            pages.Figure(FIGURES["known"], 214, 1204, "information"),
        ),
        totals=(
            pages.Fact(TOTALS["households"], 312),
            pages.Fact(TOTALS["people"], 1197),
            pages.Fact(TOTALS["villages"], 12),
            pages.Fact(TOTALS["without_birth_month"], 41),
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
        errors_total=7,
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
        figures=(pages.Figure(FIGURES["rows"], 120),),
        totals=(pages.Fact(TOTALS["households"], 40),),
        dropped_columns=(),
        without_document=0,
        row_errors=(),
        errors_total=0,
        job=pages.JobProgress(
            JOBS["write"], 64, 120, State("waiting", "running"), is_running=True, seconds_left=2
        ),
        proposal_id=AN_ID,
    )


def proposals() -> work_pages.ProposalsPage:
    row = work_pages.ProposalRow
    return work_pages.ProposalsPage(
        waiting=(
            row(
                AN_ID,
                ACTIONS["import_register"],
                "1,197 rows, village of Ribera",
                "Jorge Ríos",
                at(9, 20),
                at(9, 20, 28),
                PROPOSAL_STATES["waiting"],
                is_own=False,
            ),
            row(
                AN_ID,
                ACTIONS["open_cycle"],
                "Food parcel, November 2026",
                "Amina Morales",
                at(8, 2),
                at(8, 2, 28),
                PROPOSAL_STATES["waiting"],
                is_own=True,
            ),
        ),
        finished=(
            row(
                AN_ID,
                ACTIONS["publish_rule"],
                "parcel/3",
                "Jorge Ríos",
                at(8, 2, 1),
                at(8, 2, 8),
                PROPOSAL_STATES["used"],
                is_own=False,
            ),
            row(
                AN_ID,
                ACTIONS["import_register"],
                "40 rows",
                "Jorge Ríos",
                at(8, 2, 2),
                at(8, 2, 9),
                PROPOSAL_STATES["refused"],
                is_own=False,
            ),
        ),
    )


def proposal() -> work_pages.ProposalPage:
    return work_pages.ProposalPage(
        proposal_id=AN_ID,
        action_word=ACTIONS["open_cycle"],
        creator_name="Jorge Ríos",
        created_at=at(9, 20),
        expires_at=at(9, 20, 28),
        scope="Food parcel, district of San Rafael",
        reason=PROPOSAL_REASONS["regular"],
        hash_hex=HASH,
        state=PROPOSAL_STATES["waiting"],
        totals=(
            pages.Fact(TOTALS["entitled"], 412),
            pages.Fact(TOTALS["parcels"], 566),
            pages.Fact(TOTALS["late_entrants"], 8),
        ),
        parameters=(
            pages.Fact(PARAMETERS["opens"], "20 November 2026"),
            pages.Fact(PARAMETERS["epoch"], 10),
        ),
        inputs=(HASH,),
        outputs=(
            work_pages.ProposalOutput(
                "Sealed paper list per point", "card number, quantity", 12, date(2026, 12, 12)
            ),
        ),
        may_decide=True,
        refuse_reasons=choices(REFUSAL_REASONS),
        passkey=work_pages.PasskeyChallenge("aGFzaA", "localhost", ("aWQ",)),
    )


def proposal_with_error() -> work_pages.ProposalPage:
    page = proposal()
    return work_pages.ProposalPage(
        **{
            name: getattr(page, name)
            for name in page.__slots__
            if name not in {"errors", "passkey"}
        },
        errors=(pages.FieldError("id_code", WRONG_CODE),),
    )


def proposal_own() -> work_pages.ProposalPage:
    page = proposal()
    return work_pages.ProposalPage(
        **{
            name: getattr(page, name)
            for name in page.__slots__
            if name not in {"may_decide", "why_not"}
        },
        may_decide=False,
        why_not=OWN_PROPOSAL,
    )


def cards() -> work_pages.CardsPage:
    row = work_pages.BatchRow
    return work_pages.CardsPage(
        figures=(
            pages.Figure(FIGURES["cards"], 620),
            pages.Figure(FIGURES["handed_over"], 548, 620),
            pages.Figure(FIGURES["unassigned"], 60, 620, "waiting"),
            pages.Figure(FIGURES["replaced"], 12, 620, "information"),
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
                    kind(ACCOUNT_KINDS["fund"], 1, 566, 0),
                    kind(ACCOUNT_KINDS["entitlement"], 412, 267, 566),
                    kind(ACCOUNT_KINDS["delivered"], 12, 0, 262),
                    kind(ACCOUNT_KINDS["emergency"], 1, 0, 5),
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
        witnesses=(
            work_pages.WitnessRow(
                "University of the Coast", 18390, at(9, 0), State("done", "up to date")
            ),
        ),
        leaves=(
            leaf(
                18421,
                at(9, 58),
                LEAF_KINDS["totals"],
                "Food parcel, November 2026: 566 parcels promised",
            ),
            leaf(
                18402,
                at(9, 20),
                LEAF_KINDS["approval"],
                "Import of 1,197 rows approved by the second person",
            ),
            leaf(18377, at(8, 0), LEAF_KINDS["start"], "Version 0.1.0 started"),
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
        lambda: pages.HouseholdsPage("Zzz Yyy", "counter", choices(PURPOSES), is_searched=True),
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
    "proposals_none": (
        "office/proposals.html",
        "proposals",
        lambda: work_pages.ProposalsPage((), ()),
    ),
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
