"""A cycle's keys are destroyed when it fades: not before, not at anybody's word, and for good."""

import os

import pytest

from despensa.adapters.keeper import client
from despensa.adapters.keeper.cycles import KEPT_SECONDS
from despensa.adapters.keeper.twin_keys import SECOND
from despensa.domain.cycle_life import SWEEP_DAYS
from despensa.domain.ports.keeper import AccessRefused
from tests.factories.keeper_process import KeeperProcess

WORKSPACE = bytes(16)
AT = 1_795_276_800


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    running = KeeperProcess(tmp_path_factory.mktemp("keeper"), workspace=WORKSPACE)
    yield running
    running.end()


@pytest.fixture
def cycles(process):
    connected = client.connect(process.socket)
    yield connected.cycles
    connected.close()


@pytest.fixture
def cycle(process):
    """A cycle whose keys exist."""
    made = os.urandom(16)
    folder = process.keys / "keeper" / "cycles"
    (folder / SECOND).mkdir(mode=0o700, exist_ok=True, parents=True)
    for kind in ("secret", "sealing"):
        for place in (folder, folder / SECOND):
            (place / f"{made.hex()}.{kind}").write_bytes(os.urandom(32))
    return made


def keys_of(process, cycle):
    folder = process.keys / "keeper" / "cycles"
    return sorted(
        path.suffix for path in folder.rglob(f"{cycle.hex()}.se*") if len(path.read_bytes()) == 32
    )


@pytest.mark.parametrize("days", [None, 0, 1, SWEEP_DAYS - 2])
def test_over_the_socket_no_running_cycle_loses_its_keys(process, cycles, cycle, days):
    """Whoever took the office over may say that it is settled, and has to wait all the same."""
    if days is not None:
        cycles.note_settled(cycle, at=AT)

    with pytest.raises(AccessRefused, match="Nothing was destroyed"):
        cycles.destroy_cycle(cycle, at=AT + (days or 0) * 86_400)

    assert keys_of(process, cycle) == [".sealing", ".sealing", ".secret", ".secret"]


def test_settled_and_waited_for_they_go_and_both_are_written_down(process, cycles, cycle):
    due = cycles.note_settled(cycle, at=AT)
    assert cycles.note_settled(cycle, at=AT + 86_400) == due == AT + KEPT_SECONDS

    cycles.destroy_cycle(cycle, at=due)
    cycles.destroy_cycle(cycle, at=AT)

    assert keys_of(process, cycle) == []
    written = [record for record in process.records() if record.get(1) == cycle]
    assert written == [{0: 8, 1: cycle, 2: AT}, {0: 9, 1: cycle, 2: due}]
