"""
Export the words and sentences the phone app shows, one JSON file per language.

    python src/despensa/locale/phone.py            write the files that changed
    python src/despensa/locale/phone.py --check    change nothing; exit 1 if one is not current

Words come from entrypoints/field/words.py and the phone.po of each language, sentences from
data/sentences/refusals.yaml. The files lie in git, because the phone app is served as it is. A word
without translation is left out: the app then shows the English one.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.messages.pofile import read_po

from despensa.entrypoints.field.words import WORDS

LOCALE = Path(__file__).resolve().parent
SENTENCES = LOCALE.parent / "data" / "sentences" / "refusals.yaml"
TARGET = LOCALE.parent / "entrypoints" / "field" / "messages"
LANGUAGES = ("en", "es", "ar")
FORMAT = 1


def exported(language: str) -> str:
    """Return the JSON text of one language."""
    content = {
        "format": FORMAT,
        "language": language,
        "direction": "rtl" if Locale(language).text_direction == "rtl" else "ltr",
        "words": _words(language),
        "sentences": _sentences(language),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _words(language: str) -> dict[str, str]:
    if language == "en":
        return dict(sorted(WORDS.items()))
    with (LOCALE / language / "LC_MESSAGES" / "phone.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    translated = {key: catalog.get(text) for key, text in sorted(WORDS.items())}
    return {
        key: str(message.string)
        for key, message in translated.items()
        if message is not None and message.string and not message.fuzzy
    }


def _sentences(language: str) -> dict[str, Any]:
    messages = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))["messages"]
    return {key: texts[language] for key, texts in sorted(messages.items()) if language in texts}


def main(*, is_check: bool) -> int:
    """Write the files of all languages, or say which of them are not current."""
    stale = []
    for language in LANGUAGES:
        path, text = TARGET / f"{language}.json", exported(language)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.name)
        if not is_check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale and is_check:
        sys.stderr.write(
            f"words of the phone changed ({', '.join(stale)}): "
            "run `python src/despensa/locale/phone.py`\n"
        )
    return 1 if stale and is_check else 0


if __name__ == "__main__":
    raise SystemExit(main(is_check="--check" in sys.argv[1:]))
