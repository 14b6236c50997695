"""
Writes vectors/card/*.json from fixed keys: the same bytes on every run and every machine.

Run it as `python -m tests.vectors.make_card_vectors` after a change of format; a test compares
the files with what this module makes, so a silent change of format cannot pass.
"""

import json
import zlib
from pathlib import Path

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from despensa.domain import identifier
from despensa.domain.card import base45, claims, deflate, envelope, tag
from despensa.domain.card.claims import EntitlementCard, IdentityCard
from despensa.domain.encoding import cose, dcbor
from tests.vectors.card_life import life

FOLDER = Path(__file__).parents[2] / "vectors" / "card"
ISSUED_AT = 1_795_219_200  # 2026-11-21 00:00 UTC
EXPIRES_AT = 1_921_449_600  # 2030-11-21 00:00 UTC
NOW = ISSUED_AT + 30 * 86_400
ISSUER = Ed25519PrivateKey.from_private_bytes(bytes([0x11]) * 32)
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes([0x22]) * 32)
ENTITLEMENT = EntitlementCard("C7Q488KD2T", ISSUED_AT, EXPIRES_AT, 10, bytes(range(16)))
IDENTITY = IdentityCard(
    number="7H2M9RTWX9",
    issued_at=ISSUED_AT,
    expires_at=EXPIRES_AT,
    full_name="Amina Haddad",
    status_index=4711,
    status_uri="https://despensa.example/status/1",
    version="1",
    language="spa",
    birth_date="19750404",
    gender=2,
    second_full_name="أمينة حداد",
    second_language="ara",
    country_of_issuance="VEN",
)


def public(key):
    return key.public_key().public_bytes_raw()


def sign(payload, *, key=ISSUER, label=envelope.LABEL, **more):
    return cose.sign(payload, label=label, public_key=public(key), signer=key.sign, **more)


def text_of(signed):
    return base45.encode(deflate.deflate(signed))


def signed_claims(changes=(), *, without=()):
    fields = claims.to_claims(ENTITLEMENT) | dict(changes)
    return sign(dcbor.encode({key: fields[key] for key in fields if key not in without}))


def raw_sign1(parts, *, number=18):
    return cbor2.dumps(cbor2.CBORTag(number, parts), canonical=True)


def parts_of(signed):
    return list(cbor2.loads(signed).value)


def not_canonical_payload():
    payload = dcbor.encode(claims.to_claims(ENTITLEMENT))
    # exp as an eight-byte integer: the same number, a longer encoding
    short = b"\x04\x1a" + EXPIRES_AT.to_bytes(4, "big")
    assert short in payload
    return sign(payload.replace(short, b"\x04\x1b" + EXPIRES_AT.to_bytes(8, "big")))


def stored_block(signed):
    reader = zlib.compressobj(0)
    return base45.encode(reader.compress(signed) + reader.flush())


def padded(stream):
    # the block ends within its last byte; the bits above the end mark are free
    assert zlib.decompress(stream[:-5] + bytes([stream[-5] | 0x80]) + stream[-4:])
    assert not stream[-5] & 0x80
    return stream[:-5] + bytes([stream[-5] | 0x80]) + stream[-4:]


def case(name, sentence, text, verdict, fault=None, *, now=NOW, **facts):
    return {
        "name": name,
        "sentence": sentence,
        "text": text,
        "now": now,
        "verdict": verdict,
        "fault": fault,
        **facts,
    }


def genuine(name, sentence, text, card, *, now=NOW, expired=False, not_yet_valid=False):
    fields = {"kind": type(card).__name__, "number": card.number}
    if isinstance(card, EntitlementCard):
        fields |= {"epoch": card.epoch, "secret": card.secret.hex()}
    else:
        fields |= {"full_name": card.full_name, "status_index": card.status_index}
    facts = {"expired": expired, "not_yet_valid": not_yet_valid, "card": fields}
    return case(name, sentence, text, "genuine", now=now, **facts)


def not_genuine(name, sentence, text, fault):
    return case(name, sentence, text, "not genuine", fault)


def genuine_cases():
    good = sign(dcbor.encode(claims.to_claims(ENTITLEMENT)))
    text = text_of(good)
    identity = text_of(sign(dcbor.encode(claims.to_claims(IDENTITY))))
    return [
        genuine("entitlement", "an entitlement card", text, ENTITLEMENT),
        genuine("identity", "an identity card in two scripts", identity, IDENTITY),
        genuine("last_second", "the second before expiry", text, ENTITLEMENT, now=EXPIRES_AT - 1),
        genuine("expired", "the second of expiry", text, ENTITLEMENT, now=EXPIRES_AT, expired=True),
        genuine(
            "not_yet_valid",
            "the second before the batch day",
            text,
            ENTITLEMENT,
            now=ISSUED_AT - 1,
            not_yet_valid=True,
        ),
    ]


def broken_texts():
    good = sign(dcbor.encode(claims.to_claims(ENTITLEMENT)))
    text = text_of(good)
    stream = deflate.deflate(good)
    return [
        not_genuine("empty", "no text", "", "bad_base45"),
        not_genuine("address", "the code of a web page", "https://example.org/", "bad_base45"),
        not_genuine("lower_case", "small letters are no base45", text.lower(), "bad_base45"),
        not_genuine("line_end", "a line end after the text", text + "\n", "bad_base45"),
        not_genuine("group_too_large", "a group above two bytes", ":::" + text, "bad_base45"),
        not_genuine("too_long", "longer than any QR code", text * 20, "bad_base45"),
        not_genuine(
            "truncated", "the last characters are missing", text[: len(text) // 6 * 3], "bad_zlib"
        ),
        not_genuine(
            "checksum", "another adler32", base45.encode(stream[:-4] + b"\0\0\0\0"), "bad_zlib"
        ),
        not_genuine(
            "continued", "bytes after the stream", base45.encode(stream + b"\0"), "bad_zlib"
        ),
        not_genuine("not_zlib", "no zlib stream", base45.encode(good), "bad_zlib"),
        not_genuine(
            "stored_block", "the same bytes in a stored block", stored_block(good), "bad_zlib"
        ),
        not_genuine(
            "compressed", "in another zlib form", base45.encode(zlib.compress(good, 9)), "bad_zlib"
        ),
        not_genuine(
            "padding",
            "an unused bit of the stream is set",
            base45.encode(padded(stream)),
            "bad_zlib",
        ),
        not_genuine(
            "bomb",
            "a stream of 1 MB of zeros",
            base45.encode(zlib.compress(bytes(1 << 20), 9)),
            "too_large",
        ),
    ]


def broken_signatures():
    good = sign(dcbor.encode(claims.to_claims(ENTITLEMENT)))
    protected, unprotected, payload, signature = parts_of(good)
    altered = payload.replace(b"C7Q488KD2T", b"C7Q488KD3T")
    es256 = dcbor.encode({1: -7, 4: cose.key_id(public(ISSUER))})
    no_kid = dcbor.encode({1: -8})
    foreign = text_of(sign(dcbor.encode(claims.to_claims(ENTITLEMENT)), key=STRANGER))
    unknown = "signed by a key that is not in the list"
    cases = [
        ("not_cbor", "no CBOR inside", b"\xff\x00", "not_cose"),
        ("tag_61", "the outer CWT tag", b"\xd8\x3d" + good, "not_cose"),
        ("untagged", "no tag at all", good[1:], "not_cose"),
        ("three_parts", "a part is missing", raw_sign1(parts_of(good)[:3]), "not_cose"),
        ("es256", "another algorithm", raw_sign1([es256, {}, payload, signature]), "not_cose"),
        ("no_kid", "no key id", raw_sign1([no_kid, {}, payload, signature]), "not_cose"),
        (
            "kid_unprotected",
            "the key id outside the signature",
            raw_sign1([no_kid, {4: cose.key_id(public(ISSUER))}, payload, signature]),
            "not_cose",
        ),
        ("unsigned", "an empty signature", raw_sign1([protected, {}, payload, b""]), "not_cose"),
        ("altered", "one digit changed", raw_sign1([protected, {}, altered, signature]), None),
        (
            "zero_signature",
            "a signature of zeros",
            raw_sign1([protected, unprotected, payload, bytes(64)]),
            None,
        ),
        (
            "other_label",
            "signed for another purpose",
            sign(payload, label=b"despensa/lease/1"),
            None,
        ),
        (
            "certificate",
            "an unsigned header beside the signature",
            sign(payload, certificate=b"x"),
            "not_cose",
        ),
    ]
    return [
        case("unknown_key", unknown, foreign, "cannot tell", "unknown_key"),
        *(
            not_genuine(name, sentence, text_of(signed), fault or "bad_signature")
            for name, sentence, signed, fault in cases
        ),
    ]


def wrong_claims():
    secret = [1, 10, bytes(range(16))]
    status = {"status_list": {"idx": 0, "uri": "https://despensa.example/status/1"}}
    name = {169: {1: ENTITLEMENT.number, 4: "Amina Haddad"}}
    cases = [
        ("not_canonical", "a number encoded too long", not_canonical_payload()),
        ("extra_claim", "an issuer claim", signed_claims({1: "example"})),
        ("name", "a name on an entitlement card", signed_claims(name)),
        ("no_expiry", "no expiry", signed_claims(without=(4,))),
        ("no_secret", "neither secret nor status", signed_claims(without=(-65537,))),
        ("both", "secret and status", signed_claims({65535: status})),
        ("wrong_number", "a wrong check character", signed_claims({169: {1: "C7Q488KD2B"}})),
        ("secret_version", "another secret version", signed_claims({-65537: [2, *secret[1:]]})),
        ("short_secret", "a secret of 15 bytes", signed_claims({-65537: [1, 10, bytes(15)]})),
        ("epoch", "an epoch above u16", signed_claims({-65537: [1, 65_536, bytes(16)]})),
        ("true_epoch", "true is no number", signed_claims({-65537: [1, True, bytes(16)]})),
        ("time_of_day", "issued at another time of day", signed_claims({6: ISSUED_AT + 1})),
        ("backwards", "expires before it is issued", signed_claims({4: ISSUED_AT})),
    ]
    return [
        not_genuine("no_claim_169", "no claim 169", text_of(signed_claims(without=(169,))),
                    "no_claim_169"),
        not_genuine("no_map", "claims that are no map", text_of(sign(dcbor.encode([1]))),
                    "no_claim_169"),
        *(
            not_genuine(name, sentence, text_of(signed), "wrong_claims")
            for name, sentence, signed in cases
        ),
    ]  # fmt: skip


def tokens():
    return {
        "issuer_public_key": public(ISSUER).hex(),
        "issuer_kid": cose.key_id(public(ISSUER)).hex(),
        "cases": [*genuine_cases(), *broken_texts(), *broken_signatures(), *wrong_claims()],
    }


def tags():
    first = tag.Link(10, bytes(range(16)))
    programme, cycle = bytes([1]) * 16, bytes([2]) * 16
    household, lease, nonce = bytes([3]) * 16, bytes([4]) * 16, bytes([5]) * 16
    key = bytes([6]) * 32
    steps = [10, 11, 12, 24, 250]
    links = {step: tag.walk(first, step).key for step in steps}
    stepped = [
        ("printed before the opening", 10, 12),
        ("printed after the opening", 13, 12),
        ("a child cycle of an older epoch, after the keeper moved on", 14, 12),
        ("two months missed", 10, 14),
    ]
    return {
        "secret": first.key.hex(),
        "card_epoch": first.epoch,
        "programme": programme.hex(),
        "cycle": cycle.hex(),
        "household": household.hex(),
        "lease": lease.hex(),
        "nonce": nonce.hex(),
        "secret32": key.hex(),
        "number": ENTITLEMENT.number,
        "chain": [
            {
                "step": step,
                "key": links[step].hex(),
                "tag": tag.tag16(links[step], programme=programme, cycle=cycle).hex(),
                "holder_key": tag.holder_key(links[step], lease=lease).hex(),
            }
            for step in steps
        ],
        "steps_refused": [9, 251],
        "stepped": [
            {
                "sentence": sentence,
                "link_epoch": epoch,
                "cycle_epoch": cycle_epoch,
                "step": max(epoch, cycle_epoch),
                "tag": tag.tags(
                    [tag.walk(first, epoch)],
                    cycle_epoch=cycle_epoch,
                    programme=programme,
                    cycle=cycle,
                )[0].tag.hex(),
            }
            for sentence, epoch, cycle_epoch in stepped
        ],
        "account": tag.account16(key, household=household, programme=programme).hex(),
        "wallet": tag.wallet16(key, household=household, programme=programme).hex(),
        "number_lookup": tag.number_lookup8(key, ENTITLEMENT.number).hex(),
        "commitment": tag.commitment32(
            tag.tag16(first.key, programme=programme, cycle=cycle), nonce=nonce
        ).hex(),
    }


def numbers():
    number = ENTITLEMENT.number
    return {
        "valid": [
            {"typed": typed, "number": number, "shown": identifier.display_card_number(number)}
            for typed in (number, "c7q4-88kd-2t", " C7Q4 88KD 2T ", "C7Q4–88KD–2T", "Ｃ7Ｑ488KD2T",
                          "C٧Q٤٨٨KD٢T")
        ],
        "refused": [
            {"typed": typed, "why": why}
            for typed, why in [
                ("", "empty"),
                ("C7Q488KD2", "a character is missing"),
                ("C7Q488KD2TA", "a character too many"),
                ("C7Q488KD2B", "another check character"),
                ("C7Q488DK2T", "two characters swapped"),
                ("C7Q488KD3T", "one character wrong"),
                ("C7O488KD2T", "the letter O"),
                ("C7Q488KDÑT", "a letter outside the alphabet"),
            ]
        ],
        "drawn": {
            "bytes": "the counter 0, 1, 2, ... modulo 256, continued over all requests",
            "numbers": list(identifier.card_numbers(counting_bytes(), 6)),
        },
    }  # fmt: skip


def counting_bytes():
    position = 0

    def read(count):
        nonlocal position
        data = bytes(index % 256 for index in range(position, position + count))
        position += count
        return data

    return read


def base45_cases():
    # the first three are the examples of RFC 9285 section 4.3
    plain = [b"AB", b"Hello!!", b"base-45", b"ietf!", b"", b"\x00", b"\xff\xff", bytes(range(9))]
    return {
        "valid": [{"hex": data.hex(), "text": base45.encode(data)} for data in plain],
        "refused": ["A", "AAAA", "GGW", ":::", "::", "ab", "A=B"],
    }


def files():
    """The content of every vector file by name."""
    made = {"token": tokens(), "tag": tags(), "number": numbers(), "base45": base45_cases()}
    made["life"] = life(ISSUER, STRANGER, issued_at=ISSUED_AT, expires_at=EXPIRES_AT)
    return {
        f"{name}.json": json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        for name, content in made.items()
    }


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (FOLDER / name).write_text(content, encoding="utf-8")
