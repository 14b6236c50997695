"""A locked folder: nothing in it opens by itself, and a start, a custodian, a crash or a thief."""

import os

import pytest

from despensa.adapters import age
from despensa.adapters.keeper import key_files, locking
from despensa.adapters.keeper.in_process import open_keeper
from despensa.domain.encoding import cose
from despensa.domain.ports.key_office import Custodian, CustodiansWrong
from despensa.domain.sealing import Column, Sealed, ToSeal
from despensa.entrypoints.unlocking import StillLocked, Ways

WORKSPACE, PERSON, CYCLE = (bytes([n]) * 16 for n in (1, 2, 3))


class Killed(BaseException):
    """The process ended here."""


@pytest.fixture(scope="module")
def people():
    """Two custodians with the identities they keep."""
    made = [age.new_identity() for _ in range(3)]
    return [
        (Custodian(f"custodian {n}", public), identity) for n, (identity, public) in enumerate(made)
    ]


def opened(folder, **more):
    return open_keeper(keys=folder, staging=folder / "staging", workspace=WORKSPACE, **more)


@pytest.fixture
def plain(tmp_path):
    """A folder with keys of every kind, and what each of them was."""
    keeper = opened(tmp_path)
    keeper.vault.seal_facts([(PERSON, {"rooms": 3})], catalogue_version=1)
    keeper.cycles.make_frozen_keys(CYCLE)
    keeper.staging.seal(PERSON, b"drafts")
    folder = tmp_path / "keeper"
    (folder / "cycles" / f"{CYCLE.hex()}.secret").write_bytes(os.urandom(32))
    keeper.cards._links.store({})
    keeper.close()
    return folder


def secrets(folder):
    return {path: path.read_bytes() for path in key_files.secrets_below(folder)}


def locked(folder, people, *, before=None, starts=None):
    kept = [] if starts is None else starts
    locking.lock(
        folder, workspace=WORKSPACE, custodians=[one for one, _ in people], before=before,
        keep_start=kept.append, random=os.urandom,
    )  # fmt: skip
    return kept[-1]


def storage_keys(folder, identity):
    return locking.opened(folder, workspace=WORKSPACE, identity=identity).storage_keys


def test_every_secret_is_sealed_and_the_start_and_each_custodian_open_them(plain, people, tmp_path):
    before = secrets(plain)
    assert len(before) == 19

    start = locked(plain, people[:2])

    lying = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path, secret in before.items() if any(secret in data for data in lying)]
    with pytest.raises(key_files.KeysLocked):
        opened(tmp_path)
    for identity in (start, *(identity for _, identity in people[:2])):
        files = key_files.KeyFiles(plain, WORKSPACE, storage_keys(plain, identity))
        assert {path: files.read(path) for path in before} == before
    with pytest.raises(age.AgeRefused, match="made for other people"):
        storage_keys(plain, people[2][1])


def test_a_locked_keeper_does_its_work_and_writes_no_plain_secret(plain, people, tmp_path):
    keeper = opened(tmp_path)
    [owner] = keeper.vault.new_keys([PERSON])
    [[data]] = keeper.vault.seal([(owner, [ToSeal(Column.PHONE, PERSON, 1, "+58")])])
    keeper.close()
    start = locked(plain, people[:2])

    keeper = opened(tmp_path, storage_keys=storage_keys(plain, start))
    keeper.vault.seal_facts([(PERSON, {"tenure": "rented"})], catalogue_version=2)
    keeper.cycles.make_frozen_keys(WORKSPACE)
    [again] = keeper.vault.renew([(owner, [(Sealed(Column.PHONE, PERSON, data), 2)])])
    signed = keeper.signatory.sign({0: 1}, label=b"despensa/receipt/1")
    ring = keeper.signatory.public_keys().authority_ring()
    keeper.close()

    assert len(again) == 1
    assert cose.verify(signed, label=b"despensa/receipt/1", keys=ring, allowed=frozenset({0}))
    assert {len(data) for data in secrets(plain).values()} == {61}


@pytest.mark.parametrize("at_write", [1, 2, 3, 6, 12])
def test_killed_while_locking_the_custodians_open_it_and_the_next_start_goes_on(
    plain, people, tmp_path, monkeypatch, at_write
):
    before, calls, real = secrets(plain), [], key_files.write

    def dies(path, content):
        calls.append(path)
        if len(calls) == at_write:
            raise Killed
        real(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(key_files, "write", dies)
        with pytest.raises(Killed):
            locked(plain, people[:2])
    if locking.is_locked(plain):
        keys = storage_keys(plain, people[0][1])
        opened(tmp_path, storage_keys=keys).close()
        files = key_files.KeyFiles(plain, WORKSPACE, keys)
        assert {len(data) for data in secrets(plain).values()} == {61}
    else:
        files = key_files.KeyFiles(plain, WORKSPACE)

    assert {path: files.read(path) for path in before} == before


def test_locked_anew_for_others_nobody_of_before_opens_anything(plain, people):
    first = locked(plain, people[:2])
    old_lock = (plain / locking.LOCK_FILE).read_bytes()
    old_keys = storage_keys(plain, first)
    before = locking.opened(plain, workspace=WORKSPACE, identity=first)

    second = locked(plain, people[1:], before=before)

    for gone in (first, people[0][1]):
        with pytest.raises(age.AgeRefused):
            storage_keys(plain, gone)
    assert len(storage_keys(plain, second)) == 1
    # nor with the lock they kept a copy of
    assert age.open_with(old_lock, people[0][1])
    thief = key_files.KeyFiles(plain, WORKSPACE, old_keys)
    for path in secrets(plain):
        with pytest.raises(key_files.KeyMissing):
            thief.read(path)


def test_a_secret_opens_under_its_own_name_only(plain, people):
    start = locked(plain, people[:2])
    files = key_files.KeyFiles(plain, WORKSPACE, storage_keys(plain, start))
    (plain / "issuer.key").write_bytes((plain / "search.key").read_bytes())

    with pytest.raises(key_files.KeyMissing, match="issuer"):
        files.read(plain / "issuer.key")


def test_a_lock_of_another_workspace_is_refused(plain, people):
    start = locked(plain, people[:2])

    with pytest.raises(locking.LockDamaged, match="another workspace"):
        locking.opened(plain, workspace=PERSON, identity=start)


@pytest.mark.parametrize("wrong", ["one alone", "the same key twice", "no key"])
def test_custodians_who_are_none_change_nothing(plain, people, wrong):
    first, second = people[0][0], people[1][0]
    named = {
        "one alone": [first],
        "the same key twice": [first, Custodian("other", first.public)],
        "no key": [first, Custodian("other", "age1zz")],
    }[wrong]
    before = secrets(plain)

    with pytest.raises((CustodiansWrong, age.AgeRefused)):
        locking.lock(
            plain, workspace=WORKSPACE, custodians=named, before=None,
            keep_start=lambda _: None, random=os.urandom,
        )  # fmt: skip

    assert second
    assert secrets(plain) == before
    assert not locking.is_locked(plain)


class TestTheStart:
    """What opens the lock when the keeper starts."""

    def test_a_passphrase_a_credential_or_a_custodian(self, plain, people, tmp_path, monkeypatch):
        monkeypatch.setattr(age, "seal_under", lambda plain, secret: secret.encode() + plain)
        monkeypatch.setattr(
            age, "open_under", lambda sealed, secret: sealed.removeprefix(secret.encode())
        )
        kept = []
        keep = locking.keep_under_passphrase(plain, "maize river lamp")
        locking.lock(
            plain, workspace=WORKSPACE, custodians=[one for one, _ in people[:2]], before=None,
            keep_start=lambda identity: (kept.append(identity), keep(identity)), random=os.urandom,
        )  # fmt: skip
        (tmp_path / "despensa-keeper").write_text(f"{kept[0]}\n")
        (tmp_path / "mine").write_text(f"# created\n{people[0][1]}\n")
        read, write = os.pipe()
        os.write(write, b"maize river lamp\n")
        os.close(write)

        for given in (
            Ways({}, passphrase_fd=read),
            Ways({}, ask=lambda: "maize river lamp"),
            Ways({"CREDENTIALS_DIRECTORY": str(tmp_path)}),
            Ways({}, identity_file=tmp_path / "mine"),
        ):
            assert given.opened(plain, workspace=WORKSPACE).custodians[0].name == "custodian 0"
        with pytest.raises(StillLocked, match="custodian's --identity"):
            Ways({}).opened(plain, workspace=WORKSPACE)

    def test_a_folder_that_is_not_locked_asks_for_nothing(self, plain):
        assert Ways({}).opened(plain, workspace=WORKSPACE) is None

    def test_a_passphrase_of_age_opens_what_it_sealed_and_no_other_does(self):
        sealed = age.seal_under(b"identity", "maize river lamp")

        assert age.open_under(sealed, "maize river lamp") == b"identity"
        with pytest.raises(age.AgeRefused):
            age.open_under(sealed, "maize river lamb")
