"""
A batch for a print shop as a proposal carries it: which one, to whom, sealed to which key.

Source: docs/reference/formats.md, section 9.
"""

from dataclasses import dataclass
from uuid import UUID

from despensa.domain.proposal import ApprovalInvalid, Proposal

ACTION = "send_to_shop"


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """A batch for a print shop, as its proposal carries it; `listed` is the hash of the manifest."""

    batch: UUID
    shop: str
    recipient: str
    listed: bytes

    def parameters(self) -> tuple[object, ...]:
        """Return the order as the parameters of its proposal."""
        return (self.batch.bytes, self.shop, self.recipient)


def shop_order_of(proposal: Proposal) -> ShopOrder:
    """Return what a proposal sends to whom. Raises: ApprovalInvalid when it is no such order."""
    try:
        batch, shop, recipient = proposal.parameters
        [listed] = proposal.inputs
        return ShopOrder(UUID(bytes=batch), str(shop), str(recipient), bytes(listed))
    except (ValueError, TypeError) as error:
        raise ApprovalInvalid("The proposal sends no batch to a print shop.") from error
