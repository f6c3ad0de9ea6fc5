"""The host's one objection, and how the coordinator settles it. No peer and no challenge manager hears of either."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.cleaning import clean
from cyber360.exceptions import BadInput, NoSeat, NotNow
from cyber360.notify.services import queue_mail
from peers.access import HOST, require
from peers.acts import Act
from peers.challenges.queries import people_in_seat
from peers.challenges.services import lock_challenge
from peers.planning.models import SHOWN_TO_HOST, ObjectionState, Placement, TeamObjection
from peers.planning.queries import agreement_in_force

from .common import lock, tell_coordinators
from .team import remove_peer


@transaction.atomic
def object_to(*, placement: Placement, by: User, reason: str) -> TeamObjection:
    """The host objects to one person who has been asked or said yes, once a challenge. Twice the same is once.

    Raises NotNow after the host has agreed the team or has objected to somebody else, NoSeat for somebody whom
    the host is not shown.
    """
    row = lock(placement)
    seat = require(by, Act.TEAM_OBJECT, row.challenge)
    known = TeamObjection.objects.filter(challenge=row.challenge).first()
    if known is not None:
        if known.placement_id == row.pk:
            return known
        raise NotNow(_("Your council has raised one objection already. Speak to the coordinator."))
    if row.state not in SHOWN_TO_HOST:
        raise NoSeat
    if agreement_in_force(row.challenge) is not None:
        raise NotNow(_("Your council has agreed this team. Speak to the coordinator if something has changed."))
    if not reason.strip():
        raise BadInput(_("Give the reason. Only the coordinator reads it."))
    objection = TeamObjection(challenge=row.challenge, placement=row, reason=reason.strip(), objected_by=by)
    clean(objection)
    objection.save()
    record(act=Act.TEAM_OBJECT, by=by, seat=seat, obj=objection, scope=row.challenge.scope)
    tell_coordinators(
        row.challenge,
        subject=_("The host of %(challenge)s has a question about the team"),
        key=f"objection:{objection.pk}",
        link=reverse("planning:objection", args=[row.challenge.ref]),
    )
    return objection


@transaction.atomic
def settle_objection(*, objection: TeamObjection, by: User, keep: bool, explanation: str = "") -> TeamObjection:
    """Keep the person, with an explanation to the host, or take them off. Settling twice changes nothing.

    Whoever is taken off gets the same mail as anybody whose place ends, and the list gives no other reason.
    """
    lock_challenge(objection.challenge)
    rows = TeamObjection.objects.select_for_update(of=("self",)).select_related(
        "challenge__council", "challenge__programme", "placement__challenge", "placement__profile__user"
    )
    row = rows.get(pk=objection.pk)
    seat = require(by, Act.TEAM_OBJECTION_SETTLE, row)
    if not row.is_open:
        return row
    if keep and not explanation.strip():
        raise BadInput(_("Explain to the host why this person stays."))
    if not keep:
        remove_peer(placement=row.placement, by=by, reason=_("The team was put together in another way."))
    row.state = ObjectionState.KEPT if keep else ObjectionState.TAKEN_OFF
    row.explanation, row.settled_by, row.settled_at = explanation.strip(), by, timezone.now()
    clean(row)
    row.save()
    record(act=Act.TEAM_OBJECTION_SETTLE, by=by, seat=seat, obj=row, scope=row.challenge.scope)
    for user in people_in_seat(row.challenge, HOST):
        queue_mail(
            to=user,
            kind="team",
            subject=_("The coordinator has answered you about the team for %(challenge)s")
            % {"challenge": row.challenge.title},
            link=reverse("planning:agree", args=[row.challenge.ref]),
            key=f"objection-answer:{row.pk}:{user.pk}",
        )
    return row
