"""Person keys, sealed columns and search tokens."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from struct import Struct
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.adapters import hpke
from despensa.adapters.keeper import key_files
from despensa.adapters.keeper.fact_keys import FactKeys
from despensa.adapters.keeper.key_files import KeyFiles
from despensa.adapters.keeper.new_people import NewPeople
from despensa.adapters.keeper.own_copy import NewestFirst, OwnCopy
from despensa.adapters.keeper.sources import SourceVault
from despensa.adapters.keeper.spellings import Spellings
from despensa.domain import sealing
from despensa.domain.encoding import dcbor
from despensa.domain.matching.search_text import (
    SearchText,
    TokenKind,
)
from despensa.domain.ports.keeper import (
    Access,
    AccessRefused,
    KeyedPerson,
    RowToSeal,
)
from despensa.domain.transparency import journal, sealed_row

# a fact, what stands before it in the map, its key's number in four bytes, what seals it
_FactSeal = tuple[str, bytes, bytes, Callable[[bytes, bytes, bytes], bytes]]
KEK_NUMBER = 1
SEARCH_KEY_NUMBER = 1
READS_AN_HOUR_A_PERSON = 120
READS_AN_HOUR_IN_ALL = 2_000
_HOUR = 3600
_TOKEN_LABEL = b"despensa/token/1"
_ORIGIN_LABEL = b"despensa/origin/1"
_JOURNAL_LABEL = b"despensa/journal-chunk/1"
_ID_LENGTH = 16
_TRUTH = {value: dcbor.encode(value) for value in (True, False)}
_signed = Struct("!q").unpack
_READ = 1
# beside the keys of facts: some of them did not come back, and their values stay shut
SOME_LOST = "some-lost"


class Vault(SourceVault, Spellings):
    """The person vault over key files; implements `ports.keeper.PersonVault`."""

    def __init__(
        self,
        folder: Path,
        *,
        workspace: bytes,
        copy: OwnCopy,
        random: Callable[[int], bytes],
        files: KeyFiles | None = None,
    ) -> None:
        """Open the vault, making its keys on first use; without `files` they lie plain."""
        self._workspace, self._files = workspace, files or KeyFiles(folder, workspace)
        self._random = random
        self._kek = self._files.read_or_make(folder / f"kek-{KEK_NUMBER}.key", random)
        search_key = self._files.read_or_make(folder / "search.key", random)
        Spellings.__init__(self, search_key, random=random)
        self._journal_key = X25519PrivateKey.from_private_bytes(
            self._files.read_or_make(folder / "journal.key", random)
        )
        self._quota = _Quota(copy)
        self._folder = folder
        self._fact_keys = FactKeys(folder / "facts", files=self._files, copy=copy, random=random)

    @property
    def workspace(self) -> bytes:
        """Return the id that is part of every sealed value."""
        return self._workspace

    def nonces(self, count: int) -> list[bytes]:
        """Return so many independent nonces."""
        return self._drawn(count, sealing.NONCE_LENGTH)

    def unwrapped(self, owner: KeyedPerson) -> sealing.PersonKey:
        """Return a person's key, for work inside the keeper."""
        return self._unwrap(owner)

    def new_keys(self, persons: Sequence[bytes]) -> list[KeyedPerson]:
        """Return a fresh random key per person, wrapped, in order."""
        keys = self._drawn(len(persons), key_files.SECRET_LENGTH)
        nonces = self._drawn(len(persons), sealing.NONCE_LENGTH)
        return [
            KeyedPerson(
                person,
                KEK_NUMBER,
                sealing.wrap_key(
                    sealing.PersonKey(key),
                    kek=self._kek,
                    person=person,
                    workspace=self._workspace,
                    kek_number=KEK_NUMBER,
                    nonce=nonce,
                ),
            )
            for person, key, nonce in zip(persons, keys, nonces, strict=True)
        ]

    def seal(
        self, work: Sequence[tuple[KeyedPerson, Sequence[sealing.ToSeal]]]
    ) -> list[list[bytes]]:
        """Return the stored bytes of each person's values, in order."""
        nonces = iter(self._drawn(sum(len(values) for _, values in work), sealing.NONCE_LENGTH))
        return [
            sealing.seal(
                values,
                key=self._unwrap(owner),
                workspace=self._workspace,
                nonces=list(islice(nonces, len(values))),
            )
            for owner, values in work
        ]

    def seal_rows(self, entry: bytes, rows: Sequence[RowToSeal]) -> list[bytes]:
        """Return the sealed bodies of journal rows of one entry, in order."""
        nonces = self._drawn(len(rows), sealing.NONCE_LENGTH)
        work: dict[bytes, tuple[KeyedPerson, list[tuple[int, bytes, bytes]]]] = {}
        for row, nonce in zip(rows, nonces, strict=True):
            own = work.setdefault(row.owner.wrapped, (row.owner, []))[1]
            own.append((row.index, nonce, row.body))
        sealed: dict[int, bytes] = {}
        for owner, own in work.values():
            key = self._unwrap(owner)
            sealed.update(sealed_row.seal_person_rows(own, person_key=key, entry=entry))
        return [sealed[row.index] for row in rows]

    def journal_key(self, entry: bytes) -> tuple[bytes, bytes]:
        """
        Return a fresh key for one entry's chunk and the same sealed to the workspace.

        Source: docs/reference/formats.md, section 8 (seal 3).
        """
        public = self._journal_key.public_key().public_bytes_raw()
        key = self._random(key_files.SECRET_LENGTH)
        return key, hpke.seal(public, key, self._journal_info(entry))

    def open_rows(
        self, entry: bytes, stored: journal.Stored, people: Mapping[bytes, KeyedPerson]
    ) -> list[journal.Row]:
        """
        Return an entry's rows with their columns and facts opened, for rebuilding what was lost.

        Shape: in order; rows sealed to a person whose key is gone, or to a cycle, are left out.
        A fact whose key is gone is left out of its row. Not a door: nobody is shown a row.
        Raises: sealed_row.SealBroken when a row does not belong to its place.
        """
        chunk_key = next(
            (
                hpke.open_sealed(
                    self._journal_key.private_bytes_raw(),
                    key.sealed_key,
                    self._journal_info(entry),
                )
                for key in stored.chunk_keys
                if key.seal == journal.Seal.WORKSPACE
            ),
            b"",
        )
        opened = []
        for index, row in enumerate(map(journal.parse_row, stored.rows)):
            body = row.body
            if row.seal == journal.Seal.PERSON:
                owner = people.get(row.key[:_ID_LENGTH])
                if owner is None:
                    continue
                key = self._unwrap(owner)
                body = sealed_row.open_under_person(
                    row.body, person_key=key, entry=entry, index=index
                )
            elif row.seal == journal.Seal.WORKSPACE:
                body = sealed_row.open_under_chunk(
                    row.body, chunk_key=chunk_key, entry=entry, index=index
                )
            elif row.seal == journal.Seal.CYCLE:
                continue
            opened.append(replace(row, body=self._with_open_facts(row.key, body)))
        return opened

    def _with_open_facts(self, row_key: bytes, body: bytes) -> bytes:
        columns = dcbor.decode(body)
        if "facts" not in columns:
            return body
        return dcbor.encode(columns | {"facts": self._open_facts(row_key, columns["facts"])})

    def open_facts(
        self, rows: Sequence[tuple[bytes, Mapping[str, Sequence[Any]]]]
    ) -> list[dict[str, Any]]:
        """Return {fact: value} of what `seal_facts` made; a fact whose key is gone is left out."""
        return [self._open_facts(row, facts) for row, facts in rows]

    def _open_facts(self, row: bytes, sealed: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        facts = {}
        for fact, (number, value) in sealed.items():
            key = self._fact_keys.find(number)
            if key is not None:
                try:
                    opened = sealed_row.open_fact(value, fact_key=key, fact_key_id=number, row=row)
                except sealed_row.SealBroken:
                    if not (self._folder / "facts" / SOME_LOST).exists():
                        raise
                    # sealed under a key that did not come back with its custodians' copy
                    continue
                facts[fact] = dcbor.decode(opened)
        return facts

    def _journal_info(self, entry: bytes) -> bytes:
        return _JOURNAL_LABEL + self._workspace + entry

    def seal_facts(
        self, rows: Sequence[tuple[bytes, Mapping[str, Any]]], *, catalogue_version: int
    ) -> list[dict[str, Any]]:
        """
        Return {fact: [fact key number, sealed value]} of each (row id, facts), in order.

        Source: docs/reference/formats.md, section 8 ("despensa/fact/1").
        """
        nonces = iter(self._drawn(sum(len(facts) for _, facts in rows), sealing.NONCE_LENGTH))
        by_fact: dict[str, list[tuple[bytes, bytes, bytes]]] = {}
        for row, facts in rows:
            for fact, value in facts.items():
                encoded = _TRUTH[value] if isinstance(value, bool) else dcbor.encode(value)
                by_fact.setdefault(fact, []).append((encoded, next(nonces), row))
        sealed = {}
        for fact, values in by_fact.items():
            number, key = self._fact_keys.key(fact, catalogue_version)
            closed = sealed_row.seal_facts(values, fact_key=key, fact_key_id=number)
            sealed[fact] = (number, iter(closed))
        return [
            {fact: [sealed[fact][0], next(sealed[fact][1])] for fact in facts} for _, facts in rows
        ]

    def unseal(
        self, access: Access, people: Sequence[tuple[KeyedPerson, Sequence[sealing.Sealed]]]
    ) -> list[list[Any]]:
        """
        Return each person's opened values, in order, after the access is on the disk.

        Raises: AccessRefused when a person or column is not named by the access, or the quota is
            used up; sealing.SealBroken when a value does not belong to its place.
        """
        named = set(access.persons)
        for owner, values in people:
            if owner.person not in named or any(v.column not in access.fields for v in values):
                raise AccessRefused("the access entry does not name this person or field")
        self._quota.take(
            {
                0: _READ,
                1: access.entry,
                2: access.at,
                3: access.staff,
                4: int(access.purpose),
                5: list(access.persons),
                6: [int(column) for column in access.fields],
                7: access.case,
            }
        )
        return self.unseal_written(people)

    def unseal_written(
        self, people: Sequence[tuple[KeyedPerson, Sequence[sealing.Sealed]]]
    ) -> list[list[Any]]:
        """
        Return opened values for the keeper's own work, which wrote the look down itself; no door.

        Raises: sealing.SealBroken when a value does not belong to its place.
        """
        return [
            sealing.unseal(values, key=self._unwrap(owner), workspace=self._workspace)
            for owner, values in people
        ]

    def search_tokens(self, texts: Sequence[SearchText]) -> list[int]:
        """
        Return the keyed token of each text, in order, as signed 64-bit integers.

        Source: docs/reference/formats.md, section 7.
        """
        kinds = {kind: bytes((kind,)) for kind in TokenKind}
        tokens = self.token_bytes(kinds[text.kind] + text.text.encode() for text in texts)
        return [_signed(token)[0] for token in tokens]

    def new_people(self, persons: Sequence[bytes]) -> NewPeople:
        """Return fresh keys of people, open for sealing."""
        return NewPeople(
            persons,
            kek=self._kek,
            kek_number=KEK_NUMBER,
            workspace=self._workspace,
            random=self._random,
        )

    def sealed_fact_maps(
        self, rows: Sequence[tuple[bytes, Mapping[str, Any]]], *, catalogue_version: int
    ) -> list[bytes]:
        """Return the DCBOR of what `seal_facts` returns of each (row id, facts), in order."""
        nonces = iter(self._drawn(sum(len(facts) for _, facts in rows), sealing.NONCE_LENGTH))
        label, head = sealed_row.FACT_LABEL, journal.byte_head
        seals: dict[tuple[str, ...], list[_FactSeal]] = {}
        maps = []
        for row, facts in rows:
            names = tuple(facts)
            own = seals.get(names)
            if own is None:
                own = seals[names] = self._fact_seals(names, catalogue_version)
            parts = [journal.map_head(len(own))]
            for fact, before, number, encrypt in own:
                value, nonce = facts[fact], next(nonces)
                encoded = _TRUTH[value] if isinstance(value, bool) else dcbor.encode(value)
                sealed = nonce + encrypt(nonce, encoded, label + row + number)
                parts += (before, head(len(sealed)), sealed)
            maps.append(b"".join(parts))
        return maps

    def _fact_seals(self, facts: Sequence[str], version: int) -> list[_FactSeal]:
        """Return, in the order of the map, what each fact is sealed with and what precedes it."""
        found: list[_FactSeal] = []
        for name, fact in sorted((journal.encode_text(fact), fact) for fact in facts):
            number, key = self._fact_keys.key(fact, version)
            before = name + b"\x82" + dcbor.encode(number)
            found.append((fact, before, number.to_bytes(4, "big"), AESGCM(key).encrypt))
        return found

    def token_bytes(self, texts: Iterable[bytes]) -> list[bytes]:
        """Return the tokens of texts, each after its kind in one byte, as eight bytes each."""
        return self._keyed(_TOKEN_LABEL, texts, 8)

    def origin_refs(self, records: Sequence[tuple[str, str]]) -> list[bytes]:
        """
        Return the keyed reference of each (source, record id), in order.

        Source: docs/reference/formats.md, section 7.
        """
        texts = (f"{source}\x1f{record}".encode() for source, record in records)
        return self._keyed(_ORIGIN_LABEL, texts, 16)

    def _drawn(self, count: int, length: int) -> list[bytes]:
        """Return so many independent random byte strings."""
        drawn = self._random(count * length)
        return [drawn[at : at + length] for at in range(0, count * length, length)]

    def note_ending_facts(self, facts: Sequence[tuple[str, int]], *, at: int) -> None:
        """Write down that the end of these (fact, catalogue version) is near; again is nothing."""
        self._fact_keys.note_ending(facts, at=at)

    def destroy_facts(self, facts: Sequence[tuple[str, int]], *, at: int) -> int:
        """Destroy the keys whose end was written down long enough ago; return how many there were."""
        return self._fact_keys.destroy(facts, at=at)

    def _unwrap(self, owner: KeyedPerson) -> sealing.PersonKey:
        return sealing.unwrap_key(
            owner.wrapped,
            kek=self._kek,
            person=owner.person,
            workspace=self._workspace,
            kek_number=owner.kek,
        )


class _Quota:
    """
    Counts the persons read in the last hour, per staff member and in all.

    What was read is what the keeper's own copy says: written before anything is opened, by every
    process of the workspace. So the count outlives a process, and two of them that want the last
    unit take turns at the copy.
    """

    def __init__(self, copy: OwnCopy) -> None:
        self._copy = copy
        self._known_to = 0
        self._reads: list[tuple[int, bytes, int]] = []

    def take(self, record: dict[int, Any]) -> None:
        """Write a read into the own copy, or refuse it. Raises: AccessRefused."""
        self._copy.append(record, check=functools.partial(self._check, record))

    def _check(self, record: dict[int, Any], newest_first: NewestFirst, end: int) -> None:
        an_hour_ago = record[2] - _HOUR
        self._learn(newest_first, an_hour_ago)
        self._known_to = end
        staff, count = record[3], len(set(record[5]))
        recent = [read for read in self._reads if read[0] > an_hour_ago]
        own = sum(read[2] for read in recent if read[1] == staff)
        every = sum(read[2] for read in recent)
        if own + count > READS_AN_HOUR_A_PERSON or every + count > READS_AN_HOUR_IN_ALL:
            raise AccessRefused(
                "Too many records were opened in the last hour. Wait, or ask the security officer."
            )

    def _learn(self, newest_first: NewestFirst, an_hour_ago: int) -> None:
        """Add what was written since the last look; far older records are not read."""
        self._reads = [read for read in self._reads if read[0] > an_hour_ago - _HOUR]
        for record in newest_first(self._known_to):
            if record[0] != _READ:
                continue
            # an hour to spare: the clocks of two acts need not be in the order of their records
            if record[2] <= an_hour_ago - _HOUR:
                break
            self._reads.append((record[2], record[3], len(set(record[5]))))
