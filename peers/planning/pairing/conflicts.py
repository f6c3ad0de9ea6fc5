"""What speaks against sending a peer to a council. Plain data in, conflicts with their sentences out; no database.

`bars`: nothing overrides it. `warns`: a coordinator may invite all the same, with a reason. `off`: nobody is told.
"""

import datetime
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .conflict_facts import (
    DEFAULTS,
    FIXED,
    TIE_KINDS,
    WINDOWED,
    Conflict,
    ConflictKind,
    Earlier,
    Exchange,
    FormerHome,
    Host,
    Mate,
    OtherVisit,
    Partner,
    Person,
    Rule,
    Strength,
    Tie,
    in_words,
    months_from,
    one_council,
)

__all__ = [
    "DEFAULTS",
    "FIXED",
    "TIE_KINDS",
    "WINDOWED",
    "Conflict",
    "ConflictKind",
    "Earlier",
    "Exchange",
    "FormerHome",
    "Found",
    "Host",
    "Mate",
    "OtherVisit",
    "Partner",
    "Person",
    "Rule",
    "Strength",
    "Tie",
    "conflicts",
    "in_words",
    "months_from",
    "one_council",
    "plain_party",
]

K = ConflictKind


# --- what is found -----------------------------------------------------------------------------------
class Found(NamedTuple):
    """A conflict before its kind's strength is known. `strength` stands above the rule where it is given;
    `at_most_warns` where a bar would be too much (a tie that has ended)."""

    kind: ConflictKind
    key: str
    sentence: str
    source: str
    since: datetime.date | None = None  # from here the months of the kind's window are counted
    strength: Strength | None = None
    at_most_warns: bool = False


def conflicts(person: Person, host: Host, rules: Mapping[ConflictKind, Rule] = DEFAULTS) -> list[Conflict]:
    """All conflicts of the person with this host, those that bar first. What `rules` leaves out is as in DEFAULTS."""
    found = [*_seat(person, host), *_council(person, host), *_homes(person, host), *_ties(person, host)]
    found += [*_party(person, host), *_past(person, host), *_team(person, host), *_dates(person, host, rules)]
    weighed = [_weigh(one, host, rules.get(one.kind, DEFAULTS[one.kind])) for one in found]
    return sorted((one for one in weighed if one is not None), key=lambda conflict: not conflict.bars)


def _weigh(found: Found, host: Host, rule: Rule) -> Conflict | None:
    strength = Strength.BARS if found.kind in FIXED else found.strength or rule.strength
    until = None
    if found.since is not None and rule.months is not None:
        until = months_from(found.since, rule.months)
        if found.since > months_from(host.on, rule.months):
            return None  # a visit to come that lies as far ahead as a past one would have to lie back
    if strength == Strength.OFF or (until is not None and until < host.on):
        return None
    if found.at_most_warns:
        strength = Strength.WARNS
    return Conflict(found.key, found.kind, strength, found.sentence, found.source, until)


def _seat(person: Person, host: Host) -> Iterator[Found]:
    if person.user_id in host.people:
        sentence = _("%(name)s takes part on the host's side of this challenge.") % {"name": person.name}
        yield Found(K.HOST_SIDE, "host_side", sentence, _("From the people of the challenge"))


def _council(person: Person, host: Host) -> Iterator[Found]:
    """What the directory says of the two councils. The nearest tie is named, not those that follow from it."""
    council = person.council_id
    words = {"name": person.name, "council": person.council, "host": host.name, "authority": host.authority}
    source = _("From the directory")
    if council == host.council_id:
        own = _("%(host)s is %(name)s's own council.") % words
        yield Found(K.OWN, f"own:{council}", own, _("From the peer's profile"))
        return
    if council in host.one_council:
        sentence = _("%(council)s and %(host)s are one council, before and after a reorganisation.")
        yield Found(K.ONE_COUNCIL, f"own:{council}", sentence % words, source)
        return
    if council in host.same_area:
        sentence = _("%(council)s and %(host)s serve the same area.")
        yield Found(K.SAME_AREA, f"area:{council}", sentence % words, source)
    elif council in host.bordering:
        sentence = _("%(council)s shares a boundary with %(host)s.")
        yield Found(K.BOUNDARY, f"border:{council}", sentence % words, source)
    if council in host.authority_members:
        sentence = _("%(council)s and %(host)s belong to %(authority)s.")
        yield Found(K.COMBINED_AUTHORITY, f"authority:{council}", sentence % words, source)
    for partner in host.partners.get(council, ()):
        sentence = _("%(council)s and %(host)s run something together: %(title)s (%(kind)s).")
        named = words | {"title": partner.title, "kind": partner.kind.lower()}
        yield Found(K.PARTNERSHIP, f"partner:{partner.id}:{council}", sentence % named, source)


def _homes(person: Person, host: Host) -> Iterator[Found]:
    for home in person.homes:
        if home.council_id in host.one_council and home.council_id != person.council_id:
            words = {"name": person.name, "council": home.council, "day": in_words(home.ended_on)}
            sentence = _("%(name)s was with %(council)s until %(day)s.") % words
            source = _("From the peer's profile")
            yield Found(K.FORMER_EMPLOYER, f"former:{home.council_id}", sentence, source, home.ended_on)


def _ties(person: Person, host: Host) -> Iterator[Found]:
    for tie in person.ties:
        if tie.council_id not in host.one_council:
            continue
        kind = TIE_KINDS.get(tie.kind, K.OTHER_TIE)
        kind = K.FORMER_EMPLOYER if kind == K.EMPLOYER and tie.ended else kind
        sentence = _tie_sentence(kind) % {"name": person.name, "council": tie.council}
        if tie.ended and tie.ends_on:
            sentence += " " + _("It ended on %(day)s.") % {"day": in_words(tie.ends_on)}
        if tie.words:
            sentence += f" “{tie.words}”"
        since = tie.ends_on if kind == K.FORMER_EMPLOYER else None
        forced = Strength.BARS if tie.bars else None
        yield Found(kind, f"tie:{tie.id}", sentence, _declared(tie), since, forced, tie.ended and not tie.bars)


def _tie_sentence(kind: ConflictKind) -> str:
    return {
        K.EMPLOYER: _("%(name)s works for %(council)s."),
        K.FORMER_EMPLOYER: _("%(name)s worked for %(council)s before."),
        K.SUPPLIER: _("%(name)s supplies %(council)s, or works for a supplier of it."),
        K.FAMILY: _("%(name)s has family or a close friend at %(council)s."),
        K.PARTNERSHIP: _("%(name)s is in a shared service or partnership with %(council)s."),
    }.get(kind, _("%(name)s is tied to %(council)s."))


def _declared(tie: Tie) -> str:
    if tie.declared_on is None:
        return _("Entered by a coordinator") if tie.pinned else _("Declared by the peer")
    words = {"day": in_words(tie.declared_on)}
    if tie.pinned:
        return _("Entered by a coordinator on %(day)s") % words
    return _("Declared by the peer on %(day)s") % words


def _party(person: Person, host: Host) -> Iterator[Found]:
    party = plain_party(person.party)
    if party and party == plain_party(host.party):
        sentence = _("%(name)s is of the party that leads %(host)s: %(party)s.")
        words = {"name": person.name, "host": host.name, "party": person.party}
        yield Found(K.PARTY, f"party:{party}"[:60], sentence % words, _("From the directory and the peer's profile"))


def plain_party(party: str) -> str:
    """A party's name without what differs between two people who type it."""
    return " ".join(party.casefold().split()).removeprefix("the ").removesuffix(" party")


def _past(person: Person, host: Host) -> Iterator[Found]:
    source = _("From earlier challenges")
    for visit in host.exchanges.get(person.council_id, ()):
        if not visit.outward and visit.people == {person.profile_id}:
            continue  # nobody but the person: that is meeting the same host again, below
        words = {"council": person.council, "host": host.name, "when": date_format(visit.last, "F Y")}
        sentence = (
            _("The team at %(council)s in %(when)s has people of %(host)s.")
            if visit.outward
            else _("The team at %(host)s in %(when)s has people of %(council)s.")
        )
        key = f"exchange:{visit.challenge_id}"
        yield Found(K.RECIPROCITY, key, sentence % words, source, visit.last)
    for earlier in host.met.get(person.profile_id, ()):
        if not earlier.followed_up:
            words = {"name": person.name, "host": host.name, "when": date_format(earlier.last, "F Y")}
            sentence = _("%(name)s was on the team at %(host)s in %(when)s.") % words
            yield Found(K.SAME_HOST, f"met:{earlier.challenge_id}", sentence, source, earlier.last)


def _team(person: Person, host: Host) -> Iterator[Found]:
    for mate in host.team:
        if mate.profile_id != person.profile_id and mate.council_id == person.council_id:
            words = {"name": mate.name, "council": person.council}
            sentence = _("%(name)s on this list is from %(council)s as well.")
            yield Found(K.TEAM_MATE, f"mate:{mate.profile_id}", sentence % words, _("From the team list"))


def _dates(person: Person, host: Host, rules: Mapping[ConflictKind, Rule]) -> Iterator[Found]:
    if host.first_day is None or host.last_day is None:
        return
    months = rules.get(K.COOLING_OFF, DEFAULTS[K.COOLING_OFF]).months or 0
    for visit in person.visits:
        if visit.challenge_id == host.challenge_id:
            continue
        words = {"council": visit.council, "first": in_words(visit.first), "last": in_words(visit.last)}
        source = _("From the visits they have said yes to")
        if visit.first <= host.last_day and visit.last >= host.first_day:
            sentence = _("Visits %(council)s from %(first)s to %(last)s: the days overlap.")
            yield Found(K.OVERLAP, f"visit:{visit.challenge_id}", sentence % words, source)
        elif visit.first < months_from(host.last_day, months) and host.first_day < months_from(visit.last, months):
            sentence = _("Visits %(council)s from %(first)s to %(last)s: little rest between the two.")
            yield Found(K.COOLING_OFF, f"rest:{visit.challenge_id}", sentence % words, source)
