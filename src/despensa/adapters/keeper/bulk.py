"""
Opening a whole register for one approved keeper job: nothing opened leaves the job's processes.

`BulkDoor` checks the approval and writes the job into the keeper's own copy before any key is used.
`SliceReader` lives in a process of the job; it reads a slice of the register as PostgreSQL's binary
COPY and opens it in memory. Source: docs/explanation/design.md, section 5, The keeper.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct
from typing import Any

import cbor2
import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from despensa.adapters.keeper.key_files import KeyFiles
from despensa.adapters.keeper.names import opened_name
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.adapters.keeper.signing import Signing
from despensa.domain import proposal, sealing
from despensa.domain.card import hand_over
from despensa.domain.ports.bulk_work import SearchEnded, SearchProduct
from despensa.domain.ports.keeper import Access, AccessRefused, KeyedPerson
from despensa.domain.sealing import Column

_BULK, _NAMES = 3, 12
ISSUE_CARDS = "issue_cards"
_DAY = 86_400
_COPY_HEAD = 19
_ENDS = b"\xff\xff"
_length = Struct("!i").unpack_from
_ids = Struct("!xx4x16s4x16s4x16s").unpack_from
_day = Struct("!i").unpack
_short = Struct("!h").unpack
_IDS = 2 + 3 * 20
_SEALED_HEAD, _WRAPPED_HEAD = 17, 13
_PAGE = 8192

# the slice leads, and what belongs to it is looked up: no sort, no hash of the whole register
_PLAN = (
    "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; "
    "SET LOCAL enable_material = off; SET LOCAL max_parallel_workers_per_gather = 0; "
    "SET LOCAL jit = off"
)
_PEOPLE = """
    COPY (SELECT person.id, home.household_id, household.area_id, person.birth_month,
                 person.birth_precision, person.sex, key.kek, key.wrapped, person.name_parts,
                 person.full_name, person.birth_day
          FROM registrant person
          JOIN person_key key ON key.person = person.id
          JOIN membership home ON home.registrant_id = person.id AND home.until_date IS NULL
               AND home.role IN (1, 2)
          JOIN household ON household.id = home.household_id
          WHERE person.ctid >= '({first},0)'::tid AND person.ctid < '({last},0)'::tid
            AND person.full_name IS NOT NULL) TO STDOUT (FORMAT binary)
"""
_NUMBERS = """
    COPY (SELECT number.registrant_id, number.id, number.id, number.sealed
          FROM registrant person JOIN {table} number ON number.registrant_id = person.id
          WHERE person.ctid >= '({first},0)'::tid AND person.ctid < '({last},0)'::tid)
    TO STDOUT (FORMAT binary)
"""


@dataclass(frozen=True, slots=True)
class BulkTicket:
    """What the processes of a job need: the key of keys, whose it is, which columns open."""

    kek: bytes = field(repr=False)
    workspace: bytes
    fields: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """
    One person as they were opened.

    Units: `birth_month` days from 2000-01-01; `parts` [surname, second surname, [given name ...]].
    """

    person: bytes
    household: bytes
    area: bytes
    birth_month: int | None
    birth_precision: int
    sex: int | None
    parts: tuple[Any, ...] | None = field(repr=False)
    full_name: str = field(repr=False)
    birth_day: int | None = field(repr=False)
    documents: Sequence[tuple[str, str, str]] = field(default=(), repr=False)
    phones: Sequence[str] = field(default=(), repr=False)


Search = Callable[[BulkTicket, bool], SearchProduct]


class BulkDoor:
    """Lets an approved job open what its proposal names; implements `ports.bulk_work.BulkWork`."""

    def __init__(
        self,
        folder: Path,
        *,
        workspace: bytes,
        signing: Signing,
        copy: OwnCopy,
        files: KeyFiles,
        search: Search | None = None,
    ) -> None:
        """Share the keeper's keys and its own copy; `search` runs the processes of a search."""
        self._folder, self._workspace, self._files = folder, workspace, files
        self._signing, self._copy = signing, copy
        self._search = search

    def search(
        self,
        *,
        proposal_bytes: bytes,
        approval: bytes,
        action: str,
        at: int,
        people: int,
        bare: bool,
    ) -> SearchProduct:
        """
        Return what an approved search of the whole register finds.

        Raises: ApprovalInvalid; SearchEnded.
        """
        if self._search is None:
            raise SearchEnded("This keeper has no address of the register: it cannot search it.")
        ticket = self.begin(
            proposal_bytes=proposal_bytes, approval=approval, action=action, at=at, people=people
        )
        return self._search(ticket, bare)

    def hand_over_names(
        self,
        access: Access,
        *,
        proposal_bytes: bytes,
        approval: bytes,
        people: Sequence[tuple[KeyedPerson, sealing.Sealed]],
    ) -> list[str]:
        """
        Return the names of those who get the cards of an order, in order; see the port.

        Who they are stands in the keeper's own copy before a name is opened.
        """
        approved = proposal.verify_approval(
            approval, authority_keys=self._signing.public_keys().authority_ring()
        )
        asked = proposal.parse(proposal_bytes)
        # printed again later under the same approval; the list's own last day ends that
        proposal.check_use(asked, approved, action=ISSUE_CARDS, now=approved.at)
        lists = [out for out in asked.outputs if out.name == hand_over.OUTPUT]
        if not any(
            len(people) <= out.count
            and access.at // _DAY <= out.destroy_by_day
            and out.fields == hand_over.FIELDS
            for out in lists
        ):
            raise proposal.ApprovalInvalid(
                "The order of these cards names no list of so many names that may still be printed."
            )
        named = set(access.persons)
        if any(
            owner.person not in named or value.column is not Column.FULL_NAME
            for owner, value in people
        ):
            raise AccessRefused("the access entry does not name this person or field")
        self._copy.append(
            {
                0: _NAMES,
                1: access.entry,
                2: access.at,
                3: access.staff,
                4: int(access.purpose),
                5: list(access.persons),
                6: proposal.proposal_hash(proposal_bytes),
            }
        )
        kek = self._files.read(self._folder / "kek-1.key")
        return [
            opened_name(owner, value, kek=kek, workspace=self._workspace) for owner, value in people
        ]

    def begin(
        self, *, proposal_bytes: bytes, approval: bytes, action: str, at: int, people: int
    ) -> BulkTicket:
        """
        Return the ticket of a job, once it stands in the keeper's own copy.

        Raises: ApprovalInvalid when it is not approved, too old, or for fewer people.
        """
        approved = proposal.verify_approval(
            approval, authority_keys=self._signing.public_keys().authority_ring()
        )
        asked = proposal.parse(proposal_bytes)
        proposal.check_use(asked, approved, action=action, now=at)
        if dict(asked.totals).get("people", 0) < people:
            raise proposal.ApprovalInvalid(
                "The register has grown since this was proposed: propose the search again."
            )
        columns = asked.parameters[0]
        self._copy.append(
            {
                0: _BULK,
                1: asked.proposal_id,
                2: at,
                3: people,
                4: proposal.proposal_hash(proposal_bytes),
                5: [int(column) for column in columns],
            }
        )
        kek = self._files.read(self._folder / "kek-1.key")
        return BulkTicket(kek, self._workspace, tuple(Column(one) for one in columns))


def slices(connection: psycopg.Connection[Any], pages: int) -> list[tuple[int, int]]:
    """Return the register in ranges of so many pages of its table."""
    row = connection.execute("SELECT pg_relation_size('registrant')").fetchone()
    last = (row[0] if row else 0) // _PAGE + 1
    return [(first, first + pages) for first in range(0, last, pages)]


class SliceReader:
    """Reads and opens slices of the register over one connection."""

    def __init__(self, ticket: BulkTicket, connection: psycopg.Connection[Any]) -> None:
        """Read the key; `connection` is inside a transaction."""
        self._connection = connection
        self._fields = frozenset(ticket.fields)
        self._kek = AESGCM(ticket.kek)
        self._key_place = b"despensa/person-key/1" + ticket.workspace
        self._place = {
            column: b"despensa/sealed/1" + ticket.workspace + column.to_bytes(2, "big")
            for column in Column
        }
        connection.execute(_PLAN)

    def read(self, first: int, last: int) -> Iterator[Opened]:
        """
        Yield the people who live somewhere, of these pages.

        Raises: sealing.SealBroken for a value that does not belong to its place.
        """
        rows = self._people(first, last)
        try:
            ciphers = {row[0]: self._cipher(row[0], row[6], row[7]) for row in rows}
            documents = self._numbers("registrant_document", Column.DOCUMENT, ciphers, first, last)
            phones = self._numbers("registrant_phone", Column.PHONE, ciphers, first, last)
            yield from self._opened(rows, ciphers, documents, phones)
        except InvalidTag as error:
            raise sealing.SealBroken("a value of the register does not open") from error

    def _opened(
        self,
        rows: Sequence[tuple[Any, ...]],
        ciphers: dict[bytes, AESGCM],
        documents: dict[bytes, list[bytes]],
        phones: dict[bytes, list[bytes]],
    ) -> Iterator[Opened]:
        parts_place, name_place = self._place[Column.NAME_PARTS], self._place[Column.FULL_NAME]
        day_place, loads = self._place[Column.BIRTH_DAY], cbor2.loads
        opens_day = Column.BIRTH_DAY in self._fields
        for person, home, area, month, precision, sex, _, _, parts, name, day in rows:
            decrypt = ciphers[person].decrypt
            # a name written in parts says all that the whole name says
            opened_parts = None if parts is None else _open(decrypt, parts, parts_place, person)
            yield Opened(
                person,
                home,
                area,
                None if month is None else _day(month)[0],
                _short(precision)[0],
                None if sex is None else _short(sex)[0],
                None if opened_parts is None else tuple(loads(opened_parts)),
                loads(_open(decrypt, name, name_place, person)) if parts is None else "",
                loads(_open(decrypt, day, day_place, person)) if day and opens_day else None,
                [tuple(loads(one)) for one in documents.get(person, ())],
                [loads(one) for one in phones.get(person, ())],
            )

    def _cipher(self, person: bytes, kek: bytes, wrapped: bytes) -> AESGCM:
        place = self._key_place + person + kek[-4:]
        return AESGCM(self._kek.decrypt(wrapped[1:_WRAPPED_HEAD], wrapped[_WRAPPED_HEAD:], place))

    def _people(self, first: int, last: int) -> list[tuple[Any, ...]]:
        found = []
        for data in self._copied(_PEOPLE.format(first=first, last=last)):
            values: list[Any] = list(_ids(data))
            at, end = _IDS, len(data)
            while at < end:
                (length,) = _length(data, at)
                at += 4
                if length < 0:
                    values.append(None)
                else:
                    values.append(data[at : at + length])
                    at += length
            found.append(tuple(values))
        return found

    def _numbers(
        self, table: str, column: Column, ciphers: dict[bytes, AESGCM], first: int, last: int
    ) -> dict[bytes, list[bytes]]:
        found: dict[bytes, list[bytes]] = {}
        if column not in self._fields:
            return found
        place = self._place[column]
        for data in self._copied(_NUMBERS.format(table=table, first=first, last=last)):
            person, row, _ = _ids(data)
            cipher, sealed = ciphers.get(person), data[_IDS + 4 :]
            # nothing is left of a number whose person was erased
            if cipher is not None and sealed:
                found.setdefault(person, []).append(_open(cipher.decrypt, sealed, place, row))
        return found

    def _copied(self, statement: str) -> Iterator[bytes]:
        """Yield the rows of a binary COPY, straight from the library."""
        link = self._connection.pgconn
        result = link.exec_(statement.encode())
        if result.error_message:
            raise psycopg.OperationalError(bytes(result.error_message).decode(errors="replace"))
        is_first = True
        while True:
            length, data = link.get_copy_data(0)
            if length < 0:
                break
            row = bytes(data)
            if is_first:
                row, is_first = row[_COPY_HEAD:], False
            if row and row[:2] != _ENDS:
                yield row
        link.get_result()
        # the last result says that the connection is free again
        link.get_result()


def _open(
    decrypt: Callable[[bytes, bytes, bytes], bytes], data: bytes, place: bytes, row: bytes
) -> bytes:
    """Return the bytes of one sealed value. Source: docs/reference/formats.md, section 6."""
    return decrypt(data[5:_SEALED_HEAD], data[_SEALED_HEAD:], place + row + data[1:5])
