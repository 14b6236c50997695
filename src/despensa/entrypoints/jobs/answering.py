"""
Answering a partner: who it is, what it asks, what it is told; the same for both modes.

Every message is signed, taken in once, counted, looked up under a consent, and kept, so that the
same message is answered the same. Source: docs/explanation/design.md, section 9.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from despensa.domain.identifier import CardNumberError, parse_card_number
from despensa.domain.matching.search_text import SearchText, TokenKind, document_text
from despensa.domain.partner import answer as answers
from despensa.domain.partner import envelope as envelopes
from despensa.domain.partner import request as requests
from despensa.domain.partner.answer import Answer
from despensa.domain.partner.consent import About
from despensa.domain.partner.rejection import ErrorCode, HeaderCode, Rejected, SearchCode
from despensa.domain.partner.request import Ask, AskStatus, RejectedSearch, RejectedSearches
from despensa.domain.registration.country import countries
from despensa.domain.registration.layout import DOCUMENT_KINDS
from despensa.domain.registration.phone import e164
from despensa.entrypoints.wiring import Tools
from despensa.records.catalogue.queries import in_force
from despensa.records.partners import queries
from despensa.usecases.keep_partner_answer import keep_partner_answer
from despensa.usecases.look_up_for_partner import Told, TooManyFound, Wanted, look_up_for_partner
from despensa.usecases.open_partner_answer import open_partner_answer
from despensa.usecases.take_partner_message import (
    Coming,
    DuplicateMessage,
    known_message,
    take_partner_message,
)

CALLBACKS_VARIABLE = "DESPENSA_PARTNER_CALLBACKS"


class Kind(IntEnum):
    """What a message asks for; the numbers its row has."""

    SEARCH = 1
    SUBSCRIBE = 2
    UNSUBSCRIBE = 3
    STATUS = 4


class NotAuthentic(PermissionError):
    """The message is not signed by a known partner; `code` is the standard's."""

    def __init__(self, code: ErrorCode, text: str) -> None:
        """Say why, in the standard's code and in words."""
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Asked:
    """A message of a partner whose signature fits."""

    partner: queries.PartnerView
    header: requests.Header
    envelope: envelopes.Envelope


@dataclass(frozen=True, slots=True)
class Answered:
    """A message that was taken in, and its answer; None where it is made when it is sent."""

    message: queries.MessageView
    answer: Answer | None


def our_id(tools: Tools) -> str:
    """Return the id partners write into receiver_id: the workspace's."""
    return str(tools.workspace.workspace_id)


def sends_answers() -> bool:
    """Return whether answers may leave this machine by themselves; off unless it is switched on."""
    return os.environ.get(CALLBACKS_VARIABLE) == "1"


def authenticated(envelope: envelopes.Envelope, tools: Tools) -> Asked:
    """
    Return a message with the partner that signed it.

    Raises: Unreadable; NotAuthentic. Whether the partner may still ask is asked when the message
        is taken in.
    """
    header = requests.read_header(envelope.header)
    if envelope.signature is None:
        raise NotAuthentic(ErrorCode.SIGNATURE_MISSING, "Every message is signed.")
    partner = queries.partner_of_sender(header.sender)
    try:
        signature = envelopes.read_signature(envelope.signature)
        if partner is not None:
            key = partner.public_key
            envelopes.verify(envelope, signature, public_key=key, now=tools.now())
    except envelopes.BadSignature as error:
        raise NotAuthentic(ErrorCode.SIGNATURE, f"{error}.") from error
    if partner is None or signature.sender != header.sender:
        raise NotAuthentic(ErrorCode.SENDER, "No partner has this sender_id and key.")
    return Asked(partner, header, envelope)


def search(asked: Asked, tools: Tools, *, is_async: bool) -> Answered:
    """
    Return the answer to a search.

    Raises: Rejected; MayNotAsk; LimitReached; AccessRefused.
    """
    wanted = requests.read_search(asked.header, asked.envelope.message)
    if isinstance(wanted, Ask):
        reference, about = wanted.reference, str(wanted.about)
    else:
        reference, about = wanted.searches[0].reference if wanted.searches else "", ""
    coming = Coming(
        asked.header.message_id, asked.envelope.digest, Kind.SEARCH, about, wanted.transaction,
        reference,
    )  # fmt: skip
    message = _taken(coming, asked, tools, is_search=isinstance(wanted, Ask))
    if message.answer is not None:
        return _again(message, asked, tools)
    correlation, at = message.id.hex, message.received_at
    told = None
    if isinstance(wanted, Ask):
        try:
            told = _looked_up(wanted, asked, tools)
            answer = _told(wanted, told, message)
        except TooManyFound as error:
            many = RejectedSearch(wanted.reference, SearchCode.TOO_MANY_FOUND, str(error))
            searches = RejectedSearches(wanted.transaction, None, "", (many,))
            answer = answers.rejected(searches, correlation=correlation, at=at)
    else:
        answer = answers.rejected(wanted, correlation=correlation, at=at)
    return _kept(message, answer, told, asked, tools, is_async=is_async)


def subscribe(asked: Asked, tools: Tools) -> Answered:
    """Return the answer to a subscription. Raises: as `search`."""
    transaction, references = requests.subscribed_references(asked.envelope.message)
    message = _without_search(asked, tools, Kind.SUBSCRIBE, transaction, references[0])
    if message.answer is not None:
        return _again(message, asked, tools)
    answer = answers.no_subscription(
        transaction, references, correlation=message.id.hex, at=message.received_at
    )
    return _kept(message, answer, None, asked, tools, is_async=True)


def unsubscribe(asked: Asked, tools: Tools) -> Answered:
    """Return the answer to the end of a subscription. Raises: as `search`."""
    transaction = requests.transaction_of(asked.envelope.message)
    message = _without_search(asked, tools, Kind.UNSUBSCRIBE, transaction, "")
    if message.answer is not None:
        return _again(message, asked, tools)
    answer = answers.no_unsubscription(
        transaction, correlation=message.id.hex, at=message.received_at
    )
    return _kept(message, answer, None, asked, tools, is_async=True)


def status(asked: Asked, tools: Tools, *, is_async: bool) -> Answered:
    """Return earlier answers once more, as they may be told now. Raises: as `search`."""
    wanted = requests.read_status(asked.envelope.message)
    message = _without_search(asked, tools, Kind.STATUS, wanted.transaction, wanted.reference)
    if not is_async:
        return Answered(message, _status(wanted, message, asked.partner.id, tools))
    if not can_send(asked.partner):
        raise Rejected(
            None,
            ErrorCode.SENDER_URI,
            "No address for answers is registered: ask /registry/sync/txn/status.",
        )
    packed = Answer("txn-on-status", answers.Status.SUCCEEDED, _packed(wanted))
    keep_partner_answer(
        message, packed, told=None, at=tools.now(), due_at=tools.now(), vault=tools.keeper.vault
    )
    return Answered(message, None)


def answer_to_send(message: queries.MessageView, tools: Tools) -> Answer:
    """Return the answer that is sent out for a message. Raises: AccessRefused."""
    acting = tools.acting(message.partner)
    answer = open_partner_answer(message, acting=acting, vault=tools.keeper.vault)
    if message.kind != Kind.STATUS or answer.message is None:
        return answer
    wanted = AskStatus(**{**answer.message, "values": tuple(answer.message["values"])})
    return _status(wanted, message, message.partner, tools)


def can_send(partner: queries.PartnerView) -> bool:
    """Return whether answers go out to a partner by themselves."""
    return bool(partner.callback) and sends_answers()


def enveloped(
    answer: Answer, tools: Tools, *, message_id: str, at: int, partner: queries.PartnerView
) -> bytes:
    """Return an answer as it leaves: signed, header and message the same each time."""
    sender = our_id(tools)
    signatory = tools.keeper.signatory
    return envelopes.write(
        answer.header(message_id=message_id, at=at, sender=sender, receiver=partner.sender_id),
        answer.message,
        sender=sender,
        public_key=signatory.public_keys().answers,
        at=tools.now(),
        sign=signatory.sign_answer,
    )


def _taken(coming: Coming, asked: Asked, tools: Tools, *, is_search: bool) -> queries.MessageView:
    try:
        if known_message(coming, partner=asked.partner) is None:
            requests.check_time(asked.header, now=tools.now())
        return take_partner_message(
            coming,
            partner=asked.partner,
            is_search=is_search,
            acting=tools.acting(asked.partner.id),
        )
    except DuplicateMessage as error:
        raise Rejected(HeaderCode.DUPLICATE, ErrorCode.BAD, str(error)) from error


def _without_search(
    asked: Asked, tools: Tools, kind: Kind, transaction: str, reference: str
) -> queries.MessageView:
    coming = Coming(
        asked.header.message_id, asked.envelope.digest, kind, "", transaction, reference
    )
    return _taken(coming, asked, tools, is_search=False)


def _again(message: queries.MessageView, asked: Asked, tools: Tools) -> Answered:
    acting = tools.acting(asked.partner.id)
    return Answered(message, open_partner_answer(message, acting=acting, vault=tools.keeper.vault))


def _looked_up(ask: Ask, asked: Asked, tools: Tools) -> Told | None:
    text, card = _numbered(ask, tools.workspace.country)
    return look_up_for_partner(
        Wanted(ask.about, ask.purpose, text, card),
        partner=asked.partner,
        acting=tools.acting(asked.partner.id),
        vault=tools.keeper.vault,
        catalogue=in_force(),
    )


def _numbered(ask: Ask, country: str) -> tuple[SearchText | None, str]:
    """Return what a number is searched by: a token's text, or a card; neither finds nobody."""
    kind, _, issuer = ask.id_type.partition(":")
    if kind == requests.HOUSEHOLD_TYPE:
        try:
            return None, parse_card_number(ask.id_value)
        except (CardNumberError, ValueError):
            return None, ""
    home = countries().get(country)
    if kind == requests.MOBILE_TYPE:
        phone = None if home is None else e164(ask.id_value, home)
        return (None if phone is None else SearchText(TokenKind.PHONE, phone)), ""
    name = "national_id" if kind in requests.NATIONAL_TYPES else kind.lower()
    alpha_3 = issuer or ("" if home is None else home.alpha_3)
    is_known = name in DOCUMENT_KINDS and any(one.isalnum() for one in ask.id_value)
    return (document_text(name, alpha_3, ask.id_value) if is_known else None), ""


def _told(ask: Ask, told: Told | None, message: queries.MessageView) -> Answer:
    correlation, at = message.id.hex, message.received_at
    if told is None:
        return answers.nothing(
            transaction=ask.transaction, reference=ask.reference, about=ask.about,
            correlation=correlation, at=at,
        )  # fmt: skip
    make = answers.person_record if ask.about is About.PERSON else answers.household_record
    record = make(ask, told.values, fields=told.fields)
    return answers.found(ask, record, correlation=correlation, at=at)


def _kept(
    message: queries.MessageView,
    answer: Answer,
    told: Told | None,
    asked: Asked,
    tools: Tools,
    *,
    is_async: bool,
) -> Answered:
    is_kept = keep_partner_answer(
        message,
        answer,
        told=None if told is None else (told.consent, told.owner),
        at=tools.now(),
        due_at=tools.now() if is_async and can_send(asked.partner) else None,
        vault=tools.keeper.vault,
    )
    if is_kept:
        return Answered(message, answer)
    other = queries.message_by_id(message.id)
    if other is not None and other.answer is not None:
        return _again(other, asked, tools)
    gone = answers.nothing(
        transaction=message.transaction, reference=message.reference,
        about=About(message.about), correlation=message.id.hex, at=message.received_at,
    )  # fmt: skip
    return Answered(message, gone)


def _status(wanted: AskStatus, message: queries.MessageView, partner: UUID, tools: Tools) -> Answer:
    found: Sequence[queries.MessageView] = ()
    if wanted.kind == "search":
        found = queries.answered(partner, by=wanted.by, values=wanted.values, kinds=[Kind.SEARCH])
    acting = tools.acting(partner)
    opened = [open_partner_answer(one, acting=acting, vault=tools.keeper.vault) for one in found]
    return answers.status(wanted, opened, correlation=message.id.hex)


def _packed(wanted: AskStatus) -> dict[str, object]:
    return {
        "transaction": wanted.transaction,
        "reference": wanted.reference,
        "kind": wanted.kind,
        "by": wanted.by,
        "values": list(wanted.values),
    }
