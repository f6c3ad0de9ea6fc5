"""Reading the action plan, its progress, and what blocks the moves around it."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.accounts.models import User
from peers.access import HOST, HOST_LEAD, LEAD_PEER, LGA, MANAGER, SPONSOR, TEAM, SeatName, may, seats_on
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import Blocker, Task
from peers.stages import Stage

from .models import Action, ActionPlan, CheckIn, Response

NEEDED = (CheckIn.Kind.SIX_MONTHS, CheckIn.Kind.REVIEW)
ACCEPTED = (Response.Answer.ACCEPT, Response.Answer.IN_PART)


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


def lacks_action(response: Response) -> bool:
    """Whether this recommendation, as it is stored now, is accepted and still has no action."""
    return Response.objects.filter(pk=response.pk, answer__in=ACCEPTED, actions=None).exists()


# --- blockers --------------------------------------------------------------------------------------
def unanswered_recommendations(challenge: Challenge) -> list[Blocker]:
    url = reverse("actionplans:plan", args=[challenge.ref])
    waiting = list(Response.objects.filter(plan__challenge=challenge, answer="").values_list("number", flat=True))
    without = list(
        Response.objects.filter(plan__challenge=challenge, answer__in=ACCEPTED, actions=None)
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
    """Responding, adding actions, approving, actions due within a month, check-ins: three queries, however many."""
    rows = list(challenges)
    planning = [row for row in rows if row.stage == Stage.ACTION_PLANNING and seats_on(user, row) & HOST]
    following = [row for row in rows if row.stage == Stage.FOLLOW_UP]
    hosting = [row for row in following if seats_on(user, row) & HOST]
    steering = [row for row in following if seats_on(user, row) & (LGA | LEAD_PEER)]
    left = _left_to_do(planning)
    soon = timezone.localdate() + timedelta(days=30)
    due = Action.objects.filter(response__plan__challenge__in=hosting, due_on__lte=soon).exclude(status__in=Action.DONE)
    recorded = set(CheckIn.objects.filter(challenge__in=steering).values_list("challenge_id", "kind"))
    tasks = [task for row in planning for task in _planning_tasks(user, row, *left.get(row.pk, (0, 0)))]
    by_id = {row.pk: row for row in hosting}
    tasks += [_action_task(by_id[pk], title, day) for pk, title, day in
              due.values_list(F("response__plan__challenge"), "title", "due_on")]  # fmt: skip
    return tasks + [task for row in steering if (task := _check_in_task(row, recorded)) is not None]


def _left_to_do(planning: list[Challenge]) -> dict[int, tuple[int, int]]:
    """By challenge: recommendations without a response, and accepted ones without an action; one query."""
    open_, bare = Q(responses__answer=""), Q(responses__answer__in=ACCEPTED, responses__actions=None)
    rows = ActionPlan.objects.filter(challenge__in=planning).annotate(
        waiting=Count("responses", filter=open_, distinct=True), without=Count("responses", filter=bare, distinct=True)
    )
    return {pk: (waiting, without) for pk, waiting, without in rows.values_list("challenge", "waiting", "without")}


def _planning_tasks(user: User, row: Challenge, waiting: int, without: int) -> list[Task]:
    """The sponsor's approval is offered when nothing else is left: the move would be held back until then."""
    url = reverse("actionplans:plan", args=[row.ref])
    seats = seats_on(user, row)
    found = []
    if waiting:
        words = ngettext(
            "Respond to %(count)s recommendation for %(council)s",
            "Respond to %(count)s recommendations for %(council)s",
            waiting,
        )
        found.append((words % {"count": waiting, "council": row.council.name}, url))
    if without and seats & HOST_LEAD:
        words = ngettext(
            "Add an action for %(count)s recommendation of %(council)s",
            "Add an action for %(count)s recommendations of %(council)s",
            without,
        )
        found.append((words % {"count": without, "council": row.council.name}, url))
    if not waiting and not without and seats & SPONSOR:
        approve = _("Approve the action plan of %(council)s") % {"council": row.council.name}
        found.append((approve, row.get_absolute_url()))
    return [Task(what, row, where, _due(row), "plan") for what, where in found]


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
