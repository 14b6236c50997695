"""Invented pages about what became of a register file."""

from dataclasses import replace

from despensa.entrypoints.office import pair_pages, parts, work_pages
from despensa.entrypoints.office.states import IMPORT_EFFECTS as EFFECTS
from despensa.entrypoints.office.states import IMPORT_STATES
from despensa.entrypoints.office.words import STORED_REASONS, TOTALS
from tests.entrypoints.office.invented_parts import AN_ID
from tests.entrypoints.office.invented_work import import_writing


def import_done() -> work_pages.ImportDetailPage:
    return replace(
        import_writing(),
        state=IMPORT_STATES["done"],
        job=None,
        pairs=(
            work_pages.PairCount(EFFECTS[1], 312, "/imports/x/pairs/1/"),
            work_pages.PairCount(EFFECTS[2], 14, "/imports/x/pairs/3/"),
            work_pages.PairCount(EFFECTS[3], 1_204, "/imports/x/pairs/4/"),
            work_pages.PairCount(EFFECTS[4], 2, "/imports/x/pairs/90/"),
        ),
        undo_url="/imports/x/undo/",
    )


def import_pair() -> pair_pages.ImportPairPage:
    line = pair_pages.PairLine
    return pair_pages.ImportPairPage(
        import_id=AN_ID,
        file_name="registro_ribera_2026.xlsx",
        place=3,
        places=1_532,
        effect=EFFECTS[2],
        note="What the file changed is marked. The rest stayed as it was.",
        household_id=AN_ID,
        number="7f3a91c2",
        is_single=False,
        parts=(
            pair_pages.PairPart(
                "The household", "", (line("Place", "San Telmo del Río", "Molino de Arriba"),)
            ),
            pair_pages.PairPart(
                "Ramona Castaño Yáñez",
                "",
                (
                    line("Name", "Ramona Castaño Yáñez", "Ramona Castaño Yáñez"),
                    line("Role", "member", "head"),
                    line("Phones", "", "\u2066+447700900777\u2069"),
                ),
            ),
            pair_pages.PairPart(
                "أمينة حداد", "New with this file.", (line("Name", "", "أمينة حداد"),)
            ),
        ),
        turns=parts.Turns(next_url="/imports/x/pairs/8/"),
    )


def import_pair_new() -> pair_pages.ImportPairPage:
    return replace(import_pair(), effect=EFFECTS[1], is_single=True)


def import_undo() -> pair_pages.ImportUndoPage:
    return pair_pages.ImportUndoPage(
        import_id=AN_ID,
        file_name="registro_ribera_2026.xlsx",
        totals=(
            parts.Fact(TOTALS["households"], 312),
            parts.Fact(TOTALS["people"], 1_197),
            parts.Fact(TOTALS["updated_households"], 14),
        ),
        reasons=tuple(parts.Choice(str(one), STORED_REASONS[one]) for one in (50, 51, 32)),
    )


def import_undo_refused() -> pair_pages.ImportUndoPage:
    return replace(
        import_undo(),
        totals=(),
        errors=(
            parts.FieldError(
                "undo_title",
                "The cycle 2026-11 has opened and counted 312 households of this file: correct "
                "them one by one instead.",
            ),
        ),
    )
