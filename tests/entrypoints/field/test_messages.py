"""What the phone says: the exported files are current, complete, and fill in the same words."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import despensa
from despensa.domain.refusal import ENGLISH
from despensa.entrypoints.field.words import WORDS

PACKAGE = Path(despensa.__file__).parent
MESSAGES = PACKAGE / "entrypoints" / "field" / "messages"
PLACEHOLDER = re.compile(r"{\w+}")


def exported(language: str) -> dict:
    return json.loads((MESSAGES / f"{language}.json").read_text(encoding="utf-8"))


def test_the_files_are_what_the_tool_makes():
    command = [sys.executable, str(PACKAGE / "locale" / "phone.py"), "--check"]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("language", ["en", "es"])
def test_words_are_complete(language):
    assert exported(language)["words"].keys() == WORDS.keys()


@pytest.mark.parametrize("language", ["en", "es", "ar"])
def test_every_outcome_has_a_sentence_and_a_next_step(language):
    sentences = exported(language)["sentences"]

    assert sentences.keys() == ENGLISH.keys()
    assert all(text["sentence"] and text["next_step"] for text in sentences.values())


@pytest.mark.parametrize("language", ["es", "ar"])
def test_translations_fill_in_the_same_words(language):
    translated = exported(language)["words"]

    different = [
        key
        for key, text in translated.items()
        if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(WORDS[key]))
    ]
    assert not different


def test_the_direction_of_writing_is_said():
    assert {language: exported(language)["direction"] for language in ("en", "es", "ar")} == {
        "en": "ltr",
        "es": "ltr",
        "ar": "rtl",
    }
