"""Asking in order: the next is invited by itself, and only when nothing speaks against them."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from cyber360.exceptions import BadInput, Blocked, NoSeat, StaleVersion
from cyber360.notify.models import OutboxMail
from peers.challenges.services import hold_challenge
from peers.planning import services
from peers.planning.models import InvitationLine, Placement
from peers.planning.queries import missing_team
from peers.pool import services as pool
from peers.stages import Stage
from tests.factories.worlds import make_peer

from .pools import away


@pytest.fixture
def line(team):
    """Three people on the list, none asked; `line.start()` asks in the order in which they stand."""
    return Line(team)


class Line:
    def __init__(self, team):
        self.team, self.cast, self.challenge = team, team.cast, team.cast.challenge
        self.people = [team.propose(make_peer()) for _number in range(3)]

    def start(self, reasons=None, **fields):
        reasons = reasons or {}
        order = [(one.pk, reasons.get(one.pk, "")) for one in self.people]
        values = {"role": "peer", "by": self.cast.coordinator, "days": 7, **fields}
        return services.start_line(challenge=self.challenge, order=order, **values)

    def states(self):
        return [Placement.objects.get(pk=one.pk).state for one in self.people]

    def state(self):
        return InvitationLine.objects.get(challenge=self.challenge).state

    def decline(self, number):
        row = Placement.objects.get(pk=self.people[number].pk)
        return services.answer_invitation(placement=row, by=row.profile.user, accept=False, reason="Budget week")

    def accept(self, number):
        row = Placement.objects.get(pk=self.people[number].pk)
        return services.answer_invitation(placement=row, by=row.profile.user, accept=True)


def test_the_first_is_asked_and_the_next_only_after_a_no(line):
    line.start(message="Do come")
    first = Placement.objects.get(pk=line.people[0].pk)
    assert line.states() == ["invited", "proposed", "proposed"]
    assert (first.answer_by - timezone.localdate()).days == 7
    assert (first.message, first.invited_by) == ("Do come", line.cast.coordinator)
    line.decline(0)
    assert line.states() == ["declined", "invited", "proposed"]
    assert line.state() == "running"
    line.accept(1)
    assert line.states() == ["declined", "accepted", "proposed"]
    assert line.state() == "empty"
    (mail,) = OutboxMail.objects.filter(to=line.cast.coordinator, key__startswith="line:")
    assert "its places are filled" in mail.subject
    path = reverse("planning:line", args=[line.challenge.ref, "peer"])
    assert "Ended: its places are filled" in line.cast.client_for(line.cast.coordinator).get(path).content.decode()


def test_nobody_hears_of_the_line(line):
    line.start()
    people = [one.profile.user for one in line.people]
    asked = OutboxMail.objects.filter(to__in=people, kind="invitation").values_list("to", flat=True)
    assert list(asked) == [people[0].pk]
    page = line.cast.client_for(people[0]).get(line.people[0].get_absolute_url()).content.decode()
    assert "in the line" not in page
    assert not [person for person in people[1:] if person.full_name in page]
    host = line.cast.client_for(line.cast.host_lead).get(reverse("planning:agree", args=[line.challenge.ref]))
    for person in people[1:]:
        assert person.full_name not in host.content.decode()


def test_the_day_passes_and_the_next_is_asked(line):
    line.start()
    with time_machine.travel(timezone.now() + datetime.timedelta(days=8)):
        assert services.expire_invitations() == 1
        assert services.expire_invitations() == 0
    assert line.states() == ["expired", "invited", "proposed"]


def test_taking_off_whom_was_asked_asks_the_next(line):
    line.start()
    services.remove_peer(placement=line.people[0], by=line.cast.coordinator, reason="Ill")
    assert line.states() == ["removed", "invited", "proposed"]


def test_several_places_are_kept_asked(line):
    line.start(wanted=2)
    assert line.states() == ["invited", "invited", "proposed"]
    line.decline(1)
    assert line.states() == ["invited", "declined", "invited"]


def test_a_line_without_anybody_left_stops_and_tells(line):
    line.start(wanted=3)
    line.decline(0)
    assert line.state() == "empty"
    assert OutboxMail.objects.filter(to=line.cast.coordinator, key__startswith="line:").count() == 1


def test_never_more_than_the_largest_team(line):
    line.challenge.team_min, line.challenge.team_max = 2, 2
    line.challenge.save()
    line.start(wanted=3)
    assert line.states() == ["invited", "invited", "proposed"]


def test_never_two_lead_peers(line):
    leads = [line.team.propose(profile, "lead_peer") for profile in (line.cast.lead_peer_profile, make_peer())]
    line.people = leads
    with pytest.raises(BadInput):
        line.start(role="lead_peer", wanted=2)
    line.start(role="lead_peer")
    assert line.states() == ["invited", "proposed"]
    line.decline(0)
    assert line.states() == ["declined", "invited"]


def test_a_warning_without_a_reason_stops_the_line_and_tells(line):
    profile = line.people[1].profile
    line.start()
    pool.declare_interest(profile=profile, by=profile.user, council=line.challenge.council, kind="supplier")
    line.decline(0)
    assert (line.states(), line.state()) == (["declined", "proposed", "proposed"], "against")
    assert OutboxMail.objects.filter(to=line.cast.coordinator, key__startswith="line:").count() == 1


def test_a_warning_without_a_reason_is_said_before_the_line_starts(line):
    profile = line.people[2].profile
    pool.declare_interest(profile=profile, by=profile.user, council=line.challenge.council, kind="supplier")
    with pytest.raises(BadInput, match=profile.user.full_name):
        line.start()
    assert line.states() == ["proposed"] * 3
    assert not InvitationLine.objects.exists()
    path = reverse("planning:line", args=[line.challenge.ref, "peer"])
    data = {"version": 0, "wanted": 1, "days": 5, "message": "", f"place_{line.people[2].pk}": 1}
    page = line.cast.client_for(line.cast.coordinator).post(path, data).content.decode()
    assert f"Give the reason why {profile.user.full_name} is right all the same" in page


def test_a_line_for_places_that_are_all_asked_waits_and_says_so(line):
    line.team.invite(line.cast.peer_profile)
    path = reverse("planning:line", args=[line.challenge.ref, "peer"])
    data = {"version": 0, "wanted": 1, "days": 5, "message": "", f"place_{line.people[0].pk}": 1}
    page = line.cast.client_for(line.cast.coordinator).post(path, data, follow=True).content.decode()
    assert "The line waits until a place is free" in page
    assert (line.states()[0], line.state()) == ("proposed", "running")


def test_a_line_whose_place_somebody_else_fills_ends_and_tells(line):
    other = line.team.invite(line.cast.peer_profile)
    line.start()
    services.answer_invitation(placement=other, by=line.cast.peer, accept=True)
    assert (line.states(), line.state()) == (["proposed"] * 3, "empty")
    assert OutboxMail.objects.filter(to=line.cast.coordinator, key__startswith="line:").count() == 1


def test_who_has_declined_is_not_asked_by_a_line_again(line):
    asked = line.team.invite(line.cast.peer_profile)
    services.answer_invitation(placement=asked, by=line.cast.peer, accept=False, reason="Budget week")
    line.people[0] = line.team.propose(line.cast.peer_profile)
    with pytest.raises(BadInput, match="has declined this visit"):
        line.start(reasons={line.people[0].pk: "They might come now"})
    path = reverse("planning:line", args=[line.challenge.ref, "peer"])
    page = line.cast.client_for(line.cast.coordinator).get(path).content.decode()
    assert f"place_{line.people[1].pk}" in page
    assert f"place_{line.people[0].pk}" not in page


def test_a_line_stops_at_somebody_who_is_no_longer_free(line):
    line.start()
    away(line.people[1].profile, line.challenge.visit_first_day, line.challenge.visit_last_day)
    line.decline(0)
    assert (line.states()[1], line.state()) == ("proposed", "against")


def test_a_reason_given_before_lets_the_line_go_on_but_not_past_something_newer(line):
    profile = line.people[1].profile
    pool.declare_interest(profile=profile, by=profile.user, council=line.challenge.council, kind="supplier")
    line.start(reasons={line.people[1].pk: "It ended long ago"})
    pool.declare_interest(profile=profile, by=profile.user, council=line.challenge.council, kind="family")
    line.decline(0)
    assert line.state() == "against"
    version = InvitationLine.objects.get().version
    line.people = line.people[1:]
    line.start(reasons={line.people[0].pk: "Both known"}, version=version)
    asked = Placement.objects.get(pk=line.people[0].pk)
    assert (asked.state, asked.reason, len(asked.known_conflicts)) == ("invited", "Both known", 2)


def test_who_is_barred_cannot_stand_in_a_line(line):
    profile = line.people[2].profile
    profile.council = line.challenge.council
    profile.save()
    with pytest.raises(Blocked):
        line.start()
    assert line.states() == ["proposed"] * 3


def test_a_bar_that_came_up_meanwhile_stops_the_line(line):
    line.start()
    profile = line.people[1].profile
    profile.council = line.challenge.council
    profile.save()
    line.decline(0)
    assert (line.states()[1], line.state()) == ("proposed", "against")


def test_a_hold_asks_nobody(line):
    line.start()
    hold_challenge(challenge=line.challenge, by=line.cast.coordinator, reason="Election")
    line.decline(0)
    assert line.states() == ["declined", "proposed", "proposed"]


def test_in_the_name_of_somebody_who_left_nobody_is_asked(line):
    line.start()
    line.cast.programme.seats.filter(user=line.cast.coordinator).delete()
    line.decline(0)
    assert (line.states()[1], line.state()) == ("proposed", "orphaned")


def test_stopping_and_a_change_meanwhile(line):
    first = line.start()
    with pytest.raises(StaleVersion):
        line.start()
    services.stop_line(challenge=line.challenge, role="peer", by=line.cast.coordinator)
    services.stop_line(challenge=line.challenge, role="peer", by=line.cast.coordinator)
    line.decline(0)
    assert line.states() == ["declined", "proposed", "proposed"]
    assert InvitationLine.objects.get(pk=first.pk).state == "stopped"


@pytest.mark.parametrize("wrong", [[], [10**9], "twice", "asked"])
def test_a_line_of_nobody_knows_who_is_refused(line, wrong):
    ids = wrong if isinstance(wrong, list) else [line.people[0].pk] * 2
    if wrong == "asked":
        ids = [line.team.invite(line.cast.peer_profile).pk]
    with pytest.raises(BadInput):
        services.start_line(
            challenge=line.challenge, role="peer", by=line.cast.coordinator, order=[(pk, "") for pk in ids]
        )


@pytest.mark.parametrize("who", ["manager", "host_lead", "lead_peer", "pool_peer", "other_host", "superuser"])
def test_only_a_coordinator_has_lines(line, who):
    person = getattr(line.cast, who)
    with pytest.raises(NoSeat):
        line.start(by=person)
    with pytest.raises(NoSeat):
        services.stop_line(challenge=line.challenge, role="peer", by=person)
    path = reverse("planning:line", args=[line.challenge.ref, "peer"])
    assert line.cast.client_for(person).get(path).status_code == 404
    assert line.cast.client_for(person).post(path, {}).status_code == 404


def test_reserves_in_the_line_do_not_hold_up_the_challenge(line):
    words = "Somebody on the team list has not accepted yet"
    assert words in " ".join(one.sentence for one in missing_team(line.challenge))
    line.start()
    line.accept(0)
    assert line.states() == ["accepted", "proposed", "proposed"]
    assert words not in " ".join(one.sentence for one in missing_team(line.challenge))


def test_through_the_page(line):
    client = line.cast.client_for(line.cast.coordinator)
    path = reverse("planning:line", args=[line.challenge.ref, "peer"])
    page = client.get(path).content.decode()
    assert "Invite in order: peer" in page
    data = {"version": 0, "wanted": 1, "days": 5, "message": ""}
    assert "at least one person" in client.post(path, data).content.decode()
    twice = data | {f"place_{one.pk}": 1 for one in line.people[:2]}
    assert "same place" in client.post(path, twice).content.decode()
    places = {f"place_{one.pk}": number for number, one in zip((2, 1), line.people, strict=False)}
    assert client.post(path, data | places).status_code == 302
    assert line.states() == ["proposed", "invited", "proposed"]
    assert "Asking in order" in client.get(path).content.decode()
    assert client.post(path, data | {f"place_{line.people[0].pk}": 1}).status_code == 409
    stop = reverse("planning:line_stop", args=[line.challenge.ref, "peer"])
    assert client.post(stop).status_code == 302
    assert line.state() == "stopped"
    assert client.get(reverse("planning:line", args=[line.challenge.ref, "judge"])).status_code == 404


def test_over_nobody_is_asked(line):
    line.start()
    line.cast.at(Stage.DRAFTING)
    with time_machine.travel(timezone.now() + datetime.timedelta(days=8)):
        services.expire_invitations()
    assert line.states() == ["expired", "proposed", "proposed"]
