"""Sign-in accounts are made by the security officer; nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAccounts(DefaultAccountAdapter):
    """Closes signing up."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Return that nobody may sign up."""
        return False
