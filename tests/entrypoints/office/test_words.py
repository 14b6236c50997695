"""The words: all of them in Spanish, those of Arabic with its six plurals, placeholders equal."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import despensa
from despensa.entrypoints.office.parts import ROOM_WORDS

LOCALE = Path(despensa.__file__).parent / "locale"
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def catalog(language: str):
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def words(language: str):
    return [message for message in catalog(language) if message.id]


def texts(value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,)


def test_the_files_hold_the_words_of_the_templates():
    command = [sys.executable, str(LOCALE / "update.py"), "--check"]

    done = subprocess.run(command, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr


def test_spanish_is_complete():
    assert not [message.id for message in words("es") if not all(texts(message.string))]


def test_arabic_names_the_rooms_and_nearly_everything_else():
    arabic = words("ar")
    missing = {texts(message.id)[0] for message in arabic if not all(texts(message.string))}
    rooms = {name.capitalize() for name in ROOM_WORDS}

    assert not missing & rooms
    assert len(missing) < 0.1 * len(arabic)


def test_arabic_counts_in_six_forms():
    assert catalog("ar").num_plurals == 6
    plurals = [message for message in words("ar") if isinstance(message.id, tuple)]
    assert plurals
    assert {len(message.string) for message in plurals} == {6}


@pytest.mark.parametrize("language", ["es", "ar"])
def test_translations_keep_the_placeholders(language):
    for message in words(language):
        asked = set(PLACEHOLDER.findall(" ".join(texts(message.id))))
        for text in filter(None, texts(message.string)):
            found = set(PLACEHOLDER.findall(text))
            # "One member" needs no number: a plural form may leave it out.
            is_plural = isinstance(message.id, tuple)
            assert found == asked or (is_plural and found <= asked), message.id
            assert text.count("%") == len(PLACEHOLDER.findall(text)), message.id


def test_spanish_speaks_with_respect():
    spoken = " ".join(text for message in words("es") for text in texts(message.string))

    assert not re.search(r"\b(tú|tu|tus|haz|puedes|vosotros|vuestr\w+)\b", spoken, re.IGNORECASE)
