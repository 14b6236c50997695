"""
Build hook: compile the message catalogues (.po) to the form gettext reads (.mo).

Runs in every build, editable installs included, so that a fresh checkout speaks all its
languages. `python hatch_build.py` does the same by hand; `python hatch_build.py --check` says
what is not translated.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # by hand, outside a build: hatchling lives only in the build environment
    BuildHookInterface = object

ROOT = Path(__file__).resolve().parent
SOURCE = ROOT / "src" / "despensa"
# Languages that must be complete. Others may lag behind; untranslated sentences stay English.
COMPLETE = ("en", "es")
# The first faults say enough; a new language would fill the screen.
SHOWN_MAX = 20


def catalogues(source: Path = SOURCE) -> list[Path]:
    """Return every .po file below a folder, in a fixed order."""
    return sorted(source.rglob("*.po"))


def compile_catalogues(source: Path = SOURCE) -> list[Path]:
    """Write one .mo file beside every .po file that changed, and return the written files."""
    written = []
    for po_path in catalogues(source):
        mo_path = po_path.with_suffix(".mo")
        if mo_path.exists() and mo_path.stat().st_mtime_ns >= po_path.stat().st_mtime_ns:
            continue
        with po_path.open("rb") as po_file:
            catalogue = read_po(po_file, locale=language(po_path))
        with mo_path.open("wb") as mo_file:
            write_mo(mo_file, catalogue)
        written.append(mo_path)
    return written


def language(po_path: Path) -> str:
    """Return the language of locale/<language>/LC_MESSAGES/<domain>.po."""
    return po_path.parent.parent.name


def incomplete_messages(source: Path = SOURCE) -> list[str]:
    """
    Return one sentence per message that is missing, uncertain or broken.

    Shape: "file:line: what is wrong", in file order. English is its own translation: there only
    broken placeholders and uncertain ("fuzzy") entries count.
    """
    found = []
    for po_path in catalogues(source):
        if language(po_path) not in COMPLETE:
            continue
        with po_path.open("rb") as po_file:
            catalogue = read_po(po_file, locale=language(po_path))
        for message in catalogue:
            if not message.id:
                continue
            where = f"{po_path.relative_to(source)}:{message.lineno}"
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            if message.fuzzy:
                found.append(f"{where}: uncertain (fuzzy) message: {message.id!r}")
            elif language(po_path) != "en" and not all(texts):
                found.append(f"{where}: not translated: {message.id!r}")
            elif any(texts):
                found.extend(f"{where}: {error}" for error in message.check(catalogue))
    return found


class CompileMessages(BuildHookInterface):  # type: ignore[misc]
    """Compiles the catalogues before files are collected."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogues below src/despensa."""
        del version, build_data
        compile_catalogues(Path(self.root) / "src" / "despensa")


def main(arguments: list[str]) -> int:
    """Compile by hand, or with --check report what is missing."""
    if arguments == ["--check"]:
        sentences = incomplete_messages()
        sys.stderr.writelines(f"{sentence}\n" for sentence in sentences[:SHOWN_MAX])
        if len(sentences) > SHOWN_MAX:
            sys.stderr.write(f"and {len(sentences) - SHOWN_MAX} more\n")
        return 1 if sentences else 0
    sys.stdout.writelines(f"{path.relative_to(ROOT)}\n" for path in compile_catalogues())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
