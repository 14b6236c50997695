"""
What a check of a workspace found: one line each, with what to do about it.

Says only when the whole counts as healthy; the checks lie in `health_files` and `health_books`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How one check ended; a warning asks for attention, a failure for work now."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do when it is not well."""

    name: str
    verdict: Verdict
    text: str
    todo: str = ""

    def line(self) -> str:
        """
        Return the finding as people read it.

        >>> Finding("disk", Verdict.FAIL, "10 MB free", "Free some space.").line()
        'fail  disk: 10 MB free. Free some space.'
        """
        todo = f" {self.todo}" if self.todo else ""
        return f"{self.verdict:<4}  {self.name}: {self.text}.{todo}"


def ok(name: str, text: str) -> Finding:
    """Return a finding that needs nothing."""
    return Finding(name, Verdict.OK, text)


def warn(name: str, text: str, todo: str) -> Finding:
    """Return a finding that asks for attention."""
    return Finding(name, Verdict.WARN, text, todo)


def fail(name: str, text: str, todo: str) -> Finding:
    """Return a finding that asks for work now."""
    return Finding(name, Verdict.FAIL, text, todo)


def is_healthy(findings: Iterable[Finding]) -> bool:
    """
    Return whether nothing failed.

    >>> is_healthy([ok("disk", "fine"), warn("backup", "none", "Make one.")])
    True
    """
    return all(finding.verdict is not Verdict.FAIL for finding in findings)
