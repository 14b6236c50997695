"""
The number of each table in journal rows. Numbers are frozen: stored journals name tables by them.

Source: docs/reference/formats.md, section 8, Row.
"""

TABLE_NUMBER = {
    "area": 1,
    "household": 2,
    "registrant": 3,
    "registrant_document": 4,
    "registrant_phone": 5,
    "membership": 6,
    "card": 7,
    "programme": 8,
    "rule": 9,
    "cycle": 10,
    "decision": 11,
    "benefit_line": 12,
    "staff_member": 13,
    "role_grant": 14,
    "unit": 15,
    "person_key": 16,
    "register_import": 17,
    "proposal": 18,
    "approval": 19,
    "card_batch": 20,
    "column_map": 21,
    "service_point": 40,
    "session": 41,
    "device": 42,
    "lease": 43,
    "lease_row": 50,
    "delivery_case": 51,
    "account": 44,
    "transfer": 45,
    "tag": 46,
    "redemption": 47,
    "refusal": 48,
    "aborted_scan": 49,
}
