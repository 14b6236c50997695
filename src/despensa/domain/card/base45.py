"""
Base45: bytes as text of the 45 characters a QR code stores most tightly.

Strict both ways, so that one byte string has exactly one text.
Source: RFC 9285 section 4.
"""

import struct

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_NO_VALUE = 0xFF
# a whole text becomes its values at once: cards are read by the million
_VALUES = bytes(ALPHABET.find(chr(code)) & _NO_VALUE for code in range(256))
_PAIR = tuple(low + high for high in ALPHABET for low in ALPHABET)


class Base45Error(ValueError):
    """The text is not the base45 form of any bytes."""


def encode(data: bytes) -> str:
    """
    Return the base45 text of some bytes.

    >>> encode(b"ietf!")
    'QED8WEX0'

    Source: RFC 9285 section 4.3 (the example).
    """
    pairs, odd = divmod(len(data), 2)
    numbers = struct.unpack(f">{pairs}H", data[: 2 * pairs])
    text = "".join([_PAIR[number % 2025] + ALPHABET[number // 2025] for number in numbers])
    return text + _PAIR[data[-1]] if odd else text


def decode(text: str) -> bytes:
    """
    Return the bytes of a base45 text.

    Holds: encode(decode(text)) == text for every accepted text.
    Raises: Base45Error on another character, a length no bytes have, or a group out of range.
    Source: RFC 9285 section 4.
    """
    if len(text) % 3 == 1:
        raise Base45Error("no bytes have a base45 text of this length")
    try:
        values = text.encode("ascii").translate(_VALUES)
    except UnicodeEncodeError as error:
        raise Base45Error("a character outside the base45 alphabet") from error
    if _NO_VALUE in values:
        raise Base45Error("a character outside the base45 alphabet")
    whole = len(values) - len(values) % 3
    triples = zip(values[0:whole:3], values[1:whole:3], values[2:whole:3], strict=True)
    numbers = [low + 45 * middle + 2025 * high for low, middle, high in triples]
    last = values[whole] + 45 * values[whole + 1] if whole < len(values) else 0
    if max(numbers, default=0) > 0xFFFF or last > 0xFF:
        raise Base45Error("a group of characters stands for more than its bytes can hold")
    data = struct.pack(f">{len(numbers)}H", *numbers)
    return data + bytes([last]) if whole < len(values) else data
