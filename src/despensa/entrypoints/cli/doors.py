"""
Which permission each command asks for. A command that stands in no line is shut.

A door is LOCAL where no person is shown or changed: the lock is the right to read the workspace
folder. PHONE asks for the key of a phone at the point; the signature is the lock. Everything else
names a permission and takes a staff session (`despensa login`).
Source: docs/explanation/design.md, section 9.
"""

from despensa.domain.role import Permission

LOCAL = "local"
PHONE = "phone"

DOORS: dict[str, Permission | str] = {
    "init": LOCAL,
    "upgrade": LOCAL,
    "doctor": LOCAL,
    "backup": LOCAL,
    "restore": LOCAL,
    "rebuild": LOCAL,
    "demo": LOCAL,
    "start": LOCAL,
    "bench data": LOCAL,
    "bench decide": LOCAL,
    "bench import": LOCAL,
    "bench match": LOCAL,
    "bench redeem": LOCAL,
    "bench search": LOCAL,
    "login": LOCAL,
    "logout": LOCAL,
    "keys": LOCAL,
    "form xlsform": LOCAL,
    "area import": Permission.PROPOSE_IMPORT,
    "import --dry-run": LOCAL,
    "import": Permission.PROPOSE_IMPORT,
    "proposal list": Permission.SEE_PROPOSALS,
    "proposal show": Permission.SEE_PROPOSALS,
    "proposal approve": Permission.DECIDE_PROPOSALS,
    "proposal refuse": Permission.DECIDE_PROPOSALS,
    "staff found": LOCAL,
    "staff propose": Permission.MANAGE_STAFF,
    "staff welcome": Permission.MANAGE_STAFF,
    "staff list": Permission.MANAGE_STAFF,
    "programme define": Permission.RUN_CYCLES,
    "programme end": Permission.RUN_CYCLES,
    "catalogue show": Permission.SEE_LOG,
    "catalogue check": Permission.SEE_LOG,
    "catalogue propose": Permission.RUN_CYCLES,
    "rule check": LOCAL,
    "rule propose": Permission.RUN_CYCLES,
    "cycle list": Permission.SEE_CYCLES,
    "cycle explain": Permission.READ_HOUSEHOLDS,
    "household show": Permission.READ_HOUSEHOLDS,
    "household split": Permission.CHANGE_HOUSEHOLDS,
    "household merge": Permission.CHANGE_HOUSEHOLDS,
    "household move": Permission.CHANGE_HOUSEHOLDS,
    "household birth": Permission.CHANGE_HOUSEHOLDS,
    "household death": Permission.CHANGE_HOUSEHOLDS,
    "household leave": Permission.CHANGE_HOUSEHOLDS,
    "household join": Permission.CHANGE_HOUSEHOLDS,
    "household head": Permission.CHANGE_HOUSEHOLDS,
    "household collector": Permission.CHANGE_HOUSEHOLDS,
    "household withdraw": Permission.CHANGE_HOUSEHOLDS,
    "household undo": Permission.CHANGE_HOUSEHOLDS,
    "household institution": Permission.RUN_CYCLES,
    "desk enrol": Permission.ENROL_HOUSEHOLDS,
    "desk refuse": Permission.ENROL_HOUSEHOLDS,
    "desk appoint": Permission.ENROL_HOUSEHOLDS,
    "desk bind": Permission.ENROL_HOUSEHOLDS,
    "desk spoil": Permission.ENROL_HOUSEHOLDS,
    "desk introducers": Permission.RUN_CYCLES,
    "person erase": Permission.CHANGE_HOUSEHOLDS,
    "person receipt": Permission.SEE_PROPOSALS,
    "programme collectors": Permission.RUN_CYCLES,
    "redeem": PHONE,
    "ledger check": LOCAL,
    "log verify": LOCAL,
    "log prove": LOCAL,
    "log check-proof": LOCAL,
    "receipt verify": LOCAL,
    "card decode": LOCAL,
}
