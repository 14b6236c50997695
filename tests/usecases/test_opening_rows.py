"""What an opening reads in packed form is what was decided and what was carried over since."""

from despensa.domain.ledger.opening_rows import CARD, GOODS
from despensa.records.programmes import queries as programmes
from despensa.records.programmes.opening_queries import opening_rows
from tests.usecases.test_carry_over import entitled_home, go_round, split


def test_what_an_opening_reads_packed_is_what_was_decided_and_carried_over(opened_books):
    books = opened_books
    home, people, _ = entitled_home()
    assert _packed(books) == _readable(books)

    split(books, home, people)
    go_round(books)

    assert _packed(books) == _readable(books)


def _packed(books):
    goods, cards = opening_rows(books.cycle)
    return (
        sorted(GOODS.iter_unpack(b"".join(goods))),
        [*CARD.iter_unpack(cards)],
    )


def _readable(books):
    decided = programmes.decided_households(books.cycle)
    return (
        sorted((home.bytes, *line) for home, _, _, lines, _ in decided for line in lines),
        sorted(
            (number.encode(), home.bytes, outcome, bool(lines))
            for home, _, outcome, lines, numbers in decided
            for number in numbers
        ),
    )
