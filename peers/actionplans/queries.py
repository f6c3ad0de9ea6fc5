"""Reading the action plan, its progress, and what blocks the moves around it."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from peers.access import HOST, LEAD_PEER, LGA, MANAGER, SPONSOR, TEAM, SeatName, may, seats_on
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import Blocker, Task
from peers.stages import Stage

from .models import Action, ActionPlan, CheckIn, Response

NEEDED = (CheckIn.Kind.SIX_MONTHS, CheckIn.Kind.REVIEW)


def responses_visible_to(user: User, challenge: Challenge) -> QuerySet[Response]:
    """The only way to responses and, through them, to actions."""
    rows = Response.objects.filter(plan__challenge=challenge)
    if not may(user, Act.PLAN_READ, challenge):
        return rows.none()
    # A recommendation of the council's own annex is for the council, and for those who wrote it.
    reads_annex = seats_on(user, challenge) & (HOST | TEAM | MANAGER)
    return rows if reads_annex else rows.exclude(finding__sensitive=True)


def actions_visible_to(
    user: User, challenge: Challenge, *, status: str = "", late_on: date | None = None
) -> QuerySet[Action]:
    rows = Action.objects.filter(response__in=responses_visible_to(user, challenge))
    rows = rows.select_related("response__plan__challenge").prefetch_related("notes__by")
    if status in Action.Status.values:
        rows = rows.filter(status=status)
    if late_on is not None:
        rows = rows.exclude(status__in=Action.DONE).filter(due_on__lt=late_on)
    return rows


def status_counts(user: User, challenge: Challenge, today: date) -> list[tuple[str, int]]:
    """How many actions stand at each status, in words; overdue ones once more, last."""
    mine = Action.objects.filter(response__in=responses_visible_to(user, challenge))
    found = dict(mine.order_by().values_list("status").annotate(count=Count("pk")))
    late = mine.filter(due_on__lt=today).exclude(status__in=Action.DONE)
    rows = [(str(status.label), found[status.value]) for status in Action.Status if status.value in found]
    return [*rows, (_("Overdue"), late.count())]


def overdue_for(user: User, challenges: Iterable[Challenge], today: date) -> QuerySet[Action]:
    """Every overdue action of these challenges, for the coordinator's view across councils."""
    allowed = [row.pk for row in challenges if may(user, Act.PLAN_READ, row)]
    return (
        Action.objects.filter(response__plan__challenge__in=allowed, due_on__lt=today)
        .exclude(status__in=Action.DONE)
        .exclude(response__finding__sensitive=True)
        .select_related("response__plan__challenge__council")
        .order_by("due_on")
    )


# --- blockers --------------------------------------------------------------------------------------
def unanswered_recommendations(challenge: Challenge) -> list[Blocker]:
    url = reverse("actionplans:plan", args=[challenge.ref])
    waiting = list(Response.objects.filter(plan__challenge=challenge, answer="").values_list("number", flat=True))
    without = list(
        Response.objects.filter(plan__challenge=challenge, answer__in=["accept", "in_part"], actions=None)
        .values_list("number", flat=True)
    )  # fmt: skip
    blockers = []
    if waiting:
        numbers = ", ".join(str(number) for number in waiting)
        sentence = _("Recommendations without a response: %(numbers)s. The host lead can respond.")
        blockers.append(Blocker(sentence % {"numbers": numbers}, frozenset(HOST), url))
    if without:
        numbers = ", ".join(str(number) for number in without)
        sentence = _("Accepted recommendations without an action: %(numbers)s. The host lead can add one.")
        blockers.append(Blocker(sentence % {"numbers": numbers}, frozenset(HOST), url))
    return blockers


def missing_check_ins(challenge: Challenge) -> list[Blocker]:
    recorded = set(CheckIn.objects.filter(challenge=challenge).values_list("kind", flat=True))
    url = reverse("actionplans:check_ins", args=[challenge.ref])
    return [
        Blocker(
            _("The %(kind)s is not recorded. The challenge manager or lead peer can record it.")
            % {"kind": kind.label.lower()},
            frozenset(LGA | LEAD_PEER),
            url,
        )
        for kind in NEEDED
        if kind not in recorded
    ]


# --- tasks -------------------------------------------------------------------------------------------
def tasks_for(user: User, challenges: Iterable[Challenge]) -> list[Task]:
    """Responding, approving, actions due within a month, check-ins: three queries for any number of challenges."""
    rows = list(challenges)
    planning = [row for row in rows if row.stage == Stage.ACTION_PLANNING and seats_on(user, row) & HOST]
    following = [row for row in rows if row.stage == Stage.FOLLOW_UP]
    hosting = [row for row in following if seats_on(user, row) & HOST]
    steering = [row for row in following if seats_on(user, row) & (LGA | LEAD_PEER)]
    open_counts = dict(
        ActionPlan.objects.filter(challenge__in=planning)
        .annotate(count=Count("responses", filter=Q(responses__answer="")))
        .values_list("challenge", "count")
    )
    soon = timezone.localdate() + timedelta(days=30)
    due = Action.objects.filter(response__plan__challenge__in=hosting, due_on__lte=soon).exclude(status__in=Action.DONE)
    recorded = set(CheckIn.objects.filter(challenge__in=steering).values_list("challenge_id", "kind"))
    tasks = [_planning_task(user, row, open_counts.get(row.pk, 0)) for row in planning]
    by_id = {row.pk: row for row in hosting}
    tasks += [_action_task(by_id[pk], title, day) for pk, title, day in
              due.values_list(F("response__plan__challenge"), "title", "due_on")]  # fmt: skip
    return [task for task in tasks if task] + [
        task for row in steering if (task := _check_in_task(row, recorded)) is not None
    ]


def _planning_task(user: User, row: Challenge, waiting: int) -> Task | None:
    url = reverse("actionplans:plan", args=[row.ref])
    words = {"council": row.council.name, "count": waiting}
    if waiting:
        return Task(_("Respond to %(count)s recommendations for %(council)s") % words, row, url, _due(row), "plan")
    if seats_on(user, row) & SPONSOR:
        return Task(_("Approve the action plan of %(council)s") % words, row, row.get_absolute_url(), _due(row), "plan")
    return None


def _action_task(row: Challenge, title: str, day: date) -> Task:
    return Task(
        _("Report progress on “%(action)s”") % {"action": title},
        row,
        reverse("actionplans:plan", args=[row.ref]),
        day,
        "action",
    )


def _check_in_task(row: Challenge, recorded: set[tuple[int, str]]) -> Task | None:
    """The next check-in that is near: six months, and ten, after the visit's last day."""
    if row.visit_last_day is None:
        return None
    today = timezone.localdate()
    for kind, days in ((CheckIn.Kind.SIX_MONTHS, 182), (CheckIn.Kind.REVIEW, 300)):
        day = row.visit_last_day + timedelta(days=days)
        if (row.pk, kind.value) not in recorded:
            url = reverse("actionplans:check_ins", args=[row.ref])
            words = _("Record the %(kind)s of %(council)s") % {"kind": kind.label.lower(), "council": row.council.name}
            return Task(words, row, url, day, "check_in") if day <= today + timedelta(days=60) else None
    return None


def _due(row: Challenge) -> date | None:
    return next((one.due_on for one in row.key_dates.all() if one.stage == row.stage), None)


def acts_in_follow_up(user: User, challenge: Challenge) -> dict[str, bool]:
    """What the plan's page offers this person."""
    return {
        "may_respond": may(user, Act.RESPONSE_EDIT, challenge),
        "may_act": may(user, Act.ACTION_EDIT, challenge),
        "may_progress": may(user, Act.ACTION_PROGRESS, challenge),
        "may_record": may(user, Act.CHECK_IN_RECORD, challenge),
        "may_export": may(user, Act.PLAN_EXPORT, challenge),
        "is_sponsor": SeatName.HOST_SPONSOR in seats_on(user, challenge),
    }
