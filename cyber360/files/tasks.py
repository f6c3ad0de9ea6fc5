"""What the worker does with files."""

from django.core.cache import cache

from cyber360.files.services import CHECK_KIND, check_and_scan, sweep_orphans
from cyber360.jobs.services import handler, sweeper

_SWEEP_SECONDS = 3600


@handler(CHECK_KIND)
def check(job) -> dict:
    """Payload: `{"file_id": "<uuid>"}`."""
    stored = check_and_scan(file_id=job.payload["file_id"])
    return {"verdict": stored.verdict}


@sweeper
def sweep() -> None:
    """Listing the whole store is dear in a bucket: once an hour is enough."""
    if cache.add("files.sweep", 1, _SWEEP_SECONDS):
        sweep_orphans()
