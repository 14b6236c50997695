"""Copies of the keys for custodians: proposed, made, tried on an empty folder."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from despensa.adapters import age
from despensa.adapters.keeper import escrow, key_files
from despensa.adapters.keeper.in_process import InProcessKeeper, open_keeper
from despensa.adapters.printing import TypstKeySheetPrinter
from despensa.adapters.qr import ZxingCodes
from despensa.adapters.workspace.folder import Workspace
from despensa.domain.act import Acting
from despensa.domain.encoding import cose
from despensa.domain.key_sheet import KeySheet
from despensa.domain.matching.search_text import SearchText, TokenKind
from despensa.domain.ports.keeper import Access, Purpose
from despensa.domain.ports.key_office import ESCROW, Custodian, require_custodians
from despensa.domain.proposal import Mandate, Reason, parse
from despensa.domain.sealing import Column, Sealed, ToSeal
from despensa.domain.transparency import journal
from despensa.entrypoints.jobs.proposing import propose_action
from despensa.entrypoints.wiring import Tools
from despensa.usecases.record_drill import record_drill
from despensa.usecases.record_escrow import record_escrow

ACTION = ESCROW
# a file system in memory, where there is one: a trial leaves nothing on a disk
_MEMORY = Path("/dev/shm")  # noqa: S108  (a folder of its own is made in it)
_RECEIPT = b"despensa/receipt/1"


class CopyFails(RuntimeError):
    """The copy opens, and does not bring back the keys in use: the text says what differs."""


def propose(custodians: Sequence[Custodian], *, acting: Acting) -> UUID:
    """Return the proposal to copy the keys. Raises: CustodiansWrong; AgeRefused."""
    require_custodians(custodians)
    lines = tuple([one.name, age.require_public(one.public)] for one in custodians)
    return propose_action(ACTION, Reason.KEY_COPY, acting=acting, parameters=lines)


def place_of(workspace: Workspace, proposal: UUID) -> Path:
    """Return where the copy of a proposal lies."""
    return workspace.backups / f"keys-{proposal}.age"


def sheet_of(workspace: Workspace, proposal: UUID) -> Path:
    """Return where the same copy lies as a sheet to print."""
    return place_of(workspace, proposal).with_suffix(".pdf")


def carry_out(mandate: Mandate, proposal: UUID, tools: Tools, *, acting: Acting) -> str:
    """
    Have the copy made, keep it beside the backups as a file and as a sheet, and announce it.

    Killed before it was announced, the same call makes another for the same custodians.
    Raises: ApprovalInvalid; AlreadyUsed.
    """
    data = tools.keeper.keys.escrow(
        proposal=mandate.canonical, approval=mandate.signed, at=acting.at
    )
    path = place_of(tools.workspace, proposal)
    key_files.write(path, data)
    key_files.write(sheet_of(tools.workspace, proposal), _sheet(data, mandate, tools, at=acting.at))
    record_escrow(hashlib.sha256(data).digest(), mandate=mandate, acting=acting)
    return f"keys copied for their custodians: {path}, and {path.with_suffix('.pdf').name} to print"


def _sheet(data: bytes, mandate: Mandate, tools: Tools, *, at: int) -> bytes:
    """Return the copy as a sheet to print, in the workspace's first language that has words."""
    codes = ZxingCodes()
    printer = TypstKeySheetPrinter(writer=codes, reader=codes)
    known = printer.languages()
    language = next((code for code in tools.workspace.languages if code in known), "en")
    sheet = KeySheet(
        language=language,
        issuer=tools.workspace.name,
        workspace=str(tools.workspace.workspace_id),
        made_on=datetime.fromtimestamp(at, ZoneInfo(tools.workspace.time_zone)).date().isoformat(),
        custodians=tuple(
            (str(name), str(key)) for name, key in parse(mandate.canonical).parameters
        ),
        sha256=hashlib.sha256(data).hexdigest(),
        text=data.decode("ascii"),
    )
    return printer.render_sheet(sheet)


def drill(data: bytes, identity: str, tools: Tools, *, acting: Acting) -> None:
    """
    Bring a copy back in an empty folder, prove that it holds the keys in use, and announce it.

    Holds: the folder is destroyed again, also when the proof fails.
    Raises: AgeRefused; CopyWrong; CopyFails; AccessRefused for an older copy; OutOfReach.
    """
    workspace = tools.workspace.workspace_id.bytes
    copy = escrow.opened(data, identity, workspace=workspace)
    with _empty_folder() as folder:
        files = key_files.KeyFiles(folder / "keeper", workspace)
        copy.restore(folder / "keeper", files, os.urandom)
        restored = open_keeper(keys=folder, staging=folder / "staging", workspace=workspace)
        try:
            _prove(restored, tools, at=acting.at)
        finally:
            restored.close()
    tools.keeper.keys.note_drill(copy.digest, at=acting.at)
    record_drill(copy.digest, acting=acting)


def _prove(restored: InProcessKeeper, tools: Tools, *, at: int) -> None:
    """Let the keeper in use seal, and the restored one open: a name, a number, a chunk, a paper."""
    live = tools.keeper
    if restored.signatory.public_keys() != live.signatory.public_keys():
        raise CopyFails("A signing key was exchanged after this copy: make a new one.")
    person, entry = os.urandom(16), os.urandom(16)
    [owner] = live.vault.new_keys([person])
    [[sealed]] = live.vault.seal([(owner, [ToSeal(Column.FULL_NAME, person, 1, "trial")])])
    access = Access(entry, person, at, Purpose.SERVE_HOUSEHOLD, (person,), (Column.FULL_NAME,))
    texts = [SearchText(TokenKind.PHONE, "+0")]
    _, chunk = live.vault.journal_key(entry)
    owned = journal.ChunkKey(journal.Seal.WORKSPACE, tools.workspace.workspace_id.bytes, chunk)
    try:
        opened = restored.vault.unseal(
            access, [(owner, [Sealed(Column.FULL_NAME, person, sealed)])]
        )
        restored.vault.open_rows(entry, journal.Stored(b"", (), (owned,)), {})
    except Exception as error:
        raise CopyFails("A name or a chunk of the journal does not open with this copy.") from error
    if opened != [["trial"]]:
        raise CopyFails("A name does not open with this copy.")
    if restored.vault.search_tokens(texts) != live.vault.search_tokens(texts):
        raise CopyFails("The search finds nobody with this copy.")
    signed = restored.signatory.sign({0: 1}, label=_RECEIPT)
    ring = live.signatory.public_keys().authority_ring()
    cose.verify(signed, label=_RECEIPT, keys=ring, allowed=frozenset({0}))


@contextmanager
def _empty_folder() -> Iterator[Path]:
    parent = _MEMORY if _MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="despensa-drill-", dir=parent))
    try:
        yield folder
    finally:
        for path in key_files.secrets_below(folder):
            key_files.destroy(path)
        shutil.rmtree(folder)
