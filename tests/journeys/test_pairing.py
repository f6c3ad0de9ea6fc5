"""A coordinator's year: a pool from a file, a team with reasons, a season planned, pinned, compared and accepted."""

import datetime
import re
from pathlib import Path

import icalendar
import pytest
from django.test import Client
from django.utils import timezone

pytest.importorskip("playwright.sync_api", reason="playwright is not installed. Type: make test-all")

from peers.access import SeatName
from peers.challenges.models import Challenge
from peers.councils.models import Council
from peers.councils.services import import_directory
from peers.planning.models import Placement, PlacementState, SeasonPlan
from peers.pool.models import PeerProfile
from peers.stages import Stage
from tests.factories.worlds import make_challenge, make_user, sit
from tests.journeys import pool_file
from tests.journeys.house import House, furnish
from tests.journeys.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "demo"


class Season:
    """The house, a coordinator, the invented councils, and four challenges that want a visit next October."""

    def __init__(self, house: House) -> None:
        self.house, self.world = house, furnish()
        report = import_directory(
            councils=(DEMO / "councils.csv").read_bytes(), neighbours=(DEMO / "neighbours.csv").read_bytes()
        )
        assert not report.problems
        self.councils = list(Council.objects.filter(gss_code__startswith="X99").order_by("gss_code"))
        october = datetime.date(timezone.localdate().year + 1, 10, 4)
        self.first = october + datetime.timedelta(days=-october.weekday() % 7)
        self.challenges = [self.challenge(council) for council in self.councils[:4]]
        self.host = make_user("Hanna Leith", email="hanna.leith@example.org")
        sit(self.host, SeatName.HOST_LEAD, self.one)
        self.coordinator = house.signed_in("Cora Ordway", self.world.coordinator)

    def challenge(self, council: Council) -> Challenge:
        """In set-up, without days; its window is eight weeks."""
        challenge = make_challenge(council=council, framework_version=self.world.version, stage=Stage.SETUP)
        challenge.visit_first_day = challenge.visit_last_day = None
        challenge.window_first, challenge.window_last = self.first, self.first + datetime.timedelta(days=53)
        challenge.save()
        return challenge

    @property
    def one(self) -> Challenge:
        return self.challenges[0]

    @property
    def team_page(self) -> str:
        return f"/challenges/{self.one.ref}/team/"

    def placements(self, state: PlacementState) -> list[Placement]:
        return list(self.one.placements.filter(state=state).select_related("profile__user").order_by("pk"))


@pytest.fixture
def season(house) -> Season:
    return Season(house)


def test_a_pool_from_a_file_and_a_team_with_reasons(season):
    take_in_the_pool(season)
    read_the_shortlist(season)
    ask_and_be_declined(season)
    hear_the_host(season)
    season.house.watch.none()


def test_a_season_is_planned_held_compared_accepted_and_moved(season):
    take_in_the_pool(season)
    plan_the_season(season)
    season.house.watch.none()


def take_in_the_pool(season: Season) -> None:
    coordinator, folder = season.coordinator, season.house.folder
    coordinator.open("/")
    coordinator.menu("Pool")
    coordinator.follow("Import from a file")
    coordinator.press_empty("Check this file")
    coordinator.attach("CSV file of peers", [pool_file.write(folder / "spoilt.csv", season.councils, spoilt=True)])
    coordinator.press("Check this file")
    coordinator.sees("Checked: some lines cannot be taken")
    coordinator.sees(re.compile("E99999999"))
    before = PeerProfile.objects.count()
    coordinator.attach("CSV file of peers", [pool_file.write(folder / "peers.csv", season.councils)])
    coordinator.press("Check this file")
    coordinator.sees("Checked: nothing is wrong")
    assert PeerProfile.objects.count() == before
    coordinator.press("Import these people")
    coordinator.is_done()
    assert PeerProfile.objects.count() == before + pool_file.PEERS


def read_the_shortlist(season: Season) -> None:
    """Conflicts are computed, reasons stand in words, and one press puts a whole team on the list."""
    coordinator = season.coordinator
    coordinator.open(season.team_page)
    coordinator.follow("Shortlist", part=True)
    coordinator.sees("Who cannot be asked, and why")
    coordinator.sees(re.compile(rf"{season.one.council.name} is Peer Number 000's own council"))
    coordinator.sees(re.compile(r"covers “|covers all"))
    coordinator.press("Put this team on the list team 1")
    coordinator.is_done()
    assert len(season.placements(PlacementState.PROPOSED)) == 4


def ask_and_be_declined(season: Season) -> None:
    coordinator = season.coordinator
    coordinator.open(season.team_page)
    coordinator.follow("Invite several at once")
    for box in coordinator.page.locator("main input[type=checkbox]").all():
        box.check()
    coordinator.press("Send the invitations")
    coordinator.is_done()
    first, *others = season.placements(PlacementState.INVITED)
    assert len(others) == 3
    said_no = answer(season, first, accept=False)
    said_no.sees_not(others[0].profile.user.full_name)
    for placement in others:
        answer(season, placement, accept=True)
    coordinator.open(season.team_page)
    coordinator.sees("Next best")
    coordinator.press("Put on the list", part=True)
    coordinator.is_done()
    (again,) = season.placements(PlacementState.PROPOSED)
    coordinator.open(season.team_page)
    coordinator.follow(f"Invite {again.profile.user.full_name}")
    coordinator.press("Send the invitation")
    coordinator.is_done("has been invited")
    answer(season, again, accept=True)


def answer(season: Season, placement: Placement, *, accept: bool) -> Person:
    user = placement.profile.user
    peer = season.house.signed_in(user.full_name, user)
    peer.open(season.house.letter(user.email, "/invitations/"))
    if accept:
        peer.choose("Yes, I join")
        peer.choose("No, nothing new")
    else:
        peer.choose("No, I cannot")
        peer.fill("If you cannot: why", "Our budget meeting is that week.")
    peer.press("Send my answer")
    peer.is_done("You are on the team" if accept else "Thank you")
    return peer


def hear_the_host(season: Season) -> None:
    """The host objects to one person; the coordinator keeps them with words; no peer reads any of it."""
    host, coordinator = season.house.signed_in("Hanna Leith", season.host), season.coordinator
    someone = season.placements(PlacementState.ACCEPTED)[0].profile.user
    host.open(f"/challenges/{season.one.ref}/team/agree/")
    host.follow(f"Object to {someone.full_name}")
    host.press_empty("Send to the coordinator")
    host.fill("Reason", "Canary: she worked for our former supplier.")
    host.press("Send to the coordinator")
    host.is_done()
    host.sees("You can agree the team when the coordinator has answered you.")
    coordinator.open(season.team_page)
    coordinator.follow(f"The host objects to {someone.full_name}")
    coordinator.sees("Canary: she worked for our former supplier.")
    coordinator.press_empty("Settle")
    coordinator.choose("They stay on the team")
    coordinator.fill("Your words to the host", "She left before your contract began.")
    coordinator.press("Settle")
    coordinator.is_done()
    peer = season.house.people[someone.full_name]
    for path in (f"/challenges/{season.one.ref}/", f"/challenges/{season.one.ref}/timeline/", "/invitations/"):
        peer.open(path)
        assert "object" not in peer.text().lower()
        assert "Canary" not in peer.page.content()
    host.open(f"/challenges/{season.one.ref}/team/agree/")
    host.sees("She left before your contract began.")
    host.press("Agree this team")
    host.is_done("You have agreed the team")


def plan_the_season(season: Season) -> None:
    coordinator = season.coordinator
    address = make_a_feed(season)
    assert events(season, address) == {}
    coordinator.open("/")
    coordinator.menu("Season")
    coordinator.follow("Plan a season", part=True)
    coordinator.fill("Name of the plan", "Autumn, first try")
    coordinator.date("First week", season.first)
    coordinator.fill("Number of weeks", "8")
    coordinator.fill("Longest time to search, in seconds", "10")
    coordinator.press("Save this plan")
    work_out(season)
    plan = SeasonPlan.objects.get()
    assert plan.visits.count() == len(season.challenges)
    hold_and_plan_again(season, plan)
    coordinator.follow("Accept the whole plan")
    coordinator.press("Accept", part=True)
    coordinator.is_done()
    for challenge in season.challenges:
        challenge.refresh_from_db()
        assert challenge.visit_first_day is not None
        assert challenge.placements.filter(state__in=["proposed", "accepted"]).count() >= challenge.team_min
    (event,) = [e for e in events(season, address).values() if "visit" in e["SUMMARY"].lower()]
    assert event["DTSTART"].dt == season.one.visit_first_day
    assert season.one.council.name not in event.to_ical().decode()
    moved = move_the_visit(season)
    (later,) = [e for e in events(season, address).values() if "visit" in e["SUMMARY"].lower()]
    assert (later["UID"], later["DTSTART"].dt) == (event["UID"], moved)
    assert later["SEQUENCE"] > event["SEQUENCE"]


def work_out(season: Season) -> None:
    coordinator = season.coordinator
    coordinator.press("Work out the plan")
    here = coordinator.page.url
    season.house.work()
    coordinator.open(here)
    coordinator.sees("The season at a glance")


def hold_and_plan_again(season: Season, plan: SeasonPlan) -> None:
    """Hold the week of one visit, let another plan move as little as possible, and lay the two side by side."""
    coordinator = season.coordinator
    held = plan.visits.exclude(challenge=season.one).select_related("challenge").first()
    coordinator.open(f"/season/{plan.pk}/visits/{held.pk}/")
    coordinator.press("Hold this week")
    coordinator.open(f"/season/{plan.pk}/")
    coordinator.unfold("Make a new plan from this one")
    coordinator.fill("Name of the plan", "Autumn, second try")
    coordinator.press("Make a new plan")
    work_out(season)
    second = SeasonPlan.objects.latest("pk")
    assert second.visits.get(challenge=held.challenge).week == held.week
    coordinator.open(f"/season/compare/?plan={plan.pk}&plan={second.pk}")
    coordinator.sees("Autumn, first try")
    coordinator.open(f"/season/{second.pk}/")


def make_a_feed(season: Season) -> str:
    host = season.house.signed_in("Hanna Leith", season.host)
    host.open("/my-calendar/")
    host.press("Make my calendar address")
    return host.labelled("Address of your calendar").input_value()


def events(season: Season, address: str) -> dict:
    """What the calendar says, read as a calendar program reads it: without signing in."""
    season.house.work()
    answer = Client().get(address.removeprefix(season.house.url))
    assert answer.status_code == 200
    calendar = icalendar.Calendar.from_ical(answer.content)
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def move_the_visit(season: Season) -> datetime.date:
    coordinator = season.coordinator
    first = season.one.visit_first_day + datetime.timedelta(days=7)
    coordinator.open(f"/challenges/{season.one.ref}/")
    coordinator.follow("Set the dates")
    coordinator.date("First day of the visit", first)
    coordinator.date("Last day of the visit", first + datetime.timedelta(days=2))
    coordinator.press("Save the dates")
    coordinator.is_done("The dates are saved")
    return first
