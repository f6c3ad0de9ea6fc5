"""Conflicts that come up after the invitation: found at night, told once, settled by a coordinator."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from cyber360.exceptions import BadInput, Blocked, NoSeat
from cyber360.jobs.models import Job
from cyber360.notify.models import OutboxMail
from peers.access import SeatName, seats_on
from peers.planning import services, tasks
from peers.planning.models import ConflictNotice, ConflictRule, Placement
from peers.planning.queries import tasks_for
from peers.pool import services as pool
from peers.stages import Stage
from tests.factories.worlds import make_challenge, make_council, make_peer

SOON = timezone.localdate() + datetime.timedelta(days=10)
NEVER = ["manager", "host_lead", "host_sponsor", "lead_peer", "pool_peer", "contributor", "other_host", "superuser"]


@pytest.fixture
def seated(team):
    """Somebody on the team against whom nothing spoke when they were invited."""
    team.row = team.accept()
    return team


def tie(team, kind="family"):
    profile = team.row.profile
    return pool.declare_interest(profile=profile, by=profile.user, council=team.cast.challenge.council, kind=kind)


def notices():
    return [(row.kind, row.strength, row.state) for row in ConflictNotice.objects.order_by("pk")]


def mails(team):
    return OutboxMail.objects.filter(to=team.cast.coordinator, key__startswith="conflict:")


# --- found --------------------------------------------------------------------------------------------------
def test_a_quiet_team_raises_nothing(seated):
    assert services.check_conflicts() == {"looked_at": 1, "raised": 0, "gone": 0}
    assert notices() == []


def test_a_new_tie_is_told_once(seated):
    tie(seated)
    assert services.check_conflicts()["raised"] == 1
    assert services.check_conflicts()["raised"] == 0
    assert notices() == [("family", "warns", "open")]
    mail = mails(seated).get()
    assert "Pool Peer" not in mail.subject
    assert "family" not in mail.subject
    (task,) = tasks_for(seated.cast.coordinator, [])
    ref = seated.cast.challenge.ref
    assert (task.kind, task.url) == ("team", f"/challenges/{ref}/team/#to-settle")
    assert mail.link.startswith(f"/challenges/{ref}/team/conflicts/")


def test_a_new_job_bars(seated):
    profile = seated.row.profile
    profile.council = seated.cast.challenge.council
    profile.save()
    services.check_conflicts()
    assert notices() == [("own", "bars", "open")]


def test_what_was_known_at_the_invitation_is_no_news(team):
    profile = team.cast.pool_peer_profile
    pool.declare_interest(profile=profile, by=profile.user, council=team.cast.challenge.council, kind="family")
    team.invite(reason="They never meet")
    assert services.check_conflicts()["raised"] == 0


def test_a_rule_that_bars_now_is_news_even_of_what_was_known(team):
    profile = team.cast.pool_peer_profile
    pool.declare_interest(profile=profile, by=profile.user, council=team.cast.challenge.council, kind="family")
    team.invite(reason="They never meet")
    ConflictRule.objects.create(kind="family", strength="bars")
    services.check_conflicts()
    assert notices() == [("family", "bars", "open")]


def test_two_of_one_council_are_told_when_the_second_is_asked_and_not_again(seated):
    mate = make_peer(council=seated.row.profile.council)
    seated.propose(mate)
    assert services.check_conflicts()["raised"] == 0  # they only stand on the list
    seated.invite(mate, reason="They never work together")
    assert services.check_conflicts()["raised"] == 0


def test_an_override_of_one_visit_counts_for_the_other(seated):
    other = make_challenge(stage=Stage.SETUP)
    row = services.propose_peer(challenge=other, profile=seated.row.profile, role="peer", by=seated.cast.coordinator)
    row = services.invite_peer(placement=row, by=seated.cast.coordinator, answer_by=SOON, reason="One day each")
    assert services.answer_invitation(placement=row, by=row.profile.user, accept=True).state == "accepted"
    assert services.check_conflicts() == {"looked_at": 2, "raised": 0, "gone": 0}


def test_two_councils_that_visit_each_other_are_told_with_the_second(seated):
    """Somebody of the host goes to the home council of the one who is seated; who invites them gives the reason."""
    back = make_challenge(council=seated.row.profile.council, stage=Stage.SETUP)
    guest = make_peer(council=seated.cast.challenge.council)
    row = services.propose_peer(challenge=back, profile=guest, role="peer", by=seated.cast.coordinator)
    row = services.invite_peer(placement=row, by=seated.cast.coordinator, answer_by=SOON, reason="Other services")
    assert row.known_conflicts == [f"exchange:{seated.cast.challenge.pk}"]
    assert services.answer_invitation(placement=row, by=guest.user, accept=True).state == "accepted"
    assert services.check_conflicts() == {"looked_at": 2, "raised": 0, "gone": 0}


def test_a_visit_moved_onto_another_is_news_for_both(seated):
    first = seated.cast.challenge
    other = make_challenge(stage=Stage.SETUP)
    other.visit_first_day, other.visit_last_day = (day + datetime.timedelta(days=90) for day in
                                                   (first.visit_first_day, first.visit_last_day))  # fmt: skip
    other.save()
    row = services.propose_peer(challenge=other, profile=seated.row.profile, role="peer", by=seated.cast.coordinator)
    row = services.invite_peer(placement=row, by=seated.cast.coordinator, answer_by=SOON)
    services.answer_invitation(placement=row, by=row.profile.user, accept=True)
    other.visit_first_day, other.visit_last_day = first.visit_first_day, first.visit_last_day
    other.save()
    assert services.check_conflicts()["raised"] == 2
    assert {kind for kind, _strength, _state in notices()} == {"overlap"}


def test_what_is_no_longer_true_goes_by_itself_and_may_come_back(seated):
    interest = tie(seated)
    services.check_conflicts()
    pool.withdraw_interest(interest=interest, by=seated.cast.pool_peer)
    assert services.check_conflicts()["gone"] == 1
    assert notices() == [("family", "warns", "gone")]
    interest.withdrawn_at = None
    interest.save()
    with time_machine.travel(timezone.now() + datetime.timedelta(days=1)):
        services.check_conflicts()
    assert notices() == [("family", "warns", "open")]
    assert mails(seated).count() == 2


@pytest.mark.parametrize("stage", [Stage.DRAFTING, Stage.CLOSED, Stage.WITHDRAWN])
def test_after_the_visit_nobody_is_looked_at(seated, stage):
    tie(seated)
    seated.cast.at(stage)
    assert services.check_conflicts()["looked_at"] == 0


def test_queries_grow_with_what_is_found_not_with_what_is_looked_at(seated, django_assert_num_queries):
    with django_assert_num_queries(5):
        services.check_conflicts()
    for _number in range(3):
        seated.invite(make_peer())
    with django_assert_num_queries(5):
        assert services.check_conflicts()["looked_at"] == 4


# --- every night ----------------------------------------------------------------------------------------------
def test_asked_for_once_a_day_and_not_before_three(db):
    with time_machine.travel(datetime.datetime(2027, 1, 5, 2, 59, tzinfo=datetime.UTC)):
        tasks.ask_for_conflicts()
        assert not Job.objects.filter(kind="planning.conflicts").exists()
    for day, hour in ((5, 3), (5, 22), (6, 4)):
        with time_machine.travel(datetime.datetime(2027, 1, day, hour, tzinfo=datetime.UTC)):
            tasks.ask_for_conflicts()
            tasks.ask_for_conflicts()
    assert Job.objects.filter(kind="planning.conflicts").count() == 2


def test_the_job_does_the_looking(seated):
    tie(seated)
    assert tasks.check_conflicts(Job(kind="planning.conflicts"))["raised"] == 1


# --- settled --------------------------------------------------------------------------------------------------
@pytest.fixture
def notice(seated):
    tie(seated)
    services.check_conflicts()
    seated.notice = ConflictNotice.objects.get()
    return seated


def settle(team, keep, reason="They never meet", who="coordinator"):
    by = getattr(team.cast, who)
    return services.settle_notice(notice=team.notice, by=by, keep=keep, reason=reason)


def test_kept_with_a_reason_it_is_known_from_then_on(notice):
    with pytest.raises(BadInput):
        settle(notice, keep=True, reason=" ")
    row = settle(notice, keep=True)
    assert (row.state, row.reason, row.settled_by) == ("kept", "They never meet", notice.cast.coordinator)
    assert settle(notice, keep=False).state == "kept"
    assert services.check_conflicts()["raised"] == 0
    assert tasks_for(notice.cast.coordinator, []) == []


def test_taken_off(notice):
    row = settle(notice, keep=False)
    assert row.state == "taken_off"
    place = Placement.objects.get(pk=notice.row.pk)
    assert place.state == "removed"
    assert seats_on(place.profile.user, notice.cast.challenge) == {SeatName.POOL_PEER}


def test_nothing_overrides_a_bar(notice):
    ConflictRule.objects.create(kind="family", strength="bars")
    with pytest.raises(Blocked):
        settle(notice, keep=True)
    services.check_conflicts()
    path = reverse("planning:notice", args=[notice.cast.challenge.ref, notice.notice.pk])
    client = notice.cast.client_for(notice.cast.coordinator)
    page = client.get(path).content.decode()
    assert "Nothing overrides this" in page
    assert "Keep them on the team" not in page
    page = client.post(path, {"outcome": "keep", "reason": "Please"}).content.decode()
    assert "valid choice" in page
    assert ConflictNotice.objects.get().state == "open"


def test_taking_the_person_off_settles_all_of_it(notice):
    services.remove_peer(placement=notice.row, by=notice.cast.coordinator, reason="Ill")
    assert notices() == [("family", "warns", "taken_off")]


def test_the_page_says_what_it_touches(notice):
    client = notice.cast.client_for(notice.cast.coordinator)
    ref = notice.cast.challenge.ref
    path = reverse("planning:notice", args=[ref, notice.notice.pk])
    page = client.get(path).content.decode()
    assert "Without them 0 peers would be asked or on the team; it needs at least 3." in page
    assert "That is too few." in page
    assert "The visit is from" in page
    assert path in client.get(reverse("planning:team", args=[ref])).content.decode()
    assert "Choose what you decide" in client.post(path, {"reason": "x"}).content.decode()
    assert client.post(path, {"outcome": "keep", "reason": "They never meet"}).status_code == 302
    assert "Kept, with a reason" in client.get(path).content.decode()


def test_the_page_of_a_challenge_asks_no_more_than_fifteen_times(notice, django_assert_max_num_queries):
    client, challenge = notice.cast.client_for(notice.cast.coordinator), notice.cast.challenge
    for stage in (Stage.SETUP, Stage.PREPARATION, Stage.ON_SITE):
        notice.cast.at(stage)
        client.get(challenge.get_absolute_url())
        with django_assert_max_num_queries(15):
            page = client.get(challenge.get_absolute_url()).content.decode()
        assert ("Settle what speaks against" in page) == (stage == Stage.SETUP)
        assert "Settle what speaks against" in client.get("/").content.decode()


@pytest.mark.parametrize("who", NEVER)
def test_only_coordinators_read_or_settle(notice, who):
    client, ref = notice.cast.client_for(getattr(notice.cast, who)), notice.cast.challenge.ref
    path = reverse("planning:notice", args=[ref, notice.notice.pk])
    assert client.get(path).status_code == 404
    assert client.post(path, {"outcome": "keep", "reason": "Mine"}).status_code == 404
    with pytest.raises(NoSeat):
        settle(notice, keep=True, who=who)
    pages = [reverse(name, args=[ref]) for name in ("planning:team", "planning:agree", "challenges:timeline")]
    for page in [*pages, notice.row.get_absolute_url(), "/", "/profile/"]:
        text = client.get(page, follow=True).content.decode()
        assert "close friend at Northmere" not in text, page
        assert "They never meet" not in text, page


def test_another_challenges_address_finds_nothing(notice):
    path = reverse("planning:notice", args=[notice.cast.other_challenge.ref, notice.notice.pk])
    assert notice.cast.client_for(notice.cast.coordinator).get(path).status_code == 404


def test_when_the_visit_is_over_it_no_longer_waits(notice):
    notice.cast.at(Stage.DRAFTING)
    assert services.check_conflicts()["gone"] == 1
    assert tasks_for(notice.cast.coordinator, []) == []


def test_the_sentence_is_that_of_the_day(notice):
    before = notice.notice.sentence
    council = notice.cast.challenge.council
    council.name = make_council().name
    council.save()
    services.check_conflicts()
    assert ConflictNotice.objects.get().sentence == before
