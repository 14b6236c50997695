"""Exchanging a signing key: proposed, done by the keeper, announced."""

from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.ports.key_office import ROTATED
from despensa.domain.proposal import Mandate, Reason
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.wiring import Tools
from despensa.usecases.rotate_key import ACTION, rotate_key

__all__ = ["ACTION", "ROTATED", "carry_out", "propose"]


def propose(name: str, *, is_stolen: bool, acting: Acting) -> UUID:
    """Return the proposal to exchange a key. Raises: ValueError for one that cannot be."""
    if name not in ROTATED:
        raise ValueError(f"{name} is no key that can be exchanged: {', '.join(ROTATED)}")
    return propose_action(
        ACTION, Reason.KEY_ROTATION, acting=acting, parameters=(name, int(is_stolen))
    )


def carry_out(mandate: Mandate, tools: Tools, *, acting: Acting) -> str:
    """
    Exchange the key and announce it; killed between the two, the same call finishes it.

    Raises: ApprovalInvalid; AlreadyUsed.
    """
    change = tools.keeper.keys.rotate(
        proposal=mandate.canonical, approval=mandate.signed, at=acting.at
    )
    rotate_key(change, mandate=mandate, acting=acting)
    kept = "what it signed is genuine no longer" if change.is_stolen else "the old one is trusted"
    return f"{change.name}: new key {change.new.hex()[:16]}; {kept}"
