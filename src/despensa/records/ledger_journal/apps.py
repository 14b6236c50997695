"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about ledger journal."""

    name = "despensa.records.ledger_journal"
    label = "ledger_journal"
    default_auto_field = "django.db.models.BigAutoField"
