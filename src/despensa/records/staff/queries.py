"""Reads of staff and their roles for doors."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.domain.role import Permission, Role, permissions
from despensa.records.bulk import fetch
from despensa.records.databases import REGISTRY


@dataclass(frozen=True, slots=True)
class StaffView:
    """A staff member with the roles held on a day."""

    id: UUID
    name: str
    language: str
    roles: tuple[Role, ...]

    @property
    def permissions(self) -> frozenset[Permission]:
        """Return what the roles together allow."""
        return permissions(self.roles)


_STAFF = """
    SELECT staff.id, staff.name, staff.language,
           coalesce(array_agg(role.role ORDER BY role.role)
                    FILTER (WHERE role.from_date <= %s AND role.until_date > %s), '{}')
    FROM staff_member staff JOIN auth_user ON auth_user.id = staff.user_id
    LEFT JOIN role_grant role ON role.staff_id = staff.id
    WHERE auth_user.is_active AND
"""


def of_user(user_id: int, today: date) -> StaffView | None:
    """Return the staff member behind a sign-in, or None."""
    return _one("staff.user_id = %s", user_id, today)


def of_username(username: str, today: date) -> StaffView | None:
    """Return the staff member with a sign-in name, or None."""
    return _one("auth_user.username = %s", username, today)


def of_command_session(secret_sha256: bytes, today: date, now: int) -> StaffView | None:
    """Return who holds an unexpired command-line session, or None."""
    rows = fetch(
        REGISTRY,
        "SELECT staff_id FROM command_session WHERE secret_sha256 = %s AND expires_at > %s",
        (secret_sha256, now),
    )
    return _one("staff.id = %s", rows[0][0], today) if rows else None


def everybody(today: date) -> list[tuple[str, StaffView]]:
    """Return every member of staff who may sign in, with the sign-in name, by that name."""
    rows = fetch(REGISTRY, "SELECT username FROM auth_user WHERE is_active ORDER BY username")
    found = [(username, of_username(username, today)) for (username,) in rows]
    return [(username, view) for username, view in found if view is not None]


def names(staff: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of staff members by id."""
    return dict(
        fetch(REGISTRY, "SELECT id, name FROM staff_member WHERE id = ANY(%s)", (list(staff),))
    )


def _one(where: str, value: object, today: date) -> StaffView | None:
    rows = fetch(REGISTRY, f"{_STAFF} {where} GROUP BY staff.id", (today, today, value))
    if not rows:
        return None
    staff, name, language, roles = rows[0]
    return StaffView(staff, name, language, tuple(Role(role) for role in roles))
