"""Files a person hands to a command: pictures of cards, receipts, keys, proofs."""

import base64
import binascii
import codecs
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from despensa.domain.eligibility import paper as papers
from despensa.domain.encoding import cose
from despensa.entrypoints.cli.problems import Mistake

_FILE_BYTES_MAX = 33 << 20
_TEXT_BYTES_MAX = 8_000
# a slip may be the lines of several codes
_SLIP_BYTES_MAX = 16_000
_KEY_LENGTH = 32


def data_of(file: Path) -> bytes:
    """
    Return a file's bytes, or those of standard input for `-`.

    Raises: Mistake when there is no such file, it is a folder, or too large.
    """
    try:
        if str(file) == "-":
            data = sys.stdin.buffer.read(_FILE_BYTES_MAX + 1)
        else:
            with file.open("rb") as opened:
                data = opened.read(_FILE_BYTES_MAX + 1)
    except OSError as error:
        raise Mistake(f"{file} cannot be read: {error.strerror}.") from error
    if len(data) > _FILE_BYTES_MAX:
        raise Mistake(f"{file} is larger than {_FILE_BYTES_MAX >> 20} MB: give a smaller file.")
    return data


def card_text(data: bytes, limit: int = _TEXT_BYTES_MAX) -> str | None:
    """Return the text of a code when the data are that text itself, None for a picture."""
    if not data or len(data) > limit:
        return None
    # some shells write what a command printed in UTF-16
    encoding = "utf-16" if data[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} else "utf-8"
    try:
        text = data.decode(encoding).strip("\r\n\t\ufeff")
    except UnicodeDecodeError:
        return None
    # letters of other scripts and line ends are no base45, but a text all the same
    is_text = all(one.isprintable() or one in "\r\n\t" for one in text)
    return text if is_text and not text.startswith("%PDF") else None


def signed_bytes(file: Path) -> bytes:
    """
    Return a COSE_Sign1 from a file that holds it raw, in base64 or in hex.

    Raises: Mistake.
    """
    signed = signed_in(data_of(file))
    if signed is None:
        raise Mistake(f"{file} holds no receipt: give the file of the receipt, or its base64 text.")
    return signed


def signed_in(data: bytes) -> bytes | None:
    """Return the COSE_Sign1 that some data hold raw, in base64 or in hex; None without one."""
    text = data.strip()
    for candidate in (data, _decoded(text, binascii.unhexlify), _decoded(text, _base64)):
        if candidate is None:
            continue
        try:
            cose.parse(candidate)
        except cose.MalformedSignature:
            continue
        return candidate
    return None


def slip_in(files: Sequence[Path]) -> bytes:
    """
    Return the slip of a decision: its file, or pictures, PDFs or texts of its codes, in any order.

    Raises: Mistake, which names the code that is missing.
    """
    texts: list[str] = []
    for file in files:
        data = data_of(file)
        signed = signed_in(data)
        if signed is not None:
            return signed
        texts += _code_texts(file, data)
    named = ", ".join(map(str, files))
    try:
        found = papers.slip_from(texts)
    except (papers.SlipIncomplete, papers.SlipMixed) as error:
        raise Mistake(f"{named}: {error}.") from error
    if found is None:
        raise Mistake(
            f"{named} holds no slip: give the file of the slip, the PDF of the paper, or a sharp "
            "and straight picture of its code."
        )
    return found


def _code_texts(file: Path, data: bytes) -> list[str]:
    """Return the texts of the codes that some data show, or are: one a line."""
    text = card_text(data, _SLIP_BYTES_MAX)
    if text is not None:
        return text.splitlines()
    from despensa.adapters.qr import PictureError, read_images

    try:
        return read_images(data)
    except PictureError as error:
        raise Mistake(f"{file} holds no slip: {error}.") from error


def public_key(text: str) -> bytes:
    """
    Return an Ed25519 public key given as 64 hex digits, or as a file that holds them.

    Raises: Mistake.
    """
    key = _decoded(_text_or_file(text).strip().encode(), binascii.unhexlify)
    if key is None or len(key) != _KEY_LENGTH:
        raise Mistake("The key is 64 hex digits, or a file with them: despensa keys prints it.")
    return key


def _text_or_file(text: str) -> str:
    """Return the text, or what the file of this name holds."""
    path = Path(text)
    try:
        if len(text) < 1000 and path.is_file():
            return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise Mistake(f"{text} cannot be read as a key.") from error
    return text


def key_text(text: str) -> str:
    """
    Return a key given as text, or as a file that holds it.

    Raises: Mistake.
    """
    return _text_or_file(text).strip()


def _base64(data: bytes) -> bytes:
    return base64.b64decode(data, validate=True)


def _decoded(data: bytes, decode: Callable[[bytes], bytes]) -> bytes | None:
    try:
        return decode(data)
    except (binascii.Error, ValueError):
        return None
