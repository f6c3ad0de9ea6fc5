"""Handing over by link, several at once, reminders, and links that end with the hand-over."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cyber360.accounts.models import SignInLink
from cyber360.exceptions import BadInput, NoSeat, NotNow
from cyber360.notify.models import OutboxMail
from peers.access import SeatName
from peers.evidence import services
from peers.evidence.models import EvidenceRequest
from peers.evidence.tasks import remind
from peers.stages import Stage
from tests.factories.worlds import sit

from .conftest import a_request, hand, url

pytestmark = pytest.mark.django_db

SOON = timezone.localdate() + timedelta(days=2)
LATER = timezone.localdate() + timedelta(days=20)


def hand_to(room, row, email="ann@example.org", name="Ann New", due_on=LATER):
    return services.hand_request(request=row, by=room.host_lead, email=email, full_name=name, due_on=due_on)


def open_links(email: str) -> set[str]:
    return set(SignInLink.objects.filter(user__email=email, revoked_at=None).values_list("path", flat=True))


def follow(room, mail: OutboxMail):
    return room.client_for(None).post(mail.link, follow=True)


# --- by link ------------------------------------------------------------------------------------------------
def test_the_mail_says_who_asks_for_how_much_by_when_and_nothing_of_the_council(room):
    row = a_request(room)
    services.edit_request(
        request=row, by=room.host_lead, version=1, prompt="Log of our broken backups", good="Shows how bad it is.",
        question=row.question,
    )  # fmt: skip
    hand_to(room, a_request(room))
    mail = OutboxMail.objects.get(kind="evidence.hand_over")
    assert mail.secret
    assert mail.subject.startswith("Please find 1 piece of evidence for Northmere's Cyber 360 by ")
    assert "Host Lead, Officer, asks you to look for something" in mail.body
    assert "1 (document)" in mail.body
    words = mail.subject + mail.body
    for secret in ("broken backups", "how bad", "Title of T1.1", row.question.wording):
        assert secret not in words


def test_the_link_opens_the_request_until_it_changes_hands(room):
    row = hand_to(room, a_request(room))
    first = OutboxMail.objects.get(to=row.owner)
    assert row.prompt in follow(room, first).content.decode()
    assert open_links("ann@example.org") == {row.get_absolute_url()}
    hand_to(room, row, "ben@example.org", "Ben Newer")
    assert open_links("ann@example.org") == set()
    assert open_links("ben@example.org") == {row.get_absolute_url()}
    ended = follow(room, first)
    assert row.prompt not in ended.content.decode()


def test_changing_the_person_on_the_form_ends_the_link_and_tells_the_new_one(room):
    row = hand_to(room, a_request(room))
    services.edit_request(
        request=row, by=room.host_lead, version=row.version, prompt=row.prompt, owner=room.host_sponsor
    )
    assert open_links("ann@example.org") == set()
    told = OutboxMail.objects.get(to=room.host_sponsor)
    assert (told.kind, told.secret) == ("evidence.hand_over", False)


def test_taking_it_from_everybody_ends_the_link(room):
    row = hand_to(room, a_request(room))
    services.edit_request(request=row, by=room.host_lead, version=row.version, prompt=row.prompt, owner=None)
    assert open_links("ann@example.org") == set()


def test_one_request_less_keeps_the_links_to_the_others(room):
    one, two = hand_to(room, a_request(room)), hand_to(room, a_request(room, "T1.2"))
    hand_to(room, one, "ben@example.org", "Ben Newer")
    assert open_links("ann@example.org") == {two.get_absolute_url()}


# --- several ------------------------------------------------------------------------------------------------
def test_several_in_one_mail_whose_link_ends_with_the_last(room):
    rows = [a_request(room, code) for code in ("T1.1", "T1.2", "T2.1")]
    done = services.hand_several(
        challenge=room.challenge, requests=rows, by=room.host_lead, email="ann@example.org", full_name="Ann New",
        due_on=LATER,
    )  # fmt: skip
    assert done == 3
    mail = OutboxMail.objects.get(to__email="ann@example.org")
    assert "3 pieces of evidence" in mail.subject
    assert open_links("ann@example.org") == {url(room)}
    page = follow(room, mail).content.decode()
    assert "Paper on T1.1" in page
    assert "Paper on T2.2" not in page
    for code in ("T1.1", "T1.2"):
        hand_to(room, a_request(room, code), "ben@example.org", "Ben Newer")
        assert open_links("ann@example.org") == {url(room)}
    hand_to(room, a_request(room, "T2.1"), "ben@example.org", "Ben Newer")
    assert open_links("ann@example.org") == set()


def test_the_same_again_changes_nothing(room):
    rows = [a_request(room, code) for code in ("T1.1", "T1.2")]
    words = {"challenge": room.challenge, "by": room.host_lead, "email": "ann@example.org", "full_name": "Ann New"}
    assert services.hand_several(requests=rows, due_on=LATER, **words) == 2
    assert services.hand_several(requests=rows, due_on=LATER, **words) == 0
    assert OutboxMail.objects.count() == 1


def test_a_day_and_a_reason_for_several_leave_what_is_settled(room):
    settled = a_request(room, "T2.2")
    services.mark_not_held(request=settled, by=room.host_lead, reason="Never written.")
    rows = list(room.challenge.evidence_requests.all())
    assert services.set_due_dates(challenge=room.challenge, requests=rows, by=room.manager, due_on=LATER) == 3
    given = {"challenge": room.challenge, "requests": rows[:], "by": room.host_lead}
    assert services.mark_several_not_held(reason="The archive burned.", **given) == 3
    assert set(room.challenge.evidence_requests.values_list("reason", flat=True)) == {
        "The archive burned.", "Never written.",
    }  # fmt: skip
    with pytest.raises(BadInput):
        services.mark_several_not_held(
            reason=" ", challenge=room.challenge, by=room.host_lead, requests=[hand_open(room)]
        )


def hand_open(room) -> EvidenceRequest:
    return services.reopen_request(request=a_request(room), by=room.host_lead)


def test_nobody_reaches_requests_of_another_challenge(room):
    theirs = EvidenceRequest.objects.filter(challenge=room.other_challenge).first()
    with pytest.raises(BadInput):
        services.set_due_dates(
            challenge=room.challenge, requests=[a_request(room), theirs], by=room.host_lead, due_on=LATER
        )
    theirs.refresh_from_db()
    assert theirs.due_on != LATER


@pytest.mark.parametrize("person", ["contributor", "peer", "stranger", "other_host"])
def test_who_may_not_change_several(room, person):
    hand(room)
    with pytest.raises((NoSeat, NotNow)):
        services.set_due_dates(
            challenge=room.challenge, requests=[a_request(room)], by=getattr(room, person), due_on=LATER
        )


def test_several_by_the_page_without_javascript(room):
    client, rows = room.client_for(room.host_lead), [a_request(room, code) for code in ("T1.1", "T1.2")]
    listed = client.get(url(room)).content.decode()
    assert f'name="request" value="{rows[0].pk}"' in listed
    assert 'name="do" value="not_held"' in listed
    query = "?do=not_held&" + "&".join(f"request={row.pk}" for row in rows)
    page = client.get(url(room, "several") + query).content.decode()
    assert "2 open requests" in page
    sent = {"do": "not_held", "request": [row.pk for row in rows], "reason": ""}
    assert "Give the reason" in client.post(url(room, "several"), sent).content.decode()
    assert client.post(url(room, "several"), sent | {"reason": "Not ours."}).url == url(room)
    assert {a_request(room, code).state for code in ("T1.1", "T1.2")} == {"not_held"}
    assert client.get(url(room, "several") + "?do=hand&request=x&request=99999999999999999").url == url(room)
    assert client.get(url(room, "several") + "?do=nonsense").url == url(room)
    day = {"due_on_day": str(LATER.day), "due_on_month": str(LATER.month), "due_on_year": str(LATER.year)}
    client.post(url(room, "several"), {"do": "day", "request": [a_request(room, "T2.1").pk], **day})
    assert a_request(room, "T2.1").due_on == LATER


def test_the_lga_sets_days_but_hands_nothing_over(room):
    client, row = room.client_for(room.manager), a_request(room)
    assert client.get(url(room, "several") + f"?do=day&request={row.pk}").status_code == 200
    assert client.get(url(room, "several") + f"?do=hand&request={row.pk}").status_code == 404


# --- reminders ----------------------------------------------------------------------------------------------
def test_a_reminder_by_hand_once_a_day(room):
    row, client = hand(room), room.client_for(room.host_lead)
    assert "Send a reminder" in client.get(url(room, "request", row.pk)).content.decode()
    for _again in range(2):
        client.post(url(room, "request_remind", row.pk))
    assert [mail.kind for mail in OutboxMail.objects.filter(to=room.contributor)] == ["evidence.reminder"]
    with pytest.raises(NotNow):
        services.remind_owner(request=hand(room, "T1.2", room.host_lead), by=room.host_lead)


def test_reminders_go_by_themselves_once_for_all_that_is_due(room):
    for code in ("T1.1", "T1.2"):
        row = hand(room, code)
        row.due_on = SOON
        row.save()
    later = hand(room, "T2.1")
    later.due_on = LATER
    later.save()
    for _run in range(3):
        remind()
    mail = OutboxMail.objects.get(to=room.contributor)
    assert (mail.kind, "2 pieces" in mail.subject) == ("evidence.reminder", True)
    assert OutboxMail.objects.filter(kind="evidence.reminder").count() == 1
    assert SignInLink.objects.filter(user=room.contributor).count() == 1
    later.refresh_from_db()
    assert later.reminded_at is None


def test_nobody_is_reminded_after_the_release_or_on_hold(room):
    row = hand(room)
    row.due_on = SOON
    row.save()
    room.at(Stage.DESK_REVIEW)
    assert services.remind_before_due() == 0
    room.at(Stage.PREPARATION)
    room.challenge.on_hold_since, room.challenge.hold_reason = timezone.localdate(), "An election."
    room.challenge.save()
    assert services.remind_before_due() == 0


def test_a_person_with_a_password_elsewhere_gets_no_link_that_signs_in(room):
    sit(room.contributor, SeatName.PEER, room.other_challenge)
    hand_to(room, a_request(room), room.contributor.email, "Contributor")
    assert not SignInLink.objects.exists()
    assert OutboxMail.objects.get().link == a_request(room).get_absolute_url()


# --- in one place -------------------------------------------------------------------------------------------
def mine(room, person) -> str:
    return room.client_for(person).get(reverse("answers:mine")).content.decode()


def test_my_questions_lists_the_evidence_asked_of_me_with_day_and_state(room):
    late, met = hand(room), hand(room, "T1.2")
    EvidenceRequest.objects.filter(pk=late.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    EvidenceRequest.objects.filter(pk=met.pk).update(state="met", due_on=SOON)
    text = mine(room, room.contributor)
    assert "Evidence to find" in text
    assert text.index(late.get_absolute_url()) < text.index(met.get_absolute_url())
    assert "Late" in text
    assert "Met" in text
    assert "No questions are with you" not in text
    assert a_request(room, "T2.1").get_absolute_url() not in text


def test_my_questions_lists_a_settled_request_under_done(room):
    row = hand(room)
    before, after = mine(room, room.contributor).split("Evidence to find</h2>")
    assert row.get_absolute_url() not in before
    assert "Done</h2>" not in after
    EvidenceRequest.objects.filter(pk=row.pk).update(state="met")
    text = mine(room, room.contributor)
    assert "Evidence to find" not in text
    assert row.get_absolute_url() in text.split("Done</h2>")[1]


def test_my_questions_shows_nobody_what_was_asked_of_another(room):
    row = hand(room)
    for person in (room.peer, room.manager, room.host_lead, room.other_host, room.stranger):
        assert row.get_absolute_url() not in mine(room, person)
    room.contributor.challenge_seats.all().delete()
    assert row.get_absolute_url() not in mine(room, room.contributor)  # the seat has ended


@pytest.mark.parametrize("many", [1, 6])
def test_my_questions_costs_the_same(room, django_assert_max_num_queries, many):
    rows = EvidenceRequest.objects.filter(challenge=room.challenge)[:many]
    EvidenceRequest.objects.filter(pk__in=[row.pk for row in rows]).update(owner=room.contributor)
    client = room.client_for(room.contributor)
    with django_assert_max_num_queries(15):
        assert client.get(reverse("answers:mine")).status_code == 200
