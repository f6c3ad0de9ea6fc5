"""The room's pages as each person, with one finding and with forty."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from peers.findings import queries, services
from peers.findings.models import Feedback, Finding
from peers.stages import Stage

from .conftest import SECRET, draft

HOST_AND_OTHERS = ("host_lead", "host_sponsor", "contributor", "coordinator")


def pages(board):
    ref = board.challenge.ref
    return {
        "board": reverse("findings:board", args=[ref]),
        "add": reverse("findings:add", args=[ref]),
        "detail": reverse("findings:detail", args=[ref, board.finding.pk]),
        "edit": reverse("findings:edit", args=[ref, board.finding.pk]),
    }


def client(board, who):
    return board.cast.client_for(getattr(board.cast, who))


@pytest.mark.parametrize("stage", [Stage.ON_SITE, Stage.MODERATION, Stage.DRAFTING, Stage.ISSUED, Stage.CLOSED])
def test_neither_host_nor_outsider_ever_reads_a_finding(board, stage):
    board.cast.at(stage)
    people = {name: getattr(board.cast, name) for name in HOST_AND_OTHERS} | board.cast.outsiders
    for name, person in people.items():
        assert list(queries.findings_visible_to(person, board.challenge)) == []
        for page, url in pages(board).items():
            assert board.cast.client_for(person).get(url).status_code == 404, (name, page)


def test_the_challenges_own_page_tells_the_host_nothing(board):
    for who in ("host_lead", "host_sponsor", "coordinator"):
        page = client(board, who).get(reverse("overview:challenge", args=[board.challenge.ref])).content.decode()
        assert SECRET not in page, who
        timeline = client(board, who).get(reverse("challenges:timeline", args=[board.challenge.ref])).content.decode()
        assert SECRET not in timeline, who


def test_what_the_team_opens(board):
    expected = {
        "lead_peer": [200, 200, 200, 200], "peer": [200, 200, 200, 200], "manager": [200, 200, 200, 200],
        "observer": [200, 404, 200, 404],
    }  # fmt: skip
    for who, codes in expected.items():
        assert [client(board, who).get(url).status_code for url in pages(board).values()] == codes, who


def test_an_id_of_another_challenge_is_not_there(board):
    other = board.cast.other_challenge
    other.stage = Stage.MODERATION
    other.save()
    foreign = Finding.objects.create(challenge=other, theme=other.themes.first(), kind="strength", headline="Elsewhere")
    for name in ("detail", "edit"):
        url = reverse(f"findings:{name}", args=[board.challenge.ref, foreign.pk])
        assert client(board, "lead_peer").get(url).status_code == 404


def test_drafting_through_the_page(board):
    theme = board.challenge.themes.first()
    data = {"kind": "recommendation", "theme": theme.pk, "headline": "Do it", "narrative": "Because."}
    refused = client(board, "peer").post(pages(board)["add"], data).content.decode()
    assert "Say for which role" in refused
    assert "Say how soon" in refused
    saved = client(board, "peer").post(pages(board)["add"], data | {"owner_suggestion": "Leader", "urgency": "now"})
    assert saved.status_code == 302
    assert Finding.objects.filter(headline="Do it").count() == 1


def test_two_tabs_see_both_texts(board):
    theme = board.challenge.themes.first()
    data = {"version": 1, "kind": "strength", "theme": theme.pk, "headline": "First", "narrative": "One."}
    peer = client(board, "peer")
    assert peer.post(pages(board)["edit"], data).status_code == 302
    answer = peer.post(pages(board)["edit"], data | {"headline": "Second"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "First" in page
    assert "Second" in page
    assert Finding.objects.get(pk=board.finding.pk).headline == "First"
    assert peer.post(pages(board)["edit"], data | {"headline": "Second", "version": 2}).status_code == 302


def test_deciding_through_the_page(board):
    url = pages(board)["detail"]
    assert client(board, "peer").post(url, {"version": 1, "state": "agreed"}).status_code == 404
    lead = client(board, "lead_peer")
    assert "Give the reason" in lead.post(url, {"version": 1, "state": "dropped"}).content.decode()
    assert lead.post(url, {"version": 1, "state": "agreed"}).status_code == 302
    assert lead.post(url, {"version": 1, "state": "dropped", "reason": "No."}).status_code == 409
    agreed = client(board, "peer").get(pages(board)["detail"]).content.decode()
    assert pages(board)["edit"] not in agreed


def test_feedback_through_the_page(board):
    board.cast.at(Stage.FEEDBACK)
    url = reverse("findings:feedback", args=[board.challenge.ref])
    data = {"held_on_day": "1", "held_on_month": "3", "held_on_year": "2026", "attendee_roles": "Chief executive"}
    assert client(board, "host_lead").post(url, data).status_code == 404
    assert client(board, "manager").post(url, data).status_code == 302
    assert Feedback.objects.get().recorded_by == board.cast.manager


@pytest.mark.parametrize("name", ["board", "detail"])
def test_queries_at_one_and_at_forty(board, name):
    lead = client(board, "lead_peer")
    url = pages(board)[name]
    lead.get(url)
    counts = []
    for more in (0, 39):
        for number in range(more):
            draft(board.cast, headline=f"Finding {number}")
        with CaptureQueriesContext(connection) as captured:
            assert lead.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[1] <= 15


def test_tasks_in_two_queries_for_any_number(board, django_assert_max_num_queries):
    manager = board.cast.manager
    manager.seat_cache = {}
    (task,) = queries.tasks_for(manager, [board.challenge])
    assert task.what == "Agree or drop 1 finding for Northmere"
    assert queries.tasks_for(board.cast.host_lead, [board.challenge]) == []
    services.decide_finding(finding=board.finding, by=board.cast.lead_peer, version=1, state="agreed")
    with django_assert_max_num_queries(3):
        assert queries.tasks_for(manager, [board.challenge]) == []
