"""The words of the receipt of an erasure, in whatever language is active: on a page, or printed."""

from datetime import date

from django.utils.translation import gettext

from despensa.domain.receipt import Receipt
from despensa.entrypoints.office.templatetags.office import day

_DAY_ZERO = date(1970, 1, 1).toordinal()


def receipt_sentences(receipt: Receipt, *, workspace: str) -> tuple[str, ...]:
    """Return what the receipt of an erasure says; nobody is named in it."""
    assert receipt.last_copy_until is not None, "the receipt of an erasure names the day"
    values = {
        "workspace": f"\u2068{workspace}\u2069",
        "day": _day(receipt.day),
        "last": _day(receipt.last_copy_until),
    }
    return tuple(
        text % values
        for text in (
            gettext(
                "On %(day)s everything that %(workspace)s knew of one person was destroyed: name, "
                "documents, phones, address, birth date, facts, and the key that opened them."
            ),
            gettext(
                "Backups made before are kept for a while. The last of them must be destroyed by "
                "%(last)s; after that day no copy may be left."
            ),
            gettext("What was given out stays in the accounts, without any name."),
            gettext(
                "This paper names nobody. Keep it, or destroy it: nothing of the person can be "
                "brought back with it."
            ),
        )
    )


def title(_receipt: Receipt) -> str:
    """Return the heading of the receipt."""
    return gettext("Receipt of an erasure")


def _day(number: int) -> str:
    return day(date.fromordinal(_DAY_ZERO + number))
