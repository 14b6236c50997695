"""The keeper: what it writes before it answers, what it refuses, and what it destroys."""

import os

import pytest

from despensa.adapters.keeper import key_files
from despensa.adapters.keeper.in_process import open_keeper
from despensa.adapters.keeper.links import LinkFile, LinksDamaged
from despensa.adapters.keeper.own_copy import OwnCopy
from despensa.adapters.keeper.signing import LabelRefused
from despensa.adapters.keeper.standing import FIXED
from despensa.adapters.keeper.vault import READS_AN_HOUR_A_PERSON, READS_AN_HOUR_IN_ALL
from despensa.domain.card import tag as tags
from despensa.domain.encoding import cose
from despensa.domain.ports.keeper import Access, AccessRefused, Purpose, StagedFileDamaged
from despensa.domain.proposal import APPROVAL_KEPT_SECONDS, APPROVAL_LABEL, ApprovalInvalid, Reason
from despensa.domain.sealing import Column, SealBroken, Sealed, ToSeal
from despensa.entrypoints.jobs import actions
from tests.factories import books as factory
from tests.factories.reading import card_of

WORKSPACE, PERSON, OTHER, STAFF = (bytes([n]) * 16 for n in (1, 2, 3, 4))
AT = 1_795_276_800


@pytest.fixture
def keeper(tmp_path):
    opened = open_keeper(keys=tmp_path, staging=tmp_path / "staging", workspace=WORKSPACE)
    yield opened
    opened.own_copy.close()


def _sealed(keeper, person=PERSON, value="Lucía Vera"):
    [owner] = keeper.vault.new_keys([person])
    [[stored]] = keeper.vault.seal([(owner, [ToSeal(Column.FULL_NAME, person, 1, value)])])
    return owner, Sealed(Column.FULL_NAME, person, stored)


def _access(persons=(PERSON,), fields=(Column.FULL_NAME,), staff=STAFF, at=AT):
    return Access(os.urandom(16), staff, at, Purpose.SERVE_HOUSEHOLD, persons, fields)


def _reads(keeper):
    return [record for record in keeper.own_copy.records() if record[0] == 1]


class TestReading:
    """Every look is on the disk before anything is opened."""

    def test_the_access_is_durable_before_a_value_is_opened(self, keeper, monkeypatch):
        owner, value = _sealed(keeper)
        order = []
        real = os.fsync
        monkeypatch.setattr(os, "fsync", lambda f: (order.append("fsync"), real(f)))
        monkeypatch.setattr(
            "despensa.domain.sealing.unseal", lambda *_, **__: order.append("unseal") or ["name"]
        )
        access = _access()

        keeper.vault.unseal(access, [(owner, [value])])

        assert order == ["fsync", "unseal"]
        [record] = _reads(keeper)
        assert (record[1], record[3], record[4]) == (access.entry, STAFF, 1)
        assert (record[5], record[6]) == ([PERSON], [int(Column.FULL_NAME)])

    def test_a_disk_that_fails_opens_nothing(self, keeper, monkeypatch):
        owner, value = _sealed(keeper)

        def broken(_):
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(os, "fsync", broken)

        with pytest.raises(OSError, match="Input"):
            keeper.vault.unseal(_access(), [(owner, [value])])

    def test_what_the_access_names_is_opened(self, keeper):
        owner, value = _sealed(keeper)

        assert keeper.vault.unseal(_access(), [(owner, [value])]) == [["Lucía Vera"]]

    @pytest.mark.parametrize(
        "access",
        [_access(persons=(OTHER,)), _access(fields=(Column.PHONE,)), _access(persons=())],
        ids=["another person", "another field", "nobody"],
    )
    def test_what_the_access_does_not_name_stays_shut(self, keeper, access):
        owner, value = _sealed(keeper)

        with pytest.raises(AccessRefused):
            keeper.vault.unseal(access, [(owner, [value])])

        assert _reads(keeper) == []

    def test_a_value_moved_to_another_person_does_not_open(self, keeper):
        _, value = _sealed(keeper)
        other, _ = _sealed(keeper, OTHER)
        moved = Sealed(Column.FULL_NAME, OTHER, value.data)

        with pytest.raises(SealBroken):
            keeper.vault.unseal(_access(persons=(OTHER,)), [(other, [moved])])

    def test_one_officer_has_a_quota_an_hour(self, keeper):
        owner, value = _sealed(keeper)
        for _ in range(READS_AN_HOUR_A_PERSON):
            keeper.vault.unseal(_access(), [(owner, [value])])

        with pytest.raises(AccessRefused, match="last hour"):
            keeper.vault.unseal(_access(), [(owner, [value])])

        assert len(_reads(keeper)) == READS_AN_HOUR_A_PERSON
        assert keeper.vault.unseal(_access(staff=OTHER), [(owner, [value])])
        assert keeper.vault.unseal(_access(at=AT + 3600), [(owner, [value])])

    def test_the_workspace_has_a_quota_whoever_is_named(self, keeper):
        owner, value = _sealed(keeper)
        many = (*(number.to_bytes(16, "big") for number in range(99)), PERSON)
        for number in range(READS_AN_HOUR_IN_ALL // 100):
            staff = number.to_bytes(16, "big")
            keeper.vault.unseal(_access(persons=many, staff=staff), [(owner, [value])])

        with pytest.raises(AccessRefused):
            keeper.vault.unseal(_access(staff=b"x" * 16), [(owner, [value])])


class TestOwnCopy:
    """Appended, durable, and whole after a crash."""

    def test_a_torn_record_is_cut_and_the_rest_stays(self, tmp_path):
        path = tmp_path / "copy"
        copy = OwnCopy(path)
        copy.append({0: 1})
        copy.append({0: 2})
        copy.close()
        path.write_bytes(path.read_bytes()[:-1])

        again = OwnCopy(path)
        again.append({0: 3})

        assert [record[0] for record in again.records()] == [1, 3]
        again.close()


class TestLinks:
    """The current link of every card, twice, under keys that do not outlive a step."""

    LINKS = {f"{n:010d}": tags.Link(5, bytes([n]) * 16) for n in range(3)}

    @pytest.fixture
    def file(self, tmp_path):
        return LinkFile(tmp_path / "links", workspace=WORKSPACE, random=os.urandom)

    def test_there_are_two_copies_under_two_keys(self, file, tmp_path):
        file.store(self.LINKS)

        keys = [path.read_bytes() for path in tmp_path.rglob("*.key")]
        assert len(keys) == 2 == len(set(keys))
        assert len(list(tmp_path.rglob("*.links"))) == 2

    @pytest.mark.parametrize("lost", ["a", "b"])
    @pytest.mark.parametrize("pattern", ["*.key", "*.links", "current"])
    def test_one_damaged_copy_is_enough_lost(self, file, tmp_path, lost, pattern):
        file.store(self.LINKS)
        [path] = (tmp_path / "links" / lost).glob(pattern)
        path.write_bytes(b"damaged")

        assert file.load() == self.LINKS

    def test_two_damaged_copies_are_said(self, file, tmp_path):
        file.store(self.LINKS)
        for path in tmp_path.rglob("*.links"):
            path.write_bytes(path.read_bytes()[:-1])

        with pytest.raises(LinksDamaged, match="scanning"):
            file.load()

    def test_old_keys_and_files_are_gone_after_a_step(self, file, tmp_path):
        file.store(self.LINKS)
        before = {path.name for path in tmp_path.rglob("*.key")}
        sealed = {path.name for path in tmp_path.rglob("*.links")}
        forward = {number: tags.walk(link, 6) for number, link in self.LINKS.items()}

        file.store(forward)

        assert not before & {path.name for path in tmp_path.rglob("*")}
        assert not sealed & {path.name for path in tmp_path.rglob("*")}
        assert file.load() == forward

    @pytest.mark.parametrize("kept", [0, 10, 20])
    def test_a_copy_cut_short_never_reads_as_no_links(self, file, tmp_path, kept):
        file.store(self.LINKS)
        for path in tmp_path.rglob("*.links"):
            path.write_bytes(path.read_bytes()[:kept])

        with pytest.raises(LinksDamaged):
            file.load()

    def test_no_links_are_stored_like_any_others(self, file):
        file.store(self.LINKS)

        file.store({})

        assert file.load() == {}

    def test_more_than_one_chunk(self, file):
        links = {f"{n:010d}": tags.Link(5, n.to_bytes(16, "big")) for n in range(5000)}

        file.store(links)

        assert file.load() == links

    def test_a_link_file_of_another_workspace_does_not_open(self, file, tmp_path):
        file.store(self.LINKS)
        other = LinkFile(tmp_path / "links", workspace=OTHER, random=os.urandom)

        with pytest.raises(LinksDamaged):
            other.load()


class TestStepping:
    """Opening a cycle moves the links forward, and there is no way back from what is left."""

    def test_the_tags_of_past_epochs_cannot_be_made_from_what_is_left(self, carded_books):
        books = carded_books
        epoch = books.opening_order()["parameters"][0]
        programme, cycle = books.programme.bytes, books.cycle.bytes
        cards = [card_of(books, text) for text in books.card_texts.values()]
        order = books.opening_order() | {"parameters": (epoch + 1,)}
        actions.carry_out(
            books.approved(books.proposal("jorge", "open_cycle", Reason.SCHEDULED_CYCLE, **order)),
            books.tools,
        )

        left = b"".join(
            path.read_bytes() for path in (books.folder / "keys").rglob("*") if path.is_file()
        )

        assert not [card for card in cards if card.secret in left]
        links = LinkFile(
            books.folder / "keys/keeper/links",
            workspace=books.tools.workspace.workspace_id.bytes,
            random=os.urandom,
        ).load()
        for card in cards:
            old = tags.tag16(card.secret, programme=programme, cycle=cycle)
            assert links[card.number].epoch == epoch + 1
            assert links[card.number].key != card.secret
            assert tags.tag16(links[card.number].key, programme=programme, cycle=cycle) != old


class TestCards:
    """Cards only inside an approved batch, once, in the approved number."""

    def _approved(self, books):
        proposal = books.proposal(
            "jorge", "issue_cards", Reason.CARDS_FOR_ENTITLED, **books.cards_order()
        )
        return actions.verified(books.approved(proposal), books.tools)

    @factory.looks_into_the_keeper
    def test_the_batch_is_on_the_disk_before_the_first_signature(self, decided_books, monkeypatch):
        books = decided_books
        approved = self._approved(books)

        def signed(*_, **__):
            raise RuntimeError("no signature yet")

        monkeypatch.setattr("despensa.domain.card.envelope.encode_cards", signed)
        with pytest.raises(RuntimeError):
            factory.sign_cards(books, approved, books.cycle)

        issued = [record for record in books.keeper_records() if record[0] == 2]
        assert [record[1] for record in issued] == [books.cycle.bytes]

    @pytest.mark.parametrize("more", [-1, 1])
    def test_another_count_than_approved_is_refused(self, decided_books, more):
        books = decided_books
        approved = self._approved(books)
        count = dict(approved.proposal.totals)["cards"]

        with pytest.raises(ApprovalInvalid, match="number of cards"):
            factory.sign_cards(books, approved, books.cycle, count=count + more)

        assert not list((books.folder / "keys").rglob("*.links"))

    def test_a_second_batch_under_one_approval_is_refused(self, decided_books):
        books = decided_books
        approved = self._approved(books)
        factory.sign_cards(books, approved, books.cycle)

        with pytest.raises(ApprovalInvalid, match="before"):
            factory.sign_cards(books, approved, books.programme)

    def test_an_approval_of_something_else_signs_nothing(self, decided_books):
        books = decided_books
        approved = self._approved(books)
        other = actions.verified(
            books.approved(books.proposal("jorge", "publish_rule", Reason.PUBLISHED_PROGRAMME)),
            books.tools,
        )

        with pytest.raises(ApprovalInvalid):
            factory.sign_cards(books, approved, books.cycle, proposal=other.mandate.canonical)
        with pytest.raises(ApprovalInvalid):
            factory.sign_cards(books, approved, books.cycle, approval=other.mandate.signed)

    def test_an_expired_approval_signs_nothing(self, decided_books):
        books = decided_books
        approved = self._approved(books)

        with pytest.raises(ApprovalInvalid, match="expired"):
            factory.sign_cards(
                books, approved, books.cycle, issued_at=books.clock.at + APPROVAL_KEPT_SECONDS
            )


class TestSigning:
    """Each key signs for its own use."""

    @pytest.mark.parametrize("label", [b"despensa/event/1", b"", b"despensa/proposal/1"])
    def test_the_authority_signs_only_its_labels(self, keeper, label):
        with pytest.raises(LabelRefused):
            keeper.signatory.sign({0: 1}, label=label)

    def test_an_approval_is_on_the_disk_before_it_is_signed(self, keeper, monkeypatch):
        payload = {0: 1, 1: bytes(32), 2: bytes(16), 3: 2, 4: 1_795_000_000}
        seen = []
        sign = cose.sign
        monkeypatch.setattr(
            cose,
            "sign",
            lambda *args, **named: (
                seen.append(list(keeper.own_copy.records())[-1]) or sign(*args, **named)
            ),
        )

        keeper.signatory.sign(payload, label=APPROVAL_LABEL)

        assert seen == [{**payload, 0: 7}]

    def test_nothing_but_a_chunk_statement_is_signed_bare(self, keeper):
        with pytest.raises(LabelRefused):
            keeper.signatory.sign_bytes(b"anything")

    def test_no_two_uses_share_a_key(self, keeper):
        keys = keeper.signatory.public_keys()

        assert len({keys.issuer, keys.authority, keys.log, keys.inbox, keys.office}) == 5


class TestStaging:
    """A staged file opens until it is destroyed, and never after."""

    def test_it_opens_while_its_key_lives(self, keeper):
        keeper.staging.seal(PERSON, b"drafts")

        assert keeper.staging.open(PERSON) == b"drafts"

    def test_a_kept_copy_is_worthless_once_destroyed(self, keeper, tmp_path):
        keeper.staging.seal(PERSON, b"drafts")
        kept = (tmp_path / "staging" / f"{PERSON.hex()}.sealed").read_bytes()

        keeper.staging.destroy(PERSON, at=1)
        keeper.staging.destroy(PERSON, at=1)
        (tmp_path / "staging" / f"{PERSON.hex()}.sealed").write_bytes(kept)

        with pytest.raises(FileNotFoundError):
            keeper.staging.open(PERSON)

    def test_a_damaged_file_is_said(self, keeper, tmp_path):
        keeper.staging.seal(PERSON, b"drafts")
        (tmp_path / "staging" / f"{PERSON.hex()}.sealed").write_bytes(b"short")

        with pytest.raises(StagedFileDamaged):
            keeper.staging.open(PERSON)


@pytest.mark.parametrize("name", FIXED)
def test_a_keeper_that_has_lost_a_key_does_not_start_and_makes_none(tmp_path, name):
    """A keeper apart sees no log: it knows by itself that its keys were made before."""
    opened = {"keys": tmp_path, "staging": tmp_path / "staging", "workspace": bytes(16)}
    open_keeper(**opened).close()
    (tmp_path / "keeper" / f"{name}.key").unlink()

    with pytest.raises(key_files.KeyMissing, match=name):
        open_keeper(**opened)

    assert not (tmp_path / "keeper" / f"{name}.key").exists()


def test_every_key_is_for_its_owner_only(carded_books):
    keys = carded_books.folder / "keys"

    wide = [
        path
        for path in keys.rglob("*")
        if path.stat().st_mode & 0o077 and path.name != "log-last-signed"
    ]
    assert wide == []
