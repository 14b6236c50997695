"""Reads of staff and their roles for doors."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from despensa.domain.reach import Reach, Stretch
from despensa.domain.role import Permission, Role, permissions, roles_with
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


def everybody(today: date, *, reach: Reach) -> list[tuple[str, StaffView]]:
    """
    Return the members of staff who may sign in, with the sign-in name, by that name.

    Only those whose roles, whenever, all lie in reach.
    """
    rows = fetch(REGISTRY, "SELECT username FROM auth_user WHERE is_active ORDER BY username")
    found = [
        (username, of_username(username, today))
        for (username,) in rows
        if reach.is_everything or all(reach.covers(*place) for place in places_of(username))
    ]
    return [(username, view) for username, view in found if view is not None]


def holders(permission: Permission, day: date) -> list[tuple[UUID, str]]:
    """Return (id, name) of staff who have a permission somewhere on a day, by name."""
    return fetch(
        REGISTRY,
        """SELECT DISTINCT staff.id, staff.name FROM staff_member staff
           JOIN role_grant grant_ ON grant_.staff_id = staff.id
           JOIN auth_user ON auth_user.id = staff.user_id AND auth_user.is_active
           WHERE grant_.role = ANY(%s) AND grant_.from_date <= %s AND grant_.until_date > %s
           ORDER BY staff.name, staff.id""",
        ([role.value for role in roles_with(permission)], day, day),
    )


def places_of(username: str) -> list[tuple[UUID | None, UUID | None]]:
    """Return (programme, area) of every role that was ever given to a member of staff."""
    return fetch(
        REGISTRY,
        """SELECT DISTINCT grant_.programme, grant_.area FROM role_grant grant_
           JOIN staff_member staff ON staff.id = grant_.staff_id
           JOIN auth_user ON auth_user.id = staff.user_id WHERE auth_user.username = %s""",
        (username,),
    )


def names(staff: Iterable[UUID]) -> dict[UUID, str]:
    """Return the names of staff members by id."""
    return dict(
        fetch(REGISTRY, "SELECT id, name FROM staff_member WHERE id = ANY(%s)", (list(staff),))
    )


def reach_of(staff: UUID, permission: Permission, day: date) -> Reach:
    """
    Return where a member of staff has a permission on a day.

    A grant for one programme reaches the area that grant and programme share. Grants that have
    not begun or have ended reach nothing.
    """
    grants = fetch(
        REGISTRY,
        """SELECT grant_.programme, grant_.area, programme.area_id
           FROM role_grant grant_ LEFT JOIN programme ON programme.id = grant_.programme
           WHERE grant_.staff_id = %s AND grant_.role = ANY(%s)
             AND grant_.from_date <= %s AND grant_.until_date > %s
             AND (grant_.programme IS NULL OR programme.id IS NOT NULL)
           GROUP BY 1, 2, 3""",
        (staff, [role.value for role in roles_with(permission)], day, day),
    )
    named = {area for _, *areas in grants for area in areas if area is not None}
    above, is_rooted = _areas_above(named)
    roots: list[tuple[UUID | None, UUID | None]] = []
    for programme, *areas in grants:
        shared = _shared([area for area in areas if area is not None], above)
        if shared is not _APART:
            roots.append((programme, shared))
    inside = _areas_inside({root for _, root in roots if root is not None and not is_rooted(root)})
    return Reach(
        tuple(
            Stretch(programme, None)
            if root is None or is_rooted(root)
            else Stretch(programme, inside[root], above[root])
            for programme, root in roots
        )
    )


_APART = UUID(int=0)


def _shared(areas: list[UUID], above: dict[UUID, frozenset[UUID]]) -> UUID | None:
    """Return the area that nested areas share: the innermost; `_APART` when they are not nested."""
    innermost: UUID | None = None
    for area in areas:
        if innermost is None or innermost in above.get(area, frozenset()):
            innermost = area
        elif area != innermost and area not in above.get(innermost, frozenset()):
            return _APART
    return innermost


def _areas_above(
    areas: set[UUID],
) -> tuple[dict[UUID, frozenset[UUID]], Callable[[UUID], bool]]:
    """Return what each area lies in, and what says whether an area is the whole workspace."""
    rows = fetch(
        REGISTRY,
        """WITH RECURSIVE up AS (
               SELECT id AS start, id, parent_id FROM area WHERE id = ANY(%s)
               UNION ALL SELECT up.start, area.id, area.parent_id
               FROM area JOIN up ON area.id = up.parent_id)
           SELECT start, array_agg(id) FROM up GROUP BY start""",
        (list(areas),),
    )
    tops = [area for (area,) in fetch(REGISTRY, "SELECT id FROM area WHERE parent_id IS NULL")]
    return {start: frozenset(line) - {start} for start, line in rows}, lambda area: tops == [area]


def _areas_inside(areas: set[UUID]) -> dict[UUID, frozenset[UUID]]:
    if not areas:
        return {}
    rows = fetch(
        REGISTRY,
        """WITH RECURSIVE down AS (
               SELECT id AS start, id FROM area WHERE id = ANY(%s)
               UNION ALL SELECT down.start, area.id
               FROM area JOIN down ON area.parent_id = down.id)
           SELECT start, array_agg(id) FROM down GROUP BY start""",
        (list(areas),),
    )
    return {area: frozenset() for area in areas} | {start: frozenset(ids) for start, ids in rows}


def _one(where: str, value: object, today: date) -> StaffView | None:
    rows = fetch(REGISTRY, f"{_STAFF} {where} GROUP BY staff.id", (today, today, value))
    if not rows:
        return None
    staff, name, language, roles = rows[0]
    return StaffView(staff, name, language, tuple(Role(role) for role in roles))
