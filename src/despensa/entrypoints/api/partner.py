"""
The partners' door: SPDCI social registry 1.0.0, asynchronous and synchronous.

The lock is the signature on every message; there is no bearer token beside it. Nothing is decided
here: `jobs.answering` does. Errors have the standard's forms, not problem documents.
Source: SPDCI social_api_v1.0.0, paths; docs/reference/api.md.
"""

import functools
import hashlib
import json
import logging
from collections.abc import Callable
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import Router

from despensa.domain.partner import answer as answers
from despensa.domain.partner import envelope as envelopes
from despensa.domain.partner import request as requests
from despensa.domain.partner.agreement import LimitReached
from despensa.domain.partner.rejection import ErrorCode, HeaderCode, Rejected, Unreadable
from despensa.domain.ports.keeper import AccessRefused
from despensa.entrypoints import wiring
from despensa.entrypoints.api import partner_schema as schema
from despensa.entrypoints.jobs import answering
from despensa.entrypoints.jobs.answering import Answered, Asked, NotAuthentic
from despensa.entrypoints.wiring import Tools
from despensa.usecases.take_partner_message import MayNotAsk

_LOGGER = logging.getLogger(__name__)
_JSON = "application/json"
router = Router()

Work = Callable[[Asked, Tools], Answered]


def _door(
    action: str, on_action: str, work: Work, *, is_async: bool
) -> Callable[..., HttpResponse]:
    """Return the view of one address: authenticate, work, and answer in the mode's form."""

    def view(request: HttpRequest) -> HttpResponse:
        tools = wiring.tools()
        asked: Asked | None = None
        try:
            asked = answering.authenticated(envelopes.read(_body(request)), tools)
            if tools.workspace.single_operator:
                raise MayNotAsk("One person runs this workspace: no partner may ask here.")
            requests.check_header(
                asked.header,
                action=action,
                receiver=answering.our_id(tools),
                callback=asked.partner.callback,
            )
            answered = work(asked, tools)
        except Rejected as rejected:
            return _rejected(rejected, on_action, asked, tools, is_async=is_async, status=400)
        except Unreadable as error:
            why = Rejected(None, ErrorCode.BAD, f"{error}.")
            return _rejected(why, on_action, None, tools, is_async=is_async, status=400)
        except LimitReached as error:
            why = Rejected(HeaderCode.TOO_MANY, ErrorCode.TOO_MANY, str(error))
            return _rejected(why, on_action, asked, tools, is_async=is_async, status=429)
        except (AccessRefused, OperationalError):
            why = Rejected(None, ErrorCode.UNAVAILABLE, "Not now: send the same message later.")
            return _rejected(why, on_action, asked, tools, is_async=is_async, status=503)
        if is_async:
            return _acknowledged(answered, asked)
        assert answered.answer is not None, "what is asked at once is answered at once"
        return _enveloped(answered.answer, answered, asked, tools)

    view.__name__ = f"{'async' if is_async else 'sync'}_{action.replace('-', '_')}"
    return _closed(view)


def _closed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer what is not let in, and what is unexpected, in the standard's HTTP form."""

    @functools.wraps(view)
    def closed(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except NotAuthentic as error:
            return _http_error(401, error.code, str(error))
        except MayNotAsk as error:
            return _http_error(403, ErrorCode.FORBIDDEN, str(error))
        except Exception as error:
            _LOGGER.exception("unexpected %s at the partners' door", type(error).__name__)
            return _http_error(500, ErrorCode.UNAVAILABLE, "Something went wrong here.")

    return closed


def _not_ours(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - ninja knows it by this name
    """Answer what a registry sends and never takes in."""
    error = {"code": str(ErrorCode.NOT_FOUND), "message": "A registry sends this, and takes none."}
    return _ack("ERR", correlation="", at=wiring.tools().now(), error=error, status=404)


def _body(request: HttpRequest) -> bytes:
    """Return the body, read no further than the limit. Raises: Unreadable."""
    if request.content_type != _JSON:
        raise Unreadable(f"a message is {_JSON}")
    data: bytes = request.read(envelopes.BODY_BYTES_MAX + 1)
    return data


def _acknowledged(answered: Answered, asked: Asked) -> HttpResponse:
    message = answered.message
    is_told = answered.answer is None or answered.answer.action == "on-search"
    if is_told or answering.can_send(asked.partner):
        return _ack("ACK", correlation=message.id.hex, at=message.received_at)
    # the standard's word for "taken, and nothing more will come"
    error = {
        "code": str(ErrorCode.FORBIDDEN),
        "message": f"{HeaderCode.NOT_SUPPORTED}: this registry sends no events.",
    }
    return _ack("NACK", correlation=message.id.hex, at=message.received_at, error=error)


def _enveloped(
    answer: answers.Answer, answered: Answered, asked: Asked, tools: Tools
) -> HttpResponse:
    body = answering.enveloped(
        answer,
        tools,
        message_id=answered.message.id.hex,
        at=answered.message.received_at,
        partner=asked.partner,
    )
    return _sent(HttpResponse(body, content_type=_JSON))


def _rejected(
    why: Rejected,
    on_action: str,
    asked: Asked | None,
    tools: Tools,
    *,
    is_async: bool,
    status: int,
) -> HttpResponse:
    """Answer a whole message that is not carried out; unsigned to whoever did not sign."""
    now = tools.now()
    if is_async:
        error = {"code": str(why.error), "message": _said(why)}
        return _ack("ERR", correlation="", at=now, error=error, status=status)
    answer = answers.refused(on_action, why.code, _said(why))
    if asked is None:
        header = answer.header(
            message_id=hashlib.sha256(str(now).encode()).hexdigest()[:32],
            at=now,
            sender=answering.our_id(tools),
            receiver="",
        )
        return _sent(
            HttpResponse(json.dumps({"header": header}), content_type=_JSON, status=status)
        )
    body = answering.enveloped(
        answer, tools, message_id=asked.envelope.digest[:16].hex(), at=now, partner=asked.partner
    )
    return _sent(HttpResponse(body, content_type=_JSON, status=status))


def _said(why: Rejected) -> str:
    return why.text if why.code is not None else f"{why.error}: {why.text}"


def _ack(
    ack: str,
    *,
    correlation: str,
    at: int,
    error: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    message: dict[str, Any] = {
        "ack_status": ack,
        "timestamp": requests.written(at),
        "correlation_id": correlation,
    }
    if error is not None:
        message["error"] = error
    return _sent(HttpResponse(json.dumps({"message": message}), content_type=_JSON, status=status))


def _http_error(status: int, code: ErrorCode, text: str) -> HttpResponse:
    value = {"errors": [{"code": str(code), "message": text}]}
    return _sent(HttpResponse(json.dumps(value), content_type=_JSON, status=status))


def _sent(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    return answer


def _search(asked: Asked, tools: Tools) -> Answered:
    return answering.search(asked, tools, is_async=True)


def _sync_search(asked: Asked, tools: Tools) -> Answered:
    return answering.search(asked, tools, is_async=False)


def _status(asked: Asked, tools: Tools) -> Answered:
    return answering.status(asked, tools, is_async=True)


def _sync_status(asked: Asked, tools: Tools) -> Answered:
    return answering.status(asked, tools, is_async=False)


# address below /registry -> operation, what it takes and answers with, the work
ASYNC: dict[str, tuple[str, str, str, Work]] = {
    "search": ("partner_search", "search", "on-search", _search),
    "subscribe": ("partner_subscribe", "subscribe", "on-subscribe", answering.subscribe),
    "unsubscribe": ("partner_unsubscribe", "unsubscribe", "on-unsubscribe", answering.unsubscribe),
    "txn/status": ("partner_status", "txn-status", "txn-on-status", _status),
}
SYNC: dict[str, tuple[str, str, str, Work]] = {
    "search": ("partner_sync_search", "search", "on-search", _sync_search),
    "txn/status": ("partner_sync_status", "txn-status", "txn-on-status", _sync_status),
}
NOT_OURS = ("on-search", "on-subscribe", "on-unsubscribe", "notify", "txn/on-status")

for _path, (_name, _action, _on_action, _work) in ASYNC.items():
    router.add_api_operation(
        f"/registry/{_path}",
        ["POST"],
        _door(_action, _on_action, _work, is_async=True),
        operation_id=_name,
        url_name=_name,
        summary=f"SPDCI 1.0.0, asynchronous: {_action}",
        response={200: None},
        openapi_extra=schema.asynchronous(_action),
    )
for _path, (_name, _action, _on_action, _work) in SYNC.items():
    router.add_api_operation(
        f"/registry/sync/{_path}",
        ["POST"],
        _door(_action, _on_action, _work, is_async=False),
        operation_id=_name,
        url_name=_name,
        summary=f"SPDCI 1.0.0, synchronous: {_action}",
        response={200: None},
        openapi_extra=schema.synchronous(_action, _on_action),
    )
for _path in NOT_OURS:
    _name = "partner_not_ours_" + _path.replace("-", "_").replace("/", "_")
    router.add_api_operation(
        f"/registry/{_path}",
        ["POST"],
        _not_ours,
        operation_id=_name,
        url_name=_name,
        summary="What a registry sends, and never takes in",
        response={404: None},
        openapi_extra=schema.not_ours(),
    )
# what a signature unlocks, and what answers everybody the same
SIGNED = (
    *(one[0] for one in ASYNC.values()),
    *(one[0] for one in SYNC.values()),
)
CONSTANT = tuple(
    f"partner_not_ours_{path.replace('-', '_').replace('/', '_')}" for path in NOT_OURS
)
