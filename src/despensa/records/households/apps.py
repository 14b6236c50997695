"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about households."""

    name = "despensa.records.households"
    label = "households"
    default_auto_field = "django.db.models.BigAutoField"
