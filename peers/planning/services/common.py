"""What the services of a team share: locks, the host's agreement to a changed team, matters that end with a place."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.notify.services import queue_mail
from peers.access import HOST_LEAD
from peers.challenges.models import Challenge
from peers.challenges.queries import coordinators_of, people_in_seat
from peers.challenges.services import lock_challenge
from peers.planning.models import (
    ConflictNotice,
    NoticeState,
    ObjectionState,
    Placement,
    PlacementState,
    TeamObjection,
)
from peers.planning.queries import is_complete, open_objection, team_hash, team_list
from peers.stages import Stage

WITH_ALL = ("challenge__council", "challenge__programme", "profile__user", "profile__council")


def lock(placement: Placement) -> Placement:
    """The place with its challenge locked first, so that two changes of one team never cross."""
    lock_challenge(placement.challenge)
    return Placement.objects.select_for_update(of=("self",)).select_related(*WITH_ALL).get(pk=placement.pk)


def tell_coordinators(challenge: Challenge, *, subject: str, key: str, link: str = "", kind: str = "team") -> None:
    """One mail to each coordinator; nothing that must stay in the product belongs in `subject`."""
    for user in coordinators_of(challenge):
        queue_mail(
            to=user,
            kind=kind,
            subject=subject % {"challenge": challenge.title},
            link=link or reverse("planning:team", args=[challenge.ref]),
            key=f"{key}:{user.pk}",
        )


def void_agreement(challenge: Challenge) -> None:
    """The shown team has changed: an agreement to another team no longer counts, and a complete one can be agreed.

    The host is asked to agree it at most once a day, however many are invited on that day, and not while the team is
    incomplete, agreed as it stands, or objected to: whoever settles the objection asks again.
    """
    now, team = timezone.now(), team_list(challenge)
    wanted = team_hash(team)
    challenge.team_agreements.filter(voided_at=None).exclude(team_hash=wanted).update(voided_at=now)
    if challenge.stage != Stage.SETUP or not is_complete(challenge, team) or open_objection(challenge):
        return
    if challenge.team_agreements.filter(voided_at=None).exists():
        return
    today = timezone.localdate()
    for user in people_in_seat(challenge, HOST_LEAD):
        queue_mail(
            to=user,
            kind="team",
            subject=_("Please look at the team for %(challenge)s and agree it") % {"challenge": challenge.title},
            link=reverse("planning:agree", args=[challenge.ref]),
            key=f"agree:{challenge.pk}:{today}:{user.pk}",
        )


def close_matters(row: Placement) -> None:
    """A place that is given up takes its open conflicts and the objection to it along."""
    now = timezone.now()
    off = row.state == PlacementState.REMOVED
    ConflictNotice.objects.filter(placement=row, state=NoticeState.OPEN).update(
        state=NoticeState.TAKEN_OFF if off else NoticeState.GONE, settled_at=now
    )
    TeamObjection.objects.filter(placement=row, state=ObjectionState.OPEN).update(
        state=ObjectionState.TAKEN_OFF, settled_at=now
    )
