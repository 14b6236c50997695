"""
Drafts as bytes, for the time a register file waits for approval.

Only what the registry has a place for is written: forbidden columns were dropped before.
The form is private to one release: a staged file lives at most 72 hours.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from despensa.domain.registration.draft import (
    Birth,
    Document,
    HouseholdDraft,
    NameParts,
    PersonDraft,
    Role,
    Sex,
)

_FORMAT = 1


class StagedUnreadable(ValueError):
    """The staged bytes are of another release: stage the file again."""


def encode_staged(households: Sequence[HouseholdDraft], report: dict[str, Any]) -> bytes:
    """Return drafts and the preview's report as bytes."""
    value = {
        "format": _FORMAT,
        "households": [asdict(household) for household in households],
        "report": report,
    }
    return zlib.compress(json.dumps(value, ensure_ascii=False).encode(), 6)


def decode_staged(data: bytes) -> tuple[tuple[HouseholdDraft, ...], dict[str, Any]]:
    """
    Return drafts and report.

    Raises: StagedUnreadable.
    """
    try:
        value = json.loads(zlib.decompress(data))
        known = value["format"] == _FORMAT
        households = tuple(_household(item) for item in value["households"]) if known else ()
        report: dict[str, Any] = value["report"] if known else {}
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
        raise StagedUnreadable("The staged file cannot be read; stage it again.") from error
    if not known:
        raise StagedUnreadable("The staged file is of another release; stage it again.")
    return households, report


def _household(value: dict[str, Any]) -> HouseholdDraft:
    persons = tuple(_person(item) for item in value.pop("persons"))
    return HouseholdDraft(persons=persons, **value)


def _person(value: dict[str, Any]) -> PersonDraft:
    parts = value.pop("name_parts")
    if parts is not None:
        parts["given"] = tuple(parts["given"])
    return PersonDraft(
        sex=Sex(value.pop("sex")),
        birth=Birth(**value.pop("birth")),
        roles=tuple(Role(role) for role in value.pop("roles")),
        name_parts=None if parts is None else NameParts(**parts),
        documents=tuple(Document(**document) for document in value.pop("documents")),
        phones=tuple(value.pop("phones")),
        **value,
    )
