"""The demo's staff: invented people with real passwords and second factors."""

import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from despensa.domain.role import Role
from despensa.entrypoints.second_factor import add_totp
from despensa.entrypoints.wiring import Tools
from despensa.usecases.add_staff import NewStaff, add_staff

_CAST = (
    ("ana", "Ana Molina", "es", (Role.REGISTRAR,)),
    ("jorge", "Jorge Ríos", "es", (Role.PROGRAMME_MANAGER,)),
    ("nour", "Nour Haddad", "ar", (Role.APPROVER,)),
    ("lucia", "Lucía Vera", "es", (Role.POINT_LEAD,)),
    ("samir", "Samir Aziz", "en", (Role.AUDITOR,)),
)
_WORDS = "maize river lamp stone cloud bread olive paper wheat honey cedar clay salt leaf".split()


@dataclass(frozen=True, slots=True)
class Player:
    """One member of the demo's staff, with what is needed to sign in as them."""

    id: UUID
    username: str
    password: str = field(repr=False)
    totp_secret: str = field(repr=False)
    name: str
    roles: tuple[Role, ...]


def hire(tools: Tools, area: UUID) -> dict[str, Player]:
    """Return the demo's staff by sign-in name, each with a password made for this run."""
    today = tools.today()
    until = date.fromordinal(today.toordinal()) + timedelta(days=365)
    players = {}
    for username, name, language, roles in _CAST:
        password = "-".join(secrets.choice(_WORDS) for _ in range(4))
        staff = add_staff(
            NewStaff(username, password, name, language, roles, area, today, until),
            acting=tools.acting(None),
        )
        secret = add_totp(username)
        players[username] = Player(staff, username, password, secret, name, roles)
    return players
