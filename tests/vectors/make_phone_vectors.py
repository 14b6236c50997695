"""
Writes vectors/phone from fixed keys: `python -m tests.vectors.make_phone_vectors`.

What a phone signs when it asks the server, and what an answer to `states` lets it forget.
"""

from hashlib import sha256

from despensa.domain import phone_request
from despensa.domain.device import Protection
from despensa.domain.encoding import dcbor
from despensa.domain.transparency import checkpoint, journal, tree
from despensa.domain.transparency.proof import chunk_statement
from tests.factories import field
from tests.vectors.signed_case import (
    FOLDER,
    bad,
    broken,
    changed,
    good,
    payload_of,
    signed,
    text_of,
)

LOG = field.Signing(0x71)
ORIGIN = "points.example/log"
HASHES = {seq: sha256(bytes([seq])).digest() for seq in range(1, 8)}
SALT = bytes([0x5A]) * 32
NOW = field.DAY * 86_400 + 36_000


def requests_file():
    """Enrolment and signed requests, and what is refused."""
    enrolment = phone_request.sign_enrolment(
        phone_request.EnrolRequest(
            code=bytes(range(16)),
            device_id=field.an_id(7),
            signing_key=field.PHONE.public,
            sealing_key=field.PHONE_SEALING.public,
            protection=Protection.WRAPPED_SEED,
        ),
        signer=field.PHONE.sign,
    )
    asked = {
        name: phone_request.sign_request(
            phone_request.PhoneRequest(field.an_id(7), bytes([9]) * 16, ask, arguments),
            public_key=field.PHONE.public,
            signer=field.PHONE.sign,
        )
        for name, ask, arguments in (
            ("lists", phone_request.Ask.LISTS, ()),
            ("states", phone_request.Ask.STATES, (1, 500)),
            ("district", phone_request.Ask.DISTRICT, (field.an_id(3),)),
        )
    }
    payload = payload_of(enrolment)
    label = phone_request.ENROL_LABEL
    cases = [
        good("enrolment", enrolment),
        *(good(f"request for {name}", data) for name, data in asked.items()),
        *(
            bad(f"enrolment: {name}", signed(value, label, field.PHONE))
            for name, value in (
                ("another version", changed(payload, 0, 2)),
                ("a short code", changed(payload, 1, bytes(15))),
                ("no sealing key", changed(payload, 4)),
                ("a phone of the demo", changed(payload, 5, 3)),
                ("an unknown key", changed(payload, 6, 1)),
            )
        ),
        *broken(enrolment, label, field.PHONE)[:1],
    ]
    about = "What a phone signs to be enrolled and to ask (docs/reference/device-api.md)."
    return text_of(about, cases, public_key=field.PHONE.public.hex())


def an_answer(**changes):
    """Return an answer to `states`: events 1 to 5 in one chunk, of which 2 is somebody else's."""
    rows = [HASHES[1], sha256(b"another phone").digest(), *(HASHES[seq] for seq in (3, 4, 5))]
    hashes = journal.row_hashes(SALT, rows)
    root = tree.root_of_hashes(hashes)
    leaf = b"\0" + sha256(b"a leaf").digest()
    leaves = [tree.leaf_hash(bytes([n])) for n in range(4)] + [tree.leaf_hash(leaf)]
    signed_note = checkpoint.sign(
        checkpoint.Checkpoint(ORIGIN, len(leaves), tree.root_of_hashes(leaves)),
        public_key=LOG.public,
        signer=LOG.sign,
    )
    salts, own = journal.row_salts(SALT, len(rows)), (0, 2, 3, 4)
    fields = {
        0: 1,
        1: NOW,
        2: [[1, 2], [3, 3], [4, 2], [5, 2], [6, 1], [7, 5]],
        3: signed_note,
        4: [
            [
                leaf,
                4,
                tree.inclusion_proof(4, leaves),
                len(rows),
                root,
                field.AUTHORITY.sign(chunk_statement(leaf, root)),
            ]
        ],
        5: [
            [index + 1, 0, index, salts[index], path]
            for index, path in zip(own, tree.inclusion_proofs(own, hashes), strict=True)
        ],
    }
    return fields | changes.get("fields", {})


def states_file():
    """Answers to `states`: which of the phone's events each of them proves."""
    whole = an_answer()
    chunk, row = whole[4][0], whole[5][1]
    flipped = bytes([row[3][0] ^ 1]) + row[3][1:]
    stranger = field.STRANGER.sign(chunk_statement(chunk[0], chunk[4]))
    answers = (
        ("everything is proven but what waits", whole, [1, 3, 4, 5]),
        ("no proof yet", whole | {3: "", 4: [], 5: []}, []),
        ("a salt is changed", whole | {5: [[*row[:3], flipped, row[4]], whole[5][0]]}, [1]),
        ("another index of the leaf", whole | {4: [[chunk[0], 3, *chunk[2:]]]}, []),
        ("signed by a stranger", whole | {4: [[*chunk[:5], stranger]]}, []),
        ("the row of another number", whole | {5: [[4, *row[1:]]]}, []),
        ("a row of no chunk", whole | {5: [[row[0], 1, *row[2:]]]}, []),
    )
    cases = [
        {"name": name, "bytes": dcbor.encode(answer).hex(), "expect": "valid", "proven": proven}
        for name, answer, proven in answers
    ]
    cases += [
        bad("a key is missing", dcbor.encode(changed(whole, 5))),
        bad("not a map", dcbor.encode([1])),
    ]
    about = "What an answer to `states` proves to a phone with these hashes."
    return text_of(
        about,
        cases,
        log_vkey=checkpoint.vkey(ORIGIN, LOG.public),
        authority=field.AUTHORITY.public.hex(),
        hashes={str(seq): digest.hex() for seq, digest in HASHES.items()},
    )


FILES = {"phone/requests.json": requests_file, "phone/states.json": states_file}


if __name__ == "__main__":
    for name, make in FILES.items():
        (FOLDER / name).write_text(make(), encoding="utf-8")
