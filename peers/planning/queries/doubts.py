"""What speaks against inviting a person, in one list: conflicts, and why the shortlist would leave them out.

A conflict may bar. What the shortlist says (too far, not free, has declined, ...) is a warning here: a coordinator may
invite the person all the same, with a reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from peers.challenges.models import Challenge
from peers.planning.models import PlacementState
from peers.planning.pairing.conflicts import Conflict, ConflictKind
from peers.planning.pairing.facts import HostFacts, PeopleFacts, PersonFacts, Span, km
from peers.planning.pairing.ranking import Why, period_of, why_not, year_of
from peers.planning.pairing.wording import why_words

from .conflicts import conflicts_for
from .facts import people_facts

DECLINED = "why:declined"


@dataclass(frozen=True)
class Doubt:
    """One reason of the shortlist; reads like a Conflict that warns."""

    key: str
    sentence: str
    source: str
    bars: bool = False
    window: str = ""


Against = Conflict | Doubt


def facts_of(challenge: Challenge) -> PeopleFacts:
    """The pool, the host and the list, for the year of the visit; three queries."""
    period = period_of(span_of(challenge, "visit"), span_of(challenge, "window"), timezone.localdate())
    return people_facts(challenge.programme, [challenge], *period)


def span_of(challenge: Challenge, what: str) -> Span | None:
    names = {"visit": ("visit_first_day", "visit_last_day"), "window": ("window_first", "window_last")}[what]
    first, last = (getattr(challenge, name) for name in names)
    return Span(first, last) if first and last else None


def against_for(
    challenge: Challenge, profiles: Sequence[Any], facts: PeopleFacts | None = None
) -> dict[int, list[Against]]:
    """All that speaks against each, by profile id, what bars first; five queries for any number of profiles.

    `facts` are those of `facts_of(challenge)`, where they have been read already: then two queries.
    """
    if not profiles:
        return {}
    facts = facts or facts_of(challenge)
    conflicts = conflicts_for(challenge, profiles)
    people = {person.pk: person for person in facts.people}
    found: dict[int, list[Against]] = {}
    for profile in profiles:
        own: list[Against] = [*conflicts[profile.pk]]
        found[profile.pk] = own + _doubts(people.get(profile.pk), facts, facts.hosts[challenge.pk], own)
    return found


def _doubts(
    person: PersonFacts | None, facts: PeopleFacts, host: HostFacts, conflicts: Iterable[Against]
) -> list[Against]:
    if person is None:
        return [_doubt("gone", _("Is no longer in the pool."))]
    far = km(person.council.place, host.council.place)
    reasons = why_not(person, facts, host, far, year_of(host, timezone.localdate()))
    if said_no(person.pk, facts, host) and not any(why.name == "declined" for why in reasons):
        reasons = [Why("declined", {}), *reasons]
    overlaps = any(getattr(one, "kind", "") == ConflictKind.OVERLAP for one in conflicts)
    # A second visit on the same days is said once, by the conflict that names it.
    return [_doubt(why.name, why_words(why)) for why in reasons if not (overlaps and why.name == "busy")]


def said_no(profile_id: int, facts: PeopleFacts, host: HostFacts) -> bool:
    """Whether the person has declined this visit and has not been asked again since."""
    state = facts.on_list[host.challenge_id].get(profile_id, ("", ""))[0]
    no = profile_id in facts.said_no.get(host.challenge_id, ())
    return no and state not in (PlacementState.INVITED, PlacementState.ACCEPTED)


def _doubt(name: str, sentence: str) -> Doubt:
    source = _("From their answer") if name == "declined" else _("From their profile and calendar")
    return Doubt(f"why:{name}", sentence, source)
