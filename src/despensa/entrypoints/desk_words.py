"""
What a paper of the desk says, in a person's language: the sentences of answers to an enrolment.

The same texts on the command line, on pages, and on the printed paper; they lie in
`data/sentences/enrolment.yaml`, so that a paper reads the same wherever it is checked.
"""

from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import yaml

from despensa.domain.enrolment.answer import APPOINTMENT_MESSAGE, Bring, EnrolmentReason
from despensa.domain.receipt import Receipt

LANGUAGES = {"en": "English", "es": "Español", "ar": "العربية"}
_DAY_ZERO = date(1970, 1, 1).toordinal()


def answer_said(message_id: str, language: str) -> tuple[str, str]:
    """Return sentence and next step, in English where the language is not spoken."""
    spoken = _sentences()["messages"][message_id]
    said = spoken.get(language) or spoken["en"]
    return said["sentence"], said["next_step"]


def bring_said(bring: Bring, language: str) -> str:
    """Return what to bring, in English where the language is not spoken."""
    spoken: dict[str, str] = _sentences()["bring"][bring.message_id]
    return spoken.get(language) or spoken["en"]


def message_of(receipt: Receipt) -> str | None:
    """Return which sentences a paper of the desk is about, None for another receipt."""
    if receipt.bring is not None:
        return APPOINTMENT_MESSAGE
    known = {int(one): one for one in EnrolmentReason}
    reason = None if receipt.reason is None else known.get(int(receipt.reason))
    return None if reason is None else reason.message_id


def things_to_bring(receipt: Receipt, language: str) -> tuple[str, ...]:
    """Return what the paper asks for; a number of a later release is left out."""
    known = {int(one): one for one in Bring}
    return tuple(bring_said(known[one], language) for one in receipt.bring or () if one in known)


def last_day(receipt: Receipt) -> date:
    """Return until when to come, or to appeal."""
    number = receipt.appeal_until if receipt.come_by is None else receipt.come_by
    assert number is not None, "a paper of the desk has a day"
    return day_of(number)


def day_of(number: int) -> date:
    """Return a day counted since 1970-01-01."""
    return date.fromordinal(_DAY_ZERO + number)


@cache
def _sentences() -> dict[str, Any]:
    text = resources.files("despensa.data").joinpath("sentences/enrolment.yaml").read_text("utf-8")
    sentences: dict[str, Any] = yaml.safe_load(text)
    return sentences
