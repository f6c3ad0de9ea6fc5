"""Everything that pairing knows of a pool and of challenges, in three questions to the database."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import Case, QuerySet, Sum, Value, When
from django.utils import timezone

from peers.challenges.models import Challenge, Programme, ProgrammeSeat
from peers.councils.models import Council as CouncilRow
from peers.planning.models import (
    ACTIVE_STATES,
    ChallengeNeeds,
    CostWeight,
    Placement,
    PlacementState,
    PreferredPair,
    TeamShape,
)
from peers.planning.pairing.facts import (
    Council,
    Deployment,
    HostFacts,
    PeopleFacts,
    PersonFacts,
    Shape,
    Span,
    group_of,
    km,
)
from peers.planning.season.problem import Weights
from peers.pool.models import BlackoutPeriod, Experience, PeerProfile, PeerSkill, SkillLevel, SkillTheme, State
from peers.pool.queries import ASKABLE
from peers.seats import SeatName
from peers.stages import Stage

from .shapes import STANDARD, fitted
from .together import TRUE, in_one_query

__all__ = ["km", "people_facts"]

GONE = (State.LEFT, State.TURNED_DOWN)
PERSON_COLUMNS = (
    "pk", "user_id", "user__full_name", "job_title", "council_id", "role", "party", "can_lead", "welsh_speaker",
    "remote_ok", "travel_km", "days_offered", "most_visits", "available_from", "available_until", "state",
    "training_expires_on",
)  # fmt: skip
Rows = list[tuple[Any, ...]]
ReadDay = Callable[[str], datetime.date]


def people_facts(
    programme: Programme, challenges: Iterable[Challenge], first_day: datetime.date, last_day: datetime.date
) -> PeopleFacts:
    """Facts of everybody in the programme's pool and of these challenges (with council loaded), for a period.

    Resting people are among them (see `standing`), those who have left are not. People are in the order of their ids.
    """
    wanted = list(challenges)
    about = in_one_query(_settings(programme, wanted))
    councils = _councils(about["council"])
    people = _people(programme, councils, first_day, last_day)
    pairs = [(int(first), int(second), together in TRUE) for first, second, together in about["pair"]]
    on_list, said_no = _places(wanted, about["place"])
    return PeopleFacts(
        first_day=first_day,
        last_day=last_day,
        people=people,
        hosts=_hosts(wanted, councils, about),
        weights=Weights.from_mapping({str(term): int(weight) for term, weight in about["weight"]}),
        good_pairs=frozenset((one, other) for one, other, together in pairs if together),
        bad_pairs=frozenset((one, other) for one, other, together in pairs if not together),
        on_list=on_list,
        declined={pk: people - on_list[pk].keys() for pk, people in said_no.items()},
        said_no=said_no,
    )


def _places(challenges: Sequence[Challenge], rows: Rows) -> tuple[dict, dict]:
    on_list: dict[int, dict[int, tuple[str, str]]] = {challenge.pk: {} for challenge in challenges}
    declined: dict[int, set[int]] = {challenge.pk: set() for challenge in challenges}
    for challenge_id, profile_id, state, role in rows:
        if state == PlacementState.DECLINED:
            declined[int(challenge_id)].add(int(profile_id))
        else:
            on_list[int(challenge_id)][int(profile_id)] = (state, role)
    return on_list, {pk: frozenset(people) for pk, people in declined.items()}


def _settings(programme: Programme, challenges: Sequence[Challenge]) -> dict[str, tuple[QuerySet[Any], tuple]]:
    ids = [challenge.pk for challenge in challenges]
    return {
        "council": (
            CouncilRow.objects.all(),
            ("pk", "name", "kind", "nation", "region", "latitude", "longitude", "population"),
        ),
        "weight": (CostWeight.objects.filter(programme=programme), ("term", "weight")),
        "pair": (
            PreferredPair.objects.filter(programme=programme),
            ("first_id", "second_id", "better_together"),
        ),
        "theme": (
            Challenge.themes.through.objects.filter(challenge__in=ids),
            ("challenge_id", "theme__place", "theme__code", "theme__title"),
        ),
        "shape": (
            TeamShape.objects.filter(programme=programme),
            ("pk", "is_default", "size", "leads", "members", "specialists", "per_council", "cover_themes", "title"),
        ),
        "needs": (
            ChallengeNeeds.objects.filter(challenge__in=ids),
            ("challenge_id", "shape_id", "size", "welsh_wanted"),
        ),
        "place": (
            Placement.objects.filter(challenge__in=ids, state__in=[*ACTIVE_STATES, PlacementState.DECLINED]),
            ("challenge_id", "profile_id", "state", "role"),
        ),
    }


# --- hosts ------------------------------------------------------------------------------------------
def _councils(rows: Rows) -> dict[int, Council]:
    found = {}
    for pk, name, kind, nation, region, latitude, longitude, population in rows:
        place = (float(latitude), float(longitude)) if latitude and longitude else None
        people = int(population) if population else None
        found[int(pk)] = Council(int(pk), name, kind, group_of(kind), nation, region, place, people)
    return found


def _shapes(rows: Rows) -> dict[int | None, Shape]:
    """Shapes by id; under None the one that counts where a challenge names no other."""
    found: dict[int | None, Shape] = {None: STANDARD}
    for pk, default, size, leads, members, specialists, per_council, cover, title in rows:
        shape = Shape(
            size=int(size),
            leads=int(leads),
            members=int(members),
            specialists=int(specialists),
            per_council=int(per_council),
            cover_themes=cover in TRUE,
            title=title,
        )
        found[int(pk)] = shape
        if default in TRUE:
            found[None] = shape
    return found


def _hosts(challenges: Sequence[Challenge], councils: dict[int, Council], about: dict[str, Rows]) -> dict:
    shapes = _shapes(about["shape"])
    themes: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    for challenge_id, place, code, title in about["theme"]:
        themes[int(challenge_id)].append((int(place), code, title))
    needs = {int(challenge_id): rest for challenge_id, *rest in about["needs"]}
    hosts = {}
    for challenge in challenges:
        shape_id, size, welsh = needs.get(challenge.pk, (None, None, "0"))
        shape = shapes[int(shape_id) if shape_id else None]
        hosts[challenge.pk] = HostFacts(
            challenge_id=challenge.pk,
            ref=challenge.ref,
            council=councils[challenge.council_id],
            themes={code: title for _place, code, title in sorted(themes[challenge.pk])},
            shape=fitted(shape, challenge.team_min, challenge.team_max, int(size) if size else None),
            welsh=welsh in TRUE,
            visit=_span(challenge.visit_first_day, challenge.visit_last_day),
            window=_span(challenge.window_first, challenge.window_last),
        )
    return hosts


def _span(first: datetime.date | None, last: datetime.date | None) -> Span | None:
    return Span(first, last) if first and last else None


# --- people -----------------------------------------------------------------------------------------
def _pool(programme: Programme) -> QuerySet[PeerProfile]:
    seats = ProgrammeSeat.objects.in_force(timezone.localdate()).filter(
        content_object=programme, permission__codename=SeatName.POOL_PEER
    )
    rows = PeerProfile.objects.filter(user__in=seats.values("user_id"), user__is_active=True)
    return rows.exclude(state__in=GONE).order_by("pk")


# One number holds all that a person knows: two bits a theme, the lower for some experience, the upper for strong.
SKILL_BITS = {
    (theme, level): 1 << (2 * place + (level == SkillLevel.STRONG))
    for place, theme in enumerate(SkillTheme.values)
    for level in SkillLevel.values
}


def _skills() -> QuerySet[Any]:
    """One row a person in place of one a skill."""
    bits = [
        When(theme_code=theme, level=level, then=Value(bit)) for (theme, level), bit in SKILL_BITS.items()
    ]  # fmt: skip
    return PeerSkill.objects.values("profile_id").annotate(known=Sum(Case(*bits, default=Value(0))))


@lru_cache(maxsize=4096)
def _known(bits: int) -> tuple[frozenset[str], frozenset[str]]:
    """(themes known at any level, themes known well) of one number."""
    held = [pair for pair, bit in SKILL_BITS.items() if bits & bit]
    return frozenset(theme for theme, _level in held), frozenset(t for t, level in held if level == SkillLevel.STRONG)


def _what_they_bring(first_day: datetime.date, last_day: datetime.date) -> dict[str, tuple[QuerySet[Any], tuple]]:
    accepted = Placement.objects.filter(
        state=PlacementState.ACCEPTED, challenge__visit_first_day__isnull=False, challenge__visit_last_day__isnull=False
    ).exclude(challenge__stage=Stage.WITHDRAWN)
    return {
        "skill": (_skills(), ("profile_id", "known")),
        "away": (
            BlackoutPeriod.objects.filter(first_day__lte=last_day, last_day__gte=first_day),
            ("profile_id", "first_day", "last_day"),
        ),
        "visit": (
            accepted,
            (
                "profile_id", "challenge__visit_first_day", "challenge__visit_last_day", "challenge_id",
                "challenge__council_id",
            ),
        ),
        "known": (Experience.objects.all(), ("profile_id", "council_kind", "size")),
    }  # fmt: skip


def _grouped(rows: Rows) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for profile_id, *rest in rows:
        found[int(profile_id)].append(tuple(rest))
    return found


def _day_reader() -> ReadDay:
    """ISO text -> day, each text read once: many rows hold the same few days."""
    seen: dict[str, datetime.date] = {}

    def read(text: str) -> datetime.date:
        day = seen.get(text)
        if day is None:
            day = seen[text] = datetime.date.fromisoformat(text)
        return day

    return read


def _people(
    programme: Programme, councils: dict[int, Council], first_day: datetime.date, last_day: datetime.date
) -> list[PersonFacts]:
    told = in_one_query(_what_they_bring(first_day, last_day))
    skills = {int(pk): _known(int(bits)) for pk, bits in told.pop("skill")}
    brought = {name: _grouped(rows) for name, rows in told.items()}
    nothing: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    read = _day_reader()
    people = []
    for row in _pool(programme).values_list(*PERSON_COLUMNS):
        pk = row[0]
        away, known = brought["away"].get(pk), brought["known"].get(pk)
        visits = tuple(sorted(_deployment(visit, read) for visit in brought["visit"].get(pk, ())))
        themes, strong = skills.get(pk, nothing)
        people.append(
            PersonFacts._make(
                (
                    *row[:4],
                    councils[row[4]],
                    *row[5:13],
                    row[13:15],  # available
                    "" if row[15] in ASKABLE else row[15],  # standing
                    row[16],
                    themes,
                    strong,
                    tuple(Span(read(first), read(last)) for first, last in away) if away else (),
                    visits,
                    sum(visit.last < first_day for visit in visits) if visits else 0,  # past
                    frozenset(known) if known else frozenset(),
                )
            )
        )
    return people


def _deployment(row: tuple[Any, ...], read: ReadDay) -> Deployment:
    first, last, challenge_id, council_id = row
    return Deployment(read(first), read(last), int(challenge_id), int(council_id))
