"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about ledger."""

    name = "despensa.records.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
