"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about records of one person registered twice."""

    name = "despensa.records.duplicates"
    label = "duplicates"
    default_auto_field = "django.db.models.BigAutoField"
