"""Pages of the report through the client: what is saved, what is said, and how many queries it takes."""

import pytest
from django.db import connection
from django.db.models import prefetch_related_objects
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cyber360.audit.models import AuditEvent
from cyber360.jobs.models import Job
from peers.access import seats_on
from peers.acts import Act
from peers.reports import queries, services, templates
from peers.reports.models import FactComment, ReportTemplate, SignOff
from peers.seats import SeatName
from peers.stages import Stage
from tests.factories.worlds import make_challenge, sit

from .conftest import add_finding


def path(drafted, name, *args):
    return reverse(f"reports:{name}", args=[drafted.challenge.ref, *args])


def client(drafted, who):
    return drafted.cast.client_for(getattr(drafted.cast, who))


class TestSection:
    def test_saving_by_button(self, drafted):
        answer = client(drafted, "peer").post(
            path(drafted, "section", "summary"), {"version": 1, "text": "### Ours\n\nWell said."}, follow=True
        )
        page = answer.content.decode()
        assert "“Summary” is saved." in page
        assert '<h3 class="govuk-heading-m">Ours</h3>' in page

    def test_saving_while_typing(self, drafted):
        answer = client(drafted, "peer").post(
            path(drafted, "section_save", "summary"), {"version": 1, "text": "Typed."}
        )
        assert answer.json()["version"] == 2
        assert drafted.section("summary").text == "Typed."

    def test_two_tabs_both_texts(self, drafted):
        mine = client(drafted, "peer")
        mine.post(path(drafted, "section", "summary"), {"version": 1, "text": "First."})
        for name in ("section", "section_save"):
            answer = mine.post(path(drafted, name, "summary"), {"version": 1, "text": "Second."})
            assert answer.status_code == 409
            page = answer.content.decode()
            assert "First." in page
            assert "Second." in page
        again = mine.post(path(drafted, "section", "summary"), {"version": 2, "text": "First. Second."})
        assert again.status_code == 302

    def test_mark_up_is_not_obeyed(self, drafted):
        text = "<script>alert(1)</script> [x](javascript:alert(1)) ![i](https://example.org/i.png)"
        client(drafted, "peer").post(path(drafted, "section", "summary"), {"version": 1, "text": text})
        page = client(drafted, "peer").get(path(drafted, "preview")).content.decode()
        assert "<script>alert" not in page
        assert 'href="javascript' not in page
        assert "<img" not in page

    def test_a_reader_sees_text_and_no_form(self, drafted):
        page = client(drafted, "coordinator").get(path(drafted, "section", "theme-t1")).content.decode()
        assert "<textarea" not in page
        assert "Leaders tell their own near misses" in page

    def test_the_team_is_warned_of_names(self, drafted):
        client(drafted, "peer").post(
            path(drafted, "section", "summary"), {"version": 1, "text": "Marjorie Quillfeather said so."}
        )
        warning = "This text names people whom the team met"
        assert warning in client(drafted, "peer").get(path(drafted, "section", "summary")).content.decode()
        assert warning not in client(drafted, "coordinator").get(path(drafted, "section", "summary")).content.decode()


def test_rewording(drafted):
    finding = drafted.challenge.findings.get(kind="recommendation", sensitive=False)
    url = path(drafted, "reword", finding.pk)
    peer = client(drafted, "peer")
    data = {
        "version": 1,
        "headline": "Shorter",
        "narrative": "As before.",
        "owner_suggestion": "Chief executive",
        "urgency": "now",
    }
    assert peer.post(url, data).status_code == 302
    stale = peer.post(url, data | {"headline": "Other"})
    assert stale.status_code == 409
    assert "Other" in stale.content.decode()
    assert "Shorter" in stale.content.decode()


def test_sign_off_page(drafted):
    url = path(drafted, "sign_off")
    peer = client(drafted, "peer")
    sha = drafted.report().text_sha256
    assert peer.post(url, {"text_sha256": sha}).status_code == 200  # the box is not ticked
    assert peer.post(url, {"text_sha256": sha, "confirm": "on"}).status_code == 302
    assert SignOff.objects.get().owner == drafted.cast.peer
    services.edit_section(section=drafted.section("summary"), by=drafted.cast.lead_peer, version=1, text="New.")
    answer = peer.post(url, {"text_sha256": sha, "confirm": "on"})
    assert answer.status_code == 409
    assert "The draft has changed" in answer.content.decode()


def test_the_factual_check_from_comment_to_answer(drafted):
    drafted.to(Stage.FACTUAL_CHECK)
    host, lead = client(drafted, "host_lead"), client(drafted, "lead_peer")
    words = {"passage": "in March", "comment": "It was in May: see the minutes."}
    for _twice in range(2):
        assert host.post(path(drafted, "fact_add", "background"), words).status_code == 302
    row = FactComment.objects.get()
    assert "No answer yet" in host.get(path(drafted, "facts")).content.decode()
    answer = {"version": 1, "outcome": "not_changed", "answer": "The minutes say March."}
    assert host.post(path(drafted, "fact", row.pk), answer).status_code == 404
    assert lead.post(path(drafted, "fact", row.pk), answer).status_code == 302
    page = host.get(path(drafted, "facts")).content.decode()
    assert "The minutes say March." in page
    stale = lead.post(path(drafted, "fact", row.pk), answer | {"answer": "Or not."})
    assert stale.status_code == 409
    assert "The minutes say March." in stale.content.decode()


def test_opening_the_issued_report_leaves_one_trace_a_day(issued):
    host = client(issued, "host_sponsor")
    for _twice in range(2):
        page = host.get(path(issued, "report")).content.decode()
    assert issued.issued.html_sha256 in page
    assert issued.issued.number in page
    assert page.count("<h1") == 1
    assert AuditEvent.objects.filter(act=Act.REPORT_READ).count() == 1
    host.get(path(issued, "issued_html"))
    assert AuditEvent.objects.filter(act=Act.REPORT_READ, detail={"download": "html"}).count() == 1


def test_the_html_is_handed_out_byte_for_byte(issued):
    answer = client(issued, "host_lead").get(path(issued, "issued_html"))
    assert answer.content.decode() == issued.issued.html
    assert answer["Content-Disposition"].startswith("attachment")


def test_draft_pages_lead_to_the_issued_report(issued):
    peer = client(issued, "peer")
    for name, args in (("preview", []), ("section", ["summary"])):
        assert peer.get(path(issued, name, *args)).status_code == 302
    assert peer.post(path(issued, "section", "summary"), {"version": 1, "text": "x"}).status_code == 403


def test_the_host_cannot_start_a_job(drafted):
    drafted.to(Stage.FACTUAL_CHECK)
    assert client(drafted, "host_lead").post(path(drafted, "pdf")).status_code == 404
    assert Job.objects.count() == 0


def test_asking_twice_for_a_pdf_is_one_job(drafted):
    for who in ("peer", "manager"):
        assert client(drafted, who).post(path(drafted, "pdf")).status_code == 302
    assert Job.objects.count() == 1
    page = client(drafted, "peer").get(path(drafted, "pdf")).content.decode()
    assert "hx-get" in page
    assert "Look again" in page


@pytest.mark.parametrize("name", ["report", "preview", "section", "facts"])
def test_queries_do_not_grow_with_findings(drafted, name):
    peer = client(drafted, "peer")
    url = path(drafted, name, *(["theme-t1"] if name == "section" else []))
    peer.get(url)
    counts = []
    for more in (0, 40):
        for number in range(more):
            add_finding(drafted.challenge, "consideration", f"One more, {number}")
            FactComment.objects.create(
                report=drafted.report(), section=drafted.section("theme-t1"), passage=f"p{number}", comment="c",
                raised_by=drafted.cast.host_lead,
            )  # fmt: skip
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert peer.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[1] <= {"report": 13, "preview": 20, "section": 16, "facts": 8}[name]


def test_issued_page_takes_few_queries(issued, django_assert_max_num_queries):
    host = client(issued, "host_lead")
    host.get(path(issued, "report"))
    with django_assert_max_num_queries(15):
        host.get(path(issued, "report"))


class TestTasks:
    def tasks(self, drafted, who):
        return [task.what for task in queries.tasks_for(getattr(drafted.cast, who), [drafted.challenge])]

    def test_each_seat_in_each_stage(self, drafted):
        assert self.tasks(drafted, "peer") == ["Write and sign off the report on Northmere"]
        assert self.tasks(drafted, "manager") == ["Bring the report on Northmere to the factual check"]
        assert (
            self.tasks(drafted, "host_lead") == self.tasks(drafted, "observer") == self.tasks(drafted, "stranger") == []
        )
        report = drafted.report()
        services.sign_off(report=report, by=drafted.cast.peer, text_sha256=report.text_sha256)
        assert self.tasks(drafted, "peer") == []
        drafted.to(Stage.FACTUAL_CHECK)
        assert self.tasks(drafted, "host_lead") == ["Check the facts in the draft report on Northmere"]
        assert self.tasks(drafted, "lead_peer") == []
        services.comment_fact(section=drafted.section("summary"), by=drafted.cast.host_lead, passage="a", comment="b")
        assert self.tasks(drafted, "lead_peer") == ["Answer 1 factual comment on Northmere"]
        drafted.to(Stage.ISSUED)
        assert self.tasks(drafted, "host_sponsor") == ["Read and acknowledge the report on Northmere"]
        assert self.tasks(drafted, "host_lead") == []

    def test_two_queries_for_any_number(self, drafted, django_assert_max_num_queries):
        peer = drafted.cast.peer
        peer.seat_cache = {}
        challenges = [make_challenge(framework_version=drafted.cast.framework_version, stage=stage)
                      for stage in (Stage.DRAFTING, Stage.FACTUAL_CHECK) for _again in range(10)]  # fmt: skip
        for challenge in challenges:
            sit(peer, SeatName.LEAD_PEER, challenge)
        prefetch_related_objects([*challenges, drafted.challenge], "council", "key_dates")
        seats_on(peer, drafted.challenge)
        with django_assert_max_num_queries(2):
            found = queries.tasks_for(peer, [*challenges, drafted.challenge])
        assert len(found) == 11


class TestTemplatePages:
    def test_only_coordinators(self, cast):
        template = templates.load_default_template()
        for who in ("manager", "editor", "host_lead", "stranger", "superuser"):
            mine = cast.client_for(getattr(cast, who))
            assert mine.get(reverse("reports:templates")).status_code == 404
            assert mine.get(reverse("reports:template", args=[template.pk])).status_code == 404
            assert mine.post(reverse("reports:template_new")).status_code == 404

    def test_a_new_version_through_the_pages(self, cast):
        templates.load_default_template()
        mine = cast.client_for(cast.coordinator)
        mine.post(reverse("reports:template_new"))
        draft = ReportTemplate.objects.get(state="draft")
        edit = reverse("reports:template_section", args=[draft.pk, "summary"])
        data = {
            "version": 1,
            "title": "In short",
            "code": "summary",
            "source": "text",
            "place": 1,
            "boilerplate": "{{no}}",
        }
        assert "not known: no" in mine.post(edit, data).content.decode()
        assert mine.post(edit, data | {"boilerplate": "{{council}}"}).status_code == 302
        assert mine.post(edit, data | {"boilerplate": "x"}).status_code == 409
        add = reverse("reports:template_section_add", args=[draft.pk])
        assert mine.post(add, {"title": "More", "code": "more", "source": "text", "place": 200}).status_code == 302
        assert mine.post(reverse("reports:template_section_remove", args=[draft.pk, "more"])).status_code == 302
        assert mine.post(reverse("reports:template_use", args=[draft.pk])).status_code == 302
        draft.refresh_from_db()
        assert draft.state == "current"
        for name in ("templates", "template"):
            assert (
                mine.get(reverse(f"reports:{name}", args=[draft.pk] if name == "template" else [])).status_code == 200
            )
