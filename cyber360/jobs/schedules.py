"""The one schedule of the product: a sweep each minute, created after every migration."""

from django_q.models import Schedule

SWEEP = "cyber360.jobs.worker.sweep"


def ensure_schedules(**kwargs) -> None:
    """Create the sweep's schedule if it is missing; a changed one is put right."""
    Schedule.objects.update_or_create(
        name="sweep", defaults={"func": SWEEP, "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1}
    )
