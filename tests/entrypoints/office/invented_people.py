"""Invented contents of the pages about people and of today. Every person is invented."""

from datetime import date

from despensa.entrypoints.office import pages, parts
from despensa.entrypoints.office.states import (
    CARD_STATES,
    CYCLE_STATES,
    OUTCOME_STATES,
    POINT_STATES,
    State,
)
from despensa.entrypoints.office.words import (
    FIGURES,
    MEMBER_ROLES,
    PURPOSES,
    ROLES,
    SEARCH_TOO_SHORT,
    SEXES,
)
from tests.entrypoints.office.invented_parts import AN_ID, TODAY, at, choices


def today() -> pages.TodayPage:
    point = pages.PointRow
    waiting = pages.WaitingRow
    return pages.TodayPage(
        today=TODAY,
        cycle=november(),
        figures=(
            parts.Figure(FIGURES["entitled"], 412, 412),
            parts.Figure(FIGURES["delivered"], 267, 412),
            parts.Figure(FIGURES["to_sync"], 38, 412, "waiting"),
            parts.Figure(FIGURES["refused"], 5, 412, "stopped"),
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
        "Morales", "counter", choices(PURPOSES), errors=(parts.FieldError("id_query", message),)
    )


def decisions() -> tuple[pages.DecisionPanel, ...]:
    return (
        pages.DecisionPanel(
            "Food parcel",
            "November 2026",
            AN_ID,
            CYCLE_STATES["open"],
            OUTCOME_STATES["entitled"],
            "2 parcels",
            ("A child under 5 lives here.", "They are 6 people or more: two parcels."),
            "parcel/3",
            date(2026, 11, 1),
            date(2026, 12, 20),
            (
                parts.Choice("?language=es", "Español"),
                parts.Choice("?language=en", "English"),
                parts.Choice("?language=ar", "العربية"),
            ),
            appeal_url="/x/",
        ),
        pages.DecisionPanel(
            "Heating allowance",
            "Winter 2026",
            AN_ID,
            CYCLE_STATES["closed"],
            OUTCOME_STATES["not_entitled"],
            "",
            ("The dwelling lies below 1,200 metres.",),
            "heating/1",
            date(2026, 10, 1),
            None,
            open_appeal_url="/x/",
        ),
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
        decisions=decisions(),
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
        looks_turns=parts.Turns(next_url="?page=2", position="1–2"),
    )
