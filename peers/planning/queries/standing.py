"""How a team stands, for its coordinator: what it covers, who has to be decided on, whose place is free."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peers.challenges.models import Challenge
from peers.planning.models import SHOWN_TO_HOST, Placement, PlacementState, TeamRole
from peers.planning.pairing.combining import missing_roles
from peers.planning.pairing.facts import HostFacts, PeopleFacts
from peers.planning.pairing.wording import ROLE_ORDER, listed, role_count, theme_words

from .lines import role_to_fill
from .shortlist import Fit, next_best
from .team import WORKING_ROLES, Candidate

Listed = Sequence[tuple[Placement, Candidate]]


def cover_words(facts: PeopleFacts, host: HostFacts, placements: Sequence[Placement]) -> list[str]:
    """What those who were asked or said yes bring against the shape and the themes in scope; no query.

    Empty while nobody has been asked. The lead peer counts as one who can lead.
    """
    shown = [row for row in placements if row.state in SHOWN_TO_HOST and row.role in WORKING_ROLES]
    if not shown:
        return []
    ids = {row.profile_id for row in shown}
    people = [person for person in facts.people if person.pk in ids]
    known = frozenset[str]().union(*(person.themes for person in people))
    unknown = [code for code in host.themes if code not in known]
    words = {"known": len(host.themes) - len(unknown), "total": len(host.themes)}
    first = ngettext("Covers %(known)s of %(total)s theme", "Covers %(known)s of %(total)s themes", words["total"])
    sentences = [first % words + "."] if host.themes else []
    if unknown:
        nobody = {"covers": first % words, "themes": theme_words(unknown, host.themes)}
        sentences = [_("%(covers)s; nobody knows %(themes)s.") % nobody]
    wanted = missing_roles(people, host)
    if any(row.role == TeamRole.LEAD_PEER for row in shown):
        wanted.pop("lead", None)
    if wanted:
        roles = listed([role_count(role, wanted[role]) for role in ROLE_ORDER if role in wanted])
        sentences.append(_("Still wanted: %(roles)s.") % {"roles": roles})
    free = host.shape.size - len(shown)
    if free > 0:
        places = ngettext("%(free)s place of %(size)s is free.", "%(free)s places of %(size)s are free.", free)
        sentences.append(places % {"free": free, "size": host.shape.size})
    return sentences


class Gap(NamedTuple):
    """A place that is free again. `gone`: who said no or let the day pass; `ready`: on the list, nothing against them.

    `best` is looked for only while nobody is ready; None then means that nobody fits.
    """

    role: str
    role_words: str
    gone: list[Placement]
    ready: list[Placement]
    best: Fit | None


def gap_of(challenge: Challenge, people: Listed, past: Sequence[Placement], facts: PeopleFacts) -> Gap | None:
    """The place to fill first, or None; two queries where the next best has to be found."""
    active = [placement for placement, _row in people]
    size = facts.hosts[challenge.pk].shape.size
    role = role_to_fill(active, past, size)
    if not role:
        return None
    over = (PlacementState.DECLINED, PlacementState.EXPIRED)
    working = sum(row.state in SHOWN_TO_HOST and row.role in WORKING_ROLES for row in active)
    gone = [row for row in past if row.role == role and row.state in over][: max(1, size - working)]
    ready = [row for row, candidate in people if row.role == role and _waits(row, candidate)]
    late = {row.profile_id for row in past if row.state == PlacementState.EXPIRED}
    best = None if ready else next_best(challenge, role, facts, besides=late)
    return Gap(role, str(TeamRole(role).label), gone, ready, best)


def _waits(row: Placement, candidate: Candidate) -> bool:
    return row.state == PlacementState.PROPOSED and not candidate.conflicts


def to_decide(placements: Sequence[Placement]) -> list[Placement]:
    """Those who said yes, and whose yes waits: something new came up, or the day to answer had passed."""
    return [row for row in placements if row.state == PlacementState.PROPOSED and row.answered_at is not None]
