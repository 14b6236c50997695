"""
Checkpoints: the log's signed statement of its size and root, and witnesses' cosignatures.

Decides the text, who signed it and whether the signature holds. It does not decide whether a tree
continues an earlier one (`tree`) or which checkpoint may be signed (the log's storage).
Source: C2SP signed-note v1.0.0, tlog-checkpoint v1.0.0, tlog-cosignature v1.0.1.
"""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from despensa.domain.transparency import tree

ED25519 = 0x01
COSIGNATURE = 0x04
NOTE_BYTES_MAX = 1 << 17
SIZE_MAX = (1 << 63) - 1
_KEY_ID_LENGTH = 4
_PUBLIC_LENGTH = 32
_SIGNATURE_LENGTH = 64
_TIME_LENGTH = 8
_DASH = "\u2014 "
_DECIMAL = re.compile(r"0|[1-9][0-9]*", re.ASCII)

Signer = Callable[[bytes], bytes]


class MalformedCheckpoint(ValueError):
    """The text is no checkpoint."""


class UnknownLogKey(ValueError):
    """No signature is by the given key: whether the checkpoint is genuine cannot be told."""


class BadCheckpointSignature(ValueError):
    """A signature names the given key and was not made by it over this text."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """
    Size and root of the log named `origin`.

    >>> print(Checkpoint("example.org/log", 0, tree.EMPTY_ROOT).text, end="")
    example.org/log
    0
    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    """

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The signed text, ending in a newline."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: a name, the first bytes of a key's hash and the signature."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A parsed checkpoint whose signatures have not been looked at."""

    checkpoint: Checkpoint
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name under which it signs and its signature type."""

    name: str
    kind: int
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes that stand before this key's signatures."""
        return key_id(self.name, self.kind, self.public_key)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A witness's statement that it saw this checkpoint continue all earlier ones."""

    name: str
    at: int


def key_id(name: str, kind: int, public_key: bytes) -> bytes:
    """
    Return the key id of a named public key.

    Source: C2SP signed-note, Signatures.
    """
    return sha256(name.encode() + b"\n" + bytes((kind,)) + public_key).digest()[:_KEY_ID_LENGTH]


def vkey(name: str, public_key: bytes, *, kind: int = ED25519) -> str:
    """
    Return the text by which a verifier is told a key: name, key id, type and public key.

    Raises: ValueError when the name is empty or has a space or plus sign, or the key is not 32
        bytes long.
    Source: C2SP signed-note, Verifier keys.
    """
    _check_name(name)
    if len(public_key) != _PUBLIC_LENGTH:
        raise ValueError("an Ed25519 public key has 32 bytes")
    identifier = key_id(name, kind, public_key).hex()
    return f"{name}+{identifier}+{_base64(bytes((kind,)) + public_key)}"


def parse_vkey(text: str) -> VerifierKey:
    """
    Return the key a verifier was told.

    Raises: ValueError on anything that `vkey` would not have written.
    """
    name, _, rest = text.strip().partition("+")
    _, _, encoded = rest.partition("+")
    material = _unbase64(encoded)
    if material is None or len(material) != 1 + _PUBLIC_LENGTH:
        raise ValueError("a log key reads name+8 hexadecimal digits+base64 of type and public key")
    kind = material[0]
    if kind not in (ED25519, COSIGNATURE) or vkey(name, material[1:], kind=kind) != text.strip():
        raise ValueError("the log key's type is unknown or its digits do not fit name and key")
    return VerifierKey(name, kind, material[1:])


def sign(checkpoint: Checkpoint, *, public_key: bytes, signer: Signer) -> str:
    """
    Return a checkpoint as a note signed by the log, under the name of its origin.

    `signer` signs raw bytes with the private half of `public_key` (Ed25519).
    Raises: ValueError when origin, size or root cannot stand in a checkpoint.
    """
    _check_name(checkpoint.origin)
    if not 0 <= checkpoint.size <= SIZE_MAX or len(checkpoint.root) != tree.HASH_LENGTH:
        raise ValueError("a checkpoint has a size from 0 and a root of 32 bytes")
    signature = signer(checkpoint.text.encode())
    return f"{checkpoint.text}\n{_line(checkpoint.origin, ED25519, public_key, signature)}"


def beside(text: str, *, public_key: bytes, signature: bytes) -> str:
    """
    Return a signed checkpoint with the line of another key of the same log added.

    Whoever knows the log by either key verifies it. Raises: MalformedCheckpoint.
    Source: C2SP signed-note, Signatures.
    """
    return text + _line(parse(text).checkpoint.origin, ED25519, public_key, signature)


def cosign(text: str, *, name: str, public_key: bytes, at: int, signer: Signer) -> str:
    """
    Return a signed checkpoint with a witness's cosignature line added.

    Units: `at` in seconds UTC since 1970.
    Raises: MalformedCheckpoint when the text is none.
    Source: C2SP tlog-cosignature, Ed25519 signed message.
    """
    body = parse(text).checkpoint.text
    signature = at.to_bytes(_TIME_LENGTH, "big") + signer(_cosigned(body, at))
    return text + _line(name, COSIGNATURE, public_key, signature)


def parse(text: str) -> SignedCheckpoint:
    """
    Return what a checkpoint says, without verifying it.

    Raises: MalformedCheckpoint on anything but origin, size, root, a blank line and signature
        lines, each ended by a newline and in its only spelling.
    """
    if len(text) > NOTE_BYTES_MAX:
        raise MalformedCheckpoint(f"malformed checkpoint: longer than {NOTE_BYTES_MAX} bytes")
    lines = text.split("\n")
    if any(character < " " for line in lines for character in line):
        raise MalformedCheckpoint("malformed checkpoint: a control character")
    if len(lines) < 6 or lines[3] != "" or lines[-1] != "":
        raise MalformedCheckpoint(
            "malformed checkpoint: not three lines, a blank line and signature lines"
        )
    checkpoint = parse_text("\n".join(lines[:3]) + "\n")
    return SignedCheckpoint(checkpoint, tuple(_parse_line(line) for line in lines[4:-1]))


def parse_text(text: str) -> Checkpoint:
    """
    Return the checkpoint whose `text` this is, without a signature.

    Raises: MalformedCheckpoint on anything but origin, size and root, each ended by a newline.
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] != "":
        raise MalformedCheckpoint("malformed checkpoint: not three lines")
    origin, size, root = lines[:3]
    tree_root = _unbase64(root)
    if not _is_name(origin):
        raise MalformedCheckpoint("malformed checkpoint: the first line names no log")
    if not _DECIMAL.fullmatch(size) or len(size) > 19 or int(size) > SIZE_MAX:
        raise MalformedCheckpoint("malformed checkpoint: the second line is no size")
    if tree_root is None or len(tree_root) != tree.HASH_LENGTH:
        raise MalformedCheckpoint("malformed checkpoint: the third line is no root")
    return Checkpoint(origin, int(size), tree_root)


def verify(text: str, key: VerifierKey) -> Checkpoint:
    """
    Return a checkpoint signed by the log's key.

    Holds: the origin is the key's name.
    Raises: MalformedCheckpoint, UnknownLogKey (cannot tell), BadCheckpointSignature, in this
        order.
    """
    note = parse(text)
    mine = _lines_of(note, key)
    if not mine or note.checkpoint.origin != key.name:
        raise UnknownLogKey(f"the checkpoint of {note.checkpoint.origin} is not by {key.name}")
    body = note.checkpoint.text.encode()
    for line in mine:
        if not _is_by(key, line.signature, body):
            raise BadCheckpointSignature("the checkpoint's signature does not verify")
    return note.checkpoint


def verify_by_any(text: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """
    Return a checkpoint signed by one of a log's keys, the one in use first.

    Raises: as `verify` with the first of them.
    """
    note = parse(text)
    known = [key for key in keys if _lines_of(note, key)]
    return verify(text, known[0] if known else keys[0])


def cosignatures(text: str, witnesses: Sequence[VerifierKey]) -> tuple[Cosignature, ...]:
    """
    Return the cosignatures that known witnesses made over a checkpoint, in witness order.

    Raises: MalformedCheckpoint; BadCheckpointSignature when a line names a known witness and
        was not made by it.
    Source: C2SP tlog-cosignature.
    """
    note = parse(text)
    found = []
    for witness in witnesses:
        for line in _lines_of(note, witness):
            at = int.from_bytes(line.signature[:_TIME_LENGTH], "big")
            message = _cosigned(note.checkpoint.text, at)
            if witness.kind != COSIGNATURE or at > SIZE_MAX:
                raise BadCheckpointSignature(f"{witness.name} is no witness's key")
            if not _is_by(witness, line.signature[_TIME_LENGTH:], message):
                raise BadCheckpointSignature(f"the cosignature of {witness.name} does not verify")
            found.append(Cosignature(witness.name, at))
    return tuple(found)


def _lines_of(note: SignedCheckpoint, key: VerifierKey) -> list[NoteSignature]:
    wanted = (key.name, key.key_id)
    return [line for line in note.signatures if (line.name, line.key_id) == wanted]


def _is_by(key: VerifierKey, signature: bytes, message: bytes) -> bool:
    if len(signature) != _SIGNATURE_LENGTH:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _cosigned(body: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{body}".encode()


def _line(name: str, kind: int, public_key: bytes, signature: bytes) -> str:
    _check_name(name)
    return f"{_DASH}{name} {_base64(key_id(name, kind, public_key) + signature)}\n"


def _parse_line(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    signature = _unbase64(encoded)
    if not line.startswith(_DASH) or not space or not _is_name(name):
        raise MalformedCheckpoint("malformed checkpoint: a signature line without a name")
    if signature is None or len(signature) <= _KEY_ID_LENGTH:
        raise MalformedCheckpoint("malformed checkpoint: a signature line without a signature")
    return NoteSignature(name, signature[:_KEY_ID_LENGTH], signature[_KEY_ID_LENGTH:])


def _is_name(name: str) -> bool:
    return bool(name) and not any(
        character.isspace() or character < " " or character == "+" for character in name
    )


def _check_name(name: str) -> None:
    if not _is_name(name):
        raise ValueError(f"{name!r} cannot name a log: it is empty or has a space or plus sign")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unbase64(text: str) -> bytes | None:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if _base64(data) == text else None
