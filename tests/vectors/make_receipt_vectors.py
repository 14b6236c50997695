"""
Writes vectors/receipt from fixed keys: `python -m tests.vectors.make_receipt_vectors`.

A test compares the files with what this module makes, so a silent change of format cannot pass.
"""

from despensa.domain import device, receipt
from despensa.domain.refusal import Offered, RefusalReason
from tests.factories import field
from tests.vectors.signed_case import (
    FOLDER,
    bad,
    changed,
    good,
    keys_of,
    payload_of,
    signed,
    text_of,
)


def a_receipt(**changes):
    fields = {
        "kind": receipt.ReceiptKind.REFUSED,
        "workspace_id": field.WORKSPACE,
        "content_hash": bytes([9]) * 32,
        "day": field.DAY,
        "serial": "000000-2",
        "reason": RefusalReason.UNKNOWN,
        "appeal_until": field.DAY + 30,
        "nonce": bytes([5]) * 16,
        "point_id": field.POINT,
        "offered": Offered.SUPERVISED,
    }
    return receipt.Receipt(**fields | changes)


def receipts():
    """Return one receipt of every kind, by name, with who signs it."""
    nothing = dict.fromkeys(("reason", "appeal_until", "nonce", "point_id", "offered"))
    office = {"nonce": None, "point_id": None, "offered": None, "reason": 33}
    last = nothing | {"last_copy_until": field.DAY + 35}
    ended = {"partner": "Casa Luz · دار النور", "shared_for": 2}
    shared = ended | {
        "shared_fields": ("demographic_info.name", "reg_type"),
        "shared_until": field.DAY + 180,
    }
    kind = receipt.ReceiptKind
    return {
        "refused": (a_receipt(), field.PHONE),
        "refused as unreadable, without a list": (
            a_receipt(reason=RefusalReason.UNREADABLE, nonce=None, point_id=None),
            field.PHONE,
        ),
        "delivered": (a_receipt(kind=kind.DELIVERED, goods=field.GOODS, **nothing), field.PHONE),
        "delivered at the office": (
            a_receipt(kind=kind.DELIVERED, goods=field.GOODS, **nothing),
            field.AUTHORITY,
        ),
        "enrolment refused": (a_receipt(kind=kind.ENROLMENT_REFUSED, **office), field.AUTHORITY),
        "an appointment": (
            a_receipt(kind=kind.APPOINTMENT, bring=(2, 3), come_by=field.DAY + 14, **nothing),
            field.AUTHORITY,
        ),
        "person erased": (a_receipt(kind=kind.ERASED, **last), field.AUTHORITY),
        "correction asked for": (
            a_receipt(kind=kind.CORRECTION_ASKED, answer_until=field.DAY + 30, **nothing),
            field.AUTHORITY,
        ),
        "correction made": (a_receipt(kind=kind.CORRECTION_MADE, **nothing), field.AUTHORITY),
        "correction refused": (
            a_receipt(kind=kind.CORRECTION_REFUSED, **office | {"reason": 84}),
            field.AUTHORITY,
        ),
        "consent given": (a_receipt(kind=kind.CONSENT_GIVEN, **shared, **nothing), field.AUTHORITY),
        "consent given to one day, nothing but being there": (
            a_receipt(
                kind=kind.CONSENT_GIVEN,
                **shared | {"shared_fields": (), "shared_until": field.DAY},
                **nothing,
            ),
            field.AUTHORITY,
        ),
        "consent ended": (a_receipt(kind=kind.CONSENT_ENDED, **ended, **nothing), field.AUTHORITY),
        **appeal_receipts(nothing),
    }


def appeal_receipts(nothing):
    """Return one receipt of every step of an appeal, with who signs it."""
    appeal = nothing | {"cycle_id": field.CYCLE}
    kind = receipt.ReceiptKind
    return {
        "appeal brought": (
            a_receipt(
                kind=kind.APPEAL_BROUGHT,
                **appeal
                | {"appeal_until": field.DAY + 92, "answer_until": field.DAY + 30, "ground": 2},
            ),
            field.AUTHORITY,
        ),
        "appeal upheld": (
            a_receipt(kind=kind.APPEAL_ANSWERED, answer=1, **appeal),
            field.AUTHORITY,
        ),
        "appeal not upheld, to be brought again": (
            a_receipt(
                kind=kind.APPEAL_ANSWERED,
                answer=2,
                **appeal | {"reason": 98, "appeal_until": field.DAY + 60},
            ),
            field.AUTHORITY,
        ),
        "appeal withdrawn": (
            a_receipt(kind=kind.APPEAL_ANSWERED, answer=3, **appeal),
            field.AUTHORITY,
        ),
    }


def signed_receipt(item, signing):
    certificate = field.certificate_bytes() if signing is field.PHONE else None
    return receipt.sign_receipt(
        item, public_key=signing.public, signer=signing.sign, certificate=certificate
    )


def receipt_cases():
    made = {name: signed_receipt(*item) for name, item in receipts().items()}
    refused, office = payload_of(made["refused"]), payload_of(made["enrolment refused"])
    later = payload_of(made["an appointment"])
    erased = payload_of(made["person erased"])
    riding = field.certificate_bytes()
    forged = device.sign_certificate(
        field.a_certificate(), public_key=field.STRANGER.public, signer=field.STRANGER.sign
    )

    def by_phone(payload, certificate=riding, signing=field.PHONE):
        return signed(payload, receipt.LABEL, signing, certificate)

    flipped = made["refused"][:-1] + bytes([made["refused"][-1] ^ 1])
    return [
        *(
            good(name, data) | {"spoken": list(receipt.spoken_code(data))}
            for name, data in made.items()
        ),
        bad("one bit of the signature is flipped", flipped, "bad signature"),
        bad("no certificate rides along", by_phone(refused, None), "unknown key"),
        bad("a certificate of nobody's", by_phone(refused, forged), "unknown key"),
        bad("another phone's key", by_phone(refused, riding, field.OTHER_PHONE), "unknown key"),
        bad("an event as certificate", by_phone(refused, field.event_bytes()), "unknown key"),
        bad("another workspace", by_phone(changed(refused, 2, bytes(16)))),
        bad("a phone refuses an enrolment", by_phone(office)),
        bad("refused with goods", by_phone(changed(refused, 6, [[1, 1]]))),
        bad("an appeal that ended yesterday", by_phone(changed(refused, 8, field.DAY - 1))),
        bad("a reason that does not exist", by_phone(changed(refused, 7, 16))),
        bad("refused and nothing said about the offer", by_phone(changed(refused, 11))),
        bad("an unknown key", by_phone(changed(refused, 23, 1))),
        bad("a phone erases a person", by_phone(erased)),
        bad("erased, and nothing said about copies", signed(changed(erased, 12), receipt.LABEL)),
        bad("erased after a copy", signed(changed(erased, 12, field.DAY - 1), receipt.LABEL)),
        bad(
            "the office refuses an enrolment for a reason of the points",
            signed(changed(office, 7, 7), receipt.LABEL),
        ),
        bad("a phone makes an appointment", by_phone(later)),
        bad("an appointment without a day", signed(changed(later, 14), receipt.LABEL)),
        bad(
            "an appointment of yesterday", signed(changed(later, 14, field.DAY - 1), receipt.LABEL)
        ),
        bad("an appointment that asks for nothing", signed(changed(later, 13, []), receipt.LABEL)),
        bad("what to bring said twice", signed(changed(later, 13, [2, 2]), receipt.LABEL)),
        bad("what to bring out of order", signed(changed(later, 13, [3, 2]), receipt.LABEL)),
        bad(
            "an appointment that is a refusal as well", signed(changed(later, 7, 33), receipt.LABEL)
        ),
        *correction_cases(made, by_phone),
        *consent_cases(made, by_phone),
        *appeal_cases(made, by_phone),
    ]


def correction_cases(made, by_phone):
    """Return what is no receipt of a correction."""
    asked, done, refused = (
        payload_of(made[name])
        for name in ("correction asked for", "correction made", "correction refused")
    )
    return [
        bad("a phone says that a record was corrected", by_phone(done)),
        bad("a phone refuses a correction", by_phone(refused)),
        bad(
            "asked for, to be answered yesterday",
            signed(changed(asked, 16, field.DAY - 1), receipt.LABEL),
        ),
        bad(
            "corrected, and still to be answered",
            signed(changed(done, 16, field.DAY + 30), receipt.LABEL),
        ),
        bad("corrected, with a reason not to", signed(changed(done, 7, 84), receipt.LABEL)),
        bad("a correction refused without a reason", signed(changed(refused, 7), receipt.LABEL)),
        bad("a correction refused without appeal", signed(changed(refused, 8), receipt.LABEL)),
        bad(
            "a correction refused for a reason of the desk",
            signed(changed(refused, 7, 33), receipt.LABEL),
        ),
    ]


def consent_cases(made, by_phone):
    """Return what is no receipt of a consent."""
    given, ended = payload_of(made["consent given"]), payload_of(made["consent ended"])
    return [
        bad("a phone takes a consent", by_phone(given)),
        bad("a phone ends a consent", by_phone(ended)),
        bad("a consent to nobody", signed(changed(given, 20), receipt.LABEL)),
        bad("a consent for nothing", signed(changed(given, 21), receipt.LABEL)),
        bad("a consent for purpose 0", signed(changed(given, 21, 0), receipt.LABEL)),
        bad("a consent that names no fields", signed(changed(given, 22), receipt.LABEL)),
        bad("a consent to a number as field", signed(changed(given, 22, [1]), receipt.LABEL)),
        bad("a consent without an end", signed(changed(given, 23), receipt.LABEL)),
        bad(
            "a consent that ended yesterday",
            signed(changed(given, 23, field.DAY - 1), receipt.LABEL),
        ),
        bad(
            "an ended consent that goes on",
            signed(changed(ended, 23, field.DAY + 1), receipt.LABEL),
        ),
        bad(
            "an ended consent that names fields",
            signed(changed(ended, 22, ["reg_type"]), receipt.LABEL),
        ),
    ]


def appeal_cases(made, by_phone):
    """Return what is no receipt of an appeal."""
    brought, upheld = payload_of(made["appeal brought"]), payload_of(made["appeal upheld"])
    refused = payload_of(made["appeal not upheld, to be brought again"])
    late = changed(brought, 16, field.DAY - 1)
    return [
        bad("a phone takes an appeal down", by_phone(brought)),
        bad("a phone answers an appeal", by_phone(upheld)),
        bad("an appeal without a ground", signed(changed(brought, 17), receipt.LABEL)),
        bad("an appeal on ground 0", signed(changed(brought, 17, 0), receipt.LABEL)),
        bad("an appeal without a last day", signed(changed(brought, 8), receipt.LABEL)),
        bad("an appeal to be answered yesterday", signed(late, receipt.LABEL)),
        bad("an appeal against no cycle", signed(changed(brought, 19), receipt.LABEL)),
        bad("an appeal with its answer already", signed(changed(brought, 18, 1), receipt.LABEL)),
        bad("an answer that does not exist", signed(changed(upheld, 18, 4), receipt.LABEL)),
        bad("upheld, with a reason not to", signed(changed(upheld, 7, 96), receipt.LABEL)),
        bad("not upheld without a reason", signed(changed(refused, 7), receipt.LABEL)),
        bad(
            "not upheld for a reason of corrections", signed(changed(refused, 7, 84), receipt.LABEL)
        ),
        bad(
            "not upheld, to be brought again yesterday",
            signed(changed(refused, 8, field.DAY - 1), receipt.LABEL),
        ),
    ]


def files():
    """Return the text of every file by its name under vectors/."""
    words = [{"index": 0, "expect": " ".join(map(receipt.spoken_word, range(2048)))}]
    return {
        "receipt/receipt.json": text_of("receipts", receipt_cases(), keys=keys_of(field.AUTHORITY)),
        "receipt/spoken_word.json": text_of("all words, from index 0 to 2047", words),
    }


if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
