"""Many peers at once from a file, and the whole pool as a file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.accounts.services import ensure_user, invite
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow
from peers.access import require
from peers.acts import Act
from peers.councils.models import Council
from peers.pool.models import Experience, HomeCouncil, PeerProfile, PeerSkill, State
from peers.pool.queries import programmes_of
from peers.pool.queries.sheets import accounts_of, directory, members
from peers.pool.sheets.rows import Change, Checked, check, parse

from .common import give_pool_seats, require_coordinator, require_programme
from .homes import move_home
from .people import experience_rows, skill_rows


@dataclass(frozen=True)
class ImportReport:
    """How many people of the file are new, changed, the same, left out; `told` how many mails went out."""

    checked: Checked
    new: int
    changed: int
    same: int
    left_out: int
    written: bool = False
    told: int = 0


def check_peers(*, raw: bytes, by: User) -> ImportReport:
    """What an import of the file would do. Writes nothing."""
    require(by, Act.POOL_EDIT)
    parsed = parse(raw)
    emails = {values["email"] for _line, values in parsed.rows}
    checked = check(parsed, members(emails, programmes_of(by)), directory(), timezone.localdate())
    new = sum(change.new for change in checked.changes)
    changed = sum(bool(change.values) and not change.new for change in checked.changes)
    left_out = len({problem.line for problem in checked.problems if problem.line > 1})
    return ImportReport(checked, new, changed, len(checked.changes) - new - changed, left_out)


@transaction.atomic
def import_peers(*, raw: bytes, programme: Any, by: User, skip_bad: bool = False, tell: bool = False) -> ImportReport:
    """Take the people of the file into the pool; those who are there already are brought up to date.

    Nothing is written when a row is bad, unless `skip_bad`, which leaves those rows out. `tell` sends an invitation
    to each person of the file who is new or was never sent one. The same file twice changes nothing the second time.
    """
    seat = require_programme(by, programme)
    report = check_peers(raw=raw, by=by)
    checked = report.checked
    if (checked.problems and not skip_bad) or not checked.changes:
        return report
    wanted = [change for change in checked.changes if change.values]
    written = _write(wanted, by, seat)
    give_pool_seats([profile.user for change, profile in written if change.new], programme, by, seat)
    told = _tell(checked.changes, by) if tell else 0
    detail = {"new": report.new, "changed": report.changed, "left_out": report.left_out, "told": told}
    record(act=Act.POOL_EDIT, by=by, seat=seat, label=_("Import of peers from a file"), detail=detail)
    return ImportReport(checked, report.new, report.changed, report.same, report.left_out, True, told)


def _locked(emails: Iterable[str]) -> dict[str, PeerProfile]:
    users = accounts_of(emails)
    rows = PeerProfile.objects.select_for_update(of=("self",)).filter(user__in=[user.pk for user in users.values()])
    return {row.user.email.lower(): row for row in rows.select_related("user", "council")}


def _write(changes: Sequence[Change], by: User, seat: str) -> list[tuple[Change, PeerProfile]]:
    """The rows into the pool. What hangs on a profile (skills, councils known) goes in for all of them at once."""
    councils = Council.objects.in_bulk({change.values["council"] for change in changes if "council" in change.values})
    known = _locked([change.email for change in changes])
    written = [(change, _write_one(change, known.get(change.email), councils, by)) for change in changes]
    skills = [(profile, change.values["skills"]) for change, profile in written if "skills" in change.values]
    PeerSkill.objects.filter(profile__in=[profile.pk for profile, _held in skills]).delete()
    PeerSkill.objects.bulk_create([row for profile, held in skills for row in skill_rows(profile, held)])
    inside = [(profile, change.values["known"]) for change, profile in written if "known" in change.values]
    Experience.objects.filter(profile__in=[profile.pk for profile, _held in inside]).delete()
    Experience.objects.bulk_create([row for profile, held in inside for row in experience_rows(profile, held)])
    newcomers = [profile for change, profile in written if change.new]
    HomeCouncil.objects.bulk_create(HomeCouncil(profile=row, council=row.council) for row in newcomers)
    for change, profile in written:
        detail = {"file": True, "new": change.new, "changed": change.columns}
        record(act=Act.POOL_EDIT, by=by, seat=seat, obj=profile, detail=detail)
    return written


def _write_one(change: Change, profile: PeerProfile | None, councils: Mapping[int, Council], by: User) -> PeerProfile:
    """One row; its line is named when somebody else changed the same person between check and write."""
    values = {name: value for name, value in change.values.items() if name not in ("council", "skills", "known")}
    council = councils.get(change.values.get("council", 0))
    try:
        if profile is None:
            assert council is not None
            profile = _newcomer(change, council, values["role"], by)
        elif change.new:
            raise BadInput(_("%(person)s is in the pool already.") % {"person": profile})
        elif council is not None:
            move_home(profile, council)
        for name, value in values.items():
            setattr(profile, name, value)
        profile.version += 0 if change.new else 1
        # The rows have been checked against each other and the database refuses the rest: no query for each rule.
        profile.clean_fields(exclude=["user", "council", "registered_by", "approved_by"])
    except (BadInput, NotNow) as wrong:
        raise BadInput(_("Line %(line)s: %(wrong)s") % {"line": change.line, "wrong": wrong.message}) from wrong
    except ValidationError as wrong:
        words = " ".join(wrong.messages)
        raise BadInput(_("Line %(line)s: %(wrong)s") % {"line": change.line, "wrong": words}) from wrong
    profile.save()
    return profile


def _newcomer(change: Change, council: Council, role: str, by: User) -> PeerProfile:
    job_title = change.values.get("job_title", "")
    user, _created = ensure_user(email=change.email, full_name=change.full_name, by=by, job_title=job_title)
    facts = {"state": State.INVITED, "registered_by": by, "approved_by": by, "approved_at": timezone.now()}
    return PeerProfile(user=user, council=council, role=role, **facts)


# --- telling them -----------------------------------------------------------------------------------
def _tell(changes: Iterable[Change], by: User) -> int:
    emails = [change.email for change in changes]
    users = [user.pk for user in accounts_of(emails).values()]
    untold = PeerProfile.objects.filter(user__in=users, state=State.INVITED, user__invitations=None)
    rows = list(untold.select_related("user"))
    for profile in rows:
        _send(profile.user, by)
    return len(rows)


def _send(user: User, by: User) -> None:
    invite(
        email=user.email, full_name=user.full_name, by=by, link=reverse("pool:me"),
        reason_line=_("You have been invited to join the pool of Cyber 360 peers."),
    )  # fmt: skip


@transaction.atomic
def send_first_mail(*, profile: PeerProfile, by: User) -> None:
    """The mail with the way in, to somebody who was put into the pool and has not answered. Raises NotNow else."""
    row = PeerProfile.objects.select_for_update(of=("self",)).select_related("user").get(pk=profile.pk)
    require_coordinator(by, row)
    if row.state != State.INVITED:
        raise NotNow(_("%(person)s has answered already.") % {"person": row})
    _send(row.user, by)


@transaction.atomic
def record_export(*, by: User, rows: int) -> None:
    """An export leaves its trace: who took how many people."""
    seat = require(by, Act.POOL_READ)
    record(act=Act.POOL_READ, by=by, seat=seat, label="peers.csv", detail={"rows": rows})
