"""
What everybody may read: the log's files as they are, and the public keys.

Paths of tiles are parsed, never joined, so that nothing but a tile can be named.
Source: C2SP tlog-tiles v0.1.0; RFC 7517; RFC 8037 section 2.
"""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router, Schema

from despensa.domain.encoding import base64url, cose
from despensa.domain.ports.log_storage import LogUnavailable
from despensa.domain.transparency import tile
from despensa.entrypoints import wiring
from despensa.entrypoints.api.problems import Problem

_CHECKPOINT_CACHE = "public, max-age=5"
_TILE_CACHE = "public, max-age=31536000, immutable"
_BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}

router = Router()


class Keys(Schema):
    """Public keys: Ed25519 in hex, the log's as a C2SP verifier key."""

    issuer: str
    authority: str
    log: str
    answers: str


@router.get(
    "/log/checkpoint",
    operation_id="get_checkpoint",
    summary="The log's newest checkpoint",
    response={200: None},
    openapi_extra={
        "responses": {
            200: {
                "description": "A signed note",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        }
    },
)
def get_checkpoint(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - ninja knows it by this name
    """Return the signed note. Refuses: 404 before the log's first sealing."""
    try:
        text = wiring.tools().log.checkpoint()
    except LogUnavailable:
        raise _no_such("checkpoint yet") from None
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = _CHECKPOINT_CACHE
    return answer


@router.get(
    "/log/tile/{path:piece}",
    operation_id="get_tile",
    summary="A tile or entry bundle of the log",
    response={200: None},
    openapi_extra={"responses": {200: {"description": "The file", "content": _BINARY}}},
)
def get_tile(request: HttpRequest, piece: str) -> HttpResponse:  # noqa: ARG001 - ninja knows it by this name
    """Return one file of the log. Refuses: 404 for everything that is no tile."""
    try:
        named = tile.parse_path(f"tile/{piece}")
        data = (wiring.tools().log.folder / named.path).read_bytes()
    except (tile.MalformedTile, OSError):
        raise _no_such("tile") from None
    answer = HttpResponse(data, content_type="application/octet-stream")
    answer["Cache-Control"] = _TILE_CACHE
    return answer


@router.get("/keys", operation_id="get_keys", summary="The public keys", response=Keys)
def get_keys(request: HttpRequest) -> dict[str, str]:  # noqa: ARG001 - ninja knows it by this name
    """Return the keys with which cards, receipts and the log are checked."""
    tools = wiring.tools()
    public = tools.keeper.signatory.public_keys()
    return {
        "issuer": public.issuer.hex(),
        "authority": public.authority.hex(),
        "log": tools.log_vkey,
        "answers": public.answers.hex(),
    }


def issuer_key_set(issuers: Sequence[bytes]) -> dict[str, Any]:
    """
    Return the issuer's keys as a JWK set, the one in use first; a kid is the key id on the cards.

    Former keys stay in it: what they signed is genuine. A stolen one is not among them.
    Source: RFC 8037 section 2; RFC 7517 section 5.
    """
    keys = [
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": base64url.encode(public),
            "kid": base64url.encode(cose.key_id(public)),
            "use": "sig",
            "alg": "EdDSA",
        }
        for public in issuers
    ]
    return {"keys": keys}


def key_set(_request: HttpRequest) -> HttpResponse:
    """Return the issuer's keys where verifiers look for it: /.well-known/jwks.json."""
    issuers = wiring.tools().keeper.signatory.public_keys().issuers
    return JsonResponse(issuer_key_set(issuers), content_type="application/jwk-set+json")


def _no_such(thing: str) -> Problem:
    return Problem(404, "not-found", f"There is no such {thing}", "Look at the checkpoint first.")
