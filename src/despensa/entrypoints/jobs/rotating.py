"""Exchanging a signing key: proposed, begun, done by the keeper, announced."""

from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.encoding import cose
from despensa.domain.ports.key_office import AUTHORITY, LOG, ROTATED
from despensa.domain.ports.key_office import ROTATE as ACTION
from despensa.domain.proposal import Mandate, Reason, proposal_hash
from despensa.entrypoints.jobs import wallet
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.wiring import Tools
from despensa.usecases.begin_rotation import begin_rotation
from despensa.usecases.rotate_key import rotate_key

# the CWT form of a status list is signed by the issuer, the JWT form by the wallets' key
_OF_LISTS = frozenset({"issuer", "wallet"})

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
    if change is None or change.name != AUTHORITY:
        return {}
    return {cose.key_id(change.old): change.old}


def carry_out(mandate: Mandate, tools: Tools, *, acting: Acting) -> str:
    """
    Exchange the key and announce it; killed between any two of the steps, again finishes it.

    The status lists, or the log, are signed anew first: a list of a stolen key would be believed by
    nobody, and the log's next reader asks for the new one.

    Raises: ApprovalInvalid; AlreadyUsed.
    """
    begin_rotation(mandate, acting=acting)
    change = tools.keeper.keys.rotate(
        proposal=mandate.canonical, approval=mandate.signed, at=acting.at
    )
    if change.name == LOG:
        _sign_anew(change.old, tools)
    if change.name in _OF_LISTS:
        wallet.publish_lists(tools, anew=True)
    rotate_key(change, mandate=mandate, acting=acting)
    kept = "what it signed is genuine no longer" if change.is_stolen else "the old one is trusted"
    return f"{change.name}: new key {change.new.hex()[:16]}; {kept}"


def _sign_anew(old: bytes, tools: Tools) -> None:
    """Sign the log as it stands by the new key; the old one is believed once more, here, for that."""
    signatory = tools.keeper.signatory
    with tools.log.trusting(old):
        tools.log.append([], sign=signatory.sign_log, cosign=signatory.cosign_log)
