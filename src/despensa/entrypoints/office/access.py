"""
Who may enter which room: every view names one permission, and a view that names none is shut.

Source: docs/explanation/design.md, section 9.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from despensa.domain.ports.keeper import KeeperUnavailable
from despensa.domain.role import Permission
from despensa.entrypoints import wiring
from despensa.records.staff import queries

ANYONE = "anyone"
SIGNED_IN = "signed_in"
_MARK = "despensa_access"
_LOGGER = logging.getLogger(__name__)

View = Callable[..., HttpResponseBase]


def door(permission: Permission | str) -> Callable[[View], View]:
    """Mark a view with the permission it asks for (or ANYONE, SIGNED_IN)."""

    def marked(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return view(request, *args, **kwargs)

        setattr(guarded, _MARK, permission)
        return guarded

    return marked


# Doors of the sign-in library, by URL name; everything else of it is shut.
LIBRARY_DOORS: dict[str, str] = {
    "account_login": ANYONE,
    "account_logout": SIGNED_IN,
    "account_reauthenticate": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "account_inactive": ANYONE,
    "mfa_authenticate": ANYONE,
    "mfa_login_webauthn": ANYONE,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_reauthenticate_webauthn": SIGNED_IN,
    "mfa_index": SIGNED_IN,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_add_webauthn": SIGNED_IN,
    "mfa_remove_webauthn": SIGNED_IN,
    "mfa_edit_webauthn": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "set_language": ANYONE,
}


def required(request_match: Any) -> Permission | str | None:
    """Return what a resolved URL asks for, or None when it names nothing and is shut."""
    marked = getattr(request_match.func, _MARK, None)
    if marked is not None:
        return marked
    return LIBRARY_DOORS.get(request_match.url_name or "")


def without_keeper(request: HttpRequest, error: KeeperUnavailable) -> HttpResponse:
    """Return the page that says that the keeper does not answer; the server's log says where."""
    _LOGGER.error("the keeper does not answer", exc_info=error)
    return render(request, "503.html", status=503)


class AccessMiddleware:
    """Checks the permission of every request before its view runs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Wrap the rest of the request's way."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; personal pages are never kept in caches."""
        request.staff = None  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            try:
                today = wiring.tools().today()
            except KeeperUnavailable as error:
                return without_keeper(request, error)
            request.staff = queries.of_user(request.user.pk, today)  # type: ignore[attr-defined]
        response = self._get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Say calmly that the keys cannot be reached; every other fault goes its usual way."""
        return without_keeper(request, error) if isinstance(error, KeeperUnavailable) else None

    def process_view(
        self, request: HttpRequest, _view: View, _args: tuple[Any, ...], _kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Refuse what is not allowed: sign in first, or a calm page that says no."""
        needed = required(request.resolver_match)
        if needed == ANYONE:
            return None
        if needed is None:
            raise PermissionDenied
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        staff = request.staff  # type: ignore[attr-defined]
        if needed == SIGNED_IN:
            return None
        if staff is None or needed not in staff.permissions:
            raise PermissionDenied
        return None
