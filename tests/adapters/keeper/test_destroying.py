"""Over the socket nothing is destroyed without a mandate: a taken-over office is refused."""

import os
import uuid

import pytest

from despensa.adapters.keeper import cards, client, guards
from despensa.domain.ports.keeper import (
    AccessRefused,
    CycleFaded,
    FactDestroyed,
    StagedFileStands,
)
from despensa.domain.proposal import ApprovalInvalid, Reason
from tests.adapters.keeper.approved import AT, WORKSPACE, approve, issue
from tests.factories.keeper_process import KeeperProcess

DAY, WEEK, NOVEMBER, ROOT = 86_400, 604_800, 10, b"r" * 16


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    running = KeeperProcess(tmp_path_factory.mktemp("keeper"), workspace=WORKSPACE)
    yield running
    running.end()


@pytest.fixture
def keeper(process):
    connected = client.connect(process.socket)
    yield connected
    connected.close()


@pytest.fixture
def frozen(keeper):
    """Return a cycle whose rows are frozen, and its keys."""
    cycle = uuid.uuid4().bytes
    keys = keeper.cycles.make_frozen_keys(cycle)
    keeper.cycles.keep_frozen_keys(cycle, root=ROOT, until=AT + 30 * DAY)
    return cycle, keys


def withdrawal(keeper, cycle):
    return approve(keeper, "withdraw_cycle", Reason.SCHEDULED_CYCLE, scope=(None, None, cycle))


def test_frozen_keys_go_on_their_day_and_not_before(keeper, process, frozen):
    cycle, keys = frozen
    # a date that is moved forward by whoever asks is not heard
    keeper.cycles.keep_frozen_keys(cycle, root=ROOT, until=AT - DAY)
    with pytest.raises(AccessRefused, match="appeals"):
        keeper.cycles.destroy_frozen_keys(cycle, at=AT + 30 * DAY)
    assert keeper.cycles.frozen_keys(cycle) == keys

    keeper.cycles.destroy_frozen_keys(cycle, at=AT + 30 * DAY + 1)
    keeper.cycles.destroy_frozen_keys(cycle, at=AT)

    assert [r[3] for r in process.records() if r[0] == 13 and r[1] == cycle] == [None]


def test_two_people_withdraw_a_cycle_and_no_other(keeper, frozen):
    cycle, keys = frozen
    other = withdrawal(keeper, uuid.uuid4().bytes)
    issuing = approve(keeper, "open_cycle", Reason.SCHEDULED_CYCLE, scope=(None, None, cycle))
    forged = withdrawal(keeper, cycle)
    for mandate in (other, issuing, forged | {"approval": other["approval"]}):
        with pytest.raises(ApprovalInvalid):
            keeper.cycles.destroy_frozen_keys(cycle, at=AT, **mandate)
    assert keeper.cycles.frozen_keys(cycle) == keys

    keeper.cycles.destroy_frozen_keys(cycle, at=AT, **forged)

    for gone in (keeper.cycles.frozen_keys, keeper.cycles.make_frozen_keys):
        with pytest.raises(CycleFaded):
            gone(cycle)
    with pytest.raises(CycleFaded):
        keeper.cycles.keep_frozen_keys(cycle, root=ROOT, until=AT + 90 * DAY)


def test_what_completes_a_root_goes_with_it(keeper, frozen):
    cycle, _ = frozen

    keeper.cycles.destroy_frozen_keys(cycle, at=AT, **withdrawal(keeper, ROOT))

    with pytest.raises(CycleFaded):
        keeper.cycles.frozen_keys(cycle)


def test_keys_of_frozen_rows_that_were_lost_are_not_made_anew(keeper, process, frozen):
    cycle, _ = frozen
    for path in (process.keys / "keeper" / "cycles").rglob(f"{cycle.hex()}.frozen-salt"):
        path.unlink()

    for asked in (keeper.cycles.frozen_keys, keeper.cycles.make_frozen_keys):
        with pytest.raises(FileNotFoundError):
            asked(cycle)


def test_cards_are_forgotten_up_to_a_days_cap(keeper, process):
    made = [card.number for card in issue(keeper, cards.FORGOTTEN_A_DAY + 1, epoch=NOVEMBER)]

    with pytest.raises(AccessRefused, match="tomorrow"):
        keeper.cards.forget(made, at=AT)
    assert keeper.cards.forget(made, at=AT + DAY) == 1
    assert keeper.cards.forget(made, at=AT + DAY) == 0
    assert [r[2] for r in process.records() if r[0] == 14] == [cards.FORGOTTEN_A_DAY, 1]


def test_keys_of_facts_go_a_week_after_their_end_was_written_down(keeper, process):
    held, other = ("displaced", 1), ("channel", 1)
    row, facts = os.urandom(16), {"displaced": True, "channel": "sms"}
    [sealed] = keeper.vault.seal_facts([(row, facts)], catalogue_version=1)

    # asked for without a notice, it is the notice
    assert keeper.vault.destroy_facts([held], at=AT) == 0
    assert keeper.vault.destroy_facts([held], at=AT + WEEK - 1) == 0
    assert keeper.vault.open_facts([(row, sealed)]) == [facts]
    keeper.vault.note_ending_facts([held], at=AT + WEEK - 1)
    assert keeper.vault.destroy_facts([held, other], at=AT + WEEK) == 1
    assert keeper.vault.destroy_facts([held], at=AT + WEEK) == 0

    assert keeper.vault.open_facts([(row, sealed)]) == [{"channel": "sms"}]
    with pytest.raises(FactDestroyed):
        keeper.vault.seal_facts([(row, facts)], catalogue_version=1)
    assert [r for r in process.records() if r[0] in {15, 16}] == [
        {0: 15, 1: AT, 2: [list(held)]},
        {0: 15, 1: AT + WEEK, 2: [list(other)]},
        {0: 16, 1: AT + WEEK, 2: [list(held)]},
    ]


def test_an_end_that_did_not_come_is_written_down_anew(keeper):
    fact, row = ("dwelling_shared", 1), os.urandom(16)
    keeper.vault.seal_facts([(row, {"dwelling_shared": True})], catalogue_version=1)
    keeper.vault.note_ending_facts([fact], at=AT)

    assert keeper.vault.destroy_facts([fact], at=AT + 60 * DAY) == 0
    assert keeper.vault.destroy_facts([fact], at=AT + 60 * DAY + WEEK) == 1


def test_a_file_that_waits_is_not_exchanged_and_its_end_is_written_down(keeper, process):
    proposal = os.urandom(16)
    keeper.staging.seal(proposal, b"as two people saw it")

    with pytest.raises(StagedFileStands, match="refuse it"):
        keeper.staging.seal(proposal, b"another")

    assert keeper.staging.open(proposal) == b"as two people saw it"
    for _ in range(2):
        keeper.staging.destroy(proposal, at=AT)
    assert [r for r in process.records() if r[0] == 17] == [{0: 17, 1: proposal, 2: AT}]


@pytest.mark.parametrize(
    "name",
    [
        "cards.forget",
        "cycles.destroy_frozen_keys",
        "staging.destroy",
        "vault.note_ending_facts",
        "vault.destroy_facts",
    ],
)
def test_a_false_time_destroys_nothing(name):
    guard = guards.Guard(lambda: AT)

    guard.check(name, {"at": AT + 200})
    with pytest.raises(AccessRefused, match="not the keeper's"):
        guard.check(name, {"at": AT + 91 * DAY})
