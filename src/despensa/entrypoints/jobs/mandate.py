"""An approved proposal as it is carried to its use case."""

from despensa.domain.proposal import ApprovalInvalid, Mandate
from despensa.entrypoints.jobs import rotating
from despensa.entrypoints.wiring import Tools
from despensa.records.proposals.queries import ProposalView


def mandate_of(view: ProposalView, tools: Tools) -> Mandate:
    """
    Return content and signed approval of a proposal, and whose signatures count.

    Raises: ApprovalInvalid when it is not approved.
    """
    if view.signed is None:
        raise ApprovalInvalid("this proposal is not approved")
    ring = tools.keeper.signatory.public_keys().authority_ring()
    if view.action == rotating.ACTION:
        ring |= rotating.exchanged_under(view.canonical, tools)
    return Mandate(
        view.canonical,
        view.signed,
        ring,
        single_operator=tools.workspace.single_operator,
    )
