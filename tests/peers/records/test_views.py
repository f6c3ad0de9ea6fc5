from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cyber360.ui.templatetags.ui import short_date
from peers.records import services
from peers.records.models import DisposalCertificate, DisposalRun, Kind, LegalHold, RunState
from peers.records.queries import tasks_for
from peers.stages import Stage
from tests.factories.worlds import make_challenge
from tests.peers.evidence.conftest import make_item

from .conftest import approved, plan_until, quiet

pytestmark = pytest.mark.django_db


def url(cast, name: str, *args) -> str:
    return reverse(f"records:{name}", args=[cast.challenge.ref, *args])


def get(cast, person, address: str):
    return cast.client_for(person).get(address)


READERS = ("host_lead", "host_sponsor", "coordinator", "manager")
OTHERS = (
    "peer",
    "lead_peer",
    "observer",
    "contributor",
    "stranger",
    "other_host",
    "superuser",
    "administrator",
    "editor",
)


def test_who_reads_the_records(ended):
    run = plan_until("evidence")
    for name in READERS:
        page = get(ended, getattr(ended, name), url(ended, "room"))
        assert b"Evidence" in page.content
        assert get(ended, getattr(ended, name), run.get_absolute_url()).status_code == 200
    for name in OTHERS:
        for address in (url(ended, "room"), run.get_absolute_url(), url(ended, "hold_set"), url(ended, "ask")):
            assert get(ended, getattr(ended, name), address).status_code == 404, (name, address)


def test_another_challenges_run_is_not_found_under_this_reference(ended):
    run = plan_until("evidence")
    address = reverse("records:run", args=[ended.other_challenge.ref, run.pk])
    assert get(ended, ended.coordinator, address).status_code == 404


def test_approving_in_the_page(ended):
    run = plan_until("evidence")
    address = url(ended, "run_approve", run.pk)
    assert get(ended, ended.host_lead, address).status_code == 404
    client = ended.client_for(ended.coordinator)
    wrong = client.post(address, {"version": run.version, "typed": "no"})
    assert b"to confirm" in wrong.content
    stale = client.post(address, {"version": 0, "typed": ended.challenge.ref})
    assert stale.status_code == 409
    done = client.post(address, {"version": run.version, "typed": ended.challenge.ref})
    assert (done.status_code, done.url) == (302, run.get_absolute_url())
    run.refresh_from_db()
    assert run.state == RunState.APPROVED


def test_the_page_of_a_run_says_what_goes(ended):
    run = plan_until("evidence")
    page = get(ended, ended.host_lead, run.get_absolute_url()).content.decode()
    assert "1 file (" in page
    assert "of 1 link" in page
    assert "Approve this disposal" not in page
    assert "Approve this disposal" in get(ended, ended.coordinator, run.get_absolute_url()).content.decode()


def test_asking_putting_off_holding_and_lifting_in_the_page(ended):
    day = timezone.localdate() + timedelta(days=9)
    parts = {"due_on_day": day.day, "due_on_month": day.month, "due_on_year": day.year}
    host, coordinator = ended.client_for(ended.host_lead), ended.client_for(ended.coordinator)
    assert host.post(url(ended, "ask"), {"reason": "Sooner.", **parts}).status_code == 302
    run = DisposalRun.objects.get()
    later = day + timedelta(days=90)
    parts = {"due_on_day": later.day, "due_on_month": later.month, "due_on_year": later.year}
    words = {"reason": "Not yet.", "version": run.version}
    assert coordinator.post(url(ended, "run_put_off", run.pk), words | parts).status_code == 302
    assert coordinator.post(url(ended, "hold_set"), {"reason": ""}).status_code == 200
    assert coordinator.post(url(ended, "hold_set"), {"reason": "A claim."}).status_code == 302
    assert b"A legal hold is in force" in host.get(url(ended, "room")).content
    assert coordinator.post(url(ended, "hold_lift"), {"reason": "Settled."}).status_code == 302
    assert not LegalHold.objects.filter(lifted_at=None).exists()
    run.refresh_from_db()
    assert (run.due_on, run.state) == (later, RunState.PLANNED)


def test_the_certificate_in_the_page(ended, key_file):
    services.dispose(run_id=approved(ended).pk, show=quiet)
    row = DisposalCertificate.objects.get()
    for name in READERS:
        page = get(ended, getattr(ended, name), row.get_absolute_url()).content.decode()
        assert ended.item.current.stored_file.sha256[:32] in page
    for name in OTHERS:
        assert get(ended, getattr(ended, name), row.get_absolute_url()).status_code == 404
        assert get(ended, getattr(ended, name), url(ended, "certificate_pdf", row.pk)).status_code == 404
    assert row.label in get(ended, ended.host_lead, url(ended, "room")).content.decode()
    assert row.label in get(ended, ended.coordinator, reverse("records:due")).content.decode()
    assert get(ended, ended.host_lead, row.run.get_absolute_url()).status_code == 200


def test_periods_are_changed_in_the_page(cast):
    client = cast.client_for(cast.coordinator)
    shown = client.get(reverse("records:periods")).content
    assert b"180 days after the last day of the visit" in shown
    assert b"about 6 years after the day the challenge ended" in shown
    address = reverse("records:period", args=["evidence"])
    said = {"version": 1, "days": 200, "counted_from": "visit_end", "reason": "Agreed.", "first_warning": 20}
    assert b"comes before the second" in client.post(address, said | {"second_warning": 20}).content
    assert client.post(address, said | {"second_warning": 5}).status_code == 302
    assert client.post(address, said | {"second_warning": 4}).status_code == 409
    assert b"200 days" in client.get(reverse("records:periods")).content
    history = client.get(address).content.decode()
    assert "180 days" in history
    assert "Last changed by Coordinator" in history
    assert ">Agreed.</textarea>" not in history
    assert client.get(reverse("records:period", args=["everything"])).status_code == 404
    team = reverse("records:period", args=["team_access"])
    shown = {
        "version": 1,
        "days": 10,
        "counted_from": "visit_end",
        "reason": "x",
        "first_warning": 30,
        "second_warning": 7,
    }
    assert client.post(team, shown).status_code == 302
    for person in (cast.host_lead, cast.manager, cast.administrator, cast.peer):
        for page in (address, reverse("records:periods"), reverse("records:due")):
            assert get(cast, person, page).status_code == 404


def test_the_administrator_reads_the_commands(ended, settings):
    services.dispose(run_id=approved(ended).pk, show=quiet)
    page = get(ended, ended.administrator, reverse("records:master_key")).content.decode()
    assert "manage.py rotate_vault_master" in page
    assert "ab" * 8 not in page
    assert get(ended, ended.host_lead, reverse("records:master_key")).status_code == 404
    run = DisposalRun.objects.get(kind="evidence")
    assert "administrator" in get(ended, ended.host_lead, run.get_absolute_url()).content.decode()


def test_a_task_for_the_coordinator_alone(ended):
    plan_until("evidence")
    mine = [task for task in tasks_for(ended.coordinator, []) if task.kind == "disposal"]
    assert ["Evidence" in task.what for task in mine].count(True) == 1
    assert not tasks_for(ended.host_lead, [])
    assert not tasks_for(ended.manager, [])


def test_the_room_says_why_a_day_was_moved_and_what_has_ended(ended):
    plan_until("evidence")
    page = " ".join(get(ended, ended.host_lead, url(ended, "room")).content.decode().split())
    was = ended.challenge.visit_last_day + timedelta(days=180)
    assert f"Was due {short_date(was)}, moved to" in page
    assert f"Ended {short_date(ended.challenge.visit_last_day + timedelta(days=60))}" in page
    assert "Ends by itself" not in page
    hold = services.set_hold(challenge=ended.challenge, by=ended.coordinator, reason="A claim is expected.")
    services.lift_hold(hold=hold, by=ended.coordinator, reason="Settled.")
    assert "A claim is expected. Lifted: Settled." in get(ended, ended.host_lead, url(ended, "room")).content.decode()


def queries_of(client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_lists_ask_the_same_however_many_there_are(ended):
    client = ended.client_for(ended.coordinator)
    run = plan_until("evidence")
    addresses = [reverse("records:due"), url(ended, "room"), run.get_absolute_url()]
    one = [queries_of(client, address) for address in addresses]
    for _number in range(12):
        make_item(ended.challenge)
        challenge = make_challenge(framework_version=ended.framework_version, stage=Stage.FOLLOW_UP)
        DisposalRun.objects.create(challenge=challenge, kind=Kind.EVIDENCE, due_on=timezone.localdate())
    many = [queries_of(client, address) for address in addresses]
    assert many == one
    assert max(many) <= 15
