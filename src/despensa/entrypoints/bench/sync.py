"""
`bench sync`: what phones send over HTTP, from the request to the accepted redemption.

Phones with keys of their own sign and seal their events beforehand, which is not counted. What is
timed is everything after: HTTP, opening, signatures, the inbox on disk, merging, all on this machine
together with the load generator, whose processor time is told. The limit is the same number of
deliveries merged with no HTTP and no signature. Source: docs/reference/benchmarks.md.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from despensa.adapters import hpke
from despensa.domain import device as certificates
from despensa.domain.event import Event, EventKind, Means, sealing
from despensa.domain.event.record import event_hash, sign_event
from despensa.entrypoints.bench import inbox, load
from despensa.entrypoints.bench.ground import Ground
from despensa.entrypoints.bench.report import Figures
from despensa.entrypoints.cli.problems import Refused
from despensa.entrypoints.jobs import merging
from despensa.records import journal_queries
from despensa.records.bulk import execute
from despensa.records.databases import LEDGER

EVENTS_A_BATCH = 100
BATCHES_A_SECOND = 60
SINGLES_A_SECOND = 100
SINGLES_A_PHONE = 20
FIRST_PORT = 18_400
_PERCENT_99 = 0.99
_IDLE_SECONDS = 0.02


class NotAccepted(Refused):
    """Something that was sent is not in the ledger: the figures mean nothing."""


@dataclass(frozen=True, slots=True)
class _Phase:
    """What one run of the generator said, and how long the merge went on after it."""

    seconds: float
    drain_seconds: float
    generator_seconds: float
    milliseconds: Sequence[float]

    def worst(self, part: float) -> float:
        """Return the latency that so large a part of the answers kept to."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def bench_sync(ground: Ground, events: int, *, seconds: int, seed: int) -> Figures:
    """
    Return the figures of so many events as quickly as they go, then of steady sending.

    Raises: NotAccepted.
    """
    ground.tell(f"measuring the limit: merging {events:,} deliveries without HTTP or signature")
    limit = _limit(ground, events, seed=seed)
    with _servers(ground) as (ports, used):
        full = _sent(ground, events, ports, per_batch=EVENTS_A_BATCH, rate=0, seed=seed + 1)
        busy = _sent(
            ground,
            EVENTS_A_BATCH * BATCHES_A_SECOND * seconds,
            ports,
            per_batch=EVENTS_A_BATCH,
            rate=BATCHES_A_SECOND,
            seed=seed + 2,
        )
        single = _sent(
            ground, SINGLES_A_SECOND * seconds, ports, per_batch=1, rate=SINGLES_A_SECOND,
            seed=seed + 3,
        )  # fmt: skip
    return Figures(
        "sync",
        "events",
        events,
        full.seconds + full.drain_seconds,
        limit,
        {
            "generator_cpu_seconds": full.generator_seconds,
            "servers_cpu_seconds": sum(used),
            "batch_p99_seconds": busy.worst(_PERCENT_99) / 1000,
            "drain_seconds": busy.drain_seconds,
            "single_p99_seconds": single.worst(_PERCENT_99) / 1000,
            "steady_seconds": busy.seconds,
        },
    )


def _limit(ground: Ground, events: int, *, seed: int) -> float:
    filled = inbox.fill_inbox(ground, events, seed=seed)
    inbox.settle(ground)
    began = time.monotonic()
    _require(merging.merge_all(ground.tools).posted, filled.events)
    journal_queries.unnumbered_leaves(LEDGER, 1)  # returns when all of it is on disk
    return time.monotonic() - began


def _sent(
    ground: Ground, events: int, ports: Sequence[int], *, per_batch: int, rate: float, seed: int
) -> _Phase:
    """Return what happened when the events were sent, while they were merged beside it."""
    ground.tell(f"signing {events:,} events in batches of {per_batch} (not counted)")
    # what is sent one by one comes from many phones, as people stand at many tables
    per_phone = inbox.ACCOUNTS_PER_LEASE if per_batch > 1 else SINGLES_A_PHONE
    filled = inbox.fill_books(ground, events, seed=seed, per_phone=per_phone)
    run = ground.tools.workspace.run
    # its figures go to a file: nobody reads a pipe while it sends, and a full one would stop it
    with tempfile.NamedTemporaryFile(dir=run) as file, tempfile.TemporaryFile("w+") as answer:
        load.written(_batches(ground, filled, per_batch), Path(file.name))
        inbox.settle(ground)
        ground.tell(f"sending {events:,} events" + (f", {rate:g} batches a second" if rate else ""))
        command = [sys.executable, "-m", load.__name__, file.name, str(rate), *map(str, ports)]
        generator = subprocess.Popen(command, stdout=answer, text=True)
        merged = 0
        while generator.poll() is None:
            done = merging.merge_all(ground.tools).posted
            merged += done
            time.sleep(0 if done else _IDLE_SECONDS)
        merged += merging.merge_all(ground.tools).posted
        journal_queries.unnumbered_leaves(LEDGER, 1)
        ended = time.monotonic()
        answer.seek(0)
        said = json.load(answer)
    _require(merged, events)
    _require(said["refused"], 0)
    return _Phase(
        said["seconds"], ended - said["ended_at"], said["cpu_seconds"], said["milliseconds"]
    )


def _batches(ground: Ground, filled: inbox.Filled, per_batch: int) -> list[tuple[int, bytes]]:
    """Return (phone, batch), every phone's in order, the phones taking turns."""
    queues = [list(_of_phone(ground, filled, phone, per_batch)) for phone in range(filled.phones)]
    turns = max(map(len, queues))
    return [
        (phone, queue[turn])
        for turn in range(turns)
        for phone, queue in enumerate(queues)
        if turn < len(queue)
    ]


def _of_phone(ground: Ground, filled: inbox.Filled, phone: int, per_batch: int) -> Iterator[bytes]:
    """Enrol a phone and yield the batches that it sends."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    device, lease = filled.made("device", phone), filled.made("lease", phone)
    previous = _enrol(ground, UUID(bytes=device), public)
    lane = sealing.Lane(device, lease)
    chain_key = os.urandom(sealing.CHAIN_KEY_LENGTH)
    inbox_key = ground.tools.keeper.signatory.public_keys().inbox
    wrapped = hpke.seal(inbox_key, chain_key, sealing.inbox_info(lane))
    sealed: list[bytes] = []
    numbers = range(phone, filled.events, filled.phones)
    for seq, number in enumerate(numbers, start=1):
        data = sign_event(
            Event(
                event_id=os.urandom(16),
                device_id=device,
                seq=seq,
                previous_hash=previous,
                kind=EventKind.DELIVERED,
                claimed_at=ground.tools.now(),
                session_id=filled.made("session", phone),
                lease_id=lease,
                operator_id=filled.cycle.bytes,
                tag=filled.made("tag", number),
                goods=((inbox.UNIT, 1),),
                means=Means.CAMERA,
            ),
            public_key=public,
            signer=key.sign,
        )
        previous = event_hash(data)
        sealed.append(sealing.seal_event(data, chain_key=chain_key, lane=lane, place=seq))
        chain_key = sealing.next_chain_key(chain_key)
        if len(sealed) == per_batch or seq == len(numbers):
            first = seq - len(sealed) + 1
            yield sealing.encode_batch(sealing.SealedBatch(lane, wrapped, first, tuple(sealed)))
            sealed.clear()


def _enrol(ground: Ground, device: UUID, public_key: bytes) -> bytes:
    """Give an invented phone its key; return what its first event points back to."""
    content = certificates.first_certificate(
        device=device.bytes,
        workspace=ground.tools.workspace.workspace_id.bytes,
        signing_key=public_key,
        sealing_key=public_key,
        area=device.bytes,
        protection=certificates.Protection.SERVER_HELD_DEMO,
        now=ground.tools.now(),
    )
    signed = ground.tools.keeper.signatory.sign(
        certificates.to_map(content), label=certificates.LABEL
    )
    digest = certificates.certificate_hash(signed)
    execute(
        LEDGER,
        "UPDATE device SET public_key = %s, certificate = %s, last_hash = %s WHERE id = %s",
        (public_key, signed, digest, device),
    )
    return digest


@contextmanager
def _servers(ground: Ground) -> Iterator[tuple[list[int], list[float]]]:
    """Yield the ports of one server a core, and the processor seconds they say at their end."""
    module = f"{__package__}.field_server"
    used: list[float] = []
    with ExitStack() as stack:
        running = []
        for number in range(os.cpu_count() or 1):
            command = [sys.executable, "-m", module, str(FIRST_PORT + 25 * number)]
            server = stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            )
            stack.callback(server.kill)
            running.append(server)
        ground.tell(f"{len(running)} servers of the phones' door")
        yield [int(_said(server)["port"]) for server in running], used
        for server in running:
            if server.stdin is not None:
                server.stdin.close()
            used.append(_said(server)["cpu_seconds"])


def _said(server: "subprocess.Popen[str]") -> Mapping[str, Any]:
    line = "" if server.stdout is None else server.stdout.readline()
    if not line:
        raise NotAccepted("A server of the benchmark ended before it was open.")
    told: Mapping[str, Any] = json.loads(line)
    return told


def _require(count: int, expected: int) -> None:
    if count != expected:
        raise NotAccepted(f"{count:,} events were accepted or refused, not {expected:,}.")
