"""The keeper behind a socket: the same answers and errors, and nobody waits for a dead one."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from despensa.adapters.keeper import client, doors, guards, schema, wire
from despensa.adapters.keeper.server import KeeperRuns, Server
from despensa.domain.encoding import dcbor
from despensa.domain.matching.search_text import SearchText, TokenKind
from despensa.domain.ports import keeper as ports
from despensa.domain.proposal import ApprovalInvalid
from despensa.domain.sealing import Column, SealBroken, Sealed, ToSeal
from tests.factories.keeper_process import KeeperProcess

WORKSPACE, PERSON, STAFF, ENTRY = (bytes([n]) * 16 for n in (1, 2, 4, 5))
AT = 1_795_276_800


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


def _access(at=AT):
    return ports.Access(
        os.urandom(16), os.urandom(16), at, ports.Purpose.SEARCH, (PERSON,), (Column.PHONE,)
    )


class TestSameAnswers:
    """What the ports promise holds across the socket."""

    def test_a_value_is_sealed_and_opened_and_the_look_is_kept_by_the_keeper(self, keeper, process):
        [owner] = keeper.vault.new_keys([PERSON])
        [[data]] = keeper.vault.seal([(owner, [ToSeal(Column.PHONE, PERSON, 1, "+584125550000")])])
        access = _access()

        opened = keeper.vault.unseal(access, [(owner, [Sealed(Column.PHONE, PERSON, data)])])

        assert opened == [["+584125550000"]]
        assert access.entry in [record[1] for record in process.records()]

    def test_facts_of_every_kind_come_back(self, keeper):
        facts = {"displaced": True, "rooms": 3, "tenure": "rented", "unknown": None}

        sealed = keeper.vault.seal_facts([(PERSON, facts)], catalogue_version=1)

        assert keeper.vault.open_facts([(PERSON, sealed[0])]) == [facts]

    def test_long_lists_go_in_slices_and_come_back_in_order(self, keeper, monkeypatch):
        monkeypatch.setattr(client, "SLICE_ITEMS", 7)
        texts = [SearchText(TokenKind.PHONE, str(number)) for number in range(50)]

        sliced = keeper.vault.search_tokens(texts)

        assert sliced == [keeper.vault.search_tokens([text])[0] for text in texts]
        assert keeper.vault.search_tokens([]) == []

    def test_new_people_seal_without_their_keys_leaving(self, keeper):
        people = keeper.vault.new_people([PERSON, STAFF])
        [data] = people.seal(Column.PHONE, [(1, STAFF, dcbor.encode("+58"))])
        owner = ports.KeyedPerson(STAFF, people.kek, people.wrapped[1])

        renewed = keeper.vault.renew([(owner, [(Sealed(Column.PHONE, STAFF, data), 2)])])

        assert renewed[0][0][:5] == b"\x01" + (2).to_bytes(4, "big")
        assert len(people.seal_rows(ENTRY, [(0, 0, b"row"), (1, 1, b"row")])) == 2

    def test_a_staged_file_streams_both_ways_and_its_end_is_told(self, keeper):
        parts = [os.urandom(1 << 20) for _ in range(3)]
        keeper.staging.seal_parts(ENTRY, iter(parts))
        assert list(keeper.staging.open_parts(ENTRY)) == parts

        keeper.staging.destroy(ENTRY, at=1)
        keeper.staging.seal(ENTRY, b"whole")
        assert keeper.staging.open(ENTRY) == b"whole"

        keeper.staging.destroy(ENTRY, at=1)
        with pytest.raises(FileNotFoundError):
            keeper.staging.open(ENTRY)

    def test_a_file_whose_making_fails_is_not_kept(self, keeper):
        def failing():
            yield b"one"
            raise RuntimeError("the reader stopped")

        with pytest.raises(RuntimeError, match="reader stopped"):
            keeper.staging.seal_parts(STAFF, failing())

        with pytest.raises(FileNotFoundError):
            keeper.staging.open(STAFF)

    def test_signatures_verify_with_the_keys_it_names(self, keeper):
        public = keeper.signatory.public_keys()

        assert len({public.issuer, public.authority, public.log, public.answers}) == 4
        assert len(keeper.signatory.sign_log(b"text")) == 64


class TestSameErrors:
    """A refusal is the same class with the same sentence."""

    def test_refusals_come_back_as_what_they_are(self, keeper):
        [owner] = keeper.vault.new_keys([PERSON])
        broken = Sealed(Column.PHONE, PERSON, b"\x01" + bytes(40))

        with pytest.raises(SealBroken):
            keeper.vault.unseal(_access(), [(owner, [broken])])
        with pytest.raises(ports.AccessRefused, match="does not name"):
            keeper.vault.unseal(_access(), [(owner, [Sealed(Column.ADDRESS, PERSON, broken.data)])])
        with pytest.raises(ValueError, match="does not sign"):
            keeper.signatory.sign({0: 1}, label=b"despensa/event/1")

    def test_no_card_without_an_approval(self, keeper):
        with pytest.raises((ApprovalInvalid, ValueError)):
            keeper.cards.issue(
                proposal=b"", approval=b"", batch=ENTRY, count=1, epoch=1, issued_at=AT,
                expires_at=AT + 1,
            )  # fmt: skip

    def test_a_fault_of_the_keeper_tells_its_class_and_no_values(self):
        assert doors.error_of(KeyError("Lucía Vera")) == ("failed", "KeyError")

    def test_every_error_travels_there_and_back(self):
        for kind in doors.ERRORS.values():
            name, text = doors.error_of(kind("a sentence"))
            back = doors.raised(name, text)
            assert (type(back), str(back)) == (kind, "a sentence")

    def test_lost_rows_are_opened_only_by_a_keeper_started_for_it(self, keeper):
        from despensa.domain.transparency.journal import Stored

        with pytest.raises(ports.AccessRefused, match="--rebuild"):
            keeper.vault.open_rows(ENTRY, Stored(b"", ()), {})

    def test_a_false_time_opens_nothing(self):
        guard = guards.Guard(lambda: AT)

        guard.check("vault.unseal", {"access": _access(AT + 200)})
        with pytest.raises(ports.AccessRefused, match="not the keeper's"):
            guard.check("vault.unseal", {"access": _access(AT + 4000)})


def test_what_a_port_lets_out_may_be_left_out():
    """An argument with a default travels as its default."""
    opening = doors.methods()["cycles.open_cycle"].signature
    given = {
        name: b"" if name not in {"epoch", "households"} else 1 if name == "epoch" else []
        for name, _ in opening.arguments
        if name not in opening.defaults
    }

    assert opening.unpack(opening.pack((), given)) == {**opening.defaults, **given}
    with pytest.raises(schema.WrongShape):
        opening.pack((), given | {"more": 1})


class TestStrict:
    """What is no call of a port ends the connection, or is refused with its reason."""

    @pytest.mark.parametrize(
        "frame",
        [
            b"\xff\xff\xff\xff",
            b"\x00\x00\x00\x00",
            b"\x00\x00\x00\x02\x18\x01",
            b"\x00\x00\x00\x03\x9f\x01\xff",
        ],
        ids=["too long", "empty", "not the shortest", "indefinite"],
    )
    def test_a_broken_frame_ends_the_connection(self, process, frame):
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(process.socket))
            link.sendall(frame)
            link.settimeout(10)
            assert link.recv(1) == b""

    @pytest.mark.parametrize(
        "call",
        [
            ["vault.private_keys", []],
            ["vault.__class__", []],
            ["signatory.issuer", []],
            ["vault._unwrap", []],
            ["vault.new_people", [[]]],
        ],
    )
    def test_what_is_no_method_of_a_port_does_not_exist(self, process, call):
        assert process.asked([wire.CALL, *call])[0:2] == [wire.ERROR, "frame"]

    @pytest.mark.parametrize(
        "arguments",
        [[], ["text"], [[1]], [[b"x"], 2], [{}], [None]],
    )
    def test_arguments_of_another_type_are_refused(self, process, arguments):
        answer = process.asked([wire.CALL, "vault.new_keys", arguments])

        assert answer[0:2] == [wire.ERROR, "shape"]

    def test_a_number_that_is_no_member_is_refused(self):
        with pytest.raises(schema.WrongShape):
            schema.codec(Column).unpack(4711)

    def test_another_system_user_is_told_and_shut_out(self, tmp_path):
        running = KeeperProcess(tmp_path, workspace=WORKSPACE, users={os.getuid() + 1})
        try:
            with pytest.raises(PermissionError, match="does not speak with"):
                client.connect(running.socket).signatory.public_keys()
        finally:
            running.end()


class TestDead:
    """Nobody waits for a keeper that is not there."""

    def test_no_keeper_is_one_sentence_at_once(self, tmp_path):
        began = time.monotonic()

        with pytest.raises(ports.KeeperUnavailable, match="does not answer at"):
            client.connect(tmp_path / "none").signatory.public_keys()

        assert time.monotonic() - began < 2

    def test_a_keeper_that_was_killed_and_started_again_is_found_again(self, tmp_path):
        running = KeeperProcess(tmp_path, workspace=WORKSPACE)
        connected = client.connect(running.socket)
        before = connected.signatory.public_keys()

        running.end(signal.SIGKILL)
        with pytest.raises(ports.KeeperUnavailable):
            connected.signatory.public_keys()

        again = KeeperProcess(tmp_path, workspace=WORKSPACE)
        try:
            assert connected.signatory.public_keys() == before
        finally:
            again.end()

    def test_a_keeper_that_hangs_is_given_up(self, tmp_path):
        path = tmp_path / "socket"
        with socket.socket(socket.AF_UNIX) as silent:
            silent.bind(str(path))
            silent.listen()
            with pytest.raises(ports.KeeperUnavailable):
                client.connect(path, silent_seconds=0.2).signatory.public_keys()

    def test_there_is_one_keeper_at_a_socket(self, process, tmp_path):
        from despensa.adapters.keeper.in_process import open_keeper

        held = open_keeper(keys=tmp_path, staging=tmp_path, workspace=WORKSPACE)
        with pytest.raises(KeeperRuns):
            Server(held, Path(process.socket), users=set(), guard=guards.Guard(None))
        held.close()

    def test_each_fork_and_thread_has_a_connection_of_its_own(self, keeper):
        keeper.signatory.public_keys()
        child = os.fork()
        if child == 0:
            os._exit(0 if len(keeper.vault.journal_key(ENTRY)[0]) == 32 else 1)

        assert os.waitpid(child, 0)[1] == 0
        assert len(keeper.vault.journal_key(ENTRY)[0]) == 32


def test_two_connections_share_one_quota(process):
    """Forked connections write one own copy: the quota is the workspace's."""
    from despensa.adapters.keeper.vault import READS_AN_HOUR_A_PERSON

    first, second = client.connect(process.socket), client.connect(process.socket)
    [owner] = first.vault.new_keys([PERSON])
    officer = os.urandom(16)
    done = 0
    with pytest.raises(ports.AccessRefused):
        for number in range(READS_AN_HOUR_A_PERSON + 1):
            access = ports.Access(
                os.urandom(16), officer, AT + 7200, ports.Purpose.SEARCH, (PERSON,), ()
            )
            (first, second)[number % 2].vault.unseal(access, [(owner, [])])
            done += 1

    assert done == READS_AN_HOUR_A_PERSON
    first.close()
    second.close()
