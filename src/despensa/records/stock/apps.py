"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about the goods that lie at the points."""

    name = "despensa.records.stock"
    label = "stock"
    default_auto_field = "django.db.models.BigAutoField"
