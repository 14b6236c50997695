"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about redemption."""

    name = "despensa.records.redemption"
    label = "redemption"
    default_auto_field = "django.db.models.BigAutoField"
