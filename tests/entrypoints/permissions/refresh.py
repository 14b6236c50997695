"""
Write permissions.toml anew from what the code says: python -m tests.entrypoints.permissions.refresh

The table is worth what its reviewer saw: look at every changed line before it is committed.
"""

import json
import os
from pathlib import Path

from tests.entrypoints.permissions.walk import COLUMNS, METHODS, addresses, commands, operations

TABLE = Path(__file__).parent / "permissions.toml"
HEAD = """# Who may pass which door: reviewed by eye, compared with the code and tried cell by cell.
# One letter a column, in this order; y passes the lock, - is refused. A method that a door does
# not know is answered 405 behind the lock.
# Written by `python -m tests.entrypoints.permissions.refresh`; look at every line that changed.
"""


# Stricter than the lock at the door, decided behind it: who may do what the form asks.
STRICTER = {
    "POST /cycles/": "run_cycles",
    "POST /cycles/<uuid:cycle_id>/": "run_cycles",
}
# The library sends whoever has not begun to sign in to the sign-in page.
AFTER_PASSWORD = ("mfa_authenticate", "mfa_login_webauthn")


def cells(lock: object) -> str:
    """Return the row of a lock: anyone, signed_in, local, phone, a permission, or None (shut)."""
    from despensa.domain.role import PERMISSIONS, Role

    by_role = {role.value: PERMISSIONS[role] for role in Role}
    open_to = {
        "anyone": set(COLUMNS),
        "local": set(COLUMNS),
        "phone": set(COLUMNS),
        "signed_in": set(COLUMNS) - {"anonymous"},
        None: set(),
    }
    allowed = open_to.get(lock, {name for name, held in by_role.items() if lock in held})
    return "".join("y" if column in allowed else "-" for column in COLUMNS)


def render() -> str:
    """Return the table as the code has it."""
    from django.urls import resolve

    from despensa.entrypoints.api.urls import LOCKS
    from despensa.entrypoints.cli.doors import DOORS
    from despensa.entrypoints.office.access import required

    lines = [HEAD, f"columns = {json.dumps(COLUMNS)}", "", "[url]"]
    width = max(len(one.route) for one in addresses()) + 8
    for one in addresses():
        for method in METHODS:
            lock = STRICTER.get(f"{method} {one.route}", required(resolve(one.path)))
            row = cells("signed_in" if one.name in AFTER_PASSWORD else lock)
            lines.append(f"{_key(method, one.route):{width}} = {row!r}")
    lines += ["", "# Without the token of a form nothing may be posted, but here:", ""]
    lines += ["[without_token]", '"/api/v1/device/events" = "signed by the phone"']
    lines += [
        f'"{what.split()[1]}" = "signed by the partner, or nothing is taken in there"'
        for name, what in operations().items()
        if name.startswith("partner_")
    ]
    lines += [
        f'"/wallet/{what}" = "holds a code, a token or nothing; no cookie is looked at"'
        for what in ("token", "nonce", "credential")
    ]
    lines += ["", "[operation]"]
    lines += [f'{name:{width}} = "{LOCKS[name]} {what}"' for name, what in operations().items()]
    lines += ["", "[command]"]
    for name in sorted({*commands(), "import --dry-run"}):
        lines.append(f"{json.dumps(name):{width}} = {cells(DOORS.get(name))!r}")
    return "\n".join(lines) + "\n"


def _key(method: str, route: str) -> str:
    return json.dumps(f"{method} {route}")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "despensa.config.settings")
    import django

    django.setup()
    TABLE.write_text(render(), encoding="utf-8")
