"""A coordinator takes out of the service who a person is. What stays, and why, is said on the page before."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Model, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.erasing import erase_account
from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, Blocked
from cyber360.files.models import Upload, blob_path
from cyber360.files.resumable.uploads import remove
from cyber360.files.storage import vault
from peers.access import require
from peers.acts import Act
from peers.challenges.models import ProgrammeSeat, Seat
from peers.onsite.models import Attendee
from peers.planning.models import (
    CalendarEntry,
    CalendarFeed,
    ConflictNotice,
    DateAnswer,
    Placement,
    PlanPin,
    PlanSeat,
    PreferredPair,
    SeasonPlan,
    TeamObjection,
)
from peers.pool.models import BlackoutPeriod, Experience, HomeCouncil, Interest, PeerProfile, PeerSkill, PoolInvitation
from peers.pool.models import State as PoolState
from peers.records.models import OPEN_EXPORTS, ExportState, InformationExport
from peers.records.queries.person import get_person
from peers.records.queries.person_held import challenges_of, what_forbids

from .information import end_copy

PLAN_WORDS = ("reasons", "remarks")
ERASED = "(erased)"  # where a row must say something


@transaction.atomic
def erase_person(*, person: User, by: User, typed: str) -> User:
    """Disable the account and take out of it, and of the pool, who the person is; all of it or nothing.

    The same again does nothing. Raises NoSeat; Blocked with every reason; BadInput when `typed` is not their name.
    """
    get_person(by, person.pk, Act.PERSON_ERASE)
    row = User.objects.select_for_update().get(pk=person.pk)
    seat = require(by, Act.PERSON_ERASE)
    if row.erased_at is not None:
        return row
    if reasons := what_forbids(row, by):
        raise Blocked([reason.words for reason in reasons])
    if _plain(typed) != _plain(row.full_name):
        raise BadInput(_("Type the name as it stands above to confirm."))
    _end_seats(row)
    _forget_calendar(row)
    _forget_pool(row)
    _forget_words_about(row)
    _remove_files(row)
    gone = erase_account(user=row)
    record(act=Act.PERSON_ERASE, by=by, seat=seat, obj=gone)  # under the new name
    return gone


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _end_seats(row: User) -> None:
    """Those that are left: in the pool, and on challenges that are over."""
    today = timezone.localdate()
    models: tuple[Any, ...] = (ProgrammeSeat, Seat)
    for model in models:
        model.objects.in_force(today).filter(user=row).update(ends_on=today - timedelta(days=1))


def _forget_calendar(row: User) -> None:
    for model, owner in ((CalendarFeed, "owner"), (CalendarEntry, "person"), (DateAnswer, "user")):
        _rows(model, **{owner: row}).delete()


def _forget_pool(row: User) -> None:
    """The bare profile stays behind the teams that it was on: its council and kind of peer."""
    profiles = PeerProfile.objects.filter(user=row)
    for model in (BlackoutPeriod, Interest, PeerSkill, Experience, PlanPin):
        _rows(model, profile__in=profiles).delete()
    HomeCouncil.objects.filter(profile__in=profiles).exclude(ends_on=None).delete()
    PreferredPair.objects.filter(Q(first__in=profiles) | Q(second__in=profiles)).delete()
    profiles.update(
        seniority="", can_lead=False, job_title="", party="", biography="", welsh_speaker=False, access_needs="",
        training_done_on=None, training_expires_on=None, available_from=None, available_until=None,
        state=PoolState.LEFT, version=F("version") + 1,
    )  # fmt: skip
    invitations = PoolInvitation.objects.filter(user=row)
    invitations.exclude(reason="").update(reason=ERASED)
    still_open = invitations.filter(withdrawn_at=None, decided_at=None)
    still_open.filter(applied_at=None).update(withdrawn_at=timezone.now())
    still_open.exclude(applied_at=None).update(decided_at=timezone.now(), approved=False, reason=ERASED)


def _forget_words_about(row: User) -> None:
    """What was said in choosing teams, by the person and about them, and their name in timetables. The rows stay."""
    placements = Placement.objects.filter(profile__user=row)
    _blank(placements, "reason", "message", "answer_reason", "removed_reason")
    placements.update(known_conflicts=[])
    _blank(TeamObjection.objects.filter(placement__in=placements), "reason", "explanation")
    _blank(ConflictNotice.objects.filter(placement__in=placements), "sentence", "source", "reason")
    PlanSeat.objects.filter(profile__user=row).update(reasons=[], warnings=[])
    for plan in SeasonPlan.objects.exclude(reasons=[], remarks=[]):
        kept = {name: [one for one in getattr(plan, name) if row.full_name not in str(one)] for name in PLAN_WORDS}
        if any(getattr(plan, name) != kept[name] for name in PLAN_WORDS):
            SeasonPlan.objects.filter(pk=plan.pk).update(**kept)
    met = Attendee.objects.filter(conversation__challenge__in=challenges_of(row), name__iexact=row.full_name)
    met.update(name="", job_title="")


def _blank(rows: Any, *fields: str) -> None:
    for field in fields:
        rows.exclude(**{field: ""}).update(**{field: ERASED})


def _remove_files(row: User) -> None:
    """Unfinished uploads, and copies that the person asked for or that were made about them. Bytes go on commit."""
    for upload in Upload.objects.select_for_update().filter(owner=row):
        if upload.making:
            transaction.on_commit(partial(vault().delete, blob_path(upload.making)))
        remove(upload)
    copies = InformationExport.objects.select_for_update(of=("self",)).filter(Q(about=row) | Q(asked_by=row))
    for copy in copies:
        end_copy(copy.pk)
        if copy.state == ExportState.MAKING:
            transaction.on_commit(partial(vault().delete, blob_path(copy.making)))
    words = _("The person was erased before it was made.")
    copies.filter(state__in=OPEN_EXPORTS).update(state=ExportState.REFUSED, words=words)
    copies.filter(about=row).update(reference="")


def _rows(model: type[Model], **wanted: Any) -> Any:
    return model._default_manager.filter(**wanted)
