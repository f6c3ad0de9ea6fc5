from django.core.management.base import BaseCommand

from cyber360.jobs.schedules import ensure_schedules


class Command(BaseCommand):
    help = "Create the sweep's schedule if it is missing (a migration does the same)."

    def handle(self, *args, **options) -> None:
        ensure_schedules()
