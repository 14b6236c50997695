"""Cycle secrets, accounts and tags: derived for an approved opening or a lease, never listed."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from despensa.adapters import hpke
from despensa.adapters.keeper import key_files, opening
from despensa.adapters.keeper.holders import Holders, card_row
from despensa.adapters.keeper.links import LinkFile, highest_epoch, parsed
from despensa.adapters.keeper.lock import KeeperLock
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.adapters.keeper.signing import Signing
from despensa.adapters.keeper.twin_keys import TwinKeys
from despensa.domain import proposal as proposals
from despensa.domain.card import tag as tags
from despensa.domain.child import share_percent
from despensa.domain.cycle_life import SWEEP_DAYS
from despensa.domain.epoch import epoch_of, require_cycle_epoch
from despensa.domain.household import carry
from despensa.domain.ports.keeper import (
    Access,
    AccessRefused,
    CycleFaded,
    LeaseHousehold,
    Opening,
)
from despensa.domain.ports.lease_work import Named

ACTION = "open_cycle"
WITHDRAW = "withdraw_cycle"
_LOOKED = 4
_SETTLED, _FADED, _THAWED = 8, 9, 13
DAY_SECONDS = 86_400
# the office counts whole days from the settlement: by the hour it may be one less
KEPT_SECONDS = (SWEEP_DAYS - 1) * DAY_SECONDS
_HOUSEHOLDS_OF_A_CARRY = 2


class Cycles:
    """Implements `ports.keeper.CycleKeeper`."""

    def __init__(
        self,
        folder: Path,
        *,
        signing: Signing,
        links: LinkFile,
        lock: KeeperLock,
        copy: OwnCopy,
        random: Callable[[int], bytes],
        keys: TwinKeys,
        holders: Holders,
    ) -> None:
        """Remember below `folder`, beside their keys, how far cycles have come."""
        self._folder, self._keys, self._holders = folder, keys, holders
        self._copy = copy
        self._signing = signing
        self._links = links
        self._lock = lock
        self._random = random

    def step_links(
        self,
        *,
        proposal: bytes,
        approval: bytes,
        cycle: bytes,
        programme: bytes,
        epoch: int,
        late_of: bytes | None = None,
    ) -> None:
        """
        Move every link to the cycle's epoch, destroy those before, and make the cycle's keys.

        Late entrants take the epoch of their root, which may lie behind.
        Raises: ApprovalInvalid when the approval is not for opening this cycle, or its root with a
            share for late entrants, at this epoch; CycleFaded.
        """
        named = (programme, late_of or cycle, epoch)
        approved = self._check(proposal, approval, named=named, is_late=late_of is not None)
        self._require_keys(cycle)
        with self._lock:
            if late_of is None:
                self._require_step(epoch, approved_on=_day(approved.at))
            self._move(self._links.records(), epoch)
            self._keys.mend_all()
            for key in (_secret(cycle), _sealing(cycle)):
                self._keys.read_or_make(key)

    def open_cycle(
        self,
        *,
        proposal: bytes,
        approval: bytes,
        cycle: bytes,
        programme: bytes,
        epoch: int,
        cards: bytes,
        goods: bytes,
        late_of: bytes | None = None,
    ) -> Opening:
        """
        Return credits and tags of a part of a cycle's households; see the port.

        Doing it again under the same approval gives the same values, so that an opening that was
        killed half-way is finished. Tags are of the link each card has come to.
        Raises: as `step_links`, which comes before.
        """
        named = (programme, late_of or cycle, epoch)
        self._check(proposal, approval, named=named, is_late=late_of is not None)
        self._require_keys(cycle)
        secret = self._keys.read(_secret(cycle))
        links = b""
        if cards:
            with self._lock:
                links = self._links.records_between(*opening.ends(cards))
                self._remember_step(cycle, max(epoch, highest_epoch(links)))
        part = opening.Part(secret, programme, cycle, epoch)
        return Opening(part.credits(goods), part.tags(links, cards))

    def lease_rows(
        self,
        *,
        cycle: bytes,
        programme: bytes,
        lookup_key: bytes,
        households: Iterable[tuple[bytes, Sequence[str]]],
    ) -> list[LeaseHousehold]:
        """Return account and (step, tag, number lookup, holder epoch) per card, in order."""
        secret = self._keys.read(_secret(cycle))
        links = self._lease_links(cycle)
        return [
            LeaseHousehold(
                tags.account16(secret, household=household, programme=programme),
                tuple(
                    card_row(links[number], number, lookup_key, programme, cycle)
                    for number in numbers
                    if number in links
                ),
            )
            for household, numbers in households
        ]

    def named_lease_rows(
        self,
        access: Access,
        *,
        cycle: bytes,
        programme: bytes,
        lease: bytes,
        households: Sequence[tuple[bytes, Sequence[str], Sequence[Named]]],
    ) -> list[LeaseHousehold]:
        """Return the rows of a lease with the collectors sealed for each card; see the port."""
        people = self._holders.opened(access, [own for _, _, own in households], cycle=cycle)
        secret, links = self._keys.read(_secret(cycle)), self._lease_links(cycle)
        lookup_key = tags.lookup_key(secret, lease=lease)
        rows = []
        for (household, numbers, _), collectors in zip(households, people, strict=True):
            own = [(links[number], number) for number in numbers if number in links]
            cards = tuple(card_row(*one, lookup_key, programme, cycle) for one in own)
            holders = tuple(
                self._holders.sealed(collectors, link, tag=tag, lease_id=lease)
                for (link, _), (_, tag, _, _) in zip(own, cards, strict=True)
            )
            account = tags.account16(secret, household=household, programme=programme)
            rows.append(LeaseHousehold(account, cards, holders))
        return rows

    def _lease_links(self, cycle: bytes) -> dict[str, tags.Link]:
        with self._lock:
            records = self._links.records()
            self._remember_step(cycle, highest_epoch(records))
        return dict(parsed(records))

    def carried_on_accounts(
        self,
        *,
        proposal: bytes,
        approval: bytes,
        before: bytes,
        cycle: bytes,
        programme: bytes,
        epoch: int,
        households: Sequence[tuple[bytes, bytes]],
    ) -> list[tuple[bytes, bytes]]:
        """
        Return the accounts of households in an earlier cycle and in an approved later one.

        In the order of the earlier accounts, so that nothing tells which household is which.
        Raises: ApprovalInvalid when the approval is not for opening the later cycle.
        """
        self._check(proposal, approval, named=(programme, cycle, epoch), is_late=False)
        first, then = (self._keys.read(_secret(one)) for one in (before, cycle))
        old = tags.accounts(first, households=[one for one, _ in households], programme=programme)
        new = tags.accounts(then, households=[one for _, one in households], programme=programme)
        return sorted(zip(old, new, strict=True))

    def carry_accounts(
        self, access: Access, *, cycle: bytes, programme: bytes, households: Sequence[bytes]
    ) -> list[bytes]:
        """
        Return the accounts of the two households of one carry-over.

        The look is on the disk before anything is derived.
        """
        if len(households) != _HOUSEHOLDS_OF_A_CARRY:
            raise ValueError("a carry-over has two households")
        secret = self._keys.read(_secret(cycle))
        self._keep_look(access, households, cycle)
        return tags.accounts(secret, households=list(households), programme=programme)

    def lookup_key(self, *, cycle: bytes, lease: bytes) -> bytes:
        """Return the key under which a lease finds typed card numbers; again gives the same."""
        return tags.lookup_key(self._keys.read(_secret(cycle)), lease=lease)

    def replaced_card(
        self,
        access: Access,
        *,
        cycle: bytes,
        programme: bytes,
        household: bytes,
        numbers: Sequence[str],
    ) -> tuple[bytes, list[tuple[int, bytes] | None]]:
        """
        Return account and (step, tag) of each card of one household; see the port.

        The look is on the disk before anything is derived. Raises: CycleFaded.
        """
        self._require_keys(cycle)
        secret = self._keys.read(_secret(cycle))
        self._keep_look(access, [household], cycle)
        with self._lock:
            links = self._links.load()
        held = [links.get(number) for number in numbers]
        account = tags.account16(secret, household=household, programme=programme)
        return account, [
            None
            if link is None
            else (link.epoch, tags.tag16(link.key, programme=programme, cycle=cycle))
            for link in held
        ]

    def carry_references(self, cycle: bytes, operations: Sequence[bytes]) -> list[bytes]:
        """
        Return the ledger's own name of each operation's carry-over, in order.

        Source: docs/decisions/0015-households-are-histories.md.
        """
        secret = self._keys.read(_secret(cycle))
        return [carry.reference(secret, operation) for operation in operations]

    def note_settled(self, cycle: bytes, *, at: int) -> int:
        """
        Write into the own copy that a cycle is settled; return when its keys may be destroyed.

        Whoever takes the office over cannot have a cycle's keys destroyed sooner than this many
        days after it was written here.
        """
        path = self._folder / f"{cycle.hex()}.settled"
        with self._lock:
            if not path.exists():
                self._copy.append({0: _SETTLED, 1: cycle, 2: at})
                key_files.write(path, str(at).encode())
            return int(path.read_text()) + KEPT_SECONDS

    def destroy_cycle(self, cycle: bytes, *, at: int) -> None:
        """
        Destroy the secret and the sealing key of a cycle, and what was left of its frozen rows.

        What says that they are gone is written first, so that none is ever made again. Links move
        on behind the last step at which tags of the cycle were made, whether or not another cycle
        was opened since: from then on nobody but who holds a card can make its tag.
        Raises: AccessRefused for a cycle that was not settled so many days ago.
        """
        if not self._gone(cycle).exists():
            self._require_settled(cycle, at)
            self._copy.append({0: _FADED, 1: cycle, 2: at})
        key_files.write(self._gone(cycle), b"")
        with self._lock:
            for name in (_secret(cycle), _sealing(cycle)):
                self._keys.destroy(name)
            self._destroy_frozen(cycle)
            step = self._last_step(cycle)
            if step is not None:
                self._move(self._links.records(), step + 1)
                self._step(cycle).unlink()

    def frozen_keys(self, cycle: bytes) -> tuple[bytes, bytes]:
        """
        Return the salt of the frozen rows and the key of their map (32 bytes each).

        Raises: CycleFaded once they were destroyed; KeyMissing when they were lost or never made.
        """
        with self._lock:
            self._require_frozen(cycle)
            salt, map_key = map(self._keys.read, _frozen(cycle))
        return salt, map_key

    def make_frozen_keys(self, cycle: bytes) -> tuple[bytes, bytes]:
        """
        Return what `frozen_keys` returns, made on first use, before anything was frozen.

        Raises: CycleFaded; KeyMissing when rows were frozen under keys that were lost.
        """
        with self._lock:
            self._require_frozen(cycle)
            if not self._kept(cycle).exists():
                for name in _frozen(cycle):
                    self._keys.read_or_make(name)
        return self.frozen_keys(cycle)

    def keep_frozen_keys(self, cycle: bytes, *, root: bytes, until: int) -> None:
        """
        Write down until when the keys of frozen rows are kept, before rows are frozen under them.

        A later time takes the place of an earlier one, never the other way round; `root` is the
        cycle that this one completes, or itself, and is not written over.
        Raises: CycleFaded.
        """
        with self._lock:
            self._require_frozen(cycle)
            known, first = self._note(cycle) or (None, root)
            if known is None or until > known:
                key_files.write(self._kept(cycle), f"{until} {first.hex()}".encode())

    def destroy_frozen_keys(
        self, cycle: bytes, *, at: int, proposal: bytes = b"", approval: bytes = b""
    ) -> None:
        """
        Destroy the salt and the map's key of a cycle's frozen rows, none of which is made again.

        What says that they are gone is written first; asking again finishes it.
        Raises: AccessRefused before the time that was written down, without an approved
            withdrawal; ApprovalInvalid when the approval is for something else.
        """
        with self._lock:
            if not self._thawed(cycle).exists():
                self._require_due(cycle, at, proposal, approval)
                digest = proposals.proposal_hash(proposal) if proposal else None
                self._copy.append({0: _THAWED, 1: cycle, 2: at, 3: digest})
                key_files.write(self._thawed(cycle), b"")
            self._destroy_frozen(cycle)

    def _destroy_frozen(self, cycle: bytes) -> None:
        for name in _frozen(cycle):
            self._keys.destroy(name)

    def _require_frozen(self, cycle: bytes) -> None:
        """Refuse a cycle whose frozen rows were given up. Raises: CycleFaded."""
        if self._thawed(cycle).exists() or self._gone(cycle).exists():
            raise CycleFaded(
                "The frozen facts of this cycle were destroyed, with their keys: no slip is made "
                "of them and nothing is compared with them any more."
            )

    def _require_due(self, cycle: bytes, at: int, canonical: bytes, signed: bytes) -> None:
        """Refuse what neither two people approved nor a date asks for."""
        note = self._note(cycle)
        if canonical:
            ring = self._signing.public_keys().authority_ring()
            approved = proposals.verify_approval(signed, authority_keys=ring)
            asked = proposals.parse(canonical)
            # held against the time of the approval: a round that was late finishes it
            proposals.check_use(asked, approved, action=WITHDRAW, now=approved.at)
            # what was drafted to complete a root goes with it
            if note is not None and asked.scope[2] not in {cycle, note[1]}:
                raise proposals.ApprovalInvalid("the approval withdraws another cycle")
            return
        if note is None and not any(map(self._keys.exists, _frozen(cycle))):
            # a keeper that came back from a copy: they are in none
            return
        if note is None or at <= note[0]:
            raise AccessRefused(
                "The keys of frozen facts are destroyed when the appeals of their cycle are over, "
                "or when two people withdraw it. Nothing was destroyed."
            )

    def chunk_key(self, cycle: bytes | None, *, info: bytes) -> tuple[bytes, bytes]:
        """Return a fresh key and the same sealed to the cycle (None: the inbox) under `info`."""
        if cycle is None:
            public = self._signing.public_keys().inbox
        else:
            private = X25519PrivateKey.from_private_bytes(self._keys.read(_sealing(cycle)))
            public = private.public_key().public_bytes_raw()
        key = self._random(key_files.SECRET_LENGTH)
        return key, hpke.seal(public, key, info)

    def _require_settled(self, cycle: bytes, at: int) -> None:
        path = self._folder / f"{cycle.hex()}.settled"
        if not path.exists() or at < int(path.read_text()) + KEPT_SECONDS:
            raise AccessRefused(
                "The keys of a cycle are destroyed when it fades, and the keeper was not told of "
                f"its settlement {KEPT_SECONDS // DAY_SECONDS} days ago. Nothing was destroyed."
            )

    def _keep_look(self, access: Access, households: Sequence[bytes], cycle: bytes) -> None:
        """Write who derives accounts of named households, what for, before it is done."""
        self._copy.append(
            {
                0: _LOOKED,
                1: access.entry,
                2: access.at,
                3: access.staff,
                4: int(access.purpose),
                5: list(households),
                6: cycle,
            }
        )

    def _require_keys(self, cycle: bytes) -> None:
        """Refuse a cycle whose keys were destroyed. Raises: CycleFaded."""
        if self._gone(cycle).exists():
            raise CycleFaded("This cycle has faded: its keys are gone for good.")

    def _require_step(self, epoch: int, *, approved_on: date) -> None:
        """
        Refuse an epoch behind the highest step or too far ahead of it; remember the highest.

        A keeper that has made no step yet begins in the month of the approval, or before it.
        """
        path = self._folder / "highest-step"
        is_first = not path.exists()
        highest = min(epoch, epoch_of(approved_on)) if is_first else int(path.read_text())
        require_cycle_epoch(epoch, highest_step=highest)
        if is_first or epoch > highest:
            key_files.write(path, str(epoch).encode())

    def _move(self, links: bytes, epoch: int) -> None:
        """Store links moved forward to an epoch, and leave none of those before; under the lock."""
        moved = opening.stepped(links, epoch)
        if moved != links or not self._links.is_settled():
            self._links.store_records(moved)

    def _last_step(self, cycle: bytes) -> int | None:
        """Return the last step at which tags of a cycle were made, None without any."""
        path = self._step(cycle)
        return int(path.read_text()) if path.exists() else None

    def _remember_step(self, cycle: bytes, step: int) -> None:
        """Write down that tags of a cycle are made at this step, before they are; under the lock."""
        last = self._last_step(cycle)
        if last is None or step > last:
            key_files.write(self._step(cycle), str(step).encode())

    def _check(
        self, canonical: bytes, signed: bytes, *, named: tuple[bytes, bytes, int], is_late: bool
    ) -> proposals.Approval:
        approved = proposals.verify_approval(
            signed, authority_keys=self._signing.public_keys().authority_ring()
        )
        asked = proposals.parse(canonical)
        # held against the time of the approval: an opening that was killed is finished later
        proposals.check_use(asked, approved, action=ACTION, now=approved.at)
        if (asked.scope[0], asked.scope[2], *asked.parameters[:1]) != named:
            raise proposals.ApprovalInvalid("the approval names another cycle or epoch")
        if is_late and not share_percent(asked.parameters):
            raise proposals.ApprovalInvalid("the approval leaves no share for late entrants")
        return approved

    def _gone(self, cycle: bytes) -> Path:
        return self._folder / f"{cycle.hex()}.gone"

    def _note(self, cycle: bytes) -> tuple[int, bytes] | None:
        """Return until when the keys of frozen rows are kept and the root, None before a freeze."""
        if not self._kept(cycle).exists():
            return None
        until, root = self._kept(cycle).read_text().split()
        return int(until), bytes.fromhex(root)

    def _kept(self, cycle: bytes) -> Path:
        return self._folder / f"{cycle.hex()}.kept"

    def _thawed(self, cycle: bytes) -> Path:
        return self._folder / f"{cycle.hex()}.thawed"

    def _step(self, cycle: bytes) -> Path:
        return self._folder / f"{cycle.hex()}.step"


def _secret(cycle: bytes) -> str:
    return f"{cycle.hex()}.secret"


def _sealing(cycle: bytes) -> str:
    return f"{cycle.hex()}.sealing"


def _frozen(cycle: bytes) -> tuple[str, str]:
    return f"{cycle.hex()}.frozen-salt", f"{cycle.hex()}.frozen-map"


def _day(at: int) -> date:
    return datetime.fromtimestamp(at, UTC).date()
