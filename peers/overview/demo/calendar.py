"""When things happened in a demo challenge, counted from today so that the demo is never stale."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from peers.stages import Stage as S

# Stage entered: days from the first day of the visit (a Tuesday; all fall on working days), and the hour.
VISIT_DAYS = 3
ENTERED = (
    (S.SCOPING, -144, 10), (S.SETUP, -125, 15), (S.PREPARATION, -71, 9), (S.DESK_REVIEW, -25, 16),
    (S.ON_SITE, -1, 17), (S.MODERATION, 2, 11), (S.FEEDBACK, 2, 14), (S.DRAFTING, 3, 10), (S.FACTUAL_CHECK, 17, 12),
    (S.ISSUED, 31, 15), (S.ACTION_PLANNING, 38, 9), (S.FOLLOW_UP, 86, 11), (S.CLOSED, 360, 10),
)  # fmt: skip
REGISTERED_BEFORE_VISIT = 151
# Without a visit: days from the registration.
ENTERED_EARLY = ((S.SCOPING, 7, 10), (S.WITHDRAWN, 60, 16))
TUESDAY = 1
# A visit that is just over, or under way, lies in the past by at least so many days.
AT_LEAST_PAST = {S.ON_SITE: 1, S.MODERATION: 3, S.FEEDBACK: 3}


@dataclass(frozen=True)
class Calendar:
    """`entered` maps each stage that was reached to the moment; `registered` is a day."""

    registered: date
    visit: date | None
    entered: dict[S, datetime]
    now: datetime

    @property
    def first_day(self) -> date:
        """Of the visit; asked only of challenges that have one."""
        assert self.visit is not None
        return self.visit

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=VISIT_DAYS - 1)

    def period(self, stage: S) -> tuple[datetime, datetime]:
        """From the stage's beginning to the next stage, or to now."""
        begin = self.entered.get(stage) or at(self.registered, 9)
        later = [moment for moment in self.entered.values() if moment > begin]
        return begin, min([*later, self.now])


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def calendar_of(plan: dict, now: datetime) -> Calendar:
    """The calendar of one entry of challenges.yaml."""
    today, until = timezone.localdate(now), S(plan["until"])
    if "visit" not in plan:
        registered = today + timedelta(days=plan["registered"])
        return Calendar(registered, None, _moments(ENTERED_EARLY, registered, until, now), now)
    visit = _visit(today, plan["visit"], until)
    registered = visit - timedelta(days=REGISTERED_BEFORE_VISIT)
    return Calendar(registered, visit, _moments(ENTERED, visit, until, now), now)


def _visit(today: date, days: int, until: S) -> date:
    """A Tuesday about `days` from today; for a visit under way or just over, the latest one that has passed."""
    past = AT_LEAST_PAST.get(until)
    day = today + timedelta(days=min(days, -past) if past else days)
    if past:
        return day - timedelta(days=(day.weekday() - TUESDAY) % 7)
    day += timedelta(days=(TUESDAY - day.weekday()) % 7)
    while day > today and _is_christmas(day):
        day += timedelta(days=7)
    return day


def _is_christmas(day: date) -> bool:
    return (day.month, day.day) >= (12, 16) or (day.month, day.day) <= (1, 6)


def _moments(table: tuple, anchor: date, until: S, now: datetime) -> dict[S, datetime]:
    """In order and never after now: what a late Tuesday would put ahead of now is put just before it."""
    reached = [
        (stage, at(anchor + timedelta(days=days), hour)) for stage, days, hour in table if stage.place <= until.place
    ]
    latest, found = now - timedelta(minutes=5), {}
    for stage, moment in reversed(reached):
        found[stage] = min(moment, latest)
        latest = found[stage] - timedelta(minutes=5)
    return dict(reversed(found.items()))
