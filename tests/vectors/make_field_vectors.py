"""
Writes vectors/lease and vectors/event from fixed keys.

Run it as `python -m tests.vectors.make_field_vectors` after a change of format; a test compares
the files with what this module makes, so a silent change of format cannot pass.
"""

import dataclasses

from despensa.domain import device, event, lease, slip
from despensa.domain.event import sealing
from despensa.domain.refusal import AbortReason, RefusalReason
from tests.factories import field
from tests.vectors.signed_case import (
    FOLDER,
    bad,
    broken,
    changed,
    good,
    keys_of,
    payload_of,
    signed,
    text_of,
)


def certificate_cases():
    data = field.certificate_bytes()
    payload = payload_of(data)
    late = changed(payload, 7, payload[6])
    return [
        good("a phone's certificate", data),
        *broken(data, device.LABEL, field.AUTHORITY),
        bad("an unknown protection", signed(changed(payload, 8, 4), device.LABEL)),
        bad("it ends when it begins", signed(late, device.LABEL)),
        bad("a header outside the signature", signed(payload, device.LABEL, certificate=b"x")),
    ]


def lease_cases():
    named = field.lease_card(field.a_card(), names=("Amina Haddad", "José Pérez"))
    listed = lease.LeaseEntitlement(0, field.GOODS, (named,))
    data = field.lease_bytes(field.a_lease(entitlements=(listed,), check=2, table=1))
    payload = payload_of(data)
    row = payload[11][0]
    return [
        good("one household with two collectors", data),
        good("an empty list", field.lease_bytes(field.a_lease(entitlements=()))),
        *broken(data, lease.LABEL, field.AUTHORITY),
        bad("a tag stands twice", signed(changed(payload, 11, [row, row]), lease.LABEL)),
        bad(
            "a scope that is not listed", signed(changed(payload, 11, [[1, *row[1:]]]), lease.LABEL)
        ),
        bad(
            "goods out of order",
            signed(changed(payload, 11, [[0, [[2, 1], [1, 1]], row[2]]]), lease.LABEL),
        ),
        bad(
            "a quantity of nothing",
            signed(changed(payload, 11, [[0, [[1, 0]], row[2]]]), lease.LABEL),
        ),
        bad("no scope", signed(changed(payload, 10, []), lease.LABEL)),
        bad("it closes before it opens", signed(changed(payload, 8, [1, 9, 9]), lease.LABEL)),
        bad(
            "a key under another key's id",
            signed(changed(payload, 15, [bytes(8), payload[15][1]]), lease.LABEL),
        ),
        bad("a missing key", signed(changed(payload, 17), lease.LABEL)),
        bad(
            "an entitlement without cards",
            signed(changed(payload, 11, [[0, [[1, 1]], []]]), lease.LABEL),
        ),
        bad(
            "collectors too short to be sealed",
            signed(changed(payload, 11, [[0, [[1, 1]], [[*row[2][0][:4], b"x"]]]]), lease.LABEL),
        ),
        bad(
            "names under an older link than the tag",
            signed(changed(payload, 11, [[0, [[1, 1]], [[*row[2][0][:3], 9, None]]]]), lease.LABEL),
        ),
    ]


def slip_cases():
    scope = lease.Scope(field.PROGRAMME, field.CYCLE)
    card = field.lease_card(field.a_card(1))
    old_tag = field.tag_of(field.a_card())

    def made(kind, old):
        item = slip.Slip(
            field.an_id(50), field.LEASE, kind, old, card, field.GOODS, scope, field.LEASE_ENDS_AT
        )
        return slip.sign_slip(item, public_key=field.AUTHORITY.public, signer=field.AUTHORITY.sign)

    replacement = made(slip.SlipKind.REPLACEMENT, old_tag)
    payload = payload_of(replacement)
    return [
        good("a replaced card", replacement),
        good("a late entrant", made(slip.SlipKind.LATE_ENTRANT, None)),
        good("a move", made(slip.SlipKind.MOVE, None)),
        *broken(replacement, slip.LABEL, field.AUTHORITY),
        bad("a replacement of nothing", signed(changed(payload, 4, None), slip.LABEL)),
        bad("an unknown kind", signed(changed(payload, 3, 4), slip.LABEL)),
    ]


def holder_cases():
    card = field.a_card()
    row = field.lease_card(card, names=("Amina Haddad", "José Pérez"))
    from_card = {
        "epoch": card.epoch,
        "secret": card.secret.hex(),
        "holder_epoch": row.holder_epoch,
        "lease": field.LEASE.hex(),
        "tag": row.tag.hex(),
        "holder": row.holder.hex(),
    }
    names = [[1, "Amina Haddad", None], [1, "José Pérez", None]]
    return [
        {"name": "the card opens its collectors"} | from_card | {"expect": names},
        {"name": "another card does not"} | from_card | {"secret": "00" * 16, "expect": None},
        {"name": "another lease does not"} | from_card | {"lease": "00" * 16, "expect": None},
        {"name": "another tag does not"} | from_card | {"tag": "00" * 16, "expect": None},
    ]


def events():
    """Return one event of every kind and of every key, by name."""
    kind = event.EventKind
    other = event.Handover(field.OTHER_DEVICE, (field.an_id(71), field.an_id(72)))
    commitment = bytes([7]) * 32
    second = event.Supervised(field.POINT_LEAD, RefusalReason.UNKNOWN, b"sealed word")
    return {
        "delivered with a card": field.an_event(),
        "delivered with everything": field.an_event(
            supervised=second,
            collector=event.CollectedBy(lease.CollectorRole.PROXY, event.ProxyReason.LIVES_FAR),
            paper_serial="A-000123",
            checkpoint=event.CheckpointSeen(812, bytes([8]) * 32),
        ),
        "delivered without a card": field.an_event(
            tag=None, means=event.Means.NO_CARD, supervised=second, lease_id=None
        ),
        "delivered by a typed number": field.an_event(
            means=event.Means.TYPED, supervised=event.Supervised(field.POINT_LEAD, None)
        ),
        "refused a typed number": field.an_event(
            kind=kind.REFUSED,
            reason=RefusalReason.UNKNOWN,
            means=event.Means.TYPED,
            supervised=event.Supervised(field.POINT_LEAD, None),
        ),
        "refused with a commitment": field.an_event(
            kind=kind.REFUSED,
            reason=RefusalReason.UNKNOWN,
            commitment=commitment,
            means=event.Means.CAMERA,
        ),
        "refused as unreadable": field.an_event(
            kind=kind.REFUSED, reason=RefusalReason.UNREADABLE, means=event.Means.FILE
        ),
        "aborted": field.an_event(kind=kind.ABORTED, reason=AbortReason.INTERRUPTED),
        "session opened": field.an_event(kind=kind.SESSION_OPENED),
        "unplanned session opened by two": field.an_event(
            kind=kind.SESSION_OPENED,
            supervised=event.Supervised(field.POINT_LEAD, RefusalReason.NO_SESSION),
        ),
        "session closed": field.an_event(kind=kind.SESSION_CLOSED),
        "lease returned": field.an_event(kind=kind.LEASE_RETURNED),
        "card handed over": field.an_event(
            kind=kind.CARD_HANDED_OVER, card_number=field.NUMBERS[0], lease_id=None
        ),
        "taken over": field.an_event(
            kind=kind.TAKEN_OVER, handover=dataclasses.replace(other, release=bytes(300))
        ),
        "row released": field.an_event(
            kind=kind.ROW_RELEASED,
            handover=dataclasses.replace(other, other_lease_id=field.an_id(9)),
        ),
    }


_LEAD = field.POINT_LEAD


def bad_events(payload, refused, others):
    """Return what no event may be, from a delivered, a refused and others by name."""
    table = [
        ("an unknown kind", changed(payload, 5, 10)),
        ("number zero", changed(payload, 3, 0)),
        ("delivered and no goods", changed(payload, 11)),
        ("delivered with a reason", changed(payload, 12, 7)),
        ("delivered without a card and nobody answers", changed(payload, 10)),
        ("a tag where no card was shown", changed(payload, 14, 5)),
        ("null where the key should be missing", changed(payload, 17, None)),
        ("a lease as text", changed(payload, 8, "lease")),
        ("the same person twice", changed(payload, 15, [field.OPERATOR, 7, b""])),
        ("a typed number and no second person", changed(payload, 14, 3)),
        ("two people for a scanned card and no reason", changed(payload, 15, [_LEAD, 0, b""])),
        ("a refusal that is supervised", changed(refused, 15, [_LEAD, 7, b""])),
        ("a proxy without a reason", changed(payload, 16, [3, None])),
        ("a proxy for a reason that is not on the list", changed(payload, 16, [3, 5])),
        ("a primary collector with a reason", changed(payload, 16, [1, 2])),
        ("a time before 1970", changed(payload, 6, -1)),
        ("refused for an enrolment reason", changed(refused, 12, 32)),
        ("refused for an abort reason", changed(refused, 12, 64)),
        ("refused without means", changed(refused, 14)),
        ("refused with a tag", changed(refused, 10, bytes(16))),
        ("a commitment where nothing could be read", changed(refused, 12, 1)),
        ("aborted for a refusal reason", changed(others["aborted"], 12, 7)),
        ("a returned lease without its name", changed(others["lease returned"], 8, None)),
        ("a card number too short", changed(others["card handed over"], 19, ["C7Q488KD2"])),
        ("a take-over without a release", changed(others["taken over"], 20)),
        ("a take-over of its own", changed(others["taken over"], 19, [field.DEVICE, [bytes(16)]])),
        ("a release to no list", changed(others["row released"], 20, b"list")),
        ("a take-over of nothing", changed(others["taken over"], 19, [bytes(16), []])),
        ("a session that says more", changed(others["session closed"], 19, [1])),
    ]
    return [bad(name, signed(fields, event.record.LABEL, field.PHONE)) for name, fields in table]


def event_cases():
    made = {name: field.event_bytes(item) for name, item in events().items()}
    delivered = payload_of(made["delivered with a card"])
    refused = payload_of(made["refused with a commitment"])
    cases = [
        good(name, data) | {"hash": event.event_hash(data).hex()} for name, data in made.items()
    ]
    return [
        *cases,
        *broken(made["delivered with a card"], event.record.LABEL, field.PHONE),
        *bad_events(delivered, refused, {name: payload_of(data) for name, data in made.items()}),
        bad(
            "a header outside the signature",
            signed(delivered, event.record.LABEL, field.PHONE, certificate=b"x"),
        ),
    ]


def a_journal(count, start=1, previous=None):
    """Return a chain of signed events, each pointing to the one before."""
    data = []
    for seq in range(start, start + count):
        made = field.event_bytes(
            field.an_event(
                seq,
                previous,
                kind=event.EventKind.REFUSED,
                reason=RefusalReason.UNREADABLE,
                means=event.Means.CAMERA,
            )
        )
        previous = event.event_hash(made)
        data.append(made)
    return data


def chain_cases():
    journal = a_journal(4)
    start = device.certificate_hash(field.certificate_bytes())
    hashes = [event.event_hash(data) for data in journal]
    stranger = field.an_event(2, hashes[0], device_id=field.OTHER_DEVICE)
    repeated = field.an_event(2, hashes[0], event_id=field.an_id(1001))
    later = field.event_bytes(field.an_event(3, hashes[0]))

    def case(name, data, expect, *, seq=1, previous=start, position=None):
        return {
            "name": name,
            "events": [item.hex() for item in data],
            "seq": seq,
            "previous_hash": previous.hex(),
            "expect": expect,
        } | ({} if position is None else {"position": position})

    return [
        case("a whole journal", journal, "valid"),
        case("its continuation", journal[2:], "valid", seq=3, previous=hashes[1]),
        case("nothing new", [], "valid"),
        case("one dropped", [journal[0], *journal[2:]], "sequence broken", position=1),
        case("two swapped", [journal[1], journal[0]], "sequence broken", position=0),
        case("one repeated", [journal[0], journal[0]], "sequence broken", position=1),
        case("one changed", [journal[0], journal[1][:-1] + b"\x00"], "not signed", position=1),
        case(
            "one by another phone",
            [journal[0], field.event_bytes(stranger)],
            "wrong device",
            position=1,
        ),
        case(
            "one signed by another key",
            [journal[0], field.event_bytes(field.an_event(2, hashes[0]), field.OTHER_PHONE)],
            "not signed",
            position=1,
        ),
        case(
            "the journal of another beginning",
            journal,
            "link broken",
            previous=bytes(32),
            position=0,
        ),
        case("one that skips another", [journal[0], later], "sequence broken", position=1),
        case(
            "one that points past another",
            [journal[0], journal[1], field.event_bytes(field.an_event(3, hashes[0]))],
            "link broken",
            position=2,
        ),
        case(
            "an id used twice",
            [journal[0], field.event_bytes(repeated)],
            "identifier repeated",
            position=1,
        ),
    ]


def sealing_cases():
    journal = a_journal(3)
    lane = sealing.Lane(field.DEVICE, field.LEASE)
    first_key, wrapped = bytes([0xC1]) * 32, bytes([0x3D]) * sealing.WRAPPED_KEY_LENGTH
    key, sealed = first_key, []
    for place, data in enumerate(journal, start=1):
        sealed.append(sealing.seal_event(data, chain_key=key, lane=lane, place=place))
        key = sealing.next_chain_key(key)

    def case(name, first, items, opens, *, in_lane=lane):
        batch = sealing.SealedBatch(in_lane, wrapped, first, tuple(items))
        return {
            "name": name,
            "first_chain_key": first_key.hex(),
            "batch": sealing.encode_batch(batch).hex(),
            "expect": [data.hex() for data in opens] if opens is not None else None,
        }

    other = sealing.Lane(field.DEVICE, sealing.NO_LEASE)
    return [
        case("from the beginning", 1, sealed, journal),
        case("from the second on", 2, sealed[1:], journal[1:]),
        case("at another place", 2, sealed[:1], None),
        case("two swapped", 1, [sealed[1], sealed[0]], None),
        case("under another lease", 1, sealed, None, in_lane=other),
        case("one bit flipped", 1, [bytes([sealed[0][0] ^ 1]) + sealed[0][1:]], None),
    ]


def evidence_cases():
    key, data = bytes([0xDC]) * 32, field.event_bytes()
    sealed = sealing.seal_evidence([(field.an_id(1), data), (field.an_id(2), data)], batch_key=key)

    def case(name, number, event_id, expect):
        return {
            "name": name,
            "batch_key": key.hex(),
            "number": number,
            "event_id": event_id.hex(),
            "sealed": sealed[1].hex(),
            "expect": expect,
        }

    return [
        case("the second event of a batch", 1, field.an_id(2), data.hex()),
        case("under another number", 0, field.an_id(2), None),
        case("under another id", 1, field.an_id(1), None),
    ]


def files():
    """Return the text of every file by its name under vectors/."""
    authority, phone = keys_of(field.AUTHORITY), keys_of(field.PHONE)
    certificate = field.certificate_bytes().hex()
    return {
        "lease/certificate.json": text_of(
            "device certificates", certificate_cases(), keys=authority
        ),
        "lease/lease.json": text_of(
            "signed leases, before they are sealed", lease_cases(), keys=authority
        ),
        "lease/slip.json": text_of("slips", slip_cases(), keys=authority),
        "lease/holder.json": text_of("collectors sealed under a card's chain", holder_cases()),
        "event/event.json": text_of(
            "single events", event_cases(), certificate=certificate, keys=phone
        ),
        "event/chain.json": text_of(
            "batches of one journal", chain_cases(), certificate=certificate
        ),
        "event/sealing.json": text_of(
            "sealed batches (the wrapped key is a dummy)", sealing_cases()
        ),
        "event/evidence.json": text_of("events sealed as evidence", evidence_cases()),
    }


def main():
    """Write every file."""
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
