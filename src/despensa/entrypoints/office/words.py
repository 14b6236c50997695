"""
The words for things that records keep as codes: what a view shows instead of the code.

Each table maps a stored code to a word in the reader's language. A code that is not in its table
is a mistake of the caller (KeyError), never shown raw.
"""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.translation import gettext_lazy, pgettext_lazy

from despensa.entrypoints.office.states import Word


def _words(words: dict[str, Word]) -> Mapping[str, Word]:
    return MappingProxyType(words)


ROLES = _words(
    {
        "field_operator": gettext_lazy("field operator"),
        "point_lead": gettext_lazy("point lead"),
        "registrar": gettext_lazy("registrar"),
        "approver": gettext_lazy("approver"),
        "programme_manager": gettext_lazy("programme manager"),
        "finance_maker": gettext_lazy("finance maker"),
        "finance_checker": gettext_lazy("finance checker"),
        "grievance_officer": gettext_lazy("grievance officer"),
        "auditor": gettext_lazy("auditor"),
        "security_officer": gettext_lazy("security officer"),
        "system_administrator": gettext_lazy("system administrator"),
    }
)

# Why somebody looks at a record: asked at each search, written into the access entry.
PURPOSES = _words(
    {
        "counter": gettext_lazy("Serving the person at the counter"),
        "registration": gettext_lazy("Registering or correcting"),
        "cycle_check": gettext_lazy("Checking before a cycle"),
        "card": gettext_lazy("Handing over or replacing a card"),
        "grievance": gettext_lazy("Answering a grievance"),
        "audit": gettext_lazy("Auditing"),
    }
)
# The same as the access entry stores them: numbers of ports.keeper.Purpose.
STORED_PURPOSES: Mapping[int, Word] = MappingProxyType(
    {
        1: PURPOSES["counter"],
        2: gettext_lazy("Searching"),
        3: PURPOSES["registration"],
        4: PURPOSES["card"],
        5: PURPOSES["grievance"],
        6: gettext_lazy("Preparing a list for a point"),
        7: gettext_lazy("Reading their own record"),
        40: gettext_lazy("Answering a partner, with the person's consent"),
        8: gettext_lazy("Comparing two records"),
    }
)
PURPOSE_NUMBERS: Mapping[str, int] = MappingProxyType(
    {"counter": 1, "registration": 3, "card": 4, "grievance": 5}
)
# What was shown: numbers of sealing.Column.
SHOWN_FIELDS: Mapping[int, Word] = MappingProxyType(
    {
        1: pgettext_lazy("field", "name"),
        2: pgettext_lazy("field", "name"),
        3: pgettext_lazy("field", "documents"),
        4: pgettext_lazy("field", "phones"),
        5: pgettext_lazy("field", "address"),
        6: pgettext_lazy("field", "birth day"),
        40: pgettext_lazy("field", "an answer given before"),
        20: pgettext_lazy("field", "corrections"),
        8: pgettext_lazy("field", "why they may be one person"),
        9: pgettext_lazy("field", "words of an appeal"),
        10: gettext_lazy("Copy of the keys"),
    }
)

# What a proposal asks for.
ACTIONS = _words(
    {
        "import_register": gettext_lazy("Import a register"),
        "import_areas": gettext_lazy("Import areas"),
        "publish_rule": gettext_lazy("Publish a rule"),
        "publish_catalogue": gettext_lazy("Publish the catalogue of facts"),
        "open_cycle": gettext_lazy("Open a cycle"),
        "close_cycle": gettext_lazy("Close a cycle before its last day"),
        "settle_recovery": gettext_lazy("Settle what was given too much"),
        "withdraw_cycle": gettext_lazy("Withdraw a decided cycle"),
        "issue_cards": gettext_lazy("Make a batch of cards"),
        "issue_identity_cards": gettext_lazy("Print identity cards of people who asked"),
        "send_to_shop": gettext_lazy("Have a batch of cards printed outside"),
        "break_lease": gettext_lazy("Break a lease"),
        "add_staff": gettext_lazy("Add a member of staff"),
        "grant_role": gettext_lazy("Grant a role"),
        "erase_person": gettext_lazy("Erase a person"),
        "undo_import": gettext_lazy("Undo an import"),
        "add_partner": gettext_lazy("Let a partner ask"),
        "correct_record": gettext_lazy("Correct a record"),
        "find_duplicates": gettext_lazy("Search for people registered twice"),
        "export": gettext_lazy("Let a file with personal fields leave"),
        "release_package": gettext_lazy("Give an auditor the package of a cycle"),
        "release_report": gettext_lazy("Give a partner of an agreement its report"),
        "rotate_key": gettext_lazy("Change a key"),
        "escrow_keys": gettext_lazy("Copy the keys for custodians"),
    }
)

# Why it is asked for, and why it may be refused.
PROPOSAL_REASONS = _words(
    {
        "regular": gettext_lazy("Regular work of the programme"),
        "registration": gettext_lazy("Registration round"),
        "arrivals": gettext_lazy("New arrivals"),
        "correction": gettext_lazy("Correction of a mistake"),
        "emergency": gettext_lazy("Emergency"),
        "court": gettext_lazy("Decision of a court or an appeal"),
    }
)
# The same as a proposal stores it: numbers of proposal.Reason.
STORED_REASONS: Mapping[int, Word] = MappingProxyType(
    {
        1: gettext_lazy("New registrations"),
        2: gettext_lazy("Changed registrations"),
        3: gettext_lazy("Rule of a programme"),
        4: gettext_lazy("Scheduled cycle"),
        5: gettext_lazy("Cards for entitled households"),
        6: gettext_lazy("Cards kept as stock"),
        7: gettext_lazy("Lost phone"),
        8: gettext_lazy("Change of staff"),
        9: gettext_lazy("Regular change of a key"),
        20: gettext_lazy("Table of areas"),
        21: gettext_lazy("What may be known changes"),
        30: gettext_lazy("The person asked for it"),
        31: gettext_lazy("A court ordered it"),
        32: gettext_lazy("Entered by mistake, or twice"),
        33: gettext_lazy("The time for keeping it has ended"),
        50: gettext_lazy("It was the wrong file"),
        51: gettext_lazy("Its columns were read wrongly"),
        52: gettext_lazy("Its places are wrong"),
        55: gettext_lazy("Cards printed outside"),
        76: gettext_lazy("People asked for identity cards"),
        53: gettext_lazy("The source took it back"),
        60: gettext_lazy("Agreement with a partner"),
        75: gettext_lazy("An appeal was upheld"),
        40: gettext_lazy("Somebody asked for a correction"),
        41: gettext_lazy("The office found a mistake"),
        45: gettext_lazy("Search for people registered twice"),
        70: gettext_lazy("An audit of the cycle"),
        71: gettext_lazy("An agreement asks for it"),
    }
)
REFUSAL_REASONS = _words(
    {
        "totals": gettext_lazy("The totals look wrong"),
        "source": gettext_lazy("The source is not clear"),
        "time": gettext_lazy("Not now"),
        "not_needed": gettext_lazy("Not needed"),
        "other": gettext_lazy("Talked about in person"),
    }
)

REGISTER_KINDS = _words(
    {
        "": gettext_lazy("Recognise it by itself"),
        "despensa": gettext_lazy("Despensa table"),
        "hope": gettext_lazy("HOPE workbook"),
        "121": gettext_lazy("121 file"),
        "kobo": gettext_lazy("KoboToolbox submissions"),
        "odk": gettext_lazy("ODK submissions"),
        "openrosa": gettext_lazy("OpenRosa submissions"),
        "mapped": gettext_lazy("Table with mapped columns"),
    }
)
_STORED_KINDS = {
    "despensa-template": "despensa",
    "hope-workbook": "hope",
    "121-registrations": "121",
    "kobo-json": "kobo",
    "odk-central-csv": "odk",
    "openrosa-xml": "openrosa",
    "mapped-table": "mapped",
}


def register_kind(stored: str) -> Word:
    """Return the word for a kind of register file as it is stored."""
    return REGISTER_KINDS[_STORED_KINDS[stored]]


def register_kind_code(stored: str) -> str:
    """Return the code of the form for a kind of register file as it is stored."""
    return _STORED_KINDS[stored]


# Our own empty register, by the ending of the file.
TEMPLATES = _words(
    {
        "xlsx": gettext_lazy("Workbook (XLSX) with a guide"),
        "csv": gettext_lazy("Headings alone (CSV)"),
    }
)

# Why a column is dropped: names of forbidden.Category.
FORBIDDEN = _words(
    {
        "political_opinion": gettext_lazy("political opinion"),
        "party_or_union": gettext_lazy("party or union"),
        "votes": gettext_lazy("votes and electoral numbers"),
        "religion": gettext_lazy("religion"),
        "ethnicity": gettext_lazy("ethnicity"),
        "sexual_life": gettext_lazy("sexual life"),
        "health": gettext_lazy("health"),
        "criminal_record": gettext_lazy("criminal record"),
        "social_media": gettext_lazy("social media"),
        "movements": gettext_lazy("whereabouts and movements"),
        "biometrics": gettext_lazy("biometrics"),
        "scores": gettext_lazy("scores about a person"),
    }
)

MEMBER_ROLES = _words(
    {
        "head": pgettext_lazy("household", "head"),
        "member": pgettext_lazy("household", "member"),
        "collector": pgettext_lazy("household", "collects for them"),
        "partner": pgettext_lazy("household", "spouse or partner"),
        "child": pgettext_lazy("household", "child"),
        "parent": pgettext_lazy("household", "parent"),
        "sibling": pgettext_lazy("household", "sibling"),
        "grandchild": pgettext_lazy("household", "grandchild"),
        "other": pgettext_lazy("household", "other member"),
    }
)
SEXES = _words(
    {
        "female": gettext_lazy("female"),
        "male": gettext_lazy("male"),
        "other": gettext_lazy("other"),
        "unknown": gettext_lazy("not known"),
    }
)

ACCOUNT_KINDS = _words(
    {
        "granted": pgettext_lazy("account", "approved budget"),
        "fund": pgettext_lazy("account", "fund"),
        "entitlement": pgettext_lazy("account", "entitlements"),
        "wallet": pgettext_lazy("account", "wallets"),
        "stock": pgettext_lazy("account", "stock of the points"),
        "delivered": pgettext_lazy("account", "delivered"),
        "merchant": pgettext_lazy("account", "owed to merchants"),
        "settlement": pgettext_lazy("account", "settlement"),
        "loss": pgettext_lazy("account", "loss under investigation"),
        "emergency": pgettext_lazy("account", "emergency"),
        "returned": pgettext_lazy("account", "returned"),
        "late_share": pgettext_lazy("account", "share for late entrants"),
        "stock_supplied": pgettext_lazy("account", "delivered to the points"),
        "stock_given": pgettext_lazy("account", "given from the stock"),
        "stock_lost": pgettext_lazy("account", "lost from the stock"),
        "stock_opened": pgettext_lazy("account", "parcels opened"),
    }
)

LEAF_KINDS = _words(
    {
        "rule": pgettext_lazy("log", "rule"),
        "catalogue": pgettext_lazy("log", "catalogue"),
        "approval": pgettext_lazy("log", "approval"),
        "staff_key": pgettext_lazy("log", "staff key"),
        "root": pgettext_lazy("log", "root"),
        "totals": pgettext_lazy("log", "totals"),
        "start": pgettext_lazy("log", "start-up"),
        "restore": pgettext_lazy("log", "restore"),
        "release": pgettext_lazy("log", "release"),
        "collector_limit": pgettext_lazy("log", "limit for collectors"),
        "fact_destroyed": pgettext_lazy("log", "fact destroyed"),
        "key": pgettext_lazy("log", "new key"),
        "introducer_limit": pgettext_lazy("log", "limit for introducers"),
        "lot": pgettext_lazy("log", "seed of lots"),
        "schedule": pgettext_lazy("log", "schedule of cycles"),
        "key_copy": pgettext_lazy("log", "copy of the keys"),
        "key_drill": pgettext_lazy("log", "trial of a copy of the keys"),
    }
)

# The keys that may be exchanged, as the log names them.
KEY_NAMES = _words(
    {
        "issuer": gettext_lazy("of cards"),
        "authority": gettext_lazy("of papers and phones"),
        "answers": gettext_lazy("of answers to partners"),
        "wallet": gettext_lazy("of identity cards on phones"),
    }
)

# Labels of the cards with numbers, by page.
FIGURES = _words(
    {
        "entitled": gettext_lazy("Households entitled"),
        "not_entitled": gettext_lazy("Not entitled"),
        "needs_information": gettext_lazy("Needs information"),
        "promised": gettext_lazy("Parcels promised"),
        "delivered": gettext_lazy("Parcels delivered"),
        "to_sync": gettext_lazy("Not sent yet"),
        "served": gettext_lazy("Deliveries made"),
        "refused": gettext_lazy("Refused with receipt"),
        "rows": gettext_lazy("Rows in the file"),
        "accepted": gettext_lazy("Accepted"),
        "rejected": gettext_lazy("Rejected"),
        "known": gettext_lazy("Already in the register"),
        "unchanged": gettext_lazy("Households known and unchanged"),
        "cards": gettext_lazy("Cards made"),
        "handed_over": gettext_lazy("Handed over"),
        "unassigned": gettext_lazy("Printed, unassigned"),
        "replaced": gettext_lazy("Replaced"),
    }
)
TOTALS = _words(
    {
        "households": gettext_lazy("Households"),
        "people": gettext_lazy("People"),
        "updated_households": gettext_lazy("Households updated"),
        "villages": gettext_lazy("Villages"),
        "without_birth_month": gettext_lazy("Without a birth month"),
        "entitled": gettext_lazy("Households entitled"),
        "parcels": gettext_lazy("Parcels"),
        "late_entrants": gettext_lazy("Late entrants covered, at most"),
        "cards": gettext_lazy("Cards"),
        "facts": gettext_lazy("Facts in the catalogue"),
        "differences": gettext_lazy("Differences"),
    }
)

# The stations and the steps of a cycle, and what its jobs are called.
JOBS = _words(
    {
        "read": gettext_lazy("Reading the file"),
        "write": gettext_lazy("Writing the register"),
        "copy": gettext_lazy("Copying the facts"),
        "freeze": gettext_lazy("Freezing the facts"),
        "resume": gettext_lazy("Going on with what was frozen"),
        "keep": gettext_lazy("Writing the decisions"),
        "decide": gettext_lazy("Deciding"),
        "open": gettext_lazy("Opening the accounts"),
        "print": gettext_lazy("Making the card sheets"),
        "publish": gettext_lazy("Publishing the rule"),
        "catalogue": gettext_lazy("Publishing the catalogue"),
        "staff": gettext_lazy("Adding a member of staff"),
        "play": gettext_lazy("The demonstration plays the main job"),
    }
)
PARAMETERS = _words(
    {
        "scope": gettext_lazy("Where"),
        "opens": gettext_lazy("Opens"),
        "epoch": gettext_lazy("Epoch"),
        "late_share": gettext_lazy("Late entrants without another approval"),
        "recovery": gettext_lazy("What was given too much"),
        "file": gettext_lazy("File"),
        "kind": gettext_lazy("Kind of file"),
        "rule": gettext_lazy("Rule"),
        "stock": gettext_lazy("Cards without a household"),
        "layout": gettext_lazy("Printed as"),
        "languages": gettext_lazy("Languages on the card"),
        "batch": gettext_lazy("Batch"),
        "shop": gettext_lazy("Print shop"),
        "shop_key": gettext_lazy("Public key of the shop"),
        "help_line": gettext_lazy("Number to call for help"),
        "valid_until": gettext_lazy("Valid until"),
        "person": gettext_lazy("Person"),
        "whom": gettext_lazy("Whom"),
        "household": gettext_lazy("Household"),
        "roles": gettext_lazy("Roles"),
        "until": gettext_lazy("Until"),
        "partner": gettext_lazy("Partner"),
        "key": gettext_lazy("Key"),
        "former_key": gettext_lazy("The key until now"),
        "purposes": gettext_lazy("What for"),
        "fields": gettext_lazy("What may be told"),
        "limits": gettext_lazy("How often"),
        "callback": gettext_lazy("Where answers are sent"),
        "correction": gettext_lazy("Correction"),
        "record_fields": gettext_lazy("Fields"),
        "recipient": gettext_lazy("Recipient"),
        "destroy_by": gettext_lazy("Destroy by"),
        "breakdowns": gettext_lazy("Broken down by"),
        "phone": gettext_lazy("Phone"),
        "point": gettext_lazy("Point"),
        "session": gettext_lazy("Session"),
    }
)

DECIDE = gettext_lazy("Decide")
NO_DECIDER = gettext_lazy("Your role sees proposals and does not decide them.")
OWN_PROPOSAL = gettext_lazy("You made this proposal; another person must decide.")
SEARCH_TOO_SHORT = gettext_lazy(
    "Write two parts, such as surname and given name, or a whole number."
)
WRONG_CODE = gettext_lazy("The code does not fit. Wait for the next one and type it.")
WRONG_SIGN_IN = gettext_lazy(
    "User name and password do not fit together. Type both again; mind capital letters."
)
FILE_EMPTY = gettext_lazy("The file is empty. Save the table again as CSV or XLSX and choose it.")
CARD_UNKNOWN = gettext_lazy("No card has this number. Check it character by character.")
CARD_WRONG = gettext_lazy("The last character does not fit the others. Type the number once more.")
HASH_CHANGED = gettext_lazy("The proposal changed since you opened it. Read it again.")
NOT_CONFIRMED = gettext_lazy(
    "Password or code do not fit. A code works once: wait for the next one, then type both again."
)
PASSKEY_FAILED = gettext_lazy("The passkey's answer does not belong to this proposal. Try again.")
TOO_MANY_TRIES = gettext_lazy("Too many tries. Wait five minutes, then try again.")
TOO_MANY_READS = gettext_lazy(
    "Too many records were opened in the last hour. Wait, or ask the security officer."
)
ALREADY_DECIDED = gettext_lazy("This proposal was decided before.")
PROPOSAL_EXPIRED = gettext_lazy("The proposal has expired. Propose it again.")
APPROVED_NOTICE = gettext_lazy("Approved. It is being carried out.")
REFUSED_NOTICE = gettext_lazy("Refused. Nothing was done.")
REFUSED_ELSEWHERE = gettext_lazy(
    "Whoever asked gets a receipt with the reason: refuse the correction on its own page."
)
PROPOSED_NOTICE = gettext_lazy("Sent to a second person.")
TAKEN_IN_NOTICE = gettext_lazy("The rows are in the register.")
DISCARDED_NOTICE = gettext_lazy("The file was thrown away.")
FILE_MISSING = gettext_lazy("Choose a file first.")
FILE_TOO_LARGE = gettext_lazy(
    "The file is larger than %(mib)s MiB. Whoever runs the server can take it in with the command: "
    "despensa import FILE"
)
WAITS_FOR_ANOTHER = gettext_lazy("Another file is being read; this one comes after it.")
LOOKED_THROUGH = gettext_lazy("The file is looked through once before its rows are read.")
BEGINS_SOON = gettext_lazy("It begins within seconds, also after a restart.")
FILE_KNOWN = gettext_lazy("This file was taken in before, or waits for approval.")
ALONE_USED_UP = gettext_lazy(
    "Without a second person at most 50 rows a day may be taken in by one person, 200 by all "
    "together. With this file it would be more, so a second person must approve it."
)
FILE_OUT_OF_REACH = gettext_lazy(
    "This file has households outside the area of your role. Send only the rows of your area."
)
KIND_DIFFERS = gettext_lazy("The file is of another kind: %(kind)s.")
PREVIEW_GONE = gettext_lazy("The preview of this file is gone. Send the file again.")
STRICT_REFUSED = gettext_lazy("A row is wrong, and you asked to refuse the whole file then.")
NOTHING_TO_IMPORT = gettext_lazy("No household of this file can come in. Mend the rows first.")
CYCLE_NAME_TAKEN = gettext_lazy("This programme has a cycle of that name. Choose another name.")
CYCLE_DATES = gettext_lazy("Write both days; the last may not lie before the first.")
CYCLE_DISPUTE_DAYS = gettext_lazy("Write how many days there are for disputes: from 30 to 365.")
STOPPING = gettext_lazy("It stops after the part at hand, and what was done so far is put back.")
WRONG_STATE = gettext_lazy("Somebody took this step before you. Look at the cycle again.")
REASON_MISSING = gettext_lazy("Choose a reason.")
CARD_NOT_WAITING = gettext_lazy(
    "This card does not wait for its hand-over: it was handed over before, or has no household yet."
)
