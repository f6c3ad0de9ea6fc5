import pytest
from django.conf import settings as django_settings
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.jobs import checks, queries
from cyber360.jobs.models import Heartbeat, Job, State
from tests.cyber360.accounts.world import client_for, make_person

pytestmark = pytest.mark.django_db


def make_job(**fields):
    wanted = {"kind": "report.render", "key": f"k{Job.objects.count()}"} | fields
    return Job.objects.create(**wanted)


def test_for_the_administrator_alone(administrator, stranger):
    for path in ("/jobs/", "/jobs/health/"):
        assert Client().get(path).status_code == 302
        assert client_for(stranger).get(path).status_code == 404
        assert client_for(administrator).get(path).status_code == 200


def test_filters(administrator):
    make_job()
    stopped = make_job(state=State.STOPPED, kind="file.check", error="It was too big.")
    client = client_for(administrator)
    assert list(client.get("/jobs/?state=stopped").context["page"].object_list) == [stopped]
    assert list(client.get("/jobs/?kind=file.check").context["page"].object_list) == [stopped]
    assert b"It was too big." in client.get("/jobs/").content


def test_run_again_only_a_stopped_one_and_only_with_the_act(administrator):
    job = make_job(state=State.STOPPED, attempts=3, payload={"report": 1})
    assert client_for(make_person("reader")).post(f"/jobs/{job.pk}/again/").status_code == 404
    client = client_for(administrator)
    assert client.post(f"/jobs/{job.pk}/again/").status_code == 302
    job.refresh_from_db()
    assert (job.state, job.attempts, job.payload) == (State.QUEUED, 0, {"report": 1})
    assert AuditEvent.objects.get(act="job.retry").actor_id == administrator.pk
    assert client.post(f"/jobs/{job.pk}/again/").status_code == 403


def test_health(administrator):
    client = client_for(administrator)
    assert b"Silent" in client.get("/jobs/health/").content
    assert not queries.health().ready
    Heartbeat.objects.create(name="worker", at=timezone.now())
    make_job(state=State.STOPPED)
    make_job()
    page = client.get("/jobs/health/")
    assert b"At work" in page.content
    health = queries.health()
    assert (health.ready, health.stopped, health.waiting) == (True, 1, 1)


def test_as_many_queries_for_many(administrator, django_assert_max_num_queries):
    client = client_for(administrator)
    for _ in range(40):
        make_job(by=administrator)
    with django_assert_max_num_queries(6):
        client.get("/jobs/")


def test_progress_polls_until_finished_and_works_without_javascript():
    job = make_job(state=State.RUNNING, percent=40, words="Page 8 of 20")
    piece = render_to_string("jobs/_progress.html", {"job": job, "url": "/here/"})
    assert 'hx-get="/here/"' in piece
    assert "Page 8 of 20" in piece
    assert '<a class="govuk-link" href="/here/">' in piece
    job.state = State.STOPPED
    job.error = "No findings yet."
    piece = render_to_string("jobs/_progress.html", {"job": job, "url": "/here/"})
    assert "hx-get" not in piece
    assert "No findings yet." in piece


def test_job_for():
    job = make_job(key="report:1")
    assert queries.job_for("report:1") == job
    assert queries.job_for("report:2") is None


class TestChecks:
    def test_the_settings_as_they_are(self):
        assert checks.queue_settings(None) == []

    @pytest.mark.parametrize(
        ("change", "code"),
        [({"retry": 900}, "jobs.E001"), ({"ack_failures": False}, "jobs.E002"), ({"orm": None}, "jobs.E003")],
    )
    def test_settings_under_which_jobs_would_run_twice_or_be_lost(self, settings, change, code):
        settings.Q_CLUSTER = django_settings.Q_CLUSTER | change
        assert [found.id for found in checks.queue_settings(None)] == [code]
