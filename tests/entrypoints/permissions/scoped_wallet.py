"""The doors about identity cards on phones, for the trial of scopes."""

WALLET = "/households/<uuid:household_id>/wallet/"
_WHY = "an offer or card, of which there is none here: tried in tests/entrypoints/office/test_wallet.py"
NO_OFFERS = {
    f"{method} {WALLET}{what}": _WHY
    for method in ("GET", "POST")
    for what in ("offers/<uuid:offer_id>/", "cards/<uuid:card_id>/end/")
}
