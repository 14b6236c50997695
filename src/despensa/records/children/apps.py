"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about child cycles, what a purpose gave in a month, and recurring schedules."""

    name = "despensa.records.children"
    label = "children"
    default_auto_field = "django.db.models.BigAutoField"
