"""
`despensa redeem`: one scan at a point, signed by the point's demo phone.

The phone's keys in run/phones/ are the lock of this door. What it wrote is sent, merged and posted
at once, as if there were a network.
"""

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from despensa.adapters.field_device import FieldDevice, ScanResult
from despensa.adapters.field_device.keys import has_keys
from despensa.adapters.qr import PictureError, read_images
from despensa.domain.encoding import dcbor
from despensa.domain.event import Means
from despensa.domain.receipt import spoken_code
from despensa.domain.refusal import RefusalReason
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.entrypoints.cli import read_in
from despensa.entrypoints.cli.opened import (
    JsonOption,
    WorkspaceOption,
    opened,
    show,
    signed_in,
    tell,
)
from despensa.entrypoints.cli.problems import Mistake, Refused
from despensa.entrypoints.cli.sentences import message

if TYPE_CHECKING:
    from despensa.domain.redemption.decide import Elsewhere
    from despensa.usecases.merge_events import Merged

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True)
class _Scanned:
    """One scan with what the office knows of it after synchronising."""

    result: ScanResult
    receipt: Path | None
    state: str
    go_to: str | None


@app.command()
def redeem(
    image: Annotated[
        Path,
        typer.Argument(help="A photograph, scan, PDF or the code's text; - for stdin."),
    ],
    *,
    point: Annotated[str, typer.Option(help="The point's code, such as P01.")],
    position: Annotated[
        int | None, typer.Option(min=1, help="Which code, where the picture shows several.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Of the sentences; else the workspace's first.")
    ] = None,
    close_session: Annotated[
        bool, typer.Option(help="Scan with the session closed, and open it again after.")
    ] = False,
    receipt: Annotated[
        Path | None, typer.Option(help="Where the receipt goes; else run/receipts/. Also for food.")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """
    Scan a card at a point and hand over, or refuse with a signed receipt.

    Exit code 0 when delivered, 1 when refused.
    """
    data = read_in.data_of(image)
    text = _text_of(data, position)
    with opened(workspace) as tools:
        with _phone(point, tools) as phone:
            operator = _operator(phone, point, tools)
            _prepare(phone, operator, tools, close_session=close_session)
            result = _scan(phone, text, operator, tools, wants_receipt=receipt is not None)
            written = _keep_receipt(result, receipt, tools)
            if close_session:
                phone.open_session(tools.now(), operator)
            _send(phone, tools)
        spoken = language or tools.workspace.languages[0]
        state = _posted(result, tools)
        scanned = _Scanned(result, written, state, _other_point(result, spoken))
    value = _described(scanned, point, spoken)
    show(value, as_json=as_json, text=_as_text(value))
    if result.outcome != "delivered":
        raise typer.Exit(1)


def _text_of(data: bytes, position: int | None) -> str | None:
    """
    Return the card's text, or None when nothing in the picture can be read.

    Raises: Mistake when it is not said which of several codes is meant.
    """
    text = read_in.card_text(data)
    if text is not None:
        return text
    try:
        texts = read_images(data)
    except PictureError as error:
        tell(f"{error}; the scan counts as unreadable")
        return None
    if (position is None and len(texts) > 1) or (position or 0) > len(texts) > 0:
        raise Mistake(
            f"The picture shows {len(texts)} codes. Hold one card before the camera, or say which "
            f"one with --position 1 to {len(texts)}: nothing was scanned."
        )
    return texts[(position or 1) - 1] if texts else None


def _phone(point: str, tools: wiring.Tools) -> FieldDevice:
    from despensa.entrypoints.demo.phones import phone_folder

    folders = phone_folder(tools, "x").parent
    known = sorted(path.name for path in folders.glob("*") if has_keys(path))
    if point not in known:
        listed = ", ".join(known) or "none: only a demo workspace has phones of its own"
        raise Refused(f"There is no phone for the point {point}. Points with a phone: {listed}.")
    return FieldDevice.open(phone_folder(tools, point))


def _operator(phone: FieldDevice, point: str, tools: wiring.Tools) -> bytes:
    """
    Return who works with the phone: who is signed in here and may run a point, else its last user.

    Raises: Refused when nobody has worked with it and nobody is signed in, or their role has ended
        or is for another place.
    """
    staff = signed_in(tools)
    if staff is not None and Permission.RUN_POINT in staff.permissions:
        _require_point(staff.id, phone, point, tools)
        return staff.id.bytes
    if phone.last_operator is not None:
        _require_point(UUID(bytes=phone.last_operator), phone, point, tools)
    if phone.last_operator is None:
        raise Refused(
            "Nobody has worked with this phone yet: sign in as the point's lead or operator, "
            "despensa login."
        )
    return phone.last_operator


def _require_point(staff: UUID, phone: FieldDevice, point: str, tools: wiring.Tools) -> None:
    """
    Refuse a person who may not run this point, for what the phone's list is about, today.

    Raises: Refused.
    """
    from despensa.records.service_points import queries
    from despensa.records.staff.queries import reach_of

    reach = reach_of(staff, Permission.RUN_POINT, tools.today())
    area = queries.point_area(point)
    scopes = () if phone.lease is None else phone.lease.scopes
    programmes: set[UUID | None] = {UUID(bytes=scope.programme_id) for scope in scopes}
    programmes = programmes or {None}
    if area is None or not any(reach.covers(programme, area) for programme in programmes):
        raise Refused(
            f"Whoever works with this phone has no role for the point {point} today, or it is for "
            "another area or programme: nothing was scanned. Sign in as the point's lead or "
            "operator: despensa login."
        )


def _prepare(
    phone: FieldDevice, operator: bytes, tools: wiring.Tools, *, close_session: bool
) -> None:
    """Bring the phone's session into the state this scan is to meet."""
    now = tools.now()
    if close_session and phone.is_session_open:
        phone.close_session(now, operator)
    elif not close_session and not phone.is_session_open and phone.lease is not None:
        hours = phone.lease.hours
        if hours.opens_at <= now < hours.closes_at:
            phone.open_session(now, operator)


def _scan(
    phone: FieldDevice,
    text: str | None,
    operator: bytes,
    tools: wiring.Tools,
    *,
    wants_receipt: bool,
) -> ScanResult:
    from despensa.entrypoints.jobs.cards import DAY_ZERO

    return phone.scan(
        text,
        Means.FILE,
        tools.now(),
        operator,
        today=tools.today().toordinal() - DAY_ZERO,
        elsewhere=_district(phone),
        receipt_requested=wants_receipt,
    )


def _district(phone: FieldDevice) -> "dict[bytes, Elsewhere]":
    from despensa.entrypoints.demo.phones import district_index

    index: dict[bytes, Elsewhere] = {}
    for scope in () if phone.lease is None else phone.lease.scopes:
        index |= district_index(UUID(bytes=scope.cycle_id))
    return index


def _keep_receipt(result: ScanResult, wanted: Path | None, tools: wiring.Tools) -> Path | None:
    """Write the receipt as base64 text and return where it lies."""
    if result.receipt is None:
        return None
    path = wanted
    if path is None:
        folder = tools.workspace.run / "receipts"
        folder.mkdir(mode=0o700, exist_ok=True)
        path = folder / f"{result.written.event.event_id.hex()}.receipt"
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.write_text(base64.b64encode(result.receipt).decode() + "\n", encoding="ascii")
    partial.chmod(0o600)
    partial.replace(path)
    return path.absolute()


def _send(phone: FieldDevice, tools: wiring.Tools) -> None:
    """Send what the phone has not sent; the office's answer is durable."""
    from despensa.usecases.accept_events import accept_events

    while (batch := phone.pending_batch()) is not None:
        answer = accept_events(batch, acting=tools.acting(None), signatory=tools.keeper.signatory)
        _, _, seq, event_hash = dcbor.decode(answer)
        phone.acknowledge(seq, event_hash)


def _posted(result: ScanResult, tools: wiring.Tools) -> str:
    """Merge and return where the scan stands: posted, excess or waiting."""
    from despensa.entrypoints.jobs import rounds

    merged: Merged = rounds.round_trip(tools)
    if result.outcome != "delivered":
        return "recorded"
    return "excess" if merged.excess else "posted"


def _other_point(result: ScanResult, language: str) -> str | None:
    """Return the point where the household's list is, when that is why the scan was refused."""
    from despensa.records.service_points import queries

    elsewhere = result.finding.elsewhere
    if result.reason is not RefusalReason.OTHER_POINT or elsewhere is None:
        return None
    if elsewhere.point_id is None:
        return None
    point = UUID(bytes=elsewhere.point_id)
    code, names = queries.point_names([point])[point]
    return f"{code} {names.get(language) or next(iter(names.values()), '')}".strip()


def _described(scanned: _Scanned, point: str, language: str) -> dict[str, Any]:
    result = scanned.result
    sentence, next_step = message(result.message_id, language)
    reason: RefusalReason | None = result.reason
    return {
        "outcome": result.outcome,
        "reason": None if reason is None else reason.name.lower(),
        "sentence": sentence,
        "next_step": next_step,
        "point": point,
        "goods": [list(line) for line in result.goods],
        "offered": result.offered.name.lower(),
        "go_to": scanned.go_to,
        "state": scanned.state,
        "event": result.written.event.event_id.hex(),
        "event_hash": result.written.event_hash.hex(),
        "receipt": None if result.receipt is None else base64.b64encode(result.receipt).decode(),
        "receipt_file": None if scanned.receipt is None else str(scanned.receipt),
        "words": None if result.receipt is None else " ".join(spoken_code(result.receipt)),
    }


def _as_text(value: dict[str, Any]) -> str:
    head = value["outcome"].upper()
    if value["reason"] is not None:
        head += f": {value['reason']}"
    lines = [head, value["sentence"], value["next_step"]]
    lines += [] if value["go_to"] is None else [f"point: {value['go_to']}"]
    lines += [f"unit {unit}: {quantity}" for unit, quantity in value["goods"]]
    if value["receipt_file"] is not None:
        lines += [f"receipt: {value['receipt_file']}", f"in words: {value['words']}"]
    return "\n".join(lines)
