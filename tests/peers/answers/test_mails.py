"""Who is told that it is their turn, and what the mails say."""

import datetime

import pytest
from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from cyber360.notify.models import OutboxMail
from peers.answers import services
from peers.answers.models import Answer
from peers.frameworks.models import Question

from .conftest import answer_to, fill, hand, written


def told(kind: str) -> list[OutboxMail]:
    return list(OutboxMail.objects.filter(kind=kind).select_related("to").order_by("pk"))


def write(cast, code: str, text: str = "Text.", by=None) -> Answer:
    row = answer_to(cast, code)
    return services.save_answer(answer=row, by=by or cast.host_lead, version=row.version, level=2, text=text)


def sign(cast):
    return services.sign_off(
        challenge=cast.challenge, by=cast.host_sponsor, name="Ann Other", job_title="Chief executive", declared=True
    )


# --- sign-off ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("last", ["answer", "position"])
def test_the_sponsor_is_told_once_when_the_last_missing_thing_is_written(opened, last):
    for code in ("T1.1", "T1.2", "T2.1"):
        write(opened, code)
    steps = {
        "answer": lambda: write(opened, "T2.2"),
        "position": lambda: services.save_position(
            challenge=opened.challenge, by=opened.host_lead, version=1, text="Where we stand."
        ),
    }
    for name in sorted(steps, key=lambda name: name == last):
        assert told("answers.ready_to_sign") == []
        steps[name]()
    mail = told("answers.ready_to_sign")[0]
    assert mail.to == opened.host_sponsor
    assert mail.subject == "The self-assessment of Northmere is ready for your sign-off"
    assert mail.link.endswith("/sign-off/")
    write(opened, "T1.1", "")
    write(opened, "T1.1", "Text again.")
    assert len(told("answers.ready_to_sign")) == 1


def test_a_level_without_a_reason_is_not_the_last_thing(opened):
    fill(opened)
    OutboxMail.objects.all().delete()
    write(opened, "T2.2", "")
    assert told("answers.ready_to_sign") == []


def test_what_needs_not_be_answered_holds_nothing_up(opened):
    QuerySet(Question).filter(code="T2.2").update(required=False)  # past the guard of a published version
    services.save_position(challenge=opened.challenge, by=opened.host_lead, version=1, text="Where we stand.")
    for code in ("T1.1", "T1.2", "T2.1"):
        write(opened, code)
    assert len(told("answers.ready_to_sign")) == 1


def test_after_an_ended_sign_off_the_sponsor_is_told_again_when_all_is_there(opened):
    fill(opened)
    sign(opened)
    write(opened, "T1.1", "")
    assert len(told("answers.ready_to_sign")) == 1
    write(opened, "T1.1", "Better.")
    assert len(told("answers.ready_to_sign")) == 2


def test_the_host_lead_is_told_of_the_sign_off_once(opened):
    fill(opened)
    sign(opened)
    sign(opened)
    mail = OutboxMail.objects.get(kind="answers.signed_off")
    assert (mail.to, mail.subject) == (opened.host_lead, "The self-assessment of Northmere is signed off")


def test_an_ordinary_save_stays_within_fifteen_queries(opened, django_assert_max_num_queries):
    write(opened, "T1.2")  # the first event of a challenge begins its chain
    row = answer_to(opened, "T1.1")
    with django_assert_max_num_queries(15):
        services.save_answer(answer=row, by=opened.host_lead, version=1, level=2, text="First.")
    with django_assert_max_num_queries(15):
        services.save_answer(answer=row, by=opened.host_lead, version=2, level=3, text="Second.")
    with django_assert_max_num_queries(15):
        services.save_position(challenge=opened.challenge, by=opened.host_lead, version=1, text="Where we stand.")


# --- a contributor has finished -----------------------------------------------------------------------------
def test_the_host_lead_gets_one_mail_a_contributor_and_day(opened):
    written(opened)
    first, second = hand(opened, "T1.1"), hand(opened, "T1.2")
    other = hand(opened, "T1.1", opened.host_sponsor)
    for row in (first, second):
        services.set_done(assignment=row, by=opened.contributor, done=True)
    mail = OutboxMail.objects.get(kind="answers.finished")
    assert mail.to == opened.host_lead
    assert mail.subject == "Contributor has finished a question for Northmere's Cyber 360"
    services.set_done(assignment=other, by=opened.host_sponsor, done=True)
    assert len(told("answers.finished")) == 2


def test_opening_again_or_closing_for_somebody_else_tells_nobody(opened):
    written(opened)
    row = hand(opened, "T1.1")
    services.set_done(assignment=row, by=opened.host_lead, done=True)
    services.set_done(assignment=row, by=opened.host_lead, done=False)
    own = hand(opened, "T1.2", opened.host_lead)
    services.set_done(assignment=own, by=opened.host_lead, done=True)
    assert told("answers.finished") == []


def test_a_name_of_two_lines_does_not_stop_the_contributor(opened):
    opened.contributor.full_name = "Con\r\nTribe"
    opened.contributor.save()
    written(opened)
    services.set_done(assignment=hand(opened, "T1.1"), by=opened.contributor, done=True)
    assert told("answers.finished")[0].subject.startswith("Con Tribe has finished")


# --- hand-over -----------------------------------------------------------------------------------------------
def hand_over(cast, email: str) -> OutboxMail:
    services.hand_over(
        challenge=cast.challenge,
        questions=[answer_to(cast, "T1.1").question, answer_to(cast, "T1.2").question],
        email=email,
        full_name="New Person",
        due_on=timezone.localdate() + datetime.timedelta(days=9),
        by=cast.host_lead,
    )
    return OutboxMail.objects.get(kind="answers.hand_over")


def rendered(mail: OutboxMail) -> str:
    context = {"mail": mail, "link": f"{settings.SITE_URL}{mail.link}" if mail.link else "", "site": settings.SITE_URL}
    return render_to_string("mail/message.txt", context)


def test_a_newcomer_reads_who_asks_for_what_and_how_to_make_sure(opened):
    mail = hand_over(opened, "new.person@example.org")
    assert mail.secret
    text = rendered(mail)
    for words in (
        "Host Lead, Officer, asks you to answer 2 questions for Northmere's Cyber 360 by ",
        "You need no account and no password.",
        "If you are not sure that this is genuine, ring Host Lead on a number you already know.",
        "do not pass it on",
    ):
        assert words in text
    assert "asks you to sign in" not in text
    assert "T1.1" not in text


def test_a_person_with_a_password_is_asked_to_sign_in(opened):
    opened.contributor.set_password("a long enough password")
    opened.contributor.save()
    mail = hand_over(opened, opened.contributor.email)
    assert not mail.secret
    text = rendered(mail)
    assert "no password" not in text
    assert "Sign in as you usually do." in text
    assert "asks you to sign in" in text


def test_a_mail_of_the_account_says_nothing_of_questions():
    text = rendered(OutboxMail(subject="Reset", body="Follow this.", secret=True))
    assert "OFFICIAL." in text
    assert "questions" not in text
