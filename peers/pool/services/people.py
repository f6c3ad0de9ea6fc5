"""Putting people into the pool, and their profile."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.accounts.services import invite
from cyber360.audit.services import record
from cyber360.cleaning import clean
from cyber360.exceptions import BadInput, NotNow, StaleVersion
from peers.acts import Act
from peers.councils.models import Council, Kind
from peers.pool.models import Experience, PeerProfile, PeerSkill, Size, SkillLevel, SkillTheme, State

from .common import (
    end_pool_seat,
    give_pool_seats,
    lock,
    require_coordinator,
    require_profile,
    require_programme,
    set_pool_seat_end,
)
from .homes import move_home, open_home

# What a person says of themselves.
OWN_FIELDS = (
    "seniority", "job_title", "party", "biography", "welsh_speaker", "remote_ok", "travel_km", "access_needs",
    "days_offered", "most_visits", "available_from", "available_until",
)  # fmt: skip
# Who someone is, whether they are trained and whether they can lead is the coordinator's to say.
COORDINATOR_FIELDS = ("council", "role", "can_lead", "training_done_on", "training_expires_on")
PROFILE_FIELDS = COORDINATOR_FIELDS + OWN_FIELDS
GONE = (State.LEFT, State.TURNED_DOWN)


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

    Raises BadInput when the person is in the pool already, or has applied to it.
    """
    seat = require_programme(by, programme)
    user, _created = invite(
        email=email, full_name=full_name, job_title=job_title, by=by,
        reason_line=_("You have been invited to join the pool of Cyber 360 peers."), link="/profile/",
    )  # fmt: skip
    profile = place_for(user, council, role, by)
    profile.job_title, profile.party, profile.days_offered = job_title, party, days_offered
    profile.approved_by, profile.approved_at = by, timezone.now()
    clean(profile)
    profile.save()
    open_home(profile)
    # An invitation to apply has nothing left to ask.
    user.pool_invitations.filter(programme=programme, withdrawn_at=None, decided_at=None).update(
        withdrawn_at=timezone.now(), withdrawn_by=by
    )
    give_pool_seats([user], programme, by, seat)
    record(act=Act.POOL_EDIT, by=by, seat=seat, obj=profile, detail={"state": profile.state})
    return profile


def place_for(user: User, council: Council, role: str, by: User | None) -> PeerProfile:
    """The profile of a person who comes into the pool, new or that of an earlier time, as invited; not saved yet.

    Raises BadInput when they are there already.
    """
    profile = PeerProfile.objects.select_for_update(of=("self",)).filter(user=user).first()
    if profile is None:
        return PeerProfile(user=user, council=council, role=role, state=State.INVITED, registered_by=by)
    if profile.state == State.APPLIED:
        raise BadInput(_("%(person)s has applied to join. Look at the application.") % {"person": user.full_name})
    if profile.state not in GONE:
        raise BadInput(_("%(person)s is in the pool already.") % {"person": user.full_name})
    move_home(profile, council)
    profile.role, profile.seniority, profile.state = role, "", State.INVITED
    profile.confirmed_on = profile.asked_to_confirm_on = None
    profile.version += 1
    return profile


@transaction.atomic
def set_state(*, profile: PeerProfile, by: User, state: State) -> PeerProfile:
    """Let a peer rest, come back or leave. Leaving ends the pool seat today; it does not touch accepted places.

    Raises NotNow for somebody who has applied or was turned down: an application is decided as such.
    """
    row = lock(profile)
    seat = require_coordinator(by, row)
    if state not in {State.ACTIVE, State.RESTING, State.LEFT}:
        raise BadInput(_("Choose active, resting or left."))
    if row.state == State.APPLIED:
        raise NotNow(_("Decide on the application first."))
    if row.state == State.TURNED_DOWN:
        raise NotNow(_("This application was turned down. Invite the person again if that has changed."))
    row.state = state
    row.version += 1
    row.save(update_fields=["state", "version"])
    if state == State.LEFT:
        end_pool_seat(row.user, by)
    else:
        set_pool_seat_end(row.user, by, None)
    record(act=Act.POOL_EDIT, by=by, seat=seat, obj=row, detail={"state": str(state)})
    return row


# --- the profile --------------------------------------------------------------------------------
@transaction.atomic
def edit_profile(
    *,
    profile: PeerProfile,
    by: User,
    version: int,
    skills: Mapping[str, str] | None = None,
    known: Iterable[tuple[str, str]] | None = None,
    moved_on: date | None = None,
    mistaken: bool = False,
    **fields: Any,
) -> PeerProfile:
    """Change a profile. `fields` are PROFILE_FIELDS; those that are not the writer's to say are passed over.

    `skills` maps theme codes to a level or "", `known` holds (kind, size) of councils; each replaces all of its kind.
    A new council is the home from `moved_on` (today), or stands in place of one that was never true (`mistaken`).
    A peer who saves their own becomes active the first time, and has confirmed it. Raises StaleVersion, BadInput.
    """
    row = lock(profile)
    act, seat = require_profile(by, row)
    if row.version != version:
        raise StaleVersion(_("Somebody else saved this profile while you were writing."), row)
    allowed = OWN_FIELDS if act == Act.PROFILE_EDIT else PROFILE_FIELDS
    changed = sorted(name for name in fields if name in allowed and getattr(row, name) != fields[name])
    if "council" in changed:
        move_home(row, fields["council"], on=moved_on, mistaken=mistaken)
    for name in changed:
        setattr(row, name, fields[name])
    if act == Act.PROFILE_EDIT:
        confirmed(row)
    row.version += 1
    clean(row)
    row.save()
    if skills is not None:
        replace_skills(row, skills)
    if known is not None:
        replace_experience(row, known)
    record(act=act, by=by, seat=seat, obj=row, detail={"changed": changed})
    return row


def confirmed(row: PeerProfile) -> None:
    """The person has said today that their profile is right; not saved yet."""
    row.confirmed_on = timezone.localdate()
    if row.state == State.INVITED:
        row.state = State.ACTIVE


def replace_skills(profile: PeerProfile, skills: Mapping[str, str]) -> None:
    if any(
        code not in SkillTheme.values or (level and level not in SkillLevel.values) for code, level in skills.items()
    ):
        raise BadInput(_("Choose a theme and a level from the lists."))
    profile.skills.all().delete()
    PeerSkill.objects.bulk_create(skill_rows(profile, skills))


def skill_rows(profile: PeerProfile, skills: Mapping[str, str]) -> list[PeerSkill]:
    return [PeerSkill(profile=profile, theme_code=code, level=level) for code, level in skills.items() if level]


def replace_experience(profile: PeerProfile, known: Iterable[tuple[str, str]]) -> None:
    pairs = set(known)
    if any(kind not in Kind.values or size not in Size.values for kind, size in pairs):
        raise BadInput(_("Choose a kind and a size of council from the lists."))
    profile.experience.all().delete()
    Experience.objects.bulk_create(experience_rows(profile, pairs))


def experience_rows(profile: PeerProfile, known: Iterable[tuple[str, str]]) -> list[Experience]:
    return [Experience(profile=profile, council_kind=kind, size=size) for kind, size in sorted(set(known))]


def note_first_answer(profile: PeerProfile) -> None:
    """A peer who answers an invitation is there: invited becomes active. The caller has checked the right."""
    PeerProfile.objects.filter(pk=profile.pk, state=State.INVITED).update(state=State.ACTIVE)
