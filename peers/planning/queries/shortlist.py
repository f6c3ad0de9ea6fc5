"""The shortlist of one challenge: people and whole teams in order, who cannot be asked, what is missing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.utils import timezone

from peers.challenges.models import Challenge
from peers.planning.models import PlacementState, TeamRole
from peers.planning.pairing.combining import Team, Teams, has_role, missing_roles, missing_themes, propose_teams
from peers.planning.pairing.conflicts import Conflict
from peers.planning.pairing.facts import HostFacts, PeopleFacts, PersonFacts
from peers.planning.pairing.ranking import Excluded, Ranked, Ranking, rank, terms_of
from peers.planning.pairing.terms import Term, total
from peers.planning.pairing.wording import lack_words, person_words, points, team_words, term_words, why_words
from peers.pool.models import Role

from .conflicts import bars_for
from .doubts import facts_of

ASKED = (PlacementState.INVITED, PlacementState.ACCEPTED)


@dataclass(frozen=True)
class Shortlist:
    """`given` are those who count as on the team; `states` the place of anybody on the list, by profile id."""

    challenge: Challenge
    facts: PeopleFacts
    host: HostFacts
    ranking: Ranking
    states: Mapping[int, tuple[str, str]]

    @property
    def given(self) -> tuple[PersonFacts, ...]:
        return self.ranking.given


class Line(NamedTuple):
    """One term in words with its points."""

    words: str
    amount: int
    points: str


class Fit(NamedTuple):
    """One person as the page shows them: `cost` is the sum of the lines."""

    profile_id: int
    name: str
    job_title: str
    council: str
    role: str
    party: str
    cost: int
    points: str
    reasons: Sequence[str]
    lines: Sequence[Line]
    warnings: Sequence[Conflict]
    state: str

    @property
    def role_words(self) -> str:
        return str(Role(self.role).label)

    @property
    def sentence(self) -> str:
        return "; ".join(self.reasons)


class TeamMate(NamedTuple):
    """`state` is "" for somebody new."""

    person: PersonFacts
    reasons: Sequence[str]
    points: str
    leads: bool
    state: str


class TeamRow(NamedTuple):
    """One whole team: `cost` is the sum of the lines, those of its people and those of the team."""

    cost: int
    points: str
    reasons: Sequence[str]
    mates: Sequence[TeamMate]
    lines: Sequence[Line]
    new_ids: Sequence[int]
    lead_id: int | None


class Refusal(NamedTuple):
    profile_id: int
    name: str
    council: str
    reasons: Sequence[str]


# --- reading ----------------------------------------------------------------------------------------
def shortlist(challenge: Challenge, *, with_listed: bool = False, facts: PeopleFacts | None = None) -> Shortlist:
    """Five queries, two where `facts` are given. For coordinators.

    Who was asked counts as given; with `with_listed`, whoever is on the list.
    Observers are on no team: they are neither given nor candidates.
    """
    today = timezone.localdate()
    facts = facts or facts_of(challenge)
    states = facts.on_list[challenge.pk]
    watching = {pk for pk, (_state, role) in states.items() if role == TeamRole.OBSERVER}
    given = {pk for pk, (state, _role) in states.items() if with_listed or state in ASKED} - watching
    facts = replace(facts, people=[person for person in facts.people if person.pk not in watching])
    found = bars_for([challenge], facts.people)
    against = {profile_id: conflicts for (_challenge, profile_id), conflicts in found.items()}
    host = facts.hosts[challenge.pk]
    return Shortlist(challenge, facts, host, rank(facts, host, against, given=given, today=today), states)


def filtered(
    ranked: Iterable[Ranked],
    *,
    q: str = "",
    role: str = "",
    region: str = "",
    theme: str = "",
    leads: bool = False,
    welsh: bool = False,
    quiet: bool = False,
) -> list[Ranked]:
    """Those who match; `quiet` leaves out people with a warning."""
    words = q.casefold()
    return [
        row
        for row in ranked
        if (not words or words in f"{row.person.name} {row.person.council.name} {row.person.job_title}".casefold())
        and (not role or row.person.role == role)
        and (not region or row.person.council.region == region)
        and (not theme or theme in row.person.themes)
        and (not leads or row.person.can_lead)
        and (not welsh or row.person.welsh)
        and not (quiet and row.warnings)
    ]


# --- in words ---------------------------------------------------------------------------------------
def _lines(terms: Iterable[Term], host: HostFacts) -> list[Line]:
    return [Line(term_words(term, host.themes), term.amount, points(term.amount)) for term in terms]


def fit(listed: Shortlist, row: Ranked) -> Fit:
    """The person with reasons and terms in words."""
    person, host = row.person, listed.host
    terms = terms_of(person, listed.facts, listed.ranking)
    return Fit(
        profile_id=person.pk,
        name=person.name,
        job_title=person.job_title,
        council=person.council.name,
        role=person.role,
        party=person.party,
        cost=total(terms),
        points=points(total(terms)),
        reasons=person_words(person, host, listed.ranking.year),
        lines=_lines(terms, host),
        warnings=row.warnings,
        state=listed.states.get(person.pk, ("", ""))[0],
    )


def fits(listed: Shortlist, rows: Iterable[Ranked]) -> list[Fit]:
    return [fit(listed, row) for row in rows]


def refusals(rows: Iterable[Excluded]) -> list[Refusal]:
    return [
        Refusal(
            row.person.pk, row.person.name, row.person.council.name, [why_words(reason) for reason in row.reasons]
        )
        for row in rows
    ]  # fmt: skip


def teams(listed: Shortlist, *, with_warnings: bool = False) -> tuple[Teams, list[TeamRow], list[str]]:
    """What was found, the teams as the page shows them, and what is missing in words."""
    found = propose_teams(listed.facts, listed.ranking, with_warnings=with_warnings)
    rows = [_team_row(listed, team) for team in found.teams]
    return found, rows, [lack_words(lack, listed.host.themes) for lack in found.lacks]


def _team_row(listed: Shortlist, team: Team) -> TeamRow:
    host, year = listed.host, listed.ranking.year
    lead = _lead(listed, team)
    own = {person.pk: total(terms) for person, terms in zip(team.new, team.own, strict=True)}
    mates = [
        TeamMate(
            person=person,
            reasons=person_words(person, host, year),
            points=points(own[person.pk]) if person.pk in own else "",
            leads=person.pk == lead,
            state=listed.states.get(person.pk, ("", ""))[0],
        )
        for person in team.everybody
    ]
    names = {person.pk: person.name for person in team.new}
    lines = [
        Line(f"{names[person.pk]}: {line.words}", line.amount, line.points)
        for person, terms in zip(team.new, team.own, strict=True)
        for line in _lines(terms, host)
    ]
    return TeamRow(
        cost=team.cost,
        points=points(team.cost),
        reasons=team_words(team.everybody, host),
        mates=mates,
        lines=[*lines, *_lines(team.together, host)],
        new_ids=[person.pk for person in team.new],
        lead_id=lead if lead in own else None,
    )


def _lead(listed: Shortlist, team: Team) -> int | None:
    """Who leads: the lead peer on the list, else the one who can and has been on most visits."""
    known = [pk for pk, (_state, role) in listed.states.items() if role == TeamRole.LEAD_PEER]
    if known:
        return known[0]
    able = [person for person in team.everybody if person.can_lead]
    return max(able, key=lambda person: (person.past, -person.pk)).pk if able else None


# --- the next best ----------------------------------------------------------------------------------
def next_best(
    challenge: Challenge, role: str, facts: PeopleFacts | None = None, *, besides: Collection[int] = ()
) -> Fit | None:
    """Who to ask next in this role, with everybody on the list given; None when nobody fits.

    `besides`: ids of profiles that are not meant.

    Whoever brings what the team still lacks comes before whoever merely costs less.
    """
    listed = shortlist(challenge, with_listed=True, facts=facts)
    given, host = listed.given, listed.host
    roles, themes = missing_roles(given, host), set(missing_themes(given, host))
    councils = [person.council_id for person in given]
    rows: list[tuple[Any, Ranked]] = []
    for row in listed.ranking.ranked:
        person = row.person
        if (
            person.pk in besides
            or (role == TeamRole.LEAD_PEER and not person.can_lead)
            or (role != TeamRole.OBSERVER and councils.count(person.council_id) >= host.shape.per_council)
        ):
            continue
        brings = sum(has_role(person, name) for name in roles) + len(person.themes & themes)
        rows.append(((bool(row.warnings), -brings, row.cost, row.km, person.pk), row))
    return fit(listed, min(rows, key=lambda pair: pair[0])[1]) if rows else None
