"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about payments."""

    name = "despensa.records.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"
