"""
The wallets' door: an identity card for a code that was shown in the office, and the status lists.

OpenID4VCI 1.0, pre-authorized code. Nobody signs in: the code, the typed digits and the key of the
phone are the lock. Nothing is asked here when a card is shown to somebody.
Source: OpenID4VCI 1.0 sections 6 to 8; draft-ietf-oauth-status-list-20 section 8.
"""

import functools
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.core.cache import cache
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import get_random_string
from django.utils.http import quote_etag
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from despensa.domain.ports.keeper import AccessRefused
from despensa.domain.wallet import credential, publication
from despensa.domain.wallet import offer as rules
from despensa.domain.wallet.proof import ProofRefused, read_proof
from despensa.entrypoints import wiring
from despensa.entrypoints.api import wallet_documents as documents
from despensa.entrypoints.jobs import wallet
from despensa.records.wallet import queries
from despensa.usecases.issue_identity import PhoneRefused, TokenRefused
from despensa.usecases.use_wallet_code import use_wallet_code

NONCE_SECONDS = 300
ASKED_A_MINUTE = 120
_BODY_BYTES_MAX = 16_384
_NONCE_LENGTH = 32
_CWT, _JWT = "application/statuslist+cwt", "application/statuslist+jwt"
_DOCUMENT_CACHE = "public, max-age=300"
_CODE = re.compile(r"[A-Za-z0-9_-]{43}")
_TYPED = re.compile(r"[0-9]{6}", re.ASCII)

View = Callable[..., HttpResponse]


class Refused(Exception):
    """An answer of the protocol that says no: its code, and the status it goes with."""

    def __init__(self, code: str, status: int = 400) -> None:
        """Keep the code and the status."""
        super().__init__(code)
        self.code, self.status = code, status


def answering(view: Callable[[HttpRequest], Mapping[str, Any]]) -> View:
    """Return a view that answers in JSON, says no in the protocol's words, and is kept nowhere."""

    @csrf_exempt
    @require_POST
    @functools.wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        try:
            _count(request, view.__name__)
            said, status = view(request), 200
        except Refused as refused:
            said, status = {"error": refused.code}, refused.status
        except wallet.NoAddress:
            said, status = {"error": "temporarily_unavailable"}, 503
        answer = JsonResponse(dict(said), status=status)
        answer["Cache-Control"] = "no-store"
        if status == 401:
            answer["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return answer

    return answered


def document(view: Callable[[], Mapping[str, Any]]) -> View:
    """Return a view of a public document, for every wallet and page to fetch."""

    @require_GET
    @functools.wraps(view)
    def shown(_request: HttpRequest) -> HttpResponse:
        try:
            answer = JsonResponse(dict(view()))
        except wallet.NoAddress:
            return JsonResponse({"error": "not_found"}, status=404)
        answer["Cache-Control"] = _DOCUMENT_CACHE
        answer["Access-Control-Allow-Origin"] = "*"
        return answer

    return shown


@document
def wallet_issuer() -> Mapping[str, Any]:
    """Return the issuer's metadata: /.well-known/openid-credential-issuer."""
    return documents.issuer_metadata(wallet.public_address(), wiring.tools().workspace.name)


@document
def wallet_server() -> Mapping[str, Any]:
    """Return the token endpoint's metadata: /.well-known/oauth-authorization-server."""
    return documents.server_metadata(wallet.public_address())


@document
def wallet_keys() -> Mapping[str, Any]:
    """Return the wallets' keys: /.well-known/jwt-vc-issuer."""
    public = wiring.tools().keeper.signatory.public_keys()
    return documents.key_document(wallet.public_address(), public.wallets)


@document
def wallet_type() -> Mapping[str, Any]:
    """Return the type metadata at the address in `vct`."""
    return documents.type_document(wallet.public_address())


@answering
def wallet_token(request: HttpRequest) -> Mapping[str, Any]:
    """Answer the code of an offer and the typed digits with an access token, once."""
    given = request.POST
    if given.get("grant_type") != rules.GRANT:
        raise Refused("unsupported_grant_type")
    code, typed = given.get("pre-authorized_code"), given.get("tx_code")
    if not code or not typed:
        raise Refused("invalid_request")
    token = None
    if _CODE.fullmatch(code) and _TYPED.fullmatch(typed):
        acting = wiring.tools().acting(None)
        token = use_wallet_code(rules.Codes(code, typed), acting=acting)
    if token is None:
        raise Refused("invalid_grant")
    return {"access_token": token, "token_type": "Bearer", "expires_in": rules.TOKEN_SECONDS}


@answering
def wallet_nonce(_request: HttpRequest) -> Mapping[str, Any]:
    """Answer with a nonce that is good for five minutes; nothing is kept for whoever asks."""
    return {"c_nonce": _nonces().sign(get_random_string(_NONCE_LENGTH))}


@answering
def wallet_credential(request: HttpRequest) -> Mapping[str, Any]:
    """Answer an access token and the proof of a key with the identity card for that key."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not _CODE.fullmatch(token):
        raise Refused("invalid_token", 401)
    tools = wiring.tools()
    try:
        proof = read_proof(_proof(request), audience=wallet.public_address(), now=tools.now())
    except ProofRefused as error:
        raise Refused("invalid_proof") from error
    try:
        _nonces().unsign(proof.nonce, max_age=NONCE_SECONDS)
    except BadSignature as error:
        raise Refused("invalid_nonce") from error
    try:
        made = wallet.issue(token, proof, tools)
    except TokenRefused as error:
        raise Refused("invalid_token", 401) from error
    except (PhoneRefused, AccessRefused) as error:
        raise Refused("credential_request_denied") from error
    return {"credentials": [{"credential": made}]}


@require_GET
def status_list(request: HttpRequest, number: int) -> HttpResponse:
    """Return a status list as JWT or, for who asks so, as CWT; its ETag changes with its bytes."""
    signed = queries.signed_list(number)
    if signed is None:
        return HttpResponse(status=404)
    cwt, jwt = signed
    wants_cwt = request.get_preferred_type([_JWT, _CWT]) == _CWT
    body = cwt if wants_cwt else jwt.encode()
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    if etag in request.headers.get("If-None-Match", ""):
        answer = HttpResponse(status=304)
    else:
        answer = HttpResponse(body, content_type=_CWT if wants_cwt else _JWT)
    answer["ETag"] = etag
    answer["Vary"] = "Accept"
    answer["Cache-Control"] = f"public, max-age={publication.TTL_SECONDS}"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _proof(request: HttpRequest) -> object:
    """Return the one proof of a request for our one credential. Raises: Refused."""
    try:
        asked = json.loads(request.read(_BODY_BYTES_MAX))
    except (ValueError, RecursionError) as error:
        raise Refused("invalid_credential_request") from error
    if not isinstance(asked, dict) or "credential_identifier" in asked:
        raise Refused("invalid_credential_request")
    if asked.get("credential_configuration_id") != credential.CONFIGURATION:
        raise Refused("unknown_credential_configuration")
    if "credential_response_encryption" in asked:
        raise Refused("invalid_encryption_parameters")
    proofs = asked.get("proofs")
    given = proofs.get("jwt") if isinstance(proofs, dict) and len(proofs) == 1 else None
    if not isinstance(given, list) or len(given) != 1:
        raise Refused("invalid_proof")
    return given[0]


def _nonces() -> TimestampSigner:
    return TimestampSigner(salt="despensa.wallet.nonce")


def _count(request: HttpRequest, door: str) -> None:
    """Count what one address asks in a minute. Raises: Refused above the limit."""
    minute = wiring.tools().now() // 60
    key = f"wallet/{door}/{request.META.get('REMOTE_ADDR', '')}/{minute}"
    asked = cache.get(key, 0) + 1
    if asked > ASKED_A_MINUTE:
        raise Refused("slow_down", 429)
    cache.set(key, asked, 60)
