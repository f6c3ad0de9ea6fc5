"""The generator at a small size: what it makes is whole and consistent. Speed itself is `make bench`, not a test."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.audit.services import verify_scope
from peers.access import SeatName
from peers.agreements.templates import load_default_templates
from peers.answers.models import Answer
from peers.challenges.defaults import load_defaults
from peers.challenges.models import Challenge, Seat
from peers.evidence.models import EvidenceItem
from peers.findings.models import Finding
from peers.overview.bench.frames import CYCLE, VISIT_IN
from peers.overview.bench.planning import shortlist_page
from peers.overview.bench.programme import CannotMake, Size, make
from peers.overview.bench.run import pages_of, table
from peers.overview.bench.visits import cookie_of, measured_challenge, pages, standing
from peers.planning.models import Placement
from peers.pool.models import BlackoutPeriod, Experience, HomeCouncil, PeerProfile
from peers.scoring.models import Score
from peers.stages import Stage
from tests.factories.worlds import make_challenge, make_framework
from tests.people import Cast

EVENTS = 30
EVERY_STAGE = len(CYCLE)


@pytest.fixture
def ground(db):
    load_defaults()
    load_default_templates()
    return make_framework(themes=2, questions=3)


def test_two_challenges_are_whole(ground):
    made = make(Size(2, events=EVENTS))
    assert made["challenges"] == 2
    follow_up, closed = Challenge.objects.order_by("pk")
    assert (follow_up.stage, closed.stage) == (Stage.FOLLOW_UP, Stage.CLOSED)
    for challenge in (follow_up, closed):
        assert verify_scope(challenge.scope) is None
        assert AuditEvent.objects.filter(scope=challenge.scope).count() == EVENTS
        assert Answer.objects.filter(challenge=challenge).answered().count() == 6
        assert Score.objects.filter(challenge=challenge).count() == 6 * 4
        assert EvidenceItem.objects.filter(challenge=challenge).count() == 40
        numbers = Finding.objects.filter(challenge=challenge, number__isnull=False).values_list("number", flat=True)
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert not Seat.objects.in_force(timezone.localdate()).filter(content_object=closed).exists()


def test_every_row_passes_its_own_checks(ground):
    """Bulk paths call no full_clean: here it is called on a row of each kind in each stage."""
    make(Size(EVERY_STAGE, events=3))
    assert set(Challenge.objects.values_list("stage", flat=True)) == set(Stage.values)
    of_the_pool = (PeerProfile, HomeCouncil, Experience, BlackoutPeriod)
    for model in (Challenge, Answer, EvidenceItem, Finding, Placement, Score, *of_the_pool):
        assert model._default_manager.exists(), model
        for row in model._default_manager.all()[:60]:
            row.full_clean()


def test_a_team_never_comes_from_the_council_itself(ground):
    make(Size(EVERY_STAGE, events=3))
    for placement in Placement.objects.select_related("profile", "challenge"):
        assert placement.profile.council_id != placement.challenge.council_id


def test_the_same_seed_makes_the_same_programme(ground):
    make(Size(1, events=3), seed=7)
    first = list(Answer.objects.order_by("pk").values_list("level", "text"))
    make_again = Answer.objects.all()
    assert first, "there are answers"
    with pytest.raises(CannotMake, match="already"):
        make(Size(1, events=3), seed=7)
    assert list(make_again.order_by("pk").values_list("level", "text")) == first


def test_a_database_in_use_is_refused(ground):
    make_challenge(framework_version=ground)
    with pytest.raises(CommandError, match="not generated"):
        call_command("make_programme", challenges=1)
    make(Size(1, events=3), force=True)


def test_no_questionnaire_no_programme(db):
    with pytest.raises(CommandError, match="import_framework"):
        call_command("make_programme", challenges=1)


def test_every_stage_has_its_visit():
    assert set(VISIT_IN) == set(Stage)


@pytest.mark.slow
def test_the_measured_pages_open_and_stay_within_their_queries(ground, django_assert_max_num_queries, settings):
    settings.SECOND_FACTOR_SEATS = list(SeatName)
    make(Size(EVERY_STAGE, events=3))
    challenge = measured_challenge()
    for page in pages(challenge):
        client = Cast.client_for(None)
        for pair in cookie_of(challenge, page.seat).split("; "):
            name, _is, value = pair.partition("=")
            client.cookies[name] = value
        with standing(challenge, page.stage):
            client.get(page.path)  # the questionnaire's own text is read once for the process
            with django_assert_max_num_queries(15, info=page.name):
                assert client.get(page.path).status_code == 200, page.name


@pytest.mark.slow
def test_the_measured_shortlist_opens_and_stays_within_its_queries(ground, django_assert_max_num_queries, settings):
    settings.SECOND_FACTOR_SEATS = list(SeatName)
    make(Size(EVERY_STAGE, events=3))
    page, challenge = shortlist_page()
    client = Cast.client_for(None)
    for pair in cookie_of(challenge, page.seat).split("; "):
        name, _is, value = pair.partition("=")
        client.cookies[name] = value
    assert challenge.stage == Stage.SETUP
    client.get(page.path)
    with django_assert_max_num_queries(12):
        assert client.get(page.path).status_code == 200


def test_the_table_has_both_query_counts():
    one = {"question.queries": 11, "question.ms_p50": 10.0}
    full = {**one, "question.ratio_p50": 5.0, "question.ratio_p95": 9.0, "question.server_ms": 8.0}
    found = pages_of({1: one, 400: full})
    assert (found["pages.question.queries_1"], found["pages.question.queries_400"]) == (11, 11)
    assert "question" in table(found)
