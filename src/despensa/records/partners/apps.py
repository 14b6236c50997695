"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about partners."""

    name = "despensa.records.partners"
    label = "partners"
    default_auto_field = "django.db.models.BigAutoField"
