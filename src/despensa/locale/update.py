"""
Collect the words of the doors from templates and Python, and merge them into each language.

    python src/despensa/locale/update.py            rewrite the .po files
    python src/despensa/locale/update.py --check    change nothing; exit 1 if they are not current

Only Babel is needed, not gettext: Django turns a template into text that Babel's Python reader
understands. English is the source: its .po file has empty translations. Words no longer used are
dropped. The phone's words are a list of their own, phone.po, exported by phone.py; all other doors
share django.po.
"""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from despensa.entrypoints.field.words import WORDS

LOCALE = Path(__file__).resolve().parent
PACKAGE = LOCALE.parent
LANGUAGES = ("en", "es", "ar")
DOMAINS = ("django", "phone")
# Function name: which arguments hold the context (c), the message and its plural.
KEYWORDS = {
    "gettext": None,
    "gettext_noop": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# A fixed date keeps the files equal when nothing has changed; git knows the true one.
DATE = datetime(2026, 11, 1, tzinfo=UTC)


def _python_of(template: str) -> str:
    """Return what Django makes of a template, flattened so that it cannot look like bad Python."""
    lines = templatize(template).splitlines()
    return "\n".join(line.strip() for line in lines) + "\n"


def _sources() -> Iterator[tuple[str, str]]:
    """Yield (path inside the package, Python text) of every file that holds words."""
    doors = PACKAGE / "entrypoints"
    for path in sorted([*doors.rglob("*.py"), *doors.glob("*/templates/**/*.html")]):
        text = path.read_text(encoding="utf-8")
        yield (
            path.relative_to(PACKAGE).as_posix(),
            _python_of(text) if path.suffix == ".html" else text,
        )


def _place(name: str) -> Any:
    """Return a file without a line, so that moved lines change no word file; Babel allows it."""
    return name, None


def collect(domain: str) -> Catalog:
    """Return all messages of a domain in the order of files and lines."""
    catalog = Catalog()
    if domain == "phone":
        for text in WORDS.values():
            catalog.add(text, None, [_place("entrypoints/field/words.py")])
        return catalog
    for name, text in _sources():
        source = io.BytesIO(text.encode())
        for _line, message, comments, context in extract("python", source, KEYWORDS):
            if message:
                catalog.add(message, None, [_place(name)], auto_comments=comments, context=context)
    return catalog


def place(language: str, domain: str) -> Path:
    """Return where the .po file of a language and domain lies."""
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def merged(language: str, domain: str, words: Catalog) -> bytes:
    """Return the .po file of one language with the words in use and the translations it has."""
    path = place(language, domain)
    catalog = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
    catalog.update(words, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.project, catalog.version = "despensa", "1"
    catalog.copyright_holder = "the Despensa authors"
    catalog.header_comment = f"# Words of Despensa, {language}. Apache-2.0."
    catalog.creation_date = catalog.revision_date = DATE
    catalog.last_translator = catalog.language_team = "the Despensa authors"
    catalog.fuzzy = False
    written = io.BytesIO()
    write_po(written, catalog, width=100)
    return written.getvalue()


def main(*, is_check: bool) -> int:
    """Write the files of all languages, or say which of them are not current."""
    settings.configure()
    stale = []
    for domain in DOMAINS:
        words = collect(domain)
        for language in LANGUAGES:
            path, current = place(language, domain), merged(language, domain, words)
            if path.exists() and path.read_bytes() == current:
                continue
            stale.append(path)
            if not is_check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(current)
    if stale and is_check:
        sys.stderr.write("words changed: run `python src/despensa/locale/update.py`\n")
    return 1 if stale and is_check else 0


if __name__ == "__main__":
    raise SystemExit(main(is_check="--check" in sys.argv[1:]))
