"""The names of a household's people: how a look at them is written down, and opening them after."""

from collections.abc import Sequence
from uuid import UUID

from despensa.domain.act import Acting
from despensa.domain.ports.keeper import Access, KeyedPerson, PersonVault, Purpose
from despensa.domain.sealing import Column, Sealed

SealedNames = Sequence[tuple[KeyedPerson, bytes]]


def look_at(people: SealedNames, *, purpose: Purpose, acting: Acting) -> Access:
    """Return the entry of a look at names, to be written before any is opened."""
    assert acting.staff is not None, "names are opened by a person"
    return Access(
        entry=acting.new_id().bytes,
        staff=acting.staff.bytes,
        at=acting.at,
        purpose=purpose,
        persons=tuple(key.person for key, _ in people),
        fields=(Column.FULL_NAME,),
    )


def opened(people: SealedNames, access: Access, vault: PersonVault) -> dict[UUID, str]:
    """Return the names by person. Raises: AccessRefused."""
    values = vault.unseal(
        access, [(key, [Sealed(Column.FULL_NAME, key.person, name)]) for key, name in people]
    )
    return {UUID(bytes=key.person): own[0] for (key, _), own in zip(people, values, strict=True)}
