"""A card replaced while a phone holds the household's goods: one slip, taken once, given once."""

import pytest

from despensa.adapters.field_device import FieldDevice
from despensa.domain.enrolment.card_binding import CardRefused
from despensa.domain.event import Means
from despensa.domain.reach import OutOfReach
from despensa.domain.redemption.amend import SlipRefused, SlipTrouble
from despensa.domain.refusal import RefusalReason
from despensa.domain.slip import verify_slip
from despensa.entrypoints.jobs import merging, replacing
from despensa.entrypoints.jobs.cards import DAY_ZERO
from despensa.records import journal_store
from despensa.records.bulk import fetch
from despensa.records.databases import LEDGER, REGISTRY
from despensa.records.ledger import queries as ledger
from despensa.records.registry import queries
from despensa.usecases.accept_events import accept_events
from tests.factories.observing import Killed, at_once, count, dies, raised


@pytest.fixture(name="lost")
def _lost(leased_books):
    """An entitled household with its card, and a card of nobody: (old, new, household16)."""
    books = leased_books
    household, [old, *_], _ = books.entitled()[0]
    [[new], *_] = fetch(REGISTRY, "SELECT number FROM card WHERE household_id IS NULL ORDER BY 1")
    [[home]] = fetch(REGISTRY, "SELECT household_id FROM card WHERE number = %s", (old,))
    assert home.bytes == household
    return old, new, home


def _replaced(books, lost, who="ana"):
    acting = books.acting(who)
    replacing.replace(*lost, books.tools, acting=acting)
    return replacing.slips(*lost, books.tools, acting=acting)


def _scanned(phone, books, text):
    return phone.scan(
        text, Means.FILE, books.clock.at, books.staff["lucia"].bytes,
        today=books.tools.today().toordinal() - DAY_ZERO,
    )  # fmt: skip


def test_the_new_card_is_served_from_the_old_one_s_place_and_once(leased_books, lost):
    books, (old, new, _) = leased_books, lost
    [slip] = _replaced(books, lost)
    with FieldDevice.open(books.phone_folder("P01")) as phone:
        phone.open_session(books.clock.at, books.staff["lucia"].bytes)
        before = _scanned(phone, books, books.card_texts[new]).reason
        phone.take_slip(slip.signed, books.clock.at)
        with pytest.raises(SlipRefused) as again:
            phone.take_slip(slip.signed, books.clock.at)
    with FieldDevice.open(books.phone_folder("P01")) as phone:
        gone = _scanned(phone, books, books.card_texts[old]).reason
        given = _scanned(phone, books, books.card_texts[new])
        twice = _scanned(phone, books, books.card_texts[new]).reason
        batch = phone.pending_batch()
    accept_events(batch, acting=books.acting(), signatory=books.keeper.signatory)
    merged = merging.merge_all(books.tools)

    assert again.value.trouble is SlipTrouble.REPLAYED
    assert (before, gone) == (RefusalReason.UNKNOWN, RefusalReason.UNKNOWN)
    assert (given.reason, twice) == (None, RefusalReason.COLLECTED_CONFIRMED)
    assert (merged.posted, merged.excess) == (1, 0)
    assert ledger.check().is_balanced


def test_a_slip_finds_the_typed_number_of_the_new_card(leased_books, lost):
    books, (_, new, _) = leased_books, lost
    [slip] = _replaced(books, lost)
    operator, lead = books.staff["lucia"].bytes, books.staff["jorge"].bytes
    with FieldDevice.open(books.phone_folder("P01")) as phone:
        phone.open_session(books.clock.at, operator)
        phone.take_slip(slip.signed, books.clock.at)
        typed = phone.scan(
            new, Means.TYPED, books.clock.at, operator, second_operator=lead,
            today=books.tools.today().toordinal() - DAY_ZERO,
        )  # fmt: skip

    assert typed.reason is None


def test_what_was_collected_with_the_lost_card_is_collected(leased_books, lost):
    books, (old, new, _) = leased_books, lost
    [slip] = _replaced(books, lost)
    with FieldDevice.open(books.phone_folder("P01")) as phone:
        phone.open_session(books.clock.at, books.staff["lucia"].bytes)
        assert _scanned(phone, books, books.card_texts[old]).reason is None
        phone.take_slip(slip.signed, books.clock.at)
        first = _scanned(phone, books, books.card_texts[new]).reason
    with FieldDevice.open(books.phone_folder("P01")) as phone:
        later = _scanned(phone, books, books.card_texts[new]).reason

    assert (first, later) == (RefusalReason.COLLECTED_CONFIRMED,) * 2


def test_the_same_replacement_gives_the_same_slip_also_to_two_at_once(leased_books, lost):
    books = leased_books
    [first] = _replaced(books, lost)

    ended = at_once(*[lambda: _replaced(books, lost)] * 2)

    assert raised(ended) == []
    assert [[one.signed for one in end] for end in ended] == [[first.signed]] * 2
    assert count(LEDGER, "slip") == 1


def test_two_who_make_the_first_slip_at_once_make_one(leased_books, lost):
    books = leased_books
    replacing.replace(*lost, books.tools, acting=books.acting("ana"))

    ended = at_once(*[lambda: replacing.slips(*lost, books.tools, acting=books.acting("ana"))] * 2)

    assert raised(ended) == []
    assert ended[0] == ended[1] != []
    assert count(LEDGER, "slip") == 1


def test_killed_while_the_slip_is_made_it_is_made_by_asking_again(leased_books, lost, monkeypatch):
    books, tags = leased_books, count(LEDGER, "tag")
    replacing.replace(*lost, books.tools, acting=books.acting("ana"))
    with monkeypatch.context() as patched:
        dies(patched, journal_store, "record", after=True)
        with pytest.raises(Killed):
            replacing.slips(*lost, books.tools, acting=books.acting("ana"))
    assert (count(LEDGER, "slip"), count(LEDGER, "tag")) == (0, tags)

    [slip] = _replaced(books, lost)

    ring = books.keeper.signatory.public_keys().authority_ring()
    said = verify_slip(slip.signed, keys=ring)
    assert (count(LEDGER, "slip"), count(LEDGER, "tag")) == (1, tags + 1)
    assert said.goods == tuple(sorted(tuple(line) for line in books.entitled()[0][2]))


def test_no_slip_where_no_phone_holds_anything(opened_books):
    books = opened_books
    _, [old, *_], _ = books.entitled()[0]
    [[new], *_] = fetch(REGISTRY, "SELECT number FROM card WHERE household_id IS NULL ORDER BY 1")
    [[home]] = fetch(REGISTRY, "SELECT household_id FROM card WHERE number = %s", (old,))

    assert _replaced(books, (old, new, home)) == []
    assert count(LEDGER, "slip") == 0


def test_who_asks_is_written_down_before_and_only_for_a_replacement_in_reach(leased_books, lost):
    books, (old, new, home) = leased_books, lost
    looks = count(REGISTRY, "access_entry")

    with pytest.raises(CardRefused):
        replacing.slips(old, new, home, books.tools, acting=books.acting("ana"))
    with pytest.raises(OutOfReach):
        _replaced(books, lost, who="nour")
    assert count(REGISTRY, "access_entry") == looks
    _replaced(books, lost)

    assert count(REGISTRY, "access_entry", "purpose = 4") == len(queries.members([home])) > 0
