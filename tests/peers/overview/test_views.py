"""Home, seats, the pipeline, and the pages of a challenge and of its moves."""

import csv
import datetime
import io
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from peers.access import SeatName
from peers.acts import Act
from peers.challenges.models import KeyDate, StageChange
from peers.overview import queries
from peers.stages import Stage
from tests.factories.worlds import make_challenge, make_council, sit

PAST = timezone.localdate() - datetime.timedelta(days=3)


def url(cast, path=""):
    return f"/challenges/{cast.challenge.ref}/{path}"


# --- home and seats
def test_home_groups_what_there_is_to_do(cast):
    cast.at(Stage.DESK_REVIEW)
    KeyDate.objects.create(challenge=cast.challenge, stage=Stage.DESK_REVIEW, due_on=PAST)
    page = cast.client_for(cast.peer).get("/")
    groups = {group.title: [task.what for task in group.tasks] for group in page.context["groups"]}
    assert "Read the pack of Northmere" in groups["Overdue"]
    assert cast.client_for(cast.stranger).get("/").context["count"] == 0


def test_home_of_a_contributor_and_of_an_administrator_is_their_own_page(cast):
    assert cast.client_for(cast.contributor).get("/").url.startswith("/")
    assert cast.client_for(cast.contributor).get("/").status_code == 302
    assert cast.client_for(cast.administrator).get("/").status_code == 302
    assert "login" in cast.client_for(None).get("/").url


def test_tasks_of_other_challenges_do_not_show(cast):
    cast.other_challenge.stage = Stage.DESK_REVIEW
    cast.other_challenge.save()
    whats = [task.what for task in queries.tasks_of(cast.peer, timezone.localdate())]
    assert not any("Southmere" in what for what in whats)


def test_a_move_is_a_task_of_those_who_may_make_it_but_not_while_on_hold(cast):
    cast.at(Stage.DRAFTING)

    def kinds():
        return [task.kind for task in queries.tasks_of(cast.manager, timezone.localdate())]

    assert "move" in kinds()
    cast.challenge.on_hold_since, cast.challenge.hold_reason = PAST, "Election."
    cast.challenge.save()
    assert "move" not in kinds()


def test_a_person_switches_between_their_own_seats_only(cast):
    sit(cast.peer, SeatName.HOST_LEAD, cast.other_challenge)
    client = cast.client_for(cast.peer)
    choices = client.get("/seats/").context["rows"]
    assert {row["label"] for row in choices} == {"Peer", "Host lead", "Member of the pool"}
    host = next(row for row in choices if row["label"] == "Host lead")
    assert client.post("/seats/", {"seat": host["key"]}).url == cast.other_challenge.get_absolute_url()
    assert client.get("/").context["capacity"]["seat_label"] == "Host lead"
    for key in (f"challenge:{cast.challenge.pk}:host_lead", "programme:1:coordinator", ""):
        assert client.post("/seats/", {"seat": key}).status_code == 404, key
    page = client.get(url(cast))
    assert page.context["capacity"]["seat_label"] == "Peer", "on a challenge's page the seat there"


# --- the list and the pipeline
def test_the_list_shows_only_ones_own_challenges(cast):
    def refs(person):
        page = cast.client_for(person).get("/challenges/").content.decode()
        return {row.ref for row in (cast.challenge, cast.other_challenge) if row.ref in page}

    assert refs(cast.peer) == refs(cast.host_lead) == {cast.challenge.ref}
    assert refs(cast.other_host) == {cast.other_challenge.ref}
    assert refs(cast.coordinator) == {cast.challenge.ref, cast.other_challenge.ref}
    assert refs(cast.stranger) == refs(cast.superuser) == set()


@pytest.fixture
def busy(cast):
    """A late challenge in Wales beside the two of the cast."""
    cast.late = make_challenge(
        make_council("=Westmere", region="Wales", nation="Wales"), cast.framework_version, Stage.SETUP
    )
    KeyDate.objects.create(challenge=cast.late, stage=Stage.SETUP, due_on=PAST)
    return cast


@pytest.mark.parametrize(("query", "found"), [
    ("", 3), ("?stage=setup", 1), ("?region=Wales", 1), ("?late=on", 1), ("?words=westmere", 1), ("?words=C360-", 3),
    ("?stage=setup&region=North+West", 0), ("?words=nowhere", 0),
])  # fmt: skip
def test_the_pipeline_filters(busy, query, found):
    page = busy.client_for(busy.coordinator).get(f"/pipeline/{query}")
    assert page.context["total"] == found


def test_the_pipeline_is_the_coordinators(busy):
    for name in ("manager", "host_lead", "lead_peer", "editor", "administrator", "stranger", "superuser"):
        client = busy.client_for(getattr(busy, name))
        for path in ("/pipeline/", "/pipeline.csv"):
            assert client.get(path).status_code == 404, (name, path)
    assert not AuditEvent.objects.filter(act=Act.PIPELINE_READ).exists()


def test_the_export_is_filtered_safe_and_recorded(busy):
    response = busy.client_for(busy.coordinator).get("/pipeline.csv?late=on")
    (row,) = csv.DictReader(io.StringIO(response.content.decode()))
    assert (row["council"], row["days late"]) == ("'=Westmere", "3")
    assert row["next owner"] == "Coordinator, Challenge manager"
    event = AuditEvent.objects.get(act=Act.PIPELINE_READ)
    assert (event.actor_id, event.detail) == (busy.coordinator.pk, {"rows": 1})


@pytest.mark.parametrize("path", ["/pipeline/", "/challenges/"])
def test_a_long_pipeline_costs_no_more_queries(cast, path, django_assert_max_num_queries):
    client = cast.client_for(cast.coordinator)
    counts = []
    for _round in range(2):
        client.get(path)
        with django_assert_max_num_queries(25) as asked:
            assert client.get(path).status_code == 200
        counts.append(len(asked))
        for _one in range(20):
            make_challenge(framework_version=cast.framework_version)
    assert counts[0] == counts[1], counts


# --- one challenge
@pytest.mark.parametrize("stage", Stage)
def test_the_challenge_page_opens_in_every_stage_for_every_seat(cast, stage):
    cast.at(stage)
    for name in ("host_lead", "host_sponsor", "lead_peer", "peer", "observer", "manager", "coordinator"):
        assert cast.client_for(getattr(cast, name)).get(url(cast)).status_code == 200, name
    for person in [*cast.outsiders.values(), cast.contributor]:
        assert cast.client_for(person).get(url(cast)).status_code == 404, person


def test_each_side_sees_what_it_owes(cast):
    cast.at(Stage.ON_SITE)
    seen = queries.next_move_for(cast.lead_peer, cast.challenge)
    assert seen.mine
    assert len(seen.blockers) == 3
    assert queries.next_move_for(cast.host_lead, cast.challenge).blockers == []
    assert not queries.next_move_for(cast.host_lead, cast.challenge).mine
    page = cast.client_for(cast.host_lead).get(url(cast)).content.decode()
    assert "has not submitted their scores" not in page


# --- moves
def test_a_blocked_move_says_why_and_moves_nothing(cast):
    cast.at(Stage.ON_SITE)
    client = cast.client_for(cast.lead_peer)
    assert client.get(url(cast, "move/moderation/")).status_code == 200
    page = client.post(url(cast, "move/moderation/"), {"since": "on_site"})
    assert page.status_code == 403
    assert "has not submitted their scores" in page.content.decode()
    assert not StageChange.objects.exists()


def test_a_move_and_its_double_click(cast):
    cast.at(Stage.INTEREST)
    client = cast.client_for(cast.coordinator)
    for _click in range(2):
        response = client.post(url(cast, "move/scoping/"), {"since": "interest"})
        assert response.status_code == 302
        assert response.url == url(cast)
    assert StageChange.objects.count() == 1


def test_an_old_page_of_a_move_does_not_move_from_another_stage(cast):
    cast.at(Stage.SETUP)
    client = cast.client_for(cast.manager)
    data = {"since": "preparation", "reason": "Old tab"}
    assert client.post(url(cast, "move/scoping/"), data).status_code == 403
    assert not StageChange.objects.exists()


def test_a_step_back_asks_for_its_reason(cast):
    client = cast.client_for(cast.manager)
    assert client.post(url(cast, "move/setup/"), {"since": "preparation"}).status_code == 200
    assert (
        client.post(url(cast, "move/setup/"), {"since": "preparation", "reason": "A peer fell ill"}).status_code == 302
    )
    assert StageChange.objects.get().reason == "A peer fell ill"


def test_moves_of_others_and_moves_that_are_none(cast):
    cast.at(Stage.ISSUED)
    assert cast.client_for(cast.host_lead).get(url(cast, "move/action_planning/")).status_code == 404
    assert cast.client_for(cast.manager).get(url(cast, "move/nowhere/")).status_code == 404
    assert cast.client_for(cast.manager).get(url(cast, "move/interest/")).status_code == 302
    for person in [*cast.outsiders.values(), cast.contributor]:
        for to in ("action_planning", "interest", "nowhere"):
            assert cast.client_for(person).post(url(cast, f"move/{to}/"), {"since": "issued"}).status_code == 404
    assert not StageChange.objects.exists()


def test_the_coordinator_is_led_to_new_interest_and_to_the_scope(cast):
    for stage, words in ((Stage.INTEREST, "accept the interest"), (Stage.SCOPING, "Agree the scope")):
        cast.at(stage)
        assert words in cast.client_for(cast.coordinator).get("/").content.decode()
        assert words not in cast.client_for(cast.host_lead).get("/").content.decode()
    cast.challenge.on_hold_since, cast.challenge.hold_reason = PAST, "Election."
    cast.challenge.save()
    assert "Agree the scope with Northmere" not in cast.client_for(cast.coordinator).get("/").content.decode()


def test_settings_lead_a_coordinator_to_every_page_of_data(cast):
    page = cast.client_for(cast.coordinator).get(reverse("overview:settings"))
    links = re.findall(r'<li><a class="govuk-link" href="([^"]+)"', page.content.decode())
    assert len(links) == 10  # with the list of people
    assert {cast.client_for(cast.coordinator).get(link).status_code for link in links} == {200}


def test_settings_are_the_coordinators_alone(cast):
    for person in (*cast.outsiders.values(), cast.host_lead, cast.lead_peer, cast.manager):
        assert cast.client_for(person).get(reverse("overview:settings")).status_code == 404
