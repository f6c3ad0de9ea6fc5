"""Writing challenges: registration, scope, dates, hold, and the seats on them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext as _
from guardian.shortcuts import assign_perm

from cyber360.accounts.models import User
from cyber360.accounts.services import invite
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow, StaleVersion
from cyber360.notify.services import queue_mail
from peers.access import CHALLENGE_SEATS, PROGRAMME_SEATS, SeatName, require
from peers.acts import Act
from peers.councils.models import Council
from peers.frameworks.models import FrameworkVersion, Theme
from peers.stages import Stage

from .calendar.deadlines import Line, due_days
from .models import Challenge, DeadlineProfile, KeyDate, Programme, ProgrammeSeat, Seat


# --- registration --------------------------------------------------------------------------------
@transaction.atomic
def register_challenge(*, programme: Programme, council: Council, by: User, interest_note: str = "") -> Challenge:
    """A council's interest becomes a challenge with a reference such as C360-2027-014."""
    seat = require(by, Act.CHALLENGE_REGISTER, programme)
    programme = Programme.objects.select_for_update().get(pk=programme.pk)
    if not council.exists_on(timezone.localdate()):
        raise BadInput(_("%(council)s does not exist on this date.") % {"council": council.name})
    challenge = Challenge(
        programme=programme,
        ref=_next_ref(programme, timezone.localdate().year),
        council=council,
        interest_note=interest_note,
        deadline_profile=DeadlineProfile.objects.filter(is_default=True).first(),
    )
    challenge.full_clean()
    challenge.save()
    compute_key_dates(challenge)
    record(act=Act.CHALLENGE_REGISTER, by=by, seat=seat, obj=challenge, scope=challenge.scope)
    return challenge


def _next_ref(programme: Programme, year: int) -> str:
    stem = f"{programme.ref_prefix}-{year}-"
    refs = Challenge.objects.filter(ref__startswith=stem).order_by(Length("ref").desc(), "-ref")  # 1000 comes after 999
    last = refs.values_list("ref", flat=True).first()
    return f"{stem}{int(last.removeprefix(stem)) + 1 if last else 1:03d}"


# --- seats ---------------------------------------------------------------------------------------
def _seat(
    challenge: Challenge, user: User, name: SeatName, by: User, starts_on: date | None, ends_on: date | None
) -> Seat:
    seat = cast(Seat, assign_perm(f"peers.{name.value}", user, challenge))
    seat.starts_on = starts_on or timezone.localdate()
    seat.ends_on = ends_on
    seat.granted_by = by
    seat.granted_at = timezone.now()
    seat.full_clean()
    seat.save()
    getattr(user, "seat_cache", {}).clear()
    return seat


def _record_seat(act: Act, seat_row: Seat, by: User, seat: str) -> None:
    challenge = seat_row.content_object
    record(
        act=act,
        by=by,
        seat=seat,
        obj=seat_row,
        label=f"{seat_row.user.full_name}: {seat_row.name.label}",
        scope=challenge.scope,
        detail={"from": str(seat_row.starts_on), "until": str(seat_row.ends_on or ""), "seat": seat_row.name.value},
    )


@transaction.atomic
def grant_seat(
    *,
    challenge: Challenge,
    user: User,
    name: SeatName,
    by: User,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Seat:
    """Give a person a seat on a challenge. Team seats come from an accepted invitation instead."""
    seat = require(by, Act.SEAT_GRANT, challenge)
    if name not in CHALLENGE_SEATS:
        raise BadInput(_("That seat belongs to the programme, not to a challenge."))
    _refuse_both_sides(challenge, user, name)
    row = _seat(challenge, user, name, by, starts_on, ends_on)
    _record_seat(Act.SEAT_GRANT, row, by, seat)
    return row


def _refuse_both_sides(challenge: Challenge, user: User, name: SeatName) -> None:
    """Nobody sits on the host's side and on the team of one challenge."""
    host_side = {SeatName.HOST_LEAD, SeatName.HOST_SPONSOR, SeatName.CONTRIBUTOR}
    team = {SeatName.LEAD_PEER, SeatName.PEER, SeatName.OBSERVER}
    other = team if name in host_side else host_side if name in team else set()
    held = challenge.seats.in_force(timezone.localdate()).filter(user=user)
    if held.filter(permission__codename__in=list(other)).exists():
        raise BadInput(_("%(person)s already sits on the other side of this challenge.") % {"person": user.full_name})


@transaction.atomic
def name_person(*, challenge: Challenge, email: str, full_name: str, job_title: str, name: SeatName, by: User) -> Seat:
    """Name a host lead, host sponsor or challenge manager by e-mail address; one mail invites or tells them."""
    require(by, Act.SEAT_GRANT, challenge)
    words = {"seat": name.label, "challenge": challenge.title}
    user, _made = invite(
        email=email,
        full_name=full_name,
        job_title=job_title,
        by=by,
        reason_line=_("You are %(seat)s for %(challenge)s.") % words,
        link=challenge.get_absolute_url(),
    )
    return grant_seat(challenge=challenge, user=user, name=name, by=by)


@transaction.atomic
def seat_contributor(*, challenge: Challenge, user: User, by: User) -> Seat:
    """A contributor's seat, given by the host with the first question handed over."""
    seat = require(by, Act.QUESTION_HAND_OVER, challenge)
    _refuse_both_sides(challenge, user, SeatName.CONTRIBUTOR)
    held = challenge.seats.in_force(timezone.localdate()).filter(user=user, permission__codename=SeatName.CONTRIBUTOR)
    row: Seat | None = held.first()
    if row is None:
        row = _seat(challenge, user, SeatName.CONTRIBUTOR, by, None, None)
        _record_seat(Act.SEAT_GRANT, row, by, seat)
    return row


@transaction.atomic
def seat_from_placement(*, challenge: Challenge, user: User, name: SeatName, by: User) -> Seat:
    """The team seat of a peer who has just accepted; `planning` has checked the invitation and the conflicts."""
    if name not in {SeatName.LEAD_PEER, SeatName.PEER, SeatName.OBSERVER}:
        raise BadInput(_("Only team seats come from an invitation."))
    _refuse_both_sides(challenge, user, name)
    row = _seat(challenge, user, name, by, None, None)
    _record_seat(Act.SEAT_GRANT, row, by, SeatName.POOL_PEER)
    return row


@transaction.atomic
def end_seat(*, seat: Seat, by: User, reason: str = "") -> Seat:
    """End a seat today, at once."""
    in_seat = require(by, Act.SEAT_END, seat.content_object)
    return end_seat_row(seat=seat, by=by, in_seat=in_seat, reason=reason)


def end_seat_row(*, seat: Seat, by: User, in_seat: str, reason: str = "") -> Seat:
    """For services that have checked their own act (taking a peer off the team)."""
    row: Seat = (
        Seat.objects.select_for_update(of=("self",))
        .select_related("content_object", "user", "permission")
        .get(pk=seat.pk)
    )
    row.ends_on = timezone.localdate() - timedelta(days=1)
    row.save(update_fields=["ends_on"])
    _record_seat(Act.SEAT_END, row, by, in_seat)
    return row


@transaction.atomic
def grant_programme_seat(
    *, programme: Programme, user: User, name: SeatName, by: User, ends_on: date | None = None
) -> ProgrammeSeat:
    seat = require(by, Act.PROGRAMME_SEAT_GRANT, programme)
    return seat_on_programme(programme=programme, user=user, name=name, by=by, in_seat=seat, ends_on=ends_on)


@transaction.atomic
def name_on_programme(
    *, programme: Programme, email: str, full_name: str, name: SeatName, by: User, ends_on: date | None = None
) -> ProgrammeSeat:
    """Give a programme seat by e-mail address; a newcomer is invited by mail."""
    require(by, Act.PROGRAMME_SEAT_GRANT, programme)
    user, _created = invite(
        email=email,
        full_name=full_name,
        by=by,
        reason_line=_("You are %(seat)s of %(programme)s.") % {"seat": name.label, "programme": programme.title},
        link="/",
    )
    return grant_programme_seat(programme=programme, user=user, name=name, by=by, ends_on=ends_on)


@transaction.atomic
def seat_on_programme(
    *,
    programme: Programme,
    user: User,
    name: SeatName,
    by: User | None = None,
    in_seat: str = "",
    ends_on: date | None = None,
) -> ProgrammeSeat:
    """The grant itself, also used from the command line (`manage.py grant_seat`) for the first administrator."""
    if name not in PROGRAMME_SEATS:
        raise BadInput(_("That seat belongs to a challenge, not to the programme."))
    row = cast(ProgrammeSeat, assign_perm(f"peers.{name.value}", user, programme))
    row.starts_on, row.ends_on, row.granted_by = timezone.localdate(), ends_on, by
    row.save()
    record(act=Act.PROGRAMME_SEAT_GRANT, by=by, seat=in_seat, obj=row, label=f"{user.full_name}: {name.label}")
    return row


@transaction.atomic
def end_programme_seat(*, seat: ProgrammeSeat, by: User) -> ProgrammeSeat:
    in_seat = require(by, Act.PROGRAMME_SEAT_END, seat.content_object)
    seat.ends_on = timezone.localdate() - timedelta(days=1)
    seat.save(update_fields=["ends_on"])
    label = f"{seat.user.full_name}: {seat.name.label}"
    record(act=Act.PROGRAMME_SEAT_END, by=by, seat=in_seat, obj=seat, label=label)
    return seat


# --- scope and dates -------------------------------------------------------------------------------
def lock_challenge(challenge: Challenge, version: int | None = None) -> Challenge:
    """The row, locked; with `version`, refused when somebody saved meanwhile."""
    row = Challenge.objects.select_for_update(of=("self",)).select_related("council", "programme").get(pk=challenge.pk)
    if version is not None and row.version != version:
        raise StaleVersion(_("Somebody else saved this challenge while you were writing."), row)
    return row


@transaction.atomic
def set_scope(
    *,
    challenge: Challenge,
    by: User,
    version: int,
    framework_version: FrameworkVersion | None,
    themes: Iterable[Theme],
    **fields: Any,
) -> Challenge:
    """Focus, questionnaire version, themes, visit window and team size. `fields` are columns of Challenge."""
    seat = require(by, Act.CHALLENGE_SCOPE, challenge)
    row = lock_challenge(challenge, version)
    if framework_version is not None and framework_version.state != "published":
        raise BadInput(_("Choose a published questionnaire version."))
    themes = list(themes)
    if any(theme.framework_version_id != getattr(framework_version, "pk", None) for theme in themes):
        raise BadInput(_("Choose themes of the chosen questionnaire version."))
    row.framework_version = framework_version
    for name in ("focus", "window_first", "window_last", "team_min", "team_max", "team_wishes"):
        if name in fields:
            setattr(row, name, fields[name])
    row.version += 1
    _clean(row)
    row.save()
    row.themes.set(themes)
    record(act=Act.CHALLENGE_SCOPE, by=by, seat=seat, obj=row, scope=row.scope)
    return row


def _clean(row: Challenge) -> None:
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong


@transaction.atomic
def set_visit(
    *,
    challenge: Challenge,
    by: User,
    version: int,
    visit_first_day: date,
    visit_last_day: date,
    visit_place: str = "",
    deadline_profile: DeadlineProfile | None = None,
) -> Challenge:
    """Fix or move the visit; unpinned key dates follow, and everybody on the challenge is told once."""
    seat = require(by, Act.CHALLENGE_DATES, challenge)
    row = lock_challenge(challenge, version)
    if visit_last_day < visit_first_day:
        raise BadInput(_("The visit ends before it begins. Choose a last day on or after the first."))
    moved = row.visit_first_day is not None and row.visit_first_day != visit_first_day
    row.visit_first_day, row.visit_last_day, row.visit_place = visit_first_day, visit_last_day, visit_place
    row.deadline_profile = deadline_profile or row.deadline_profile
    row.version += 1
    _clean(row)
    row.save()
    compute_key_dates(row)
    record(
        act=Act.CHALLENGE_DATES,
        by=by,
        seat=seat,
        obj=row,
        scope=row.scope,
        detail={"first_day": str(visit_first_day), "last_day": str(visit_last_day)},
    )
    if moved:
        _tell_everybody(row, _("The visit for %(challenge)s has new dates"), f"dates:{row.pk}:{row.version}")
    return row


def _tell_everybody(challenge: Challenge, subject: str, key: str) -> None:
    seats = challenge.seats.in_force(timezone.localdate()).exclude(permission__codename=SeatName.CONTRIBUTOR)
    for user_id in set(seats.values_list("user_id", flat=True)):
        user = User.objects.get(pk=user_id)
        queue_mail(
            to=user,
            kind="dates",
            subject=subject % {"challenge": challenge.title},
            link=challenge.get_absolute_url(),
            key=f"{key}:{user_id}",
        )


def compute_key_dates(challenge: Challenge) -> None:
    """Write the due day of each stage that can be known; a pinned day stays as it was set."""
    profile = challenge.deadline_profile
    if profile is None:
        return
    lines = [Line(row.stage, row.anchor, row.days, row.working_days) for row in profile.lines.all()]
    anchors = {
        "registered": challenge.registered_on,
        "visit_first": challenge.visit_first_day,
        "visit_last": challenge.visit_last_day,
    }
    pinned = set(challenge.key_dates.filter(pinned=True).values_list("stage", flat=True))
    challenge.key_dates.filter(pinned=False).delete()
    days = due_days(lines, anchors, challenge.council.nation)
    KeyDate.objects.bulk_create(
        [KeyDate(challenge=challenge, stage=stage, due_on=day) for stage, day in days.items() if stage not in pinned]
    )


@transaction.atomic
def pin_key_date(*, challenge: Challenge, by: User, stage: Stage, due_on: date, reason: str) -> KeyDate:
    """Set one stage's due day by hand, with a reason; computed dates no longer touch it."""
    seat = require(by, Act.CHALLENGE_DATES, challenge)
    row = lock_challenge(challenge)
    if not reason.strip():
        raise BadInput(_("Give the reason for the date."))
    date_row, _made = KeyDate.objects.update_or_create(
        challenge=row, stage=stage, defaults={"due_on": due_on, "pinned": True, "reason": reason.strip()}
    )
    record(
        act=Act.CHALLENGE_DATES,
        by=by,
        seat=seat,
        obj=date_row,
        label=str(stage.label),
        scope=row.scope,
        detail={"due_on": str(due_on), "reason": reason.strip()},
    )
    return date_row


# --- hold ------------------------------------------------------------------------------------------
@transaction.atomic
def hold_challenge(*, challenge: Challenge, by: User, reason: str) -> Challenge:
    row = lock_challenge(challenge)
    seat = require(by, Act.CHALLENGE_HOLD, row)
    if not reason.strip():
        raise BadInput(_("Give the reason for the hold."))
    row.on_hold_since, row.hold_reason = timezone.localdate(), reason.strip()
    row.save(update_fields=["on_hold_since", "hold_reason"])
    record(act=Act.CHALLENGE_HOLD, by=by, seat=seat, obj=row, scope=row.scope)
    return row


@transaction.atomic
def resume_challenge(*, challenge: Challenge, by: User) -> Challenge:
    row = lock_challenge(challenge)
    seat = require(by, Act.CHALLENGE_RESUME, row)
    row.on_hold_since, row.hold_reason = None, ""
    row.save(update_fields=["on_hold_since", "hold_reason"])
    record(act=Act.CHALLENGE_RESUME, by=by, seat=seat, obj=row, scope=row.scope)
    return row


# --- arrivals ----------------------------------------------------------------------------------------
def end_access(*, challenge: Challenge, by: User, at: datetime) -> None:
    """On closing: every seat ends by itself after the programme's configured days."""
    last = timezone.localdate(at) + timedelta(days=challenge.programme.access_days_after_close)
    for seat in challenge.seats.filter(ends_on=None) | challenge.seats.filter(ends_on__gt=last):
        seat.ends_on = last
        seat.save(update_fields=["ends_on"])


def refuse_when_over(challenge: Challenge) -> None:
    if challenge.stage in {Stage.CLOSED, Stage.WITHDRAWN}:
        raise NotNow(_("This challenge is over."))
