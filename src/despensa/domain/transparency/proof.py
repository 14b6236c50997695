"""
Portable proofs: texts that show, with no database and no network, what is in the log.

Decides the text of a proof about a row or a leaf, and its verdict. A verdict has three answers; a missing key is "cannot tell",
never "not valid". Source: C2SP tlog-proof v1 (https://c2sp.org/tlog-proof);
docs/reference/formats.md section 8.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from despensa.domain.encoding import dcbor
from despensa.domain.transparency import checkpoint as note
from despensa.domain.transparency import journal, tree

HEADER = "c2sp.org/tlog-proof@v1"
CHUNK_LABEL = b"despensa/chunk/1"
_VERSION = 1
_PATH_MAX = 64
_TEXT_MAX = 1 << 18
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)
_SIGNATURE_LENGTH = 64


class MalformedProof(ValueError):
    """The text is no portable proof."""


class Answer(StrEnum):
    """What checking a proof can end with."""

    VALID = "valid"
    NOT_VALID = "not valid"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer with its reason; with a valid proof, the checkpoint it rests on."""

    answer: Answer
    reason: str
    checkpoint: note.Checkpoint | None = None
    cosignatures: tuple[note.Cosignature, ...] = ()


@dataclass(frozen=True, slots=True)
class RowEvidence:
    """That a row is in a chunk, and that the authority answers for the chunk's rows root."""

    leaf: bytes
    row_index: int
    row_count: int
    path: tuple[bytes, ...]
    row_salt: bytes
    rows_root: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """That a leaf is in the log; with `row`, that a row is in that leaf's chunk."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    row: RowEvidence | None = None


def chunk_statement(leaf: bytes, rows_root: bytes) -> bytes:
    """
    Return the bytes the authority signs to answer for a leaf's rows root.

    The chunk's salt is never revealed, so nobody else can tie the two together.
    Source: docs/reference/formats.md section 8.
    """
    return CHUNK_LABEL + sha256(leaf).digest() + rows_root


def row_evidence(
    *, leaf: bytes, salt: bytes, rows: Sequence[bytes], index: int, signer: note.Signer
) -> RowEvidence:
    """
    Return the evidence for one row of a chunk.

    `rows` are all row bytes of the chunk after sealing, or its event hashes; `signer` signs raw
    bytes with an authority key (Ed25519).
    Raises: ValueError when the chunk has no such row.
    """
    hashes = journal.row_hashes(salt, rows)
    path = tree.inclusion_proof(index, hashes)
    root = tree.root_of_hashes(hashes)
    row_salt = journal.row_salts(salt, index + 1)[index]
    signature = signer(chunk_statement(leaf, root))
    return RowEvidence(leaf, index, len(rows), tuple(path), row_salt, root, signature)


def encode(proof: Proof) -> str:
    """
    Return a proof's text.

    Source: C2SP tlog-proof, Format.
    """
    lines = [HEADER]
    if proof.row is not None:
        lines.append(f"extra {_base64(_encode_row(proof.row))}")
    lines.append(f"index {proof.index}")
    lines += map(_base64, proof.path)
    return "\n".join(lines) + "\n\n" + proof.checkpoint


def parse(text: str) -> Proof:
    """
    Return what a proof's text says, without verifying it.

    Raises: MalformedProof on any other text than `encode` writes.
    """
    if len(text) > _TEXT_MAX:
        raise MalformedProof(f"malformed proof: longer than {_TEXT_MAX} characters")
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != HEADER or not lines:
        raise MalformedProof(f"malformed proof: it does not begin with {HEADER}")
    row = None
    if lines[0].startswith("extra "):
        row = _parse_row(_bytes(lines.pop(0).removeprefix("extra ")))
    index = _INDEX.fullmatch(lines[0]) if lines else None
    if index is None or len(lines) > 1 + _PATH_MAX:
        raise MalformedProof("malformed proof: no index line, or too many hashes")
    path = tuple(map(_bytes, lines[1:]))
    if any(len(step) != tree.HASH_LENGTH for step in path):
        raise MalformedProof("malformed proof: a line is no hash")
    try:
        note.parse(checkpoint)
    except note.MalformedCheckpoint as error:
        raise MalformedProof(f"malformed proof: {error}") from error
    return Proof(int(index[1]), path, checkpoint, row)


def verify_leaf_proof(
    text: str, *, log_vkey: str, leaf: bytes, witness_vkeys: Iterable[str] = ()
) -> Verdict:
    """
    Return whether a leaf, known to the asker, is in the log the key belongs to.

    Raises: ValueError when a key text is malformed.
    """
    try:
        return _verdict_on_leaf(parse(text), log_vkey, leaf, witness_vkeys)
    except MalformedProof as error:
        return Verdict(Answer.NOT_VALID, str(error))


def verify_proof(
    text: str,
    *,
    log_vkey: str,
    authority_keys: Iterable[bytes],
    row: bytes,
    witness_vkeys: Iterable[str] = (),
) -> Verdict:
    """
    Return whether a row is in the log the key belongs to.

    `row` are the row's bytes, or for a redemption or refusal the event hash of the receipt;
    `authority_keys` are the raw public keys of all authority keys ever trusted.
    Holds: a valid proof says that the row is in the chunk; its position and the chunk's row count
        only lead the way there and are not part of what is proved.
    Raises: ValueError when a key text is malformed.
    Source: docs/reference/formats.md section 8.
    """
    try:
        proof = parse(text)
    except MalformedProof as error:
        return Verdict(Answer.NOT_VALID, str(error))
    if proof.row is None:
        return Verdict(Answer.NOT_VALID, "the proof is about a leaf, not about a row")
    verdict = _verdict_on_leaf(proof, log_vkey, proof.row.leaf, witness_vkeys)
    if verdict.answer is not Answer.VALID:
        return verdict
    refused = _row_refused(proof.row, row, list(authority_keys))
    return verdict if refused is None else refused


def _row_refused(evidence: RowEvidence, row: bytes, keys: list[bytes]) -> Verdict | None:
    leaf_hash = tree.leaf_hash(evidence.row_salt + row)
    if not tree.verify_inclusion(
        evidence.row_index, evidence.row_count, leaf_hash, evidence.path, evidence.rows_root
    ):
        return Verdict(Answer.NOT_VALID, "the row is not in the chunk this proof is about")
    if not keys:
        return Verdict(Answer.CANNOT_TELL, "no authority key was given")
    statement = chunk_statement(evidence.leaf, evidence.rows_root)
    if any(is_signed(key, evidence.signature, statement) for key in keys):
        return None
    return Verdict(
        Answer.NOT_VALID,
        "no authority key given answers for this chunk; if the authority has changed its key "
        "since, give the earlier one as well",
    )


def _verdict_on_leaf(
    proof: Proof, log_vkey: str, leaf: bytes, witness_vkeys: Iterable[str]
) -> Verdict:
    key = note.parse_vkey(log_vkey)
    witnesses = [note.parse_vkey(text) for text in witness_vkeys]
    try:
        checkpoint = note.verify(proof.checkpoint, key)
        cosignatures = note.cosignatures(proof.checkpoint, witnesses)
    except note.UnknownLogKey as error:
        return Verdict(Answer.CANNOT_TELL, f"{error}; ask for that log's key")
    except note.BadCheckpointSignature as error:
        return Verdict(Answer.NOT_VALID, str(error))
    if not tree.verify_inclusion(
        proof.index, checkpoint.size, tree.leaf_hash(leaf), proof.path, checkpoint.root
    ):
        return Verdict(Answer.NOT_VALID, "the leaf is not in the tree of this checkpoint")
    reason = f"in the log {checkpoint.origin} as leaf {proof.index} of {checkpoint.size}"
    return Verdict(Answer.VALID, reason, checkpoint, cosignatures)


def _encode_row(row: RowEvidence) -> bytes:
    return dcbor.encode(
        [
            _VERSION,
            row.leaf,
            row.row_index,
            row.row_count,
            list(row.path),
            row.row_salt,
            row.rows_root,
            row.signature,
        ]
    )


def _parse_row(data: bytes) -> RowEvidence:
    try:
        value = dcbor.decode(data)
    except dcbor.EncodingError as error:
        raise MalformedProof(f"malformed proof: the extra line is {error}") from error
    types = [int, bytes, int, int, list, bytes, bytes, bytes]
    if not isinstance(value, list) or [type(part) for part in value] != types:
        raise MalformedProof("malformed proof: the extra line has not its eight parts")
    version, leaf, index, count, path, salt, root, signature = value
    if version != _VERSION or not 0 <= index < count <= journal.CHUNK_ROWS_MAX:
        raise MalformedProof("malformed proof: another version, or no such row")
    hashes_are_whole = all(type(h) is bytes and len(h) == tree.HASH_LENGTH for h in [root, *path])
    lengths = (len(salt), len(signature))
    if not hashes_are_whole or lengths != (journal.ROW_SALT_LENGTH, _SIGNATURE_LENGTH):
        raise MalformedProof("malformed proof: a hash, salt or signature of the wrong length")
    return RowEvidence(leaf, index, count, tuple(path), salt, root, signature)


def is_signed(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Return whether a bare Ed25519 signature over a message is by this raw key."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedProof("malformed proof: a line is not base64") from error
    if _base64(data) != text:
        raise MalformedProof("malformed proof: a line is not in its only base64 spelling")
    return data
