"""
What the partners' door takes and answers, for the OpenAPI document: every field by its name.

It is the part of the standard that is spoken here; a test holds real answers against both.
"""

from typing import Any

from despensa.domain.catalogue import load_catalogue
from despensa.domain.partner.consent import About, SharedFor, fields_about

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer"}
_TIME: Schema = {"type": "string", "format": "date-time"}


def asynchronous(action: str) -> Schema:
    """Return the request and the acknowledgement of an asynchronous address."""
    return _operation(action, {200: _content(_ack())})


def synchronous(action: str, on_action: str) -> Schema:
    """Return the request and the answer of a synchronous address."""
    message = _searched() if on_action == "on-search" else _status_answer()
    answer = _object(signature=_TEXT, header=_answer_header(on_action), message=message)
    return _operation(action, {200: _content(answer)})


def not_ours() -> Schema:
    """Return the answer of an address where nothing is taken in."""
    return {"responses": {404: _content(_ack())}}


def attributes() -> list[str]:
    """Return the names under which fields about somebody may stand in an answer."""
    return sorted({one for about in About for one in fields_about(about, load_catalogue())})


def _operation(action: str, responses: dict[int, Schema]) -> Schema:
    body = _object(signature=_TEXT, header=_request_header(action), message=_message(action))
    errors = {"errors": {"type": "array", "items": _object(code=_TEXT, message=_TEXT)}}
    refused = {
        code: _content({"type": "object", "properties": errors}, text)
        for code, text in ((401, "Not signed by a partner"), (403, "May not ask any more"))
    }
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {**responses, **refused},
    }


def _message(action: str) -> Schema:
    if action == "search":
        criteria = _object(
            query_type={"type": "string", "enum": ["idtype-value"]},
            response_entity={"type": "string", "enum": [str(one) for one in About]},
            query=_object(type=_TEXT, value=_TEXT),
            consent=_object(
                purpose=_object(code={"type": "string", "enum": [one.code for one in SharedFor]})
            ),
        )
        one = _object(reference_id=_TEXT, timestamp=_TIME, search_criteria=criteria)
        return _object(transaction_id=_TEXT, search_request=_list(one))
    if action == "txn-status":
        asked = _object(
            reference_id=_TEXT, txn_type=_TEXT, attribute_type=_TEXT, attribute_value={}
        )
        return _object(transaction_id=_TEXT, txnstatus_request=asked)
    if action == "subscribe":
        return _object(transaction_id=_TEXT, subscribe_request=_list(_object(reference_id=_TEXT)))
    return _object(transaction_id=_TEXT, timestamp=_TIME, subscription_codes=_list(_TEXT))


def _request_header(action: str) -> Schema:
    return _object(
        version=_TEXT,
        message_id=_TEXT,
        message_ts=_TIME,
        action={"type": "string", "enum": [action]},
        sender_id=_TEXT,
        receiver_id=_TEXT,
        total_count=_COUNT,
    )


def _answer_header(action: str) -> Schema:
    return _object(
        version=_TEXT,
        message_id=_TEXT,
        message_ts=_TIME,
        action={"type": "string", "enum": [action]},
        status=_TEXT,
        status_reason_code=_TEXT,
        status_reason_message=_TEXT,
        total_count=_COUNT,
        completed_count=_COUNT,
        sender_id=_TEXT,
        receiver_id=_TEXT,
        is_msg_encrypted={"type": "boolean"},
    )


def _ack() -> Schema:
    return _object(
        message=_object(
            ack_status={"type": "string", "enum": ["ACK", "NACK", "ERR"]},
            timestamp=_TIME,
            error=_object(code=_TEXT, message=_TEXT),
            correlation_id=_TEXT,
        )
    )


def _searched() -> Schema:
    data = _object(
        version=_TEXT, reg_type=_TEXT, reg_record_type=_TEXT, reg_records=_list(_record())
    )
    one = _object(
        reference_id=_TEXT,
        timestamp=_TIME,
        status=_TEXT,
        status_reason_code=_TEXT,
        status_reason_message=_TEXT,
        data=data,
        pagination=_object(page_size=_COUNT, page_number=_COUNT, total_count=_COUNT),
    )
    return _object(transaction_id=_TEXT, correlation_id=_TEXT, search_response=_list(one))


def _status_answer() -> Schema:
    answer = _object(txn_type=_TEXT, txn_status=_searched())
    return _object(transaction_id=_TEXT, correlation_id=_TEXT, txnstatus_response=answer)


def _record() -> Schema:
    identifier = _object(identifier_type=_TEXT, identifier_value=_TEXT)
    person = _object(name=_object(surname=_TEXT, given_name=_TEXT), sex=_TEXT)
    values = _object(**{name: {} for name in attributes()})
    return _object(
        member_identifier=_list(identifier),
        group_identifier=_list(identifier),
        group_type=_TEXT,
        group_size=_COUNT,
        demographic_info=person,
        additional_attributes=_list(values),
    )


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _content(schema: Schema, text: str = "Answer") -> Schema:
    return {"description": text, "content": {"application/json": {"schema": schema}}}
