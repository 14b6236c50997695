"""
A typst template and the file of words beside it: what an office may edit, set as a printable file.

Source: ISO 19005-2 (PDF/A-2b); ISO 14289-1 (PDF/UA-1).
"""

import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import typst

_DATA = Path(__file__).parents[2] / "data"
SHIPPED = _DATA / "print"
_STANDARDS: "list[typst.PDFStandard]" = ["a-2b", "ua-1"]
# a paper that names no day gives the same bytes, whenever it is printed
NO_DAY = date(2026, 1, 1)


class Template:
    """A template, the words it says per language, and the error its faults are told with."""

    def __init__(
        self, path: Path, *, words_file: str, words: Collection[str], problem: type[Exception]
    ) -> None:
        """Take the file, the name of the file of words beside it and the words it must have."""
        self._path = path
        self._words_file = words_file
        self._expected = frozenset(words)
        self._problem = problem
        self._fonts: typst.Fonts | None = None

    def words(self) -> dict[str, dict[str, str]]:
        """
        Return the words of the page by language, each with its own name.

        Raises: `problem` when the file of words beside the template cannot be used.
        """
        path = self._path.parent / self._words_file
        try:
            words: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
            incomplete = [code for code, word in words.items() if word.keys() != self._expected]
        except (OSError, ValueError, AttributeError) as error:
            raise self._problem(
                f"{path.name} beside the template {self._path.name} cannot be read"
            ) from error
        if incomplete:
            raise self._problem(
                f"{path.name}: {incomplete[0]!r} has not exactly the words {sorted(self._expected)}"
            )
        return words

    def languages(self) -> dict[str, str]:
        """Return the languages it can be printed in: code and own name. Raises: `problem`."""
        return {code: str(word["name"]) for code, word in self.words().items()}

    def require(self, languages: Collection[str]) -> None:
        """Raises: `problem` for a language that has no words."""
        known = self.words()
        unknown = [language for language in languages if language not in known]
        if unknown:
            raise self._problem(
                f"there are no words in {unknown[0]!r} yet: choose from {', '.join(known)}"
                f" or add them to {self._words_file}"
            )

    def pdf(self, job: Mapping[str, Any], *, day: date = NO_DAY) -> bytes:
        """
        Return a job, set, as a PDF/A-2b and PDF/UA-1 file stamped with a day.

        No font of the machine is ever used.

        Raises: `problem` for a template that typst cannot set.
        """
        if self._fonts is None:
            self._fonts = typst.Fonts(
                include_system_fonts=False,
                include_embedded_fonts=False,
                font_paths=[str(_DATA / "fonts")],
            )
        try:
            pdf = typst.compile(
                str(self._path),
                root=str(self._path.parent),
                font_paths=self._fonts,
                ignore_system_fonts=True,
                format="pdf",
                sys_inputs={"job": json.dumps(job, ensure_ascii=False)},
                pdf_standards=_STANDARDS,
                timestamp=datetime.combine(day, time(), UTC),
            )
        except typst.TypstError as error:
            raise self._problem(
                f"the template {self._path.name} cannot be set: {error.message};"
                " undo the last change to it"
            ) from error
        return bytes(pdf)
