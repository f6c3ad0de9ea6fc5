"""Asking the scanner how old its signatures are, and having kept files judged anew when they change."""

from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from cyber360.files.models import ScannerState, State, StoredFile, Verdict
from cyber360.files.scanner import scanner, signatures_day
from cyber360.files.services import CHECK_KIND, ask_for_check
from cyber360.jobs.models import Job
from cyber360.jobs.models import State as JobState

BATCH = 100
NIGHT = (22, 6)  # hours of the local day
_LOST_AFTER = timedelta(hours=2)  # a check that no job is about to do any more


def scanner_state() -> ScannerState | None:
    """What the scanner last said; None while none is connected or it was never asked."""
    return ScannerState.objects.first() if settings.CLAMD else None


def are_signatures_old(state: ScannerState | None) -> bool:
    """True with a scanner whose signatures are older than FILES_SIGNATURE_DAYS, or that does not say how old."""
    if state is None or state.failure:
        return False
    oldest = timezone.localdate() - timedelta(days=settings.FILES_SIGNATURE_DAYS)
    return state.signatures_on is None or state.signatures_on < oldest


def ask_scanner() -> ScannerState | None:
    """Ask for its version and keep the answer; an answer that does not come is kept as that. None without one."""
    if not settings.CLAMD:
        ScannerState.objects.all().delete()
        return None
    fields: dict[str, object] = {"asked_at": timezone.now(), "failure": ""}
    try:
        version = scanner().version()
    except OSError as error:
        fields["failure"] = type(error).__name__
    else:
        fields |= {"version": version, "signatures_on": signatures_day(version)}
    return ScannerState.objects.update_or_create(only=True, defaults=fields)[0]


def is_night() -> bool:
    hour = timezone.localtime().hour
    return hour >= NIGHT[0] or hour < NIGHT[1]


def recheck_changed(*, limit: int = BATCH) -> int:
    """Ask anew for files that were judged with other signatures than the scanner has now; how many were asked for.

    Files that people read already are among them. Nothing is asked while the last batch is still being done.
    """
    state = scanner_state()
    if state is None or state.failure or not state.version or _are_waiting():
        return 0
    stale = (
        StoredFile.objects.filter(state=State.STORED)
        .exclude(verdict__in=[Verdict.PENDING, Verdict.INFECTED])
        .exclude(scanner_version=state.version)
        .order_by(F("scanned_at").asc(nulls_first=True), "pk")[:limit]
    )
    return _ask_for(list(stale))


def recheck_lost(*, limit: int = BATCH) -> int:
    """Ask once more for files whose check stopped for good, or whose job is gone; how many."""
    before = timezone.now() - _LOST_AFTER
    lost = StoredFile.objects.filter(state=State.STORED, verdict=Verdict.PENDING, uploaded_at__lt=before)
    rows = list(lost.order_by("uploaded_at")[:limit])
    busy = set(
        Job.objects.filter(kind=CHECK_KIND, key__in=[f"{CHECK_KIND}:{row.pk}" for row in rows])
        .filter(state__in=[JobState.QUEUED, JobState.RUNNING])
        .values_list("key", flat=True)
    )
    return _ask_for([row for row in rows if f"{CHECK_KIND}:{row.pk}" not in busy], only_scan=False)


def _ask_for(files: list[StoredFile], *, only_scan: bool = True) -> int:
    for stored in files:
        ask_for_check(stored_file=stored, again=True, only_scan=only_scan)
    return len(files)


def _are_waiting() -> bool:
    return Job.objects.filter(kind=CHECK_KIND, state__in=[JobState.QUEUED, JobState.RUNNING]).count() >= BATCH // 2
