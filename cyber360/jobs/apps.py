from importlib import import_module

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


def _ensure_schedules(sender, **kwargs) -> None:
    # Not at import: django_q's models are not ready while this file is read.
    import_module("cyber360.jobs.schedules").ensure_schedules()


class JobsConfig(AppConfig):
    name = "cyber360.jobs"
    label = "jobs"
    verbose_name = "Jobs"

    def ready(self) -> None:
        import_module("cyber360.jobs.checks")
        # sender: django_q comes later in INSTALLED_APPS, so its tables stand when its own signal comes.
        post_migrate.connect(_ensure_schedules, sender=apps.get_app_config("django_q"), dispatch_uid="jobs.sweep")
