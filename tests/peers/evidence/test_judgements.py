"""The team's view of a theme's evidence: who writes it, who reads it, and who never does."""

import pytest

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from peers.acts import Act
from peers.evidence import queries, services
from peers.evidence.models import Judgement
from peers.stages import Stage

from .conftest import url

pytestmark = pytest.mark.django_db

WORDS = {"complete": "partly", "complete_why": "Nothing on suppliers.", "accurate": "cannot_say"}
HIDDEN = "Nothing on suppliers."
TEAM = ("lead_peer", "peer", "second_peer")


@pytest.fixture
def reading(room):
    room.at(Stage.DESK_REVIEW)
    return room


def theme(room, code: str = "T1"):
    return room.framework_version.themes.get(code=code)


def judge(room, by=None, version: int = 0, words=WORDS, **fields):
    return services.save_judgement(
        challenge=room.challenge, theme=theme(room), by=by or room.peer, version=version, words=words, **fields
    )


@pytest.mark.parametrize("person", TEAM)
def test_the_team_judges(reading, person):
    row = judge(reading, by=getattr(reading, person))
    assert (row.complete, row.complete_why, row.accurate, row.relevant, row.version) == (
        "partly", HIDDEN, "cannot_say", "", 1,
    )  # fmt: skip
    assert not row.is_whole


@pytest.mark.parametrize(
    "person",
    ["observer", "manager", "coordinator", "host_lead", "host_sponsor", "contributor", "stranger", "superuser"],
)
def test_who_does_not_judge(reading, person):
    with pytest.raises((NoSeat, NotNow)):
        judge(reading, by=getattr(reading, person))
    assert not Judgement.objects.exists()


def test_not_before_the_pack_is_there_and_not_after_moderation(room):
    for stage in (Stage.PREPARATION, Stage.DRAFTING):
        room.at(stage)
        with pytest.raises(NotNow):
            judge(room)


def test_only_words_of_the_scale_and_themes_in_scope(reading):
    with pytest.raises(BadInput):
        judge(reading, words={"complete": "excellent"})
    reading.challenge.themes.remove(theme(reading))
    with pytest.raises(NoSeat):
        judge(reading)


def test_nobody_overwrites_anybody(reading):
    judge(reading)
    with pytest.raises(StaleVersion) as first:
        judge(reading, by=reading.lead_peer, words={"complete": "enough"})
    assert first.value.current.complete == "partly"
    second = judge(reading, by=reading.lead_peer, version=1, words={"complete": "enough"})
    assert (second.version, second.complete_why) == (2, "")
    with pytest.raises(StaleVersion):
        judge(reading, version=1, words={"complete": "not_enough"})
    assert judge(reading, version=1, words={"complete": "enough"}).version == 2  # the same words are no clash


def test_autosaves_are_one_event(reading):
    row = judge(reading, autosave=True)
    for number in range(3):
        row = judge(reading, version=row.version, words=WORDS | {"relevant_why": f"Word {number}"}, autosave=True)
    assert AuditEvent.objects.filter(act=Act.EVIDENCE_JUDGE).count() == 1
    judge(reading, version=row.version, words=WORDS)
    events = AuditEvent.objects.filter(act=Act.EVIDENCE_JUDGE)
    assert events.count() == 2
    assert HIDDEN not in str(list(events.values()))


def test_the_page_saves_and_its_autosave_answers(reading):
    client = reading.client_for(reading.peer)
    page = client.get(url(reading, "judge", "T1")).content.decode()
    assert 'name="version" value="0"' in page
    assert "data-autosave=" in page
    sent = {"version": 0, **WORDS}
    assert client.post(url(reading, "judge_autosave", "T1"), sent).json()["version"] == 1
    clash = client.post(url(reading, "judge_autosave", "T1"), sent | {"complete": "enough"})
    assert (clash.status_code, HIDDEN in clash.content.decode()) == (409, True)
    by_page = client.post(url(reading, "judge", "T1"), sent | {"complete": "enough", "complete_why": "My own words"})
    assert by_page.status_code == 409
    text = by_page.content.decode()
    assert HIDDEN in text
    assert "My own words" in text
    assert 'name="version" value="1"' in text
    done = client.post(url(reading, "judge", "T1"), {"version": 1, "complete": "enough"})
    assert done.url == url(reading, "judgements")
    assert client.post(url(reading, "judge_autosave", "T1"), {"version": "x"}).status_code == 400
    assert client.get(url(reading, "judge", "T9")).status_code == 404


def test_an_empty_form_is_refused_with_words_and_leaves_no_row(reading):
    client = reading.client_for(reading.peer)
    for empty in ({"version": 0}, {"version": 0, "complete": "", "complete_why": "  "}):
        page = client.post(url(reading, "judge", "T1"), empty)
        text = page.content.decode()
        assert page.status_code == 200
        assert "Choose a word for at least one of the four" in text
        assert "<title>Error: " in text
        assert client.post(url(reading, "judge_autosave", "T1"), empty).status_code == 400
    assert not Judgement.objects.exists()
    with pytest.raises(BadInput):
        judge(reading, words={})
    client.post(url(reading, "judge", "T1"), {"version": 0, **WORDS})
    assert client.post(url(reading, "judge", "T1"), {"version": 1}).status_code == 200
    assert Judgement.objects.get().version == 1  # what the team said is not wiped by an empty sending


def test_who_reads_it_and_who_never_does(reading):
    judge(reading)
    readers = ("lead_peer", "peer", "second_peer", "observer", "manager")
    for person in readers:
        page = reading.client_for(getattr(reading, person)).get(url(reading, "judgements"))
        assert HIDDEN in page.content.decode(), person
    for stage in (Stage.DESK_REVIEW, Stage.FACTUAL_CHECK, Stage.CLOSED):
        reading.at(stage)
        for person in ("host_lead", "host_sponsor", "contributor", "coordinator", *reading.outsiders):
            user = getattr(reading, person)
            client = reading.client_for(user)
            for name, args in (("judgements", []), ("judge", ["T1"])):
                assert client.get(url(reading, name, *args)).status_code == 404, (person, name)
            for name in ("list", "coverage"):
                assert HIDDEN not in client.get(url(reading, name)).content.decode()
            with pytest.raises((NoSeat, NotNow)):
                queries.judgements_by_theme(user, reading.challenge)


def test_the_page_costs_the_same_for_few_and_many(reading, django_assert_max_num_queries):
    client = reading.client_for(reading.peer)
    for code in ("T1", "T2"):
        services.save_judgement(
            challenge=reading.challenge, theme=theme(reading, code), by=reading.peer, version=0, words=WORDS
        )
        with django_assert_max_num_queries(15):
            assert client.get(url(reading, "judgements")).status_code == 200
    with django_assert_max_num_queries(20):
        assert client.get(url(reading, "judge", "T1")).status_code == 200
