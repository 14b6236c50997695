"""
Sending answers out to the addresses partners registered; off unless DESPENSA_PARTNER_CALLBACKS=1.

A killed process sends an answer again: the partner knows it by its message_id. What does not arrive
is tried five times more, then waits to be asked for.
"""

import logging

from despensa.adapters.callback import HttpsCallback
from despensa.domain.ports.callback import Callback, CallbackFailed
from despensa.domain.ports.keeper import AccessRefused
from despensa.entrypoints.jobs import answering
from despensa.entrypoints.wiring import Tools
from despensa.records.partners import queries
from despensa.usecases.forget_partner_messages import forget_partner_messages
from despensa.usecases.note_partner_sending import note_partner_sending

AT_ONCE = 10
_log = logging.getLogger(__name__)


def send_due(tools: Tools, callback: Callback | None = None) -> int:
    """Send the answers that are due and return how many arrived."""
    if tools.workspace.single_operator or not answering.sends_answers():
        return 0
    way = HttpsCallback() if callback is None else callback
    arrived = 0
    for message in queries.due(tools.now(), AT_ONCE):
        partner = queries.partner_by_id(message.partner)
        if partner is None or not partner.callback or not partner.is_active(tools.today()):
            note_partner_sending(message.id, tries=AT_ONCE, has_arrived=False, now=tools.now())
            continue
        try:
            answer = answering.answer_to_send(message, tools)
            body = answering.enveloped(
                answer, tools, message_id=message.id.hex, at=message.received_at, partner=partner
            )
            way.send(partner.callback, body)
        except (CallbackFailed, AccessRefused) as error:
            _log.warning("an answer for %s did not arrive: %s", partner.sender_id, error)
            has_arrived = False
        else:
            has_arrived = True
        note_partner_sending(
            message.id, tries=message.tries, has_arrived=has_arrived, now=tools.now()
        )
        arrived += has_arrived
    return arrived


def forget_old(tools: Tools) -> int:
    """Destroy old messages and meters."""
    return forget_partner_messages(tools.now())
