"""
Which tables of the registry come back from the journal, and why each other one does not.

A test walks every table of the registry and fails where one stands in neither list.
Source: docs/explanation/design.md, promise 8; docs/reference/formats.md, section 8.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Kept:
    """
    A table whose rows the journal tells.

    `columns` are compared and brought back. Of them `head` come from the entry that told of the row
    first (its time, actor or proposal) and `absent` are what no entry says. `number` is a second
    part of the primary key. A row that is there is mended in `changeable` columns only (None: in
    all), because the application may change no other; a row that is gone is written again where
    `is_whole`: nothing but the journal is needed for it. `owner` is the column that names whose row
    it is, where it is not `registrant_id`: rows of somebody erased are told by nothing any more.
    """

    columns: tuple[str, ...]
    key: str = "id"
    number: str | None = None
    head: Mapping[str, str] = field(default_factory=dict)
    absent: Mapping[str, object] = field(default_factory=dict)
    changeable: frozenset[str] | None = None
    is_whole: bool = True
    owner: str | None = None


_ROLE = ("role", "from_date", "until_date", "begun_by")
_END = frozenset({"until_date"})
_NEVER: frozenset[str] = frozenset()

# in the order in which their rows refer to each other
REBUILT: Mapping[str, Kept] = {
    "household": Kept(("area_id", "facts", "registered_on")),
    "registrant": Kept(
        (
            "birth_month", "birth_precision", "sex", "facts", "full_name", "name_parts",
            "address", "birth_day",
        )
    ),
    "registrant_document": Kept(("registrant_id", "sealed")),
    "registrant_phone": Kept(("registrant_id", "sealed")),
    # a role is born without an end, and nothing else of it is ever changed (registry 0003)
    "membership": Kept(("household_id", "registrant_id", *_ROLE), changeable=_END),
    "household_standing": Kept(("version", "area_since", "ended_on"), key="household_id"),
    "institution": Kept(("kind", "names", "office", "area_id"), changeable=_NEVER),
    "institution_duty": Kept(("household_id", "institution_id", *_ROLE), changeable=_END),
    "duplicate_pair": Kept(
        ("person_a_id", "person_b_id", "strength", "source", "reasons", "found_at"),
        head={"found_at": "at"},
        changeable=frozenset({"reasons"}),
    ),
    # the operation of "the same" is of the timeline: without it the decision is not written again
    "duplicate_decision": Kept(
        ("verdict", "staff", "at", "change_id", "later_id", "money_waits_until"),
        key="pair_id",
        number="number",
        head={"staff": "actor", "at": "at"},
        changeable=_NEVER,
    ),
    "partner": Kept(
        (
            "sender_id", "name", "public_key", "area_id", "purposes", "fields", "from_date",
            "until_date", "an_hour", "a_day", "callback", "proposal", "revoked_at", "revoked_by",
        ),
        head={"proposal": "proposal"},
        changeable=frozenset({"revoked_at", "revoked_by"}),
    ),
    # the receipt proves the entry, so no entry can hold it: a consent or request that is gone is
    # named, and comes back from a backup
    "partner_consent": Kept(
        (
            "partner_id", "person_id", "household_id", "given_by_id", "purpose", "fields",
            "from_date", "until_date", "ended_at",
        ),
        changeable=frozenset({"ended_at"}),
        is_whole=False,
        owner="given_by_id",
    ),
    "correction": Kept(
        (
            "person_id", "household_id", "channel", "reason", "proposal", "undoes_id", "state",
            "refused_for",
        ),
        absent={"state": 1},
        changeable=_NEVER,
        is_whole=False,
        owner="person_id",
    ),
    # of what the household says the journal has but a hash, and the receipts prove their entries
    "grievance": Kept(
        (
            "cycle_id", "household_id", "person_id", "ground", "last_day", "answer_until", "answer",
            "reason", "child",
        ),
        changeable=_NEVER,
        is_whole=False,
        owner="person_id",
    ),
    # the list its place is in is not told by an entry, so a card that is gone comes from a backup
    "identity_card": Kept(
        (
            "number", "person_id", "status_list_id", "place", "issued_on", "expires_on", "ended_at",
            "ended_for", "asked_at", "batch_id", "position", "handed_over_at",
        ),
        changeable=frozenset(
            {
                "issued_on", "expires_on", "ended_at", "ended_for", "batch_id", "position",
                "handed_over_at",
            }
        ),
        is_whole=False,
        owner="person_id",
    ),
    "correction_change": Kept(
        ("correction_id", "field", "key", "sealed"),
        changeable=_NEVER,
        owner="(SELECT person_id FROM correction WHERE correction.id = correction_id)",
    ),
}  # fmt: skip

_MADE = "made from what is rebuilt, by whoever writes it again"
_TIMELINE = (
    "the timeline of operations: who lives where since when comes back without it, and its reasons "
    "and days are in the journal to be read"
)
_RECEIPT = "a signed paper that proves its own entry, so no entry holds it: from a backup"
_SHORT = "short-lived: kept for an hour, a day or until the next cycle, and worth nothing later"
_BEFORE = "what an import replaced, kept until the next cycle opens only"
_OTHER = "told in the open by its own entry; its rows refer to keys the cards and cycles hold"
_JOURNAL = "the journal itself: held against the log and the keeper's copy, and backed up"
_SIGN_IN = "signing in: made anew with `despensa staff`, never from a journal"
_FRAMEWORK = "of the framework: made by `despensa upgrade`"
_DESTROYED = "never journalled, so that it can be destroyed: from a backup"

# reviewed: why a table is not in REBUILT
NOT_REBUILT: Mapping[str, str] = {
    "area": "a public list: imported again from its file; every import is an entry with its rows",
    "person_key": _DESTROYED,
    "search_token": _MADE,
    "person_tokens": _MADE,
    "origin": _MADE,
    "import_pair": _SHORT,
    "household_before": _BEFORE,
    "registrant_before": _BEFORE,
    "sealed_before": _BEFORE,
    "register_import": "the list of imports: what they brought is rebuilt, and each is an entry",
    "column_map": "how a source named its columns: remembered again with its next file",
    "rows_taken_alone": _SHORT,
    "access_entry": _JOURNAL,
    "collector_limit": "published: the newest public leaf of its kind says it",
    "introducer_limit": "published: the newest public leaf of its kind says it",
    "household_change": _TIMELINE,
    "household_change_part": _TIMELINE,
    "household_change_line": _TIMELINE,
    "carry_order": "the ledger's transfers say what was carried; done or not, it is not done twice",
    "carried": "the ledger's transfers say what was carried; done or not, it is not done twice",
    "erasure": _RECEIPT,
    "enrolment_answer": _RECEIPT,
    "introduction": "in no journal, so that it leaves no trace when it ends (ADR 0016)",
    "introducer": "counts of links that leave no trace (ADR 0016)",
    "introducer_month": "counts of links that leave no trace (ADR 0016)",
    "spelling_variant": "learnt again: it holds words, and nothing depends on it",
    "status_list": "signed anew from the cards; a list that is gone comes from a backup",
    "status_decoy": "places of no card: without them a list says less, and nothing untrue",
    "wallet_offer": _SHORT,
    "partner_message": _SHORT,
    "partner_meter": _SHORT,
    "card": _OTHER,
    "card_batch": _OTHER,
    "identity_batch": _OTHER,
    "shop_package": _OTHER,
    "unit": _OTHER,
    "catalogue": "published whole: the public leaf holds the text",
    "catalogue_fact": "made from the text of the published catalogue",
    "programme": _OTHER,
    "programme_end": _OTHER,
    "rule": "published whole: the public leaf holds the text",
    "rule_preview": _SHORT,
    "cycle": _OTHER,
    "cycle_decider": "the entries of drafting and deciding a cycle name who did it",
    "decision": "decided again from the frozen folder, to the same root",
    "benefit_line": "decided again from the frozen folder, to the same root",
    "child_cycle": _OTHER,
    "child_household": "for whom a child cycle is: each is an entry, and the decisions name them",
    "late_share": "stands in the approved proposal, which the entry of the opening names",
    "recovery_line": "decided again from the frozen folder, to the same root",
    "purpose_claim": "follows from the lines of every cycle that was opened",
    "cycle_schedule": "published: the newest public leaf of its kind says it",
    "cycle_total": "counts from the ledger: sent again by it",
    "release": "each is an entry with its hash; a package that is gone is made by a new proposal",
    "release_fetch": "who took a copy: each is an entry with its row",
    "staff_member": _SIGN_IN,
    "role_grant": _SIGN_IN,
    "used_code": _SHORT,
    "short_memory": _SHORT,
    "command_session": _SHORT,
    "provider": _OTHER,
    "payee": "where somebody is paid: asked for again at the desk, or from a backup",
    "payment_task": "found again with the next list of payments",
    "proposal": "what it did is rebuilt; the approved bytes are in the journal to be read",
    "approval": "signed: the public leaf names its hash; from a backup",
    "journal": _JOURNAL,
    "journal_content": _JOURNAL,
    "leaf_queue": _JOURNAL,
    "leaf_number": _JOURNAL,
    "outbox": "messages on their way: applied once, asked for again by the stage they belong to",
    "outbox_seen": "messages that arrived: applied once",
    "proposal_use": "that an approval was used: the entry of what it did names it",
    "stage": "how far a work of several steps has come: each step may be done again",
    "auth_user": _SIGN_IN,
    "auth_group": _FRAMEWORK,
    "auth_group_permissions": _FRAMEWORK,
    "auth_permission": _FRAMEWORK,
    "auth_user_groups": _FRAMEWORK,
    "auth_user_user_permissions": _FRAMEWORK,
    "django_content_type": _FRAMEWORK,
    "django_session": _SHORT,
    "django_migrations": _FRAMEWORK,
    "account_emailaddress": _SIGN_IN,
    "account_emailconfirmation": _SIGN_IN,
    "mfa_authenticator": _SIGN_IN,
}
