"""
The processes of one search for duplicates: some that open slices of the register, one that matches.

They import no Django and return only the product: slices go as columns from the openers to the
matcher, pairs from the matcher to whoever asked. What was opened ends with them.
Source: docs/explanation/design.md, section 5, The keeper.
"""

import gc
import multiprocessing
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from despensa.adapters.keeper.bulk import BulkTicket, Opened, SliceReader, slices
from despensa.domain.matching import register_form as forms
from despensa.domain.matching import values
from despensa.domain.matching.parting import given_shares
from despensa.domain.ports.bulk_work import SearchEnded, SearchProduct

# about sixteen thousand people: small enough to pass, large enough to be few
_PAGES = 800
_AHEAD = 3


@dataclass(frozen=True, slots=True)
class SearchOrder:
    """What one search needs to know; `address` is that of the registry's app role."""

    ticket: BulkTicket
    address: str = field(repr=False)
    memory_mib: int = 8_192
    processes: int = 2
    bare: bool = False


def search(order: SearchOrder) -> SearchProduct:
    """
    Return what a search of the register finds, done in processes of its own.

    Raises: SearchEnded when they were killed; ListError when the memory does not suffice.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        try:
            return pool.submit(_match, order).result()
        except BrokenProcessPool as error:
            raise SearchEnded(
                "The search was ended from outside, most likely for want of memory: nothing was "
                "written. It is tried again."
            ) from error


def _match(order: SearchOrder) -> SearchProduct:
    """Match the whole register; runs in a process of its own."""
    from despensa.adapters.matching.register import RegisterOrder, match_register

    with _seen(order) as (connection, snapshot):
        found = match_register(
            _batches(order, connection, snapshot),
            RegisterOrder(memory_mib=order.memory_mib, threads=order.processes),
            time.monotonic,
            lambda _text: None,
            bare=order.bare,
        )
    return SearchProduct(
        [(one.first, one.second, int(one.probability * 1_000), one.reasons) for one in found.pairs],
        found.people,
        found.candidates,
        {name: int(seconds * 1_000_000) for name, seconds in found.seconds.items()},
    )


@contextmanager
def _seen(order: SearchOrder) -> Iterator[tuple[psycopg.Connection[Any], str]]:
    """Yield a connection and the name of what it sees, so that all processes see the same."""
    with psycopg.connect(order.address) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None, "one row always"
        yield connection, row[0]


def _batches(
    order: SearchOrder, connection: psycopg.Connection[Any], snapshot: str
) -> Iterator[Any]:
    """Yield the register as columns, slice by slice, in their order."""
    ranges = slices(connection, _PAGES)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        order.processes, mp_context=context, initializer=_begin, initargs=(order, snapshot)
    ) as pool:
        shares = pool.submit(_shares, *ranges[len(ranges) // 2]).result()
        waiting: deque[Future[bytes]] = deque()
        for first, last in ranges:
            waiting.append(pool.submit(_slice, first, last, shares))
            if len(waiting) > order.processes + _AHEAD:
                yield from _unpacked(waiting.popleft().result())
        while waiting:
            yield from _unpacked(waiting.popleft().result())


def _unpacked(data: bytes) -> Iterator[Any]:
    import pyarrow as pa

    with pa.ipc.open_stream(data) as stream:
        yield from stream


class _Opener:
    """The reader of an opening process, made when the process begins."""

    reader: SliceReader


def _begin(order: SearchOrder, snapshot: str) -> None:
    # opening makes no cycles, and looking for some costs a sixth of the time
    gc.disable()
    connection = psycopg.connect(order.address)
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'".encode())
    _Opener.reader = SliceReader(order.ticket, connection)


def _shares(first: int, last: int) -> dict[str, float]:
    """Return how often each word is a given name, of the names of one slice."""
    whole, given, surnames = [], [], []
    for person in _Opener.reader.read(first, last):
        if person.parts is None:
            whole.append(values.name_words(person.full_name))
        else:
            surname, second, names = person.parts
            given.append(values.name_words(" ".join(names)))
            surnames.append(values.name_words(f"{surname or ''} {second or ''}"))
    return given_shares(whole, given, surnames) if whole else {}


def _slice(first: int, last: int, shares: dict[str, float]) -> bytes:
    """Return one slice in the forms in which it is compared, as Arrow's stream format."""
    import pyarrow as pa

    from despensa.adapters.matching.register import SCHEMA

    rows = [_form(person, shares) for person in _Opener.reader.read(first, last)]
    columns = list(zip(*rows, strict=True)) or [()] * len(SCHEMA)
    batch = pa.record_batch(
        [pa.array(column, kind.type) for column, kind in zip(columns, SCHEMA, strict=True)],
        schema=SCHEMA,
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA) as stream:
        stream.write_batch(batch)
    written: bytes = sink.getvalue().to_pybytes()
    return written


def _form(person: Opened, shares: dict[str, float]) -> tuple[bytes | str | None, ...]:
    if person.parts is not None:
        surname, second, names = person.parts
        name = forms.written_apart(surname, second, tuple(names))
    else:
        name = forms.written_whole(person.full_name, shares)
    birth = None
    if person.birth_month is not None:
        month = forms.month_text(person.birth_month)
        birth = forms.birth_text(month, person.birth_precision, person.birth_day)
    phones = [text for phone in person.phones if (text := forms.phone_text(phone)) is not None]
    return (
        person.person,
        person.household,
        person.area,
        *(text or None for text in name),
        birth,
        forms.sex_text(person.sex),
        forms.document_of(person.documents),
        phones[0] if phones else None,
        phones[1] if len(phones) > 1 else None,
    )
