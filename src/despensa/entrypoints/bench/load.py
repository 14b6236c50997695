"""
Phones that send: the load generator of `bench sync`, in a process of its own.

    python -m despensa.entrypoints.bench.load FILE RATE PORT [PORT ...]

FILE holds batches, each after its length (u32) and the number of its phone (u32). RATE is how many
are sent a second, 0 as many as are answered. A phone keeps to one server and one connection at a
time, and sends its next batch when the one before was answered. It prints its figures as JSON.
"""

import http.client
import json
import resource
import struct
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

CONNECTIONS = 8
_HEAD = struct.Struct("!II")
_GOOD = 200
_HEADERS = {"Content-Type": "application/cbor", "Host": "localhost"}


def written(batches: Sequence[tuple[int, bytes]], path: Path) -> None:
    """Write (phone, batch) pairs into a file, in the order they are sent."""
    with path.open("wb") as file:
        for phone, data in batches:
            file.write(_HEAD.pack(len(data), phone) + data)


def _read(path: Path) -> list[tuple[int, bytes]]:
    found, data, at = [], path.read_bytes(), 0
    while at < len(data):
        length, phone = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        found.append((phone, data[at : at + length]))
        at += length
    return found


class _Sender:
    """Sends the batches of the phones it was given, each when its time has come."""

    def __init__(self, port: int) -> None:
        self.waiting: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
        self.milliseconds: list[float] = []
        self.refused = 0
        self._port = port

    def send(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        while True:
            try:
                due, data = self.waiting.get_nowait()
            except Empty:
                return
            time.sleep(max(0.0, due - time.monotonic()))
            began = time.monotonic() if due == 0.0 else due
            connection.request("POST", "/api/v1/device/events", data, _HEADERS)
            answer = connection.getresponse()
            answer.read()
            # from when it was due: a server that falls behind is not flattered
            self.milliseconds.append(1000 * (time.monotonic() - began))
            self.refused += answer.status != _GOOD


def main(path: Path, rate: float, ports: Sequence[int]) -> None:
    """Send everything and print: seconds, latencies, refused, processor seconds."""
    batches = _read(path)
    before = _cpu_seconds()
    senders = [_Sender(ports[number % len(ports)]) for number in range(CONNECTIONS)]
    began = time.monotonic()
    turn: dict[int, _Sender] = defaultdict(iter(senders * len(batches)).__next__)
    for number, (phone, data) in enumerate(batches):
        due = began + number / rate if rate else 0.0
        turn[phone].waiting.put((due, data))
    threads = [threading.Thread(target=sender.send) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    figures = {
        "seconds": time.monotonic() - began,
        # the same clock in every process of a machine
        "ended_at": time.monotonic(),
        "refused": sum(sender.refused for sender in senders),
        "cpu_seconds": _cpu_seconds() - before,
        "milliseconds": [value for sender in senders for value in sender.milliseconds],
    }
    sys.stdout.write(json.dumps(figures) + "\n")


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), [int(port) for port in sys.argv[3:]])
