"""
Base45: bytes as text of the 45 characters a QR code stores most tightly.

Strict both ways, so that one byte string has exactly one text.
Source: RFC 9285 section 4.
"""

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
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
    even = len(data) - len(data) % 2
    parts = []
    for index in range(0, even, 2):
        high, rest = divmod(data[index] << 8 | data[index + 1], 2025)
        parts.append(_PAIR[rest] + ALPHABET[high])
    if even < len(data):
        parts.append(_PAIR[data[-1]])
    return "".join(parts)


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
        values = [_VALUE[character] for character in text]
    except KeyError as error:
        raise Base45Error("a character outside the base45 alphabet") from error
    data = bytearray()
    whole = len(values) - len(values) % 3
    for index in range(0, whole, 3):
        number = values[index] + 45 * values[index + 1] + 2025 * values[index + 2]
        if number > 0xFFFF:
            raise Base45Error("a group of three stands for more than two bytes")
        data += number.to_bytes(2, "big")
    if whole < len(values):
        number = values[whole] + 45 * values[whole + 1]
        if number > 0xFF:
            raise Base45Error("the last group stands for more than one byte")
        data.append(number)
    return bytes(data)
