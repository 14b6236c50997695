"""Exchanging a signing key: proposed, begun, done by the keeper, announced."""

from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.encoding import cose
from despensa.domain.ports.key_office import ROTATE as ACTION
from despensa.domain.ports.key_office import ROTATED
from despensa.domain.proposal import Mandate, Reason, proposal_hash
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.wiring import Tools
from despensa.usecases.begin_rotation import begin_rotation
from despensa.usecases.rotate_key import rotate_key

__all__ = ["ACTION", "ROTATED", "carry_out", "exchanged_under", "propose"]


def propose(name: str, *, is_stolen: bool, acting: Acting) -> UUID:
    """Return the proposal to exchange a key. Raises: ValueError for one that cannot be."""
    if name not in ROTATED:
        raise ValueError(f"{name} is no key that can be exchanged: {', '.join(ROTATED)}")
    return propose_action(
        ACTION, Reason.KEY_ROTATION, acting=acting, parameters=(name, int(is_stolen))
    )


def exchanged_under(canonical: bytes, tools: Tools) -> dict[bytes, bytes]:
    """
    Return, by key id, the key that was exchanged under this very proposal.

    A stolen authority is trusted for nothing; that it was itself exchanged may still be announced.
    """
    change = tools.keeper.keys.change_under(proposal_hash(canonical))
    return {} if change is None else {cose.key_id(change.old): change.old}


def carry_out(mandate: Mandate, tools: Tools, *, acting: Acting) -> str:
    """
    Exchange the key and announce it; killed between any two of the three, again finishes it.

    Raises: ApprovalInvalid; AlreadyUsed.
    """
    begin_rotation(mandate, acting=acting)
    change = tools.keeper.keys.rotate(
        proposal=mandate.canonical, approval=mandate.signed, at=acting.at
    )
    rotate_key(change, mandate=mandate, acting=acting)
    kept = "what it signed is genuine no longer" if change.is_stolen else "the old one is trusted"
    return f"{change.name}: new key {change.new.hex()[:16]}; {kept}"
