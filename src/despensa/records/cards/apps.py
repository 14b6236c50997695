"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about cards."""

    name = "despensa.records.cards"
    label = "cards"
    default_auto_field = "django.db.models.BigAutoField"
