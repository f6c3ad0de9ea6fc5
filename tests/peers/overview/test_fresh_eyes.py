"""What people who used the product for the first time stumbled over."""

import datetime

from django.utils import timezone

from peers.answers.services import open_answers
from peers.challenges.models import Challenge
from peers.evidence.models import EvidenceItem, EvidenceRequest
from peers.evidence.services import open_requests_from_framework
from peers.overview import queries
from peers.planning.models import Placement
from peers.stages import Stage


def test_whoever_may_move_on_is_told_all_that_blocks(cast):
    """The host lead may release the pack: what only the coordinator can clear stands beside the button as well."""
    cast.at(Stage.PREPARATION)
    seen = queries.next_move_for(cast.host_lead, cast.challenge)
    steered = queries.next_move_for(cast.coordinator, cast.challenge)
    assert [row.sentence for row in seen.blockers] == [row.sentence for row in steered.blockers] != []
    assert EvidenceItem.objects.count() == 0


def test_a_finished_stage_shows_no_planned_day(cast):
    cast.at(Stage.ON_SITE)
    assert all(step.due_on is None for step in queries.steps_of(cast.challenge) if step.state == "done")


def test_the_seat_of_the_challenge_is_the_one_shown_on_it(cast):
    client = cast.client_for(cast.peer)
    session = client.session
    session["acting_seat"] = f"programme:{cast.programme.pk}:pool_peer"
    session.save()
    page = client.get(f"/challenges/{cast.challenge.ref}/").content.decode()
    assert "Acting as: Peer" in page
    assert Placement.objects.count() == 0


def test_late_challenges_stand_first_and_closed_ones_last(cast):
    today = timezone.localdate()
    cast.at(Stage.CLOSED)
    cast.other_challenge.key_dates.create(stage=cast.other_challenge.stage, due_on=today)
    refs = [row.ref for row in queries.pipeline_for(cast.coordinator, today)]
    assert refs == [cast.other_challenge.ref, cast.challenge.ref]


def test_the_tasks_of_a_challenge_stand_soonest_first_and_undated_last(cast):
    cast.at(Stage.PREPARATION)
    now, today = timezone.now(), timezone.localdate()
    for arrive in (open_answers, open_requests_from_framework):
        arrive(challenge=cast.challenge, by=cast.coordinator, at=now)
    request = EvidenceRequest.objects.filter(challenge=cast.challenge)[0]
    EvidenceRequest.objects.filter(pk=request.pk).update(owner=cast.host_lead, due_on=today)
    rows = queries.tasks_here(cast.host_lead, cast.challenge)
    assert rows[0].what.startswith("Find evidence for ")
    days = [row.due_on for row in rows]
    assert days == [today, *[None] * (len(rows) - 1)]
    cast.challenge.key_dates.create(stage=Stage.PREPARATION, due_on=today - datetime.timedelta(days=1))
    assert queries.tasks_here(cast.host_lead, Challenge.objects.get(pk=cast.challenge.pk))[-1].due_on == today
