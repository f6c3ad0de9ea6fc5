from importlib import import_module

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.management import call_command
from django.db.models.signals import post_migrate


def _ensure_cache_table(sender, using="default", **kwargs) -> None:
    """The table of the database cache has no migration of its own; without it sign-in could not count attempts."""
    if str(settings.CACHES["default"]["BACKEND"]).endswith("DatabaseCache"):
        call_command("createcachetable", database=using, verbosity=0)


class AccountsConfig(AppConfig):
    name = "cyber360.accounts"
    label = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        if apps.is_installed("allauth.account"):
            import_module("cyber360.accounts.signals")
        post_migrate.connect(_ensure_cache_table, sender=self, dispatch_uid="accounts.cache_table")
