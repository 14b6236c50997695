"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about what leaves the system by proposal."""

    name = "despensa.records.releases"
    label = "releases"
    default_auto_field = "django.db.models.BigAutoField"
