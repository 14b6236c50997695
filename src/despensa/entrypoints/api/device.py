"""
The phones' door: sealed batches of signed events come in, the durable answer goes out.

The lock is the phone's signature and its certificate; there is no sign-in. Nothing is decided
here. Source: docs/explanation/design.md, section 7.8.
"""

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import Router

from despensa.adapters.hpke import SealBroken
from despensa.domain.encoding import cose, dcbor
from despensa.domain.event import ChainError
from despensa.domain.event.sealing import EventSealBroken
from despensa.entrypoints import wiring
from despensa.entrypoints.api.problems import Problem
from despensa.usecases.accept_events import UnknownDevice, accept_events

BATCH_BYTES_MAX = 1 << 20
CONTENT_TYPES = ("application/cbor", "application/octet-stream")
_BODY = {"schema": {"type": "string", "format": "binary"}}
_MALFORMED = (
    cose.MalformedSignature,
    cose.BadSignature,
    cose.UnknownKey,
    dcbor.EncodingError,
    ChainError,
    EventSealBroken,
    SealBroken,
)

router = Router()


@router.post(
    "/device/events",
    operation_id="post_events",
    summary="Send a sealed batch of a phone's events",
    response={200: None},
    openapi_extra={
        "requestBody": {"required": True, "content": dict.fromkeys(CONTENT_TYPES, _BODY)},
        "responses": {
            200: {
                "description": "DCBOR [1, verdict, last sequence taken in, its event hash]",
                "content": {"application/cbor": _BODY},
            }
        },
    },
)
def post_events(request: HttpRequest) -> HttpResponse:
    """
    Take a batch in; once answered it is durable, and sent again it gets the same bytes.

    Refuses: 400 not what an enrolled phone wrote, 403 a phone nobody enrolled here, 413 above
    1 MB, 415 another content type, 503 while the database does not answer.
    """
    data = _body(request)
    tools = wiring.tools()
    try:
        answer = accept_events(data, acting=tools.acting(None), signatory=tools.keeper.signatory)
    except UnknownDevice as error:
        raise Problem(
            403, "unknown-device", "This phone is not enrolled here", str(error)
        ) from None
    except _MALFORMED as error:
        raise Problem(
            400,
            "malformed-batch",
            "This is no batch of an enrolled phone",
            f"{error}. Nothing was taken in; update the phone's app and send it again.",
        ) from None
    except OperationalError:
        raise Problem(
            503,
            "unavailable",
            "The books cannot be reached now",
            "Nothing was taken in. Keep the events and send them again later.",
        ) from None
    return HttpResponse(answer, content_type="application/cbor")


def _body(request: HttpRequest) -> bytes:
    """
    Return the request's body, read no further than the limit.

    Raises: Problem 413 or 415.
    """
    if request.content_type not in CONTENT_TYPES:
        raise Problem(
            415,
            "content-type",
            "A batch is application/cbor",
            f"Send the sealed batch as {' or '.join(CONTENT_TYPES)}.",
        )
    data: bytes = request.read(BATCH_BYTES_MAX + 1)
    if len(data) > BATCH_BYTES_MAX:
        raise Problem(
            413,
            "too-large",
            "The batch is larger than 1 MB",
            "Send fewer events at once; nothing was taken in.",
        )
    return data
