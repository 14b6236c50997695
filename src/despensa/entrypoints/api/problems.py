"""
Refusals of the API as problem documents; what is unexpected shows nothing of the inside.

Source: RFC 9457.
"""

import json
import logging
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from despensa.domain.ports.keeper import KeeperUnavailable

CONTENT_TYPE = "application/problem+json"
_LOGGER = logging.getLogger(__name__)


# not frozen: a context manager it passes through sets its traceback
@dataclass(slots=True, eq=False)
class Problem(Exception):
    """A request that is not answered: HTTP status, a stable name, and what to do."""

    status: int
    name: str
    title: str
    detail: str
    retry_after: int | None = None

    def response(self) -> HttpResponse:
        """Return the problem document."""
        value = {
            "type": f"urn:despensa:problem:{self.name}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        answer = HttpResponse(json.dumps(value), status=self.status, content_type=CONTENT_TYPE)
        if self.retry_after is not None:
            answer["Retry-After"] = str(self.retry_after)
        return answer


def speak_problems(api: NinjaAPI) -> None:
    """Let the API answer every refusal as a problem document."""

    @api.exception_handler(Problem)
    def known(_request: HttpRequest, problem: Problem) -> HttpResponse:
        return problem.response()

    @api.exception_handler(KeeperUnavailable)
    def without_keeper(_request: HttpRequest, error: KeeperUnavailable) -> HttpResponse:
        _LOGGER.error("the keeper does not answer", exc_info=error)
        return Problem(
            503,
            "keeper-unavailable",
            "The keys cannot be reached",
            "Nothing was taken in. Keep what you have and send it again later.",
        ).response()

    @api.exception_handler(Exception)
    def unexpected(_request: HttpRequest, error: Exception) -> HttpResponse:
        _LOGGER.error("unexpected %s in the API", type(error).__name__, exc_info=error)
        return Problem(
            500,
            "internal",
            "Something went wrong here",
            "Nothing was taken in. Keep what you have and send it again later.",
        ).response()
