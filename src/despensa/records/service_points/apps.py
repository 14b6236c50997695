"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about service points."""

    name = "despensa.records.service_points"
    label = "service_points"
    default_auto_field = "django.db.models.BigAutoField"
