"""Asking people to apply to the pool, their applications, and the coordinator's decision."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.accounts.services import invite
from cyber360.audit.services import record
from cyber360.cleaning import clean
from cyber360.exceptions import BadInput, NoSeat, NotNow
from cyber360.notify.services import queue_mail
from peers.access import require
from peers.acts import Act
from peers.councils.models import Council
from peers.pool.models import PeerProfile, PoolInvitation, State
from peers.pool.queries import coordinators_of, programmes_of

from .common import end_pool_seat, give_pool_seats, lock, require_programme
from .homes import move_home, open_home
from .people import GONE, OWN_FIELDS, replace_experience, replace_skills

# A second press, or a second coordinator, within this time sends no second mail.
SENT_ALREADY = timedelta(minutes=30)


def _lock_invitation(invitation: PoolInvitation) -> PoolInvitation:
    rows = PoolInvitation.objects.select_for_update(of=("self",)).select_related("user", "programme")
    return rows.get(pk=invitation.pk)


def _require_own_programme(by: User, invitation: PoolInvitation) -> str:
    seat = require(by, Act.POOL_EDIT)
    if invitation.programme_id not in [row.pk for row in programmes_of(by)]:
        raise NoSeat
    return seat


# --- the invitation -------------------------------------------------------------------------------
@transaction.atomic
def invite_to_pool(*, programme: Any, by: User, email: str, full_name: str) -> tuple[PoolInvitation, str]:
    """Ask somebody by mail to apply. The invitation, and what was done: "sent", "again" or "lately".

    Asking again sends a fresh link for the same invitation, unless the last went out minutes ago.
    Raises BadInput for somebody who is in the pool or has applied, NotNow for a disabled account.
    """
    seat = require_programme(by, programme)
    known = _open_invitation(programme, email)
    if known is not None and timezone.now() - known.sent_at < SENT_ALREADY and known.applied_at is None:
        return known, "lately"
    user, _created = invite(
        email=email, full_name=full_name, by=by, link=reverse("pool:apply"),
        reason_line=_("You are invited to apply to join the pool of Cyber 360 peers."),
    )  # fmt: skip
    _refuse_present(user)
    invitation = known or PoolInvitation(programme=programme, user=user, invited_by=by)
    invitation.sent_at = timezone.now()
    clean(invitation)
    invitation.save()
    give_pool_seats([user], programme, by, seat)
    record(act=Act.POOL_EDIT, by=by, seat=seat, obj=invitation, detail={"invited": True, "again": known is not None})
    return invitation, "sent" if known is None else "again"


def _open_invitation(programme: Any, email: str) -> PoolInvitation | None:
    rows = PoolInvitation.objects.select_for_update(of=("self",)).select_related("user")
    return rows.filter(
        programme=programme, user__email__iexact=email.strip(), withdrawn_at=None, decided_at=None
    ).first()


def _refuse_present(user: User) -> None:
    profile = PeerProfile.objects.filter(user=user).exclude(state__in=GONE).first()
    if profile is not None and profile.state == State.APPLIED:
        raise BadInput(_("%(person)s has applied already. Look at the application.") % {"person": user.full_name})
    if profile is not None:
        raise BadInput(_("%(person)s is in the pool already.") % {"person": user.full_name})


@transaction.atomic
def withdraw_pool_invitation(*, invitation: PoolInvitation, by: User) -> PoolInvitation:
    """Take the invitation back: its link leads nowhere. Taking back twice changes nothing; NotNow once they applied."""
    row = _lock_invitation(invitation)
    seat = _require_own_programme(by, row)
    if row.withdrawn_at is not None:
        return row
    if row.applied_at is not None:
        raise NotNow(_("%(person)s has applied. Decide on the application instead.") % {"person": row.user.full_name})
    row.withdrawn_at, row.withdrawn_by = timezone.now(), by
    clean(row)
    row.save()
    end_pool_seat(row.user, by)
    record(act=Act.POOL_EDIT, by=by, seat=seat, obj=row, detail={"withdrawn": True})
    return row


# --- the application --------------------------------------------------------------------------------
@transaction.atomic
def apply_to_pool(
    *,
    invitation: PoolInvitation,
    by: User,
    council: Council,
    role: str,
    skills: Mapping[str, str],
    known: Iterable[tuple[str, str]] = (),
    **fields: Any,
) -> PeerProfile:
    """The invited person's own application; `fields` are OWN_FIELDS. Coordinators are told. Twice is one application.

    Raises NotNow when the invitation was taken back or is decided, BadInput for a profile that cannot be.
    """
    row = _lock_invitation(invitation)
    seat = require(by, Act.POOL_APPLY, row)
    profile = PeerProfile.objects.select_for_update(of=("self",)).filter(user=by).first()
    if row.applied_at is not None and profile is not None:
        return profile
    if not row.is_open or (profile is not None and profile.state not in GONE):
        raise NotNow(_("This invitation is no longer open. Ask the person who sent it."))
    if not council.exists_today:
        raise BadInput(_("%(council)s no longer exists. Choose the council that followed it.") % {"council": council})
    profile = profile or PeerProfile(user=by, council=council, registered_by=row.invited_by)
    if profile.pk is not None:
        move_home(profile, council)
        profile.version += 1
    profile.role, profile.state, profile.confirmed_on = role, State.APPLIED, timezone.localdate()
    for name in OWN_FIELDS:
        setattr(profile, name, fields.get(name, getattr(profile, name)))
    clean(profile)
    profile.save()
    open_home(profile)
    replace_skills(profile, skills)
    replace_experience(profile, known)
    row.applied_at = timezone.now()
    row.save(update_fields=["applied_at"])
    record(act=Act.POOL_APPLY, by=by, seat=seat, obj=profile, detail={"state": str(profile.state)})
    _tell_coordinators(row)
    return profile


def _tell_coordinators(row: PoolInvitation) -> None:
    for user in coordinators_of(row.programme):
        queue_mail(
            to=user,
            kind="pool",
            subject=_("Somebody has applied to join the pool of peers"),
            link=reverse("pool:list"),
            key=f"pool-applied:{row.pk}:{user.pk}",
        )


# --- the decision -------------------------------------------------------------------------------------
@transaction.atomic
def approve_application(*, profile: PeerProfile, by: User) -> PeerProfile:
    """Let the applicant into the pool. Approving twice is once; NotNow when it was decided otherwise."""
    row, invitation, seat = _application(profile, by)
    if invitation is None:
        if row.state in (State.ACTIVE, State.RESTING):
            return row
        raise NotNow(_decided(row))
    row.state, row.approved_by, row.approved_at = State.ACTIVE, by, timezone.now()
    _decide(row, invitation, by, approved=True)
    give_pool_seats([row.user], invitation.programme, by, seat)
    record(act=Act.POOL_EDIT, by=by, seat=seat, obj=row, detail={"application": "approved"})
    _tell_applicant(row, invitation, _("Welcome to the pool of Cyber 360 peers"), reverse("pool:me"))
    return row


@transaction.atomic
def turn_down_application(*, profile: PeerProfile, by: User, reason: str) -> PeerProfile:
    """Do not take the applicant. The reason is kept for coordinators; the mail does not hold it. Their seat ends."""
    row, invitation, seat = _application(profile, by)
    if invitation is None:
        if row.state == State.TURNED_DOWN:
            return row
        raise NotNow(_decided(row))
    if not reason.strip():
        raise BadInput(_("Give the reason. Only coordinators read it."))
    row.state, invitation.reason = State.TURNED_DOWN, reason.strip()
    _decide(row, invitation, by, approved=False)
    end_pool_seat(row.user, by)
    record(act=Act.POOL_EDIT, by=by, seat=seat, obj=row, detail={"application": "turned down"})
    thanks = _("Thank you for offering your time. We are not able to take you into the pool now.")
    _tell_applicant(row, invitation, _("Your application to the pool of Cyber 360 peers"), "/", thanks)
    return row


def _application(profile: PeerProfile, by: User) -> tuple[PeerProfile, PoolInvitation | None, str]:
    """The locked profile, its open application (None when decided) and the seat of the one who decides."""
    row = lock(profile)
    seat = require(by, Act.POOL_EDIT)
    mine = row.user.pool_invitations.filter(programme__in=[programme.pk for programme in programmes_of(by)])
    if not mine.exists():
        raise NoSeat
    found = mine.filter(withdrawn_at=None, decided_at=None, applied_at__isnull=False)
    invitation = found.select_for_update(of=("self",)).select_related("programme").first()
    return row, invitation if row.state == State.APPLIED else None, seat


def _decided(row: PeerProfile) -> str:
    return _("This application has been decided: %(state)s.") % {"state": row.get_state_display().lower()}


def _decide(row: PeerProfile, invitation: PoolInvitation, by: User, *, approved: bool) -> None:
    invitation.approved, invitation.decided_by, invitation.decided_at = approved, by, timezone.now()
    clean(invitation)
    invitation.save()
    row.version += 1
    clean(row)
    row.save()


def _tell_applicant(row: PeerProfile, invitation: PoolInvitation, subject: str, link: str, body: str = "") -> None:
    queue_mail(to=row.user, kind="pool", subject=subject, body=body, link=link, key=f"pool-decided:{invitation.pk}")
