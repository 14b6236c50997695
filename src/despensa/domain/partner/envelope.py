"""
The envelope {signature, header, message}: read strictly, signed over its exact bytes.

The standard leaves open what is signed. Here it is the text of the scheme its example comes from,
three lines parted by LF without one at the end:

    (created): <seconds>
    (expires): <seconds>
    digest: SHA-256=<base64 of SHA-256 over the bytes of header, then of message, as they stand>

The algorithm is Ed25519 and no other. Source: SPDCI social_api_v1.0.0, MsgSignature;
draft-cavage-http-signatures-12, section 2.3; docs/reference/api.md.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from despensa.domain.encoding import cose
from despensa.domain.partner.rejection import Unreadable

BODY_BYTES_MAX = 64 * 1024
ALGORITHM = "ed25519"
NAMESPACES = ("dci", "spdci")
COVERED = "(created) (expires) digest"
LIFE_SECONDS_MAX = 86_400
CLOCK_SKEW_SECONDS = 300
ANSWER_LIFE_SECONDS = 600
_PARTS = ("signature", "header", "message")
_DEPTH_MAX = 12
_PAIR = re.compile(r'\s*([a-zA-Z]+)=(?:"([^"\\]*)"|([0-9]+))\s*(?:,|$)')
_NAMES = frozenset(
    {"namespace", "kidId", "algorithm", "created", "expires", "headers", "signature"}
)
_SECONDS = re.compile(r"[0-9]{1,12}")
_WHITESPACE = " \t\n\r"


class BadSignature(ValueError):
    """The signature is not one, is outside its time, or is another key's."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature text says; times in seconds UTC."""

    sender: str
    key: str
    created: int
    expires: int
    value: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message as it came: `signed` are the bytes of header and message as they stood."""

    signature: str | None
    header: Mapping[str, Any]
    message: Mapping[str, Any]
    signed: bytes = field(repr=False)

    @property
    def digest(self) -> bytes:
        """Return SHA-256 over header and message: what makes two messages the same."""
        return hashlib.sha256(self.signed).digest()


def read(body: bytes) -> Envelope:
    """
    Return the envelope of a body.

    Refuses: a name given twice anywhere, names beside the three, nesting deeper than 12, numbers
        that are no JSON numbers, bytes that are not UTF-8.
    Raises: Unreadable.
    """
    if len(body) > BODY_BYTES_MAX:
        raise Unreadable("the message is larger than 64 KiB")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("the message is not UTF-8") from error
    parts, raw = _top_level(text)
    signature, header, message = (parts.get(name) for name in _PARTS)
    if signature is not None and not isinstance(signature, str):
        raise Unreadable("signature must be a text")
    if not isinstance(header, dict) or not isinstance(message, dict):
        raise Unreadable("header and message must be objects")
    return Envelope(signature, header, message, raw["header"] + raw["message"])


def write(
    header: Mapping[str, Any],
    message: Mapping[str, Any] | None,
    *,
    sender: str,
    public_key: bytes,
    at: int,
    sign: Callable[[bytes], bytes],
) -> bytes:
    """Return the bytes of a signed envelope; the same header and message always give the same."""
    parts = {"header": _json(header)}
    if message is not None:
        parts["message"] = _json(message)
    signed = b"".join(parts.values())
    text = signature_text(
        signed, sender=sender, public_key=public_key, created=at,
        expires=at + ANSWER_LIFE_SECONDS, sign=sign,
    )  # fmt: skip
    rest = b"".join(b',"' + name.encode() + b'":' + raw for name, raw in parts.items())
    return b'{"signature":' + _json(text) + rest + b"}"


def signature_text(
    signed: bytes,
    *,
    sender: str,
    public_key: bytes,
    created: int,
    expires: int,
    sign: Callable[[bytes], bytes],
) -> str:
    """Return the signature as the standard writes it, over the bytes of header and message."""
    value = base64.b64encode(sign(signing_text(signed, created, expires))).decode()
    kid = f"{sender}|{key_name(public_key)}|{ALGORITHM}"
    return (
        f'Signature: namespace="{NAMESPACES[0]}", kidId="{kid}", algorithm="{ALGORITHM}", '
        f'created="{created}", expires="{expires}", headers="{COVERED}", signature="{value}"'
    )


def key_name(public_key: bytes) -> str:
    """Return the key's name in a kidId: the hex of its key id. Source: formats.md, conventions."""
    return cose.key_id(public_key).hex()


def signing_text(signed: bytes, created: int, expires: int) -> bytes:
    """Return the bytes Ed25519 signs (see the module)."""
    digest = base64.b64encode(hashlib.sha256(signed).digest()).decode()
    return f"(created): {created}\n(expires): {expires}\ndigest: SHA-256={digest}".encode()


def read_signature(text: str) -> Signature:
    """
    Return what a signature text says. Nothing is verified yet.

    Raises: BadSignature when it is not in the one form, or names another algorithm.
    """
    found: dict[str, str] = {}
    rest = text.strip().removeprefix("Signature:")
    at = 0
    while at < len(rest):
        match = _PAIR.match(rest, at)
        if match is None or match[1] in found:
            raise BadSignature("the signature is not in the form of the standard")
        found[match[1]] = match[2] if match[2] is not None else match[3]
        at = match.end()
    if set(found) != _NAMES or found["namespace"] not in NAMESPACES:
        raise BadSignature("the signature must name exactly " + ", ".join(sorted(_NAMES)))
    sender, _, rest = found["kidId"].partition("|")
    key, _, algorithm = rest.partition("|")
    if found["algorithm"] != ALGORITHM or algorithm != ALGORITHM:
        raise BadSignature("the only algorithm is ed25519, in algorithm and in kidId")
    if found["headers"] != COVERED:
        raise BadSignature(f'headers must be "{COVERED}"')
    if not _SECONDS.fullmatch(found["created"]) or not _SECONDS.fullmatch(found["expires"]):
        raise BadSignature("created and expires are seconds since 1970")
    try:
        value = base64.b64decode(found["signature"], validate=True)
    except binascii.Error as error:
        raise BadSignature("the signature is not base64") from error
    return Signature(sender, key, int(found["created"]), int(found["expires"]), value)


def verify(envelope: Envelope, signature: Signature, *, public_key: bytes, now: int) -> None:
    """
    Refuse an envelope that this key did not sign for now.

    Raises: BadSignature.
    """
    if signature.key != key_name(public_key):
        raise BadSignature("kidId names another key than the registered one")
    if not signature.created <= now + CLOCK_SKEW_SECONDS or signature.expires <= now:
        raise BadSignature("the signature is not valid now: look at created, expires and the clock")
    if not 0 < signature.expires - signature.created <= LIFE_SECONDS_MAX:
        raise BadSignature("a signature is valid for at most 24 hours")
    text = signing_text(envelope.signed, signature.created, signature.expires)
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature.value, text)
    except InvalidSignature as error:
        raise BadSignature("the signature does not fit header and message") from error


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _top_level(text: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the values of the outermost object, and the bytes each of them was written with."""
    decoder = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)
    parts: dict[str, Any] = {}
    raw: dict[str, bytes] = {}
    try:
        at = _expect(text, _skip(text, 0), "{")
        while True:
            name, at = decoder.raw_decode(text, _skip(text, at))
            if name not in _PARTS or name in parts:
                raise Unreadable("the message has exactly signature, header and message, once each")
            start = _skip(text, _expect(text, _skip(text, at), ":"))
            parts[name], at = decoder.raw_decode(text, start)
            _shallow(parts[name], _DEPTH_MAX)
            raw[name] = text[start:at].encode()
            at = _skip(text, at)
            if text[at : at + 1] == "}":
                break
            at = _expect(text, at, ",")
    except (json.JSONDecodeError, RecursionError, TypeError) as error:
        raise Unreadable("the message is not JSON") from error
    if text[at + 1 :].strip(_WHITESPACE):
        raise Unreadable("something follows the message")
    if "header" not in raw or "message" not in raw:
        raise Unreadable("header or message is missing")
    return parts, raw


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in _WHITESPACE:
        at += 1
    return at


def _expect(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        raise json.JSONDecodeError(f"expected {sign}", text, at)
    return at + 1


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Unreadable("a name is given twice")
    return value


def _no_constant(name: str) -> Any:
    raise Unreadable(f"{name} is no number")


def _shallow(value: Any, depth: int) -> None:
    if depth < 0:
        raise Unreadable("the message is nested too deeply")
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        _shallow(one, depth - 1)
