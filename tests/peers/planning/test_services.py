"""Teams: on the list, invited, answered, taken off, agreed."""

import datetime

import pytest
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, Blocked, NoSeat, NotNow, StaleVersion
from cyber360.notify.models import OutboxMail
from peers.access import SeatName, seats_on
from peers.agreements.models import Agreement
from peers.planning import services
from peers.planning.models import Placement, TeamAgreement
from peers.planning.queries import missing_team, team_hash, team_list
from peers.pool import services as pool
from peers.stages import Stage
from tests.factories.worlds import make_challenge

SOON = timezone.localdate() + datetime.timedelta(days=10)
NOT_COORDINATORS = ["manager", "host_lead", "host_sponsor", "lead_peer", "pool_peer", "superuser", "other_host"]


# --- on the list ------------------------------------------------------------------------------------
def test_putting_on_the_list_tells_nobody(team):
    placement = team.propose()
    assert placement.state == "proposed"
    assert not OutboxMail.objects.filter(to=placement.profile.user, kind="invitation").exists()
    assert team.propose() == placement  # twice is once


@pytest.mark.parametrize("who", NOT_COORDINATORS)
def test_only_a_coordinator_changes_the_list(team, who):
    cast, by = team.cast, getattr(team.cast, who)
    placement = team.invite()
    with pytest.raises(NoSeat):
        services.propose_peer(challenge=cast.challenge, profile=cast.peer_profile, role="peer", by=by)
    with pytest.raises(NoSeat):
        services.invite_peer(placement=placement, by=by, answer_by=SOON)
    with pytest.raises(NoSeat):
        services.remove_peer(placement=placement, by=by, reason="No")


def test_a_second_lead_peer_is_refused(team):
    """Several may stand on the list, for when the first says no; one is asked."""
    team.invite(team.cast.lead_peer_profile, "lead_peer")
    second = team.propose(team.cast.peer_profile, "lead_peer")
    with pytest.raises(BadInput, match="already a lead peer"):
        services.invite_peer(placement=second, by=team.cast.coordinator, answer_by=SOON)


def test_one_who_rests_cannot_be_asked(team):
    pool.set_state(profile=team.cast.pool_peer_profile, by=team.cast.coordinator, state="resting")
    with pytest.raises(BadInput, match="cannot be asked"):
        team.propose()


def test_not_after_the_visit(team):
    team.cast.at(Stage.DRAFTING)
    with pytest.raises(NotNow):
        team.propose()


# --- invited ----------------------------------------------------------------------------------------
def test_inviting_twice_sends_one_mail(team):
    placement = team.invite()
    again = services.invite_peer(placement=placement, by=team.cast.coordinator, answer_by=SOON)
    assert again.version == placement.version
    mails = OutboxMail.objects.filter(to=placement.profile.user, kind="invitation")
    assert mails.count() == 1
    mail = mails.get()
    assert mail.link == f"/invitations/{placement.pk}/"
    assert "Northmere" not in mail.subject + mail.body


def test_own_council_bars_and_no_reason_helps(team):
    placement = team.propose()
    placement.profile.council = team.cast.challenge.council
    placement.profile.save()
    with pytest.raises(Blocked) as blocked:
        services.invite_peer(placement=placement, by=team.cast.coordinator, answer_by=SOON, reason="But really")
    assert blocked.value.sentences == ["Northmere is Pool Peer's own council."]
    assert Placement.objects.get(pk=placement.pk).state == "proposed"


def test_a_warning_needs_a_reason_that_the_peer_never_sees(team):
    pool.declare_interest(
        profile=team.cast.pool_peer_profile, by=team.cast.coordinator, council=team.cast.challenge.council,
        kind="supplier", words="Sold them a tool",
    )  # fmt: skip
    placement = team.propose()
    with pytest.raises(BadInput, match="Sold them a tool"):
        services.invite_peer(placement=placement, by=team.cast.coordinator, answer_by=SOON)
    row = services.invite_peer(
        placement=placement, by=team.cast.coordinator, answer_by=SOON, reason="It ended long ago, privately known"
    )
    assert (row.state, len(row.known_conflicts)) == ("invited", 1)
    page = team.cast.client_for(team.cast.pool_peer).get(row.get_absolute_url()).content.decode()
    assert "privately known" not in page


def test_a_day_that_has_passed_is_refused(team):
    with pytest.raises(BadInput, match="has passed"):
        services.invite_peer(
            placement=team.propose(), by=team.cast.coordinator,
            answer_by=timezone.localdate() - datetime.timedelta(days=1),
        )  # fmt: skip


# --- answered ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ["lead_peer", "peer", "observer"])
def test_accepting_gives_the_seat_and_the_terms(team, role):
    placement = team.accept(role=role)
    user = placement.profile.user
    assert placement.state == "accepted"
    assert seats_on(user, team.cast.challenge) == {SeatName(role), SeatName.POOL_PEER}
    terms = Agreement.objects.get(for_user=user)
    assert (terms.challenge, terms.kind, terms.state) == (team.cast.challenge, "peer_terms", "issued")
    assert user.full_name in terms.body


def test_two_clicks_on_accept_are_one(team):
    placement = team.invite()
    for _click in range(2):
        services.answer_invitation(placement=placement, by=placement.profile.user, accept=True)
    assert AuditEvent.objects.filter(act="invitation.answer").count() == 1
    assert AuditEvent.objects.filter(act="seat.grant").count() == 1
    assert Agreement.objects.count() == 1


def test_the_other_answer_afterwards_is_refused(team):
    placement = team.accept()
    with pytest.raises(NotNow, match="answered this invitation already"):
        services.answer_invitation(placement=placement, by=placement.profile.user, accept=False, reason="Changed mind")


def test_declining_needs_a_reason(team):
    placement = team.invite()
    with pytest.raises(BadInput):
        services.answer_invitation(placement=placement, by=placement.profile.user, accept=False)
    row = services.answer_invitation(placement=placement, by=placement.profile.user, accept=False, reason="Budget week")
    assert (row.state, row.answer_reason) == ("declined", "Budget week")
    assert seats_on(placement.profile.user, team.cast.challenge) == {SeatName.POOL_PEER}
    assert not any("Budget week" in str(event.detail) for event in AuditEvent.objects.all())


@pytest.mark.parametrize("who", ["coordinator", "host_lead", "peer", "second_peer", "superuser", "stranger"])
def test_nobody_answers_for_another(team, who):
    placement = team.invite()
    with pytest.raises(NoSeat):
        services.answer_invitation(placement=placement, by=getattr(team.cast, who), accept=True)


def test_what_was_never_offered_cannot_be_accepted(team):
    placement = team.propose()
    with pytest.raises(NoSeat):
        services.answer_invitation(placement=placement, by=placement.profile.user, accept=True)


def test_an_answer_after_the_day_still_counts(team):
    placement = team.invite()
    Placement.objects.filter(pk=placement.pk).update(answer_by=timezone.localdate() - datetime.timedelta(days=3))
    row = services.answer_invitation(placement=placement, by=placement.profile.user, accept=True)
    assert row.state == "accepted"


def test_a_tie_declared_with_the_yes_goes_to_the_coordinator(team):
    placement = team.invite()
    row = services.answer_invitation(
        placement=placement, by=placement.profile.user, accept=True, tie_kind="former_employer", tie_words="Until 2024"
    )
    assert row.state == "proposed"
    assert not seats_on(placement.profile.user, team.cast.challenge) & {SeatName.PEER}
    assert placement.profile.interests.get().words == "Until 2024"
    assert OutboxMail.objects.filter(to=team.cast.coordinator, kind="team").exists()
    with pytest.raises(NotNow, match="with the coordinator"):
        services.answer_invitation(placement=placement, by=placement.profile.user, accept=True)
    invited = services.invite_peer(
        placement=row, by=team.cast.coordinator, answer_by=SOON, reason="Left three years ago"
    )
    again = services.answer_invitation(placement=invited, by=placement.profile.user, accept=True)
    assert again.state == "accepted"


def test_a_move_to_the_hosts_council_is_caught_on_acceptance(team):
    placement = team.invite()
    profile = placement.profile
    profile.council = team.cast.challenge.council
    profile.save()
    row = services.answer_invitation(placement=placement, by=profile.user, accept=True)
    assert row.state == "proposed"
    with pytest.raises(Blocked):
        services.invite_peer(placement=row, by=team.cast.coordinator, answer_by=SOON, reason="Still good")


def test_a_second_visit_on_the_same_days_is_caught_on_acceptance(team):
    first = team.invite()
    other = make_challenge(stage=Stage.SETUP)
    second = services.propose_peer(challenge=other, profile=first.profile, role="peer", by=team.cast.coordinator)
    services.invite_peer(placement=second, by=team.cast.coordinator, answer_by=SOON)
    services.answer_invitation(placement=second, by=first.profile.user, accept=True)
    row = services.answer_invitation(placement=first, by=first.profile.user, accept=True)
    assert row.state == "proposed"


# --- off the list -----------------------------------------------------------------------------------
def test_taking_off_ends_the_seat_at_once_and_needs_a_reason(team):
    placement = team.accept()
    with pytest.raises(BadInput):
        services.remove_peer(placement=placement, by=team.cast.coordinator, reason=" ")
    services.remove_peer(placement=placement, by=team.cast.coordinator, reason="Ill")
    assert seats_on(placement.profile.user, team.cast.challenge) == {SeatName.POOL_PEER}
    services.remove_peer(placement=placement, by=team.cast.coordinator, reason="Ill")  # twice is once
    assert OutboxMail.objects.filter(to=placement.profile.user, key=f"removed:{placement.pk}").count() == 1
    back = team.accept()
    assert seats_on(back.profile.user, team.cast.challenge) == {SeatName.POOL_PEER, SeatName.PEER}


def test_a_candidate_taken_off_never_hears_of_it(team):
    placement = team.propose()
    services.remove_peer(placement=placement, by=team.cast.coordinator, reason="Too far")
    assert not OutboxMail.objects.filter(to=placement.profile.user, kind="team").exists()


# --- the host's agreement ---------------------------------------------------------------------------
def agree(team, by=None):
    seen = team_hash(team_list(team.cast.challenge))
    return services.agree_team(challenge=team.cast.challenge, by=by or team.cast.host_sponsor, seen_hash=seen)


def test_agreeing_twice_is_one_agreement(team):
    team.whole()
    assert agree(team) == agree(team, team.cast.host_lead)
    assert TeamAgreement.objects.count() == 1


@pytest.mark.parametrize("who", ["coordinator", "manager", "lead_peer", "contributor", "other_host", "superuser"])
def test_only_the_host_agrees(team, who):
    team.whole()
    with pytest.raises(NoSeat):
        agree(team, getattr(team.cast, who))


def test_an_incomplete_team_cannot_be_agreed(team):
    team.accept()
    with pytest.raises(NotNow, match="not complete"):
        agree(team)


def test_a_team_that_changed_meanwhile_is_read_again(team):
    team.whole()
    seen = team_hash(team_list(team.cast.challenge))
    team.invite(team.cast.observer_profile, "observer")
    with pytest.raises(StaleVersion):
        services.agree_team(challenge=team.cast.challenge, by=team.cast.host_lead, seen_hash=seen)


def test_a_change_of_the_team_voids_the_agreement(team):
    team.whole()
    agree(team)
    placement = team.invite(team.cast.observer_profile, "observer")
    assert not TeamAgreement.objects.filter(voided_at=None).exists()
    agree(team)
    services.answer_invitation(placement=placement, by=team.cast.observer, accept=True)  # the same team: still agreed
    assert TeamAgreement.objects.filter(voided_at=None).exists()
    services.remove_peer(placement=placement, by=team.cast.coordinator, reason="Ill")
    assert not TeamAgreement.objects.filter(voided_at=None).exists()
    subjects = OutboxMail.objects.filter(to=team.cast.host_lead, kind="team").values_list("subject", flat=True)
    assert subjects


# --- blockers ---------------------------------------------------------------------------------------
def sentences(team):
    return [blocker.sentence for blocker in missing_team(team.cast.challenge)]


def test_blockers_of_an_empty_team(team, django_assert_num_queries):
    with django_assert_num_queries(2):
        missing_team(team.cast.challenge)
    assert sentences(team) == [
        "No lead peer has accepted yet. The coordinator can invite one.",
        "0 of at least 3 peers have accepted. The coordinator can invite more.",
        "The host has not agreed the team. The host lead or the host sponsor can agree it.",
    ]


def test_blockers_name_no_candidate(team):
    team.whole()
    team.propose()
    agree(team)
    assert sentences(team) == [
        "Somebody on the team list has not accepted yet. The coordinator can remind them or take them off."
    ]
    assert "Pool Peer" not in " ".join(sentences(team))


def test_a_whole_agreed_team_blocks_nothing(team):
    team.whole()
    agree(team)
    assert missing_team(team.cast.challenge) == []
