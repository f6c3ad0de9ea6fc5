import io
import json

import pikepdf
import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.audit.services import verify_scope
from cyber360.exceptions import BadInput, NotNow
from cyber360.files import destruction, keys
from cyber360.files.cipher import DamagedFile
from cyber360.files.models import DestroyedScope, State, StoredFile, VaultKey
from cyber360.files.services import open_for_reading
from cyber360.jobs.models import Job
from cyber360.notify.models import OutboxMail
from peers.acts import Act
from peers.evidence.models import EvidenceItem, Reuse, Unpacking
from peers.onsite.models import Note
from peers.records import services
from peers.records.models import DisposalCertificate, DisposalRun, RunState
from peers.records.services import certificates, disposing
from peers.reports.models import IssuedReport
from peers.scoring.models import Score
from peers.stages import Stage
from tests.peers.evidence.conftest import make_item, make_link

from .conftest import PLAN, approved, living_files, plan_until, quiet

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The process ends here."""


def dispose(run: DisposalRun) -> DisposalRun:
    services.dispose(run_id=run.pk, show=quiet)
    return DisposalRun.objects.get(pk=run.pk)


def read(stored: StoredFile) -> bytes:
    return b"".join(open_for_reading(StoredFile.objects.get(pk=stored.pk)))


# --- the whole ---------------------------------------------------------------------------------
def test_evidence_goes_and_the_report_stays(ended, key_file):
    run = dispose(approved(ended))
    assert run.state == RunState.DONE
    challenge = ended.challenge
    challenge.refresh_from_db()
    assert challenge.evidence_disposed_at == run.destroyed_at
    stored = ended.item.current.stored_file
    stored.refresh_from_db()
    assert stored.state == State.GONE
    assert not VaultKey.objects.filter(scope=challenge.scope).exists()
    with pytest.raises(NotNow):
        read(stored)
    report = IssuedReport.objects.get().pdf
    assert (report.scope, read(report)) == (challenge.record_scope, b"%PDF-report")
    assert verify_scope(challenge.scope) is None
    done = AuditEvent.objects.get(act=Act.DISPOSAL_DONE)
    assert done.detail["certificate"] == DisposalCertificate.objects.get().label


def test_words_on_the_evidence_go_and_titles_stay(ended, key_file):
    dispose(approved(ended))
    item, link = EvidenceItem.objects.get(pk=ended.item.pk), EvidenceItem.objects.get(pk=ended.link.pk)
    assert (item.title, item.shows) == ("Incident plan", "")
    assert (link.title, link.url, link.where, link.who_can_open) == ("Intranet page", disposing.NOWHERE, "", "")
    assert StoredFile.objects.get(pk=item.current.stored_file_id).name == "disposed-of"


def test_pages_say_that_it_is_gone_and_offer_nothing_more(ended, key_file):
    """A withdrawn link counts on the certificate: its address goes as well."""
    old = make_link(ended.challenge, title="Old page")
    EvidenceItem.objects.filter(pk=old.pk).update(
        state="withdrawn", withdrawn_reason="It moved.", withdrawn_at=timezone.now()
    )
    run, ref = dispose(approved(ended)), ended.challenge.ref
    assert run.facts["takes"]["links"] == 2
    certificate = reverse("records:certificate", args=[ref, run.certificate.pk])
    for person in (ended.host_lead, ended.coordinator):
        client = ended.client_for(person)
        page = client.get(reverse("evidence:list", args=[ref]), {"by": "item"}).content.decode()
        assert f'href="{certificate}"' in page
        assert "was disposed of on" in page
        assert page.count("Disposed of") == 2
        assert "takes nothing away" not in page
        assert "may take" not in page
        assert reverse("evidence:policy", args=[ref]) not in page
        link = client.get(reverse("evidence:item", args=[ref, ended.link.pk])).content.decode()
        assert "Disposed of" in link
        assert "The council sees when" not in page + link
    policy = ended.client_for(ended.host_lead).get(reverse("evidence:policy", args=[ref]))
    assert policy.status_code == 403
    assert "was disposed of" in policy.content.decode()


def test_names_of_archives_and_sentences_on_older_evidence_go(ended, key_file):
    challenge, item = ended.challenge, ended.item
    Unpacking.objects.create(challenge=challenge, name="tower.zip", left_out=[["plan.exe", "A program."]])
    item.taken_from_ref, item.still_true = "C360-2020-001", "Nothing has changed."
    item.save()
    Reuse.objects.create(challenge=challenge, title="Plan", still_true="Nothing has changed.")
    later = Reuse.objects.create(
        challenge=ended.other_challenge, source=item, item=make_item(ended.other_challenge), title="Plan",
        still_true="It holds.", state="done",
    )  # fmt: skip
    run = dispose(approved(ended))
    item.refresh_from_db()
    assert (item.still_true, Unpacking.objects.count()) == ("", 0)
    assert Reuse.objects.get() == later
    assert run.facts["copies"]["taken_over"] == 1
    assert "took over into a later challenge" in run.certificate.html


def test_neither_files_nor_rows_hold_a_word_of_it(ended, key_file, vault_dir, django_capture_on_commit_callbacks):
    run = approved(ended)
    with django_capture_on_commit_callbacks(execute=True):
        dispose(run)
    call_command("dumpdata", "files", output=str(vault_dir.parent / "rows.json"))
    rows = (vault_dir.parent / "rows.json").read_text()
    assert "northmere plan" not in rows
    kept = {path.name for path in vault_dir.glob("*/*")}
    assert kept == {str(stored.pk) for stored in StoredFile.objects.filter(state=State.STORED)}


def test_notes_and_private_comments_go(ended):
    question = ended.questions[0]
    Score.objects.create(challenge=ended.challenge, question=question, owner=ended.peer, level=2, comment="Shaky.")
    run = dispose(approved(ended, "notes"))
    assert run.state == RunState.DONE
    assert not Note.objects.exists()
    assert Score.objects.get().comment == ""
    assert run.facts["takes"] == {"notes": 2, "people": 2, "comments": 1, "judgements": 0}
    assert living_files(ended.challenge.scope) == 2  # the evidence and the report's PDF
    assert ended.challenge.evidence_items.exclude(shows="").exists()


# --- killed anywhere -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("module", "name"),
    [
        (disposing, "facts_of"),
        (disposing, "move_to_scope"),
        (disposing, "destroy_scope"),
        (destruction, "_empty_rows"),
        (destruction, "_remove_files"),
        (disposing, "_wait"),
        (disposing, "retire_master"),
        (keys, "rotate_masters"),
        (disposing, "_finish"),
        (certificates, "_html"),
    ],
)
def test_a_run_that_is_killed_goes_on_and_what_stays_is_readable_throughout(ended, key_file, monkeypatch, module, name):
    def die(*_args, **_kwargs):
        raise Killed

    run = approved(ended)
    monkeypatch.setattr(module, name, die)
    with pytest.raises(Killed):
        dispose(run)
    monkeypatch.undo()
    assert read(IssuedReport.objects.get().pdf) == b"%PDF-report"
    assert not DisposalCertificate.objects.exists()
    assert dispose(run).state == dispose(run).state == RunState.DONE
    assert read(IssuedReport.objects.get().pdf) == b"%PDF-report"
    assert DisposalCertificate.objects.count() == 1
    assert DisposalRun.objects.get(pk=run.pk).facts["takes"]["files"] == 1


# --- the master of the environment ----------------------------------------------------------------
def test_a_run_waits_for_the_administrator_and_goes_on_by_itself(ended, settings):
    run = dispose(approved(ended))
    assert run.state == RunState.WAITING_FOR_MASTER
    assert not DisposalCertificate.objects.exists()
    mail = OutboxMail.objects.get(kind="master")
    assert (mail.to, mail.link) == (ended.administrator, "/settings/master-key/")
    assert dispose(run).state == RunState.WAITING_FOR_MASTER
    assert services.go_on_when_retired() == 0
    old = settings.VAULT_MASTER_KEYS
    settings.VAULT_MASTER_KEYS = "2:" + "cd" * 32 + f",{old}"
    call_command("rotate_vault_master")
    assert services.go_on_when_retired() == 0
    settings.VAULT_MASTER_KEYS = "2:" + "cd" * 32
    assert services.go_on_when_retired() == 1
    assert dispose(run).state == RunState.DONE
    assert read(IssuedReport.objects.get().pdf) == b"%PDF-report"


# --- what stops it ---------------------------------------------------------------------------------
def test_nothing_runs_unapproved(ended):
    run = plan_until("evidence")
    assert dispose(run).state == RunState.AWAITING
    assert read(ended.item.current.stored_file) == PLAN


def test_a_hold_that_comes_after_approval_stops_it(ended, key_file):
    run = approved(ended)
    services.set_hold(challenge=ended.challenge, by=ended.coordinator, reason="A claim.")
    run = dispose(run)
    assert (run.state, run.approved_at) == (RunState.HELD, None)
    assert read(ended.item.current.stored_file) == PLAN


def test_a_hold_in_the_last_moment_stops_it(ended, key_file, monkeypatch):
    run, real = approved(ended), disposing.destroy_scope

    def late(*args, **kwargs):
        services.set_hold(challenge=ended.challenge, by=ended.coordinator, reason="A claim.")
        return real(*args, **kwargs)

    monkeypatch.setattr(disposing, "destroy_scope", late)
    assert dispose(run).state == RunState.HELD
    assert read(ended.item.current.stored_file) == PLAN
    assert not DestroyedScope.objects.exists()


def test_approval_asks_for_the_reference_the_stage_and_the_day(ended):
    run = plan_until("evidence")
    with pytest.raises(BadInput):
        services.approve_run(run=run, by=ended.coordinator, version=run.version, typed="C360")
    ended.at(Stage.DRAFTING)
    with pytest.raises(NotNow, match="not issued"):
        services.approve_run(run=run, by=ended.coordinator, version=run.version, typed=ended.challenge.ref)
    ended.at(Stage.FOLLOW_UP)
    DisposalRun.objects.update(state=RunState.WARNED)
    with pytest.raises(NotNow, match="due on"):
        services.approve_run(run=run, by=ended.coordinator, version=run.version, typed=ended.challenge.ref)
    assert not Job.objects.filter(kind=disposing.DISPOSE).exists()


def test_approving_twice_is_one_job(ended):
    run = approved(ended)
    services.approve_run(run=run, by=ended.coordinator, version=run.version, typed=ended.challenge.ref)
    assert Job.objects.filter(kind=disposing.DISPOSE).count() == 1
    assert AuditEvent.objects.filter(act=Act.DISPOSAL_APPROVE).count() == 1


def test_another_councils_evidence_is_untouched(ended, key_file):
    other = make_item(ended.other_challenge, data=b"Southmere")
    dispose(approved(ended))
    assert read(other.current.stored_file) == b"Southmere"


# --- certificates ----------------------------------------------------------------------------------
def test_the_certificate_names_hashes_people_keys_and_what_it_does_not_cover(ended, key_file):
    dispose(approved(ended))
    row = DisposalCertificate.objects.get()
    stored = ended.item.current.stored_file
    assert row.label == "C360-D-0001"
    key = f"evidence (number {ended.challenge.pk})"
    said = [stored.sha256[:32], stored.sha256[32:], "Incident plan", ended.coordinator.full_name, key]
    for words in [*said, "Copies that people took away"]:
        assert words in row.html
    assert "northmere plan" not in row.html


def test_certificates_are_numbered_without_gaps(ended, key_file):
    with pytest.raises(RuntimeError):
        _fail_once(ended)
    dispose(DisposalRun.objects.get(kind="notes"))
    dispose(approved(ended))
    assert list(DisposalCertificate.objects.values_list("number", flat=True)) == [1, 2]


def _fail_once(cast) -> None:
    """A certificate is written and taken back with its transaction."""
    run = approved(cast, "notes")
    with pytest.MonkeyPatch.context() as patch:

        def fail(*_args, **_kwargs):
            raise RuntimeError

        patch.setattr(certificates, "ask_for_pdf", fail)
        dispose(run)


@pytest.mark.slow
def test_the_certificate_is_a_tagged_pdf_kept_with_what_stays(ended, key_file):
    dispose(approved(ended))
    row = DisposalCertificate.objects.get()
    certificates.make_pdf(certificate_id=row.pk, show=quiet)
    certificates.make_pdf(certificate_id=row.pk, show=quiet)
    row.refresh_from_db()
    assert row.pdf.scope == ended.challenge.record_scope
    with pikepdf.open(io.BytesIO(read(row.pdf))) as document:
        assert document.Root.MarkInfo.Marked
        assert len(document.Root.StructTreeRoot.K) > 0


def test_facts_are_json_and_count_what_is_kept_now(ended):
    facts = disposing.facts_of(plan_until("evidence"))
    assert json.loads(json.dumps(facts)) == facts
    assert facts["takes"] == {"items": 1, "links": 1, "files": 1, "bytes": len(PLAN)}


def test_reading_a_disposed_file_says_so_and_breaks_nothing(ended, key_file):
    dispose(approved(ended))
    with pytest.raises(DamagedFile):
        keys.existing_key(ended.challenge.scope)
    with pytest.raises(NotNow, match="disposed of"):
        keys.key_for(ended.challenge.scope)
