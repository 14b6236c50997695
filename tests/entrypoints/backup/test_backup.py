"""A workspace goes into one file and comes back, row for row; what must not be in it is not."""

import io
import os
import shutil
import tarfile
from datetime import UTC, datetime
from importlib.metadata import version

import pytest

from despensa.adapters.backup import archive
from despensa.adapters.backup.container import BackupError, Opener
from despensa.adapters.database.embedded import attach_or_start
from despensa.adapters.database.endpoints import Endpoints
from despensa.adapters.log_storage import verify_log
from despensa.domain.encoding import dcbor
from despensa.domain.transparency.leaf import PublicKind, parse_leaf
from despensa.entrypoints import wiring
from despensa.entrypoints.cli.backup import _told
from despensa.entrypoints.jobs import backup as work
from despensa.entrypoints.jobs import rounds
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.ledger import queries as ledger
from tests.factories import books as books_factory
from tests.factories.observing import count, digests
from tests.factories.shelf import point_django_at

SECRET = "olive paper wheat honey"
# what recording and sealing the restore itself writes
GROWS = {f"registry.{name}" for name in ("journal", "journal_content", "leaf_queue", "leaf_number")}


@pytest.fixture(autouse=True)
def quick_scrypt(monkeypatch):
    """Half a second of scrypt per test proves nothing more."""
    monkeypatch.setattr(archive.write, "__kwdefaults__", {"log_n": 4})


@pytest.fixture
def alone(monkeypatch):
    """A process of its own: no addresses in its environment, Django follows what it starts."""
    for name in ("DESPENSA_REGISTRY_URL", "DESPENSA_LEDGER_URL", "DESPENSA_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)

    def started():
        point_django_at(
            Endpoints(
                os.environ["DESPENSA_REGISTRY_URL"], "", os.environ["DESPENSA_LEDGER_URL"], ""
            )
        )

    monkeypatch.setattr(wiring, "start_django", started)
    for name in ("DESPENSA_REGISTRY_URL", "DESPENSA_LEDGER_URL", "DESPENSA_WORKSPACE"):
        monkeypatch.setenv(name, "")


def _backed_up(books, tmp_path):
    rounds.seal_log(books.tools)
    return work.back_up(
        books.tools, books.endpoints, tmp_path / "copy", SECRET, random=os.urandom
    ).path


def _restored(source, folder, **options):
    return work.restore(source, folder, SECRET, environ={}, **options)


def test_everything_comes_back_row_for_row(leased_books, tmp_path, alone):
    books = leased_books
    source = _backed_up(books, tmp_path)
    before = digests(books.endpoints)
    shutil.rmtree(books.folder)
    folder = tmp_path / "again"
    folder.mkdir()

    restored = _restored(source, folder)

    assert restored.may_sign
    with attach_or_start(folder, durable=False) as endpoints:
        after = digests(endpoints)
        point_django_at(endpoints)
        assert {t: v for t, v in after.items() if t not in GROWS} == {
            t: v for t, v in before.items() if t not in GROWS
        }
        assert all(after[table][0] == before[table][0] + 1 for table in GROWS)
        assert ledger.check().is_balanced
        tools = books_factory.open_tools(folder)
        assert verify_log(tools.log.folder, tools.log_vkey).is_verified
        assert (
            tools.log.size
            == restored.log_size + 1
            == count(REGISTRY, "leaf_number") + count(LEDGER, "leaf_number")
        )
        point_django_at(books.endpoints)


def test_names_are_readable_again_with_the_restored_keys(registered_books, tmp_path, alone):
    books = registered_books
    kek = (books.folder / "keys/keeper/kek-1.key").read_bytes()
    source = _backed_up(books, tmp_path)
    folder = tmp_path / "again"
    folder.mkdir()

    archive.unpack(source, SECRET, folder)

    assert (folder / "keys/keeper/kek-1.key").read_bytes() == kek


def test_what_a_backup_must_not_hold_is_not_in_it(leased_books, tmp_path):
    books = leased_books
    keys = books.folder / "keys/keeper"
    (books.folder / "run/print").mkdir(parents=True)
    (books.folder / "run/print/cards-1.pdf").write_bytes(b"sheet")
    never = [p for part in ("links", "cycles") for p in (keys / part).rglob("*") if p.is_file()]
    assert len(never) > 3

    plain, names = _content(_backed_up(books, tmp_path))

    assert not [n for n in names if n.startswith(("run/", "keys/keeper/links", "facts/"))]
    assert not [n for n in names if "cycles" in n or "staging" in n or n.endswith(".password")]
    secrets = [path.read_bytes() for path in never if path.suffix != ".partial"]
    assert not [secret for secret in secrets if len(secret) == 32 and secret in plain]
    assert {"registry.dump", "ledger.dump", "workspace.toml"} <= names
    assert {"keys/keeper/authority.key", "keys/keeper/own-copy.journal"} <= names


def _content(source):
    with source.open("rb") as file:
        opener = Opener(file, SECRET)
        parts = []
        while part := opener.read(1 << 20):
            parts.append(part)
    plain = b"".join(parts)
    with tarfile.open(fileobj=io.BytesIO(plain)) as held:
        return plain, set(held.getnames())


def test_the_file_is_for_its_owner_and_leaves_nothing_beside_it(founded_books, tmp_path):
    source = _backed_up(founded_books, tmp_path)

    assert source.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [source]
    assert [path.name for path in (founded_books.folder / "backups").iterdir()] == ["last-backup"]


def test_a_backup_never_writes_over_another(founded_books, tmp_path):
    source = _backed_up(founded_books, tmp_path)
    content = source.read_bytes()

    with pytest.raises(BackupError, match="exists"):
        _backed_up(founded_books, tmp_path)

    assert source.read_bytes() == content


def test_a_folder_gets_a_file_named_after_the_workspace(founded_books, tmp_path):
    written = work.back_up(
        founded_books.tools, founded_books.endpoints, tmp_path, SECRET, random=os.urandom
    )

    assert written.path.parent == tmp_path
    assert str(founded_books.tools.workspace.workspace_id) in written.path.name


def test_a_folder_that_is_not_there_is_said(founded_books, tmp_path):
    with pytest.raises(BackupError, match="no folder"):
        work.back_up(
            founded_books.tools, founded_books.endpoints, tmp_path / "x/y", SECRET,
            random=os.urandom,
        )  # fmt: skip


def test_a_disk_that_fills_up_leaves_no_half_backup(founded_books, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("despensa.adapters.backup.container.Sealer.close", full)

    with pytest.raises(OSError, match="No space"):
        _backed_up(founded_books, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_does_not_read_back_is_thrown_away(founded_books, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "despensa.adapters.backup.archive.Opener.finish", lambda self: b"something else"
    )

    with pytest.raises(BackupError, match="read back"):
        _backed_up(founded_books, tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "spoil, said",
    [
        (lambda data: data[: len(data) // 2], "too early"),
        (lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:], "damaged"),
        (lambda data: b"PK" + data, "not a backup"),
    ],
    ids=["truncated", "flipped", "another file"],
)
def test_a_spoilt_file_is_refused_with_a_sentence(founded_books, tmp_path, spoil, said):
    source = _backed_up(founded_books, tmp_path)
    source.write_bytes(spoil(source.read_bytes()))
    folder = tmp_path / "again"
    folder.mkdir()

    with pytest.raises(BackupError, match=said):
        _restored(source, folder)


def test_the_log_signs_nothing_below_the_newest_checkpoint_anybody_holds(
    founded_books, tmp_path, alone
):
    books = founded_books
    source = _backed_up(books, tmp_path)
    size = books.tools.log.size
    books.proposal("jorge", "publish_rule", books_factory.Reason.PUBLISHED_PROGRAMME)
    rounds.seal_log(books.tools)
    seen = books.tools.log.checkpoint()
    newer = shutil.copytree(books.folder / "log", tmp_path / "mirror")
    folder = tmp_path / "again"
    folder.mkdir()

    with pytest.raises(BackupError, match=f"has {size} leaves, and one of {size + 1} was"):
        _restored(source, folder, seen=seen)
    folder = tmp_path / "confirmed"
    folder.mkdir()
    restored = _restored(source, folder, seen=seen, may_roll_back=True)

    assert not restored.may_sign
    assert restored.known_size == size + 1
    assert (restored.log_size, restored.last_signed) == (size, size + 1)
    with attach_or_start(folder, durable=False) as endpoints:
        point_django_at(endpoints)
        tools = books_factory.open_tools(folder)
        assert tools.log.size == size
        with pytest.raises(work.LogRefused):
            rounds.seal_log(tools)
        shutil.copytree(newer, folder / "log", dirs_exist_ok=True)
        rounds.seal_log(books_factory.open_tools(folder))
        assert tools.log.size == size + 2
        assert verify_log(tools.log.folder, tools.log_vkey).is_verified
        assert _restore_leaf(tools) == {
            0: restored.manifest["made_at"], 1: size, 2: version("despensa"), 3: size + 1,
        }  # fmt: skip
        point_django_at(books.endpoints)


def test_a_checkpoint_of_another_log_is_refused(founded_books, tmp_path, alone):
    source = _backed_up(founded_books, tmp_path)
    seen = founded_books.tools.log.checkpoint().replace("despensa.local", "other.local")
    folder = tmp_path / "again"
    folder.mkdir()

    with pytest.raises(BackupError, match="checkpoint"):
        _restored(source, folder, seen=seen)
    point_django_at(founded_books.endpoints)


def _restore_leaf(tools):
    """Return what the newest leaf of the log announces."""
    leaf = parse_leaf(tools.log.read_leaf(tools.log.size - 1))
    assert leaf.kind == PublicKind.RESTORE
    return dcbor.decode(leaf.body)


def test_without_a_checkpoint_from_outside_nothing_is_said_to_be_proved(
    founded_books, tmp_path, alone
):
    source = _backed_up(founded_books, tmp_path)
    folder = tmp_path / "again"
    folder.mkdir()

    restored = _restored(source, folder)

    assert restored.known_size is None
    told = "\n".join(_told(folder, restored, datetime.fromtimestamp(0, UTC)))
    assert "NOT PROVED: whether anything was signed after this backup" in told
    tools = books_factory.open_tools(folder)
    assert 3 not in _restore_leaf(tools)
    point_django_at(founded_books.endpoints)


def test_the_former_folder_tells_of_a_rollback_and_gives_its_log(founded_books, tmp_path, alone):
    books = founded_books
    source = _backed_up(books, tmp_path)
    size = books.tools.log.size
    books.proposal("jorge", "publish_rule", books_factory.Reason.PUBLISHED_PROGRAMME)
    rounds.seal_log(books.tools)
    folder = tmp_path / "again"
    folder.mkdir()

    named = {"DESPENSA_WORKSPACE": str(books.folder)}
    with pytest.raises(BackupError, match="--accept-rollback"):
        work.restore(source, folder, SECRET, environ=named)
    shutil.rmtree(folder)
    folder.mkdir()
    restored = _restored(source, folder, former=books.folder, may_roll_back=True)

    assert restored.may_sign
    tools = books_factory.open_tools(folder)
    assert verify_log(tools.log.folder, tools.log_vkey).is_verified
    assert tools.log.size == size + 2
    assert _restore_leaf(tools)[1] == size
    assert _restore_leaf(tools)[3] == size + 1
    point_django_at(books.endpoints)


def test_a_folder_that_knows_nothing_of_the_log_is_refused(founded_books, tmp_path, alone):
    source = _backed_up(founded_books, tmp_path)
    folder = tmp_path / "again"
    folder.mkdir()

    with pytest.raises(BackupError, match="tells nothing about this log"):
        _restored(source, folder, former=tmp_path)


def test_what_faded_is_in_no_later_backup_and_the_sums_come_back(leased_books, tmp_path, alone):
    books = leased_books
    account = fetch(LEDGER, "SELECT id FROM account WHERE kind = 3 LIMIT 1")[0][0]
    secret = (books.folder / f"keys/keeper/cycles/{books.cycle.hex}.secret").read_bytes()
    for days in (3, 14, 100):
        books.clock.forward(days=days)
        rounds.round_trip(books.tools)
    assert count(REGISTRY, "cycle", "state = 8") == 1
    source = _backed_up(books, tmp_path)
    before = digests(books.endpoints)
    shutil.rmtree(books.folder)
    folder = tmp_path / "again"
    folder.mkdir()

    held, _ = _content(source)
    for gone in (bytes(account), bytes(account).hex().encode(), secret):
        assert gone not in held
    _restored(source, folder)

    with attach_or_start(folder, durable=False) as endpoints:
        after = digests(endpoints)
        point_django_at(endpoints)
        assert after["ledger.transfer"] == before["ledger.transfer"]
        assert after["ledger.account"] == before["ledger.account"]
        assert ledger.check().is_balanced
        tools = books_factory.open_tools(folder)
        assert verify_log(tools.log.folder, tools.log_vkey).is_verified
        tools.keeper.close()
