"""What a person is told at a point, in the languages the phone speaks."""

from datetime import date
from functools import cache
from importlib import resources
from typing import Any

import yaml

from despensa.domain.refusal import RefusalReason

_DAY_ZERO = date(1970, 1, 1).toordinal()


def message(message_id: str, language: str) -> tuple[str, str]:
    """Return sentence and next step, in English where the language is not spoken."""
    spoken = _messages()[message_id]
    said = spoken.get(language) or spoken.get(language.partition("-")[0]) or spoken["en"]
    return said["sentence"], said["next_step"]


def reason_lines(reason: RefusalReason, language: str) -> list[str]:
    """Return the sentence of a refusal and what the person can do."""
    return list(message(reason.message_id, language))


def day_text(day: int) -> str:
    """Return a day, counted since 1970-01-01, as YYYY-MM-DD."""
    return date.fromordinal(_DAY_ZERO + day).isoformat()


@cache
def _messages() -> dict[str, Any]:
    text = resources.files("despensa.data").joinpath("sentences/refusals.yaml").read_text("utf-8")
    messages: dict[str, Any] = yaml.safe_load(text)["messages"]
    return messages
