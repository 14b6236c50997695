"""
Confirming a person: password and time-based code, as a door asks for them before an approval.

The codes are django-allauth's; a code is used once. Source: RFC 6238.
"""

from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import User

from despensa.records.databases import REGISTRY
from despensa.records.staff.models import StaffMember


class NotConfirmed(PermissionError):
    """Password or code are wrong; the text does not say which."""


def add_totp(username: str) -> str:
    """Return the new secret of a user's second factor, in base32."""
    secret: str = generate_totp_secret()
    TOTP.activate(User.objects.using(REGISTRY).get(username=username), secret)
    return secret


def confirm(staff: UUID, password: str, code: str) -> None:
    """
    Confirm that the person acting is this member of staff.

    Raises: NotConfirmed.
    """
    member = StaffMember.objects.using(REGISTRY).select_related("user").get(id=staff)
    authenticator = Authenticator.objects.filter(
        user=member.user, type=Authenticator.Type.TOTP
    ).first()
    # the code first: hashing the password takes long enough for the code to run out meanwhile
    is_code_right = authenticator is not None and authenticator.wrap().validate_code(code)
    is_password_right = check_password(password, member.user.password)
    if not (is_code_right and is_password_right):
        raise NotConfirmed("The password or the code is not right. Codes are used once: wait 30 s.")


def current_code(secret: str) -> str:
    """Return the code a person's authenticator shows now, for the demo's invented staff."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))
