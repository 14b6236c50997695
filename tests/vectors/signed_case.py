"""How signed documents are written down as cases: bytes, payload and what a reader must answer."""

import json
from pathlib import Path

from despensa.domain.encoding import cose, dcbor
from tests.factories import field

FOLDER = Path(__file__).parents[2] / "vectors"
NOTHING = object()


def plain(value):
    """Return a value as JSON holds it: byte strings as {"hex": ...}, map keys as text."""
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def keys_of(signing):
    return [{"kid": kid.hex(), "public": public.hex()} for kid, public in signing.ring.items()]


def signed(payload, label, signing=field.AUTHORITY, certificate=None):
    return cose.sign(
        payload,
        label=label,
        public_key=signing.public,
        signer=signing.sign,
        certificate=certificate,
    )


def payload_of(data):
    return dcbor.decode(cose.parse(data, bytes_max=1 << 24).payload)


def good(name, data):
    return {
        "name": name,
        "bytes": data.hex(),
        "payload": plain(payload_of(data)),
        "expect": "valid",
    }


def bad(name, data, expect="malformed"):
    return {"name": name, "bytes": data.hex(), "expect": expect}


def changed(payload, key, value=NOTHING):
    fields = {place: item for place, item in payload.items() if place != key}
    return fields if value is NOTHING else fields | {key: value}


def broken(data, label, signing):
    """Return the cases every signed document shares."""
    payload = payload_of(data)
    flipped = data[:-1] + bytes([data[-1] ^ 1])
    return [
        bad("one bit of the signature is flipped", flipped, "bad signature"),
        bad("signed by a key nobody listed", signed(payload, label, field.STRANGER), "unknown key"),
        bad(
            "signed under another label", signed(payload, b"despensa/x/1", signing), "bad signature"
        ),
        bad("an unknown key", signed(changed(payload, 23, 1), label, signing)),
        bad("a newer version", signed(changed(payload, 0, 2), label, signing)),
        bad("the id is too short", signed(changed(payload, 1, bytes(15)), label, signing)),
        bad("bytes after the end", data + b"\x00"),
    ]


def text_of(about, cases, **extra):
    content = {"version": 1, "about": about} | extra | {"cases": cases}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
