"""Writing calendars: making and revoking a feed, and keeping what was given out in step with what is true.

Nothing tells this module that a date moved: it compares. So a move from any page, service or command counts.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.accounts.tokens import new_token
from cyber360.audit.services import record
from cyber360.notify.models import OutboxMail
from cyber360.notify.services import queue_mail
from peers.access import require
from peers.acts import Act
from peers.planning.models import VISIT, CalendarEntry, CalendarFeed, EntryState
from peers.planning.queries.calendars import KEPT_CANCELLED, Key, Now, true_now

NOTED_EACH = timedelta(minutes=1)


# --- the feed -------------------------------------------------------------------------------------
@transaction.atomic
def make_feed(*, by: User) -> tuple[CalendarFeed, str]:
    """A new feed of the person's own, and its secret, which is kept nowhere. The one before no longer opens."""
    feed, secret = _new_feed(by)
    seat = require(by, Act.FEED_KEEP, feed)
    User.objects.select_for_update().get(pk=by.pk)  # one at a time: two clicks leave one feed
    replaced = by.calendar_feeds.filter(revoked_at=None).update(revoked_at=timezone.now())
    feed.full_clean()
    feed.save()
    record(act=Act.FEED_KEEP, by=by, seat=seat, obj=feed, detail={"made": True, "replaced": replaced})
    return feed, secret


def _new_feed(owner: User) -> tuple[CalendarFeed, str]:
    secret, secret_hash = new_token()
    return CalendarFeed(owner=owner, secret_hash=secret_hash), secret


@transaction.atomic
def revoke_feed(*, by: User) -> bool:
    """Close the person's feed; whether there was one. Twice does no harm."""
    seat = require(by, Act.FEED_KEEP, CalendarFeed(owner=by))
    feed = by.calendar_feeds.select_for_update().filter(revoked_at=None).first()
    if feed is None:
        return False
    feed.revoked_at = timezone.now()
    feed.save(update_fields=["revoked_at"])
    record(act=Act.FEED_KEEP, by=by, seat=seat, obj=feed, detail={"revoked": True})
    return True


def note_fetched(*, feed: CalendarFeed, now: datetime) -> None:
    """When a calendar program last read the feed, to the minute. No event: it happens all day."""
    if feed.last_fetched_at is None or feed.last_fetched_at < now - NOTED_EACH:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_fetched_at=now)


# --- in step with what is true -----------------------------------------------------------------------
@dataclass(frozen=True)
class _Change:
    entry: CalendarEntry
    now: Now

    @property
    def matters(self) -> bool:
        """Other days or another state, which calendar programs must hear of; a new link alone is not that."""
        return self._days_differ or self.entry.state != self.now.state

    @property
    def _days_differ(self) -> bool:
        return (self.entry.first_day, self.entry.last_day) != (self.now.first_day, self.now.last_day)

    def is_move(self, today: date) -> bool:
        """The visit stands as it stood, on other days, and is not over."""
        stands = EntryState.CANCELLED not in {self.entry.state, self.now.state}
        to_come = max(self.entry.last_day, self.now.last_day) >= today
        return self.entry.thing == VISIT and stands and self._days_differ and to_come


def bring_up_to_date(*, people: Collection[int] | None = None) -> int:
    """Compare what was given out with what is true, for these people or for all; how many entries changed.

    What is gone is cancelled, never removed. Days that lie in the past and were never given out are not begun now.
    People whose visit moved get one mail for each move, however often this runs.
    """
    now, today = timezone.now(), timezone.localdate()
    wanted = true_now(today, people)
    rows = CalendarEntry.objects.order_by() if people is None else CalendarEntry.objects.filter(person__in=people)
    known: dict[Key, CalendarEntry] = {(row.person_id, row.challenge_id, row.thing): row for row in rows}
    changes = [change for key, row in known.items() if (change := _change(row, wanted.get(key)))]
    new = [_entry(key, told, now) for key, told in wanted.items() if key not in known and told.last_day >= today]
    if not changes and not new:
        return 0
    with transaction.atomic():
        CalendarEntry.objects.bulk_create(new, ignore_conflicts=True, batch_size=200)
        moved = [change for change in changes if _write(change, now) and change.is_move(today)]
        _tell_moved(moved)
    return len(changes) + len(new)


def _entry(key: Key, told: Now, now: datetime) -> CalendarEntry:
    who, challenge, thing = key
    return CalendarEntry(
        person_id=who, challenge_id=challenge, thing=thing, first_day=told.first_day, last_day=told.last_day,
        state=told.state, path=told.path, made_at=now, changed_at=now,
    )  # fmt: skip


def _change(row: CalendarEntry, told: Now | None) -> _Change | None:
    if told is None:
        told = Now(row.first_day, row.last_day, EntryState.CANCELLED, row.path)
    same = (row.first_day, row.last_day, row.state, row.path) == (
        told.first_day, told.last_day, told.state, told.path,
    )  # fmt: skip
    return None if same else _Change(row, told)


def _write(change: _Change, now: datetime) -> bool:
    """Only if nobody else wrote this very change meanwhile; whether it was this call that did."""
    row, told = change.entry, change.now
    same = CalendarEntry.objects.filter(pk=row.pk, sequence=row.sequence, changed_at=row.changed_at)
    return bool(
        same.update(
            first_day=told.first_day,
            last_day=told.last_day,
            state=told.state,
            path=told.path,
            sequence=row.sequence + change.matters,
            changed_at=now,
        )
    )


def _tell_moved(moved: list[_Change]) -> None:
    if not moved:
        return
    told = _told_already(moved)
    people = User.objects.in_bulk([change.entry.person_id for change in moved])
    refs = _refs(moved)
    for change in moved:
        row = change.entry
        if row.pk in told:
            continue
        queue_mail(
            to=people[row.person_id],
            kind="dates",
            subject=_("The visit of %(ref)s has moved: please look") % {"ref": refs[row.challenge_id]},
            link=change.now.path,
            key=f"moved:{row.uid}:{row.sequence + 1}",
        )


def _refs(moved: list[_Change]) -> dict[int, str]:
    rows = CalendarEntry.objects.filter(pk__in=[change.entry.pk for change in moved])
    return dict(rows.values_list("challenge_id", "challenge__ref"))


def _told_already(moved: list[_Change]) -> set[int]:
    """Entries whose person had a mail about these dates, from the page where they were set, since the last change."""
    since = min(change.entry.changed_at for change in moved)
    people = [change.entry.person_id for change in moved]
    mails = OutboxMail.objects.filter(kind="dates", key__startswith="dates:", to__in=people, created_at__gte=since)
    sent = [(to, key.split(":")[1], at) for to, key, at in mails.values_list("to_id", "key", "created_at")]
    return {
        change.entry.pk
        for change in moved
        for to, challenge, at in sent
        if (to, challenge) == (change.entry.person_id, str(change.entry.challenge_id)) and at >= change.entry.changed_at
    }


def forget_cancelled() -> int:
    """Remove entries that were cancelled sixty days ago: the feed no longer holds them. How many."""
    old = CalendarEntry.objects.filter(state=EntryState.CANCELLED, changed_at__lt=timezone.now() - KEPT_CANCELLED)
    return old.delete()[0]
