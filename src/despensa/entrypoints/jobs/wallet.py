"""
Identity cards for wallets: offered, made for a phone, ended; and the status lists, signed in rounds.

Source: docs/decisions/0033-wallets.md.
"""

import os
from urllib.parse import urlsplit
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.wallet import publication
from despensa.domain.wallet.proof import Proof
from despensa.entrypoints.wiring import Tools
from despensa.records.wallet import queries
from despensa.usecases.end_identity import end_identity
from despensa.usecases.forget_wallet_offers import forget_wallet_offers
from despensa.usecases.issue_identity import issue_identity
from despensa.usecases.offer_identity import Offered, offer_identity
from despensa.usecases.publish_status import publish_status

ADDRESS_VARIABLE = "DESPENSA_PUBLIC_ADDRESS"
_HERE = frozenset({"localhost", "127.0.0.1"})


class NoAddress(RuntimeError):
    """Phones have no address to come to; the text says what to set."""


def public_address() -> str:
    """
    Return where everybody reaches this workspace, without a slash at the end.

    It stands in every identity card for ever, so it is set and never guessed from a request.
    Raises: NoAddress when it is not set, or is no https address.
    """
    written = os.environ.get(ADDRESS_VARIABLE, "")
    parts = urlsplit(written)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    if not is_safe or not parts.hostname or parts.path or parts.query or parts.fragment:
        raise NoAddress(
            f"{ADDRESS_VARIABLE} is {written!r}; set it to the address phones reach this office at, "
            "such as https://despensa.example, without a path, and never change it."
        )
    return written


def offer(person: UUID, household: UUID, tools: Tools, *, acting: Acting) -> Offered:
    """
    Return an offer to somebody present, with the list signed that the card will point at.

    Raises: NoAddress; OfferRefused.
    """
    public_address()
    made = offer_identity(person, household, acting=acting, vault=tools.keeper.vault)
    publish_lists(tools)
    return made


def issue(token: str, proof: Proof, tools: Tools) -> str:
    """
    Return the signed identity card for the phone that proved its key.

    Raises: TokenRefused, PhoneRefused, AccessRefused, NoAddress.
    """
    to_sign = issue_identity(
        token,
        proof,
        issuer=public_address(),
        country=tools.workspace.country,
        acting=tools.acting(None),
        vault=tools.keeper.vault,
    )
    return tools.keeper.wallet.credential(
        to_sign.access, to_sign.person, to_sign.values, to_sign.order
    )


def end(card: UUID, household: UUID, tools: Tools, *, acting: Acting) -> bool:
    """
    Return whether a card ended now; the list that says so is signed before this returns.

    Raises: NoSuchCard.
    """
    is_new = end_identity(card, household, acting=acting, vault=tools.keeper.vault)
    publish_lists(tools)
    return is_new


def publish_lists(tools: Tools, *, anew: bool = False) -> int:
    """
    Sign the lists that are due and return how many were signed; none without an address.

    `anew` signs all of them: a key that signs them was exchanged.
    """
    signed = 0
    for listed in queries.lists():
        now = tools.now()
        ended = queries.ended_places(listed.number, now=now)
        if not anew and not publication.is_due(
            issued_at=listed.issued_at, told=listed.told, ended=len(ended), now=now
        ):
            continue
        try:
            address = public_address() + publication.PATH.format(number=listed.number)
        except NoAddress:
            return signed
        cwt, jwt = tools.keeper.wallet.status_tokens(
            publication.packed(ended), publication.terms(address, now=now)
        )
        signed += publish_status(listed.number, cwt=cwt, jwt=jwt, told=len(ended), at=now)
    return signed


def carry_out(tools: Tools) -> None:
    """Do the regular round: forget what is late, sign the lists that are due."""
    forget_wallet_offers(tools.now())
    publish_lists(tools)
