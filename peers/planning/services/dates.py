"""Writing dates: when the host can be visited, which days are under discussion, who can come, which days it is."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, NotNow
from cyber360.notify.services import queue_mail
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import lock_challenge, set_visit
from peers.planning.models import DateAnswer, DateAnswerWord, DateOption, HostDays, PlacementState
from peers.planning.queries.dates import ASKED_KEY, options_of, people_for_dates, require_answer

LONGEST = timedelta(days=9)
LONGEST_HOST_DAYS = timedelta(days=366)
MOST_OPTIONS = 12
MOST_HOST_DAYS = 200


def _clean(row: models.Model) -> None:
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong


# --- the host's days --------------------------------------------------------------------------------
@transaction.atomic
def add_host_days(
    *, challenge: Challenge, by: User, first_day: date, last_day: date, possible: bool, words: str = ""
) -> HostDays:
    """Say that the council can, or cannot, be visited on these days. The same days twice are one entry."""
    locked = lock_challenge(challenge)
    seat = require(by, Act.HOST_DAYS_EDIT, locked)
    known = locked.host_days.filter(first_day=first_day, last_day=last_day).first()
    if known is not None and known.possible == possible:
        return known
    if last_day - first_day > LONGEST_HOST_DAYS:
        raise BadInput(_("Give at most a year at once."))
    if locked.host_days.count() >= MOST_HOST_DAYS:
        raise BadInput(_("There are %(most)s entries already. Take some away first.") % {"most": MOST_HOST_DAYS})
    row = HostDays(
        challenge=locked, first_day=first_day, last_day=last_day, possible=possible, words=words.strip(), entered_by=by
    )
    _clean(row)
    row.save()
    detail = {"first_day": str(first_day), "last_day": str(last_day), "possible": possible}
    record(act=Act.HOST_DAYS_EDIT, by=by, seat=seat, obj=row, scope=locked.scope, detail=detail)
    return row


@transaction.atomic
def remove_host_days(*, host_days: HostDays, by: User) -> None:
    """Take the entry away; taking away twice changes nothing."""
    locked = lock_challenge(host_days.challenge)
    seat = require(by, Act.HOST_DAYS_EDIT, locked)
    row = locked.host_days.filter(pk=host_days.pk).first()
    if row is not None:
        record(act=Act.HOST_DAYS_EDIT, by=by, seat=seat, obj=row, scope=locked.scope, detail={"removed": True})
        row.delete()


# --- the days under discussion --------------------------------------------------------------------
@transaction.atomic
def add_option(*, challenge: Challenge, by: User, first_day: date, last_day: date) -> DateOption:
    """Suggest these days. The same days twice are one option. Nobody is told until they are asked."""
    locked = lock_challenge(challenge)
    seat = require(by, Act.DATES_PROPOSE, locked)
    active = locked.date_options.filter(withdrawn_at=None)
    known = active.filter(first_day=first_day, last_day=last_day).first()
    if known is not None:
        return known
    if first_day <= timezone.localdate():
        raise BadInput(_("The first day must be after today."))
    if last_day - first_day > LONGEST:
        raise BadInput(_("A visit lasts ten days at most."))
    if active.count() >= MOST_OPTIONS:
        raise BadInput(_("%(most)s dates are under discussion already. Take one away first.") % {"most": MOST_OPTIONS})
    row = DateOption(challenge=locked, first_day=first_day, last_day=last_day, put_by=by)
    _clean(row)
    row.save()
    detail = {"first_day": str(first_day), "last_day": str(last_day)}
    record(act=Act.DATES_PROPOSE, by=by, seat=seat, obj=row, scope=locked.scope, detail=detail)
    return row


@transaction.atomic
def withdraw_option(*, option: DateOption, by: User) -> DateOption:
    """Discuss these days no more; twice changes nothing. Those of the visit stay until it has others."""
    locked = lock_challenge(option.challenge)
    seat = require(by, Act.DATES_PROPOSE, locked)
    row = DateOption.objects.select_for_update().get(pk=option.pk)
    if row.withdrawn_at is not None:
        return row
    if (row.first_day, row.last_day) == (locked.visit_first_day, locked.visit_last_day):
        raise NotNow(_("These days are the visit's. Choose other days first."))
    row.chosen_at, row.withdrawn_at = None, timezone.now()
    row.save()
    record(act=Act.DATES_PROPOSE, by=by, seat=seat, obj=row, scope=locked.scope, detail={"withdrawn": True})
    return row


@transaction.atomic
def ask_for_dates(*, challenge: Challenge, by: User) -> int:
    """Mail everybody who has not answered all days under discussion, once for one set of days. How many were.

    The days of the visit itself are not asked about.
    """
    locked = lock_challenge(challenge)
    seat = require(by, Act.DATES_PROPOSE, locked)
    visit = (locked.visit_first_day, locked.visit_last_day)
    options = [row for row in options_of(locked) if (row.first_day, row.last_day) != visit]
    if not options:
        raise BadInput(_("Add days that are not the visit's already, then ask."))
    newest = max(option.pk for option in options)
    people = [row.user_id for row in people_for_dates(by, locked)]
    answered: dict[int, int] = {}
    for user_id in DateAnswer.objects.filter(option__in=options).values_list("user_id", flat=True):
        answered[user_id] = answered.get(user_id, 0) + 1
    waiting = [user_id for user_id in people if answered.get(user_id, 0) < len(options)]
    subject = _("Please say on which days you can come: %(challenge)s") % {"challenge": locked.title}
    link = reverse("planning:my_dates", args=[locked.ref])
    _mail(waiting, "dates", subject, link, f"{ASKED_KEY}:{locked.pk}:{newest}")
    record(act=Act.DATES_PROPOSE, by=by, seat=seat, obj=locked, scope=locked.scope, detail={"asked": True})
    return len(waiting)


def _mail(user_ids: Iterable[int], kind: str, subject: str, link: str, key: str) -> None:
    for user in User.objects.filter(pk__in=list(user_ids)).order_by("pk"):
        queue_mail(to=user, kind=kind, subject=subject, link=link, key=f"{key}:{user.pk}")


# --- answers ----------------------------------------------------------------------------------------
@transaction.atomic
def answer_dates(*, challenge: Challenge, by: User, answers: Mapping[int, str]) -> None:
    """The person's own words by option id; "" takes a word back. The same words twice change nothing."""
    locked = lock_challenge(challenge)
    seat = require_answer(by, locked)
    options = {option.pk for option in options_of(locked)}
    if not set(answers) <= options:
        raise BadInput(_("These days have changed since you opened the page. Read them again, then answer."))
    known = dict(DateAnswer.objects.filter(option__in=options, user=by).values_list("option_id", "answer"))
    changed = {pk: word for pk, word in answers.items() if known.get(pk, "") != word}
    for pk, word in changed.items():
        if not word:
            DateAnswer.objects.filter(option=pk, user=by).delete()
        elif word in DateAnswerWord.values:
            values = {"answer": word, "at": timezone.now()}
            DateAnswer.objects.update_or_create(option_id=pk, user=by, defaults=values)
        else:
            raise BadInput(_("Choose one of the answers."))
    if changed:
        detail = {"answered": len(changed)}
        record(act=Act.DATES_ANSWER, by=by, seat=seat, obj=locked, scope=locked.scope, detail=detail)


# --- the choice -------------------------------------------------------------------------------------
@transaction.atomic
def choose_option(*, option: DateOption, by: User, version: int) -> Challenge:
    """These days are the visit's: the visit is set, and each person concerned is told once.

    `version` is the challenge's as the page showed it. Choosing the chosen days again changes nothing.
    """
    locked = lock_challenge(option.challenge)
    seat = require(by, Act.DATES_PROPOSE, locked)
    row = DateOption.objects.select_for_update().get(pk=option.pk)
    if row.withdrawn_at is not None:
        raise NotNow(_("These days are under discussion no more."))
    same = (locked.visit_first_day, locked.visit_last_day) == (row.first_day, row.last_day)
    if row.chosen_at is not None and same:
        return locked
    first_choice = locked.visit_first_day is None
    moved = not first_choice and locked.visit_first_day != row.first_day
    locked.date_options.filter(chosen_at__isnull=False).update(chosen_at=None)
    row.chosen_at = timezone.now()
    row.save()
    record(act=Act.DATES_PROPOSE, by=by, seat=seat, obj=row, scope=locked.scope, detail={"chosen": True})
    changed = set_visit(
        challenge=locked,
        by=by,
        version=version,
        visit_first_day=row.first_day,
        visit_last_day=row.last_day,
        visit_place=locked.visit_place,
    )
    _tell(changed, by, told_already=moved)
    return changed


def _tell(challenge: Challenge, by: User, *, told_already: bool) -> None:
    """Whoever was asked hears of it once: a move is told by the challenge's own service to those who hold a seat."""
    people = {row.user_id for row in people_for_dates(by, challenge)} - {by.pk}
    invited = set(
        challenge.placements.filter(state=PlacementState.INVITED).values_list("profile__user_id", flat=True)
    )  # fmt: skip
    subject = _("The days of the visit are set: %(challenge)s") % {"challenge": challenge.title}
    key = f"dates-chosen:{challenge.pk}:{challenge.version}"
    seated = set() if told_already else people - invited
    _mail(seated, "dates", subject, challenge.get_absolute_url(), key)
    _mail(invited, "dates", subject, reverse("planning:my_dates", args=[challenge.ref]), key)
