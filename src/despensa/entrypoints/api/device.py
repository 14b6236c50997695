"""
The phones' door: enrolment, lists, sealed batches of signed events, and what became of them.

The lock is the phone's signature and its certificate, once the code of the office; there is no
sign-in. Nothing is decided here. Source: docs/reference/device-api.md.
"""

import os
from collections.abc import Callable
from uuid import UUID

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import Router

from despensa.adapters.hpke import SealBroken
from despensa.domain import phone_request
from despensa.domain.encoding import cose, dcbor
from despensa.domain.event import ChainError
from despensa.domain.event.sealing import EventSealBroken
from despensa.entrypoints import wiring
from despensa.entrypoints.api.problems import Problem
from despensa.entrypoints.api.shedding import Gate, retry_after
from despensa.entrypoints.jobs import phone_answers
from despensa.records.service_points import phone_queries
from despensa.usecases.accept_events import UnknownDevice, accept_events
from despensa.usecases.enrol_by_code import CodeNotValid, DeviceKnown, enrol_by_code
from despensa.usecases.note_heard import note_heard

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
gate = Gate()


def _described(answer: str) -> dict[str, object]:
    return {
        "requestBody": {"required": True, "content": dict.fromkeys(CONTENT_TYPES, _BODY)},
        "responses": {200: {"description": answer, "content": {"application/cbor": _BODY}}},
    }


@router.post(
    "/device/enrol",
    operation_id="post_enrolment",
    summary="Enrol a phone by a one-time code",
    response={200: None},
    openapi_extra=_described("DCBOR map: certificate, trusted keys, operators"),
)
def post_enrolment(request: HttpRequest) -> HttpResponse:
    """
    Enrol the phone that read a code shown in the office.

    Refuses: 403 a code that is not valid or a key that is known, and as every request of a phone.
    """

    def answer(data: bytes) -> bytes:
        asked = phone_request.verify_enrolment(data)
        tools = wiring.tools()
        try:
            row = enrol_by_code(asked, acting=tools.acting(None), signatory=tools.keeper.signatory)
        except (CodeNotValid, DeviceKnown) as error:
            raise Problem(403, "code-not-valid", "This code enrols no phone", str(error)) from None
        return phone_answers.enrolled(row.certificate, row.operators, tools)

    return _answered(request, answer)


@router.post(
    "/device/events",
    operation_id="post_events",
    summary="Send a sealed batch of a phone's events",
    response={200: None},
    openapi_extra=_described("DCBOR [1, verdict, last sequence taken in, its event hash]"),
)
def post_events(request: HttpRequest) -> HttpResponse:
    """
    Take a batch in; once answered it is durable, and sent again it gets the same bytes.

    Refuses: 400 not what an enrolled phone wrote, and as every request of a phone.
    """

    def answer(data: bytes) -> bytes:
        tools = wiring.tools()
        try:
            return accept_events(data, acting=tools.acting(None), signatory=tools.keeper.signatory)
        except _MALFORMED as error:
            raise Problem(
                400,
                "malformed-batch",
                "This is no batch of an enrolled phone",
                f"{error}. Nothing was taken in; update the phone's app and send it again.",
            ) from None

    return _answered(request, answer)


@router.post(
    "/device/lists",
    operation_id="post_lists",
    summary="Fetch the lists prepared for a phone",
    response={200: None},
    openapi_extra=_described("DCBOR map: state, sealed lists, operators, checkpoint"),
)
def post_lists(request: HttpRequest) -> HttpResponse:
    """Return a phone's sealed lists, its operators and the newest checkpoint."""

    def answer(data: bytes) -> bytes:
        phone, asked = _asked(data, phone_request.Ask.LISTS)
        unsent, tools = phone_request.unsent_said(asked.arguments), wiring.tools()
        note_heard(phone.id, unsent=unsent, now=tools.now())
        return phone_answers.lists(phone, tools)

    return _answered(request, answer)


@router.post(
    "/device/states",
    operation_id="post_states",
    summary="Ask what became of a phone's events",
    response={200: None},
    openapi_extra=_described("DCBOR map: states, checkpoint, chunks and rows that prove them"),
)
def post_states(request: HttpRequest) -> HttpResponse:
    """Return states and inclusion proofs of up to 500 events."""

    def answer(data: bytes) -> bytes:
        phone, asked = _asked(data, phone_request.Ask.STATES)
        first, last = phone_request.span(asked.arguments)
        return phone_answers.states(phone, first, last, wiring.tools())

    return _answered(request, answer)


@router.post(
    "/device/district",
    operation_id="post_district",
    summary="Fetch what a phone may say of cards that are not on its list",
    response={200: None},
    openapi_extra=_described("DCBOR map: points and 12-byte records"),
)
def post_district(request: HttpRequest) -> HttpResponse:
    """Return the district index of the cycle of one of the phone's own lists."""

    def answer(data: bytes) -> bytes:
        phone, asked = _asked(data, phone_request.Ask.DISTRICT)
        lease = UUID(bytes=phone_request.lease_named(asked.arguments))
        cycle = phone_queries.cycle_of_lease(lease, device=phone.id)
        if cycle is None or phone.state != phone_answers.ACTIVE:
            raise _unknown("This phone holds no such list.")
        return phone_answers.district(cycle, lease)

    return _answered(request, answer)


def _answered(request: HttpRequest, answer: Callable[[bytes], bytes]) -> HttpResponse:
    """
    Return the answer to a phone's request, within the gate.

    Raises: Problem 400, 403, 413, 415, 503.
    """
    with gate.entered(os.urandom(2)):
        try:
            content = answer(_body(request))
        except UnknownDevice as error:
            raise _unknown(str(error)) from None
        except _MALFORMED as error:
            raise Problem(
                400,
                "malformed-request",
                "This is no request of a phone",
                f"{error}. Nothing was changed; update the phone's app.",
            ) from None
        except OperationalError:
            raise Problem(
                503,
                "unavailable",
                "The books cannot be reached now",
                "Nothing was taken in. Keep the events and send them again later.",
                retry_after=retry_after(os.urandom(2)),
            ) from None
    response = HttpResponse(content, content_type="application/cbor")
    response["Cache-Control"] = "no-store"
    return response


def _asked(
    data: bytes, ask: phone_request.Ask
) -> tuple[phone_queries.PhoneView, phone_request.PhoneRequest]:
    """Return which enrolled phone asks, and what, once its signature verified."""
    phone = phone_queries.phone(UUID(bytes=phone_request.device_of(data)))
    if phone is None:
        raise UnknownDevice("This phone is not enrolled here.")
    return phone, phone_request.verify_request(data, public_key=phone.public_key, ask=ask)


def _unknown(detail: str) -> Problem:
    return Problem(403, "unknown-device", "This phone is not enrolled here", detail)


def _body(request: HttpRequest) -> bytes:
    """
    Return the request's body, read no further than the limit and never unpacked.

    Raises: Problem 413 or 415.
    """
    if request.content_type not in CONTENT_TYPES:
        raise Problem(
            415,
            "content-type",
            "A phone sends application/cbor",
            f"Send it as {' or '.join(CONTENT_TYPES)}.",
        )
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem(
            415,
            "content-encoding",
            "A phone's request is not compressed",
            "Send the bytes as they are: sealed, they do not shrink. Nothing was read.",
        )
    data: bytes = request.read(BATCH_BYTES_MAX + 1)
    if len(data) > BATCH_BYTES_MAX:
        raise Problem(
            413,
            "too-large",
            "The request is larger than 1 MB",
            "Send fewer events at once; nothing was taken in.",
        )
    return data
