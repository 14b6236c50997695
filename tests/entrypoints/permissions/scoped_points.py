"""The doors about points and their phones, for the trial of scopes."""

_PHONE = "a phone, of which there is none here: tried in tests/entrypoints/{where}"
_STOCK = "a point, of which there is none here: tried in tests/entrypoints/office/test_stock.py"


def _both(why: str, *routes: str, below: str) -> dict[str, str]:
    return {f"{method} {below}{route}": why for method in ("GET", "POST") for route in routes}


_CASE = "a case, of which there is none here: tried in tests/entrypoints/office/test_cases.py"
_ROOM = _PHONE.format(where="office/test_phones.py")
_ONE_PHONE, _ONE_POINT = "/phones/<uuid:phone_id>/", "/stock/<str:code>/"
POINTS = {
    **_both(_ROOM, "", "offer/", "reports/", "offers/<slug:digest>/", below="/phones/"),
    **_both(_ROOM, "", "prepare/", "revoke/", "lists/<uuid:lease_id>/break/", below=_ONE_PHONE),
    **_both(_STOCK, "/stock/", below=""),
    **_both(_CASE, "", "<uuid:subject>/judge/", below="/cases/"),
    **_both(_STOCK, "", "write/<slug:kind>/", "entries/<uuid:entry_id>/reverse/", below=_ONE_POINT),
}
POINT_COMMANDS = dict.fromkeys(
    ("phone offer", "phone list", "phone revoke", "phone prepare"),
    _PHONE.format(where="cli/test_phone.py"),
) | dict.fromkeys(("stock show", "stock write", "stock reverse", "stock contents"), _STOCK)
