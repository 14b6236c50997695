"""Codes of a second factor that an authenticator would show, without waiting for them."""

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

STEP_SECONDS = 30


def next_code(secret: str) -> str:
    """Return the code after the current one, which a clock a little behind accepts already."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // STEP_SECONDS + 1)))
