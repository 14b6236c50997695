"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about payees."""

    name = "despensa.records.payees"
    label = "payees"
    default_auto_field = "django.db.models.BigAutoField"
