"""
Let another system ask: a partner, exactly as two people agreed.

0 approved, unused? · 1 is it the agreement that was approved, and may it still be made? · 2 write the
partner and its leaf. Source: docs/explanation/design.md, section 9.
"""

from uuid import UUID

from django.db import transaction

from despensa.domain.act import Acting
from despensa.domain.catalogue import Catalogue
from despensa.domain.partner.agreement import ACTION, agreement_of, check
from despensa.domain.proposal import ApprovalInvalid, Mandate
from despensa.records import journal_rows, journal_store, mandates
from despensa.records.databases import REGISTRY
from despensa.records.partners import store


class NoPartnersAlone(RuntimeError):
    """Where one person runs the workspace there are no partners."""


def add_partner(mandate: Mandate, *, acting: Acting, catalogue: Catalogue) -> UUID:
    """
    Return the id of the partner that an approved proposal names.

    Raises: NoPartnersAlone; AgreementWrong; PartnerKnown; AlreadyUsed; ApprovalInvalid and the
        errors of `check_mandate`.
    """
    if mandate.single_operator:
        raise NoPartnersAlone("One person runs this workspace: no partner may ask here.")
    with transaction.atomic(using=REGISTRY):
        proposal = mandates.use_in_registry(mandate, action=ACTION, acting=acting)
        agreement = agreement_of(proposal.parameters)
        check(agreement, today=acting.day, catalogue=catalogue)
        area = proposal.scope[1]
        if area is None:
            raise ApprovalInvalid("the proposal names no area")
        partner, proposal_id = acting.new_id(), UUID(bytes=proposal.proposal_id)
        where = UUID(bytes=area)
        store.add_partner(
            partner, agreement, area=where, from_date=acting.day, proposal=proposal_id
        )
        columns = store.partner_columns(agreement, area=where, from_date=acting.day)
        journal_store.record(
            REGISTRY,
            ACTION,
            acting,
            journal_rows.inserted("partner", [(partner.bytes, columns)]),
            proposal=proposal_id,
        )
    return partner
