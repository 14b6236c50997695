"""Keys are lost and come back from their custodians' copy; what was destroyed does not."""

import os
import shutil

import pypdfium2
import pytest

from despensa.adapters import age
from despensa.adapters.keeper import escrow, key_files, standing
from despensa.adapters.keeper.in_process import open_keeper
from despensa.adapters.printing import TypstKeySheetPrinter
from despensa.adapters.qr import ZxingCodes, read_images
from despensa.domain.card import verify
from despensa.domain.encoding import dcbor
from despensa.domain.key_sheet import KeySheet, SheetUnreadable, check_sheet, parts_of, text_of
from despensa.domain.ports.keeper import Access, AccessRefused, KeyedPerson, Purpose
from despensa.domain.proposal import ApprovalInvalid, Reason
from despensa.domain.sealing import Column, Sealed
from despensa.domain.transparency.leaf import PublicKind, PublicLeaf, parse_leaf
from despensa.entrypoints.jobs import actions, copying_keys
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from tests.factories.administrator import with_administrator


@pytest.fixture(scope="module")
def custodians():
    """Three people and the identities they keep: two are custodians."""
    made = {name: age.new_identity() for name in ("rosa", "hamid", "thief")}
    return {name: identity for name, (identity, _) in made.items()}, [
        [name, public] for name, (_, public) in made.items() if name != "thief"
    ]


@pytest.fixture
def books(opened_books):
    return with_administrator(opened_books)


def copied(books, lines):
    """Return the copy that two people agreed on."""
    proposal = books.proposal("irene", "escrow_keys", Reason.KEY_COPY, parameters=tuple(lines))
    actions.carry_out(books.approved(proposal), books.tools)
    return copying_keys.place_of(books.tools.workspace, proposal).read_bytes()


def announced(kind):
    leaves = [parse_leaf(bytes(leaf)) for (leaf,) in fetch(
        REGISTRY, "SELECT leaf FROM leaf_queue ORDER BY position"
    )]  # fmt: skip
    return [
        dcbor.decode(leaf.body)
        for leaf in leaves
        if isinstance(leaf, PublicLeaf) and leaf.kind == kind
    ]


def name_of_somebody(books, keeper):
    """Return a name of the register as this keeper opens it."""
    [(person, sealed, kek, wrapped)] = fetch(
        REGISTRY,
        """SELECT person.id, person.full_name, key.kek, key.wrapped FROM registrant person
           JOIN person_key key ON key.person = person.id ORDER BY person.id LIMIT 1""",
    )
    access = Access(
        os.urandom(16), books.staff["ana"].bytes, books.clock.at, Purpose.SERVE_HOUSEHOLD,
        (person.bytes,), (Column.FULL_NAME,),
    )  # fmt: skip
    owner = KeyedPerson(person.bytes, kek, bytes(wrapped))
    value = Sealed(Column.FULL_NAME, person.bytes, bytes(sealed))
    return keeper.vault.unseal(access, [(owner, [value])])[0][0]


def test_destroyed_and_brought_back_cards_are_genuine_and_names_open(books, custodians, tmp_path):
    identities, lines = custodians
    data = copied(books, lines)
    workspace = books.tools.workspace.workspace_id.bytes
    folder = books.folder / "keys"
    before = name_of_somebody(books, books.keeper)
    shutil.rmtree(folder / "keeper")

    for name in ("rosa", "hamid"):
        again = tmp_path / name
        copy = escrow.opened(data, identities[name], workspace=workspace)
        files = key_files.KeyFiles(again / "keeper", workspace)
        copy.restore(again / "keeper", files, os.urandom)
        copy.restore(again / "keeper", files, os.urandom)
        keeper = open_keeper(keys=again, staging=again / "staging", workspace=workspace)
        ring = keeper.signatory.public_keys().issuer_ring()
        [text, *_] = books.card_texts.values()
        assert verify.verify(text, issuer_keys=ring, now=books.clock.at).card is not None
        assert name_of_somebody(books, keeper) == before
        keeper.close()
    with pytest.raises(age.AgeRefused):
        escrow.opened(data, identities["thief"], workspace=workspace)
    with pytest.raises(escrow.CopyWrong, match="another workspace"):
        escrow.opened(data, identities["rosa"], workspace=bytes(16))


def test_it_is_printed_and_the_codes_of_the_sheet_are_the_copy(books, custodians):
    _, lines = custodians
    proposal = books.proposal("irene", "escrow_keys", Reason.KEY_COPY, parameters=tuple(lines))
    actions.carry_out(books.approved(proposal), books.tools)
    data = copying_keys.place_of(books.tools.workspace, proposal).read_bytes()
    pdf = copying_keys.sheet_of(books.tools.workspace, proposal).read_bytes()

    text = data.decode()
    parts = parts_of(text)
    document = pypdfium2.PdfDocument(pdf)
    printed = "".join(page.get_textpage().get_text_bounded() for page in document)

    assert sorted(read_images(pdf)) == sorted(parts)
    assert text_of(parts) == text
    assert all(line in printed for line in text.splitlines())
    assert all(name in printed and public in printed for name, public in lines)


@pytest.mark.parametrize("language", ["es", "ar"])
def test_the_sheet_speaks_the_languages_of_the_house_and_is_refused_with_other_codes(language):
    codes = ZxingCodes()
    printer = TypstKeySheetPrinter(writer=codes, reader=codes)
    [line] = ["A" * 64]
    sheet = KeySheet(
        language, "Municipio San Rafael", "0" * 32, "2026-11-22", (("Rosa", "age1" + "q" * 58),) * 12,
        "0" * 64, "\n".join([line] * 30) + "\n",
    )  # fmt: skip

    with pytest.raises(SheetUnreadable):
        check_sheet([*parts_of(sheet.text)][1:], sheet)
    assert len(read_images(printer.render_sheet(sheet))) == 4


def test_a_copy_holds_nothing_that_is_destroyed_in_its_time(books, custodians):
    """Links, secrets of cycles, keys of facts and staged files: none is in it, so none comes back."""
    identities, lines = custodians
    books.keeper.staging.seal(os.urandom(16), b"drafts")
    folder = books.folder / "keys" / "keeper"
    fixed = {folder / f"{name}.key" for name in standing.FIXED}
    passing = {path: path.read_bytes() for path in key_files.secrets_below(folder)}
    passing = {path: secret for path, secret in passing.items() if path not in fixed}
    kinds = {path.parent.name for path in passing}

    plain = age.open_with(copied(books, lines), identities["rosa"])

    assert {"a", "b", "cycles", "facts", "staging"} <= kinds
    assert not [path for path, secret in passing.items() if secret in plain]
    assert all(path.read_bytes() in plain for path in fixed)


def test_it_is_tried_announced_and_told(books, custodians):
    identities, lines = custodians
    older = copied(books, lines)
    data = copied(books, lines)
    irene = books.acting("irene")

    with pytest.raises(AccessRefused, match="newest"):
        copying_keys.drill(older, identities["rosa"], books.tools, acting=irene)
    copying_keys.drill(data, identities["rosa"], books.tools, acting=irene)

    told = books.keeper.keys.standing()
    assert (told.escrowed_at, told.drilled_at) == (books.clock.at, books.clock.at)
    assert told.escrow_custodians == ("rosa", "hamid")
    [_, body] = announced(PublicKind.KEY_COPY)
    assert body[1] == [public for _, public in lines]
    assert announced(PublicKind.KEY_DRILL) == [{0: body[0]}]


def test_a_copy_of_before_an_exchange_is_found_out(books, custodians):
    identities, lines = custodians
    data = copied(books, lines)
    exchange = books.proposal(
        "irene", "rotate_key", Reason.KEY_ROTATION, parameters=("issuer", 0)
    )  # fmt: skip
    actions.carry_out(books.approved(exchange), books.tools)

    with pytest.raises(copying_keys.CopyFails, match="make a new one"):
        copying_keys.drill(data, identities["rosa"], books.tools, acting=books.acting("irene"))

    assert books.keeper.keys.standing().drilled_at == 0


def test_no_copy_without_two_people(books, custodians):
    _, lines = custodians
    proposal = books.proposal("irene", "rotate_key", Reason.KEY_COPY, parameters=tuple(lines))
    other = actions.verified(books.approved(proposal), books.tools).mandate

    with pytest.raises(ApprovalInvalid):
        books.keeper.keys.escrow(
            proposal=other.canonical, approval=other.signed, at=books.clock.at
        )  # fmt: skip
    assert books.keeper.keys.standing().escrowed_at == 0
