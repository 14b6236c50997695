"""
Key files: one secret a file, 0600, written whole or not at all, destroyed by overwriting.

Of a locked keeper each is 01 ‖ nonce12 ‖ GCM(storage key, secret, AD "despensa/key-file/1" ‖
workspace16 ‖ name below the folder); otherwise the 32 bytes lie plain. `locking` holds the storage
key. Source: docs/decisions/0031-locked-keys.md.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SECRET_LENGTH = 32
_NONCE_LENGTH = 12
_SEALED_LENGTH = 1 + _NONCE_LENGTH + SECRET_LENGTH + 16
_SEALED_FORM = b"\x01"
_LABEL = b"despensa/key-file/1"
_SECRETS = frozenset(
    {".key", ".next", ".secret", ".sealing", ".frozen-salt", ".frozen-map", ".beside-key"}
)
LOCKED = (
    "The keys of this workspace are locked, and only the keeper's process opens them. Start it "
    "(systemctl start despensa-keeper, or despensa keeper), and let workspace.toml say where it "
    "answers."
)


class KeysLocked(PermissionError):
    """The keys are there and encrypted, and whoever asks has nothing to open them with."""


class KeyMissing(FileNotFoundError):
    """A key that should exist does not: the text says which and what to do."""


@dataclass(frozen=True, slots=True)
class KeyFiles:
    """
    The secrets below one folder as they lie on the disk: plain, or each sealed.

    `storage_keys` are the keys of a locked folder, the one in use first; none: files are plain.
    Holds: a sealed file opens under its own name only; a file waiting as `.next` has the name of
    the one it will replace.
    """

    folder: Path
    workspace: bytes
    storage_keys: tuple[bytes, ...] = field(default=(), repr=False)

    def read(self, path: Path) -> bytes:
        """
        Return the secret of a file.

        Raises: KeyMissing when the file is absent, damaged, or of another place; KeysLocked.
        """
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise KeyMissing(
                f"The key {path.name} is missing from {path.parent}. Restore it from the keeper's "
                "backup: despensa restore."
            ) from error
        if not self.storage_keys:
            if len(data) == _SEALED_LENGTH:
                raise KeysLocked(LOCKED)
            if len(data) == SECRET_LENGTH:
                return data
        elif len(data) == _SEALED_LENGTH and data[:1] == _SEALED_FORM:
            for key in self.storage_keys:
                with suppress(InvalidTag):
                    return AESGCM(key).decrypt(data[1:13], data[13:], self._place(path))
        raise KeyMissing(f"The key {path.name} in {path.parent} is damaged. Restore it.")

    def read_or_make(self, path: Path, random: Callable[[int], bytes]) -> bytes:
        """Return the 32-byte secret of a file, made on first use; of two makers the first wins."""
        if not path.exists():
            secret = random(SECRET_LENGTH)
            partial = _written_aside(path, self._stored(path, secret, random))
            try:
                os.link(partial, path)
            except FileExistsError:
                pass
            finally:
                partial.unlink()
            sync_folder(path.parent)
        return self.read(path)

    def write(self, path: Path, secret: bytes, random: Callable[[int], bytes]) -> None:
        """Write a secret so that a crash leaves the old file or the new one."""
        write(path, self._stored(path, secret, random))

    def seal_anew(self, random: Callable[[int], bytes]) -> int:
        """
        Seal under the key in use what is plain or under an older one; return how many files.

        Killed anywhere, the next call goes on. Old contents are overwritten.
        """
        if not self.storage_keys:
            return 0
        done = 0
        for path in secrets_below(self.folder):
            secret = self._as_it_was(path)
            if secret is None:
                continue
            aside = path.with_name(path.name + ".sealing-now")
            write(aside, self._stored(path, secret, random))
            replace(aside, path)
            done += 1
        return done

    def _as_it_was(self, path: Path) -> bytes | None:
        """Return the secret of a file that is to be sealed anew, None where it is not."""
        data = path.read_bytes()
        if len(data) == SECRET_LENGTH:
            return data
        with suppress(InvalidTag):
            AESGCM(self.storage_keys[0]).decrypt(data[1:13], data[13:], self._place(path))
            return None
        return self.read(path)

    def _stored(self, path: Path, secret: bytes, random: Callable[[int], bytes]) -> bytes:
        if not self.storage_keys:
            return secret
        nonce = random(_NONCE_LENGTH)
        sealed = AESGCM(self.storage_keys[0]).encrypt(nonce, secret, self._place(path))
        return _SEALED_FORM + nonce + sealed

    def _place(self, path: Path) -> bytes:
        named = path.with_suffix(".key") if path.suffix == ".next" else path
        return _LABEL + self.workspace + named.relative_to(self.folder).as_posix().encode()


def secrets_below(folder: Path) -> list[Path]:
    """Return the files of secrets below a keeper's folder, by their form and name."""
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix in _SECRETS
        and path.is_file()
        and path.stat().st_size in {SECRET_LENGTH, _SEALED_LENGTH}
    ]


def read_or_make(path: Path, random: Callable[[int], bytes]) -> bytes:
    """Return a plain secret that stands alone, made on first use."""
    return KeyFiles(path.parent, b"").read_or_make(path, random)


def read(path: Path) -> bytes:
    """Return a plain secret that stands alone. Raises: KeyMissing."""
    return KeyFiles(path.parent, b"").read(path)


def write(path: Path, content: bytes) -> None:
    """Write a file with mode 0600 so that a crash leaves the old content or the new one."""
    with written_aside(path) as file:
        file.write(content)


@contextmanager
def written_aside(path: Path) -> Iterator[BinaryIO]:
    """Yield a file of mode 0600 that takes the place of `path` when it was written whole."""
    partial = _partial(path)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _make_private(folder: Path) -> None:
    """Make a folder and those above it that are missing, each for its owner only."""
    if not folder.exists():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _partial(path: Path) -> Path:
    """Return the name of a file of this process and thread alone, its folder made."""
    _make_private(path.parent)
    return path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.partial")


def _written_aside(path: Path, content: bytes) -> Path:
    """Return a file of this process and thread alone that holds the content."""
    partial = _partial(path)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    return partial


def replace(new: Path, old: Path) -> None:
    """Put a secret's file in the place of another and overwrite the other; again is nothing."""
    if not new.exists():
        return
    with old.open("r+b") as file:
        length = old.stat().st_size
        new.replace(old)
        sync_folder(old.parent)
        # the name is the new one's already; what is overwritten has no name any more
        file.write(b"\0" * length)
        file.flush()
        os.fsync(file.fileno())


def destroy(path: Path) -> None:
    """Overwrite and remove a file; a file that is already gone is no error."""
    try:
        with path.open("r+b") as file:
            length = path.stat().st_size
            file.write(b"\0" * length)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make created, renamed and removed names of a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
