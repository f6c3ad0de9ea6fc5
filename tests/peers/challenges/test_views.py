"""Pages of a challenge's people, scope, dates, hold and timeline."""

import pytest
from django.utils import timezone

from cyber360.accounts.models import User
from peers.actionplans import services as actionplans
from peers.answers import services as answers
from peers.answers.models import Answer, Assignment
from peers.challenges import services
from peers.challenges.models import Challenge, KeyDate, Seat
from peers.evidence import services as evidence
from peers.evidence.models import EvidenceRequest
from peers.onsite import services as onsite
from peers.overview.queries import tasks_here
from peers.stages import Stage
from tests.factories.worlds import make_council

STEERED = ("people/add/", "scope/", "dates/", "dates/set/", "hold/", "resume/")
SHARED = ("people/", "timeline/")


def url(cast, path=""):
    return f"/challenges/{cast.challenge.ref}/{path}"


@pytest.mark.parametrize("stage", [Stage.SCOPING, Stage.ON_SITE, Stage.CLOSED])
def test_outsiders_and_contributors_find_nothing(cast, stage):
    cast.at(stage)
    seat = Seat.objects.get(user=cast.peer)
    for person in [*cast.outsiders.values(), cast.contributor]:
        client = cast.client_for(person)
        for path in (*STEERED, *SHARED, f"people/{seat.pk}/end/"):
            assert client.get(url(cast, path)).status_code == 404, (person, path)
            assert client.post(url(cast, path), {}).status_code == 404, (person, path)
    assert cast.client_for(cast.stranger).get("/challenges/C360-1999-001/people/").status_code == 404


@pytest.mark.parametrize("name", ["host_lead", "host_sponsor", "lead_peer", "peer", "observer"])
def test_host_and_team_read_but_do_not_steer(cast, name):
    cast.at(Stage.SCOPING)
    client = cast.client_for(getattr(cast, name))
    for path in SHARED:
        assert client.get(url(cast, path)).status_code == 200, path
    for path in STEERED:
        assert client.get(url(cast, path)).status_code == 404, path


@pytest.mark.parametrize("name", ["coordinator", "manager"])
def test_those_who_steer_open_every_page(cast, name):
    cast.at(Stage.SCOPING)
    client = cast.client_for(getattr(cast, name))
    seat = Seat.objects.get(user=cast.peer)
    for path in (*SHARED, *STEERED[:-1], f"people/{seat.pk}/end/"):
        assert client.get(url(cast, path)).status_code == 200, path
    assert client.get(url(cast, "resume/")).status_code == 403, "it is not on hold"


def test_a_seat_of_another_challenge_is_not_ended_here(cast):
    seat = Seat.objects.get(user=cast.other_host)
    response = cast.client_for(cast.manager).post(url(cast, f"people/{seat.pk}/end/"), {"reason": "x"})
    assert response.status_code == 404
    seat.refresh_from_db()
    assert seat.ends_on is None


def test_registering_leads_to_the_people(cast):
    council = make_council("Eastmere")
    client = cast.client_for(cast.coordinator)
    response = client.post("/challenges/register/", {"council": council.pk, "interest_note": "Please."})
    challenge = Challenge.objects.get(council=council)
    assert response.url == f"/challenges/{challenge.ref}/people/"
    for person in (cast.manager, cast.host_lead, cast.superuser):
        assert cast.client_for(person).get("/challenges/register/").status_code == 404


def test_naming_people_and_refusing_both_sides(cast):
    client = cast.client_for(cast.manager)
    data = {"name": "host_lead", "full_name": "Ada Marsh", "email": "ada@example.org"}
    assert client.post(url(cast, "people/add/"), data).status_code == 302
    again = client.post(url(cast, "people/add/"), data | {"email": cast.peer.email})
    assert "already sits on the other side" in again.content.decode()
    assert client.post(url(cast, "people/add/"), data | {"name": "peer"}).status_code == 200, "no team seats here"


def scope_data(cast, **changes):
    themes = [theme.pk for theme in cast.framework_version.themes.all()]
    data = {"version": 1, "focus": "Recovery", "framework_version": cast.framework_version.pk, "themes": themes,
            "team_min": 3, "team_max": 4}  # fmt: skip
    return data | changes


def test_an_old_scope_form_keeps_what_was_typed_and_shows_what_stands(cast):
    cast.at(Stage.SCOPING)
    client = cast.client_for(cast.manager)
    assert client.post(url(cast, "scope/"), scope_data(cast)).status_code == 302
    page = client.post(url(cast, "scope/"), scope_data(cast, focus="Typed in an old tab"))
    text = page.content.decode()
    assert page.status_code == 409
    assert "Typed in an old tab" in text
    assert "Recovery" in text
    cast.challenge.refresh_from_db()
    assert cast.challenge.focus == "Recovery"


def test_an_old_dates_form_changes_nothing(cast):
    client = cast.client_for(cast.manager)
    data = {"version": 1, "visit_first_day": "2027-09-14", "visit_last_day": "2027-09-16"}
    assert client.post(url(cast, "dates/"), data).status_code == 302
    assert client.post(url(cast, "dates/"), data | {"visit_last_day": "2027-09-17"}).status_code == 409
    wrong = client.post(url(cast, "dates/"), data | {"version": 2, "visit_last_day": "2027-09-13"})
    assert "ends before it begins" in wrong.content.decode()


@pytest.mark.parametrize("changes", [
    {"window_first": "2027-03-01"}, {"window_first": "2027-03-02", "window_last": "2027-03-01"},
    {"team_min": 5}, {"framework_version": ""},
])  # fmt: skip
def test_scopes_that_do_not_fit_are_refused_on_the_page(cast, changes):
    cast.at(Stage.SCOPING)
    response = cast.client_for(cast.manager).post(url(cast, "scope/"), scope_data(cast, **changes))
    assert response.status_code == 200
    assert "error" in response.content.decode()
    cast.challenge.refresh_from_db()
    assert cast.challenge.version == 1


def test_setting_a_date_by_hand_and_holding(cast):
    client = cast.client_for(cast.manager)
    data = {"stage": "issued", "due_on": "2027-11-05"}
    assert client.post(url(cast, "dates/set/"), data).status_code == 200
    assert client.post(url(cast, "dates/set/"), data | {"reason": "Cabinet"}).status_code == 302
    assert KeyDate.objects.get().pinned
    assert client.post(url(cast, "hold/"), {"reason": "Election"}).status_code == 302
    assert client.get(url(cast, "hold/")).status_code == 403
    assert client.post(url(cast, "resume/")).status_code == 302


# --- the timeline
@pytest.fixture
def busy(cast):
    """One event that is for everybody, one for the team alone, one for the host and those who steer."""
    cast.at(Stage.ON_SITE)
    theme = cast.challenge.themes.first()
    services.pin_key_date(
        challenge=cast.challenge, by=cast.manager, stage=Stage.ISSUED, due_on=timezone.localdate(), reason="x"
    )
    onsite.raise_key_line(challenge=cast.challenge, by=cast.peer, theme=theme, text="A line for the team")
    onsite.save_note(challenge=cast.challenge, by=cast.peer, text="A note", version=0)
    services.end_seat(seat=Seat.objects.get(user=cast.contributor), by=cast.manager)
    cast.at(Stage.FOLLOW_UP)
    actionplans.record_export(challenge=cast.challenge, by=cast.host_lead, name="plan.csv", rows=1)
    return cast


SEEN = {
    "host_lead": {"challenge.dates", "seat.end", "plan.export"},
    "lead_peer": {"challenge.dates", "enquiry.edit"},
    "peer": {"challenge.dates", "enquiry.edit", "note.write"},
    "manager": {"challenge.dates", "enquiry.edit", "seat.end", "plan.export"},
    "coordinator": {"challenge.dates", "plan.export"},
}


@pytest.mark.parametrize("name", SEEN)
def test_each_seat_sees_its_own_timeline(busy, name):
    from_page = busy.client_for(getattr(busy, name)).get(url(busy, "timeline/")).context["known"]
    assert set(from_page) == SEEN[name]


def test_the_timeline_is_filtered_by_what_one_may_see_only(busy):
    client = busy.client_for(busy.host_lead)
    assert client.get(url(busy, "timeline/?act=seat.end")).status_code == 200
    for act in ("enquiry.edit", "note.write", "nonsense"):
        assert client.get(url(busy, f"timeline/?act={act}")).status_code == 404, act


# --- what a person leaves behind
@pytest.fixture
def holding(cast):
    """The contributor of the cast with a question and a request for evidence in hand."""
    cast.at(Stage.PREPARATION)
    for arrive in (answers.open_answers, evidence.open_requests_from_framework):
        arrive(challenge=cast.challenge, by=cast.coordinator, at=timezone.now())
    question = Answer.objects.get(challenge=cast.challenge, question__code="T1.1").question
    today = timezone.localdate()
    Assignment.objects.create(
        challenge=cast.challenge, question=question, person=cast.contributor, due_on=today, handed_by=cast.host_lead
    )
    rows = EvidenceRequest.objects.filter(challenge=cast.challenge)
    rows.update(owner=cast.host_lead)
    rows.filter(question=question).update(owner=cast.contributor, due_on=today)
    return cast


def left_tasks(cast, person) -> dict[str, str]:
    tasks = tasks_here(User.objects.get(pk=person.pk), cast.challenge)
    return {task.what: task.url for task in tasks if task.what.startswith("Hand on")}


def test_the_form_for_ending_a_seat_says_what_the_person_holds(holding):
    client = holding.client_for(holding.coordinator)
    ends = {user: Seat.objects.get(user=user) for user in (holding.contributor, holding.peer)}
    text = client.get(url(holding, f"people/{ends[holding.contributor].pk}/end/")).content.decode()
    assert "1 open request for evidence" in text
    assert "1 question to answer" in text
    listed = client.get(url(holding, f"evidence/?state=open&owner={holding.contributor.pk}")).content.decode()
    assert listed.count('data-label="Who looks for it"') == 1
    assert "no longer has a seat" not in listed
    assert "still holds work" not in client.get(url(holding, f"people/{ends[holding.peer].pk}/end/")).content.decode()


def test_what_was_held_by_somebody_who_left_is_the_host_leads_to_hand_on(holding):
    lead, name = holding.host_lead, holding.contributor.full_name
    assert left_tasks(holding, lead) == {}
    services.end_seat(seat=Seat.objects.get(user=holding.contributor), by=holding.manager)
    tasks = left_tasks(holding, lead)
    assert list(tasks) == [f"Hand on the {what} that {name} held" for what in ("question", "request for evidence")]
    for person in (holding.host_sponsor, holding.coordinator, holding.other_host, holding.contributor):
        assert left_tasks(holding, person) == {}
    client = holding.client_for(lead)
    lists = [url(holding, "questions/?show=left"), url(holding, "evidence/?state=open&owner=left")]
    for address in [*tasks.values(), *lists]:
        page = client.get(address).content.decode()
        assert page.count("(no longer has a seat)") == 1, address
    assert "T1.2" not in client.get(lists[0]).content.decode().split("<main")[1]


def test_handing_on_ends_the_task(holding):
    services.end_seat(seat=Seat.objects.get(user=holding.contributor), by=holding.manager)
    row = Assignment.objects.get()
    request = EvidenceRequest.objects.get(owner=holding.contributor)
    to = {"email": "ann@example.org", "full_name": "Ann New", "due_on": timezone.localdate()}
    answers.hand_over(challenge=holding.challenge, questions=[row.question], by=holding.host_lead, **to)
    assert [one.person.full_name for one in Assignment.objects.all()] == ["Ann New"]
    evidence.hand_request(request=request, by=holding.host_lead, **to)
    assert left_tasks(holding, holding.host_lead) == {}
