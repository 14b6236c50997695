"""A cycle's package: agreed by two, made once whatever kills it, and gone on its day."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from despensa.domain.encoding import dcbor
from despensa.domain.proposal import Reason
from despensa.domain.release.package import PackageTerms, ReleaseWrong, Wrong
from despensa.domain.transparency.leaf import PublicKind, PublicLeaf, parse_leaf
from despensa.entrypoints import auditing
from despensa.entrypoints.jobs import actions, package_files, releasing, rounds
from despensa.records.bulk import execute, fetch
from despensa.records.databases import REGISTRY
from despensa.records.programmes import queries as programmes
from despensa.records.releases import queries
from despensa.usecases.fetch_release import NoSuchRelease, fetch_release
from tests.factories.observing import count

PRIVATE = X25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes_raw()


def terms_of(books, *, days=30, key=PUBLIC, recipient="Tribunal de Cuentas"):
    return PackageTerms(recipient, key, books.tools.today() + timedelta(days=days))


def proposed(books, **terms):
    row = programmes.cycle(books.cycle)
    return releasing.propose(
        row, terms_of(books, **terms), books.tools, acting=books.acting("jorge")
    )


def checks_of(books, path):
    keys = books.keeper.signatory.public_keys()
    mirror = auditing.mirror_of(books.tools.log.folder, books.tools.log_vkey)
    return list(
        auditing.audit_package(
            path,
            PRIVATE.private_bytes_raw(),
            auditing.Keys(books.tools.log_vkey, keys.authority),
            mirror=mirror,
        )
    )


def states(checks):
    return {check.name: check.state for check in checks}


def test_a_package_is_made_once_and_everything_in_it_holds(opened_books):
    proposal = opened_books.approved(proposed(opened_books))

    said = actions.carry_out(proposal, opened_books.tools)

    release = queries.release(proposal)
    path = package_files.package_file(proposal, opened_books.tools)
    assert "package 1 is ready" in said
    assert (release.number, release.state) == (1, queries.READY)
    assert release.length == path.stat().st_size
    assert path.stat().st_mode & 0o077 == 0
    checks = checks_of(opened_books, path)
    assert set(states(checks).values()) == {auditing.HOLDS}, checks
    assert {"root", "decisions, row for row", "quantities opened", "copy of the log"} <= set(
        states(checks)
    )
    assert [one.name for one in path.parent.iterdir() if one.name != "lock"] == [path.name]
    with pytest.raises(actions.NotCarriedOut):
        actions.carry_out(proposal, opened_books.tools)


def leaf_said(kind):
    """Return what the last public leaf of a kind says."""
    rows = fetch(REGISTRY, "SELECT leaf FROM leaf_queue ORDER BY position DESC")
    for (data,) in rows:
        leaf = parse_leaf(bytes(data))
        if isinstance(leaf, PublicLeaf) and leaf.kind == kind:
            return dcbor.decode(leaf.body)
    return None


def test_killed_anywhere_the_same_package_is_made_again(decided_books, monkeypatch):
    books = decided_books
    proposal = books.approved(proposed(books))
    folder = books.folder / "run" / "releases"
    contents = []

    def opened_content():
        (path,) = folder.glob("*.package")
        with path.open("rb") as file:
            return auditing.opened_package(file, PRIVATE.private_bytes_raw()).signed

    for place in ("begin_release", "decided_lines", "write_package", "finish_release"):
        holder = queries if place == "decided_lines" else releasing
        whole = getattr(holder, place)

        def killed(*arguments, whole=whole, place=place, **options):
            if place in {"begin_release", "write_package"}:
                whole(*arguments, **options)
            raise KeyboardInterrupt

        with monkeypatch.context() as context:
            context.setattr(holder, place, killed)
            with pytest.raises(KeyboardInterrupt):
                actions.carry_out(proposal, books.tools)
        assert queries.release(proposal).state == queries.BEGUN
        assert not list(folder.glob("*.aside"))
        assert not list(folder.glob("*.partial"))
        if place in {"write_package", "finish_release"}:
            contents.append(opened_content())
        # what the log has learnt meanwhile does not change what is proved
        books.proposal("jorge", "open_cycle", Reason.SCHEDULED_CYCLE, **books.opening_order())
        rounds.seal_log(books.tools)
        books.clock.forward(hours=30)

    actions.carry_out(proposal, books.tools)

    contents.append(opened_content())
    assert len(set(contents)) == 1
    assert count(REGISTRY, "release") == 1
    assert set(states(checks_of(books, next(folder.glob("*.package")))).values()) == {
        auditing.HOLDS, auditing.NOT_CHECKED
    }  # fmt: skip


def test_its_copy_ends_on_its_day_and_the_log_says_so(decided_books):
    books = decided_books
    proposal = books.approved(proposed(books, days=2))
    actions.carry_out(proposal, books.tools)
    path = package_files.package_file(proposal, books.tools)
    said = leaf_said(PublicKind.RELEASE)
    stray = path.with_name("0f0e.package.77.partial")
    stray.write_bytes(b"half")

    fetched = fetch_release(proposal, acting=books.acting("samir"))
    books.clock.forward(days=1)
    before = package_files.destroy_due(books.tools)
    assert (path.exists(), before, stray.exists()) == (True, 0, False)
    books.clock.forward(days=1)
    destroyed = package_files.destroy_due(books.tools)
    again = package_files.destroy_due(books.tools)

    release = queries.release(proposal)
    assert (destroyed, again, path.exists()) == (1, 0, False)
    assert (release.state, release.fetches, fetched.number) == (queries.DESTROYED, 1, 1)
    assert (said[0], said[1], said[2]) == (1, 1, books.cycle.bytes)
    assert said[4] == release.sha256
    assert leaf_said(PublicKind.RELEASE_DESTROYED)[0] == 1
    with pytest.raises(NoSuchRelease, match="destroyed"):
        fetch_release(proposal, acting=books.acting("samir"))


def test_who_has_no_role_for_it_takes_nothing(decided_books):
    books = decided_books
    proposal = books.approved(proposed(books))
    actions.carry_out(proposal, books.tools)

    for name in ("ana", "nour", "lucia"):
        with pytest.raises(NoSuchRelease):
            fetch_release(proposal, acting=books.acting(name))
    assert count(REGISTRY, "release_fetch") == 0


def test_what_cannot_be_agreed_to_is_said_at_once(decided_books, monkeypatch):
    books = decided_books
    for wrong, terms in (
        (Wrong.KEY, {"key": b"\0" * 32}),
        (Wrong.KEY, {"key": b"short"}),
        (Wrong.RECIPIENT, {"recipient": " "}),
        (Wrong.DESTROY_BY, {"days": 0}),
        (Wrong.DESTROY_BY, {"days": 366}),
    ):
        with pytest.raises(ReleaseWrong) as refused:
            proposed(books, **terms)
        assert refused.value.wrong is wrong
    proposed(books)
    with pytest.raises(ReleaseWrong) as refused:
        proposed(books)
    assert refused.value.wrong is Wrong.WAITING

    execute(REGISTRY, "UPDATE proposal SET state = 3, refused_at = 1 WHERE state = 1")
    books.tools.engine.destroy(releasing.frozen_folder(books.cycle, books.tools))
    with pytest.raises(ReleaseWrong) as refused:
        proposed(books)
    assert refused.value.wrong is Wrong.GONE


def test_a_decision_changed_in_the_database_is_found(decided_books, endpoints):
    from tests.usecases.test_rebuild_register import intruder

    books = decided_books
    [(row,)] = fetch(REGISTRY, "SELECT max(frozen_row) FROM decision")
    with intruder(books, endpoints) as connection:
        connection.execute(
            "UPDATE decision SET outcome = outcome %% 3 + 1 WHERE frozen_row = %s", (row,)
        )
    proposal = books.approved(proposed(books))
    actions.carry_out(proposal, books.tools)

    checks = checks_of(books, package_files.package_file(proposal, books.tools))

    assert states(checks)["decisions, row for row"] == auditing.FAILS
    assert any(f"the first is row {row} (" in check.said for check in checks)
