"""
An inbox full of deliveries, written by SQL as `accept_events` would have left it.

One event is really signed; every row holds its bytes with the row's own event id and tag in their
places, so that length, sealing and hashing cost what they cost. The signatures of these copies do
not verify: that is `accept_events`' work and not measured here.
"""

# Every statement is put together from this module's own constants; values are parameters.
# ruff: noqa: S608

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from despensa.domain import proposal as proposals
from despensa.domain.event import Event, EventKind, Means
from despensa.domain.event.record import sign_event
from despensa.domain.ledger.account import AccountKind, named_account
from despensa.entrypoints.bench.ground import Ground
from despensa.records.bulk import execute
from despensa.records.databases import LEDGER
from despensa.records.redemption.merge_sql import DELIVERED_ACCOUNT

EVENTS_PER_SEND = 100
ACCOUNTS_PER_LEASE = 500
UNIT = 1
_EVENT_MARK, _TAG_MARK = b"\xe1" * 16, b"\xa7" * 16


@dataclass(frozen=True, slots=True)
class Filled:
    """What was put into the ledger: one lease a phone, one event an entitlement."""

    cycle: UUID
    events: int
    phones: int
    salt: str

    def made(self, what: str, number: int) -> bytes:
        """Return the id of a thing as the statements made it: a phone's, or an event's."""
        text = f"{self.salt}{what}{number}"
        return hashlib.md5(text.encode(), usedforsecurity=False).digest()


def fill_inbox(ground: Ground, events: int, *, seed: int) -> Filled:
    """Return what was written: a cycle with accounts, tags and leases, and its waiting events."""
    return _filled(ground, events, seed, (*_BOOKS, *_WAITING))


def fill_books(ground: Ground, events: int, *, seed: int, per_phone: int) -> Filled:
    """Return what was written: a cycle with accounts, tags and leases, and nothing that waits."""
    return _filled(ground, events, seed, _BOOKS, per_phone)


def _filled(
    ground: Ground,
    events: int,
    seed: int,
    statements: Sequence[str],
    per_phone: int = ACCOUNTS_PER_LEASE,
) -> Filled:
    from django.db import transaction

    cycle = UUID(bytes=_hashed(b"cycle", seed, ground.tools.now()), version=4)
    phones = max(1, -(-events // per_phone))
    _make_cycle_key(ground, cycle)
    salt = f"{seed}/{cycle}/"
    values = {
        "salt": salt,
        "cycle": cycle,
        "phones": phones,
        "events": events,
        "unit": UNIT,
        "now": ground.tools.now(),
        "today": ground.tools.today(),
        "granted": named_account(AccountKind.GRANTED, cycle=cycle.bytes),
        "fund": named_account(AccountKind.FUND, cycle=cycle.bytes),
        "per_send": EVENTS_PER_SEND,
        **_template(cycle),
    }
    for statement in statements:
        with transaction.atomic(using=LEDGER):
            execute(LEDGER, statement, values)
    return Filled(cycle, events, phones, salt)


def _make_cycle_key(ground: Ground, cycle: UUID) -> None:
    """Let the keeper open a cycle without households, for the key its evidence is sealed to."""
    tools, creator = ground.tools, ground.new_id()
    programme, now = ground.new_id(), tools.now()
    asked = proposals.Proposal(
        proposal_id=ground.new_id().bytes,
        workspace_id=tools.workspace.workspace_id.bytes,
        action="open_cycle",
        creator=creator.bytes,
        created_at=now,
        expires_at=now + proposals.APPROVAL_KEPT_SECONDS,
        reason=proposals.Reason.SCHEDULED_CYCLE,
        scope=(programme.bytes, None, cycle.bytes),
        parameters=(0,),
    )
    canonical = asked.canonical()
    approval = proposals.Approval(
        proposals.proposal_hash(canonical),
        ground.new_id().bytes,
        proposals.ApprovalKind.PASSWORD_AND_CODE,
        now,
    )
    tools.keeper.cycles.step_links(
        proposal=canonical,
        approval=tools.keeper.signatory.sign(approval.payload(), label=proposals.APPROVAL_LABEL),
        cycle=cycle.bytes,
        programme=programme.bytes,
        epoch=0,
    )


def _template(cycle: UUID) -> dict[str, object]:
    """Return a signed delivery and where its event id and tag stand in it."""
    key = Ed25519PrivateKey.generate()
    event = Event(
        event_id=_EVENT_MARK,
        device_id=cycle.bytes,
        seq=1000,
        previous_hash=bytes(32),
        kind=EventKind.DELIVERED,
        claimed_at=1_800_000_000,
        session_id=cycle.bytes,
        lease_id=cycle.bytes,
        operator_id=cycle.bytes,
        tag=_TAG_MARK,
        goods=((UNIT, 1),),
        means=Means.CAMERA,
    )
    data = sign_event(event, public_key=key.public_key().public_bytes_raw(), signer=key.sign)
    return {
        "template": data,
        "event_at": data.index(_EVENT_MARK) + 1,
        "tag_at": data.index(_TAG_MARK) + 1,
    }


def _hashed(what: bytes, *parts: int) -> bytes:
    return hashlib.sha256(what + repr(parts).encode()).digest()[:16]


def _id(what: str, number: str) -> str:
    return f"md5(%(salt)s::text || '{what}' || ({number}))"


def _bytes(what: str, number: str) -> str:
    return f"decode({_id(what, number)}, 'hex')"


_PHONE = "generate_series(0, %(phones)s::int - 1) AS p"
_EVENT = "generate_series(0, %(events)s::int - 1) AS e"
_OF_EVENT = "e %% %(phones)s::int"
_ACCOUNT = _bytes("account", "e")

_BOOKS = (
    f"""INSERT INTO service_point (id, code, names, area)
        SELECT {_id("point", "p")}::uuid, 'B' || substr({_id("point", "p")}, 1, 12), '{{}}',
               %(cycle)s::uuid FROM {_PHONE}""",
    f"""INSERT INTO session (id, point_id, programme, cycle, day, opens_at, closes_at)
        SELECT {_id("session", "p")}::uuid, {_id("point", "p")}::uuid, %(cycle)s::uuid,
               %(cycle)s::uuid, %(today)s::date, %(now)s::bigint, %(now)s::bigint + 36000
        FROM {_PHONE}""",
    f"""INSERT INTO device (id, public_key, sealing_key, certificate, area, state, expires_at,
                            next_seq, last_hash, operators)
        SELECT {_id("device", "p")}::uuid, {_bytes("public", "p")} || {_bytes("key", "p")},
               ''::bytea, ''::bytea, %(cycle)s::uuid, 1, %(now)s::bigint + 86400, 1, ''::bytea, '[]'
        FROM {_PHONE}""",
    f"""INSERT INTO lease (id, device_id, session_id, expires_at, state, digest)
        SELECT {_id("lease", "p")}::uuid, {_id("device", "p")}::uuid, {_id("session", "p")}::uuid,
               %(now)s::bigint + 86400, 1, ''::bytea FROM {_PHONE}""",
    """INSERT INTO account (id, unit, kind, cycle, balance, no_overdraft) VALUES
        (%(granted)s, %(unit)s, 1, %(cycle)s::uuid, NULL, false),
        (%(fund)s, %(unit)s, 2, %(cycle)s::uuid, 0, true)""",
    # as preparing a lease does
    f"""INSERT INTO account (id, unit, kind, cycle, balance, no_overdraft)
        SELECT {DELIVERED_ACCOUNT}, %(unit)s, 6, session.cycle, NULL, false
        FROM session WHERE session.cycle = %(cycle)s::uuid""",
    f"""INSERT INTO account (id, unit, kind, cycle, balance, no_overdraft)
        SELECT {_ACCOUNT} AS id, %(unit)s, 3, %(cycle)s::uuid, 0, true FROM {_EVENT}
        ORDER BY id""",
    """INSERT INTO transfer (id, debit, credit, unit, amount, cause, cause_id)
        VALUES (gen_random_uuid(), %(granted)s, %(fund)s, %(unit)s, %(events)s::int, 1,
                %(cycle)s::uuid)""",
    f"""INSERT INTO transfer (id, debit, credit, unit, amount, cause, cause_id)
        SELECT {_id("opening", "e")}::uuid, %(fund)s, {_ACCOUNT} AS id, %(unit)s, 1, 2,
               %(cycle)s::uuid FROM {_EVENT} ORDER BY id""",
    f"""INSERT INTO tag (tag, cycle, account, step, status)
        SELECT {_bytes("tag", "e")} AS tag, %(cycle)s::uuid, {_ACCOUNT}, 10, 1 FROM {_EVENT}
        ORDER BY tag""",
    f"""INSERT INTO lease_row (lease_id, account, unit, quantity, claimed, active)
        SELECT {_id("lease", _OF_EVENT)}::uuid AS lease_id, {_ACCOUNT} AS account, %(unit)s, 1, 0,
               true FROM {_EVENT} ORDER BY lease_id, account""",
)
_WAITING = (
    f"""INSERT INTO inbox_event (device, seq, hash, event, kind, session, lease, tag, units,
                                 quantities, reason, commitment, supervised, card_number, data)
        SELECT device, seq, sha256(data), event, 1, session, lease, tag, ARRAY[%(unit)s],
               ARRAY[1::bigint], NULL, NULL, false, NULL, data
        FROM (SELECT *, overlay(overlay(%(template)s::bytea PLACING uuid_send(event)
                     FROM %(event_at)s) PLACING tag FROM %(tag_at)s) AS data
              FROM (SELECT e / %(phones)s::int + 1 AS seq, {_OF_EVENT} AS phone,
                           {_id("device", _OF_EVENT)}::uuid AS device,
                           {_id("event", "e")}::uuid AS event,
                           {_id("session", _OF_EVENT)}::uuid AS session,
                           {_id("lease", _OF_EVENT)}::uuid AS lease,
                           {_bytes("tag", "e")} AS tag FROM {_EVENT}) AS scan) AS signed
        ORDER BY (seq - 1) / %(per_send)s::int, phone, seq""",
    """INSERT INTO device_event (device, seq, hash, position)
        SELECT device, seq, hash, position FROM inbox_event WHERE position > (
            SELECT max(position) - %(events)s::int FROM inbox_event)""",
)


def settle(ground: Ground) -> None:
    """Let the database clean up behind the filling, as it would overnight."""
    import psycopg

    with psycopg.connect(ground.endpoints.ledger_owner, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
