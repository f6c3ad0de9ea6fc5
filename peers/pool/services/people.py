"""Putting people into the pool, and their profile."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from guardian.shortcuts import assign_perm

from cyber360.accounts.models import User
from cyber360.accounts.services import invite
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NoSeat, StaleVersion
from peers.access import SeatName, require
from peers.acts import Act
from peers.councils.models import Council
from peers.pool.models import PeerProfile, PeerSkill, SkillLevel, SkillTheme, State
from peers.pool.queries import programmes_of

from .common import clean, lock, require_coordinator, require_profile

PROFILE_FIELDS = (
    "council", "role", "job_title", "party", "biography", "welsh_speaker", "remote_ok", "travel_km",
    "training_done_on", "days_offered", "available_from", "available_until",
)  # fmt: skip
# Who someone is and whether they are trained is the coordinator's to say.
COORDINATOR_FIELDS = frozenset({"council", "role", "training_done_on"})


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
    clean(profile)
    profile.save()
    give_seat(profile, programme, by)
    return profile


def give_seat(profile: PeerProfile, programme: Any, by: User) -> None:
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
    row = lock(profile)
    seat = require_coordinator(by, row)
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
    row = lock(profile)
    act, seat = require_profile(by, row)
    if row.version != version:
        raise StaleVersion(_("Somebody else saved this profile while you were writing."), row)
    allowed = set(PROFILE_FIELDS) - (COORDINATOR_FIELDS if act == Act.PROFILE_EDIT else set())
    changed = sorted(name for name in fields if name in allowed and getattr(row, name) != fields[name])
    for name in changed:
        setattr(row, name, fields[name])
    if act == Act.PROFILE_EDIT and row.state == State.INVITED:
        row.state = State.ACTIVE
    row.version += 1
    clean(row)
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
