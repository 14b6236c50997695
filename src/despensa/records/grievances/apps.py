"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about grievances."""

    name = "despensa.records.grievances"
    label = "grievances"
    default_auto_field = "django.db.models.BigAutoField"
