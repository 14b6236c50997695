"""
What a partner asks: the standard's requests, read whole or rejected in the standard's words.

One person or household a request. Expressions, predicates and more than one search a message are
the doors through which lists are matched; they are rejected, whatever they say.
Source: SPDCI social_api_v1.0.0, SearchRequest, TxnStatusRequest, SubscribeRequest,
UnSubscribeRequest, MsgHeader_V1.0.0.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from despensa.domain.partner.consent import About, SharedFor, purpose_of
from despensa.domain.partner.rejection import (
    ErrorCode,
    HeaderCode,
    Rejected,
    SearchCode,
    Unreadable,
)

VERSION = "1.0.0"
REFERENCES_MAX = 20
VALUE_MAX = 64
MESSAGE_LIFE_SECONDS = 86_400
HOUSEHOLD_TYPE = "HOUSEHOLD_ID"
MOBILE_TYPE = "MOBILE"
# what people call a national number here; other documents are named by their kind
NATIONAL_TYPES = ("NIN", "UIN")
_NAME = re.compile(r"[A-Za-z0-9._:-]{1,99}")
_TYPE = re.compile(r"[A-Z_]{2,20}(?::[A-Z]{3})?")
_REQUEST = "search_request"


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a request; times in seconds UTC."""

    message_id: str
    action: str
    sender: str
    sender_uri: str
    receiver: str
    version: str
    total_count: int
    at: int | None
    is_encrypted: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """One search: whom it is about, by which number, what for."""

    transaction: str
    reference: str
    about: About
    id_type: str
    id_value: str
    purpose: SharedFor


@dataclass(frozen=True, slots=True)
class RejectedSearch:
    """One search of a message that is not carried out; an empty reference cannot be repeated."""

    reference: str
    code: SearchCode
    text: str


@dataclass(frozen=True, slots=True)
class RejectedSearches:
    """A message none of whose searches is carried out; `code` is the header's, where it has one."""

    transaction: str
    code: HeaderCode | None
    text: str
    searches: tuple[RejectedSearch, ...]


@dataclass(frozen=True, slots=True)
class AskStatus:
    """Which earlier answers are asked for: by transaction, references or correlation."""

    transaction: str
    reference: str
    kind: str
    by: str
    values: tuple[str, ...]


def read_header(header: Mapping[str, Any]) -> Header:
    """
    Return the head of a message.

    Raises: Unreadable when something the standard requires is missing or of another type.
    """
    total = header.get("total_count")
    if not isinstance(total, int) or isinstance(total, bool):
        raise Unreadable("header.total_count must be a whole number")
    is_encrypted = header.get("is_msg_encrypted", False)
    if not isinstance(is_encrypted, bool):
        raise Unreadable("header.is_msg_encrypted must be true or false")
    message_id = _text(header, "message_id")
    if not _NAME.fullmatch(message_id):
        raise Unreadable("header.message_id has 1 to 99 letters, digits and . _ : -")
    return Header(
        message_id=message_id,
        action=_text(header, "action"),
        sender=_text(header, "sender_id"),
        sender_uri=_text(header, "sender_uri", default=""),
        receiver=_text(header, "receiver_id", default=""),
        version=_text(header, "version", default=VERSION),
        total_count=total,
        at=seconds(_text(header, "message_ts")),
        is_encrypted=is_encrypted,
    )


def check_header(header: Header, *, action: str, receiver: str, callback: str) -> None:
    """
    Refuse a message that is not for this door, in the order of the list.

    Its time is looked at by `check_time`, after it is known whether it was asked before.
    Raises: Rejected.
    """
    if header.version != VERSION:
        raise Rejected(HeaderCode.VERSION, ErrorCode.VERSION, f"This registry speaks {VERSION}.")
    if header.action != action:
        raise Rejected(HeaderCode.ACTION, ErrorCode.BAD, f"At this address action is {action}.")
    if header.receiver != receiver:
        raise Rejected(
            None,
            ErrorCode.RECEIVER,
            "Write this registry's id into receiver_id: a message signed for another is not taken.",
        )
    if header.is_encrypted:
        raise Rejected(
            HeaderCode.NOT_SUPPORTED,
            ErrorCode.ENCRYPTION,
            "Encrypted messages are not taken; the connection is.",
        )
    if header.sender_uri and header.sender_uri != callback:
        raise Rejected(
            None,
            ErrorCode.SENDER_URI,
            "Answers go only to the address that was registered; leave sender_uri out.",
        )


def check_time(header: Header, *, now: int) -> None:
    """Refuse a message that is not of today. Raises: Rejected."""
    if header.at is None or abs(now - header.at) > MESSAGE_LIFE_SECONDS:
        raise Rejected(
            HeaderCode.TIME,
            ErrorCode.BAD,
            "message_ts is the time of the message with its zone, at most a day old.",
        )


def read_search(header: Header, message: Mapping[str, Any]) -> Ask | RejectedSearches:
    """
    Return the one search of a message, or why none is carried out.

    Raises: Rejected when the message has no transaction or its searches are no list.
    """
    transaction = transaction_of(message)
    searches = message.get(_REQUEST)
    if not isinstance(searches, list) or not all(isinstance(one, dict) for one in searches):
        raise Rejected(None, ErrorCode.BAD, "message.search_request must be a list of requests.")
    if header.total_count != len(searches) or not searches:
        return _all_rejected(
            transaction,
            searches,
            HeaderCode.COUNT,
            "total_count must be the number of requests, 1.",
        )
    if len(searches) > 1:
        return _all_rejected(
            transaction,
            searches,
            HeaderCode.COUNT_LIMIT,
            "One person or household a message: lists are not answered.",
        )
    found = _search(transaction, searches[0])
    if isinstance(found, Ask):
        return found
    return RejectedSearches(transaction, None, "", (found,))


def read_status(message: Mapping[str, Any]) -> AskStatus:
    """
    Return which answers are asked for.

    Raises: Rejected.
    """
    transaction = transaction_of(message)
    asked = message.get("txnstatus_request")
    if not isinstance(asked, dict):
        raise Rejected(None, ErrorCode.BAD, "message.txnstatus_request must be an object.")
    reference, kind, by = (
        asked.get(name) for name in ("reference_id", "txn_type", "attribute_type")
    )
    value = asked.get("attribute_value")
    if kind not in {"search", "subscribe", "receipt"} or not _is_name(reference):
        raise Rejected(None, ErrorCode.BAD, "txn_type or reference_id is none of the standard.")
    is_list = by == "reference_id_list"
    if by not in {"transaction_id", "correlation_id"} and not is_list:
        raise Rejected(None, ErrorCode.BAD, "attribute_type is none of the standard.")
    if is_list != isinstance(value, list):
        raise Rejected(None, ErrorCode.BAD, "attribute_value does not fit attribute_type.")
    values = value if isinstance(value, list) else [value]
    if not 0 < len(values) <= REFERENCES_MAX or not all(_is_name(one) for one in values):
        raise Rejected(None, ErrorCode.BAD, f"Ask for 1 to {REFERENCES_MAX} answers at once.")
    return AskStatus(
        transaction, str(reference), str(kind), str(by), tuple(str(one) for one in values)
    )


def subscribed_references(message: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """
    Return the transaction and the references of a subscription, which is always rejected.

    Raises: Rejected.
    """
    transaction, asked = transaction_of(message), message.get("subscribe_request")
    if not isinstance(asked, list) or not 0 < len(asked) <= REFERENCES_MAX:
        raise Rejected(
            None, ErrorCode.BAD, f"message.subscribe_request lists 1 to {REFERENCES_MAX} requests."
        )
    references = [one.get("reference_id") if isinstance(one, dict) else None for one in asked]
    if not all(_is_name(one) for one in references):
        raise Rejected(None, ErrorCode.BAD, "Each subscription needs a reference_id.")
    return transaction, tuple(str(one) for one in references)


def transaction_of(message: Mapping[str, Any]) -> str:
    """Return the transaction of a message. Raises: Rejected."""
    transaction = message.get("transaction_id")
    if not _is_name(transaction):
        raise Rejected(
            None, ErrorCode.BAD, "transaction_id has 1 to 99 letters, digits and . _ : -"
        )
    return str(transaction)


def seconds(text: object) -> int | None:
    """
    Return an instant in seconds UTC; None when it is none, or names no zone.

    >>> seconds("2022-12-04T17:20:07-04:00"), seconds("2022-12-04T17:20:07")
    (1670188807, None)
    """
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
        return None if at.tzinfo is None else int(at.timestamp())
    except (ValueError, OverflowError):
        return None


def written(at: int) -> str:
    """
    Return an instant as the standard writes it.

    >>> written(1670188807)
    '2022-12-04T21:20:07+00:00'
    """
    return datetime.fromtimestamp(at, UTC).isoformat()


def _search(transaction: str, search: Mapping[str, Any]) -> Ask | RejectedSearch:
    reference = search.get("reference_id")
    if not _is_name(reference):
        return RejectedSearch("", SearchCode.REFERENCE, "reference_id is missing or no plain name.")
    name = str(reference)
    if seconds(search.get("timestamp")) is None:
        return RejectedSearch(name, SearchCode.TIME, "timestamp needs a time with its zone.")
    criteria = search.get("search_criteria")
    if not isinstance(criteria, dict):
        return RejectedSearch(name, SearchCode.CRITERIA, "search_criteria is missing.")
    wrong = _criteria_fault(criteria)
    if wrong is not None:
        return RejectedSearch(name, *wrong)
    purpose = _purpose(criteria)
    if purpose is None:
        codes = ", ".join(one.code for one in SharedFor)
        return RejectedSearch(
            name, SearchCode.CRITERIA, f"consent.purpose.code must say what for: {codes}."
        )
    query = criteria["query"]
    kind = str(query["type"])
    entity = criteria.get("response_entity")
    about = About(entity) if entity else _usual(kind)
    if kind == HOUSEHOLD_TYPE and about is About.PERSON:
        return RejectedSearch(
            name, SearchCode.CRITERIA, f"{HOUSEHOLD_TYPE} finds a household: ask for a Group."
        )
    return Ask(transaction, name, about, kind, str(query["value"]).strip(), purpose)


def _criteria_fault(criteria: Mapping[str, Any]) -> tuple[SearchCode, str] | None:
    """Return what keeps a search from being carried out, in this order."""
    if criteria.get("version", VERSION) != VERSION:
        return SearchCode.CRITERIA, f"search_criteria.version is {VERSION}."
    if criteria.get("query_type") != "idtype-value":
        return SearchCode.FILTER, (
            "Only idtype-value is answered: expressions and predicates would list people."
        )
    if criteria.get("response_entity") not in {None, *About}:
        return SearchCode.CRITERIA, "response_entity is Member or Group."
    query = criteria.get("query")
    if not isinstance(query, dict) or set(query) != {"type", "value"}:
        return SearchCode.CRITERIA, "query has exactly type and value."
    kind, value = query["type"], query["value"]
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
        return SearchCode.CRITERIA, "query.type is a type of number, in capitals, such as NIN."
    if not isinstance(value, str) or not 0 < len(value.strip()) <= VALUE_MAX:
        return SearchCode.CRITERIA, f"query.value is one number as a text, up to {VALUE_MAX} signs."
    if criteria.get("sort"):
        return SearchCode.SORT, "One record is not sorted: leave sort out."
    pages = criteria.get("pagination")
    if pages is not None and not _is_first_page(pages):
        return SearchCode.PAGINATION, "There is one page with one record: ask for page 1."
    return None


def _is_first_page(pages: Any) -> bool:
    if not isinstance(pages, dict):
        return False
    size, number = pages.get("page_size"), pages.get("page_number", 1)
    return isinstance(size, int) and not isinstance(size, bool) and size >= 1 and number == 1


def _purpose(criteria: Mapping[str, Any]) -> SharedFor | None:
    consent = criteria.get("consent")
    purpose = consent.get("purpose") if isinstance(consent, dict) else None
    return purpose_of(purpose.get("code")) if isinstance(purpose, dict) else None


def _usual(kind: str) -> About:
    return About.HOUSEHOLD if kind == HOUSEHOLD_TYPE else About.PERSON


def _all_rejected(
    transaction: str, searches: Sequence[Mapping[str, Any]], code: HeaderCode, text: str
) -> RejectedSearches:
    seen: set[str] = set()
    found = []
    for search in searches[:REFERENCES_MAX]:
        reference = search.get("reference_id")
        name = str(reference) if _is_name(reference) else ""
        why = SearchCode.CRITERIA
        if not name:
            why = SearchCode.REFERENCE
        elif name in seen:
            why = SearchCode.REFERENCE_TWICE
        seen.add(name)
        found.append(RejectedSearch(name, why, text))
    return RejectedSearches(transaction, code, text, tuple(found))


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _text(header: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = header.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise Unreadable(f"header.{name} must be a text")
    return value
