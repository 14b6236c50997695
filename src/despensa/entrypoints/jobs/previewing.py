"""
The preview of a register file: read, sealed, looked at, then submitted or thrown away.

Only what the registry has a place for is kept, sealed under a key of its own like a staged file;
forbidden columns were dropped when the file was read. Previews live as long as staged files.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID

from despensa.adapters.register_file.faulty_rows import (
    english_reason,
    faulty_suffixes,
    write_faulty_rows,
)
from despensa.domain.act import Acting
from despensa.domain.registration.fault import RowError
from despensa.domain.registration.layout import Kind
from despensa.domain.registration.register import RegisterFile
from despensa.domain.registration.staged import (
    StagedUnreadable,
    decode_report,
    encode_report,
)
from despensa.entrypoints.jobs.staging import (
    FILE_NAME_MAX,
    ROWS_WITHOUT_APPROVAL,
    ApprovalNeeded,
    KeptHouseholds,
    household_parts,
    preview,
    stage,
    take_in_small,
)
from despensa.entrypoints.wiring import Tools
from despensa.usecases.stage_import import FileKnown

__all__ = [
    "FileKnown",
    "Preview",
    "PreviewGone",
    "discard",
    "fault_counts",
    "faults",
    "faulty_rows",
    "keep_preview",
    "look",
    "report_of",
    "submit",
]

_DRAFTS = b"drafts"
_PART_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Preview:
    """A file that was read and not submitted: who read it, when, and what was found."""

    id: UUID
    staff: UUID
    at: int
    file_name: str
    report: dict[str, Any]

    @property
    def needs_approval(self) -> bool:
        """Return whether a second person must agree."""
        return int(self.report["rows_in"]) > ROWS_WITHOUT_APPROVAL

    @property
    def can_come_in(self) -> bool:
        """Return whether there is anything to take in, and nothing that refuses the file."""
        return bool(self.report["households"]) and not self.is_refused

    @property
    def is_refused(self) -> bool:
        """Return whether a wrong row refuses the whole file."""
        return bool(self.report["is_strict"] and self.report["errors"])


class PreviewGone(LookupError):
    """The preview was submitted, thrown away or is too old: send the file again."""


def keep_preview(
    register: RegisterFile,
    file_name: str,
    tools: Tools,
    *,
    acting: Acting,
    is_strict: bool,
    preview_id: UUID | None = None,
    reason: Callable[[RowError], str] = english_reason,
) -> UUID:
    """
    Return the id under which a read file can be looked at by the person who sent it.

    `preview_id` is that id where its page was named before the file was read. `reason` says in
    that person's language what is wrong with a row, in the file they download.
    """
    if acting.staff is None:
        raise ValueError("a file is read for a person")
    preview_id = preview_id or acting.new_id()
    given = Path(file_name)
    suffix = faulty_suffixes(register, given.suffix)[0]
    report = preview(register) | {
        "staff": str(acting.staff),
        "at": acting.at,
        "file_name": file_name[:FILE_NAME_MAX],
        "file_sha256": register.file_sha256,
        "is_strict": is_strict,
        "households": len(register.households),
        "people": register.people,
        "faulty": f"{given.stem[:60]}-faulty{suffix}" if register.rejected else "",
    }
    staging = tools.keeper.staging
    staging.seal_parts(_drafts_of(preview_id), household_parts(register))
    if register.rejected:
        with tempfile.TemporaryDirectory(dir=tools.workspace.run) as folder:
            path = Path(folder) / f"faulty{suffix}"
            write_faulty_rows(register, path, reason=reason)
            staging.seal_beside(_drafts_of(preview_id), _parts(path))
    staging.seal(preview_id.bytes, encode_report(report))
    return preview_id


def look(preview_id: UUID, tools: Tools) -> Preview:
    """
    Return a preview.

    Raises: PreviewGone.
    """
    try:
        report = decode_report(tools.keeper.staging.open(preview_id.bytes))
        return Preview(preview_id, UUID(report["staff"]), report["at"], report["file_name"], report)
    except (FileNotFoundError, StagedUnreadable, KeyError) as error:
        raise PreviewGone from error


def submit(preview_id: UUID, tools: Tools, *, acting: Acting) -> UUID | None:
    """
    Take a small file in and return None, or return the proposal the file waits with.

    A small file waits as well when the day's rows without a second person are used up.

    Raises: PreviewGone; OutOfReach; FileKnown when the same file waits or was taken in before.
    """
    seen = look(preview_id, tools)
    report = seen.report
    register = RegisterFile(
        kind=Kind(report["kind"]),
        source=report["source"],
        file_sha256=report["file_sha256"],
        rows_in=report["rows_in"],
        accepted_rows=report["accepted"],
        rejected_rows=report["rejected"],
        households=KeptHouseholds(
            int(report["households"]),
            partial(tools.keeper.staging.open_parts, _drafts_of(preview_id)),
        ),
        rejected=(),
        errors=(),
        warnings=(),
        dropped_columns=(),
        ignored_columns=(),
        people_without_document=report["without_document"],
        headings={},
        people=report["people"],
        places=frozenset((pcode, name) for pcode, name in report["places"]),
    )
    proposal = None
    try:
        if seen.needs_approval or not _is_taken_in(register, seen.file_name, tools, acting):
            proposal = stage(register, seen.file_name, tools, acting=acting, report=report)
            if report["faulty"]:
                _hand_on(preview_id, proposal, tools)
    except FileNotFoundError as error:
        raise PreviewGone from error
    discard(preview_id, tools)
    return proposal


def _is_taken_in(register: RegisterFile, file_name: str, tools: Tools, acting: Acting) -> bool:
    """Take a small file in, and return whether that was still possible alone today."""
    try:
        take_in_small(register, file_name, tools, acting=acting)
    except ApprovalNeeded:
        return False
    return True


def discard(preview_id: UUID, tools: Tools) -> None:
    """Destroy a preview; again is nothing."""
    tools.keeper.staging.destroy(preview_id.bytes, at=tools.now())
    tools.keeper.staging.destroy(_drafts_of(preview_id), at=tools.now())


def report_of(staged: UUID, tools: Tools) -> dict[str, Any]:
    """Return the report of a file that waits with this proposal, empty when it is gone."""
    try:
        report = decode_report(next(tools.keeper.staging.open_parts(staged.bytes)))
    except (FileNotFoundError, StagedUnreadable):
        return {}
    return report


def faulty_rows(place: UUID, tools: Tools, *, is_staged: bool) -> Iterator[bytes]:
    """
    Return the faulty rows with their reasons, as a file, part by part.

    `place` is the preview, or with `is_staged` the proposal its file waits with.
    Raises: PreviewGone.
    """
    sealed = place.bytes if is_staged else _drafts_of(place)
    parts = tools.keeper.staging.open_beside(sealed)
    try:
        first = next(parts)
    except FileNotFoundError as error:
        raise PreviewGone from error
    return chain([first], parts)


def faults(report: dict[str, Any]) -> list[RowError]:
    """Return the faults of a report with their codes."""
    return [
        RowError(error["sheet"], error["row"], error["column"], error["value"], code, parameters)
        for error, (code, parameters) in zip(
            report.get("errors", ()), report.get("codes", ()), strict=False
        )
    ]


def fault_counts(report: dict[str, Any]) -> list[tuple[RowError, int]]:
    """Return the reasons of a report, each as the fault met first, and how often it was met."""
    return [(RowError(*first), count) for *first, count in report.get("reasons", ())]


def _hand_on(preview_id: UUID, proposal: UUID, tools: Tools) -> None:
    """Let the faulty rows wait with the file; without them it can be submitted as well."""
    staging = tools.keeper.staging
    with suppress(FileNotFoundError):
        staging.seal_beside(proposal.bytes, staging.open_beside(_drafts_of(preview_id)))


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(_PART_BYTES):
            yield part


def _drafts_of(preview_id: UUID) -> bytes:
    """The drafts lie beside the report, so that looking at it does not read them all."""
    return hashlib.sha256(_DRAFTS + preview_id.bytes).digest()[:16]
