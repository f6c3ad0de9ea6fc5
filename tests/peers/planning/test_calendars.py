"""Feeds and single files: what they hold, whom they open for, how they follow changes, and who is told of a move."""

import datetime
import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from cyber360.accounts.tokens import token_hash
from cyber360.audit.models import AuditEvent
from cyber360.exceptions import NoSeat
from cyber360.notify.models import OutboxMail
from cyber360.ui.logs import TOKEN
from peers.challenges.models import KeyDate
from peers.challenges.services import end_seat_row, set_visit
from peers.planning.models import CalendarEntry, CalendarFeed, Placement
from peers.planning.services import answer_invitation, remove_peer
from peers.planning.services import calendars as services
from peers.planning.tasks import keep_calendars
from peers.pool.services import set_state
from peers.seats import SeatName
from peers.stages import Stage
from tests.factories.worlds import make_challenge, make_peer, make_user, sit

CANARIES = ("Northmere", "Wharf House", "Lead Peer", "Southmere")


def feed_of(user) -> str:
    return reverse("planning:calendar_feed", args=[services.make_feed(by=user)[1]])


def read(url: str) -> Calendar:
    response = Client().get(url)
    assert response.status_code == 200
    return Calendar.from_ical(response.content)


def by_summary(calendar: Calendar) -> dict[str, dict]:
    return {str(event["SUMMARY"]): event for event in calendar.events}


def visit_in(calendar: Calendar, challenge):
    return by_summary(calendar)[f"Cyber 360 visit {challenge.ref}"]


def move(cast, days: int = 7, last: int = 2):
    row = cast.challenge
    row.refresh_from_db()
    first = row.visit_first_day + datetime.timedelta(days=days)
    cast.challenge = set_visit(
        challenge=row, by=cast.manager, version=row.version, visit_first_day=first,
        visit_last_day=first + datetime.timedelta(days=last), visit_place="Wharf House",
    )  # fmt: skip
    return cast.challenge


def mails(user=None):
    rows = OutboxMail.objects.filter(kind="dates")
    return rows.filter(to=user) if user else rows


# --- the address ---------------------------------------------------------------------------------------
def test_only_the_hash_of_the_secret_is_kept(cast):
    feed, secret = services.make_feed(by=cast.peer)
    assert len(secret) >= 43
    assert feed.secret_hash == token_hash(secret)
    kept = str(list(CalendarFeed.objects.values())) + str(list(AuditEvent.objects.values()))
    assert secret not in kept


def test_the_page_shows_the_address_once(cast):
    client = cast.client_for(cast.peer)
    page = client.post(reverse("planning:calendar_make"))
    address = re.search(r'value="(http[^"]+/calendar/[^"]+\.ics)"', page.content.decode()).group(1)
    assert "no-store" in page["Cache-Control"]
    assert ".ics" not in client.get(reverse("planning:calendar")).content.decode()
    assert read(address[address.index("/calendar/") :]).events


def test_a_new_address_closes_the_old_one(cast):
    old, new = feed_of(cast.peer), feed_of(cast.peer)
    assert Client().get(old).status_code == 404
    assert read(new)
    assert cast.peer.calendar_feeds.filter(revoked_at=None).count() == 1


def test_a_stopped_an_unknown_and_a_former_persons_address_answer_alike(cast):
    url, other = feed_of(cast.peer), feed_of(cast.observer)
    services.revoke_feed(by=cast.peer)
    cast.observer.is_active = False
    cast.observer.save()
    unknown = Client().get(reverse("planning:calendar_feed", args=["x" * 43]))
    for gone in (Client().get(url), Client().get(other)):
        assert (gone.status_code, gone.content, gone.headers) == (404, unknown.content, unknown.headers)
    assert services.revoke_feed(by=cast.peer) is False


def test_the_feed_asks_for_no_cookie_and_sets_none(cast):
    url = feed_of(cast.peer)
    for address in (url, reverse("planning:calendar_feed", args=["wrong"])):
        response = Client().get(address)
        assert not response.cookies
        assert "no-store" in response["Cache-Control"]
        assert "Cookie" not in response.get("Vary", "")
    assert Client().get(url)["Content-Type"] == "text/calendar; charset=utf-8"
    assert Client().post(url).status_code == 405


def test_the_feed_opens_where_a_second_factor_is_asked_for(cast, settings):
    url = feed_of(cast.peer)
    settings.SECOND_FACTOR_SEATS = ["peer"]
    assert cast.client_for(cast.peer).get(url).status_code == 200


def test_too_many_readings_are_refused_for_a_while(cast):
    url = feed_of(cast.peer)
    codes = [Client().get(url).status_code for _n in range(61)]
    assert codes == [200] * 60 + [429]
    wrong = reverse("planning:calendar_feed", args=["wrong"])
    assert [Client().get(wrong).status_code for _n in range(61)] == [404] * 60 + [429]


def test_the_log_does_not_keep_the_address(cast):
    url = feed_of(cast.peer)
    assert TOKEN.sub("", f'"GET {url} HTTP/1.1"').count(url.split("/")[-1]) == 0


def test_when_it_was_read_last_is_shown(cast):
    url, client = feed_of(cast.peer), cast.client_for(cast.peer)
    assert "Not yet" in client.get(reverse("planning:calendar")).content.decode()
    read(url)
    assert "Not yet" not in client.get(reverse("planning:calendar")).content.decode()


def test_everybody_with_a_seat_has_a_calendar_page_and_nobody_else(cast):
    for name in ("peer", "host_lead", "coordinator", "contributor", "pool_peer", "administrator", "manager"):
        client = cast.client_for(getattr(cast, name))
        assert client.get(reverse("planning:calendar")).status_code == 200, name
    client = cast.client_for(cast.stranger)
    assert client.get(reverse("planning:calendar")).status_code == 404
    assert client.post(reverse("planning:calendar_make")).status_code == 404
    with pytest.raises(NoSeat):
        services.make_feed(by=cast.stranger)


def test_a_session_from_a_mailed_link_makes_no_feed(cast):
    client = cast.client_for(cast.contributor)
    session = client.session
    session["by_link"] = True
    session.save()
    assert client.get(reverse("planning:calendar")).status_code == 404
    assert client.post(reverse("planning:calendar_make")).status_code == 404
    assert not CalendarFeed.objects.exists()


# --- what it holds ---------------------------------------------------------------------------------------
def test_visit_and_key_dates_of_ones_own_challenges_and_no_others(cast):
    day = timezone.localdate() + datetime.timedelta(days=9)
    KeyDate.objects.create(challenge=cast.challenge, stage=Stage.PREPARATION, due_on=day)
    KeyDate.objects.create(challenge=cast.other_challenge, stage=Stage.PREPARATION, due_on=day)
    found = by_summary(read(feed_of(cast.peer)))
    assert set(found) == {
        f"Cyber 360 visit {cast.challenge.ref}",
        f"Cyber 360 {cast.challenge.ref}: Preparation due",
    }
    visit = found[f"Cyber 360 visit {cast.challenge.ref}"]
    assert visit["DTSTART"].dt == cast.challenge.visit_first_day
    assert visit["DTEND"].dt == cast.challenge.visit_last_day + datetime.timedelta(days=1)
    assert str(visit["URL"]).endswith(cast.challenge.get_absolute_url())
    assert (visit["STATUS"], visit["SEQUENCE"]) == ("CONFIRMED", 0)


def test_nothing_sensitive_stands_in_it(cast):
    cast.challenge.visit_place = "Wharf House"
    cast.challenge.save()
    KeyDate.objects.create(
        challenge=cast.challenge, stage=Stage.SETUP, due_on=timezone.localdate(), pinned=True, reason="Northmere asked"
    )
    for person in (cast.peer, cast.host_lead, cast.manager, cast.observer):
        text = Client().get(feed_of(person)).content.decode().replace("\r\n ", "")
        assert cast.challenge.ref in text
        assert [word for word in (*CANARIES, person.full_name, person.email) if word in text] == []


@pytest.mark.parametrize("who", ["contributor", "coordinator", "administrator", "pool_peer", "editor"])
def test_those_who_sit_on_no_challenge_find_nothing_of_it(cast, who):
    assert read(feed_of(getattr(cast, who))).events == []


def test_a_calendar_without_entries_is_still_one(cast):
    calendar = read(feed_of(cast.pool_peer))
    assert [str(zone["TZID"]) for zone in calendar.timezones] == ["Europe/London"]


def test_days_that_were_over_before_are_not_begun(cast):
    past = timezone.localdate() - datetime.timedelta(days=1)
    KeyDate.objects.create(challenge=cast.challenge, stage=Stage.SCOPING, due_on=past)
    assert len(read(feed_of(cast.peer)).events) == 1


# --- changes ------------------------------------------------------------------------------------------------
def test_a_move_keeps_the_name_and_raises_the_sequence(cast):
    url = feed_of(cast.peer)
    before = visit_in(read(url), cast.challenge)
    assert visit_in(read(url), cast.challenge).to_ical() == before.to_ical()
    challenge = move(cast)
    after = visit_in(read(url), challenge)
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after["DTSTART"].dt == challenge.visit_first_day
    assert after["LAST-MODIFIED"].dt >= before["LAST-MODIFIED"].dt
    services.bring_up_to_date()
    assert visit_in(read(url), challenge)["SEQUENCE"] == 1


def withdrawn(cast):
    cast.at(Stage.WITHDRAWN)


def seat_ended(cast):
    for seat in cast.challenge.seats.filter(user=cast.peer):
        end_seat_row(seat=seat, by=cast.manager, in_seat=SeatName.CHALLENGE_MANAGER)


@pytest.mark.parametrize("end", [withdrawn, seat_ended])
def test_what_ends_is_cancelled_for_sixty_days_and_then_gone(cast, end):
    url = feed_of(cast.peer)
    before = visit_in(read(url), cast.challenge)
    end(cast)
    after = visit_in(read(url), cast.challenge)
    assert (after["STATUS"], after["UID"], after["SEQUENCE"]) == ("CANCELLED", before["UID"], 1)
    assert after["DTSTART"].dt == before["DTSTART"].dt
    age(cast.peer, 59)
    assert len(read(url).events) == 1
    age(cast.peer, 2)
    assert read(url).events == []
    keep_calendars()
    assert not CalendarEntry.objects.filter(person=cast.peer).exists()


def age(person, days: int):
    for row in CalendarEntry.objects.filter(person=person):
        CalendarEntry.objects.filter(pk=row.pk).update(changed_at=row.changed_at - datetime.timedelta(days=days))


def test_whose_access_ended_gets_cancellations_and_no_news(cast):
    url = feed_of(cast.peer)
    before = visit_in(read(url), cast.challenge)["DTSTART"].dt
    seat_ended(cast)
    move(cast)
    KeyDate.objects.create(challenge=cast.challenge, stage=Stage.ISSUED, due_on=cast.challenge.visit_last_day)
    events = read(url).events
    assert [(event["STATUS"], event["DTSTART"].dt) for event in events] == [("CANCELLED", before)]


def test_who_comes_back_gets_the_entry_again_under_its_name(cast):
    url = feed_of(cast.peer)
    name = visit_in(read(url), cast.challenge)["UID"]
    seat_ended(cast)
    read(url)
    sit(cast.peer, SeatName.PEER, cast.challenge, ends_on=None, starts_on=timezone.localdate())
    again = visit_in(read(url), cast.challenge)
    assert (again["STATUS"], again["UID"], again["SEQUENCE"]) == ("CONFIRMED", name, 2)


# --- invitations ----------------------------------------------------------------------------------------------
def test_an_invitation_is_tentative_then_fixed_under_one_name(team):
    cast = team.cast
    url = feed_of(cast.pool_peer)
    team.propose()
    assert read(url).events == []
    placement = team.invite()
    asked = visit_in(read(url), cast.challenge)
    assert (asked["STATUS"], str(asked["URL"]).endswith(placement.get_absolute_url())) == ("TENTATIVE", True)
    team.accept()
    fixed = visit_in(read(url), cast.challenge)
    assert (fixed["STATUS"], fixed["UID"], fixed["SEQUENCE"]) == ("CONFIRMED", asked["UID"], 1)
    assert str(fixed["URL"]).endswith(cast.challenge.get_absolute_url())
    remove_peer(placement=placement, by=cast.coordinator, reason="Ill")
    assert visit_in(read(url), cast.challenge)["STATUS"] == "CANCELLED"


def declined(team, placement):
    answer_invitation(placement=placement, by=team.cast.pool_peer, accept=False, reason="Ill")


def run_out(team, placement):
    Placement.objects.filter(pk=placement.pk).update(state="expired", expired_at=timezone.now())


def left_the_pool(team, placement):
    set_state(profile=team.cast.pool_peer_profile, by=team.cast.coordinator, state="left")


@pytest.mark.parametrize("end", [declined, run_out, left_the_pool])
def test_an_invitation_that_is_over_is_cancelled(team, end):
    placement, url = team.invite(), feed_of(team.cast.pool_peer)
    assert visit_in(read(url), team.cast.challenge)["STATUS"] == "TENTATIVE"
    end(team, placement)
    assert visit_in(read(url), team.cast.challenge)["STATUS"] == "CANCELLED"
    move_quietly(team.cast)
    keep_calendars()
    assert visit_in(read(url), team.cast.challenge)["SEQUENCE"] == 1
    assert "Pool Peer" not in told(team.cast, team.cast.challenge.ref)


def test_other_candidates_see_nothing_of_it(team):
    cast = team.cast
    team.invite()
    assert read(feed_of(cast.lead_peer)).events == []


def test_the_invitations_file_is_the_feeds_entry(team):
    cast = team.cast
    placement, url = team.invite(), feed_of(team.cast.pool_peer)
    file = reverse("planning:invitation_file", args=[placement.pk])
    response = cast.client_for(cast.pool_peer).get(file)
    calendar = Calendar.from_ical(response.content)
    assert calendar["METHOD"] == "PUBLISH"
    assert calendar.events[0].to_ical() == visit_in(read(url), cast.challenge).to_ical()
    assert "Northmere" not in response.content.decode()
    for other in (cast.peer, cast.host_lead, cast.coordinator, cast.stranger):
        assert cast.client_for(other).get(file).status_code == 404


def test_an_invitation_without_days_has_no_file(team):
    cast = team.cast
    cast.challenge.visit_first_day = cast.challenge.visit_last_day = None
    cast.challenge.save()
    response = cast.client_for(cast.pool_peer).get(reverse("planning:invitation_file", args=[team.invite().pk]))
    assert response.status_code == 403
    assert "not fixed" in response.content.decode()


def test_the_file_of_a_challenge(cast):
    KeyDate.objects.create(challenge=cast.challenge, stage=Stage.ISSUED, due_on=cast.challenge.visit_last_day)
    file = reverse("planning:challenge_file", args=[cast.challenge.ref])
    feed = {event["UID"] for event in read(feed_of(cast.peer)).events}
    mine = Calendar.from_ical(cast.client_for(cast.peer).get(file).content)
    assert {event["UID"] for event in mine.events} == feed
    steering = cast.client_for(cast.coordinator)
    first, second = (Calendar.from_ical(steering.get(file).content) for _n in range(2))
    assert {event["UID"] for event in first.events} == {event["UID"] for event in second.events} != feed
    assert len(first.events) == 2
    assert not CalendarEntry.objects.filter(person=cast.coordinator).exists()
    for outsider in cast.outsiders.values():
        assert cast.client_for(outsider).get(file).status_code == 404


# --- a visit that moves ---------------------------------------------------------------------------------------
def told(cast, ref) -> list:
    """Who has a mail that the visit moved, once for each mail."""
    keys = OutboxMail.objects.filter(kind="dates", key__startswith="moved:", subject__contains=ref)
    return sorted(keys.values_list("to__full_name", flat=True))


def move_quietly(cast, days: int = 7, longer: int = 0):
    """As a command or an import would: without the page that tells people by itself."""
    row = cast.challenge
    row.refresh_from_db()
    row.visit_first_day += datetime.timedelta(days=days)
    row.visit_last_day += datetime.timedelta(days=days + longer)
    row.save()


def test_everybody_whom_a_move_touches_has_one_mail(team):
    cast = team.cast
    team.whole()
    invited = make_peer(make_user("Asked Alone"))
    team.invite(invited)
    team.propose(make_peer(make_user("Only Listed")))
    keep_calendars()
    assert told(cast, cast.challenge.ref) == []
    move_quietly(cast)
    for _n in range(3):
        keep_calendars()
    people = ["Asked Alone", "Host Lead", "Host Sponsor", "Lead Peer", "Manager Challenge", "Peer", "Second Peer"]
    assert told(cast, cast.challenge.ref) == people
    mail = OutboxMail.objects.get(to=invited.user, key__startswith="moved:")
    assert mail.subject == f"The visit of {cast.challenge.ref} has moved: please look"
    assert mail.link.startswith("/invitations/")
    assert not any(word in mail.subject + mail.body for word in CANARIES)


def test_two_moves_within_a_minute_are_one_mail_and_a_later_one_is_another(cast):
    keep_calendars()
    move_quietly(cast)
    move_quietly(cast, longer=1)
    keep_calendars()
    assert told(cast, cast.challenge.ref).count("Peer") == 1
    move_quietly(cast, days=0, longer=1)
    keep_calendars()
    assert told(cast, cast.challenge.ref).count("Peer") == 2


def test_there_and_back_again_is_no_move(cast):
    keep_calendars()
    move_quietly(cast)
    move_quietly(cast, days=-7)
    keep_calendars()
    assert told(cast, cast.challenge.ref) == []


def test_a_move_that_the_page_told_is_told_once(cast):
    keep_calendars()
    move(cast)
    keep_calendars()
    for name in ("peer", "host_lead", "manager", "observer"):
        assert mails(getattr(cast, name)).count() == 1, name


def test_a_withdrawn_or_past_visit_is_no_move(cast):
    keep_calendars()
    move_quietly(cast)
    cast.at(Stage.WITHDRAWN)
    keep_calendars()
    assert told(cast, cast.challenge.ref) == []
    other = cast.other_challenge
    other.visit_first_day = other.visit_last_day = timezone.localdate() - datetime.timedelta(days=3)
    other.save()
    CalendarEntry.objects.filter(challenge=other).update(
        first_day=other.visit_first_day - datetime.timedelta(days=1),
        last_day=other.visit_last_day - datetime.timedelta(days=1),
    )
    keep_calendars()
    assert told(cast, other.ref) == []


def test_a_closed_account_has_no_mail(cast):
    keep_calendars()
    cast.peer.is_active = False
    cast.peer.save()
    move_quietly(cast)
    keep_calendars()
    assert "Peer" not in told(cast, cast.challenge.ref)


def test_two_at_once_write_one_change(cast):
    """The second comparison began before the first had written."""
    keep_calendars()
    row = CalendarEntry.objects.get(person=cast.peer, thing="visit")
    move_quietly(cast)
    stale = services._change(row, services.true_now(timezone.localdate())[row.person_id, row.challenge_id, "visit"])
    keep_calendars()
    assert services._write(stale, timezone.now()) is False
    row.refresh_from_db()
    assert row.sequence == 1


# --- sizes ---------------------------------------------------------------------------------------------------
def test_the_feed_and_the_sweep_ask_as_often_for_many(cast, django_assert_max_num_queries):
    for _n in range(8):
        challenge = make_challenge(framework_version=cast.framework_version)
        sit(cast.peer, SeatName.PEER, challenge)
        for stage in (Stage.PREPARATION, Stage.DESK_REVIEW, Stage.ISSUED):
            KeyDate.objects.create(challenge=challenge, stage=stage, due_on=challenge.visit_last_day)
    url, client = feed_of(cast.peer), cast.client_for(cast.peer)
    read(url)
    with django_assert_max_num_queries(8):
        assert len(read(url).events) == 33
    with django_assert_max_num_queries(15):
        client.get(reverse("planning:calendar"))
    keep_calendars()
    with django_assert_max_num_queries(6):
        keep_calendars()


# --- the database refuses --------------------------------------------------------------------------------------
def test_one_feed_a_person_and_one_entry_a_thing(cast):
    services.make_feed(by=cast.peer)
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarFeed.objects.create(owner=cast.peer, secret_hash="a" * 64)
    day = timezone.localdate()
    fields = {"person": cast.peer, "challenge": cast.challenge, "first_day": day, "last_day": day, "path": "/"}
    CalendarEntry.objects.create(**fields, state="confirmed")
    for odd in (
        {"state": "confirmed"},
        {"state": "perhaps", "person": cast.observer},
        {"state": "confirmed", "person": cast.observer, "thing": "party"},
        {"state": "confirmed", "person": cast.observer, "last_day": day - datetime.timedelta(days=1)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            CalendarEntry.objects.create(**(fields | odd))


def test_stopping_asks_once(cast):
    url, client = feed_of(cast.peer), cast.client_for(cast.peer)
    asked = client.get(reverse("planning:calendar_revoke"))
    assert "cannot be opened again" in asked.content.decode()
    assert Client().get(url).status_code == 200
    page = client.post(reverse("planning:calendar_revoke"), follow=True).content.decode()
    assert "The address no longer works" in page
    assert Client().get(url).status_code == 404
    assert "You have no calendar address" in client.get(reverse("planning:calendar_revoke")).content.decode()
