"""A batch at a print shop: sealed to its key, printed once, its return held against what was issued."""

import io
import random
import zipfile
from hashlib import sha256

import pytest

from despensa.adapters import age
from despensa.domain.card.count import CountRefused
from despensa.domain.card.shop import ReturnRefused, ShopRefused, code_hash
from despensa.domain.enrolment.card_binding import CardRefused
from despensa.domain.identifier import card_numbers
from despensa.domain.proposal import ApprovalInvalid, Reason
from despensa.domain.reach import OutOfReach
from despensa.domain.transparency.leaf import PublicKind
from despensa.entrypoints.jobs import actions, cards, print_files, print_shop
from despensa.records.cards import queries, shop_queries
from despensa.records.databases import REGISTRY
from despensa.usecases.bind_card import bind_card
from despensa.usecases.hand_over_cards import hand_over_cards
from tests.factories.observing import Killed, announced, at_once, count, dies, digests, raised

IDENTITY, PUBLIC = age.new_identity()


@pytest.fixture
def books(decided_books):
    """Books with a batch that was printed and read back in the house."""
    made = decided_books
    order = made.proposal("jorge", "issue_cards", Reason.CARDS_FOR_ENTITLED, **made.cards_order())
    actions.carry_out(made.approved(order), made.tools)
    [batch] = queries.batches()
    made.batch = batch.id
    return made


def _proposed(books, who="jorge", key=PUBLIC):
    return print_shop.propose(
        books.batch, "Imprenta Sol", key, books.tools, acting=books.acting(who)
    )


def _sent(books):
    """Send the batch away; return what the shop unpacks."""
    actions.carry_out(books.approved(_proposed(books)), books.tools)
    sealed = print_shop.package_file(books.batch, books.tools).read_bytes()
    return zipfile.ZipFile(io.BytesIO(age.open_with(sealed, IDENTITY)))


def _taken(books, data, who="jorge"):
    return print_shop.take_return(books.batch, data, books.tools, acting=books.acting(who))


def _lines(package):
    return package.read("cards.csv").splitlines(keepends=True)


def test_the_shop_s_key_opens_the_pages_and_the_list_and_no_page_stays(books, tmp_path):
    texts = cards.read_sheets(print_files.folder_of(books.batch, books.tools))
    package = _sent(books)
    (tmp_path / "cards-1.pdf").write_bytes(package.read("cards-1.pdf"))
    listed = [line.split(b",")[1].strip().decode() for line in _lines(package)[1:]]

    # what the shop reads from the pages is what its list says, and what the house read
    assert cards.read_sheets(tmp_path) == texts
    assert listed == [code_hash(text).hex() for text in texts]
    assert sorted(package.namelist()) == ["READ-ME.txt", "cards-1.pdf", "cards.csv"]
    assert print_files.sheets_in(print_files.folder_of(books.batch, books.tools)) == []
    with pytest.raises(age.AgeRefused):
        age.open_with(
            print_shop.package_file(books.batch, books.tools).read_bytes(), age.new_identity()[0]
        )
    [body] = announced(PublicKind.SENT_TO_SHOP)
    sealed = print_shop.package_file(books.batch, books.tools).read_bytes()
    assert body == {0: books.batch.bytes, 1: len(texts), 2: sha256(sealed).digest(), 3: PUBLIC}


def test_missing_doubled_and_foreign_cards_are_found_and_nobody_gets_them(books):
    wanted = len(cards.without_card(books.cycle))
    head, *lines = _lines(_sent(books))
    numbers = queries.numbers_of_batch(books.batch)
    [stranger] = card_numbers(random.Random(9).randbytes, 1)
    foreign = f"{stranger},{bytes(32).hex()}\r\n".encode()
    wrong = lines[2].split(b",")[0] + b"," + bytes(32).hex().encode() + b"\r\n"
    # the first is missing, the second came twice, the third is not what was issued
    data = b"".join([head, lines[1], lines[1], wrong, *lines[3:], foreign])
    looked = print_shop.looked_at(books.batch, data)

    done, is_new = _taken(books, data)

    assert is_new
    assert looked == done
    assert (done.missing, done.doubled) == ((numbers[0], numbers[2]), (numbers[1],))
    assert (len(done.printed), done.foreign) == (len(numbers) - 3, 2)
    assert count(REGISTRY, "card", "state = 5") == 3
    assert len(cards.without_card(books.cycle)) == wanted + 3
    assert books.keeper.cards.forget(done.spoilt, at=books.clock.at) == 0
    package = shop_queries.package(books.batch)
    told = (package.printed, package.missing, package.doubled, package.foreign_lines)
    assert told == (len(numbers) - 3, 2, 1, 2)
    # counted, the sealed pages are destroyed as well, and the log says so
    assert print_shop.package_file(books.batch, books.tools) is None
    assert not print_files.folder_of(books.batch, books.tools).exists()
    assert announced(PublicKind.PRINT_DESTROYED)[0][0] == books.batch.bytes

    again = digests(books.endpoints)
    assert not _taken(books, data)[1]
    with pytest.raises(ReturnRefused, match="once"):
        _taken(books, b"".join([head, *lines]))
    assert digests(books.endpoints) == again


def test_nothing_at_a_shop_is_handed_over_bound_or_counted_by_hand(books):
    package = _sent(books)
    numbers = queries.numbers_of_batch(books.batch)
    owned = {number: home for _, number, home in queries.assigned_in(books.batch)}
    [stock, *_] = [number for number in numbers if number not in owned]
    before = digests(books.endpoints)

    handed = hand_over_cards(numbers, acting=books.acting("ana"), sealer=books.keeper.vault)
    with pytest.raises(CardRefused):
        bind_card(
            stock, next(iter(owned.values())), acting=books.acting("ana"), sealer=books.keeper.vault,
            today=books.tools.today(),
        )  # fmt: skip
    with pytest.raises(CountRefused, match="print shop"):
        cards.count(
            books.batch, good=len(numbers), spoilt=[], tools=books.tools,
            acting=books.acting("jorge"),
        )  # fmt: skip

    assert handed.cards == ()
    assert digests(books.endpoints) == before
    _taken(books, package.read("cards.csv"))
    handed = hand_over_cards(numbers, acting=books.acting("ana"), sealer=books.keeper.vault)
    assert len(handed.cards) == len(owned)


@pytest.mark.parametrize("killed_at", ["before", "after"])
def test_a_killed_sending_is_made_again_or_stays(books, monkeypatch, killed_at):
    proposal = books.approved(_proposed(books))
    with monkeypatch.context() as patched:
        if killed_at == "before":
            dies(patched, print_shop, "send_to_shop")
        else:
            dies(patched, print_shop, "send_to_shop", after=True)
        with pytest.raises(Killed):
            actions.carry_out(proposal, books.tools)

    if killed_at == "before":
        assert print_shop.package_file(books.batch, books.tools) is None
        actions.carry_out(proposal, books.tools)
    else:
        with pytest.raises(actions.NotCarriedOut):
            actions.carry_out(proposal, books.tools)
    sealed = print_shop.package_file(books.batch, books.tools).read_bytes()

    assert count(REGISTRY, "shop_package") == 1
    assert announced(PublicKind.SENT_TO_SHOP)[0][2] == sha256(sealed).digest()


def test_what_is_sent_twice_late_or_by_somebody_else_is_refused(books):
    with pytest.raises(ShopRefused, match="age1"):
        _proposed(books, key="age1nothing")
    with pytest.raises(OutOfReach):
        _proposed(books, who="ana")
    first, second = (books.approved(_proposed(books)) for _ in range(2))
    actions.carry_out(first, books.tools)
    sealed = print_shop.package_file(books.batch, books.tools).read_bytes()
    before = digests(books.endpoints)

    with pytest.raises(actions.NotCarriedOut, match="already"):
        actions.carry_out(second, books.tools)
    with pytest.raises(ShopRefused, match="already"):
        _proposed(books)
    with pytest.raises(OutOfReach):
        _taken(books, b"serial,sha256\n", who="nour")

    assert print_shop.package_file(books.batch, books.tools).read_bytes() == sealed
    assert digests(books.endpoints) == before


def test_pages_that_are_not_those_agreed_to_are_not_sent(books):
    proposal = books.approved(_proposed(books))
    folder = print_files.folder_of(books.batch, books.tools)
    listed = (folder / "cards.csv").read_bytes()
    (folder / "cards.csv").write_bytes(b"\n".join(listed.splitlines()[:-1]))

    with pytest.raises(ApprovalInvalid, match="other cards"):
        actions.carry_out(proposal, books.tools)

    assert count(REGISTRY, "shop_package") == 0


def test_two_returns_at_once_are_one(books):
    data = _sent(books).read("cards.csv")

    ended = at_once(*[lambda: _taken(books, data)[1]] * 2)

    assert raised(ended) == []
    assert sorted(ended) == [False, True]
