"""What the pages about phones of the points show; the contract of all pages is in `pages.py`."""

from dataclasses import dataclass
from datetime import date, datetime

from despensa.entrypoints.office.change_pages import ChangeField
from despensa.entrypoints.office.parts import FieldError
from despensa.entrypoints.office.states import State


@dataclass(frozen=True, slots=True)
class PhoneRow:
    """One phone in the list; `unsent` is what it said when it was last heard, None if nothing."""

    url: str
    mark: str
    area_name: str
    people: str
    lists: int
    unsent: int | None
    heard_at: datetime | None
    state: State


@dataclass(frozen=True, slots=True)
class PhonesPage:
    """
    `office/phones.html`: the phones in reach; posts `area` to office:phone_offer for a new one.

    Posts `files` to office:phone_reports; the two addresses are the programs that read codes.
    """

    rows: tuple[PhoneRow, ...]
    fields: tuple[ChangeField, ...]
    errors: tuple[FieldError, ...] = ()
    reader_url: str = ""
    frames_url: str = ""


@dataclass(frozen=True, slots=True)
class PhoneListRow:
    """
    A list that a phone was given: households on it, and to how many something was given.

    `break_url` is empty where there is nothing to break.
    """

    point_name: str
    on: date
    households: int
    served: int
    until: datetime
    state: State
    break_url: str = ""


@dataclass(frozen=True, slots=True)
class PhonePage:
    """
    `office/phone.html`: one phone; posts `session`, `table` to prepare_url, nothing to revoke_url.

    Holds: an empty address means that there is nothing to do any more.
    """

    row: PhoneRow
    events: int
    set_aside: int
    until: date
    lists: tuple[PhoneListRow, ...]
    fields: tuple[ChangeField, ...]
    prepare_url: str = ""
    revoke_url: str = ""
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class PhonePinPage:
    """
    `office/phone_pin.html`: the code of whoever is signed in for a PIN on one phone.

    Holds: the picture is there only on the page that answers; no fields: no phone names the person.
    """

    fields: tuple[ChangeField, ...]
    hours: int
    code_url: str = ""
    mark: str = ""
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class PhoneOfferPage:
    """
    `office/phone_offer.html`: a code for one phone, and what became of it.

    Holds: the picture is there only on the page that answers the offer. `needs_https` says that
    phones cannot work at this address.
    """

    state_url: str
    state: State
    is_waiting: bool
    minutes: int
    area_name: str
    people: str = ""
    code_url: str = ""
    phone_url: str = ""
    needs_https: bool = False
