"""What the pages of a season plan show: picture, load, distances, gaps of the pool, one visit with its reasons."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from peers.challenges.models import Challenge
from peers.planning.models import PlanClosed, PlanSeat, PlanVisit, PlanVisitState, SeasonPlan
from peers.planning.models.shapes import CostTerm
from peers.planning.pairing.facts import HostFacts, PeopleFacts, PersonFacts
from peers.planning.pairing.terms import Term
from peers.planning.pairing.wording import points, term_words, theme_words
from peers.planning.plans.charts import Load, Moment, SeasonRow
from peers.planning.plans.closed import days_of, is_open
from peers.planning.plans.words import later_words, week_words
from peers.pool.models import PeerProfile
from peers.pool.queries import ASKABLE, weekdays
from peers.pool.queries import visits_of as accepted_visits

from .season import Compared
from .season_problem import PLANNABLE, as_host, earliest_of

MOST_GAPS = 12


# --- the picture ------------------------------------------------------------------------------------
def closed_weeks(plan: SeasonPlan, closed: Iterable[PlanClosed]) -> frozenset[int]:
    """The weeks in which no council at all can be visited."""
    days = days_of((row.title, row.first_day, row.last_day) for row in closed if row.counts and not row.nation)
    return frozenset(
        week
        for week, monday in enumerate(plan.mondays)
        if not is_open(monday, days, plan.visit_weekday, plan.visit_days)
    )


def picture_rows(
    plan: SeasonPlan, challenges: Iterable[Challenge], visits: Iterable[PlanVisit], closed: frozenset[int]
) -> list[SeasonRow]:
    """The planned ones first, in the order of weeks. `visits` come with challenge and seats."""
    by_challenge, wanted, rows = {visit.challenge_id: visit for visit in visits}, list(challenges), []
    earliest = earliest_of(wanted)
    for challenge in wanted:
        visit = by_challenge.get(challenge.pk)
        rows.append(
            SeasonRow(
                name=challenge.council.name,
                window=_window(plan, challenge, visit, earliest.get(challenge.pk)) - closed,
                visit=_week(plan, visit.week) if visit else -1,
                state=visit.state if visit else "",
                team=", ".join(seat.profile.user.full_name for seat in visit.seats.all()) if visit else "",
                moved_from=_week(plan, date.fromisoformat(visit.moved["week"]))
                if visit and "week" in visit.moved
                else -1,
            )
        )
    return sorted(rows, key=lambda row: (row.visit < 0, row.visit, row.name))


def _moved_from(plan: SeasonPlan, visit: PlanVisit | None) -> int:
    return _week(plan, date.fromisoformat(visit.moved["week"])) if visit and "week" in visit.moved else -1


def _week(plan: SeasonPlan, monday: date) -> int:
    week = (monday - plan.first_week).days // 7
    return week if 0 <= week < plan.weeks else -1


def _window(plan: SeasonPlan, challenge: Challenge, visit: PlanVisit | None, earliest: date | None) -> frozenset[int]:
    """The weeks in which the visit can be: one alone where its days were fixed before the plan."""
    host = as_host(challenge)
    if host.visit is not None and (visit is None or visit.state != PlanVisitState.ACCEPTED):
        return frozenset({_week(plan, host.visit.first)})
    found = []
    for week, monday in enumerate(plan.mondays):
        first, last = plan.visit_on(monday)
        fits = host.window is None or (host.window.first <= first and last <= host.window.last)
        found += [week] if fits and (earliest is None or first >= earliest) else []
    return frozenset(found)


def moments_of(plan: SeasonPlan) -> list[Moment]:
    return [Moment(row.second, row.cost, row.bound) for row in plan.progress.all()]


# --- costs ------------------------------------------------------------------------------------------
def cost_rows(costs: Mapping[str, int]) -> list[tuple[str, int]]:
    """The terms of a plan's cost in words, those that count nothing left out."""
    labels = {name: str(label) for name, label in CostTerm.choices}
    return [(labels.get(name, name), amount) for name, amount in costs.items() if name != "total" and amount]


class TermRow(NamedTuple):
    words: str
    points: str


def term_rows(terms: Iterable[Mapping], titles: Mapping[str, str]) -> list[TermRow]:
    """Frozen terms in the words of the shortlist, but for what a season alone knows."""
    return [TermRow(_told(term, titles), points(term["amount"])) for term in terms]


def _told(term: Mapping, titles: Mapping[str, str]) -> str:
    if term["name"] == "week_later":
        return later_words(term["facts"]["weeks"])
    return term_words(Term(term["name"], term["amount"], term["facts"]), titles).strip()


class SeatView(NamedTuple):
    seat: PlanSeat
    terms: list[TermRow]


class VisitView(NamedTuple):
    visit: PlanVisit
    first: date
    last: date
    seats: list[SeatView]
    terms: list[TermRow]
    moved: list[str]


def visit_view(plan: SeasonPlan, visit: PlanVisit) -> VisitView:
    """One visit with everything that explains it; no query, for rows of `queries.season.visits_query`."""
    titles = {theme.code: theme.title for theme in visit.challenge.themes.all()}
    first, last = plan.visit_on(visit.week)
    seats = [SeatView(seat, term_rows(seat.terms, titles)) for seat in visit.seats.all()]
    return VisitView(visit, first, last, seats, term_rows(visit.terms, titles), moved_words(visit.moved))


def hindrance(visit: PlanVisit, given: Collection[tuple[int, int]]) -> str:
    """Why a proposed visit cannot be accepted as things stand; "" when nothing is known against it.

    What the rows themselves tell: free days and conflicts are looked at when it is accepted. `given`: (challenge,
    profile) of those who were asked already, who stay whatever became of them. No query for rows of `visits_query`.
    """
    challenge = visit.challenge
    if challenge.stage not in PLANNABLE:
        return _("it is in “%(stage)s” now.") % {"stage": challenge.get_stage_display()}
    fixed = challenge.visit_first_day
    if fixed is not None and not 0 <= (fixed - visit.week).days < 7:
        return _("its visit has been fixed for %(day)s since.") % {"day": date_format(fixed, "j F Y")}
    gone = [
        seat.profile.user.full_name
        for seat in visit.seats.all()
        if seat.profile.state not in ASKABLE and (visit.challenge_id, seat.profile_id) not in given
    ]
    return _("no longer to be asked: %(names)s.") % {"names": ", ".join(gone)} if gone else ""


def moved_words(moved: Mapping) -> list[str]:
    """What moved against the plan this one is based on."""
    found = []
    if "week" in moved:
        found.append(_("Moved from %(week)s.") % {"week": week_words(date.fromisoformat(moved["week"]))})
    if moved.get("joined"):
        found.append(_("Joined: %(names)s.") % {"names": ", ".join(moved["joined"])})
    if moved.get("gone"):
        found.append(_("No longer on the team: %(names)s.") % {"names": ", ".join(moved["gone"])})
    return found


# --- the pool ---------------------------------------------------------------------------------------
def loads_of(plan: SeasonPlan, visits: Iterable[PlanVisit]) -> list[Load]:
    """What the plan asks of each person, beside what they have given this year; one query more."""
    planned: dict[int, list[PlanSeat]] = defaultdict(list)
    own = set()
    for visit in visits:
        own.add(visit.challenge_id)
        for seat in visit.seats.all():
            planned[seat.profile_id].append(seat)
    year = plan.first_week.year
    given = accepted_visits(planned, since=date(year, 1, 1))
    return [
        Load(
            name=seats[0].profile.user.full_name,
            planned=sum(seat.days for seat in seats),
            used=sum(
                weekdays(visit.first, visit.last)
                for visit in given.get(pk, ())
                if visit.first.year == year and visit.challenge_id not in own
            ),
            offered=seats[0].profile.days_offered,
            visits=len(seats),
        )
        for pk, seats in planned.items()
    ]


class DistanceRow(NamedTuple):
    """The journeys to one host: `people` as (name, home council, km), farthest first."""

    council: str
    week: date
    people: list[tuple[str, str, int]]
    farthest: int
    together: int


def distances_of(visits: Iterable[PlanVisit]) -> list[DistanceRow]:
    """The longest journeys first."""
    rows = []
    for visit in visits:
        people = [(s.profile.user.full_name, s.profile.council.name, s.km or 0) for s in visit.seats.all()]
        people.sort(key=lambda person: (-person[2], person[0]))
        rows.append(
            DistanceRow(
                visit.challenge.council.name, visit.week, people, people[0][2] if people else 0,
                sum(person[2] for person in people),
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (-row.farthest, row.council))


# --- gaps -------------------------------------------------------------------------------------------
ROLE_WORDS = {
    "member": lambda: _("member peer"),
    "specialist": lambda: _("cyber specialist"),
    "lead": lambda: _("person who can lead"),
}


def gaps_of(plan: SeasonPlan, facts: PeopleFacts) -> list[str]:
    """What the pool lacks near the hosts: nobody of a role who knows a theme, or nobody who is free before a day.

    A host's own nation or region is looked at, since those near by cost least; most themes lacked first.
    """
    free = {person.pk: _first_free(plan, person) for person in facts.people if not person.standing}
    places: dict[str, list[HostFacts]] = defaultdict(list)
    for host in facts.hosts.values():
        places[place_of(host.council.nation, host.council.region)].append(host)
    found: list[tuple[int, str]] = []
    for place, hosts in sorted(places.items()):
        near = [
            person
            for person in facts.people
            if person.pk in free and place_of(person.council.nation, person.council.region) == place
        ]
        for role in ROLE_WORDS:
            found += _gaps_at(plan, place, role, [one for one in near if _has(one, role)], hosts, free)
    return [sentence for _size, sentence in sorted(found, key=lambda gap: -gap[0])]


# Regions whose names take an article in a sentence.
WITH_ARTICLE = {
    "North East",
    "North West",
    "South East",
    "South West",
    "East Midlands",
    "West Midlands",
    "East of England",
}


def place_of(nation: str, region: str) -> str:
    """Wales, or the region of England, as a sentence names it."""
    if nation == "Wales" or not region:
        return nation
    return _("the %(region)s") % {"region": region} if region in WITH_ARTICLE else region


def _has(person: PersonFacts, role: str) -> bool:
    return person.can_lead if role == "lead" else person.role == role


def _gaps_at(
    plan: SeasonPlan,
    place: str,
    role: str,
    people: Sequence[PersonFacts],
    hosts: Sequence[HostFacts],
    free: Mapping[int, date | None],
) -> list[tuple[int, str]]:
    titles = {code: title for host in hosts for code, title in host.themes.items()}
    words = {"role": ROLE_WORDS[role](), "place": place}
    if not people:
        return [(len(titles) + 1, _("No %(role)s in %(place)s at all.") % words)]
    nobody: list[str] = []
    late: dict[date, list[str]] = defaultdict(list)
    for code in titles:
        weeks = [free[person.pk] for person in people if code in person.themes]
        first = min((week for week in weeks if week is not None), default=None)
        if first is None:
            nobody.append(code)
        elif first > plan.first_week + timedelta(weeks=4):
            late[first].append(code)
    found = []
    if nobody:
        words["themes"] = theme_words(nobody, titles)
        found.append((len(nobody), _("No %(role)s in %(place)s who knows %(themes)s in this period.") % words))
    for monday, codes in late.items():
        words |= {"themes": theme_words(codes, titles), "day": date_format(monday, "j F Y")}
        sentence = _("No %(role)s in %(place)s who knows %(themes)s is free before %(day)s.")
        found.append((len(codes), sentence % words))
    return found


def _first_free(plan: SeasonPlan, person: PersonFacts) -> date | None:
    """The first Monday of a week in which the person can come."""
    return next((monday for monday in plan.mondays if person.is_free(*plan.visit_on(monday))), None)


# --- side by side -----------------------------------------------------------------------------------
class CompareRow(NamedTuple):
    """One line of the comparison: what it is, and its value in every plan."""

    what: str
    values: list[str]


def compared_rows(columns: Sequence[Compared]) -> list[tuple[str, list[CompareRow]]]:
    """The comparison in parts: how good, cost by term, load, journeys, coverage, weeks."""

    def row(what: str, value: Callable[[Compared], object]) -> CompareRow:
        return CompareRow(what, [str(value(column)) for column in columns])

    names = dict.fromkeys(name for column in columns for name, _amount in cost_rows(column.plan.costs))
    amounts = {column.plan.pk: dict(cost_rows(column.plan.costs)) for column in columns}
    terms = [CompareRow(name, [str(amounts[c.plan.pk].get(name, 0)) for c in columns]) for name in names]
    return [
        (_("How good"), [row(_("Points"), lambda c: _or_dash(c.plan.cost)), row(_("Above the best possible"), _gap)]),
        (_("Points by term"), terms),
        (
            _("Load"),
            [
                row(_("People who go"), lambda c: c.people),
                row(_("With one visit"), lambda c: c.loads[1]),
                row(_("With two"), lambda c: c.loads[2]),
                row(_("With three or more"), lambda c: c.loads[3]),
            ],
        ),
        (
            _("Journeys"),
            [
                row(_("Kilometres one way, together"), lambda c: c.km),
                row(_("Longest, in kilometres"), lambda c: c.farthest),
            ],
        ),
        (
            _("Coverage and weeks"),
            [
                row(_("Visits planned"), lambda c: c.visits),
                row(_("Themes that only one person on a team knows"), lambda c: c.covered_once),
                row(_("Weeks with a visit"), lambda c: c.weeks_used),
                row(_("Most visits in one week"), lambda c: c.busiest),
            ],
        ),
    ]


def _or_dash(value: int | None) -> str:
    return "–" if value is None else str(value)


def _gap(column: Compared) -> str:
    if column.gap is None:
        return _("not known")
    if column.gap.points <= 0:
        return _("none")
    if column.gap.percent is None:
        return _("at most %(points)s") % {"points": points(column.gap.points)}
    return _("at most %(percent)s %%") % {"percent": column.gap.percent}


class WeekRow(NamedTuple):
    council: str
    weeks: list[date | None]
    differs: bool


def compared_weeks(columns: Sequence[Compared]) -> list[WeekRow]:
    """For each challenge its week in every plan, those that differ first; one query."""
    ids = {pk for column in columns for pk in column.week_of}
    names = Challenge.objects.filter(pk__in=ids).values_list("pk", "council__name", "ref")
    rows = []
    for pk, name, ref in names:
        weeks = [column.week_of.get(pk) for column in columns]
        rows.append(WeekRow(f"{name} ({ref})", weeks, len(set(weeks)) > 1))
    return sorted(rows, key=lambda row: (not row.differs, row.council))


# --- pins -------------------------------------------------------------------------------------------
def people_named(plan: SeasonPlan, text: str) -> list[PeerProfile]:
    """Up to six people of the pool whose name or council has these words."""
    rows = PeerProfile.objects.filter(
        user__programme_seats__content_object=plan.programme_id, user__full_name__icontains=text.strip()
    )
    rows = rows.exclude(state="left").select_related("user", "council").distinct().order_by("user__full_name", "pk")
    exact = [row for row in rows[:6] if row.user.full_name.lower() == text.strip().lower()]
    return exact if len(exact) == 1 else list(rows[:6])
