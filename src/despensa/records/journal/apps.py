"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about journal."""

    name = "despensa.records.journal"
    label = "journal"
    default_auto_field = "django.db.models.BigAutoField"
