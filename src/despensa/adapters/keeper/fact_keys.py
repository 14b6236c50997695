"""
The keys under which the journal holds values of facts: one per fact and catalogue version.

They are destroyed at the end of a fact's retention, and never before the end was written down here
for so many days: whoever takes the office over cannot make values unreadable before somebody sees it.
Source: docs/reference/formats.md, section 8.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from despensa.adapters.keeper import key_files
from despensa.adapters.keeper.key_files import KeyFiles
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.domain.ports.keeper import FactDestroyed
from despensa.domain.retention import KEYS_NOTICE_DAYS

_NOTED, _DESTROYED = 15, 16
_DAY = 86_400
# an end that was written down and did not come is forgotten after so many days
_NOTE_HOLDS_DAYS = 60
# beside the place of a key: it was destroyed and never comes back; since when its end is known
_GONE, _ENDS = ".gone", ".ends"


class FactKeys:
    """Makes, reads and destroys them; part of the vault."""

    def __init__(
        self, folder: Path, *, files: KeyFiles, copy: OwnCopy, random: Callable[[int], bytes]
    ) -> None:
        """Use a folder of the keeper's for them."""
        self._folder, self._files, self._copy, self._random = folder, files, copy, random
        self._known: dict[tuple[str, int], tuple[int, bytes]] = {}

    def key(self, fact: str, version: int) -> tuple[int, bytes]:
        """Return a key and its number, made on first use. Raises: FactDestroyed."""
        known = self._known.get((fact, version))
        number = fact_key_number(fact, version)
        path = self._path(number)
        # asked each time: another process may have destroyed it
        self._require_open(fact, version, path)
        if known is None:
            known = (number, self._files.read_or_make(path, self._random))
            # whoever destroys marks first: a key made meanwhile is not left behind
            self._require_open(fact, version, path)
            self._known[(fact, version)] = known
        return known

    def find(self, number: int) -> bytes | None:
        """Return the key of a number, None when there is none."""
        path = self._path(number)
        return self._files.read(path) if path.exists() else None

    def note_ending(self, facts: Sequence[tuple[str, int]], *, at: int) -> None:
        """Write down that the end of these (fact, catalogue version) is near; again is nothing."""
        new = [one for one in facts if not self._is_gone(one) and self._noted(one, at) is None]
        if not new:
            return
        self._copy.append({0: _NOTED, 1: at, 2: [list(one) for one in new]})
        for one in new:
            key_files.write(self._of(one).with_suffix(_ENDS), str(at).encode())

    def destroy(self, facts: Sequence[tuple[str, int]], *, at: int) -> int:
        """
        Destroy the keys whose end was written down long enough ago; return how many there were.

        Of the others it is written down now: they go when asked for again after the notice. What
        says that a key is gone is written first; asking again finishes it.
        """
        self.note_ending(facts, at=at)
        new = [one for one in facts if not self._is_gone(one) and self._is_due(one, at)]
        if new:
            self._copy.append({0: _DESTROYED, 1: at, 2: [list(one) for one in new]})
        for one in new:
            key_files.write(self._of(one).with_suffix(_GONE), b"")
        found = 0
        for one in filter(self._is_gone, facts):
            self._known.pop(one, None)
            path = self._of(one)
            found += path.exists()
            key_files.destroy(path)
            path.with_suffix(_ENDS).unlink(missing_ok=True)
        return found

    def _is_gone(self, fact: tuple[str, int]) -> bool:
        return self._of(fact).with_suffix(_GONE).exists()

    def _is_due(self, fact: tuple[str, int], at: int) -> bool:
        noted = self._noted(fact, at)
        return noted is not None and at - noted >= KEYS_NOTICE_DAYS * _DAY

    def _noted(self, fact: tuple[str, int], at: int) -> int | None:
        """Return when an end was written down, None when that was never, or too long ago."""
        path = self._of(fact).with_suffix(_ENDS)
        noted = int(path.read_text()) if path.exists() else None
        return noted if noted is not None and at - noted < _NOTE_HOLDS_DAYS * _DAY else None

    def _of(self, fact: tuple[str, int]) -> Path:
        return self._path(fact_key_number(*fact))

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.key"

    def _require_open(self, fact: str, version: int, path: Path) -> None:
        if path.with_suffix(_GONE).exists():
            key_files.destroy(path)
            raise FactDestroyed(
                f"The fact {fact} of catalogue version {version} was destroyed and takes no values "
                "any more. Read the file again with the catalogue in force."
            )


def fact_key_number(fact: str, version: int) -> int:
    """
    Return the number of a fact's key. Source: docs/reference/formats.md, section 8.

    >>> fact_key_number("displaced", 1)
    2165900535
    """
    digest = hashlib.sha256(f"{fact}\x1f{version}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
