"""
What wallets and verifiers read first: who issues, what an identity card may say, with which key.

Source: OpenID4VCI 1.0 section 12.2; RFC 8414; draft-ietf-oauth-sd-jwt-vc sections 4 and 5.
"""

from collections.abc import Sequence
from typing import Any

from despensa.domain.encoding import base64url, p256
from despensa.domain.wallet import credential

TOKEN_PATH, NONCE_PATH, CREDENTIAL_PATH = "/wallet/token", "/wallet/nonce", "/wallet/credential"
# what a wallet shows of each claim, by language
_CLAIM_NAMES = {
    "card_number": {"en": "Card number", "es": "Número de tarjeta", "ar": "رقم البطاقة"},
    "version": {"en": "Version", "es": "Versión", "ar": "الإصدار"},
    "language": {"en": "Language", "es": "Idioma", "ar": "اللغة"},
    "name": {"en": "Name", "es": "Nombre", "ar": "الاسم"},
    "birthdate": {"en": "Date of birth", "es": "Fecha de nacimiento", "ar": "تاريخ الميلاد"},
    "gender": {"en": "Sex", "es": "Sexo", "ar": "الجنس"},
    "second_name": {
        "en": "Name in another script", "es": "Nombre en otra escritura", "ar": "الاسم بخط آخر",
    },
    "second_language": {
        "en": "Language of that name", "es": "Idioma de ese nombre", "ar": "لغة ذلك الاسم",
    },
    "issuing_country": {"en": "Issued in", "es": "Emitida en", "ar": "بلد الإصدار"},
}  # fmt: skip
_CARD_NAMES = {"en": "Identity card", "es": "Tarjeta de identidad", "ar": "بطاقة هوية"}


def issuer_metadata(issuer: str, office: str) -> dict[str, Any]:
    """Return the issuer's metadata; `office` is the workspace's name."""
    claims = [{"path": [name], "display": _named(_CLAIM_NAMES[name])} for name in credential.CLAIMS]
    return {
        "credential_issuer": issuer,
        "credential_endpoint": issuer + CREDENTIAL_PATH,
        "nonce_endpoint": issuer + NONCE_PATH,
        "display": [{"name": office}],
        "credential_configurations_supported": {
            credential.CONFIGURATION: {
                "format": credential.FORMAT,
                "vct": issuer + credential.TYPE_PATH,
                "cryptographic_binding_methods_supported": ["jwk"],
                "credential_signing_alg_values_supported": [p256.ALGORITHM],
                "proof_types_supported": {
                    "jwt": {"proof_signing_alg_values_supported": [p256.ALGORITHM]}
                },
                "credential_metadata": {"display": _named(_CARD_NAMES), "claims": claims},
            }
        },
    }


def server_metadata(issuer: str) -> dict[str, Any]:
    """Return what the token endpoint is and does: the code of an offer, nothing else."""
    return {
        "issuer": issuer,
        "token_endpoint": issuer + TOKEN_PATH,
        "token_endpoint_auth_methods_supported": ["none"],
        "response_types_supported": [],
        "grant_types_supported": ["urn:ietf:params:oauth:grant-type:pre-authorized_code"],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def key_document(issuer: str, wallets: Sequence[bytes]) -> dict[str, Any]:
    """
    Return the keys identity cards in wallets, and their status lists, are signed with.

    The one in use first; former ones stay, so that cards of before an exchange stay genuine.
    """
    jwks = [p256.public_jwk(public) for public in wallets]
    said = {"use": "sig", "alg": p256.ALGORITHM}
    keys = [{**jwk, "kid": base64url.encode(p256.thumbprint(jwk)), **said} for jwk in jwks]
    return {"issuer": issuer, "jwks": {"keys": keys}}


def type_document(issuer: str) -> dict[str, Any]:
    """Return what kind of credential it is, and that each of its fields may be kept back."""
    return {
        "vct": issuer + credential.TYPE_PATH,
        "name": _CARD_NAMES["en"],
        "display": _named(_CARD_NAMES),
        "claims": [
            {
                "path": [name],
                "display": _named(_CLAIM_NAMES[name], said="label"),
                "sd": "always",
            }
            for name in credential.CLAIMS
        ],
    }


def _named(names: dict[str, str], *, said: str = "name") -> list[dict[str, str]]:
    return [{said: name, "locale": language} for language, name in names.items()]
