"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about staff."""

    name = "despensa.records.staff"
    label = "staff"
    default_auto_field = "django.db.models.BigAutoField"
