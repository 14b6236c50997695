"""Identity cards on paper, from being asked for to being worth nothing."""

from uuid import UUID

import pypdfium2
import pytest

from despensa.adapters.printing import TypstCardPrinter
from despensa.domain.card import envelope, sheet
from despensa.domain.card.claims import IdentityCard
from despensa.domain.card.sheet import LAYOUTS, SINGLE
from despensa.domain.ports.access import AccessRefused
from despensa.domain.proposal import ApprovalInvalid
from despensa.entrypoints import wiring
from despensa.entrypoints.jobs import actions, identity_cards, print_files, wallet
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY
from despensa.records.proposals import queries as proposals
from despensa.records.wallet import paper_queries, queries
from despensa.usecases.look_at_identity_batch import look_at_identity_batch
from tests.factories.observing import Killed, count, dies
from tests.factories.wallet import ADDRESS, Phone, offered, somebody


@pytest.fixture
def books(registered_books, at, monkeypatch):
    monkeypatch.setenv(wallet.ADDRESS_VARIABLE, ADDRESS)
    found = at(registered_books)
    monkeypatch.setattr(wiring, "tools", lambda: found.tools)
    return found


def _people(books, many):
    return fetch(
        REGISTRY,
        """SELECT household_id, registrant_id FROM membership
           WHERE role = 1 AND until_date IS NULL ORDER BY registrant_id LIMIT %s""",
        (many,),
    )


def _asked(books, many):
    for home, person in _people(books, many):
        identity_cards.ask(person, home, books.tools, acting=books.acting("ana"))


def _ordered(books, layout=SINGLE):
    return books.approved(
        identity_cards.order(
            layout, ["es", "ar"], "0800-1", books.tools, acting=books.acting("jorge")
        )
    )


def _codes(books, batch):
    [path] = print_files.sheets_in(print_files.folder_of(batch, books.tools))
    return print_files.printer().read_back(path.read_bytes(), SINGLE)


def _worthless(number):
    [(place, listed)] = fetch(
        REGISTRY, "SELECT place, status_list_id FROM identity_card WHERE number = %s", (number,)
    )
    return place in queries.ended_places(listed, now=0)


def test_asked_printed_handed_over_replaced_and_ended(books, sign_in, despensa, tmp_path):
    sign_in(books, "ana")
    home, person = somebody()
    ask = [despensa("identity", "ask", home, person, "--json").json for _ in range(2)]
    sign_in(books, "jorge")
    order = ("identity", "order", "--help-line", "0800-1", "--layout", "card", "--json")
    proposal = despensa(*order).json["proposal"]
    batch = books.approved(UUID(proposal))
    done = actions.carry_out(batch, books.tools)
    [code] = _codes(books, batch)
    key = books.keeper.signatory.public_keys().issuer
    card = envelope.decode(
        code.text, issuer_keys=books.keeper.signatory.public_keys().issuer_ring(),
        now=books.clock.at,
    ).card  # fmt: skip
    picture = tmp_path / "card.png"
    [path] = print_files.sheets_in(print_files.folder_of(batch, books.tools))
    pypdfium2.PdfDocument(path)[0].render(scale=4).to_pil().save(picture)
    decoded = despensa("card", "decode", picture, "--issuer-key", key.hex(), "--json").json
    again = despensa(*order)
    sign_in(books, "ana")
    handed = [despensa("identity", "hand-over", text).code for text in (code.text, card.number)]

    assert [one["card"] is None for one in ask] == [False, True]
    assert done.startswith("1 identity cards ready")
    assert isinstance(card, IdentityCard)
    assert (card.status_uri, card.language) == (f"{ADDRESS}/status/1", "spa")
    assert len(card.birth_date) == 8
    assert decoded["verdict"] == "genuine"
    assert "Nobody here waits" in again.err
    assert handed == [0, 1]
    # one card a person: that on a phone ends the one on paper, and the list says so
    assert not _worthless(card.number)
    Phone(books).obtained(offered(books, home, person).codes)
    assert _worthless(card.number)


def test_counted_the_files_are_gone_and_a_spoilt_card_is_never_printed_again(books):
    _asked(books, 3)
    batch = _ordered(books)
    actions.carry_out(batch, books.tools)
    folder = print_files.folder_of(batch, books.tools)
    numbers = [card.number for card in paper_queries.cards_of_batch(batch)]
    people = [person for _, person in _people(books, 3)]

    counted = [
        identity_cards.count(
            batch, good=2, spoilt=numbers[:1], tools=books.tools, acting=books.acting("jorge")
        )
        for _ in range(2)
    ]

    assert counted == [True, False]
    assert not folder.exists()
    assert [_worthless(number) for number in numbers] == [True, False, False]
    hand = [
        identity_cards.hand_over(number, books.tools, acting=books.acting("ana"))
        for number in numbers
    ]
    assert hand == [False, True, True]
    assert len(paper_queries.waiting_for(people)) == 0
    [(state, gone)] = fetch(
        REGISTRY, "SELECT state, print_destroyed_at IS NOT NULL FROM identity_batch"
    )
    assert (state, gone) == (3, True)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda one: one.name)
def test_every_layout_is_printed_and_killed_it_goes_on_with_the_same_cards(
    books, monkeypatch, layout
):
    _asked(books, 3)
    batch = _ordered(books, layout)
    with monkeypatch.context() as patched:
        dies(patched, identity_cards, "release_identity_cards")
        with pytest.raises(Killed):
            actions.carry_out(batch, books.tools)
    [path] = print_files.sheets_in(print_files.folder_of(batch, books.tools))
    before = [code.text for code in print_files.printer().read_back(path.read_bytes(), layout)]

    assert identity_cards.go_on(books.tools) == 1
    after = [code.text for code in print_files.printer().read_back(path.read_bytes(), layout)]

    assert before == after
    assert len(after) == 3
    assert identity_cards.go_on(books.tools) == 0
    [(state,)] = fetch(REGISTRY, "SELECT state FROM identity_batch")
    assert state == 2


def test_the_keeper_signs_what_two_people_agreed_to_and_nothing_else(books):
    _asked(books, 2)
    batch = _ordered(books)
    actions.carry_out(batch, books.tools)
    access, cards = look_at_identity_batch(batch, acting=books.acting("jorge"))
    view = proposals.proposal(batch)
    signs = books.keeper.wallet.paper_cards
    first, second = (identity_cards._to_sign(card) for card in cards)
    given = {"proposal": view.canonical, "approval": view.signed, "country": "VE"}
    looks = count(REGISTRY, "access_entry", "purpose = 7")

    with pytest.raises(ApprovalInvalid):
        signs(access, orders=[first.__class__(**_fields(first, card=second.card))], **given)
    with pytest.raises(AccessRefused, match="another number"):
        signs(access, orders=[first.__class__(**_fields(first, number=second.number))], **given)
    books.clock.forward(days=11)
    late, _ = look_at_identity_batch(batch, acting=books.acting("jorge"))
    with pytest.raises(ApprovalInvalid, match="any more"):
        signs(late, orders=[first], **given)
    # two people were looked at once for print and once here, before anything was opened
    assert looks == 4


def _fields(order, **other):
    names = type(order).__dataclass_fields__
    return {name: getattr(order, name) for name in names} | other


def test_whoever_took_it_back_gets_none(books):
    _asked(books, 2)
    batch = _ordered(books)
    (home, person), _ = _people(books, 2)
    [card] = fetch(REGISTRY, "SELECT id FROM identity_card WHERE person_id = %s", (person,))[0]
    wallet.end(card, home, books.tools, acting=books.acting("ana"))

    assert actions.carry_out(batch, books.tools).startswith("1 identity cards")


def test_a_batch_that_does_not_read_back_is_given_up_after_one_look_more(books, monkeypatch):
    _asked(books, 2)
    batch = _ordered(books)
    people = [person for _, person in _people(books, 2)]
    unread = sheet.SheetCheck(2, 0, ())
    monkeypatch.setattr(TypstCardPrinter, "verify_sheet", lambda *_: unread)
    with pytest.raises(print_files.SheetUnreadable):
        actions.carry_out(batch, books.tools)

    for _ in range(3):
        assert identity_cards.go_on(books.tools) == 0

    assert count(REGISTRY, "access_entry", "purpose = 7") == 4
    assert not paper_queries.waiting_for(people)
    assert identity_cards.destroy(books.tools) == 1
    home, person = _people(books, 1)[0]
    assert identity_cards.ask(person, home, books.tools, acting=books.acting("ana"))
