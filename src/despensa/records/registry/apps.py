"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about registry."""

    name = "despensa.records.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"
