"""What speaks against peers and hosts, as the database stands now."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from peers.challenges.models import Challenge
from peers.councils.models import PartnershipKind
from peers.planning.models import Placement
from peers.planning.pairing.conflicts import (
    Conflict,
    ConflictKind,
    Earlier,
    Exchange,
    FormerHome,
    Host,
    OtherVisit,
    Partner,
    Person,
    Rule,
    Tie,
    conflicts,
    plain_party,
)
from peers.pool.models import PeerProfile
from peers.stages import Stage

from .pairing import COMBINED, Deeds, Directory, TieRow, VisitRow, read_deeds, read_directory

FAR = datetime.date(1900, 1, 1)


def conflicts_for(challenge: Challenge, profiles: Sequence[Any]) -> dict[int, list[Conflict]]:
    """Conflicts by profile id: two queries for any number of profiles (with user and council loaded)."""
    pairs = Pairs([challenge], profiles)
    return {profile.pk: pairs.between(challenge.pk, profile.pk) for profile in profiles}


def bars_for(challenges: Sequence[Challenge], profiles: Sequence[Any]) -> dict[tuple[int, int], list[Conflict]]:
    """What speaks against these pairs, bars and warnings (`.bars` tells them apart), by (challenge id, profile id).

    Pairs without a conflict are left out. Two queries; `profiles` are PeerProfile rows or `facts.PersonFacts`.
    """
    pairs = Pairs(challenges, profiles)
    found = {}
    for challenge in challenges:
        for profile_id in pairs.touched(challenge.pk):
            against = pairs.between(challenge.pk, profile_id)
            if against:
                found[challenge.pk, profile_id] = against
    return found


def conflicts_of(placements: Sequence[Placement]) -> dict[int, list[Conflict]]:
    """Conflicts by placement id, in two queries for any number of challenges (challenge, user, council loaded)."""
    challenges = {row.challenge_id: row.challenge for row in placements}
    profiles = {row.profile_id: row.profile for row in placements}
    pairs = Pairs(list(challenges.values()), list(profiles.values()))
    return {row.pk: pairs.between(row.challenge_id, row.profile_id) for row in placements}


class Pairs:
    """Hosts and people as the craft takes them, with indexes that find the pairs worth looking at.

    `rules`, when given, stand in place of those that are stored.
    """

    def __init__(
        self,
        challenges: Sequence[Challenge],
        profiles: Sequence[Any],
        rules: Mapping[ConflictKind, Rule] | None = None,
    ) -> None:
        self.directory = read_directory(challenges)
        deeds = read_deeds(challenges, self.directory)
        self.rules = self.directory.rules if rules is None else rules
        self.hosts = {row.pk: host_of(row, self.directory, deeds) for row in challenges}
        self.people = {row.pk: person_of(row, self.directory, deeds) for row in profiles}
        self._of_council: dict[int, list[int]] = defaultdict(list)
        self._of_party: dict[str, list[int]] = defaultdict(list)
        self._of_user = {person.user_id: pk for pk, person in self.people.items()}
        self._of_tie: dict[int, list[int]] = defaultdict(list)
        for pk, person in self.people.items():
            self._of_council[person.council_id].append(pk)
            self._of_party[plain_party(person.party)].append(pk)
            for council_id in {tie.council_id for tie in person.ties} | {home.council_id for home in person.homes}:
                self._of_tie[council_id].append(pk)
        self._travelling = [pk for pk, person in self.people.items() if person.visits]

    def between(self, challenge_id: int, profile_id: int) -> list[Conflict]:
        return conflicts(self.people[profile_id], self.hosts[challenge_id], self.rules)

    def touched(self, challenge_id: int) -> set[int]:
        """Profiles for which anything at all may speak against this host: the others need no look."""
        host = self.hosts[challenge_id]
        councils = host.one_council | host.same_area | host.bordering | host.authority_members
        councils |= host.partners.keys() | host.exchanges.keys() | {mate.council_id for mate in host.team}
        found = {pk for council in councils for pk in self._of_council.get(council, ())}
        found |= {pk for council in host.one_council for pk in self._of_tie.get(council, ())}
        found |= {self._of_user[user] for user in host.people if user in self._of_user}
        found |= host.met.keys() & self.people.keys()
        found |= set(self._travelling) if host.first_day else set()
        return found | set(self._of_party.get(plain_party(host.party), ()) if host.party else ())


# --- hosts ---------------------------------------------------------------------------------------------
def host_of(challenge: Challenge, directory: Directory, deeds: Deeds) -> Host:
    """The challenge's council with all that the directory, the lists and earlier visits say of it."""
    council = challenge.council_id
    ones = directory.one_with(council)
    on = challenge.visit_first_day or challenge.window_first or timezone.localdate()
    row = directory.councils[council]
    near = {True: set[int](), False: set[int]()}
    for other, same_area in directory.neighbours.get(council, ()):
        near[same_area] |= directory.one_with(other)
    near[True] |= {one.id for one in directory.councils.values() if one.parent_id == council}
    near[True] |= directory.one_with(row.parent_id) if row.parent_id else set()
    authority, members = _authority(council, directory)
    return Host(
        council_id=council, name=row.name, on=on, challenge_id=challenge.pk, one_council=ones,
        same_area=frozenset(near[True]), bordering=frozenset(near[False]),
        authority=authority, authority_members=members, partners=_partners(ones, on, directory),
        exchanges=_exchanges(challenge, ones, deeds.visits, directory), met=_met(challenge, ones, deeds.visits),
        people=deeds.sides.get(challenge.pk, frozenset()), team=deeds.lists.get(challenge.pk, ()),
        first_day=challenge.visit_first_day, last_day=challenge.visit_last_day, party=row.party,
    )  # fmt: skip


def _authority(council_id: int, directory: Directory) -> tuple[str, frozenset[int]]:
    """The combined authority's name and councils, itself included; Greater London's code is none."""
    authority = directory.councils.get(directory.councils[council_id].authority_id or 0)
    if authority is None or not authority.gss_code.startswith(COMBINED):
        return "", frozenset()
    members = (one.id for one in directory.councils.values() if one.authority_id == authority.id)
    return authority.name, frozenset(other for member in members for other in directory.one_with(member)) | {
        authority.id
    }


def _partners(ones: frozenset[int], on: datetime.date, directory: Directory) -> dict[int, tuple[Partner, ...]]:
    mine = {
        part.partnership_id: part
        for council in ones
        for part in directory.partners.get(council, ())
        if (part.starts_on or FAR) <= on and (part.ends_on is None or part.ends_on >= on)
    }
    found: dict[int, tuple[Partner, ...]] = {}
    for council, parts in directory.partners.items():
        shared = tuple(
            Partner(part.partnership_id, part.title, str(PartnershipKind(part.kind).label))
            for part in parts
            if part.partnership_id in mine
        )
        for one in directory.one_with(council) if shared else ():
            if one not in ones:
                found[one] = found.get(one, ()) + tuple(other for other in shared if other not in found.get(one, ()))
    return found


def _exchanges(
    challenge: Challenge, ones: frozenset[int], visits: Iterable[VisitRow], directory: Directory
) -> dict[int, tuple[Exchange, ...]]:
    """Other councils whose people came here, or to which people of the host went: one entry a challenge."""
    found: dict[int, dict[tuple[int, bool], Exchange]] = defaultdict(dict)
    went: dict[tuple[int, int], set[int]] = defaultdict(set)
    for visit in visits:
        went[visit.challenge_id, visit.home_id].add(visit.profile_id)
    for visit in visits:
        if visit.challenge_id == challenge.pk:
            continue
        for outward, here, there in (
            (True, visit.home_id, visit.council_id),
            (False, visit.council_id, visit.home_id),
        ):
            if here in ones and there not in ones:
                people = frozenset(went[visit.challenge_id, visit.home_id])
                exchange = Exchange(visit.challenge_id, visit.last, outward, people)
                for one in directory.one_with(there):
                    found[one][visit.challenge_id, outward] = exchange
    return {council: tuple(rows.values()) for council, rows in found.items()}


def _met(challenge: Challenge, ones: frozenset[int], visits: Iterable[VisitRow]) -> dict[int, tuple[Earlier, ...]]:
    """Those who were on an earlier team here. One that is in its follow-up now wants the same people again."""
    found: dict[int, tuple[Earlier, ...]] = defaultdict(tuple)
    for visit in visits:
        if visit.council_id in ones and visit.challenge_id != challenge.pk:
            earlier = Earlier(visit.challenge_id, visit.last, visit.stage == Stage.FOLLOW_UP)
            found[visit.profile_id] += (earlier,)
    return dict(found)


# --- people ----------------------------------------------------------------------------------------------
def person_of(row: Any, directory: Directory, deeds: Deeds) -> Person:
    """A PeerProfile (with user and council loaded) or a PersonFacts as the craft takes it."""
    own = isinstance(row, PeerProfile)
    return Person(
        user_id=row.user_id,
        profile_id=row.pk,
        name=row.user.full_name if own else row.name,
        council_id=row.council_id,
        council=row.council.name if own else row.council_name,
        party=row.party,
        ties=tuple(_tie(tie, directory) for tie in deeds.ties.get(row.pk, ())),
        homes=tuple(
            FormerHome(council, directory.name(council), ended) for council, ended in deeds.homes.get(row.pk, ())
        ),
        visits=tuple(
            OtherVisit(one.challenge_id, directory.name(one.council_id), one.first, one.last)
            for one in deeds.travels.get(row.pk, ())
        ),
    )


def _tie(row: TieRow, directory: Directory) -> Tie:
    return Tie(
        row.id, row.council_id, directory.name(row.council_id), row.kind, row.words,
        ended=row.ends_on is not None and row.ends_on < timezone.localdate(), ends_on=row.ends_on,
        declared_on=row.declared_on, pinned=row.pinned, bars=row.bars and row.pinned,
    )  # fmt: skip
