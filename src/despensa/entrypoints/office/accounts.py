"""Sign-in accounts are made by the security officer; nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from despensa.entrypoints.office.words import WRONG_CODE, WRONG_SIGN_IN


class ClosedAccounts(DefaultAccountAdapter):
    """Closes signing up, and says in our words what did not fit."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG_SIGN_IN,
    }

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Return that nobody may sign up."""
        return False


class SecondFactors(DefaultMFAAdapter):
    """Says in our words that a code did not fit, and what to do."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": WRONG_CODE}
