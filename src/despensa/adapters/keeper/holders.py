"""The collectors of a lease: their names opened in the keeper and sealed for the card alone."""

from collections.abc import Callable, Sequence
from pathlib import Path

from despensa.adapters.keeper.key_files import KeyFiles
from despensa.adapters.keeper.names import opened_name
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.domain import lease
from despensa.domain.card import tag as tags
from despensa.domain.ports.keeper import Access, AccessRefused
from despensa.domain.ports.lease_work import Named
from despensa.domain.sealing import Column

_COLLECTORS = 56


class Holders:
    """Opens names under the people's keys and seals them again under the keys of their cards."""

    def __init__(
        self,
        folder: Path,
        *,
        workspace: bytes,
        copy: OwnCopy,
        files: KeyFiles,
        random: Callable[[int], bytes],
    ) -> None:
        """Share the keeper's keys and its own copy."""
        self._folder, self._workspace = folder, workspace
        self._copy, self._files, self._random = copy, files, random

    def opened(
        self, access: Access, people: Sequence[Sequence[Named]], *, cycle: bytes
    ) -> list[list[lease.Collector]]:
        """
        Return the collectors of each household in order, after the look is on the disk.

        Raises: AccessRefused; sealing.SealBroken.
        """
        named, asked = set(access.persons), [one for own in people for one in own]
        if Column.FULL_NAME not in access.fields or any(
            key.person not in named or name.column is not Column.FULL_NAME for _, key, name in asked
        ):
            raise AccessRefused("the access entry does not name this person or field")
        self._copy.append(
            {
                0: _COLLECTORS,
                1: access.entry,
                2: access.at,
                3: access.staff,
                4: int(access.purpose),
                5: sorted({key.person for _, key, _ in asked}),
                6: cycle,
            }
        )
        kek = self._files.read(self._folder / "kek-1.key")
        return [[self._collector(one, kek) for one in own] for own in people]

    def sealed(
        self,
        collectors: Sequence[lease.Collector],
        link: tags.Link,
        *,
        tag: bytes,
        lease_id: bytes,
    ) -> bytes:
        """Return the collectors as the card of this link opens them in this lease."""
        return lease.seal_holder(
            collectors,
            holder_key=tags.holder_key(link.key, lease=lease_id),
            tag=tag,
            nonce=self._random(lease.NONCE_LENGTH),
        )

    def _collector(self, one: Named, kek: bytes) -> lease.Collector:
        role, owner, value = one
        name = opened_name(owner, value, kek=kek, workspace=self._workspace)
        return lease.Collector(lease.CollectorRole(role), name[: lease.NAME_MAX])


def card_row(
    link: tags.Link, number: str, lookup_key: bytes, programme: bytes, cycle: bytes
) -> tuple[int, bytes, bytes, int]:
    """Return (step, tag, number lookup, holder epoch) of one card in a lease."""
    tag = tags.tag16(link.key, programme=programme, cycle=cycle)
    return (link.epoch, tag, tags.number_lookup8(lookup_key, number), link.epoch)
