"""Staging a register file that a door has read: drafts and preview, sealed, and a proposal."""

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any
from uuid import UUID

from despensa.adapters.register_file.faulty_rows import REASON_HEADING
from despensa.domain.act import Acting
from despensa.domain.registration.alone import ROWS_WITHOUT_APPROVAL, ApprovalNeeded
from despensa.domain.registration.fault import RowError
from despensa.domain.registration.register import RegisterFile, dry_run_report
from despensa.domain.registration.staged import (
    HOUSEHOLDS_AT_ONCE,
    PutAway,
    encode_households,
    encode_report,
)
from despensa.entrypoints.jobs import collector
from despensa.entrypoints.wiring import Tools
from despensa.records.catalogue.queries import in_force
from despensa.usecases.import_register import (
    ApprovedImport,
    Imported,
    SmallFile,
    import_register,
)
from despensa.usecases.stage_import import StagedFile, stage_import

__all__ = [
    "FAULTS_SHOWN",
    "FILE_NAME_MAX",
    "ROWS_WITHOUT_APPROVAL",
    "ApprovalNeeded",
    "preview",
    "stage",
    "take_in_small",
]

FILE_NAME_MAX = 120
# what a preview shows of faults; the file of faulty rows has them all
FAULTS_SHOWN = 50


class KeptHouseholds(PutAway):
    """Households that lie sealed in the staging folder, opened a few thousand people at a time."""

    def __init__(self, count: int, parts: Callable[[], Iterator[bytes]]) -> None:
        """Name how many there are and what opens their parts."""
        self._count = count
        self._parts = parts

    def parts(self) -> Iterator[bytes]:
        """Open the parts, one by one."""
        return self._parts()

    def __len__(self) -> int:
        return self._count


def preview(register: RegisterFile) -> dict[str, Any]:
    """
    Return what the preview of a staged file shows, as it lies sealed beside the drafts.

    Holds: it does not grow with the faults: of these the first are in it, and their counts.
    """
    return dry_run_report(register, errors_max=FAULTS_SHOWN) | {
        "source": register.source,
        "places": sorted(register.places, key=str),
        "dropped": [
            {"sheet": column.sheet, "column": column.column, "category": str(column.category)}
            for column in register.dropped_columns
        ],
        "without_document": register.people_without_document,
        "ignored": list(
            dict.fromkeys(
                column.column
                for column in register.ignored_columns
                if column.column != REASON_HEADING
            )
        ),
        "warnings": [warning.sentence for warning in register.warnings],
        "omissions": [
            [warning.code, {"count": warning.count, "row": warning.first_row}]
            for warning in register.warnings
        ],
        "codes": [
            [error.code, dict(error.parameters)] for error in islice(register.errors, FAULTS_SHOWN)
        ],
        "faults": len(register.errors),
        "reasons": [
            [*_fault_values(one.first), one.count] for one in register.reasons[:FAULTS_SHOWN]
        ],
    }


def _fault_values(fault: RowError) -> list[Any]:
    return [
        fault.sheet,
        fault.row,
        fault.column,
        fault.value,
        fault.code,
        dict(fault.parameters),
    ]


def take_in_small(
    register: RegisterFile, file_name: str, tools: Tools, *, acting: Acting
) -> Imported:
    """
    Return what one person took in alone.

    Raises: ApprovalNeeded above 50 rows a person and day; OutOfReach; FileKnown when the same file waits or was taken in before.
    """
    return import_register(
        household_parts(register),
        ApprovedImport(
            register_import=acting.new_id(),
            source=register.source,
            mandate=None,
            workspace_area=tools.workspace.country,
            catalogue_version=in_force().version,
            places=register.places,
            small_file=SmallFile(
                sha256=bytes.fromhex(register.file_sha256),
                kind=register.kind.value,
                name=file_name[:FILE_NAME_MAX],
                rows=register.rows_in,
                counts=_counts(register),
            ),
        ),
        acting=acting,
        vault=tools.keeper.vault,
        today=tools.today(),
    )


@collector.paused()
def stage(
    register: RegisterFile,
    file_name: str,
    tools: Tools,
    *,
    acting: Acting,
    report: dict[str, Any] | None = None,
) -> UUID:
    """
    Return the proposal of a read register file; `report` is its preview where one was kept.

    Raises: FileKnown when the same file waits or was taken in before.
    """
    return stage_import(
        StagedFile(
            parts=chain(
                [encode_report(preview(register) if report is None else report)],
                household_parts(register),
            ),
            file_sha256=bytes.fromhex(register.file_sha256),
            kind=register.kind.value,
            file_name=file_name[:FILE_NAME_MAX],
            counts=_counts(register),
            places=register.places,
            workspace_area=tools.workspace.country,
        ),
        acting=acting,
        staging=tools.keeper.staging,
    )


def household_parts(register: RegisterFile) -> Iterator[bytes]:
    """Yield the households of a file encoded, a few thousand people at a time."""
    if isinstance(register.households, PutAway):
        yield from register.households.parts()
        return
    for start in range(0, len(register.households), HOUSEHOLDS_AT_ONCE):
        yield encode_households(register.households[start : start + HOUSEHOLDS_AT_ONCE])


def _counts(register: RegisterFile) -> dict[str, int]:
    return {
        "households": len(register.households),
        "people": register.people,
        "rejected_rows": register.rejected_rows,
        "rows": register.rows_in,
    }
