"""The host's one objection: who hears of it, and above all who never does."""

import pytest
from django.urls import reverse
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from cyber360.exceptions import BadInput, NoSeat, NotNow
from cyber360.notify.models import OutboxMail
from peers.access import seats_on
from peers.challenges.queries import timeline_for
from peers.planning import services
from peers.planning.models import Placement, TeamObjection
from peers.planning.queries import missing_team, objection_shown_to, tasks_for, team_hash, team_list
from peers.stages import Stage
from tests.factories.worlds import make_challenge

REASON = "She wrote against our leader in the press"
EXPLANATION = "The piece was about another council"
# Everybody who must never learn that the host objected.
NEVER = ["manager", "lead_peer", "peer", "second_peer", "pool_peer", "contributor", "other_host", "superuser",
         "administrator", "stranger", "editor"]  # fmt: skip


@pytest.fixture
def whole(team):
    """A whole team that the host has not agreed yet; `whole.rows[1]` is the person objected to."""
    team.rows = team.whole()
    return team


def object_to(whole, number=1, who="host_lead", reason=REASON):
    return services.object_to(placement=whole.rows[number], by=getattr(whole.cast, who), reason=reason)


def settle(objection, whole, keep=False, explanation="", who="coordinator"):
    by = getattr(whole.cast, who)
    return services.settle_objection(objection=objection, by=by, keep=keep, explanation=explanation)


def agree(whole):
    seen = team_hash(team_list(whole.cast.challenge))
    return services.agree_team(challenge=whole.cast.challenge, by=whole.cast.host_sponsor, seen_hash=seen)


# --- raising it -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["host_lead", "host_sponsor"])
def test_the_host_objects_once_and_the_coordinator_is_told_without_the_reason(whole, who):
    objection = object_to(whole, who=who)
    assert object_to(whole, who=who, reason="Another") == objection
    assert TeamObjection.objects.get().reason == REASON
    (mail,) = OutboxMail.objects.filter(key__startswith="objection:")
    assert (mail.to, mail.link) == (whole.cast.coordinator, f"/challenges/{whole.cast.challenge.ref}/team/objection/")
    assert "press" not in mail.subject + mail.body
    assert "Peer" not in mail.subject


def test_not_twice_not_without_a_reason_not_to_candidates(whole):
    candidate = whole.propose()
    with pytest.raises(NoSeat):
        services.object_to(placement=candidate, by=whole.cast.host_lead, reason=REASON)
    with pytest.raises(BadInput):
        object_to(whole, reason="  ")
    object_to(whole)
    with pytest.raises(NotNow, match="one objection already"):
        object_to(whole, number=2)


def test_not_after_agreeing(whole):
    agree(whole)
    with pytest.raises(NotNow, match="has agreed this team"):
        object_to(whole)


@pytest.mark.parametrize("who", [*NEVER, "coordinator"])
def test_only_the_host_objects(whole, who):
    with pytest.raises(NoSeat):
        object_to(whole, who=who)


def test_not_after_preparation(whole):
    whole.cast.at(Stage.DESK_REVIEW)
    with pytest.raises(NotNow):
        object_to(whole)


def test_an_open_objection_holds_the_agreement(whole):
    objection = object_to(whole)
    with pytest.raises(NotNow, match="with them"):
        agree(whole)
    settle(objection, whole, keep=True, explanation=EXPLANATION)
    assert agree(whole).voided_at is None


# --- settling it ----------------------------------------------------------------------------------------
def test_keeping_needs_words_to_the_host(whole):
    objection = object_to(whole)
    with pytest.raises(BadInput):
        settle(objection, whole, keep=True)
    row = settle(objection, whole, keep=True, explanation=EXPLANATION)
    assert (row.state, row.explanation) == ("kept", EXPLANATION)
    assert settle(row, whole, keep=False).state == "kept"  # settled is settled
    told = OutboxMail.objects.filter(key__startswith="objection-answer:").values_list("to__full_name", flat=True)
    assert sorted(told) == ["Host Lead", "Host Sponsor"]


def test_taking_off_is_like_any_other_end(whole):
    row = settle(object_to(whole), whole)
    place = Placement.objects.get(pk=whole.rows[1].pk)
    assert (row.state, place.state) == ("taken_off", "removed")
    assert "object" not in place.removed_reason.lower()
    assert REASON not in place.removed_reason
    mails = OutboxMail.objects.filter(to=place.profile.user, kind="team")
    assert [mail.subject for mail in mails] == ["Your place on a Cyber 360 team has ended"]
    other = make_challenge(stage=Stage.SETUP)
    plain = services.propose_peer(challenge=other, profile=place.profile, role="peer", by=whole.cast.coordinator)
    services.invite_peer(placement=plain, by=whole.cast.coordinator, answer_by=timezone.localdate(), reason="Free")
    services.remove_peer(placement=plain, by=whole.cast.coordinator, reason="Ill")
    assert {mail.subject for mail in mails.all()} == {"Your place on a Cyber 360 team has ended"}


def test_a_peer_who_leaves_otherwise_ends_it(whole):
    objection = object_to(whole)
    services.remove_peer(placement=whole.rows[1], by=whole.cast.coordinator, reason="Ill")
    objection.refresh_from_db()
    assert objection.state == "taken_off"


@pytest.mark.parametrize("who", [*NEVER, "host_lead", "host_sponsor"])
def test_only_the_coordinator_settles(whole, who):
    objection = object_to(whole)
    with pytest.raises(NoSeat):
        settle(objection, whole, keep=True, explanation="Mine", who=who)


def test_coordinators_get_a_task_and_the_host_none_while_it_is_open(whole):
    cast = whole.cast
    assert [task.what for task in tasks_for(cast.host_lead, [cast.challenge])] == ["Agree the team"]
    objection = object_to(whole)
    assert [task.what for task in tasks_for(cast.coordinator, [])] == ["Answer the host about the team"]
    for who in ("host_lead", "manager", "lead_peer"):
        assert tasks_for(getattr(cast, who), [cast.challenge]) == [], who
    settle(objection, whole, keep=True, explanation=EXPLANATION)
    assert tasks_for(cast.coordinator, []) == []
    assert [task.what for task in tasks_for(cast.host_lead, [cast.challenge])] == ["Agree the team"]


# --- secrecy ----------------------------------------------------------------------------------------------
PAGES = ["planning:team", "planning:agree", "challenges:people", "challenges:timeline", "overview:challenge"]
WORDS = ["object", "Object", REASON, EXPLANATION, "press", "another council"]


def pages_of(whole, who):
    """Every page of the challenge that could tell, as the person reads it."""
    client, ref = whole.cast.client_for(getattr(whole.cast, who)), whole.cast.challenge.ref
    paths = [reverse(name, args=[ref]) for name in PAGES] + [reverse("planning:objection", args=[ref])]
    paths += [row.get_absolute_url() for row in whole.rows] + ["/", "/invitations/", "/profile/"]
    return {path: client.get(path, follow=True) for path in paths}


@pytest.mark.parametrize("keep", [None, True, False])
@pytest.mark.parametrize("who", NEVER)
def test_nobody_else_ever_reads_of_it(whole, who, keep):
    objection = object_to(whole)
    if keep is not None:
        settle(objection, whole, keep=keep, explanation=EXPLANATION)
    for path, page in pages_of(whole, who).items():
        text = page.content.decode().split("<main")[-1].split("</main>")[0]
        assert not [word for word in WORDS if word in text], (path, who)
    ref = whole.cast.challenge.ref
    client = whole.cast.client_for(getattr(whole.cast, who))
    assert client.get(reverse("planning:objection", args=[ref])).status_code == 404
    assert client.post(reverse("planning:objection", args=[ref]), {"outcome": "keep"}).status_code == 404
    assert client.get(reverse("planning:object", args=[ref, whole.rows[2].pk])).status_code == 404
    assert objection_shown_to(getattr(whole.cast, who), whole.cast.challenge) is None


@pytest.mark.parametrize("who", ["manager", "lead_peer", "peer", "second_peer"])
def test_the_timeline_keeps_it(whole, who):
    settle(object_to(whole), whole, keep=True, explanation=EXPLANATION)
    challenge = whole.cast.challenge
    secret = {"team.object", "team.objection_settle"}
    assert secret <= set(AuditEvent.objects.values_list("act", flat=True))
    assert not secret & set(timeline_for(getattr(whole.cast, who), challenge).values_list("act", flat=True))
    for reader in ("host_lead", "host_sponsor", "coordinator"):
        assert secret <= set(timeline_for(getattr(whole.cast, reader), challenge).values_list("act", flat=True))


def test_the_trail_holds_neither_name_nor_reason(whole):
    settle(object_to(whole), whole, keep=True, explanation=EXPLANATION)
    for event in AuditEvent.objects.filter(act__startswith="team.object"):
        text = f"{event.object_label} {event.detail}"
        assert "Peer" not in text
        assert "press" not in text
        assert "another council" not in text


def test_no_mail_tells_anybody_else(whole):
    before = set(OutboxMail.objects.values_list("pk", flat=True))
    settle(object_to(whole), whole, keep=True, explanation=EXPLANATION)
    told = set(OutboxMail.objects.exclude(pk__in=before).values_list("to__full_name", flat=True))
    assert told == {"Coordinator", "Host Lead", "Host Sponsor"}


def test_what_blocks_the_challenge_says_nothing_of_it(whole):
    before = [blocker.sentence for blocker in missing_team(whole.cast.challenge)]
    object_to(whole)
    assert [blocker.sentence for blocker in missing_team(whole.cast.challenge)] == before


def test_the_person_themself_stays_as_they_were(whole):
    user = whole.rows[1].profile.user
    before = seats_on(user, whole.cast.challenge)
    settle(object_to(whole), whole, keep=True, explanation=EXPLANATION)
    assert seats_on(user, whole.cast.challenge) == before


# --- through the pages ------------------------------------------------------------------------------------
def test_from_objection_to_agreement_through_the_pages(whole):
    cast, ref = whole.cast, whole.cast.challenge.ref
    host, coordinator = cast.client_for(cast.host_lead), cast.client_for(cast.coordinator)
    agree_path = reverse("planning:agree", args=[ref])
    path = reverse("planning:object", args=[ref, whole.rows[1].pk])
    assert path in host.get(agree_path).content.decode()
    assert "Give the reason" in host.post(path, {"reason": ""}).content.decode()
    assert host.post(path, {"reason": REASON}).status_code == 302
    page = host.get(agree_path).content.decode()
    assert "when the coordinator has answered you" in page
    assert "Agree this team" not in page
    assert path not in page
    settle_path = reverse("planning:objection", args=[ref])
    team_page = coordinator.get(reverse("planning:team", args=[ref])).content.decode()
    assert settle_path in team_page
    assert REASON in coordinator.get(settle_path).content.decode()
    assert "Explain to the host" in coordinator.post(settle_path, {"outcome": "keep"}).content.decode()
    assert coordinator.post(settle_path, {"outcome": "keep", "explanation": EXPLANATION}).status_code == 302
    page = host.get(agree_path).content.decode()
    assert EXPLANATION in page
    assert "Agree this team" in page
    assert host.post(settle_path, {"outcome": "take_off"}).status_code == 404
