"""Settings of the queue under which a job would run twice at once or be lost, refused at start."""

from django.conf import settings
from django.core import checks


@checks.register()
def queue_settings(app_configs, **kwargs) -> list[checks.CheckMessage]:
    """django-q hands a task out again after `retry` seconds, whether or not it still runs."""
    queue = settings.Q_CLUSTER
    found: list[checks.CheckMessage] = []
    if queue.get("retry", 60) <= (queue.get("timeout") or float("inf")):
        found.append(checks.Error("Q_CLUSTER['retry'] must be longer than Q_CLUSTER['timeout'].", id="jobs.E001"))
    if not queue.get("ack_failures"):
        found.append(checks.Error("Q_CLUSTER['ack_failures'] must be on: Job decides about retries.", id="jobs.E002"))
    if queue.get("orm") is None:
        found.append(checks.Error("Q_CLUSTER['orm'] must be set: other brokers lose tasks.", id="jobs.E003"))
    if not settings.JOB_LEASE_SECONDS > 0:
        found.append(checks.Error("JOB_LEASE_SECONDS must be above 0.", id="jobs.E004"))
    return found
