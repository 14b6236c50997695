"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about programmes."""

    name = "despensa.records.programmes"
    label = "programmes"
    default_auto_field = "django.db.models.BigAutoField"
