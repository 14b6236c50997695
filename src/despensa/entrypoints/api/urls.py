"""
The API under /api/v1 and the key set: every path with its lock, default deny for the rest.

`LOCKS` is part of the reviewed permission table (tests/entrypoints/permissions).
"""

from django.urls import URLPattern, URLResolver, path
from django.views.decorators.http import require_GET
from ninja import NinjaAPI

from despensa.domain.wallet.credential import TYPE_PATH
from despensa.entrypoints.api import device, partner, public, wallet
from despensa.entrypoints.api.problems import speak_problems
from despensa.entrypoints.api.wallet_documents import CREDENTIAL_PATH, NONCE_PATH, TOKEN_PATH
from despensa.entrypoints.office.access import ANYONE, door

PHONE = "phone"
PARTNER = "partner"

# operation -> who may: everybody, or a phone or a partner by its signature, which the operation
# itself checks
LOCKS = {
    "post_events": PHONE,
    "get_checkpoint": ANYONE,
    "get_tile": ANYONE,
    "get_keys": ANYONE,
    "key_set": ANYONE,
    "wallet_issuer": ANYONE,
    "wallet_server": ANYONE,
    "wallet_keys": ANYONE,
    "wallet_type": ANYONE,
    "wallet_token": ANYONE,
    "wallet_nonce": ANYONE,
    "wallet_credential": ANYONE,
    "status_list": ANYONE,
    **dict.fromkeys(partner.SIGNED, PARTNER),
    **dict.fromkeys(partner.CONSTANT, ANYONE),
}

api = NinjaAPI(
    title="Despensa",
    version="1",
    urls_namespace="api",
    docs_url=None,
    openapi_url=None,
    description="The phones' door, the partners' door, and what everybody may read.",
)
speak_problems(api)
api.add_router("", device.router)
api.add_router("", public.router)
api.add_router("", partner.router)


def _unlocked(pattern: URLPattern | URLResolver) -> URLPattern | URLResolver:
    """Return a pattern that the office's lock lets pass, if its operation has a lock of its own."""
    if isinstance(pattern, URLPattern) and pattern.name in LOCKS:
        pattern.callback = door(ANYONE)(pattern.callback)
    return pattern


_patterns, _app, _namespace = api.urls
urlpatterns = [
    path("api/v1/", ([_unlocked(pattern) for pattern in _patterns], _app, _namespace)),
    path(
        ".well-known/jwks.json",
        door(ANYONE)(require_GET(public.key_set)),
        name="key_set",
    ),
    *(
        path(place.lstrip("/"), door(ANYONE)(view), name=name)
        for place, name, view in (
            ("/.well-known/openid-credential-issuer", "wallet_issuer", wallet.wallet_issuer),
            ("/.well-known/oauth-authorization-server", "wallet_server", wallet.wallet_server),
            ("/.well-known/jwt-vc-issuer", "wallet_keys", wallet.wallet_keys),
            (TYPE_PATH, "wallet_type", wallet.wallet_type),
            (TOKEN_PATH, "wallet_token", wallet.wallet_token),
            (NONCE_PATH, "wallet_nonce", wallet.wallet_nonce),
            (CREDENTIAL_PATH, "wallet_credential", wallet.wallet_credential),
            ("/status/<int:number>", "status_list", wallet.status_list),
        )
    ),
]
