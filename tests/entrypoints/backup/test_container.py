"""The sealed file: whole or a sentence, never a part."""

import io
import os

import pytest

from despensa.adapters.backup.container import CHUNK_BYTES, BackupError, Opener, Sealer

SECRET = "olive paper wheat honey"
QUICK = 4


def _sealed(plain: bytes) -> bytes:
    file = io.BytesIO()
    sealer = Sealer(file, SECRET, random=os.urandom, log_n=QUICK)
    for start in range(0, len(plain), 700_001):
        sealer.write(plain[start : start + 700_001])
    sealer.close()
    return file.getvalue()


def _opened(data: bytes, secret: str = SECRET) -> bytes:
    opener = Opener(io.BytesIO(data), secret)
    parts = []
    while part := opener.read(300_007):
        parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, 2 * CHUNK_BYTES + 5])
def test_what_was_sealed_comes_out(size):
    plain = os.urandom(size)

    assert _opened(_sealed(plain)) == plain


def test_nothing_of_the_content_is_readable():
    assert b"Lucia" not in _sealed(b"Lucia" * 1000)


def test_another_passphrase_opens_nothing():
    with pytest.raises(BackupError, match="passphrase"):
        _opened(_sealed(b"content"), "olive paper wheat money")


@pytest.mark.parametrize("kept", [0, 10, 30, 60, -1, -20, -(CHUNK_BYTES // 2)])
def test_a_short_file_says_so(kept):
    data = _sealed(os.urandom(2 * CHUNK_BYTES))

    with pytest.raises(BackupError, match=r"too early|not a backup|damaged at its head"):
        _opened(data[:kept])


def test_a_file_cut_between_two_chunks_says_so():
    data = _sealed(os.urandom(2 * CHUNK_BYTES))
    last = 4 + 16

    with pytest.raises(BackupError, match="too early"):
        _opened(data[:-last])


@pytest.mark.parametrize("place", [0, 17, 19, 25, 60, 100, 5000, CHUNK_BYTES + 200, -1])
def test_a_flipped_bit_is_noticed_wherever_it_is(place):
    data = bytearray(_sealed(os.urandom(CHUNK_BYTES + 900)))
    data[place] ^= 1

    with pytest.raises(BackupError):
        _opened(bytes(data))


def test_something_after_the_end_is_noticed():
    with pytest.raises(BackupError, match="its end"):
        _opened(_sealed(b"content") + b"x")


def test_two_chunks_cannot_change_places():
    data = _sealed(os.urandom(3 * CHUNK_BYTES))
    chunk = 4 + CHUNK_BYTES + 16
    end = len(data) - 20
    first, second = data[end - 2 * chunk : end - chunk], data[end - chunk : end]

    with pytest.raises(BackupError, match="damaged"):
        _opened(data[: end - 2 * chunk] + second + first + data[end:])
