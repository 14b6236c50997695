"""
`bench ledger`: posting transfers between accounts with a limit and busy ones without.

Batches of 2,000 from one client; then one by one from eight clients, each waiting for its own
durable answer. The limit is pgbench's tpcb-like on the same server, eight clients, where pgbench is
there. Source: docs/reference/benchmarks.md.
"""

import os
import re
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from despensa.adapters.database import binaries
from despensa.domain.ledger.account import AccountKind, named_account
from despensa.domain.ledger.posting import Move, Outcome
from despensa.domain.ledger.transfer import Cause
from despensa.entrypoints.bench.ground import Ground
from despensa.entrypoints.bench.report import Figures, Progress, per_second
from despensa.entrypoints.cli.problems import Refused
from despensa.entrypoints.jobs.counter import Counter
from despensa.usecases.add_accounts import add_accounts
from despensa.usecases.post_transfers import post_transfers

BATCH, CLIENTS, UNIT = 2_000, 8, 978
_WALLETS, _SHOPS, _PAID_IN = 20_000, 50, 1_000_000
_PGBENCH_SECONDS, _PGBENCH_SCALE = 6, 10


class PostedWrongly(Refused):
    """Not everything was posted: the figures mean nothing."""


def bench_ledger(ground: Ground, transfers: int, singles: int, *, seed: int) -> dict[str, object]:
    """
    Return the figures of posting so many transfers in batches, and so many one by one.

    Raises: PostedWrongly.
    """
    run = _Run(ground, seed)
    ground.tell(f"filling {_WALLETS:,} wallets (not counted)")
    run.fill()
    batched = run.in_batches(transfers)
    single = run.one_by_one(singles)
    limit = _pgbench(ground)
    figures = Figures(
        "ledger",
        "transfers",
        transfers,
        batched,
        transfers / limit if limit else 0.0,
        {"batch_seconds": batched, "single_seconds": single},
    ).as_json()
    rate = per_second(singles, single)
    return figures | {
        "singles": singles,
        "singles_per_second": rate,
        "singles_ratio": round(rate / limit, 4) if limit else 0.0,
        "clients": CLIENTS,
    }


class _Run:
    """Wallets with money and shops, and orders from the ones to the others."""

    def __init__(self, ground: Ground, seed: int) -> None:
        self._ground = ground
        salt = seed.to_bytes(8, "big") + ground.tools.now().to_bytes(8, "big")
        place = [number.to_bytes(16, "big") for number in range(_WALLETS)]
        self._bank = named_account(AccountKind.GRANTED, cycle=salt)
        self._wallets = [
            named_account(AccountKind.WALLET, cycle=salt, place=place[number])
            for number in range(_WALLETS)
        ]
        self._shops = [
            named_account(AccountKind.MERCHANT_PAYABLE, cycle=salt, place=place[number])
            for number in range(_SHOPS)
        ]

    def fill(self) -> None:
        add_accounts(
            [
                (self._bank, UNIT, AccountKind.GRANTED),
                *((wallet, UNIT, AccountKind.WALLET) for wallet in self._wallets),
                *((shop, UNIT, AccountKind.MERCHANT_PAYABLE) for shop in self._shops),
            ],
            acting=self._ground.tools.acting(None),
        )
        for begin in range(0, _WALLETS, BATCH):
            self._post(
                [
                    self._order(self._bank, wallet, _PAID_IN)
                    for wallet in self._wallets[begin : begin + BATCH]
                ]
            )

    def in_batches(self, transfers: int) -> float:
        """Return the seconds of posting, orders as a client sends them included."""
        progress = Progress("posting", transfers, self._ground.tell)
        began = time.monotonic()
        for begin in range(0, transfers, BATCH):
            self._post([self._sale(at) for at in range(begin, min(begin + BATCH, transfers))])
            progress.at(begin + BATCH)
        return time.monotonic() - began

    def one_by_one(self, singles: int) -> float:
        """Return the seconds until every client has had its last answer."""
        counter = Counter(lambda: self._ground.tools.acting(None))
        ready = threading.Barrier(CLIENTS + 1)

        def client(number: int) -> None:
            from django.db import connections

            try:
                connections["ledger"].ensure_connection()
                ready.wait()
                for at in range(number, singles, CLIENTS):
                    if counter.post([self._sale(at)]) != [Outcome.POSTED]:
                        raise PostedWrongly("a transfer was not posted")
            finally:
                connections.close_all()

        with ThreadPoolExecutor(CLIENTS, thread_name_prefix="despensa-client") as pool:
            clients = [pool.submit(client, number) for number in range(CLIENTS)]
            ready.wait()
            began = time.monotonic()
            for one in clients:
                one.result()
            return time.monotonic() - began

    def _sale(self, at: int) -> Move:
        return self._order(self._wallets[at * 7 % _WALLETS], self._shops[at % _SHOPS], 1)

    def _order(self, debit: bytes, credit: bytes, amount: int) -> Move:
        return Move(os.urandom(16), debit, credit, UNIT, amount, int(Cause.PAYMENT), bytes(16))

    def _post(self, orders: list[Move]) -> None:
        found = post_transfers(orders, acting=self._ground.tools.acting(None))
        if found.count(Outcome.POSTED) != len(orders):
            raise PostedWrongly(f"{found.count(Outcome.POSTED)} of {len(orders)} were posted")


def _pgbench(ground: Ground) -> float:
    """Return pgbench's transactions a second, tpcb-like, eight clients; 0 where it cannot run."""
    program, url = _program(), ground.endpoints.superuser
    if program is None or url is None:
        ground.tell("no pgbench here: there is no limit to compare with")
        return 0.0
    import psycopg

    ground.tell("measuring the limit: pgbench tpcb-like on the same server")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE pgbench_limit")
    try:
        _pgbench_run(program, url, ["-i", "-q", "-s", str(_PGBENCH_SCALE)])
        said = _pgbench_run(
            program,
            url,
            ["-c", str(CLIENTS), "-j", "2", "-T", str(_PGBENCH_SECONDS), "-M", "prepared"],
        )
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP DATABASE pgbench_limit")
    found = re.search(r"tps = (\d+)", said)
    return int(found[1]) if found else 0


def _program() -> str | None:
    """Return pgbench of the PostgreSQL that comes with us, or of the machine."""
    try:
        own = binaries.locate().program("pgbench")
    except binaries.BinariesMissing:
        own = None
    return str(own) if own is not None and own.exists() else shutil.which("pgbench")


def _pgbench_run(program: str, url: str, arguments: list[str]) -> str:
    from psycopg.conninfo import conninfo_to_dict

    parts = {name: str(value) for name, value in conninfo_to_dict(url).items() if value}
    environment = os.environ | {
        "PGHOST": parts.get("host", ""),
        "PGPORT": parts.get("port", ""),
        "PGUSER": parts.get("user", ""),
        "PGPASSWORD": parts.get("password", ""),
    }
    done = subprocess.run(
        [program, *arguments, "pgbench_limit"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refused(f"pgbench did not run: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout
