"""Writing the pool: putting people in, their profile, what ties them, when they are away."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from guardian.shortcuts import assign_perm

from cyber360.accounts.models import User
from cyber360.accounts.services import invite
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NoSeat, NotNow, StaleVersion
from peers.access import SeatName, may, require
from peers.acts import Act
from peers.councils.models import Council

from .models import BlackoutPeriod, Interest, PeerProfile, PeerSkill, SkillLevel, SkillTheme, State
from .queries import programmes_of

PROFILE_FIELDS = (
    "council", "role", "job_title", "party", "biography", "welsh_speaker", "remote_ok", "travel_km",
    "training_done_on", "days_offered", "available_from", "available_until",
)  # fmt: skip
# Who someone is and whether they are trained is the coordinator's to say.
COORDINATOR_FIELDS = frozenset({"council", "role", "training_done_on"})


def _clean(row: models.Model) -> None:
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong


def _lock(profile: PeerProfile) -> PeerProfile:
    rows = PeerProfile.objects.select_for_update(of=("self",)).select_related("user", "council")
    return rows.get(pk=profile.pk)


def _require_profile(by: User, profile: PeerProfile) -> tuple[Act, str]:
    """The act and seat in which the person may change this record: their own, or as its coordinator."""
    if may(by, Act.PROFILE_EDIT, profile):
        return Act.PROFILE_EDIT, require(by, Act.PROFILE_EDIT, profile)
    return Act.POOL_EDIT, _require_coordinator(by, profile)


def _require_coordinator(by: User, profile: PeerProfile) -> str:
    seat = require(by, Act.POOL_EDIT)
    programmes = [programme.pk for programme in programmes_of(by)]
    if not profile.user.programme_seats.filter(content_object__in=programmes).exists():
        raise NoSeat
    return seat


# --- in and out ---------------------------------------------------------------------------------
@transaction.atomic
def register_peer(
    *,
    programme: Any,
    by: User,
    email: str,
    full_name: str,
    council: Council,
    role: str,
    job_title: str = "",
    party: str = "",
    days_offered: int = 6,
) -> PeerProfile:
    """Put a person into the programme's pool: an account by invitation, a profile, the pool seat.

    Raises BadInput when the person is in the pool already.
    """
    require(by, Act.POOL_EDIT)
    if programme not in programmes_of(by):
        raise NoSeat
    user, _created = invite(
        email=email, full_name=full_name, job_title=job_title, by=by,
        reason_line=_("You have been invited to join the pool of Cyber 360 peers."), link="/profile/",
    )  # fmt: skip
    if PeerProfile.objects.filter(user=user).exclude(state=State.LEFT).exists():
        raise BadInput(_("%(person)s is in the pool already.") % {"person": user.full_name})
    profile = PeerProfile.objects.filter(user=user).first() or PeerProfile(user=user, registered_by=by)
    profile.council, profile.role, profile.job_title = council, role, job_title
    profile.party, profile.days_offered, profile.state = party, days_offered, State.INVITED
    _clean(profile)
    profile.save()
    _give_seat(profile, programme, by)
    return profile


def _give_seat(profile: PeerProfile, programme: Any, by: User) -> None:
    # A seat of the programme, whose model stands above this room.
    seat_row: Any = assign_perm(f"peers.{SeatName.POOL_PEER.value}", profile.user, programme)
    seat_row.starts_on, seat_row.ends_on, seat_row.granted_by = timezone.localdate(), None, by
    seat_row.save()
    seat = require(by, Act.POOL_EDIT)
    record(act=Act.POOL_EDIT, by=by, seat=seat, obj=profile, detail={"state": profile.state})
    label = f"{profile.user.full_name}: {SeatName.POOL_PEER.label}"
    record(act=Act.PROGRAMME_SEAT_GRANT, by=by, seat=seat, obj=seat_row, label=label)


@transaction.atomic
def set_state(*, profile: PeerProfile, by: User, state: State) -> PeerProfile:
    """Let a peer rest, come back or leave. Leaving ends the pool seat today; it does not touch accepted places."""
    row = _lock(profile)
    seat = _require_coordinator(by, row)
    if state not in {State.ACTIVE, State.RESTING, State.LEFT}:
        raise BadInput(_("Choose active, resting or left."))
    row.state = state
    row.version += 1
    row.save(update_fields=["state", "version"])
    ends_on = timezone.localdate() - timedelta(days=1) if state == State.LEFT else None
    held = row.user.programme_seats.filter(
        permission__codename=SeatName.POOL_PEER, content_object__in=[p.pk for p in programmes_of(by)]
    )
    held.update(ends_on=ends_on)
    record(act=Act.POOL_EDIT, by=by, seat=seat, obj=row, detail={"state": str(state)})
    return row


# --- the profile --------------------------------------------------------------------------------
@transaction.atomic
def edit_profile(
    *, profile: PeerProfile, by: User, version: int, skills: Mapping[str, str] | None = None, **fields: object
) -> PeerProfile:
    """Change a profile. `skills` maps theme codes to a level or "" and replaces all; `fields` are PROFILE_FIELDS.

    A peer who edits their own for the first time becomes active. Raises StaleVersion, BadInput.
    """
    row = _lock(profile)
    act, seat = _require_profile(by, row)
    if row.version != version:
        raise StaleVersion(_("Somebody else saved this profile while you were writing."), row)
    allowed = set(PROFILE_FIELDS) - (COORDINATOR_FIELDS if act == Act.PROFILE_EDIT else set())
    changed = sorted(name for name in fields if name in allowed and getattr(row, name) != fields[name])
    for name in changed:
        setattr(row, name, fields[name])
    if act == Act.PROFILE_EDIT and row.state == State.INVITED:
        row.state = State.ACTIVE
    row.version += 1
    _clean(row)
    row.save()
    if skills is not None:
        _replace_skills(row, skills)
    record(act=act, by=by, seat=seat, obj=row, detail={"changed": changed})
    return row


def _replace_skills(profile: PeerProfile, skills: Mapping[str, str]) -> None:
    if any(
        code not in SkillTheme.values or (level and level not in SkillLevel.values) for code, level in skills.items()
    ):
        raise BadInput(_("Choose a theme and a level from the lists."))
    profile.skills.all().delete()
    PeerSkill.objects.bulk_create(
        PeerSkill(profile=profile, theme_code=code, level=level) for code, level in skills.items() if level
    )


def note_first_answer(profile: PeerProfile) -> None:
    """A peer who answers an invitation is there: invited becomes active. The caller has checked the right."""
    PeerProfile.objects.filter(pk=profile.pk, state=State.INVITED).update(state=State.ACTIVE)


# --- what ties a peer to a council ----------------------------------------------------------------
@transaction.atomic
def declare_interest(
    *,
    profile: PeerProfile,
    by: User,
    council: Council,
    kind: str,
    words: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Interest:
    """Declare a tie. A coordinator's entry is pinned: the peer cannot take it back. Declaring twice changes nothing."""
    row = _lock(profile)
    act, seat = _require_profile(by, row)
    known = row.interests.filter(council=council, kind=kind, withdrawn_at=None).first()
    if known is not None and known.words == words and (known.starts_on, known.ends_on) == (starts_on, ends_on):
        return known
    interest = Interest(
        profile=row, council=council, kind=kind, words=words, starts_on=starts_on, ends_on=ends_on,
        declared_by=by, pinned=act == Act.POOL_EDIT,
    )  # fmt: skip
    _clean(interest)
    interest.save()
    record(act=act, by=by, seat=seat, obj=interest, detail={"kind": kind})
    return interest


@transaction.atomic
def withdraw_interest(*, interest: Interest, by: User) -> Interest:
    """Take a declaration back; the row stays with its date. Raises NotNow for a peer and a pinned entry."""
    row = (
        Interest.objects.select_for_update(of=("self",)).select_related("profile__user", "council").get(pk=interest.pk)
    )
    act, seat = _require_profile(by, row.profile)
    if row.withdrawn_at is not None:
        return row
    if row.pinned and act == Act.PROFILE_EDIT:
        raise NotNow(_("A coordinator entered this. Ask them if it is no longer true."))
    row.pinned, row.withdrawn_at = False, timezone.now()
    row.save(update_fields=["pinned", "withdrawn_at"])
    record(act=act, by=by, seat=seat, obj=row, detail={"withdrawn": True})
    return row


# --- days away ----------------------------------------------------------------------------------
@transaction.atomic
def add_blackout(*, profile: PeerProfile, by: User, first_day: date, last_day: date, words: str = "") -> BlackoutPeriod:
    """Note days on which the peer cannot be asked. The same days twice are one period."""
    row = _lock(profile)
    act, seat = _require_profile(by, row)
    known = row.blackouts.filter(first_day=first_day, last_day=last_day).first()
    if known is not None:
        return known
    period = BlackoutPeriod(profile=row, first_day=first_day, last_day=last_day, words=words)
    _clean(period)
    period.save()
    record(act=act, by=by, seat=seat, obj=period)
    return period


@transaction.atomic
def remove_blackout(*, period: BlackoutPeriod, by: User) -> None:
    """Remove days away; removing them twice does no harm."""
    row = BlackoutPeriod.objects.select_for_update(of=("self",)).select_related("profile__user").filter(pk=period.pk)
    known = row.first()
    act, seat = _require_profile(by, period.profile)
    if known is not None:
        record(act=act, by=by, seat=seat, obj=known, detail={"removed": True})
        known.delete()
