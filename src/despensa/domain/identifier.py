"""
Card numbers: what is printed large on a card, read aloud and typed on a phone.

Decides how a number is drawn, checked, shown and read from what somebody typed; whether a number
is already taken is the registry's question. Source: docs/reference/formats.md section 1;
ISO/IEC 7064:2003, hybrid system MOD 37,36.
"""

import unicodedata
from collections.abc import Callable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
NUMBER_LENGTH = 10
_BODY_LENGTH = NUMBER_LENGTH - 1
_ISO7064_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ISO7064_VALUE = {character: value for value, character in enumerate(_ISO7064_ALPHABET)}
_SEPARATOR_CATEGORIES = frozenset({"Zs", "Pd", "Cf", "Cc"})


class CardNumberError(ValueError):
    """What was typed is no card number; the message says what to look at again."""


def check_character(body: str) -> str:
    """
    Return the ISO 7064 MOD 37,36 check character of a text of digits and capital letters.

    >>> check_character("A12425GABC1234002")
    'M'

    Source: ISO/IEC 7064:2003 section 9 (hybrid systems); vectors/check-digits.json.
    """
    product = 36
    for character in body:
        total = (product + _ISO7064_VALUE[character]) % 36 or 36
        product = total * 2 % 37
    return _ISO7064_ALPHABET[(1 - product) % 36]


def card_numbers(random_bytes: Callable[[int], bytes], count: int) -> tuple[str, ...]:
    """
    Return as many new card numbers as asked for, drawn from a source of random bytes.

    `random_bytes(n)` gives n bytes; each character takes the low five bits of one byte, and a
    byte or a check character outside the alphabet is drawn again, so every number is as likely.
    Shape: texts of 10 characters without separators, all different, in drawing order.
    Source: docs/reference/formats.md section 1.
    """
    numbers: dict[str, None] = {}
    characters = ""
    while len(numbers) < count:
        drawn = random_bytes(max(64, 16 * (count - len(numbers))))
        characters += "".join(ALPHABET[byte & 31] for byte in drawn if byte & 31 < len(ALPHABET))
        whole = len(characters) // _BODY_LENGTH * _BODY_LENGTH
        for start in range(0, whole, _BODY_LENGTH):
            body = characters[start : start + _BODY_LENGTH]
            check = check_character(body)
            if check in ALPHABET and len(numbers) < count:
                numbers[body + check] = None
        characters = characters[whole:]
    return tuple(numbers)


def is_card_number(text: str) -> bool:
    """Return whether a text is exactly one card number as it is stored."""
    return (
        len(text) == NUMBER_LENGTH
        and all(character in ALPHABET for character in text)
        and check_character(text[:-1]) == text[-1]
    )


def display_card_number(number: str) -> str:
    """
    Return a card number in the groups in which it is printed and read aloud.

    >>> display_card_number("C7Q488KD2X")
    'C7Q4-88KD-2X'
    """
    return f"{number[:4]}-{number[4:8]}-{number[8:]}"


def parse_card_number(typed: str) -> str:
    """
    Return the card number somebody typed, in small letters, with spaces, dashes or other digits.

    Raises: CardNumberError when the length, a character or the check character is wrong.
    """
    folded = unicodedata.normalize("NFKC", typed).upper()
    number = "".join(
        str(unicodedata.digit(character, character))
        for character in folded
        if unicodedata.category(character) not in _SEPARATOR_CATEGORIES
    )
    if any(character in "01ILO" for character in number):
        raise CardNumberError(
            "a card number has no 0, 1, I, L or O: look again at the characters that resemble them"
        )
    if any(character not in ALPHABET for character in number):
        raise CardNumberError(
            "a card number has only the digits 2 to 9 and Latin letters: type it as it is printed"
        )
    if len(number) != NUMBER_LENGTH:
        raise CardNumberError(
            f"a card number has {NUMBER_LENGTH} characters and {len(number)} were typed:"
            " type all three groups"
        )
    if check_character(number[:-1]) != number[-1]:
        raise CardNumberError(
            "this is no card number: one character is wrong or two are swapped; compare them"
            " with the card and type it again"
        )
    return number
