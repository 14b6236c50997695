"""Writes of staff and roles. Only use cases import this."""

from datetime import date
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User

from despensa.records.bulk import execute
from despensa.records.databases import REGISTRY
from despensa.records.staff.models import RoleGrant, StaffMember


class SignInTaken(ValueError):
    """Another member of staff has this sign-in name."""


def add_member(
    staff: UUID, *, username: str, password: str | None, name: str, language: str
) -> User:
    """
    Write a sign-in and the person behind it; the password is stored as Argon2id.

    Without a password nobody can sign in under it yet. Raises: SignInTaken.
    """
    if User.objects.using(REGISTRY).filter(username=username).exists():
        raise SignInTaken(f"The sign-in name {username} is taken. Choose another.")
    user = User.objects.using(REGISTRY).create(
        username=username, password=make_password(password), is_active=True
    )
    StaffMember.objects.using(REGISTRY).create(id=staff, user=user, name=name, language=language)
    return user


def set_first_password(username: str, password: str) -> bool:
    """Give a member who never had one a password; return whether they were waiting for it."""
    user = User.objects.using(REGISTRY).select_for_update().filter(username=username).first()
    if user is None or user.has_usable_password():
        return False
    user.password = make_password(password)
    user.save(using=REGISTRY, update_fields=["password"])
    return True


def grant(
    grant_id: UUID,
    *,
    staff: UUID,
    role: str,
    area: UUID | None,
    programme: UUID | None,
    from_date: date,
    until_date: date,
) -> None:
    """Write a role given to a staff member."""
    RoleGrant.objects.using(REGISTRY).create(
        id=grant_id,
        staff_id=staff,
        role=role,
        area=area,
        programme=programme,
        from_date=from_date,
        until_date=until_date,
    )


def use_code(user: int, step: int, *, oldest: int) -> bool:
    """
    Return whether a code is used for the first time; codes of steps before `oldest` are forgotten.

    Of two at once the key of the table lets one through.
    """
    execute(REGISTRY, "DELETE FROM used_code WHERE user_id = %s AND step < %s", (user, oldest))
    return (
        execute(
            REGISTRY,
            "INSERT INTO used_code (user_id, step) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (user, step),
        )
        == 1
    )


def add_command_session(secret_sha256: bytes, *, staff: UUID, expires_at: int) -> None:
    """Write a session of the command line."""
    execute(
        REGISTRY,
        "INSERT INTO command_session (secret_sha256, staff_id, expires_at) VALUES (%s, %s, %s)",
        (secret_sha256, staff, expires_at),
    )


def end_command_session(secret_sha256: bytes) -> None:
    """Remove a session of the command line."""
    execute(REGISTRY, "DELETE FROM command_session WHERE secret_sha256 = %s", (secret_sha256,))
