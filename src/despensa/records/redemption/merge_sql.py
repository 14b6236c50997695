"""
The set-based twin of `domain.redemption.merge` for claims that raise no question.

A line is clean when its tag has an account, the phone's own lease holds the account, and all the
batch's claims on that account fit into the lease row and the balance together. Clean events are
posted here in one statement; every other event is left to the readable form. A property test
proves both equal. Source: docs/explanation/design.md, sections 3 and 7.8.
"""

# labels and kinds as in domain.ledger.account.named_account
_NAMED = r"substring(sha256('despensa/named-account/1'::bytea || '\x{kind:02x}'::bytea"
_SESSION_ACCOUNT = _NAMED + " || uuid_send(session.cycle) || uuid_send(session.point_id)) for 16)"

DELIVERED_ACCOUNT = _SESSION_ACCOUNT.format(kind=6)

# The batch's own random number and a count: neighbours in the table's key. That the same goods are
# not moved twice is the redemption's key's work, in the same statement.
TRANSFER_ID = "(%s::text || lpad(to_hex(row_number() OVER ()), 8, '0'))::uuid"

# A phone's events are always in the same lane, and one worker at a time holds a lane: what a
# phone may post depends on its own leases, so lanes never wait for each other. Should two lanes
# take from one account at once, its CHECK refuses the second, which is then tried again. Why the
# commit need not wait for the disk: docs/decisions/0014.
# A boolean, because that is what the planner guesses right to be half of the rows. What waits was
# written a moment ago and is in memory: a place costs the same wherever it lies, also on a server
# whose settings are those of a disk that turns.
LANES = 2
HOLD_LANE = """
SELECT pg_try_advisory_xact_lock(hashtext('despensa/merge/1'), %s::int),
       set_config('synchronous_commit', 'off', true), set_config('random_page_cost', '1.1', true)
"""

PLACES = """
SELECT session.id, session.cycle, point.id, point.names, session.day,
       coalesce(books.state = 5, false)
FROM session JOIN service_point point ON point.id = session.point_id
LEFT JOIN cycle_books books ON books.cycle = session.cycle
WHERE session.id = ANY (%s::uuid[])
"""

# What only an unanswered question or another kind of event needs stays behind: reading 500 rows
# costs as much as posting them.
_WHERE_ASKED = ", ".join(
    f"CASE WHEN has_question OR kind <> 1 THEN {column} END"
    for column in (
        "seq", "device", "lease", "tag", "units", "quantities", "supervised", "reason", "commitment",
        "card_number"
    )
)  # fmt: skip

# An array of places, not a join: the queue is empty whenever its statistics are taken, and a join
# planned for an empty table reads all of it for every row, the slower the more is waiting.
_TAKE_AND_POST = f"""
WITH taken AS MATERIALIZED (
    DELETE FROM inbox_event WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM inbox_event
        WHERE (get_byte(uuid_send(device), 15) %% {LANES})::boolean = %s::int::boolean
        ORDER BY position LIMIT {{limit:d}}))
    RETURNING position, device, seq, hash, event, kind, session, lease, tag, units, quantities,
              reason, commitment, supervised, card_number, data
), place AS MATERIALIZED (
    SELECT session.id, session.point_id, session.day, session.cycle,
           {DELIVERED_ACCOUNT} AS delivered
    FROM session WHERE session.id = ANY (ARRAY(SELECT DISTINCT session FROM taken))
), line AS MATERIALIZED (
    SELECT taken.event, taken.lease, tag.account, unnest(taken.units) AS unit,
           unnest(taken.quantities) AS quantity, place.point_id, place.day, place.cycle,
           place.delivered,
           lease.device_id = taken.device AND tag.account IS NOT NULL
               AND place.delivered IS NOT NULL AS is_own
    FROM taken
    LEFT JOIN tag ON tag.tag = taken.tag
    LEFT JOIN place ON place.id = taken.session
    LEFT JOIN lease ON lease.id = taken.lease
    WHERE taken.kind = 1
    ORDER BY tag.account
)
{{judged}}
, redeemed AS (
    INSERT INTO redemption (id, account, unit, quantity, point, day, excess)
    SELECT event, account, unit, quantity, point_id, day, false FROM judged WHERE clean
), moved AS (
    INSERT INTO transfer (id, debit, credit, unit, amount, cause, cause_id)
    SELECT {TRANSFER_ID}, account, delivered, unit, quantity, 3, event FROM judged
    WHERE clean
)
SELECT position, hash, uuid_send(event), kind, uuid_send(session), data, has_question,
       (SELECT is_torn FROM torn), {_WHERE_ASKED}
FROM (SELECT taken.*, taken.event IN (SELECT event FROM judged WHERE NOT clean)
             AS has_question FROM taken OFFSET 0) AS taken
"""
# One walk to each lease row: what fits is counted as claimed, and what was not counted has a
# question. Goods of one event, or claims on one account, that fit only in part tear the batch.
_COUNTED_AT_ONCE = """
, counted AS (
    UPDATE lease_row SET claimed = claimed + claim.quantity FROM (
        SELECT lease, account, unit, sum(quantity)::bigint AS quantity FROM line
        WHERE is_own GROUP BY lease, account, unit) claim
    WHERE lease_row.lease_id = claim.lease AND lease_row.account = claim.account
      AND lease_row.unit = claim.unit
      AND lease_row.claimed + claim.quantity <= lease_row.quantity
    RETURNING lease_row.lease_id, lease_row.account, lease_row.unit
), judged AS MATERIALIZED (
    SELECT line.*, line.is_own IS TRUE AND counted.unit IS NOT NULL AS clean
    FROM line
    LEFT JOIN counted ON counted.lease_id = line.lease AND counted.account = line.account
                     AND counted.unit = line.unit
), torn AS (
    SELECT EXISTS (
        SELECT FROM judged WHERE clean AND (
            event IN (SELECT event FROM judged WHERE NOT clean)
            OR account IN (SELECT account FROM judged WHERE NOT clean))) AS is_torn
)
"""
_JUDGED_BEFORE = """
, weighed AS (
    SELECT line.*,
        line.is_own
        AND row.claimed + sum(line.quantity) OVER same <= row.quantity
        AND sum(line.quantity) OVER same <= account.balance AS fits
    FROM line
    LEFT JOIN lease_row row ON row.lease_id = line.lease AND row.account = line.account
                           AND row.unit = line.unit
    LEFT JOIN account ON account.id = line.account AND account.unit = line.unit
    WINDOW same AS (PARTITION BY line.account, line.unit)
), judged AS MATERIALIZED (
    SELECT weighed.*, bool_and(coalesce(fits, false)) OVER (PARTITION BY event) AS clean
    FROM weighed
), ensured AS (
    INSERT INTO account (id, unit, kind, cycle, balance, no_overdraft)
    SELECT DISTINCT delivered, unit, 6, cycle, NULL::bigint, false FROM judged WHERE clean
    ORDER BY 1, 2 ON CONFLICT DO NOTHING
), counted AS (
    UPDATE lease_row SET claimed = claimed + claim.quantity FROM (
        SELECT lease, account, unit, sum(quantity)::bigint AS quantity FROM judged
        WHERE clean GROUP BY lease, account, unit) claim
    WHERE lease_row.lease_id = claim.lease AND lease_row.account = claim.account
      AND lease_row.unit = claim.unit
), torn AS (
    SELECT false AS is_torn
)
"""


_SET_COLLISIONS_ASIDE = f"""
WITH oldest AS (
    SELECT position, event, kind, row_number() OVER (PARTITION BY event ORDER BY position) AS nth
    FROM (SELECT * FROM inbox_event
          WHERE (get_byte(uuid_send(device), 15) %% {LANES})::boolean = %s::int::boolean
          ORDER BY position LIMIT {{limit:d}}) AS taken
), gone AS (
    DELETE FROM inbox_event USING oldest
    WHERE inbox_event.position = oldest.position AND (
        oldest.nth > 1
        OR EXISTS (SELECT FROM redemption WHERE redemption.id = oldest.event)
        OR EXISTS (SELECT FROM refusal WHERE refusal.id = oldest.event)
        OR EXISTS (SELECT FROM aborted_scan WHERE aborted_scan.id = oldest.event))
    RETURNING inbox_event.device, seq, hash, data, session
)
INSERT INTO fork (id, device, seq, hash, event, session)
SELECT {TRANSFER_ID}, device, seq, hash, data, session FROM gone RETURNING device
"""


def set_collisions_aside(limit: int) -> str:
    """Return the statement that sets events aside whose id is another event's."""
    return _SET_COLLISIONS_ASIDE.format(limit=limit)


def take_and_post(limit: int, *, is_careful: bool) -> str:
    """
    Return the statement for one batch.

    A lease row covers what its account holds, preparing a lease makes the point's account, and
    what hangs together nearly always fits as a whole; so balances and accounts are first left to
    the ledger's own checks, and `is_torn` tells of the rest. Either fails the batch, which is
    then taken again with care. `limit` stands in the text so that the planner knows how few rows
    there are.
    """
    return _TAKE_AND_POST.format(
        limit=limit, judged=_JUDGED_BEFORE if is_careful else _COUNTED_AT_ONCE
    )
