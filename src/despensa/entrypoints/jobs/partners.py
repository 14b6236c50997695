"""Proposing a partner to a second person, and letting it ask once that person agreed."""

from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.partner.agreement import ACTION, Agreement, AgreementWrong, Wrong, check
from despensa.domain.proposal import Mandate, Reason
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.wiring import Tools
from despensa.records.catalogue.queries import in_force
from despensa.usecases.add_partner import add_partner

__all__ = ["ACTION", "carry_out", "propose"]


def propose(agreement: Agreement, area: UUID, tools: Tools, *, acting: Acting) -> UUID:
    """
    Return the proposal of a partner, once it is clear that it can be made.

    Raises: AgreementWrong; OutOfReach.
    """
    if tools.workspace.single_operator:
        raise AgreementWrong(Wrong.ALONE)
    check(agreement, today=acting.day, catalogue=in_force())
    return propose_action(
        ACTION,
        Reason.PARTNER_AGREEMENT,
        acting=acting,
        scope=(None, area.bytes, None),
        parameters=agreement.parameters(),
    )


def carry_out(mandate: Mandate, *, acting: Acting) -> str:
    """Let the partner of an approved proposal ask, and return one line about it."""
    partner = add_partner(mandate, acting=acting, catalogue=in_force())
    return f"partner {partner} may ask"
