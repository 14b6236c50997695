"""
The whole life of a cycle, then a search for what must be gone.

Searched are rows, pages on the disk, the planner's samples, the write-ahead log, files and a backup.
"""

import os
from uuid import UUID

import psycopg
from psycopg import sql

from despensa.adapters.backup.archive import unpack
from despensa.adapters.log_storage import verify_log
from despensa.entrypoints.jobs import rounds
from despensa.entrypoints.jobs.backup import back_up
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.ledger import queries as ledger
from tests.factories.observing import count
from tests.usecases.test_cycle_life import (
    FADED,
    scan,
    send,
    state_of,
    texts,
    to_closing,
    to_fading,
)


def _traces(books):
    """Return what must be gone, by name: bytes that are in the books or files before fading."""
    accounts = [bytes(a) for (a,) in fetch(LEDGER, "SELECT id FROM account WHERE kind = 3")]
    tags = [bytes(tag) for (tag,) in fetch(LEDGER, "SELECT tag FROM tag")]
    events = [e for (e,) in fetch(LEDGER, "SELECT id FROM redemption UNION SELECT id FROM refusal")]
    leases = [lease for (lease,) in fetch(LEDGER, "SELECT id FROM lease")]
    hashes = [bytes(digest) for (digest,) in fetch(LEDGER, "SELECT hash FROM device_event")]
    folder = books.folder / "keys" / "keeper" / "cycles"
    keys = [(folder / f"{books.cycle.hex}.{kind}").read_bytes() for kind in (
        "secret", "sealing", "frozen-salt", "frozen-map"
    )]  # fmt: skip
    return {
        "account": accounts, "tag": tags, "event": [e.bytes for e in events],
        "list": [lease.bytes for lease in leases], "event hash": hashes, "key": keys,
    }  # fmt: skip


def _rows(books, kind):
    """Return every row of one database as text."""
    found = {}
    with psycopg.connect(getattr(books.endpoints, f"{kind}_owner")) as connection:
        for (table,) in connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall():
            rows = connection.execute(
                sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))
            ).fetchall()
            found[f"{kind}.{table}"] = "\n".join(text for (text,) in rows)
    return found


def _files(books):
    """Return every file of the workspace but the server's own and the phones' of the test."""
    phones = books.folder / "run" / "phones"
    return {
        path: path.read_bytes()
        for path in books.folder.rglob("*")
        if path.is_file() and phones not in path.parents and "pg" not in path.parts
    }


def _found(books, traces):
    """Return where a trace still is: in any table's rows as hex or id, in any file as bytes or hex."""
    tables = _rows(books, "ledger") | _rows(books, "registry")
    files = _files(books)
    found = set()
    for name, values in traces.items():
        for value in values:
            written = {value.hex()} | ({str(UUID(bytes=value))} if len(value) == 16 else set())
            found |= {
                (name, table) for table, text in tables.items() if any(w in text for w in written)
            }
            found |= {
                (name, path.name)
                for path, data in files.items()
                if value in data or value.hex() in path.name or value.hex().encode() in data
            }
    return found


_LARGEST = 1 << 29
_FILES_OF_TABLES = """
    SELECT coalesce(toasted.relname, indexed.relname, file.relname), pg_relation_filepath(file.oid)
    FROM pg_class file
    LEFT JOIN pg_class toasted ON toasted.reltoastrelid = file.oid
    LEFT JOIN pg_index ON pg_index.indexrelid = file.oid
    LEFT JOIN pg_class indexed ON indexed.oid = pg_index.indrelid
    WHERE file.relkind IN ('r', 'i', 't')
      AND file.relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace)"""


def _pages(books):
    """Return (table, bytes) of each file of both databases on the disk, once they were tidied."""
    found = []
    for kind in ("registry", "ledger"):
        with psycopg.connect(
            getattr(books.endpoints, f"{kind}_owner"), autocommit=True
        ) as connection:
            for (table,) in connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall():
                connection.execute(sql.SQL("VACUUM FULL {}").format(sql.Identifier(table)))
            places = connection.execute(_FILES_OF_TABLES).fetchall()
        with psycopg.connect(books.endpoints.superuser, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            for table, place in places:
                [(data,)] = connection.execute(
                    "SELECT pg_read_binary_file(%s, 0, %s, true)", (place, _LARGEST)
                ).fetchall()
                found.append((f"{kind}.{table}", data or b""))
    return found


def _on_pages(books, traces):
    """Return where a trace still is in the files of the databases."""
    pages = _pages(books)
    return {
        (name, table)
        for name, values in traces.items()
        for table, data in pages
        if any(value in data for value in values)
    }


def _sampled(books, traces):
    """Return where a trace is among the samples that the planner keeps of columns."""
    found = set()
    for kind in ("registry", "ledger"):
        with psycopg.connect(
            getattr(books.endpoints, f"{kind}_owner"), autocommit=True
        ) as connection:
            connection.execute("ANALYZE")
            samples = connection.execute(
                """SELECT tablename || '.' || attname,
                          concat(most_common_vals::text, histogram_bounds::text,
                                 most_common_elems::text) FROM pg_stats"""
            ).fetchall()
        for name, values in traces.items():
            written = {value.hex() for value in values}
            written |= {str(UUID(bytes=value)) for value in values if len(value) == 16}
            found |= {(name, column) for column, text in samples if any(w in text for w in written)}
    return found


def _log_position(books):
    with psycopg.connect(books.endpoints.superuser) as connection:
        [(at,)] = connection.execute("SELECT pg_current_wal_lsn()").fetchall()
    return at


def _in_log(books, traces, since):
    """Return which traces the database's write-ahead log holds that was written from a place on."""
    with psycopg.connect(books.endpoints.superuser, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        data = b"".join(
            part
            for (part,) in connection.execute(
                """SELECT pg_read_binary_file('pg_wal/' || name) FROM pg_ls_waldir()
                   WHERE name ~ '^[0-9A-F]{24}$' AND name >= pg_walfile_name(%s)
                     AND name <= pg_walfile_name(pg_current_wal_lsn()) ORDER BY name""",
                (since,),
            )
        )
    return {name for name, values in traces.items() if any(value in data for value in values)}


def _backed_up(books, folder):
    """Return every byte of a backup that was opened again; its dumps hold rows, packed."""
    made = back_up(
        books.tools, books.endpoints, folder / "a.backup", "a long passphrase", random=os.urandom
    )
    unpack(made.path, "a long passphrase", folder / "opened")
    return b"".join(path.read_bytes() for path in (folder / "opened").rglob("*") if path.is_file())


def test_a_whole_life_leaves_nothing_that_leads_back(leased_books, tmp_path):
    books = leased_books
    began = _log_position(books)
    entitled = texts(books)
    send(books, scan(books, [*entitled[:2], entitled[0]], give_back=True))
    rounds.round_trip(books.tools)
    traces = _traces(books)
    assert all(traces.values())
    before = _found(books, traces)
    assert {name for name, _ in before} == set(traces), "the search finds what is there"
    assert {name for name, _ in _on_pages(books, traces)} == set(traces) - {"key"}
    early = {name for name, _ in _sampled(books, traces)}
    assert "account" in early, "the search finds what is there"
    assert "tag" not in early
    # what opens the rest is in no backup, so that an old one opens nothing of it either
    backup = _backed_up(books, tmp_path)
    assert not [key for key in traces["key"][:2] if key in backup]
    households = [household for household, *_ in books.entitled()]
    to_closing(books)
    rounds.round_trip(books.tools)
    to_fading(books)

    rounds.round_trip(books.tools)

    assert state_of(books) == FADED
    left = _found(books, traces)
    # that a list was made, and where the phone's own journal goes on: neither tells of a household
    known = {("list", "ledger.journal_content"), ("event hash", "ledger.device")}
    assert left <= known, left
    # the samples of an emptied table stay until it is analysed with rows, and none pairs two things
    sampled = {(name, "ledger.pg_statistic") for name in ("account", "event", "list", "event hash")}
    assert _on_pages(books, traces) <= known | sampled
    assert "tag" not in {name for name, _ in _sampled(books, traces)}
    # its end is that of backups (35 days): what would open the rest was never in it
    logged = _in_log(books, traces, began)
    # one text alone may lie across two pages of the server's log, where no search finds it whole
    assert logged & {"event", "event hash", "list"}, "the search finds what is there"
    assert "key" not in logged
    ledger_rows = "\n".join(_rows(books, "ledger").values())
    assert not [one for one in households if one.hex() in ledger_rows]
    assert count(LEDGER, "account", "kind = 3") == 0
    assert count(REGISTRY, "decision", "cycle_id = %s", books.cycle) > 0
    assert not (books.tools.workspace.facts / str(books.cycle)).exists()
    assert verify_log(books.tools.log.folder, books.tools.log_vkey).problem is None
    assert ledger.check().is_balanced
