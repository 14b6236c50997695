"""The regular rounds: merge the inbox, carry messages across, number leaves in the log."""

import logging

from despensa.domain.encoding import dcbor
from despensa.domain.proposal import (
    SINGLE_OPERATOR_WAIT_SECONDS,
    ApprovalInvalid,
    ApprovalKind,
)
from despensa.entrypoints.jobs import (
    appealing,
    callbacks,
    carry_on,
    carrying,
    cycle_life,
    identity_cards,
    late,
    merging,
    paying,
    print_files,
    retention,
    schedules,
    wallet,
)
from despensa.entrypoints.wiring import Tools
from despensa.records import journal_queries
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.proposals import queries as proposals
from despensa.usecases.apply_totals import apply_totals
from despensa.usecases.approve import approve
from despensa.usecases.book_given import book_given
from despensa.usecases.erase_introductions import erase_introductions
from despensa.usecases.expire_leases import expire_leases
from despensa.usecases.expire_proposals import expire_proposals
from despensa.usecases.forget_grievance_text import forget_grievance_text
from despensa.usecases.hand_over_cards import hand_over_cards
from despensa.usecases.mark_delivered import mark_ledger_messages
from despensa.usecases.merge_events import HANDED_OVER_TOPIC, TOTALS_TOPIC, Merged
from despensa.usecases.number_ledger_leaves import number_ledger_leaves
from despensa.usecases.number_registry_leaves import number_registry_leaves
from despensa.usecases.seal_trial_balance import seal_trial_balance

MESSAGES_AT_ONCE = 200
_log = logging.getLogger(__name__)


def carry_messages(tools: Tools) -> int:
    """Apply the ledger's messages to the registry and return how many were applied."""
    applied = 0
    while messages := journal_queries.undelivered(LEDGER, MESSAGES_AT_ONCE):
        for message in messages:
            if message.topic == TOTALS_TOPIC:
                apply_totals(message.message, message.payload)
            elif message.topic == carrying.CARRIED_TOPIC:
                carrying.note(message.message, message.payload, tools)
            elif message.topic == HANDED_OVER_TOPIC:
                hand_over_cards(
                    dcbor.decode(message.payload),
                    acting=tools.acting(None),
                    sealer=tools.keeper.vault,
                )
        mark_ledger_messages([message.position for message in messages], now=tools.now())
        applied += len(messages)
    return applied


def seal_log(tools: Tools) -> int:
    """Number the waiting leaves of both databases and return how many there were."""
    signatory = tools.keeper.signatory
    return number_registry_leaves(log=tools.log, signatory=signatory) + number_ledger_leaves(
        log=tools.log, signatory=signatory
    )


def seal_books(tools: Tools) -> None:
    """Seal the day's trial balance, once a day; books that do not balance are an error in the log."""
    if seal_trial_balance(acting=tools.acting(None)) is False:
        _log.error("the ledger does not balance: run despensa ledger check")


def approve_waited(tools: Tools) -> int:
    """
    Return how many proposals were approved by having waited 24 hours; only with one operator.

    Their announcement in the log says that they waited. Source: docs/explanation/design.md, 5.
    """
    if not tools.workspace.single_operator:
        return 0
    ripe, approved = tools.now() - SINGLE_OPERATOR_WAIT_SECONDS, 0
    for view in proposals.waiting(None):
        if view.created_at > ripe:
            continue
        try:
            approve(
                view.id,
                seen_hash=view.hash,
                kind=ApprovalKind.WAITED,
                assertion=None,
                acting=tools.acting(view.creator),
                signatory=tools.keeper.signatory,
                single_operator=True,
            )
        except ApprovalInvalid as error:
            # its creator has no role for it any more: the others are not kept waiting by it
            _log.warning("proposal %s was not approved by waiting: %s", view.id, error)
        else:
            approved += 1
    return approved


def round_trip(tools: Tools) -> Merged:
    """Do every regular round once."""
    expire_leases(acting=tools.acting(None))
    expire_proposals(acting=tools.acting(None), staging=tools.keeper.staging)
    approve_waited(tools)
    erase_introductions(acting=tools.acting(None))
    appealing.remedy_all(tools)
    forget_grievance_text(acting=tools.acting(None), vault=tools.keeper.vault)
    merged = merging.merge_all(tools)
    carrying.carry_out(tools)
    carry_messages(tools)
    book_given(acting=tools.acting(None))
    schedules.carry_out(tools)
    late.carry_out(tools)
    retention.carry_out(tools)
    cycle_life.carry_out(tools)
    carry_on.carry_out(tools)
    print_files.go_on(tools)
    print_files.destroy(tools)
    identity_cards.go_on(tools)
    identity_cards.destroy(tools)
    paying.destroy_files(tools)
    callbacks.send_due(tools)
    callbacks.forget_old(tools)
    wallet.carry_out(tools)
    seal_books(tools)
    seal_log(tools)
    return merged


def leaves_waiting() -> int:
    """Return how many leaves are not in the log yet."""
    return journal_queries.leaves_waiting(REGISTRY) + journal_queries.leaves_waiting(LEDGER)
