"""Applying to the pool: invited, applied, decided; and everything that can go wrong between."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from cyber360.accounts.models import User
from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow
from cyber360.notify.models import OutboxMail
from peers.access import SeatName, seats_on
from peers.pool import services
from peers.pool.models import PeerProfile, PoolInvitation, State
from peers.pool.queries import askable, pool_tasks_for
from tests.factories.worlds import make_council, make_peer

OUTSIDERS = ["pool_peer", "lead_peer", "host_lead", "host_sponsor", "manager", "administrator", "superuser", "stranger"]
ADDRESS = "new.person@example.org"


def invite(cast, email=ADDRESS, name="New Person"):
    return services.invite_to_pool(programme=cast.programme, by=cast.coordinator, email=email, full_name=name)


def later(invitation, minutes=60):
    PoolInvitation.objects.filter(pk=invitation.pk).update(sent_at=timezone.now() - datetime.timedelta(minutes=minutes))


def mails():
    return OutboxMail.objects.filter(address=ADDRESS)


def apply(invitation, **changes):
    fields = {
        "council": make_council("Eastmere"), "role": "officer", "skills": {"T1": "strong"},
        "known": [("unitary", "small")], "job_title": "Head of service", "seniority": "head_of_service",
        "days_offered": 4, "access_needs": "Step-free rooms",
    } | changes  # fmt: skip
    return services.apply_to_pool(invitation=invitation, by=invitation.user, **fields)


def person():
    return User.objects.get(email=ADDRESS)


# --- the invitation -------------------------------------------------------------------------------
def test_an_invitation_gives_an_account_a_seat_and_a_mail_and_no_profile(cast):
    invitation, how = invite(cast)
    assert (how, invitation.is_open, mails().count()) == ("sent", True, 1)
    assert seats_on(person()) == {SeatName.POOL_PEER}
    assert not PeerProfile.objects.filter(user=person()).exists()
    assert AuditEvent.objects.filter(act="pool.edit", object_type="poolinvitation").count() == 1


def test_inviting_twice_is_one_invitation_and_no_second_mail_within_minutes(cast):
    first, _how = invite(cast)
    again, how = invite(cast, email=ADDRESS.upper())
    assert (again, how, mails().count()) == (first, "lately", 1)
    later(first)
    again, how = invite(cast)
    assert (again, how, mails().count(), PoolInvitation.objects.count()) == (first, "again", 2, 1)


def test_an_address_in_the_pool_already_is_refused_without_a_trace(cast):
    before = OutboxMail.objects.count()
    with pytest.raises(BadInput, match="in the pool already"):
        invite(cast, email=cast.pool_peer.email)
    assert (OutboxMail.objects.count(), PoolInvitation.objects.count()) == (before, 0)


def test_a_disabled_account_is_refused(cast):
    cast.stranger.is_active = False
    cast.stranger.save()
    with pytest.raises(NotNow, match="disabled"):
        invite(cast, email=cast.stranger.email)


def test_an_invitation_taken_back_leads_nowhere(cast):
    invitation, _how = invite(cast)
    services.withdraw_pool_invitation(invitation=invitation, by=cast.coordinator)
    services.withdraw_pool_invitation(invitation=invitation, by=cast.coordinator)
    assert seats_on(person()) == frozenset()
    with pytest.raises(NoSeat):
        apply(invitation)
    assert cast.client_for(person()).get(reverse("pool:apply")).status_code == 404
    again, how = invite(cast)
    assert (again.pk != invitation.pk, how) == (True, "sent")


def test_taking_back_after_they_applied_is_refused(cast):
    invitation, _how = invite(cast)
    apply(invitation)
    with pytest.raises(NotNow, match="has applied"):
        services.withdraw_pool_invitation(invitation=invitation, by=cast.coordinator)


def test_putting_an_invited_person_in_by_hand_closes_the_invitation(cast):
    invitation, _how = invite(cast)
    profile = services.register_peer(
        programme=cast.programme, by=cast.coordinator, email=ADDRESS, full_name="New Person",
        council=make_council(), role="officer",
    )  # fmt: skip
    invitation.refresh_from_db()
    assert (invitation.is_open, profile.state) == (False, "invited")
    with pytest.raises(NotNow, match="no longer open"):
        apply(invitation)


@pytest.mark.parametrize("who", OUTSIDERS)
def test_nobody_else_invites_decides_or_looks(cast, who):
    invitation, _how = invite(cast)
    profile, other = apply(invitation), getattr(cast, who)
    for act in (
        lambda: services.invite_to_pool(programme=cast.programme, by=other, email="x@example.org", full_name="X"),
        lambda: services.withdraw_pool_invitation(invitation=invitation, by=other),
        lambda: services.approve_application(profile=profile, by=other),
        lambda: services.turn_down_application(profile=profile, by=other, reason="No"),
        lambda: services.apply_to_pool(
            invitation=invitation, by=other, council=profile.council, role="officer", skills={}
        ),
    ):
        with pytest.raises(NoSeat):
            act()
    client = cast.client_for(other)
    assert [client.get(reverse(f"pool:{name}")).status_code for name in ("invite", "invitations", "apply")] == [404] * 3
    for name in ("peer", "turn_down"):
        assert client.get(reverse(f"pool:{name}", args=[profile.pk])).status_code == 404
    for name in ("approve", "turn_down", "send"):
        assert client.post(reverse(f"pool:{name}", args=[profile.pk]), {"reason": "x"}).status_code == 404
    for name in ("invitation_send", "invitation_withdraw"):
        assert client.post(reverse(f"pool:{name}", args=[invitation.pk])).status_code == 404


# --- the application --------------------------------------------------------------------------------
def test_an_application_waits_and_cannot_be_asked(cast):
    profile = apply(invite(cast)[0])
    assert (profile.state, profile.seniority, profile.access_needs) == ("applied", "head_of_service", "Step-free rooms")
    assert [row.council_id for row in profile.homes.all()] == [profile.council_id]
    assert list(profile.experience.values_list("council_kind", "size")) == [("unitary", "small")]
    assert profile not in askable(cast.programme)
    assert OutboxMail.objects.filter(to=cast.coordinator, kind="pool").count() == 1
    assert AuditEvent.objects.filter(act="pool.apply", actor_id=profile.user_id).count() == 1


def test_an_applicant_cannot_make_themselves_what_coordinators_say(cast):
    profile = apply(invite(cast)[0], can_lead=True, training_done_on=timezone.localdate(), state="active")
    profile.refresh_from_db()
    assert (profile.can_lead, profile.training_done_on, profile.state) == (False, None, "applied")
    row = services.edit_profile(profile=profile, by=profile.user, version=profile.version, can_lead=True, biography="B")
    assert (row.can_lead, row.biography, row.state) == (False, "B", "applied")


def test_applying_twice_is_one_application(cast):
    invitation, _how = invite(cast)
    first = apply(invitation)
    assert apply(invitation, job_title="Another") == first
    assert PeerProfile.objects.get(pk=first.pk).job_title == "Head of service"
    assert OutboxMail.objects.filter(to=cast.coordinator, kind="pool").count() == 1


@pytest.mark.parametrize("changes", [
    {"role": "member", "seniority": "director"},
    {"role": "officer", "seniority": "leader"},
    {"party": "Independent"},
    {"most_visits": 0},
    {"role": "inspector"},
    {"skills": {"T10": "strong"}},
    {"known": [("unitary", "tiny")]},
    {"known": [("parish", "small")]},
])  # fmt: skip
def test_an_application_that_cannot_be_leaves_nothing(cast, changes):
    invitation, _how = invite(cast)
    with pytest.raises(BadInput):
        apply(invitation, **changes)
    assert not PeerProfile.objects.filter(user=person()).exists()


def test_a_council_that_has_ended_cannot_be_the_home(cast):
    gone = make_council("Oldmere", ends_on=datetime.date(2023, 3, 31))
    with pytest.raises(BadInput, match="no longer exists"):
        apply(invite(cast)[0], council=gone)


# --- the decision -------------------------------------------------------------------------------------
def test_approving_lets_them_in_once(cast):
    profile = apply(invite(cast)[0])
    services.approve_application(profile=profile, by=cast.coordinator)
    row = services.approve_application(profile=profile, by=cast.coordinator)
    assert (row.state, row.approved_by) == ("active", cast.coordinator)
    assert row in askable(cast.programme)
    assert mails().filter(kind="pool").count() == 1
    with pytest.raises(NotNow, match="has been decided"):
        services.turn_down_application(profile=profile, by=cast.coordinator, reason="Too late")


def test_turning_down_keeps_the_reason_from_the_mail_and_ends_the_seat(cast):
    profile = apply(invite(cast)[0])
    with pytest.raises(BadInput, match="Give the reason"):
        services.turn_down_application(profile=profile, by=cast.coordinator, reason=" ")
    services.turn_down_application(profile=profile, by=cast.coordinator, reason="Secretly unsuited")
    services.turn_down_application(profile=profile, by=cast.coordinator, reason="Once more")
    profile.refresh_from_db()
    assert (profile.state, seats_on(profile.user)) == ("turned_down", frozenset())
    assert "Secretly" not in " ".join(f"{row.subject} {row.body}" for row in OutboxMail.objects.all())
    assert "Secretly" not in " ".join(str(row.detail) for row in AuditEvent.objects.all())
    page = cast.client_for(cast.coordinator).get(profile.get_absolute_url()).content.decode()
    assert "Secretly unsuited" in page
    with pytest.raises(NotNow, match="has been decided"):
        services.approve_application(profile=profile, by=cast.coordinator)


def test_a_person_turned_down_can_be_invited_and_apply_again(cast):
    profile = apply(invite(cast)[0])
    services.turn_down_application(profile=profile, by=cast.coordinator, reason="Not now")
    invitation, how = invite(cast)
    assert how == "sent"
    moved = make_council("Westmere")
    row = apply(invitation, council=moved)
    assert (row.pk, row.state, row.council) == (profile.pk, "applied", moved)
    assert row.homes.count() == 2
    services.approve_application(profile=row, by=cast.coordinator)
    assert seats_on(row.user) == {SeatName.POOL_PEER}


@pytest.mark.parametrize("state", ["active", "resting", "left"])
def test_an_application_is_decided_as_such_and_not_by_a_state(cast, state):
    profile = apply(invite(cast)[0])
    with pytest.raises(NotNow, match="Decide on the application"):
        services.set_state(profile=profile, by=cast.coordinator, state=state)
    assert PeerProfile.objects.get(pk=profile.pk).state == State.APPLIED


def test_registering_an_applicant_by_hand_is_refused(cast):
    profile = apply(invite(cast)[0])
    with pytest.raises(BadInput, match="has applied"):
        services.register_peer(
            programme=cast.programme, by=cast.coordinator, email=ADDRESS, full_name="X", council=profile.council,
            role="officer",
        )  # fmt: skip


# --- the pages ------------------------------------------------------------------------------------------
def form_of(**changes):
    return {
        "role": "officer", "seniority": "director", "job_title": "Director", "biography": "I led recovery.",
        "travel_km": 80, "days_offered": 5, "most_visits": 2, "skill_T1": "strong", "known_unitary": ["small", "large"],
        "remote_ok": "on",
    } | changes  # fmt: skip


def test_from_invitation_to_application_through_the_pages(cast):
    council = make_council("Eastmere")
    coordinator = cast.client_for(cast.coordinator)
    answer = coordinator.post(reverse("pool:invite"), {"full_name": "New Person", "email": ADDRESS})
    assert (answer.status_code, answer.url) == (302, reverse("pool:invitations"))
    assert "New Person" in coordinator.get(reverse("pool:invitations")).content.decode()
    client = cast.client_for(person())
    assert client.get(reverse("pool:me")).url == reverse("pool:apply")
    assert [task.kind for task in pool_tasks_for(person())] == ["apply"]
    found = client.get(reverse("pool:apply"), {"q": "eastm"}).content.decode()
    path = f"{reverse('pool:apply')}?council={council.pk}"
    assert path in found
    assert "Eastmere Council" in client.get(path).content.decode()
    assert client.post(path, form_of()).status_code == 302
    profile = PeerProfile.objects.get(user=person())
    assert (profile.state, profile.council, profile.seniority, profile.welsh_speaker) == (
        "applied", council, "director", False,
    )  # fmt: skip
    assert "with the coordinator" in client.get(reverse("pool:me")).content.decode()
    assert client.get(reverse("pool:apply")).status_code == 302
    above = coordinator.get(reverse("pool:list")).content.decode()
    assert "See all applications" not in above
    assert "Applications to decide on" in above
    assert [task.kind for task in pool_tasks_for(cast.coordinator)] == ["applications"]
    assert coordinator.post(reverse("pool:approve", args=[profile.pk])).status_code == 302
    assert pool_tasks_for(cast.coordinator) == []


@pytest.mark.parametrize("changes", [
    {"role": "member"}, {"party": "Independent"}, {"most_visits": 0}, {"travel_km": 901}, {"role": ""},
    {"known_unitary": ["huge"]}, {"skill_T1": "master"},
])  # fmt: skip
def test_a_form_with_a_mistake_comes_back_with_its_error_and_its_text(cast, changes):
    council = make_council("Eastmere")
    client = cast.client_for(invite(cast)[0].user)
    answer = client.post(f"{reverse('pool:apply')}?council={council.pk}", form_of(**changes))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "There is a problem" in text
    assert "I led recovery." in text
    assert not PeerProfile.objects.filter(user=person()).exists()


@pytest.mark.parametrize("number", ["", "0", "99999999", "abc", "1" * 40, "-1", "²"])
def test_a_council_that_is_none_leads_back_to_the_search(cast, number):
    client = cast.client_for(invite(cast)[0].user)
    page = client.get(reverse("pool:apply"), {"council": number})
    assert (page.status_code, "Name of your council" in page.content.decode()) == (200, True)


def test_turning_down_through_the_page(cast):
    profile = apply(invite(cast)[0])
    client, path = cast.client_for(cast.coordinator), reverse("pool:turn_down", args=[profile.pk])
    assert client.post(path, {"reason": ""}).status_code == 200
    assert client.post(path, {"reason": "Not now"}).status_code == 302
    assert client.get(path).status_code == 302
    assert "Turned down" in client.get(profile.get_absolute_url()).content.decode()


def test_an_address_in_the_pool_is_an_error_at_its_field(cast):
    text = cast.client_for(cast.coordinator).post(
        reverse("pool:invite"), {"full_name": "Pool Peer", "email": cast.pool_peer.email}
    )
    assert "in the pool already" in text.content.decode()


def test_the_invitations_page_costs_the_same_for_one_and_many(cast, django_assert_max_num_queries):
    client, path = cast.client_for(cast.coordinator), reverse("pool:invitations")
    invite(cast)
    client.get(path)
    with django_assert_max_num_queries(15) as few:
        client.get(path)
    for number in range(12):
        invite(cast, f"more{number}@example.org", f"More {number}")
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(path)


def test_applications_above_the_pool_cost_the_same_for_one_and_many(cast, django_assert_max_num_queries):
    client, path = cast.client_for(cast.coordinator), reverse("pool:list")
    apply(invite(cast)[0])
    client.get(path)
    with django_assert_max_num_queries(15) as few:
        client.get(path)
    for number in range(8):
        apply(invite(cast, f"more{number}@example.org", f"More {number}")[0])
        make_peer()
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(path)


def test_a_peer_put_in_without_a_mail_can_be_told_later(cast):
    raw = f"email,full_name,council_code,kind_of_peer\n{ADDRESS},New,{make_council().gss_code},officer".encode()
    services.import_peers(raw=raw, programme=cast.programme, by=cast.coordinator)
    profile = PeerProfile.objects.get(user__email=ADDRESS)
    assert mails().count() == 0
    client = cast.client_for(cast.coordinator)
    assert client.post(reverse("pool:send", args=[profile.pk])).status_code == 302
    assert mails().count() == 1
    services.edit_profile(profile=profile, by=profile.user, version=1, biography="Here I am")
    assert client.post(reverse("pool:send", args=[profile.pk])).status_code == 403


def test_of_many_applications_the_first_stand_above_and_a_link_leads_to_all(cast, monkeypatch):
    monkeypatch.setattr("peers.pool.views.people.SHOWN_ABOVE", 2)
    for number in range(3):
        apply(invite(cast, f"more{number}@example.org", f"Applicant {number}")[0])
    text = cast.client_for(cast.coordinator).get(reverse("pool:list")).content.decode()
    assert ["Applicant 0" in text, "Applicant 1" in text, "Applicant 2" in text] == [True, True, False]
    assert "See all applications" in text
