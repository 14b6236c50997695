"""Publish an approved rule: immutable from here on, its text a public leaf of the log."""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.publication import fact_problems
from despensa.domain.proposal import ApprovalInvalid, Mandate
from despensa.domain.transparency.leaf import PublicKind
from despensa.records import journal_store, mandates
from despensa.records.catalogue import queries as catalogue
from despensa.records.catalogue import store as catalogue_lock
from despensa.records.databases import REGISTRY
from despensa.records.programmes import store

ACTION = "publish_rule"


def publish_rule(
    text: str,
    *,
    rule_hash: bytes,
    programme: UUID,
    mandate: Mandate,
    acting: Acting,
) -> UUID:
    """
    Return the id of the published rule.

    The door has checked that the text's rule compiles, that its cases hold and that the hash is
    its own.
    Raises: AlreadyUsed when the proposal was carried out before; ApprovalInvalid.
    """
    rule = acting.new_id()
    with transaction.atomic(using=REGISTRY):
        approved = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
        named = (approved.scope[0], approved.parameters, approved.inputs)
        if named != (programme.bytes, (text,), (rule_hash,)):
            raise ApprovalInvalid("the proposal names another rule or programme")
        catalogue_lock.lock_shared()
        # a fact may have ended since the rule was approved
        for problem in fact_problems(parse_text(text), catalogue.in_force()):
            raise ApprovalInvalid(f"{problem}: mend the rule and propose it again")
        proposal = UUID(bytes=approved.proposal_id)
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
