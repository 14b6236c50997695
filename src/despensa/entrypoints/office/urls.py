"""The rooms of the office and their addresses."""

from django.urls import path

from despensa.entrypoints.office.rooms import (
    books,
    cards,
    cycles,
    households,
    imports,
    proposals,
    register_template,
    stage_door,
    today,
)

app_name = "office"
urlpatterns = [
    path("", today.today, name="today"),
    path("households/", households.households, name="households"),
    path("households/<uuid:household_id>/", households.household, name="household"),
    path("cycles/", cycles.cycles, name="cycles"),
    path("cycles/<uuid:cycle_id>/", cycles.one_cycle, name="cycle"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/<uuid:import_id>/", imports.import_detail, name="import_detail"),
    path("imports/<uuid:import_id>/faulty/", imports.faulty_rows, name="import_faulty"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/<uuid:proposal_id>/", proposals.proposal, name="proposal"),
    path(
        "proposals/<uuid:proposal_id>/approve/",
        proposals.proposal_approve,
        name="proposal_approve",
    ),
    path("proposals/<uuid:proposal_id>/refuse/", proposals.proposal_refuse, name="proposal_refuse"),
    path(
        "imports/despensa-register.<str:ending>",
        register_template.register_template,
        name="register_template",
    ),
    path("cards/", cards.cards, name="cards"),
    path("cards/hand-over/", cards.card_handover, name="card_handover"),
    path("cards/<uuid:batch_id>/sheet/", cards.card_sheet, name="card_sheet"),
    path("ledger/", books.ledger, name="ledger"),
    path("log/", books.log, name="log"),
    path("demonstration/<str:token>/", stage_door.stage_door, name="stage_door"),
]
