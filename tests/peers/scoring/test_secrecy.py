"""Blind scores: first there is something that could leak, then each wrong person asks for it everywhere."""

import pytest

from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from peers.access import SeatName
from peers.scoring import queries, services
from peers.scoring.models import AgreedScore, Score
from peers.stages import Stage

SECRET = "The finance director has never seen the plan"


@pytest.fixture
def scored(cast):
    """Both peers and the lead have scored every question; the second peer's comment is the secret."""
    cast.at(Stage.ON_SITE)
    for person in (cast.lead_peer, cast.peer, cast.second_peer):
        for question in cast.questions:
            comment = SECRET if person == cast.second_peer else "Seen in two places."
            services.save_score(
                challenge=cast.challenge, question=question, by=person, version=0, level=2, comment=comment
            )
    return cast


def pages(challenge, question):
    stem = f"/challenges/{challenge.ref}"
    return [
        f"{stem}/scores/",
        f"{stem}/scores/board/",
        f"{stem}/scores/board/{question.code}/",
        f"{stem}/scores/{question.code}/",
        f"{stem}/scores/submit/",
    ]


def test_a_peer_reads_only_their_own_scores_before_the_reveal(scored):
    mine = queries.scores_visible_to(scored.peer, scored.challenge)
    assert {score.owner for score in mine} == {scored.peer}
    client = scored.client_for(scored.peer)
    for url in pages(scored.challenge, scored.questions[0]):
        assert SECRET not in client.get(url).content.decode()


@pytest.mark.parametrize("name", ["host_lead", "host_sponsor", "contributor", "coordinator"])
@pytest.mark.parametrize("stage", [Stage.ON_SITE, Stage.MODERATION, Stage.ISSUED, Stage.CLOSED])
def test_the_host_and_coordinator_never_reach_a_score(scored, name, stage):
    scored.at(stage)
    person = getattr(scored, name)
    assert list(queries.scores_visible_to(person, scored.challenge)) == []
    client = scored.client_for(person)
    for url in pages(scored.challenge, scored.questions[0]):
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("stage", [Stage.ON_SITE, Stage.MODERATION])
def test_outsiders_get_the_same_404_as_for_no_challenge_at_all(scored, stage):
    scored.at(stage)
    for name, person in scored.outsiders.items():
        client = scored.client_for(person)
        for url in pages(scored.challenge, scored.questions[0]):
            assert client.get(url).status_code == 404, (name, url)
        assert list(queries.scores_visible_to(person, scored.challenge)) == []


def test_the_board_opens_with_the_reveal(scored):
    client = scored.client_for(scored.peer)
    board = f"/challenges/{scored.challenge.ref}/scores/board/"
    assert client.get(board).status_code == 403
    scored.at(Stage.MODERATION)
    assert client.get(board).status_code == 200
    question = scored.questions[0]
    assert SECRET in client.get(f"{board}{question.code}/").content.decode()


def test_an_observer_reads_after_the_reveal_and_never_scores(scored):
    question = scored.questions[0]
    with pytest.raises(NoSeat):
        services.save_score(challenge=scored.challenge, question=question, by=scored.observer, version=0, level=1)
    assert list(queries.scores_visible_to(scored.observer, scored.challenge)) == []
    scored.at(Stage.MODERATION)
    assert queries.scores_visible_to(scored.observer, scored.challenge).count() == Score.objects.count()


def test_submitted_scores_stand(scored):
    services.submit_scores(challenge=scored.challenge, by=scored.peer)
    with pytest.raises(NotNow):
        services.save_score(
            challenge=scored.challenge, question=scored.questions[0], by=scored.peer, version=1, level=4
        )
    with pytest.raises(NotNow):
        services.submit_scores(challenge=scored.challenge, by=scored.peer)
    page = scored.client_for(scored.peer).get(f"/challenges/{scored.challenge.ref}/scores/")
    assert page.status_code == 200


def test_submitting_needs_every_question(cast):
    cast.at(Stage.ON_SITE)
    services.save_score(
        challenge=cast.challenge, question=cast.questions[0], by=cast.peer, version=0, level=None, not_explored=True
    )
    with pytest.raises(BadInput) as wrong:
        services.submit_scores(challenge=cast.challenge, by=cast.peer)
    assert cast.questions[1].code in wrong.value.message
    assert [b.sentence.split(" has not")[0] for b in queries.outstanding_scores(cast.challenge)] == [
        person.full_name for person in sorted([cast.lead_peer, cast.peer, cast.second_peer], key=lambda p: p.full_name)
    ]


def test_a_second_tab_does_not_overwrite(cast):
    cast.at(Stage.ON_SITE)
    question = cast.questions[0]
    services.save_score(challenge=cast.challenge, question=question, by=cast.peer, version=0, level=3, comment="first")
    with pytest.raises(StaleVersion) as stale:
        services.save_score(
            challenge=cast.challenge, question=question, by=cast.peer, version=0, level=1, comment="second"
        )
    assert stale.value.current.comment == "first"
    client = cast.client_for(cast.peer)
    url = f"/challenges/{cast.challenge.ref}/scores/{question.code}/"
    page = client.post(url, {"version": 0, "level": "1", "comment": "second"})
    assert page.status_code == 409
    assert "first" in page.content.decode()
    assert "second" in page.content.decode()
    assert Score.objects.get().comment == "first"


def test_autosave_answers_with_the_version(cast):
    cast.at(Stage.ON_SITE)
    client = cast.client_for(cast.peer)
    url = f"/challenges/{cast.challenge.ref}/scores/{cast.questions[0].code}/save/"
    first = client.post(url, {"version": 0, "comment": "half a thought"})
    assert first.json()["version"] == 1
    assert client.post(url, {"version": 1, "comment": "a whole thought"}).json()["version"] == 2
    assert client.post(url, {"version": 1, "comment": "an old tab"}).status_code == 409
    assert Score.objects.get().comment == "a whole thought"


def test_an_agreed_score_is_never_an_average_and_has_a_reason(scored):
    scored.at(Stage.MODERATION)
    question = scored.questions[0]
    with pytest.raises(BadInput):
        services.agree_score(challenge=scored.challenge, question=question, by=scored.lead_peer, version=0, level=3)
    with pytest.raises(NoSeat):
        services.agree_score(
            challenge=scored.challenge, question=question, by=scored.peer, version=0, level=3, reason="x"
        )
    row = services.agree_score(
        challenge=scored.challenge, question=question, by=scored.lead_peer, version=0, level=3, reason="Two plans seen."
    )
    assert (row.level, row.version) == (3, 1)
    with pytest.raises(StaleVersion):
        services.agree_score(
            challenge=scored.challenge, question=question, by=scored.manager, version=0, level=1, reason="y"
        )
    assert AgreedScore.objects.get().level == 3
    assert len(queries.unagreed_questions(scored.challenge)) == 1


def test_another_challenge_question_cannot_be_scored(cast):
    cast.at(Stage.ON_SITE)
    cast.challenge.themes.set(cast.challenge.themes.all()[:1])
    outside = cast.questions[-1]
    with pytest.raises(NoSeat):
        services.save_score(challenge=cast.challenge, question=outside, by=cast.peer, version=0, level=1)


@pytest.mark.parametrize("questions", [1, 2])
def test_the_board_asks_the_same_number_of_queries(scored, django_assert_max_num_queries, questions):
    scored.at(Stage.MODERATION)
    scored.challenge.themes.set(scored.challenge.themes.all()[:questions])
    client = scored.client_for(scored.lead_peer)
    with django_assert_max_num_queries(15):
        assert client.get(f"/challenges/{scored.challenge.ref}/scores/board/").status_code == 200


def test_tasks_name_who_must_score(cast):
    cast.at(Stage.ON_SITE)
    rows = [cast.challenge]
    assert [task.kind for task in queries.tasks_for(cast.peer, rows)] == ["score"]
    assert queries.tasks_for(cast.host_lead, rows) == []
    assert SeatName.OBSERVER not in queries.outstanding_scores(cast.challenge)[0].seats
