"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about the catalogue of facts."""

    name = "despensa.records.catalogue"
    label = "catalogue"
    default_auto_field = "django.db.models.BigAutoField"
