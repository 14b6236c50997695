"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about proposals."""

    name = "despensa.records.proposals"
    label = "proposals"
    default_auto_field = "django.db.models.BigAutoField"
