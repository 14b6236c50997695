"""The raw text of a scanned card stays with the phone: it is searched for in all a server keeps."""

from despensa.entrypoints.jobs import rounds
from tests.usecases.test_cycle_life import scan, send, texts
from tests.usecases.test_faded_and_searched import (
    _backed_up,
    _files,
    _in_log,
    _log_position,
    _rows,
)

STRANGE = "NOT A CARD BUT SOMEBODY WROTE THIS 4711"


def test_the_raw_text_of_a_card_is_in_no_row_log_file_or_backup(leased_books, tmp_path):
    books = leased_books
    began = _log_position(books)
    cards = [*texts(books)[:2], STRANGE]
    batch = scan(books, [*cards, cards[0]], give_back=True)
    send(books, batch)
    rounds.round_trip(books.tools)

    rows = "\n".join((_rows(books, "ledger") | _rows(books, "registry")).values())
    files = b"".join(_files(books).values())
    backup = _backed_up(books, tmp_path)
    # the search finds what is there: the phone's id is in the books
    assert books.device.hex in rows or str(books.device) in rows
    for text in cards:
        middle = text[10:40]
        raw = middle.encode()
        assert middle not in rows
        assert raw.hex() not in rows
        assert raw not in batch
        assert raw not in files
        assert raw not in backup
        assert not _in_log(books, {"text": [raw]}, began)
    assert _in_log(books, {"phone": [books.device.bytes]}, began) == {"phone"}
