"""What the pages about identity cards in wallets show; the contract of all pages is in `pages.py`."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.entrypoints.office.states import State, Word


@dataclass(frozen=True, slots=True)
class WalletCardRow:
    """One person's identity card; without one `number` is empty, and there is nothing to end."""

    person: UUID
    name: str
    number: str = ""
    expires_on: date | None = None
    end_url: str = ""
    waits_for_paper: bool = False


@dataclass(frozen=True, slots=True)
class WalletPage:
    """
    `office/wallet.html`: who has an identity card; posts `person` to `action`, or to `paper_action`.
    """

    household_id: UUID
    action: str
    paper_action: str
    rows: tuple[WalletCardRow, ...]
    fault: Word = ""


@dataclass(frozen=True, slots=True)
class WalletOfferPage:
    """
    `office/wallet_offer.html`: an offer and what became of it.

    Holds: the picture and the digits are there only on the page that answers the offer.
    """

    back_url: str
    state_url: str
    state: State
    is_waiting: bool
    minutes: int
    name: str = ""
    code_url: str = ""
    typed: str = ""
