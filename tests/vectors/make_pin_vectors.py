"""
Writes vectors/phone/pin.json: an operator's own code for her PIN, at the right phone and elsewhere.

Run it as `python -m tests.vectors.make_pin_vectors`; a test compares the file with it.
"""

import json

from despensa.domain import pin_code
from despensa.domain.encoding import cose
from tests.factories import field
from tests.vectors.signed_case import FOLDER

NAME = "phone/pin.json"
CODE_ID = field.an_id(60)


def made(signing=field.AUTHORITY, **changes):
    fields = {
        "workspace_id": field.WORKSPACE,
        "device_id": field.DEVICE,
        "operator_id": field.OPERATOR,
        "expires_at": field.NOW + 1,
        "code_id": CODE_ID,
    }
    payload = pin_code.to_map(pin_code.PinCode(**fields | changes))
    return cose.sign(payload, label=pin_code.LABEL, public_key=signing.public, signer=signing.sign)


def cases():
    good = made()
    return [
        _case("her own, in its last second", good, CODE_ID.hex()),
        _case("cut off", good[:-1], "malformed"),
        _case("signed by nobody of this office", made(field.STRANGER), "unknown_key"),
        _case("changed after signing", good[:-1] + bytes([good[-1] ^ 1]), "bad_signature"),
        _case("a colleague's", made(operator_id=field.POINT_LEAD), "other_person"),
        _case("for another phone", made(device_id=field.OTHER_DEVICE), "other_phone"),
        _case("of another office", made(workspace_id=field.an_id(61)), "other_phone"),
        _case("used before", good, "used", used=[CODE_ID]),
        _case("past its time", made(expires_at=field.NOW), "expired"),
        _case("an event", field.event_bytes(), "unknown_key"),
    ]


def _case(name, data, expect, used=()):
    return {
        "name": name,
        "code": data.hex(),
        "used": [one.hex() for one in used],
        "expect": expect,
    }


def text():
    key = {"kid": next(iter(field.AUTHORITY.ring)).hex(), "public": field.AUTHORITY.public.hex()}
    content = {
        "keys": [key],
        "workspace": field.WORKSPACE.hex(),
        "device": field.DEVICE.hex(),
        "operator": field.OPERATOR.hex(),
        "now": field.NOW,
        "cases": cases(),
    }
    return json.dumps(content, indent=1) + "\n"


if __name__ == "__main__":
    (FOLDER / NAME).write_text(text(), encoding="utf-8")
