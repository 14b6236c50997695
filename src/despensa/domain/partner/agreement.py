"""
A partner's agreement: who asks, with which key, where, what for, how often, until when.

Two people agree to exactly this; the same form goes into the proposal and comes out of it.
Source: docs/reference/formats.md, section 9 (add_partner).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from despensa.domain.catalogue import Catalogue
from despensa.domain.forbidden import forbidden_category
from despensa.domain.partner.consent import About, SharedFor, fields_about

ACTION = "add_partner"
REVOKE = "revoke_partner"
REQUESTS_A_DAY_MAX = 100
REQUESTS_AN_HOUR_MAX = 30
AGREEMENT_DAYS_MAX = 3 * 366
NAME_MAX = 80
ADDRESS_MAX = 300
KEY_LENGTH = 32
_SENDER = re.compile(r"[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]")
_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_CALLBACK = re.compile(rf"https://({_LABEL}(?:\.{_LABEL})+)(?::443)?(/[a-zA-Z0-9._~/-]*)?")
_NOT_PUBLIC = (".localhost", ".local", ".internal", ".home.arpa", ".onion")
_DAY_ZERO = date(1970, 1, 1).toordinal()


class Wrong(StrEnum):
    """Why an agreement cannot be made; the name is that of the field it is about."""

    SENDER = "The sender id is 3 to 63 small letters, digits, points and hyphens."
    NAME = "The partner's name has 1 to 80 characters."
    KEY = "The key is an Ed25519 public key of 32 bytes, as 64 hexadecimal digits."
    PURPOSES = "Choose at least one purpose of the list."
    FIELDS = "Choose at least one field that the catalogue lets a partner read."
    UNTIL = "An agreement ends after today and within three years."
    DAY = "A partner asks at most 100 times a day."
    HOUR = "A partner asks at most 30 times an hour."
    CALLBACK = "Answers go to https://host.name/path on port 443, on a public host."
    ALONE = "One person runs this workspace: no partner may ask here."


class AgreementWrong(ValueError):
    """An agreement that cannot be made; `wrong` says why and how to mend it."""

    def __init__(self, wrong: Wrong) -> None:
        """Say why."""
        super().__init__(str(wrong))
        self.wrong = wrong


class LimitReached(RuntimeError):
    """The partner asked as often as was agreed."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """
    What two people agree to about a partner.

    Units: `an_hour` and `a_day` are requests. `callback` empty: nothing is ever sent out.
    """

    sender_id: str
    name: str
    public_key: bytes
    purposes: tuple[int, ...]
    fields: tuple[str, ...]
    until: date
    an_hour: int
    a_day: int
    callback: str = ""

    def parameters(self) -> tuple[Any, ...]:
        """Return the agreement as a proposal carries it."""
        return (
            self.sender_id,
            self.name,
            self.public_key,
            list(self.purposes),
            list(self.fields),
            self.until.toordinal() - _DAY_ZERO,
            self.an_hour,
            self.a_day,
            self.callback,
        )


def agreement_of(parameters: Sequence[Any]) -> Agreement:
    """Return the agreement a proposal carries."""
    sender, name, key, purposes, fields, until, an_hour, a_day, callback = parameters
    return Agreement(
        sender, name, key, tuple(purposes), tuple(fields), date.fromordinal(_DAY_ZERO + until),
        an_hour, a_day, callback,
    )  # fmt: skip


def check(agreement: Agreement, *, today: date, catalogue: Catalogue) -> None:
    """
    Refuse an agreement that may not be made.

    Raises: AgreementWrong.
    """
    purposes, name = set(agreement.purposes), agreement.name
    known = {field for about in About for field in fields_about(about, catalogue)}
    are_known = all(one in known and forbidden_category(one) is None for one in agreement.fields)
    days = (agreement.until - today).days
    for is_right, wrong in (
        (_SENDER.fullmatch(agreement.sender_id), Wrong.SENDER),
        (name.strip() and len(name) <= NAME_MAX and name.isprintable(), Wrong.NAME),
        (len(agreement.public_key) == KEY_LENGTH, Wrong.KEY),
        (purposes and purposes <= {int(one) for one in SharedFor}, Wrong.PURPOSES),
        (agreement.fields and are_known, Wrong.FIELDS),
        (0 < days <= AGREEMENT_DAYS_MAX, Wrong.UNTIL),
        (0 < agreement.a_day <= REQUESTS_A_DAY_MAX, Wrong.DAY),
        (0 < agreement.an_hour <= REQUESTS_AN_HOUR_MAX, Wrong.HOUR),
    ):
        if not is_right:
            raise AgreementWrong(wrong)
    if agreement.callback:
        check_callback(agreement.callback)


def check_callback(address: str) -> str:
    """
    Return the host of an address that answers may be sent to.

    Raises: AgreementWrong when it is not https on a public host name, or carries more than a path.
    """
    match = _CALLBACK.fullmatch(address)
    host = "" if match is None or len(address) > ADDRESS_MAX else match[1].lower()
    if not host or host.rpartition(".")[2].isdigit() or host.endswith(_NOT_PUBLIC):
        raise AgreementWrong(Wrong.CALLBACK)
    return host
