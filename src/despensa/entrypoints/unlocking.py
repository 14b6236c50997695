"""
What opens the lock of the keeper's folder when it starts: a passphrase, a credential, an identity.

The identity that opens it is in memory only until the storage keys are read.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from despensa.adapters import age
from despensa.adapters.keeper import locking
from despensa.adapters.keeper.hardware_token import Token

CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"
CREDENTIAL = "despensa-keeper"
SECRET_BYTES_MAX = 4096


class StillLocked(RuntimeError):
    """Nothing was given that opens the lock: the text says what can be."""


@dataclass(frozen=True, slots=True)
class Ways:
    """
    What was given to open the lock, the first that is there is taken.

    `token` opens with its PIN, which takes the place of the passphrase. `identity_file` is a custodian's own, `passphrase_fd` a file descriptor to read, `environ` names
    the folder of systemd's credentials, `ask` asks whoever sits before it (None: nobody does).
    """

    environ: Mapping[str, str]
    identity_file: Path | None = None
    passphrase_fd: int | None = None
    token: Token | None = None
    ask: Callable[[], str] | None = None

    def opened(self, folder: Path, *, workspace: bytes) -> locking.Lock | None:
        """
        Return the lock of a keeper's folder, opened; None where nothing is locked.

        Raises: StillLocked; AgeRefused; LockDamaged; TokenRefused.
        """
        if not locking.is_locked(folder):
            return None
        return locking.opened(folder, workspace=workspace, identity=self._identity(folder))

    def _identity(self, folder: Path) -> str:
        if self.identity_file is not None:
            return self.identity_file.read_text("utf-8")
        secret = self._secret()
        if secret is None:
            raise StillLocked(
                f"The keys in {folder} are locked. Give what opens them: the passphrase "
                f"(--passphrase-fd, or at a terminal), the credential {CREDENTIAL} of the unit "
                "(LoadCredentialEncrypted=), or a custodian's --identity."
            )
        if self.token is not None:
            return self.token.opened(folder, secret)
        if age.IDENTITY_PREFIX in secret:
            return secret
        if not (folder / locking.START_FILE).exists():
            raise StillLocked(
                f"{folder / locking.START_FILE} is missing, so that no passphrase opens the keys. "
                "Give the credential of the unit, or a custodian's --identity."
            )
        return locking.start_identity(folder, secret)

    def _secret(self) -> str | None:
        if self.passphrase_fd is not None:
            return read_secret(self.passphrase_fd)
        given = self.environ.get(CREDENTIALS_VARIABLE)
        if given and (Path(given) / CREDENTIAL).is_file():
            return (Path(given) / CREDENTIAL).read_text("utf-8").strip()
        return None if self.ask is None else self.ask()


def read_secret(descriptor: int) -> str:
    """Return the one line that a file descriptor holds, and close it. Raises: StillLocked."""
    try:
        with os.fdopen(descriptor, "rb") as file:
            text = file.read(SECRET_BYTES_MAX).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StillLocked(f"The file descriptor {descriptor} gives no passphrase.") from error
    if not text:
        raise StillLocked(f"The file descriptor {descriptor} is empty: no passphrase came.")
    return text
