"""
What is answered: header and message of the standard's callbacks, the same in both modes.

The answer to "nobody of that number" and to "somebody, without a consent for you" is one and the
same: a search that succeeded and found no record.
Source: SPDCI social_api_v1.0.0, SearchResponse, SubscribeResponse, UnSubscribeResponse,
TxnStatusResponse, MsgCallbackHeader_V1.0.0.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from despensa.domain.partner.consent import About
from despensa.domain.partner.rejection import (
    TEXT_MAX,
    HeaderCode,
    SubscribeCode,
    UnsubscribeCode,
)
from despensa.domain.partner.request import VERSION, Ask, AskStatus, RejectedSearches, written

REG_TYPE = "ns:org:RegistryType:Social"
VOCABULARY = "https://schema.spdci.org/extensions/social/v1"
_SEXES = {1: "male", 2: "female", 3: "others"}


class Status(StrEnum):
    """How a request ended; nothing is ever pending, because an answer is made at once."""

    SUCCEEDED = "succ"
    REJECTED = "rjct"


@dataclass(frozen=True, slots=True)
class Answer:
    """
    An answer without its envelope: the action, what the header says, and the message.

    Holds: `message` None only where the standard has no form for what is to be said.
    """

    action: str
    status: Status
    message: Mapping[str, Any] | None
    total: int = 1
    completed: int = 1
    code: HeaderCode | None = None
    text: str = ""

    def header(self, *, message_id: str, at: int, sender: str, receiver: str) -> dict[str, Any]:
        """Return the answer's header."""
        head: dict[str, Any] = {
            "version": VERSION,
            "message_id": message_id,
            "message_ts": written(at),
            "action": self.action,
            "status": str(self.status),
        }
        if self.code is not None:
            head["status_reason_code"] = str(self.code)
        if self.text:
            head["status_reason_message"] = self.text[:TEXT_MAX]
        return head | {
            "total_count": self.total,
            "completed_count": self.completed,
            "sender_id": sender,
            "receiver_id": receiver,
            "is_msg_encrypted": False,
        }

    def packed(self) -> bytes:
        """Return the answer as it is kept; `unpacked` reads it back."""
        value = [
            self.action, self.status, self.total, self.completed, self.code, self.text, self.message,
        ]  # fmt: skip
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def unpacked(data: bytes) -> Answer:
    """Return a kept answer."""
    action, status, total, completed, code, text, message = json.loads(data)
    return Answer(
        action, Status(status), message, total, completed,
        None if code is None else HeaderCode(code), text,
    )  # fmt: skip


def found(ask: Ask, record: Mapping[str, Any], *, correlation: str, at: int) -> Answer:
    """Return the answer with the one record that the consent allows."""
    return _searched(ask.transaction, ask.reference, ask.about, [record], correlation, at)


def nothing(*, transaction: str, reference: str, about: About, correlation: str, at: int) -> Answer:
    """Return the answer to whoever may be told nothing, for whatever reason."""
    return _searched(transaction, reference, about, [], correlation, at)


def rejected(searches: RejectedSearches, *, correlation: str, at: int) -> Answer:
    """Return the answer to a message none of whose searches is carried out."""
    message = {
        "transaction_id": searches.transaction,
        "correlation_id": correlation,
        "search_response": [
            {
                "reference_id": one.reference,
                "timestamp": written(at),
                "status": str(Status.REJECTED),
                "status_reason_code": str(one.code),
                "status_reason_message": one.text[:TEXT_MAX],
            }
            for one in searches.searches
        ],
    }
    count = len(searches.searches)
    return Answer("on-search", Status.REJECTED, message, count, count, searches.code, searches.text)


def no_subscription(
    transaction: str, references: Sequence[str], *, correlation: str, at: int
) -> Answer:
    """Return the answer to a subscription: this registry tells nothing by itself."""
    text = "This registry sends no events: ask about one person with their consent."
    message = {
        "transaction_id": transaction,
        "correlation_id": correlation,
        "subscribe_response": [
            {
                "reference_id": reference,
                "timestamp": written(at),
                "status": str(Status.REJECTED),
                "status_reason_code": str(SubscribeCode.NO_SUCH_NOTICE),
                "status_reason_message": text,
            }
            for reference in references
        ],
    }
    count = len(references)
    return Answer(
        "on-subscribe", Status.REJECTED, message, count, count, HeaderCode.NOT_SUPPORTED, text
    )


def no_unsubscription(transaction: str, *, correlation: str, at: int) -> Answer:
    """Return the answer to the end of a subscription: there is none."""
    message = {
        "transaction_id": transaction,
        "correlation_id": correlation,
        "timestamp": written(at),
        "status": str(Status.REJECTED),
        "status_reason_code": str(UnsubscribeCode.NO_SUCH_CODE),
        "status_reason_message": "There are no subscriptions here.",
        "subscription_status": [],
    }
    return Answer("on-unsubscribe", Status.REJECTED, message, 1, 1, HeaderCode.NOT_SUPPORTED)


def refused(action: str, code: HeaderCode | None, text: str) -> Answer:
    """Return the answer to a whole message that is not carried out."""
    return Answer(action, Status.REJECTED, None, 0, 0, code, text)


def status(asked: AskStatus, answers: Sequence[Answer], *, correlation: str) -> Answer:
    """
    Return the earlier answers that were asked for.

    The standard has a form for searches alone: of anything else the header says what became of it.
    """
    kept = [one for one in answers if one.action == "on-search" and one.message is not None]
    searches = [search for one in kept for search in (one.message or {})["search_response"]]
    transactions = {(one.message or {})["transaction_id"] for one in kept}
    correlations = [(one.message or {})["correlation_id"] for one in kept]
    message = {
        "transaction_id": asked.transaction,
        "correlation_id": correlation,
        "txnstatus_response": {
            "txn_type": asked.kind,
            "txn_status": {
                "transaction_id": min(transactions, default=asked.transaction),
                "correlation_id": correlations[0] if correlations else correlation,
                "search_response": searches,
            },
        },
    }
    if asked.kind != "search":
        return Answer(
            "txn-on-status", Status.REJECTED, message, 0, 0, HeaderCode.NOT_SUPPORTED,
            "There are searches here, no subscriptions and no receipts.",
        )  # fmt: skip
    return Answer("txn-on-status", Status.SUCCEEDED, message, len(searches), len(searches))


def person_record(ask: Ask, values: Mapping[str, Any], *, fields: Sequence[str]) -> dict[str, Any]:
    """
    Return a person as the standard writes a Member, with the consented fields and no other.

    `values` holds full_name (surnames, given names), birth_month as YYYY-MM, sex, area and facts.
    """
    person: dict[str, Any] = {"@type": "SRPerson"}
    if "full_name" in fields:
        surnames, given = values["full_name"]
        person["name"] = {"@type": "Name", "surname": surnames, "given_name": given}
    if "sex" in fields and values["sex"] in _SEXES:
        person["sex"] = _SEXES[values["sex"]]
    record: dict[str, Any] = {
        "@context": {"@vocab": VOCABULARY},
        "@type": "Member",
        "member_identifier": [_identifier(ask)],
        "demographic_info": person,
    }
    return _with_attributes(record, values, fields, ("birth_month", "area"))


def household_record(
    ask: Ask, values: Mapping[str, Any], *, fields: Sequence[str]
) -> dict[str, Any]:
    """Return a household as the standard writes a Group; its members are not in it."""
    record: dict[str, Any] = {
        "@context": {"@vocab": VOCABULARY},
        "@type": "Group",
        "group_identifier": [_identifier(ask)],
        "group_type": "Household",
    }
    if "group_size" in fields:
        record["group_size"] = values["group_size"]
    return _with_attributes(record, values, fields, ("area",))


def _searched(
    transaction: str,
    reference: str,
    about: About,
    records: Sequence[Mapping[str, Any]],
    correlation: str,
    at: int,
) -> Answer:
    message = {
        "transaction_id": transaction,
        "correlation_id": correlation,
        "search_response": [
            {
                "reference_id": reference,
                "timestamp": written(at),
                "status": str(Status.SUCCEEDED),
                "data": {
                    "version": VERSION,
                    "reg_type": REG_TYPE,
                    "reg_record_type": str(about),
                    "reg_records": list(records),
                },
                "pagination": {"page_size": 1, "page_number": 1, "total_count": len(records)},
            }
        ],
    }
    return Answer("on-search", Status.SUCCEEDED, message)


def _identifier(ask: Ask) -> dict[str, str]:
    """Return the number that was asked with, and no other one of this person."""
    return {
        "@type": "Identifier",
        "identifier_type": ask.id_type,
        "identifier_value": ask.id_value,
    }


def _with_attributes(
    record: dict[str, Any],
    values: Mapping[str, Any],
    fields: Sequence[str],
    own: Sequence[str],
) -> dict[str, Any]:
    """Return the record with what the standard has no place for; what is unknown is left out."""
    known = {**{name: values.get(name) for name in own}, **values.get("facts", {})}
    attributes = [{name: known[name]} for name in fields if known.get(name) is not None]
    return record | ({"additional_attributes": attributes} if attributes else {})
