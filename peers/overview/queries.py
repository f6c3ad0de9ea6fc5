"""Reading across rooms: my tasks, the pipeline, and what one challenge's page shows."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, When, prefetch_related_objects
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from peers import lifecycle
from peers.access import HOST, LGA, TEAM, SeatName, decide, held_seats, seats_on, seats_that_may
from peers.actionplans import queries as actionplans
from peers.acts import Act
from peers.agreements import queries as agreements
from peers.answers import queries as answers
from peers.challenges.models import Challenge, KeyDate
from peers.challenges.queries import Blocker, Task, challenges_for, is_late, late_ones, with_present_dates
from peers.challenges.queries import tasks_for as challenge_tasks
from peers.evidence import queries as evidence
from peers.findings import queries as findings
from peers.onsite import queries as onsite
from peers.planning import queries as planning
from peers.pool.queries import PoolTask, pool_tasks_for
from peers.records import queries as records
from peers.reports import queries as reports
from peers.scoring import queries as scoring
from peers.stages import Stage

from .context import ActingSeat, seats_to_act_in

ROOM_TASKS: tuple[Callable[..., list[Task]], ...] = (
    challenge_tasks,
    planning.tasks_for,
    planning.date_tasks,
    agreements.tasks_for,
    answers.tasks_for,
    evidence.tasks_for,
    onsite.tasks_for,
    scoring.tasks_for,
    findings.tasks_for,
    reports.tasks_for,
    actionplans.tasks_for,
    records.tasks_for,
)
OVER = (Stage.CLOSED, Stage.WITHDRAWN)
# Moves for which a room has a task in its own words.
TOLD_BY_ROOMS = {Act.REPORT_ACKNOWLEDGE, Act.PLAN_APPROVE, Act.CHALLENGE_ACCEPT, Act.SCOPE_AGREE}
# Where rooms have tasks for coordinators: interest and scope, agreements and teams, files to release, check-ins.
COORDINATING = (Stage.INTEREST, Stage.SCOPING, Stage.SETUP, Stage.PREPARATION, Stage.FOLLOW_UP)


# --- my tasks ----------------------------------------------------------------------------------
class TaskGroup(NamedTuple):
    title: str
    tasks: list[Task | PoolTask]


def open_challenges(user: User) -> list[Challenge]:
    """The live challenges in which something may wait for the person, contributor seats included.

    All in which they hold a seat; of those that they reach as coordinator only, the ones in a stage in which
    coordinators have work of their own, so that a programme of hundreds does not slow the first page.
    """
    own = [pk for pk, _name in held_seats(user)["challenge"]]
    rows = challenges_for(user, frozenset(SeatName)).filter(Q(pk__in=own) | Q(stage__in=COORDINATING))
    return list(with_present_dates(rows.exclude(stage__in=OVER)).select_related("council", "programme"))


def tasks_of(user: User, today: date) -> list[Task | PoolTask]:
    """Everything the person has to do, on any challenge in any seat and in the pool, soonest first; undated last.

    A task without a day of its own has that of its challenge's stage. Nothing waits on a challenge that is on hold.
    """
    challenges = open_challenges(user)
    tasks = [task for room in ROOM_TASKS for task in room(user, challenges)]
    tasks = [task if task.due_on else task._replace(due_on=_due(task.challenge)) for task in tasks]
    tasks = [task for task in tasks if not task.challenge.on_hold_since] + _move_tasks(user, challenges)
    return sorted([*tasks, *pool_tasks_for(user)], key=lambda task: _by_day(task, today))


def _by_day(task: Task | PoolTask, today: date) -> tuple[bool, date, str, str]:
    belongs_to = task.challenge.ref if isinstance(task, Task) else task.place
    return task.due_on is None, task.due_on or today, belongs_to, task.what


def _move_tasks(user: User, challenges: Iterable[Challenge]) -> list[Task]:
    """The next move of each challenge for those who may make it: it is theirs to look after."""
    tasks = []
    for challenge in challenges:
        move = lifecycle.next_move(challenge)
        if (
            move is None
            or move.act in TOLD_BY_ROOMS
            or challenge.on_hold_since
            or decide(user, move.act, challenge).seat in {None, SeatName.COORDINATOR}
        ):
            continue
        tasks.append(
            Task(
                _("Next step for %(council)s: %(move)s") % {"move": move.act.label, "council": challenge.council.name},
                challenge,
                challenge.get_absolute_url(),
                _due(challenge),
                "move",
            )
        )
    return tasks


def _due(challenge: Challenge) -> date | None:
    return next((row.due_on for row in challenge.key_dates.all() if row.stage == challenge.stage), None)


def grouped(tasks: list[Task | PoolTask], today: date) -> list[TaskGroup]:
    week = today + timedelta(days=7)
    groups = (
        TaskGroup(_("Overdue"), [task for task in tasks if task.due_on and task.due_on < today]),
        TaskGroup(_("This week"), [task for task in tasks if task.due_on and today <= task.due_on <= week]),
        TaskGroup(_("Later"), [task for task in tasks if not task.due_on or task.due_on > week]),
    )
    return [group for group in groups if group.tasks]


# --- one challenge ---------------------------------------------------------------------------------
class Step(NamedTuple):
    stage: Stage
    state: str
    due_on: date | None


def steps_of(challenge: Challenge) -> list[Step]:
    """The step line: every stage, whether it is done, now or next, and the day that those to come are due.

    Leaves the key dates on the challenge, for whatever else of the page shows one.
    """
    prefetch_related_objects([challenge], "key_dates")
    due = {row.stage: row.due_on for row in challenge.key_dates.all()}
    now = Stage(challenge.stage)
    if now == Stage.WITHDRAWN:
        return []
    return [
        Step(
            stage,
            "done" if stage.place < now.place else "now" if stage == now else "next",
            None if stage.place < now.place else due.get(stage),
        )
        for stage in Stage
        if stage != Stage.WITHDRAWN
    ]


class NextMove(NamedTuple):
    """The next move as this person sees it: may they press it, and what stands in its way."""

    move: lifecycle.Move
    mine: bool
    blockers: list[Blocker]
    owner: str


def next_move_for(user: User, challenge: Challenge) -> NextMove | None:
    move = lifecycle.next_move(challenge)
    if move is None:
        return None
    mine = decide(user, move.act, challenge).seat is not None
    blockers = lifecycle.blockers_of(challenge, move)
    # Whoever may make the move is told all that stands in its way, or the button would promise what the step refuses.
    shown = with_own_links(user, challenge, blockers) if mine else _visible(user, challenge, blockers)
    return NextMove(move, mine, shown, _owners(move))


def _visible(user: User, challenge: Challenge, blockers: list[Blocker]) -> list[Blocker]:
    """Those who steer see everything; the host's side sees what the host owes, the team what the team owes."""
    seats = seats_on(user, challenge)
    if not seats & LGA:
        sides = frozenset().union(*(side for side in (frozenset(HOST), frozenset(TEAM)) if seats & side))
        blockers = [blocker for blocker in blockers if blocker.seats & sides]
    return with_own_links(user, challenge, blockers)


def with_own_links(user: User, challenge: Challenge, blockers: list[Blocker]) -> list[Blocker]:
    """The way there is shown to those who can clear a blocker; for others the page may not even exist."""
    seats = seats_on(user, challenge)
    return [row if not row.seats or row.seats & seats else row._replace(url="") for row in blockers]


def other_moves_for(user: User, challenge: Challenge) -> list[lifecycle.Move]:
    ahead = lifecycle.next_move(challenge)
    return [move for move in lifecycle.moves_open_to(user, challenge) if move is not ahead]


# --- the pipeline ------------------------------------------------------------------------------------
class PipelineRow(NamedTuple):
    challenge: Challenge
    days_late: int
    due_on: date | None
    next_owner: str


def pipeline_for(
    user: User, today: date, *, stage: str = "", region: str = "", words: str = "", late: bool = False
) -> QuerySet[Challenge]:
    """The coordinator's challenges, narrowed in the database so that a page reads its own rows only."""
    rows = challenges_for(user, {SeatName.COORDINATOR})
    if stage:
        rows = rows.filter(stage=stage)
    if region:
        rows = rows.filter(council__region=region)
    if words:
        rows = rows.filter(Q(ref__icontains=words) | Q(council__name__icontains=words))
    if late:
        rows = late_ones(rows, today)
    present = KeyDate.objects.filter(challenge=OuterRef("pk"), stage=OuterRef("stage")).values("due_on")[:1]
    over = Case(When(stage__in=OVER, then=1), default=0, output_field=IntegerField())
    return with_present_dates(rows).order_by(over, Subquery(present).asc(nulls_last=True), "ref")


def pipeline_rows(challenges: Iterable[Challenge], today: date) -> list[PipelineRow]:
    owners = {move.start.value: _owners(move) for move in lifecycle.FORWARD}
    return [PipelineRow(row, is_late(row, today), _due(row), owners.get(row.stage, "")) for row in challenges]


def _owners(move: lifecycle.Move) -> str:
    """Who may make the move, in the order of SeatName."""
    order = list(SeatName)
    return ", ".join(str(name.label) for name in sorted(seats_that_may(move.act, move.start), key=order.index))


def totals_of(rows: QuerySet[Challenge]) -> list[tuple[Stage, int]]:
    """How many stand in each stage, in order; stages without any are left out."""
    found = dict(rows.order_by().prefetch_related(None).values_list("stage").annotate(count=Count("pk")))
    return [(stage, found[stage.value]) for stage in Stage if stage.value in found]


def regions_for(user: User) -> list[str]:
    rows = challenges_for(user, {SeatName.COORDINATOR}).order_by("council__region")
    return [region for region in rows.values_list("council__region", flat=True).distinct() if region]


def seat_choices(user: User) -> list[dict]:
    """Every seat the person could act in, with its place and where acting in it begins."""
    rows = seats_to_act_in(user)
    ids = {row.pk for row in rows if row.kind == "challenge"}
    challenges = {row.pk: row for row in Challenge.objects.filter(pk__in=ids).select_related("council")}
    return [
        {
            "key": row.key,
            "label": row.name.label,
            "place": challenges[row.pk].title if row.kind == "challenge" else _("The programme"),
            "url": _start_of(row, challenges.get(row.pk)),
        }
        for row in rows
    ]


def _start_of(row: ActingSeat, challenge: Challenge | None) -> str:
    if row.kind == "programme" or challenge is None:
        return reverse("overview:home")
    return reverse("answers:mine") if row.name == SeatName.CONTRIBUTOR else challenge.get_absolute_url()


def tasks_here(user: User, challenge: Challenge) -> list[Task]:
    """What waits for the person on this challenge, soonest first (an invitation to another one is not of here)."""
    rooms = (room for room in ROOM_TASKS if room is not records.tasks_for or records.may_await(challenge))
    tasks = (task for room in rooms for task in room(user, [challenge]))
    mine = (task for task in tasks if task.challenge.pk == challenge.pk)
    dated = [task if task.due_on else task._replace(due_on=_due(challenge)) for task in mine]
    return sorted(dated, key=lambda task: _by_day(task, date.max))


def facts_of(challenge: Challenge) -> list[tuple[str, str]]:
    """What the challenge is, in a few lines."""
    visit = _("not fixed yet")
    if challenge.visit_first_day and challenge.visit_last_day:
        first, last = date_format(challenge.visit_first_day), date_format(challenge.visit_last_day)
        visit = _("%(first)s to %(last)s") % {"first": first, "last": last}
    version = challenge.framework_version
    themes = ", ".join(theme.title for theme in challenge.themes.all()) if version else ""
    facts = [
        (_("Council"), challenge.council.official_name),
        (_("Focus"), challenge.focus or _("not written yet")),
        (_("Visit"), visit),
        (_("Place"), challenge.visit_place),
        (_("Questionnaire"), str(version) if version else _("not chosen yet")),
        (_("Themes in scope"), themes),
    ]
    return [(key, value) for key, value in facts if value]
