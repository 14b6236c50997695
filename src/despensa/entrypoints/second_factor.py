"""
Password and code: who approves without a passkey is confirmed by both, within five minutes.

A code is used once, whichever process it is typed into: the registry remembers its step of time.
Source: RFC 6238, section 5.2.
"""

from uuid import UUID

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    compare_user_code,
    decrypt,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import User

from despensa.records.databases import REGISTRY
from despensa.records.staff.models import StaffMember
from despensa.usecases.use_code import use_code


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
    is_code_right = authenticator is not None and spend(authenticator, code)
    is_password_right = check_password(password, member.user.password)
    if not (is_code_right and is_password_right):
        raise NotConfirmed("The password or the code is not right. Codes are used once: wait 30 s.")


def spend(authenticator: Authenticator, code: str) -> bool:
    """Return whether this is a code of now that was never used; from now on it is used."""
    secret = decrypt(authenticator.data["secret"])
    for step in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return use_code(authenticator.user_id, step)
    return False


def current_code(secret: str) -> str:
    """Return the code a person's authenticator shows now, for the demo's invented staff."""
    # the library names the counters around now, the earliest first: that code is about to run out
    around = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(secret, around[len(around) // 2])))


class _SpendsCode(BaseAuthenticateForm):
    """The library remembers used codes for one process and half a minute; the registry does not."""

    def clean_code(self) -> str:
        """Return the code, spent."""
        code: str = super().clean_code()
        is_code = self.authenticator.type == Authenticator.Type.TOTP
        if is_code and not spend(self.authenticator, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SignInForm(_SpendsCode, AuthenticateForm):
    """The second factor at signing in."""


class AgainForm(_SpendsCode, ReauthenticateForm):
    """The second factor asked again before something grave."""
