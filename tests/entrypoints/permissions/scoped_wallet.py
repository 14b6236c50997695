"""The doors about identity cards, for the trial of scopes."""

WALLET = "/households/<uuid:household_id>/wallet/"
_WHY = "an offer or card, of which there is none here: tried in tests/entrypoints/office/test_wallet.py"
NO_OFFERS = {
    f"{method} {WALLET}{what}": _WHY
    for method in ("GET", "POST")
    for what in ("offers/<uuid:offer_id>/", "cards/<uuid:card_id>/end/")
}
_BATCH = "of a batch or person in reach: tests/entrypoints/cli/test_identity.py"
NO_BATCHES = {
    f"{method} {path}": _BATCH
    for method in ("GET", "POST")
    for path in (
        f"{WALLET}paper/",
        "/cards/identity/order/",
        "/cards/identity/<uuid:batch_id>/sheet/",
        "/cards/identity/<uuid:batch_id>/count/",
    )
}
IDENTITY = dict.fromkeys(
    ("identity ask", "identity order", "identity count", "identity hand-over"), _BATCH
)
