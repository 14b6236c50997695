"""The one place where the keeper opens a person's name for its own work, and shows it to nobody."""

from despensa.domain import sealing
from despensa.domain.ports.keeper import KeyedPerson


def opened_name(owner: KeyedPerson, value: sealing.Sealed, *, kek: bytes, workspace: bytes) -> str:
    """Return a sealed full name, after the look was written down. Raises: sealing.SealBroken."""
    key = sealing.unwrap_key(
        owner.wrapped, kek=kek, person=owner.person, workspace=workspace, kek_number=owner.kek
    )
    [name] = sealing.unseal([value], key=key, workspace=workspace)
    return str(name)
