"""One challenge from a council's interest to its closing, through the pages alone, as nine people."""

import pytest
from django.utils import timezone

pytest.importorskip("playwright.sync_api", reason="playwright is not installed. Type: make test-all")

from tests.journeys import aftermath, beginnings, preparation, visit
from tests.journeys.house import furnish
from tests.journeys.story import Story

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def test_a_challenge_runs_from_first_interest_to_its_end(house, live_server):
    story = Story(house=house, world=furnish(), today=timezone.localdate())
    beginnings.register_and_name_people(story)
    beginnings.agree_the_scope(story)
    beginnings.choose_and_invite_the_team(story)
    beginnings.issue_and_sign_the_agreements(story)
    beginnings.fix_the_dates_and_open_preparation(story)
    preparation.answer_the_questions(story)
    preparation.give_the_evidence(story)
    preparation.release_unscanned_files(story)
    preparation.sign_off_and_release_the_pack(story)
    visit.read_and_plan(story)
    visit.open_and_hold_conversations(story)
    visit.score_privately_and_reveal(story)
    visit.agree_scores_and_findings(story)
    visit.give_feedback(story)
    aftermath.write_the_report(story)
    aftermath.check_the_facts_and_issue(story)
    aftermath.read_the_pdf(story)
    aftermath.plan_the_actions(story)
    aftermath.follow_up_and_close(story)
    aftermath.access_has_ended(story)
    house.watch.none()
