"""Invented contents of the pages about people registered twice."""

from datetime import timedelta

from despensa.entrypoints.office import duplicate_pages
from despensa.entrypoints.office.parts import FieldError
from despensa.entrypoints.office.states import State
from tests.entrypoints.office.invented_parts import AN_ID, TODAY, at

_ALIKE, _OTHER = State("done", "same"), State("stopped", "other")


def duplicates() -> duplicate_pages.DuplicatesPage:
    rows = tuple(
        duplicate_pages.PairRow(
            AN_ID,
            number,
            at(9, 12),
            State("waiting", "likely"),
            "San Telmo del Río",
            one_household=is_asked,
            money_waits_until=TODAY + timedelta(days=14) if is_asked else None,
            is_asked=is_asked,
        )
        for number, is_asked in (("0a1b2c3d", False), ("4e5f6071", True))
    )
    return duplicate_pages.DuplicatesPage(2, rows, 2400)


def duplicates_missing() -> duplicate_pages.DuplicatesPage:
    missing = "The search needs the extra: pip install 'despensa[match]'"
    return duplicate_pages.DuplicatesPage(0, (), 2400, missing=missing)


def pair(*, is_one: bool = False, is_two: bool = False) -> duplicate_pages.PairPage:
    sides = (
        duplicate_pages.Side("نور حداد", AN_ID, "registered 3 May 2026", is_kept=True),
        duplicate_pages.Side("Nur Haddad", AN_ID, "registered 9 Nov 2026", is_kept=False),
    )
    facts = (
        duplicate_pages.Compared("Given name", "نور", "Nur", _ALIKE),
        duplicate_pages.Compared("Born", "4 May 1967", "4 May 1976", _OTHER),
        duplicate_pages.Compared("Phone", "–", "+58 412 000 0001", None),
    )
    return duplicate_pages.PairPage(
        AN_ID,
        "0a1b2c3d",
        State("done", "one person" if is_one else "two people")
        if is_one or is_two
        else State("waiting", "likely"),
        sides,
        facts,
        ("The given names sound the same.",),
        ("Two digits of the birth date differ.",),
        seen=0,
        may_be_one=not is_one,
        money_waits_until=None if is_one or is_two else TODAY + timedelta(days=14),
        undo_url="/x/" if is_one else "",
        is_told_apart=is_two,
        errors=()
        if is_one or is_two
        else (FieldError("id_verdict", "This pair was decided meanwhile."),),
    )
