"""Once a year: asked by mail, answered by one press or any save, flagged when nobody answers."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cyber360.exceptions import NoSeat, NotNow
from cyber360.jobs.models import Job
from cyber360.jobs.registry import HANDLERS, SWEEPERS
from cyber360.notify.models import OutboxMail
from peers.pool import services, tasks
from peers.pool.models import PeerProfile
from peers.pool.queries import is_asked, is_unanswered, pool_tasks_for
from tests.factories.worlds import make_peer

DAY = datetime.timedelta(days=1)


@pytest.fixture
def today():
    return timezone.localdate()


def said(profile, day, **more):
    PeerProfile.objects.filter(pk=profile.pk).update(confirmed_on=day, **more)


def asked():
    return set(OutboxMail.objects.filter(key__startswith="pool-confirm:").values_list("to_id", flat=True))


def test_those_who_said_so_a_year_ago_are_asked_once(cast, today):
    said(cast.pool_peer_profile, today - 365 * DAY)
    said(cast.second_peer_profile, today - 364 * DAY)
    assert services.ask_for_confirmation(today=today) == 1
    assert services.ask_for_confirmation(today=today) == 0
    assert services.ask_for_confirmation(today=today + 30 * DAY) == 1  # the other one's year is over
    assert asked() == {cast.pool_peer.pk, cast.second_peer.pk}


@pytest.mark.parametrize("state", ["invited", "applied", "left", "turned_down"])
def test_those_who_are_not_in_the_pool_are_not_asked(cast, today, state):
    said(cast.pool_peer_profile, today - 400 * DAY, state=state)
    services.ask_for_confirmation(today=today)
    assert cast.pool_peer.pk not in asked()


def test_who_never_confirmed_is_asked_a_year_after_they_were_taken_in(cast, today):
    when = timezone.now() - 366 * DAY
    PeerProfile.objects.filter(pk=cast.pool_peer_profile.pk).update(approved_at=when)
    PeerProfile.objects.filter(pk=cast.second_peer_profile.pk).update(registered_at=when)
    services.ask_for_confirmation(today=today)
    assert asked() == {cast.pool_peer.pk, cast.second_peer.pk}


def test_many_are_asked_in_pieces(cast, today, monkeypatch):
    monkeypatch.setattr("peers.pool.services.confirmation.AT_ONCE", 3)
    made = [make_peer() for _number in range(7)]
    PeerProfile.objects.filter(pk__in=[row.pk for row in made]).update(confirmed_on=today - 500 * DAY)
    assert services.ask_for_confirmation(today=today) == 7


def test_one_press_or_any_save_of_ones_own_confirms_and_a_coordinators_save_does_not(cast, today):
    profile = cast.pool_peer_profile
    said(profile, today - 500 * DAY, asked_to_confirm_on=today - 70 * DAY)
    profile.refresh_from_db()
    assert (is_asked(profile), is_unanswered(profile, today)) == (True, True)
    row = services.edit_profile(profile=profile, by=cast.coordinator, version=1, job_title="Changed")
    assert is_asked(row)
    services.confirm_profile(profile=profile, by=cast.pool_peer)
    services.confirm_profile(profile=profile, by=cast.pool_peer)
    profile.refresh_from_db()
    assert (profile.confirmed_on, is_asked(profile)) == (today, False)
    said(profile, today - 500 * DAY)
    row = services.edit_profile(profile=profile, by=cast.pool_peer, version=2, job_title="Mine")
    assert (row.confirmed_on, is_asked(row)) == (today, False)


@pytest.mark.parametrize("who", ["coordinator", "second_peer", "stranger", "superuser"])
def test_nobody_else_confirms(cast, who):
    with pytest.raises(NoSeat):
        services.confirm_profile(profile=cast.pool_peer_profile, by=getattr(cast, who))


def test_an_empty_profile_is_filled_in_before_it_is_confirmed(cast):
    said(cast.pool_peer_profile, None, state="invited")
    with pytest.raises(NotNow, match="Fill in"):
        services.confirm_profile(profile=cast.pool_peer_profile, by=cast.pool_peer)


def test_the_flag_comes_after_sixty_days_and_hides_nobody(cast, today):
    client, path = cast.client_for(cast.coordinator), reverse("pool:list")
    said(cast.pool_peer_profile, today - 500 * DAY, asked_to_confirm_on=today - 59 * DAY)
    assert "Profile not confirmed" not in client.get(path).content.decode()
    said(cast.pool_peer_profile, today - 500 * DAY, asked_to_confirm_on=today - 60 * DAY)
    page = client.get(path)
    assert "Profile not confirmed" in page.content.decode()
    assert "Pool Peer" in page.content.decode()
    only = client.get(path, {"unconfirmed": "on"})
    assert [row.profile.pk for row in only.context["rows"]] == [cast.pool_peer_profile.pk]


def test_the_task_and_the_button(cast, today):
    said(cast.pool_peer_profile, today - 500 * DAY, asked_to_confirm_on=today)
    assert [(task.kind, task.due_on) for task in pool_tasks_for(cast.pool_peer)] == [("confirm", today + 60 * DAY)]
    client = cast.client_for(cast.pool_peer)
    assert "Everything is still right" in client.get(reverse("pool:me")).content.decode()
    assert client.get(reverse("pool:me_confirm")).status_code == 405
    assert client.post(reverse("pool:me_confirm")).status_code == 302
    assert pool_tasks_for(cast.pool_peer) == []
    assert cast.client_for(cast.stranger).post(reverse("pool:me_confirm")).status_code == 404


def test_nobody_is_told_of_others_tasks(cast, today):
    said(cast.pool_peer_profile, today - 500 * DAY, asked_to_confirm_on=today)
    assert [pool_tasks_for(who) for who in (cast.coordinator, cast.second_peer, cast.stranger)] == [[], [], []]


def test_the_sweep_asks_for_one_job_a_day_from_seven(cast, today, monkeypatch):
    assert tasks.ring_for_confirmations in SWEEPERS
    assert HANDLERS[tasks.KIND] is tasks.confirmations
    for hour, jobs in ((6, 0), (7, 1), (7, 1), (23, 1)):
        now = timezone.make_aware(datetime.datetime.combine(today, datetime.time(hour)))
        monkeypatch.setattr(timezone, "localtime", lambda value=None, moment=now: moment)
        tasks.ring_for_confirmations()
        assert Job.objects.filter(kind=tasks.KIND).count() == jobs
    monkeypatch.undo()
    said(cast.pool_peer_profile, today - 365 * DAY)
    assert tasks.confirmations(Job.objects.get(kind=tasks.KIND)) == {"asked": 1}
