"""App configuration."""

from django.apps import AppConfig


class Config(AppConfig):
    """Tables about identity cards in wallets."""

    name = "despensa.records.wallet"
    label = "wallet"
    default_auto_field = "django.db.models.BigAutoField"
