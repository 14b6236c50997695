"""
Which app lives in which database. An app never changes database.

Source: docs/explanation/design.md, section 5.
"""

from typing import Any

REGISTRY = "registry"
LEDGER = "ledger"

REGISTRY_APPS = frozenset(
    {
        "registry", "catalogue", "cards", "programmes", "households", "corrections", "enrolment",
        "partners", "payees", "releases", "duplicates", "children", "grievances", "wallet", "staff", "proposals", "journal",
        "auth", "contenttypes", "sessions", "account", "mfa",
    }
)  # fmt: skip
LEDGER_APPS = frozenset(
    {"service_points", "redemption", "ledger", "payments", "stock", "ledger_journal"}
)
DATABASE_NUMBER = {REGISTRY: 1, LEDGER: 2}


class UnplacedApp(RuntimeError):
    """An app was installed that no database was chosen for."""


class Router:
    """Sends each app to its own database, and refuses an app without one."""

    def db_for_read(self, model: Any, **_hints: Any) -> str:
        """Return the database alias of a model."""
        return database_of(model._meta.app_label)

    def db_for_write(self, model: Any, **_hints: Any) -> str:
        """Return the database alias of a model."""
        return database_of(model._meta.app_label)

    def allow_relation(self, one: Any, other: Any, **_hints: Any) -> bool:
        """Allow relations inside one database only."""
        return database_of(one._meta.app_label) == database_of(other._meta.app_label)

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:
        """Migrate an app in its own database only."""
        return database_of(app_label) == db


def database_of(app_label: str) -> str:
    """
    Return the database alias of an app.

    Raises: UnplacedApp when the app has no place yet.
    """
    if app_label in REGISTRY_APPS:
        return REGISTRY
    if app_label in LEDGER_APPS:
        return LEDGER
    raise UnplacedApp(f"app {app_label} has no database: place it in records/databases.py")
