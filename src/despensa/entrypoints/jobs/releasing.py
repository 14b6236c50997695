"""
Packages for auditors: proposed, made piece by piece, destroyed on their day.

Killed anywhere, the next round makes the same package again: its number and the checkpoint it proves
under were fixed when its making began, the frozen files and the decisions never change. Nothing
half made is left: the file appears whole, and what lay aside goes with the next round.
Source: docs/explanation/design.md, sections 5 and 7.5.
"""

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

from despensa.adapters import hpke
from despensa.adapters.engine.frozen_folder import read_frozen
from despensa.adapters.release import write_package
from despensa.domain.act import Acting
from despensa.domain.child import ChildKind
from despensa.domain.eligibility.frozen import facts_read
from despensa.domain.eligibility.parse import parse_text
from despensa.domain.eligibility.rule import Rule
from despensa.domain.ports.engine import FrozenCycle
from despensa.domain.proposal import Mandate, Output, Reason
from despensa.domain.release import evidence as logs
from despensa.domain.release.package import (
    ACTION,
    LABEL,
    PIECES,
    Manifest,
    PackageTerms,
    Piece,
    ReleaseWrong,
    Wrong,
    check_terms,
    payload,
)
from despensa.domain.transparency import checkpoint as notes
from despensa.entrypoints.jobs import rounds
from despensa.entrypoints.jobs.cycle import frozen_folder
from despensa.entrypoints.jobs.package_files import alone, clear, package_file
from despensa.entrypoints.jobs.proposing import cycle_of, propose_action
from despensa.entrypoints.wiring import Tools
from despensa.records.children import queries as children
from despensa.records.programmes import queries as programmes
from despensa.records.programmes.queries import CycleRow
from despensa.records.proposals import queries as proposals
from despensa.records.releases import queries
from despensa.usecases.begin_release import begin_release
from despensa.usecases.finish_release import finish_release

__all__ = ["ACTION", "carry_out", "evidence_of", "package_file", "propose", "waiting"]
_READ_AT_ONCE = 1 << 20
_ASIDE = ".aside"
_DAY_ZERO = 719_163  # of 1970-01-01, as date.toordinal counts


class FactsGone(RuntimeError):
    """The frozen facts were destroyed before the package was made."""


def propose(row: CycleRow, terms: PackageTerms, tools: Tools, *, acting: Acting) -> UUID:
    """
    Return the proposal of a cycle's package, once it is clear that it can be made.

    Raises: ReleaseWrong; OutOfReach; EngineError.
    """
    if tools.workspace.single_operator:
        raise ReleaseWrong(Wrong.ALONE)
    check_terms(terms, today=acting.day)
    try:
        hpke.seal(terms.key, b"", LABEL)
    except ValueError as error:
        raise ReleaseWrong(Wrong.KEY) from error
    rule, frozen = _frozen(row, tools)
    if waiting(row.id, ACTION):
        raise ReleaseWrong(Wrong.WAITING)
    reads = facts_read(rule)
    day = terms.destroy_by.toordinal() - _DAY_ZERO
    fields = (*reads.household_columns, *reads.member_columns)
    return propose_action(
        ACTION,
        Reason.AUDIT,
        acting=acting,
        scope=(row.programme.bytes, None, row.id.bytes),
        parameters=terms.parameters(),
        inputs=(row.rule_hash, frozen.root),
        totals=(("households", frozen.households), ("people", frozen.members)),
        outputs=(Output("audit_package", fields, frozen.households, day),),
    )


def waiting(cycle_id: UUID, action: str) -> bool:
    """Return whether a proposal of this action about a cycle waits or is being carried out."""
    views = [*proposals.waiting(None), *proposals.approved()]
    return any(
        view.action == action and cycle_of(view.canonical) == cycle_id
        for view in views
        if view.action == action
    )


def carry_out(mandate: Mandate, cycle_id: UUID, tools: Tools, *, acting: Acting) -> str:
    """
    Make the package of an approved proposal and return one line about it.

    Raises: FactsGone; ReleaseWrong; EngineError; ApprovalInvalid; AlreadyUsed.
    """
    row = programmes.cycle(cycle_id)
    if row is None:
        raise FactsGone("The cycle of this package is gone: nothing was made.")
    try:
        rule, frozen = _frozen(row, tools)
    except ReleaseWrong as error:
        raise FactsGone(str(error)) from error
    rounds.seal_log(tools)
    release_id = begin_release(mandate, checkpoint=tools.log.checkpoint(), acting=acting)
    with alone(tools) as folder:
        release = queries.release(release_id)
        assert release is not None, "what was begun is there"
        if release.sha256 is not None and release.length is not None:
            # another process was quicker: its file stays
            sha256, length = release.sha256, release.length
        else:
            clear(folder, release_id)
            sha256, length = _made(release, row, (rule, frozen), tools, acting)
        made = finish_release(mandate, sha256=sha256, length=length, acting=acting)
    return f"package {made.number} is ready for {made.recipient}"


def evidence_of(row: CycleRow, checkpoint: str, tools: Tools) -> logs.LogEvidence:
    """Return what the log says of a cycle, proved under one of its checkpoints."""
    size = notes.verify(checkpoint, notes.parse_vkey(tools.log_vkey)).size
    body = logs.rule_body(row.programme.bytes, row.rule_version, row.rule_hash, row.rule_text)
    wanted = [row.id.bytes, row.rule_hash, hashlib.sha256(body).digest()]
    return logs.LogEvidence(
        checkpoint,
        tuple(
            logs.LogLeaf(number, leaf, tuple(tools.log.inclusion_proof(number, size=size)))
            for number, leaf in queries.public_leaves_with(wanted)
            if number < size and logs.is_about(leaf, row.id.bytes, row.rule_hash)
        ),
    )


def _made(
    release: queries.ReleaseView,
    row: CycleRow,
    frozen: tuple[Rule, FrozenCycle],
    tools: Tools,
    acting: Acting,
) -> tuple[bytes, int]:
    """Return (SHA-256, length) of the package's file, written whole."""
    place = package_file(release.id, tools)
    aside = place.with_suffix(_ASIDE)
    aside.mkdir(mode=0o700)
    try:
        pieces = _pieces(row, frozen[0], release.checkpoint, aside, tools)
        manifest = _manifest(release, row, frozen[1], pieces, tools)
        return write_package(
            place,
            package=release.id.bytes,
            recipient_key=release.recipient_key or b"",
            signed_manifest=tools.keeper.signatory.sign(payload(manifest), label=LABEL),
            pieces=[(piece.length, _parts(path)) for piece, path in pieces],
            random=acting.random,
        )
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _frozen(row: CycleRow, tools: Tools) -> tuple[Rule, FrozenCycle]:
    """Return the rule and the frozen facts of a cycle. Raises: ReleaseWrong; EngineError."""
    if row.frozen_root is None:
        raise ReleaseWrong(Wrong.NOT_DECIDED)
    folder = frozen_folder(row.id, tools)
    if not Path(folder).is_dir():
        raise ReleaseWrong(Wrong.GONE)
    rule = parse_text(row.rule_text)
    return rule, read_frozen(folder, rule)


def _pieces(
    row: CycleRow, rule: Rule, checkpoint: str, aside: Path, tools: Tools
) -> list[tuple[Piece, Path]]:
    """Return every piece with the file that holds it, in order."""
    folder = Path(frozen_folder(row.id, tools))
    numbers = programmes.unit_numbers()
    units = [numbers[line.unit] for line in rule.benefit]
    (aside / "rule").write_text(row.rule_text, encoding="utf-8", newline="")
    (aside / "log").write_bytes(logs.encode(evidence_of(row, checkpoint, tools)))
    with (aside / "result").open("wb") as file:
        for part in queries.decided_lines(row.id, units):
            file.write(part)
    places = {
        "rule": aside / "rule",
        "households": folder / "household.parquet",
        "members": folder / "member.parquet",
        "result": aside / "result",
        "log": aside / "log",
    }
    return [(_piece(name, places[name]), places[name]) for name in PIECES]


def _piece(name: str, path: Path) -> Piece:
    digest, length = hashlib.sha256(), 0
    for part in _parts(path):
        digest.update(part)
        length += len(part)
    return Piece(name, length, digest.digest())


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(_READ_AT_ONCE):
            yield part


def _manifest(
    release: queries.ReleaseView,
    row: CycleRow,
    frozen: FrozenCycle,
    pieces: Sequence[tuple[Piece, Path]],
    tools: Tools,
) -> Manifest:
    salt, _ = tools.keeper.cycles.frozen_keys(row.id.bytes)
    codes = {number: code for number, (code, _) in programmes.units().items()}
    child = children.child(row.id)
    return Manifest(
        package=release.id.bytes,
        workspace=tools.workspace.workspace_id.bytes,
        number=release.number,
        cycle=row.id.bytes,
        programme=row.programme.bytes,
        rule_hash=row.rule_hash,
        on=row.reference_date,
        households=frozen.households,
        members=frozen.members,
        root=frozen.root,
        salt=salt,
        recipient=release.recipient,
        reason=release.reason,
        destroy_by=release.destroy_by,
        log_vkey=tools.log_vkey,
        units=tuple(sorted(codes.items())),
        pieces=tuple(piece for piece, _ in pieces),
        gives_whole=child is None or child.kind in {ChildKind.LATE, ChildKind.FOLLOW_UP},
    )
