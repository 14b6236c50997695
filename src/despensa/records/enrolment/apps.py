"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about enrolment at the desk."""

    name = "despensa.records.enrolment"
    label = "enrolment"
    default_auto_field = "django.db.models.BigAutoField"
