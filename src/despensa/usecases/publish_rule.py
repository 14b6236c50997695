"""Publish an approved rule: immutable from here on, its text a public leaf of the log."""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store
from despensa.records.proposals import store as proposals

ACTION = "publish_rule"


def publish_rule(
    text: str,
    *,
    rule_hash: bytes,
    programme: UUID,
    proposal: UUID,
    proposal_hash: bytes,
    acting: Acting,
) -> UUID:
    """
    Return the id of the published rule.

    The door has checked that the text's rule compiles, that its cases hold and that its hash is
    the approved one.
    Raises: AlreadyUsed when the proposal was carried out before.
    """
    rule = acting.new_id()
    with transaction.atomic(using=REGISTRY):
        journal_store.use_proposal(REGISTRY, proposal, proposal_hash, now=acting.at)
        proposals.finish(proposal)
        version = store.add_rule(
            rule,
            programme=programme,
            text=text,
            digest=rule_hash,
            proposal=proposal,
            now=acting.at,
        )
        body = {0: programme.bytes, 1: version, 2: rule_hash, 3: text}
        journal_store.announce(REGISTRY, ACTION, acting, PublicKind.RULE, body, proposal=proposal)
    return rule
