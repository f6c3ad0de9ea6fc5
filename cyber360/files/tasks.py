"""What the worker does with files."""

from django.core.cache import cache

from cyber360.files.rechecks import ask_scanner, is_night, recheck_changed, recheck_lost
from cyber360.files.resumable import finishing, uploads
from cyber360.files.resumable.parts import FINISH_KIND
from cyber360.files.services import CHECK_KIND, check_and_scan, delete_unanswered, sweep_orphans
from cyber360.jobs.services import handler, sweeper

_SWEEP_SECONDS = 3600
_BATCH_SECONDS = 600
_DAY_SECONDS = 86_400


@handler(CHECK_KIND)
def check(job) -> dict:
    """Payload: `{"file_id": "<uuid>"}`, with `again` and `only_scan` when it is asked for once more."""
    asked = {name: bool(job.payload.get(name)) for name in ("again", "only_scan")}
    stored = check_and_scan(file_id=job.payload["file_id"], **asked)
    return {"verdict": stored.verdict}


@sweeper
def sweep() -> None:
    """Listing the whole store is dear in a bucket: once an hour is enough."""
    if cache.add("files.sweep", 1, _SWEEP_SECONDS):
        sweep_orphans()


@handler(FINISH_KIND)
def finish_upload(job) -> dict:
    """Payload: `{"upload": "<uuid>"}`."""
    upload = finishing.finish(job.payload["upload"])
    return {"state": upload.state if upload else "over"}


@sweeper
def sweep_uploads() -> None:
    uploads.sweep()


@sweeper
def sweep_checks() -> None:
    """Once an hour: how old are the signatures, and who did not answer. At night batches of files are judged anew."""
    if cache.add("files.scanner", 1, _SWEEP_SECONDS):
        ask_scanner()
        delete_unanswered()
    if is_night() and cache.add("files.recheck", 1, _BATCH_SECONDS):
        recheck_changed()
    if cache.add("files.lost", 1, _DAY_SECONDS):
        recheck_lost()
