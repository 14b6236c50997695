"""
Approval by passkey: the assertion is made over the proposal's hash.

Source: docs/reference/formats.md, section 9; W3C Web Authentication Level 3, section 7.2.
"""

import ipaddress
import json
from typing import Any

from allauth.mfa.webauthn.internal import auth
from django.http import HttpRequest
from fido2.utils import websafe_decode, websafe_encode

from despensa.entrypoints.office.work_pages import PasskeyChallenge

Assertion = tuple[bytes, bytes, bytes, bytes]
_FIELDS = ("id", "authenticatorData", "clientDataJSON", "signature")


def challenge(request: HttpRequest, digest: bytes) -> PasskeyChallenge | None:
    """Return what the browser needs to sign this hash, or None without passkey or host name."""
    host = request.get_host().rsplit(":", 1)[0]
    if not _has_name(host):
        return None
    credentials = auth.get_credentials(request.user)
    if not credentials:
        return None
    return PasskeyChallenge(
        challenge=websafe_encode(digest),
        host_name=host,
        credential_ids=tuple(websafe_encode(one.credential_id) for one in credentials),
    )


def verified(request: HttpRequest, answer: str, digest: bytes) -> Assertion | None:
    """Return the assertion when a passkey of this person signed exactly this hash, else None."""
    try:
        given: dict[str, Any] = json.loads(answer)
        credential, data, client, signature = (websafe_decode(given[name]) for name in _FIELDS)
        auth.get_server().authenticate_complete(
            {"challenge": websafe_encode(digest), "user_verification": "required"},
            auth.get_credentials(request.user),
            {
                "id": given["id"],
                "rawId": given["id"],
                "type": "public-key",
                "response": {
                    "authenticatorData": given["authenticatorData"],
                    "clientDataJSON": given["clientDataJSON"],
                    "signature": given["signature"],
                },
            },
        )
    except (ValueError, KeyError, TypeError):
        return None
    return credential, data, client, signature


def _has_name(host: str) -> bool:
    """Browsers give passkeys to host names, never to addresses."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return True
    return False
