"""Words of the pages about phones of the points."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy, pgettext_lazy

from despensa.entrypoints.office.states import State

PHONE_STATES: Mapping[int, State] = {
    1: State("done", pgettext_lazy("phone", "in use")),
    2: State("stopped", pgettext_lazy("phone", "suspended: its journal has two versions")),
    3: State("stopped", pgettext_lazy("phone", "revoked")),
}
LIST_STATES: Mapping[int, State] = {
    1: State("done", pgettext_lazy("list of a phone", "prepared")),
    2: State("information", pgettext_lazy("list of a phone", "given back")),
    3: State("waiting", pgettext_lazy("list of a phone", "ran out, not given back")),
    4: State("stopped", pgettext_lazy("list of a phone", "broken by two people")),
}
OFFER_STATES: Mapping[str, State] = {
    "shown": State("waiting", gettext_lazy("waiting for the phone")),
    "taken": State("done", gettext_lazy("enrolled: ready for its first list")),
    "over": State("stopped", gettext_lazy("over: no phone read it in time")),
}
REVOKED = gettext_lazy(
    "Revoked. It gets no list any more, and what it still sends is set aside for two people."
)
BREAK_PROPOSED = gettext_lazy(
    "A second person has been asked. Until then the list stays with the phone."
)
REVOKED_BEFORE = gettext_lazy("It was revoked before: nothing was changed.")
PREPARED = gettext_lazy(
    "The list waits for the phone: %(households)s households. It fetches it itself."
)
PREPARED_EMPTY = gettext_lazy(
    "The list is empty: other phones hold these households, or they were served. The phone can "
    "still deliver where two people answer for it."
)
NO_AREA = gettext_lazy("Choose an area that your role reaches.")
NO_SESSION = gettext_lazy("Choose one of the sessions listed.")
NO_TABLE = gettext_lazy("Choose which table of how many, or one phone for all.")
NO_LIST = gettext_lazy(
    "No list was made: this phone holds one for this session already, it is not trusted any more, "
    "or the cycle is closed."
)
NO_FILES = gettext_lazy(
    "Choose the file that the phone saved, or pictures of its codes: at most %(files)s files and "
    "%(mib)s MiB together."
)
NO_REPORTS = gettext_lazy(
    "No file of a phone and no row of its codes is among these. Nothing was taken in."
)
PART_MISSING = gettext_lazy(
    "Of the row of codes only %(seen)s of %(count)s are on these pictures. Take pictures of the others "
    "and choose all of them together; nothing was taken in."
)
REPORTS_TAKEN = gettext_lazy(
    "Taken in: %(count)s batches. What had arrived before was not counted again."
)
REPORTS_ASIDE = gettext_lazy(
    "%(count)s batches are set aside: their phone is suspended or revoked. Two people look at them."
)
REPORTS_REFUSED = gettext_lazy(
    "%(count)s batches are of no phone that is enrolled here, or are damaged. They were left out."
)
NO_PHONE = gettext_lazy("Choose one of the phones that you work with.")
YOUR_PHONE = gettext_lazy("Phone that you work with")
ONE_TABLE = gettext_lazy("one phone for all")
TABLE = gettext_lazy("table %(table)s of %(tables)s")
SESSION = gettext_lazy("Session")
TABLES = gettext_lazy("Which part of the list")
TABLES_HINT = gettext_lazy("Several phones at a point share the households between them.")
AREA = gettext_lazy("Area of the phone")
AREA_HINT = gettext_lazy("Whoever runs points there today will be named on the phone.")


def mark(device: UUID) -> str:
    """
    Return how a phone is called where it has no name: the first eight digits of its id.

    >>> mark(UUID(int=0x7F3A21C0 << 96))
    '7F3A-21C0'
    """
    digits = device.hex[:8].upper()
    return f"{digits[:4]}-{digits[4:]}"
