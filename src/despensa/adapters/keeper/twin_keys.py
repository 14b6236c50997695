"""
Keys of cycles, each in two files in two folders: one damaged file loses nothing.

The second folder may lie on another disk. A key is destroyed in both, and only whoever holds the
keeper's lock makes, mends or destroys one, so that none comes back from the other file.
Source: docs/explanation/design.md, section 6.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from despensa.adapters.keeper import key_files
from despensa.adapters.keeper.key_files import KeyFiles, KeyMissing

SECOND = "second"
_KINDS = frozenset({".secret", ".sealing", ".frozen-salt", ".frozen-map"})


class TwinKeys:
    """The keys below one folder by file name; making, mending and destroying under the lock."""

    def __init__(self, folder: Path, *, files: KeyFiles, random: Callable[[int], bytes]) -> None:
        """Keep the second files in a folder below."""
        self._folder, self._files, self._random = folder, files, random

    def read(self, name: str) -> bytes:
        """Return a key from the first file that opens. Raises: KeyMissing when neither does."""
        first, second = self._places(name)
        try:
            return self._files.read(first)
        except KeyMissing as error:
            try:
                return self._files.read(second)
            except KeyMissing:
                raise error from None

    def read_or_make(self, name: str) -> bytes:
        """
        Return a key, made on first use, with both files there.

        Killed in between, one file is left, and is the key. Raises: KeyMissing when files are there
        and none opens: a key that once was is never made anew.
        """
        if not self.exists(name):
            self._files.read_or_make(self._places(name)[0], self._random)
        self.mend(name)
        return self.read(name)

    def mend(self, name: str) -> None:
        """Write the file that is missing or damaged from the other. Raises: KeyMissing."""
        secret = self.read(name)
        for place in self._places(name):
            if not self._opens(place):
                self._files.write(place, secret, self._random)

    def mend_all(self) -> None:
        """Mend every key that can be; one of which nothing opens is left as it is."""
        for name in self.damaged():
            try:
                self.mend(name)
            except KeyMissing:
                continue

    def damaged(self) -> list[str]:
        """Return the names of keys of which not both files open."""
        folders = (self._folder, self._folder / SECOND)
        names = {path.name for folder in folders for path in _files(folder)}
        return sorted(
            name
            for name in names
            if Path(name).suffix in _KINDS and not all(map(self._opens, self._places(name)))
        )

    def exists(self, name: str) -> bool:
        """Return whether a file of a key is there, opening or not."""
        return any(place.exists() for place in self._places(name))

    def destroy(self, name: str) -> None:
        """Destroy a key in both files; again is nothing."""
        for place in self._places(name):
            key_files.destroy(place)

    def _opens(self, place: Path) -> bool:
        try:
            self._files.read(place)
        except OSError:
            return False
        return True

    def _places(self, name: str) -> tuple[Path, Path]:
        return self._folder / name, self._folder / SECOND / name


def _files(folder: Path) -> Iterable[Path]:
    return folder.iterdir() if folder.is_dir() else ()
