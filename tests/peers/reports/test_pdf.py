"""The PDF of an issued report: tags, words, pages, bytes; and the job that makes it, whatever happens to its worker."""

import io
import itertools
import re
import shutil
import subprocess
from datetime import timedelta
from html import unescape

import pikepdf
import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from pikepdf import Name

from cyber360.audit.models import AuditEvent
from cyber360.files.models import StoredFile
from cyber360.files.services import open_for_reading
from cyber360.jobs import worker
from cyber360.jobs.models import Job, State
from cyber360.ui.pdf import PdfFailure, render_pdf
from peers.reports import printing, services
from peers.reports.document import body_of
from peers.reports.models import DraftPdf, IssuedReport
from peers.stages import Stage

from .conftest import MET, SECRET, add_finding

pytestmark = pytest.mark.django_db


def job(what="issued") -> Job:
    return Job.objects.get(payload__what=what)


def bytes_of(stored) -> bytes:
    return b"".join(open_for_reading(stored))


def run(one: Job) -> Job:
    worker.run(one.pk)
    one.refresh_from_db()
    return one


def elements(item):
    if isinstance(item, pikepdf.Array):
        for kid in item:
            yield from elements(kid)
    elif isinstance(item, pikepdf.Dictionary) and "/S" in item:
        yield item
        yield from elements(item.get("/K", pikepdf.Array()))


@pytest.mark.slow
class TestDocument:
    @pytest.fixture
    def filled(self, drafted):
        for number in range(30):
            add_finding(drafted.challenge, "consideration", f"Matter number {number}", theme=number % 2)
        drafted.to(Stage.ISSUED)
        services.freeze_report(challenge=drafted.challenge, by=drafted.cast.manager, at=timezone.now())
        drafted.issued = drafted.report().issued
        return drafted

    def test_tags_title_language_bookmarks_pages(self, filled):
        data = render_pdf(filled.issued.html, title="Northmere")
        assert data == render_pdf(filled.issued.html, title="Northmere")
        with pikepdf.open(io.BytesIO(data)) as pdf:
            assert len(pdf.pages) > 5
            assert str(pdf.Root.Lang) == "en-GB"
            assert str(pdf.docinfo["/Title"]) == "Northmere"
            assert bool(pdf.Root.MarkInfo.Marked)
            found = list(elements(pdf.Root.StructTreeRoot.K))
            heads = [item for item in found if item.S == Name.TH]
            assert heads
            assert all("/Scope" in item.A for item in heads)
            figures = [item for item in found if Name.Figure == item.S]
            assert [str(item.Alt) for item in figures if "/Alt" in item] == [
                "Agreed level against the council's: lower in 2 of 2, higher in 0, equal in 0."
            ]
            levels = [int(str(item.S)[2]) for item in found if re.fullmatch(r"/H[1-6]", str(item.S))]
            assert levels[0] == 1
            assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
            assert levels.count(1) == 1
            with pdf.open_outline() as outline:
                titles = [item.title for item in outline.root[0].children]
            assert "1 Summary" in titles
            assert "Annex A: Recommendations and the Cyber Assessment Framework" in titles
            for page in pdf.pages:
                kinds = [ops[0] for ops, operator in pikepdf.parse_content_stream(page) if str(operator) == "BDC"]
                assert kinds.count(Name.Artifact) >= 2

    @pytest.mark.installed
    @pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs pdftotext (poppler-utils)")
    def test_the_pdf_holds_every_word_of_the_html(self, filled, tmp_path):
        (tmp_path / "report.pdf").write_bytes(render_pdf(filled.issued.html, title="Northmere"))
        command = ["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        without_charts = re.sub(r"<svg.*?</svg>", "", body_of(filled.issued.html), flags=re.S)
        wanted = set(re.findall(r"\w{4,}", unescape(strip_tags(without_charts.replace("<", " <")))))
        printed = set(re.findall(r"\w{4,}", text))
        assert wanted - printed == set()
        assert SECRET not in " ".join(text.split())

    def test_the_page_and_the_kept_html_say_the_same(self, filled):
        body = strip_tags(body_of(filled.issued.html))
        url = reverse("reports:report", args=[filled.challenge.ref])
        page = filled.cast.client_for(filled.cast.host_lead).get(url).content.decode()
        assert body_of(filled.issued.html) in page
        for words in ("A peer challenge by critical friends", "not of an inspection", filled.issued.number):
            assert words in filled.issued.html
        assert MET not in unescape(body)
        assert SECRET not in filled.issued.html
        assert " style=" not in filled.issued.html
        assert "<script" not in filled.issued.html


def small(html, *, title):
    return b"%PDF-1.7 " + str(len(html)).encode() + title.encode()


class TestJob:
    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch):
        """Rendering itself is proved above; here it is its surroundings that count."""
        monkeypatch.setattr(printing, "render_pdf", small)

    def test_report_and_annex_are_kept_once_each(self, issued):
        for what in ("issued", "annex"):
            assert run(job(what)).state == State.DONE
            run(job(what))
        row = IssuedReport.objects.get()
        assert row.pdf.name == f"{row.number}.pdf"
        assert row.annex_pdf.name == f"{row.number} annex.pdf"
        assert row.pdf_sha256 == row.pdf.sha256
        assert bytes_of(row.pdf).startswith(b"%PDF-")
        assert StoredFile.objects.count() == 2

    @pytest.mark.parametrize("got_as_far_as_keeping", [False, True])
    def test_a_killed_worker_leaves_one_pdf_in_the_end(self, issued, got_as_far_as_keeping):
        """Killed before or after the file was kept: the lease runs out, the sweep rings, another worker finishes."""
        one = job()
        worker.claim(one.pk)
        if got_as_far_as_keeping:
            printing.make_issued(issued.issued.pk, lambda percent, words: None)
        Job.objects.filter(pk=one.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert worker.ring_unheard(timedelta(0)) >= 1
        assert run(one).state == State.DONE
        assert one.attempts == 2
        assert StoredFile.objects.count() == 1
        assert IssuedReport.objects.get().pdf_id is not None

    def test_two_workers_at_once_keep_one(self, issued, monkeypatch):
        def overtaken(html, *, title):
            monkeypatch.setattr(printing, "render_pdf", small)
            printing.make_issued(issued.issued.pk, lambda percent, words: None)
            return small(html, title=title)

        monkeypatch.setattr(printing, "render_pdf", overtaken)
        assert run(job()).state == State.DONE
        assert StoredFile.objects.count() == 1

    def test_a_poison_report_stops_after_three_tries_and_says_so(self, issued, monkeypatch):
        def fails(html, *, title):
            raise PdfFailure("crash", "The document could not be made.")

        monkeypatch.setattr(printing, "render_pdf", fails)
        one = job()
        for _try in range(5):
            Job.objects.filter(pk=one.pk).update(not_before=None)
            run(one)
        assert (one.state, one.attempts) == (State.STOPPED, 3)
        url = reverse("reports:pdf", args=[issued.challenge.ref])
        page = issued.cast.client_for(issued.cast.host_lead).get(url).content.decode()
        assert "Tried 3 times and stopped" in page
        assert "The challenge manager can have it made again." in page
        monkeypatch.setattr(printing, "render_pdf", small)
        manager = issued.cast.client_for(issued.cast.manager)
        assert "Try again" in manager.get(url).content.decode()
        assert manager.post(url).status_code == 302
        assert run(one).state == State.DONE
        assert "Download the PDF" in manager.get(url).content.decode()

    def test_downloads_are_attachments_and_leave_their_trace(self, issued):
        run(job("issued"))
        run(job("annex"))
        host = issued.cast.client_for(issued.cast.host_lead)
        for name, what in (("issued_pdf", "pdf"), ("annex_pdf", "annex")):
            answer = host.get(reverse(f"reports:{name}", args=[issued.challenge.ref]))
            assert answer["Content-Disposition"].startswith("attachment")
            assert b"".join(answer.streaming_content).startswith(b"%PDF-")
            assert issued_events(issued, what) == 1

    def test_a_draft_is_printed_as_it_read_when_it_was_asked_for(self, drafted):
        services.request_pdf(report=drafted.report(), by=drafted.cast.peer)
        section = drafted.section("summary")
        services.edit_section(section=section, by=drafted.cast.peer, version=1, text="Later words.")
        draft = DraftPdf.objects.get()
        assert "Later words." not in draft.html
        run(job("draft"))
        services.request_pdf(report=drafted.report(), by=drafted.cast.peer)
        assert [row.number for row in DraftPdf.objects.all()] == [2, 1]
        assert "Later words." in DraftPdf.objects.first().html


def issued_events(issued, what) -> int:
    return AuditEvent.objects.filter(scope=issued.challenge.scope, detail={"download": what}).count()
