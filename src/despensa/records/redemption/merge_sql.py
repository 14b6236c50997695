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

TAKE = """
SELECT position, device, seq, hash, event, kind, session, lease, tag, units, quantities, reason,
       commitment, supervised, card_number, data
FROM inbox_event ORDER BY position LIMIT %s FOR UPDATE SKIP LOCKED
"""

LOCK = """
SELECT count(*) FROM lock_accounts(ARRAY(
    SELECT account FROM tag WHERE tag = ANY (%s) AND account IS NOT NULL))
"""

ENSURE_DELIVERED = f"""
INSERT INTO account (id, unit, kind, cycle, balance, no_overdraft)
SELECT DISTINCT {DELIVERED_ACCOUNT}, goods.unit, 6, session.cycle, NULL::bigint, false
FROM inbox_event inbox JOIN session ON session.id = inbox.session
CROSS JOIN LATERAL unnest(inbox.units) AS goods (unit)
WHERE inbox.position = ANY (%s) AND inbox.kind = 1
ON CONFLICT DO NOTHING
"""

POST_CLEAN = f"""
WITH line AS (
    SELECT inbox.position, inbox.event, inbox.device, inbox.lease, tag.account, goods.unit,
           goods.quantity, session.point_id, session.day, {DELIVERED_ACCOUNT} AS delivered
    FROM inbox_event inbox
    CROSS JOIN LATERAL unnest(inbox.units, inbox.quantities) AS goods (unit, quantity)
    LEFT JOIN tag ON tag.tag = inbox.tag
    LEFT JOIN session ON session.id = inbox.session
    WHERE inbox.position = ANY (%s) AND inbox.kind = 1
), weighed AS (
    SELECT line.*,
        lease.device_id IS NOT DISTINCT FROM line.device
        AND row.claimed + sum(line.quantity) OVER same <= row.quantity
        AND sum(line.quantity) OVER same <= account.balance AS fits
    FROM line
    LEFT JOIN lease ON lease.id = line.lease
    LEFT JOIN lease_row row ON row.lease_id = line.lease AND row.account = line.account
                           AND row.unit = line.unit
    LEFT JOIN account ON account.id = line.account AND account.unit = line.unit
    WINDOW same AS (PARTITION BY line.account, line.unit)
), judged AS (
    SELECT weighed.*,
        bool_and(coalesce(fits, false) AND delivered IS NOT NULL)
            OVER (PARTITION BY event) AS clean
    FROM weighed
), redeemed AS (
    INSERT INTO redemption (id, account, unit, quantity, point, day, excess)
    SELECT event, account, unit, quantity, point_id, day, false FROM judged
    WHERE clean ORDER BY account, unit
), moved AS (
    INSERT INTO transfer (id, debit, credit, unit, amount, cause, cause_id)
    SELECT gen_random_uuid(), account, delivered, unit, quantity, 3, event FROM judged
    WHERE clean ORDER BY account, unit
), counted AS (
    UPDATE lease_row SET claimed = claimed + claim.quantity FROM (
        SELECT lease, account, unit, sum(quantity)::bigint AS quantity FROM judged
        WHERE clean GROUP BY lease, account, unit) claim
    WHERE lease_row.lease_id = claim.lease AND lease_row.account = claim.account
      AND lease_row.unit = claim.unit
)
SELECT DISTINCT position FROM judged WHERE NOT clean
"""

POST_REFUSALS = """
INSERT INTO refusal (id, reason, point, day, commitment)
SELECT inbox.event, inbox.reason, session.point_id, session.day, inbox.commitment
FROM inbox_event inbox LEFT JOIN session ON session.id = inbox.session
WHERE inbox.position = ANY (%s) AND inbox.kind = 2
"""

POST_ABORTED = """
INSERT INTO aborted_scan (id, reason, point, day)
SELECT inbox.event, inbox.reason, session.point_id, session.day
FROM inbox_event inbox LEFT JOIN session ON session.id = inbox.session
WHERE inbox.position = ANY (%s) AND inbox.kind = 3
"""

LEAVE_INBOX = "DELETE FROM inbox_event WHERE position = ANY (%s)"
