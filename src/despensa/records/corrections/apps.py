"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about corrections."""

    name = "despensa.records.corrections"
    label = "corrections"
    default_auto_field = "django.db.models.BigAutoField"
