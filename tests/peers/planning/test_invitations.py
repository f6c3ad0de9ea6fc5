"""Several invitations at once, reminders, invitations that run out, the late answer, the history of a peer."""

import datetime

import pytest
import time_machine
from django.template import Context, Template
from django.urls import reverse
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, Blocked, NoSeat, NotNow
from cyber360.notify.models import OutboxMail
from peers.planning import services
from peers.planning.models import Placement
from peers.planning.queries import invitations_through_time, tasks_for
from peers.pool import services as pool
from peers.stages import Stage
from tests.factories.worlds import make_peer

SOON = timezone.localdate() + datetime.timedelta(days=10)
AFTER = datetime.timedelta(days=11)


@pytest.fixture
def three(team):
    return [team.propose(make_peer()) for _number in range(3)]


def many(team, rows, **fields):
    values = {"placements": [row.pk for row in rows], "answer_by": SOON, "by": team.cast.coordinator, **fields}
    return services.invite_many(challenge=team.cast.challenge, **values)


def states(rows):
    return [Placement.objects.get(pk=row.pk).state for row in rows]


# --- at once ------------------------------------------------------------------------------------------
def test_all_are_asked_and_again_asks_nobody_twice(team, three):
    assert len(many(team, three)) == 3
    assert many(team, three) == []
    people = [row.profile.user_id for row in three]
    assert OutboxMail.objects.filter(to__in=people, kind="invitation").count() == 3


def test_all_or_nobody(team, three):
    profile = three[1].profile
    pool.declare_interest(profile=profile, by=profile.user, council=team.cast.challenge.council, kind="family")
    with pytest.raises(BadInput, match=profile.user.full_name):
        many(team, three, reasons={three[0].pk: "Not this one"})
    assert states(three) == ["proposed"] * 3
    many(team, three, reasons={three[1].pk: "They never meet"})
    assert states(three) == ["invited"] * 3
    profile = make_peer(council=team.cast.challenge.council)
    barred = Placement.objects.create(challenge=team.cast.challenge, profile=profile)
    with pytest.raises(Blocked, match="own council"):
        many(team, [barred], reasons={barred.pk: "But really"})


def test_no_more_than_the_largest_team(team, three):
    team.cast.challenge.team_min, team.cast.challenge.team_max = 2, 2
    team.cast.challenge.save()
    with pytest.raises(BadInput, match="largest team is 2"):
        many(team, three)
    observer = team.propose(team.cast.observer_profile, "observer")
    assert len(many(team, [*three[:2], observer])) == 3


def test_two_lead_peers_at_once_ask_nobody(team):
    rows = [team.propose(make_peer(), "lead_peer") for _number in range(2)]
    with pytest.raises(BadInput, match="already a lead peer"):
        many(team, rows)
    assert states(rows) == ["proposed"] * 2


@pytest.mark.parametrize("who", ["manager", "host_lead", "lead_peer", "pool_peer", "superuser"])
def test_only_a_coordinator_asks_or_reminds(team, three, who):
    person = getattr(team.cast, who)
    with pytest.raises(NoSeat):
        many(team, three, by=person)
    asked = team.invite()
    with pytest.raises(NoSeat):
        services.remind_peer(placement=asked, by=person)
    client, ref = team.cast.client_for(person), team.cast.challenge.ref
    assert client.get(reverse("planning:invite_many", args=[ref])).status_code == 404
    assert client.post(reverse("planning:remind", args=[ref, asked.pk])).status_code == 404


def test_those_of_another_challenge_are_not_there(team, three):
    other = Placement.objects.create(challenge=team.cast.other_challenge, profile=team.cast.peer_profile)
    with pytest.raises(BadInput, match="look at it again"):
        many(team, [*three, other])


def test_at_once_through_the_page(team, three):
    profile = three[0].profile
    pool.declare_interest(profile=profile, by=profile.user, council=team.cast.challenge.council, kind="family")
    client = team.cast.client_for(team.cast.coordinator)
    path = reverse("planning:invite_many", args=[team.cast.challenge.ref])
    assert "family or a close friend" in client.get(path).content.decode()
    data = {"answer_by": "2099-01-01", "message": "Do come"}
    assert "Choose at least one person" in client.post(path, data).content.decode()
    data |= {f"ask_{row.pk}": "on" for row in three[:2]}
    assert "Give the reason why" in client.post(path, data).content.decode()
    assert client.post(path, data | {f"reason_{three[0].pk}": "They never meet"}).status_code == 302
    assert states(three) == ["invited", "invited", "proposed"]
    page = client.get(reverse("planning:team", args=[team.cast.challenge.ref])).content.decode()
    assert "They never meet" in page


# --- reminders ------------------------------------------------------------------------------------------
def test_one_reminder_a_day(team):
    row = team.invite()
    assert services.remind_peer(placement=row, by=team.cast.coordinator) is True
    assert services.remind_peer(placement=row, by=team.cast.coordinator) is False
    with time_machine.travel(timezone.now() + datetime.timedelta(days=1)):
        assert services.remind_peer(placement=row, by=team.cast.coordinator) is True
    mails = OutboxMail.objects.filter(to=row.profile.user, key__startswith="reminder:")
    assert mails.count() == 2
    assert "Northmere" not in "".join(mail.subject + mail.body for mail in mails)
    assert AuditEvent.objects.filter(act="team.invite", detail__reminder=True).count() == 2


def test_who_has_not_been_asked_is_not_reminded(team):
    with pytest.raises(NotNow):
        services.remind_peer(placement=team.propose(), by=team.cast.coordinator)


def test_a_reminder_is_one_click(team):
    row = team.invite()
    client, ref = team.cast.client_for(team.cast.coordinator), team.cast.challenge.ref
    page = client.post(reverse("planning:remind", args=[ref, row.pk]), follow=True).content.decode()
    assert "has been reminded by mail" in page
    page = client.post(reverse("planning:remind", args=[ref, row.pk]), follow=True).content.decode()
    assert "reminded today already" in page


# --- running out ----------------------------------------------------------------------------------------
@pytest.fixture
def expired(team):
    row = team.invite()
    with time_machine.travel(timezone.now() + AFTER):
        services.expire_invitations()
    row.refresh_from_db()
    return row


def test_on_the_last_day_nothing_runs_out(team):
    row = team.invite()
    with time_machine.travel(timezone.now() + datetime.timedelta(days=10)):
        assert services.expire_invitations() == 0
    assert states([row]) == ["invited"]


def test_the_peer_is_told_kindly_and_the_coordinator_once(team, expired):
    assert expired.state == "expired"
    (mail,) = OutboxMail.objects.filter(to=team.cast.pool_peer, key__startswith="expired:")
    assert "Thank you" in mail.subject
    assert OutboxMail.objects.filter(to=team.cast.coordinator, key__startswith="expired:").count() == 1
    assert tasks_for(team.cast.pool_peer, []) == []


def test_the_host_sees_nothing_of_it(team, expired):
    path = reverse("planning:agree", args=[team.cast.challenge.ref])
    for who in ("host_lead", "host_sponsor", "manager"):
        assert "Pool Peer" not in team.cast.client_for(getattr(team.cast, who)).get(path).content.decode()


def test_a_late_answer_gets_a_clear_page_and_a_way_back(team, expired):
    client, path = team.cast.client_for(team.cast.pool_peer), expired.get_absolute_url()
    assert "I could still come" in client.get(path).content.decode()
    late = client.post(path, {"answer": "accept", "tie": "none"})
    assert late.status_code == 403
    assert "day to answer has passed" in late.content.decode()
    back = reverse("planning:come_back", args=[expired.pk])
    for _click in range(2):
        page = client.post(back, follow=True).content.decode()
        assert "could still come" in page
    expired.refresh_from_db()
    assert (expired.state, expired.line_place) == ("proposed", None)
    assert OutboxMail.objects.filter(to=team.cast.coordinator, key__startswith="back:").count() == 1
    coordinator = team.cast.client_for(team.cast.coordinator)
    assert (
        "Would still come" in coordinator.get(reverse("planning:team", args=[team.cast.challenge.ref])).content.decode()
    )
    again = services.invite_peer(placement=expired, by=team.cast.coordinator, answer_by=SOON)
    assert services.answer_invitation(placement=again, by=team.cast.pool_peer, accept=True).state == "accepted"


@pytest.mark.parametrize("who", ["coordinator", "host_lead", "second_peer", "superuser", "stranger"])
def test_nobody_comes_back_for_another(team, expired, who):
    person = getattr(team.cast, who)
    with pytest.raises(NoSeat):
        services.come_back(placement=expired, by=person)
    assert team.cast.client_for(person).post(reverse("planning:come_back", args=[expired.pk])).status_code == 404


def test_who_was_asked_again_answers_that_one(team, expired):
    team.invite()
    with pytest.raises(NotNow, match="asked again"):
        services.come_back(placement=expired, by=team.cast.pool_peer)


def test_when_it_is_over_nobody_is_written_to(team):
    row = team.invite()
    team.cast.at(Stage.CLOSED)
    with time_machine.travel(timezone.now() + AFTER):
        services.expire_invitations()
    assert states([row]) == ["expired"]
    assert not OutboxMail.objects.filter(key__startswith="expired:").exists()


# --- the history ------------------------------------------------------------------------------------------
def test_the_whole_history_of_a_peer(team, expired):
    services.come_back(placement=expired, by=team.cast.pool_peer)
    again = services.invite_peer(placement=expired, by=team.cast.coordinator, answer_by=SOON)
    services.remind_peer(placement=again, by=team.cast.coordinator)
    services.answer_invitation(placement=again, by=team.cast.pool_peer, accept=False, reason="Budget week")
    (row,) = invitations_through_time(team.cast.coordinator, team.cast.pool_peer_profile)
    assert [step.what for step in row.steps] == [
        "Put on the list", "Invited", "The day to answer passed", "Would still come", "Invited", "Reminded", "Declined"
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["pool_peer", "manager", "host_lead", "lead_peer", "administrator", "superuser"])
def test_the_history_is_for_coordinators(team, expired, who):
    with pytest.raises(NoSeat):
        invitations_through_time(getattr(team.cast, who), team.cast.pool_peer_profile)


def test_the_history_costs_the_same_with_many(team, expired, django_assert_num_queries):
    coordinator, profile = team.cast.coordinator, team.cast.pool_peer_profile
    coordinator.seat_cache = {}
    invitations_through_time(coordinator, profile)
    with django_assert_num_queries(2):
        invitations_through_time(coordinator, profile)
    for _number in range(4):
        services.remove_peer(placement=team.propose(), by=coordinator, reason="Too far")
    with django_assert_num_queries(2):
        assert len(invitations_through_time(coordinator, profile)) == 5


# --- the next best ----------------------------------------------------------------------------------------
def test_after_a_no_the_page_says_whom_to_ask_next(team):
    client, path = team.cast.client_for(team.cast.coordinator), reverse("planning:team", args=[team.cast.challenge.ref])
    row = team.invite()
    assert "Next best" not in client.get(path).content.decode()
    services.answer_invitation(placement=row, by=row.profile.user, accept=False, reason="Budget week")
    page = client.get(path).content.decode()
    assert "Next best" in page
    assert reverse("planning:shortlist_add", args=[team.cast.challenge.ref]) in page
    team.propose(make_peer())  # somebody waits on the list: they come next
    assert "Next best" not in client.get(path).content.decode()


@pytest.mark.parametrize("who", ["manager", "host_lead", "lead_peer"])
def test_nobody_else_is_shown_the_next_best(team, who):
    row = team.invite()
    services.answer_invitation(placement=row, by=row.profile.user, accept=False, reason="Budget week")
    path = reverse("planning:team", args=[team.cast.challenge.ref])
    assert "Next best" not in team.cast.client_for(getattr(team.cast, who)).get(path, follow=True).content.decode()


def test_the_tag_shows_the_history_on_a_page(team, expired, rf):
    request = rf.get("/")
    request.user = team.cast.coordinator
    template = Template("{% load planning %}{% invitation_history profile %}")
    page = template.render(Context({"request": request, "profile": team.cast.pool_peer_profile}))
    assert "The day to answer passed" in page
    assert "Northmere" in page
