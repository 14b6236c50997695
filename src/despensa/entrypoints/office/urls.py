"""The rooms of the office and their addresses."""

from django.urls import path

from despensa.entrypoints.office.rooms import (
    books,
    cards,
    cycles,
    erasures,
    household_changes,
    household_history,
    households,
    import_columns,
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
    path(
        "households/<uuid:household_id>/history/",
        household_history.history,
        name="household_history",
    ),
    path(
        "households/<uuid:household_id>/change/<slug:name>/",
        household_changes.change,
        name="household_change",
    ),
    path(
        "households/<uuid:household_id>/undo/<uuid:change_id>/",
        household_changes.undo,
        name="household_undo",
    ),
    path("households/<uuid:household_id>/erase/", erasures.erase, name="household_erase"),
    path("proposals/<uuid:proposal_id>/receipt/", erasures.receipt, name="erasure_receipt"),
    path("cycles/", cycles.cycles, name="cycles"),
    path("cycles/<uuid:cycle_id>/", cycles.one_cycle, name="cycle"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/columns/", import_columns.import_columns, name="import_columns"),
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
