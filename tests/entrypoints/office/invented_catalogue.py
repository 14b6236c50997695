"""Invented contents of the pages about the catalogue of facts."""

from datetime import timedelta

from despensa.entrypoints.office import catalogue_pages
from despensa.entrypoints.office.catalogue_words import FACT_STATES, PURPOSES, READERS, WHAT
from despensa.entrypoints.office.parts import FieldError
from despensa.entrypoints.office.words import ROLES
from tests.entrypoints.office.invented_parts import HASH, TODAY, at


def catalogue() -> catalogue_pages.CataloguePage:
    facts = tuple(
        catalogue_pages.FactRow(
            name=f"fact_{state}",
            label="Displaced",
            about="Household",
            purposes=next(iter(PURPOSES.values())),
            readers=READERS["partner"],
            kept="180 days after its last purpose",
            state=FACT_STATES[state],
            goes_on=None if state == "needed" else TODAY + timedelta(days=30),
        )
        for state in FACT_STATES
    )
    destroyed = (
        catalogue_pages.DestroyedFactRow("income", at(9, 12), 1200, TODAY + timedelta(days=35)),
        catalogue_pages.DestroyedFactRow("tenure", at(9, 12), None, TODAY + timedelta(days=35)),
    )
    return catalogue_pages.CataloguePage(
        "food-parcel", 2, at(9, 12), HASH, facts, destroyed, may_propose=True
    )


def new_version() -> catalogue_pages.CatalogueNewPage:
    changes = (
        catalogue_pages.ChangeRow(
            "Displaced", next(iter(WHAT.values())), "", ROLES["programme_manager"]
        ),
    )
    return catalogue_pages.CatalogueNewPage(
        3,
        changes,
        text="catalogue: 1\n",
        problems=("fact tenure: a rule in use reads it.",),
        errors=(FieldError("id_file", "Choose a file first."),),
    )
