"""A challenge near its end: evidence, notes, an issued report and a signed agreement, all as real rows and files."""

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from cyber360.files.models import State, StoredFile
from cyber360.files.services import keep_bytes
from peers.onsite.models import Note
from peers.records.models import DisposalRun, RunState
from peers.records.services import approve_run, plan_runs
from peers.reports.models import IssuedReport, Report
from peers.reports.templates import load_default_template
from peers.stages import Stage
from tests.peers.evidence.conftest import make_item, make_link
from tests.people import Cast

PLAN = b"The incident plan of Northmere, word for word."


@pytest.fixture(autouse=True)
def vault_dir(settings, tmp_path):
    folder = tmp_path / "vault"
    options = {"BACKEND": "cyber360.files.storage.LocalVault", "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = {**settings.STORAGES, "vault": options}
    settings.FILES_DISK_FLOOR_MB = 1
    return folder


@pytest.fixture
def key_file(settings, tmp_path):
    """Masters in a file that the service may replace, as in a demo."""
    path = tmp_path / "secrets" / "masters"
    path.parent.mkdir()
    path.write_text("1:" + "ab" * 32)
    path.chmod(0o400)
    settings.VAULT_MASTER_KEYS, settings.VAULT_MASTER_KEYS_PATH = "", str(path)
    return path


@pytest.fixture
def ended(cast) -> Cast:
    """The cast's challenge in follow-up, its visit 400 days ago; the report's PDF lies under the evidence's old key."""
    challenge = cast.at(Stage.FOLLOW_UP)
    today = timezone.localdate()
    challenge.visit_first_day, challenge.visit_last_day = today - timedelta(days=402), today - timedelta(days=400)
    challenge.save()
    cast.item = make_item(challenge, title="Incident plan", data=PLAN, name="northmere plan.txt")
    cast.link = make_link(challenge, where="Shelf 3", who_can_open="IT")
    cast.issued = issue_report(challenge)
    for person in (cast.peer, cast.lead_peer):
        Note.objects.create(challenge=challenge, owner=person, text="What they told me.")
    return cast


def issue_report(challenge) -> IssuedReport:
    report = Report.objects.create(challenge=challenge, template=load_default_template(), state="issued")
    pdf = keep_bytes(data=b"%PDF-report", name="report.pdf", media_type="application/pdf", scope=challenge.scope)
    return IssuedReport.objects.create(
        report=report, number=f"R-{challenge.pk}", html="<p>", html_sha256=hashlib.sha256(b"<p>").hexdigest(),
        issued_at=timezone.now() - timedelta(days=350), pdf=pdf, pdf_sha256=pdf.sha256,
    )  # fmt: skip


def plan_until(kind: str) -> DisposalRun:
    """The nightly planning on the days that matter: first warning, second, the day itself."""
    today = timezone.localdate()
    for days in (0, 23, 30):
        plan_runs(today + timedelta(days=days))
    run = DisposalRun.objects.filter(kind=kind).order_by("due_on").select_related("challenge")[0]
    assert run.state == RunState.AWAITING
    return run


def approved(cast, kind: str = "evidence") -> DisposalRun:
    run = plan_until(kind)
    return approve_run(run=run, by=cast.coordinator, version=run.version, typed=cast.challenge.ref)


def quiet(_percent: int, _words: str = "") -> None:
    """What a job shows, unseen."""


def living_files(scope: str) -> int:
    return StoredFile.objects.filter(scope=scope, state=State.STORED).count()
