"""The Django app that carries the office's templates, static files and words."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class OfficeConfig(AppConfig):
    """Make Django find the office's templates before those of allauth: list this app first."""

    name = "despensa.entrypoints.office"
    label = "office"
    verbose_name = gettext_lazy("Office")
