"""
The standard's own codes for what is not done, each a closed list.

Source: SPDCI social_api_v1.0.0, components.schemas (Error, MsgHeaderStatusReasonCode,
SearchStatusReasonCode, SubscribeStatusReasonCode, UnSubscribeStatusReasonCode).
"""

from dataclasses import dataclass
from enum import StrEnum

TEXT_MAX = 999


class ErrorCode(StrEnum):
    """What the communication layer says in an acknowledgement, or with an HTTP status."""

    BAD = "err.request.bad"
    UNAUTHORIZED = "err.request.unauthorized"
    FORBIDDEN = "err.request.forbidden"
    NOT_FOUND = "err.request.not_found"
    VERSION = "err.version.not_supported"
    TOO_MANY = "err.request.too_many_requests"
    SENDER = "err.sender_id.invalid"
    SENDER_URI = "err.sender_uri.invalid"
    RECEIVER = "err.receiver_id.invalid"
    SIGNATURE_MISSING = "err.signature.missing"
    SIGNATURE = "err.signature.invalid"
    ENCRYPTION = "err.encryption.invalid"
    UNAVAILABLE = "err.service.unavailable"


class HeaderCode(StrEnum):
    """Why a whole message is rejected."""

    VERSION = "rjct.version.invalid"
    DUPLICATE = "rjct.message_id.duplicate"
    TIME = "rjct.message_ts.invalid"
    ACTION = "rjct.action.invalid"
    NOT_SUPPORTED = "rjct.action.not_supported"
    COUNT = "rjct.total_count.invalid"
    COUNT_LIMIT = "rjct.total_count.limit_exceeded"
    TOO_MANY = "rjct.errors.too_many"


class SearchCode(StrEnum):
    """Why one search of a message is rejected."""

    REFERENCE = "rjct.reference_id.invalid"
    REFERENCE_TWICE = "rjct.reference_id.duplicate"
    TIME = "rjct.timestamp.invalid"
    CRITERIA = "rjct.search_criteria.invalid"
    FILTER = "rjct.filter.invalid"
    SORT = "rjct.sort.invalid"
    PAGINATION = "rjct.pagination.invalid"
    TOO_MANY_FOUND = "rjct.search.too_many_records_found"


class SubscribeCode(StrEnum):
    """Why a subscription is rejected; this registry has no events to subscribe to."""

    NO_SUCH_NOTICE = "rjct.notify_types.invalid"


class UnsubscribeCode(StrEnum):
    """Why a subscription cannot be ended; there is none."""

    NO_SUCH_CODE = "rjct.subscription_code.invalid"


class Unreadable(ValueError):
    """The body is no message of the standard; the text says where."""


@dataclass(frozen=True, slots=True)
class Rejected(Exception):
    """
    A whole message that is not carried out.

    `code` is what a header says, None where the standard has none for it; `error` is what an
    acknowledgement says.
    """

    code: HeaderCode | None
    error: ErrorCode
    text: str
