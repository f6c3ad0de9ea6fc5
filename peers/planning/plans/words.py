"""Sentences about a season: why no plan exists and what would do, what no longer holds, how good a plan is."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from itertools import count

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peers.planning.plans.building import Built
from peers.planning.plans.reading import Gone
from peers.planning.season.problem import Reason

ReasonData = dict[str, str]


def week_words(monday: date) -> str:
    return _("the week of %(day)s") % {"day": date_format(monday, "j F Y")}


# --- why not ----------------------------------------------------------------------------------------
MOST_NAMES = 3
Sentences = dict[str, str]


def reason_words(built: Built, reason: Reason) -> str:
    """One sentence: which challenge, which rule, how many are missing."""
    sentences = {
        "shape": _("%(council)s: too few people can come for its team (%(n)s more needed)."),
        "leads": _("%(council)s: too few people who can lead can come (%(n)s more needed)."),
        "members": _("%(council)s: too few member peers can come (%(n)s more needed)."),
        "specialists": _("%(council)s: too few cyber specialists can come (%(n)s more needed)."),
        "theme": _("%(council)s: nobody who can come knows “%(theme)s”."),
        "weeks": _("%(council)s: no week is left for the visit."),
        "availability": _("%(council)s: the people who could come are not free in the same week."),
        "pin": _("%(council)s: %(person)s is held on this team, and that does not go together with the rest."),
        "week_pin": _("%(council)s is held in one week, and that does not go together with the rest."),
        "per_week": _("%(week)s has no room for all the visits that need it (%(n)s too many)."),
        "manager": _("%(council)s: its challenge manager has another visit in each week that is left."),
        "load": _("%(person)s would have to go on more visits than agreed (%(n)s more)."),
        "days": _("%(person)s would have to give more days than offered (%(n)s more)."),
        "spacing": _("%(person)s would have two visits too close to each other."),
        "council": _("%(council)s: too many of the team would be from one council."),
    }
    sentences |= _together(reason)
    if reason.rule == "pin" and _is_given(built, reason):
        sentences["pin"] = _("%(council)s: %(person)s was asked already, and that does not go together with the rest.")
    sentence = sentences.get(reason.rule, _("%(council)s: the rules leave no team."))
    return _sentence(sentence, _facts(built, reason))


def _together(reason: Reason) -> Sentences:
    """What is lacking to several visits, people or weeks at once, where the reason names none alone."""
    found: Sentences = {}
    if reason.peer is None:
        found = {
            "load": _("The visits that people agreed to do not do for all teams: %(places)s. %(people)s"),
            "days": _("The days that people offered do not do for all teams: %(places)s. %(people)s"),
            "spacing": _("With the weeks that lie between two visits of one peer, %(places)s. %(people)s"),
            "pin": _("%(council)s: more people are held on this team than it has places (%(n)s too many)."),
        }
    if reason.visit is None:
        found |= {
            "theme": _("%(council)s: too few people who can come know “%(theme)s” (%(n)s more needed)."),
            "weeks": _("The open weeks have no room for all the visits (%(n)s too many)."),
            "availability": _("%(council)s: too few of those who could come are free in the weeks that are left."),
        }
        found |= {"council": _("Too many of a team would be from one council.")}
    if reason.week is None:
        found["per_week"] = _("The open weeks have no room for all the visits (%(n)s too many).")
    return found


def relax_words(built: Built, reason: Reason) -> str:
    """One sentence: what would have to give, and by how much."""
    n = reason.amount
    member = ngettext("Find one more member peer", "Find %(n)s more member peers", n)
    specialist = ngettext("Find one more cyber specialist", "Find %(n)s more cyber specialists", n)
    reach = _("%(find)s within reach of %(council)s, or go without.")
    sentences = {
        "shape": _("%(council)s: go with a smaller team (%(n)s fewer)."),
        "leads": _("%(council)s: go without somebody who can lead, or say of %(n)s more in the pool that they can."),
        "members": reach,
        "specialists": reach,
        "theme": _("Find somebody within reach of %(council)s who knows “%(theme)s”, or go without."),
        "weeks": _("%(council)s: open its visit window further."),
        "availability": _("%(council)s: ask the team to make themselves free (%(n)s of them)."),
        "pin": _("%(council)s: let %(person)s go from this team."),
        "week_pin": _("%(council)s: let go of the week that is held."),
        "per_week": _("Allow more visits in %(week)s (%(n)s more)."),
        "manager": _("%(council)s: let its challenge manager have two visits in a week, or name another manager."),
        "load": _("Ask %(person)s to go on more visits (%(n)s more)."),
        "days": _("Ask %(person)s for more days (%(n)s more)."),
        "spacing": _("Let %(person)s have two visits closer to each other."),
        "council": _("%(council)s: allow more people of one council on the team (%(n)s more)."),
    }
    if reason.rule == "pin" and _is_given(built, reason):
        sentences["pin"] = _(
            "%(council)s: a team would be found without %(person)s, who was asked already. Talk to them first."
        )
    words = _facts(built, reason)
    words["find"] = {"members": member, "specialists": specialist}.get(reason.rule, "") % {"n": n}
    return _sentence(sentences.get(reason.rule, _("%(council)s: leave this visit out.")), words)


def _is_given(built: Built, reason: Reason) -> bool:
    if reason.visit is None or reason.peer is None:
        return False
    return (built.hosts[reason.visit].challenge_id, built.people[reason.peer].pk) in built.given


def _sentence(sentence: str, words: Mapping[str, object]) -> str:
    """Begins with a capital letter, whatever word stands first."""
    told = (sentence % words).strip()
    return told[:1].upper() + told[1:]


def _facts(built: Built, reason: Reason) -> dict[str, object]:
    code = built.theme_codes[reason.theme] if reason.theme is not None else ""
    titles = (host.themes[code] for host in built.hosts if code in host.themes)
    return {
        "council": _host(built, reason.visit) if reason.visit is not None else _("all visits together"),
        "person": built.people[reason.peer].name if reason.peer is not None else _("somebody"),
        "people": _pressed_words(built, reason.rule) if reason.peer is None else "",
        "week": week_words(built.monday(reason.week)) if reason.week is not None else _("one week"),
        "theme": next(titles, code),
        "n": reason.amount,
        "places": ngettext("one place stays empty", "%(n)s places stay empty", reason.amount) % {"n": reason.amount},
    }


def _pressed_words(built: Built, rule: str) -> str:
    """Who of the pool could go on more visits than the rule lets them, those first who could go on most."""
    problem, could = built.problem, dict[int, list[int]]()
    for (_v, p), pair in problem.pairs.items():
        could.setdefault(p, []).append(pair.days)
    limits: dict[str, Callable[[int], bool]] = {
        "load": lambda p: len(could[p]) > problem.peers[p].most - problem.peers[p].already,
        "days": lambda p: sum(could[p]) > problem.peers[p].days,
        "spacing": lambda p: len(could[p]) > 1,
    }
    if rule not in limits:
        return ""
    pressed = sorted(filter(limits[rule], could), key=lambda p: (-len(could[p]), built.people[p].name))
    names = [built.people[p].name for p in pressed[:MOST_NAMES]]
    if not names:
        return ""
    more = len(pressed) - len(names)
    told = ", ".join(names) + (" " + _("and %(n)s more") % {"n": more} if more else "")
    return _("Wanted for more than they can give: %(names)s.") % {"names": told}


def _host(built: Built, visit: int) -> str:
    host = built.hosts[visit]
    return f"{host.council.name} ({host.ref})"


def as_data(built: Built, reasons: Iterable[Reason], relaxations: Iterable[Reason]) -> list[ReasonData]:
    """Frozen words, each sentence once: `kind` is why or would_do."""
    whys = dict.fromkeys(reason_words(built, reason) for reason in reasons)
    dos = dict.fromkeys(relax_words(built, reason) for reason in relaxations)
    return [{"kind": "why", "text": text} for text in whys] + [{"kind": "would_do", "text": text} for text in dos]


def pin_words(built: Built) -> list[str]:
    """Why people who are pinned cannot go at all; none when every pin can hold."""
    found = []
    sentence = _(
        "%(person)s is pinned to %(council)s but cannot go there. Take the pin away, or settle what is between."
    )
    for challenge_id, profile_id in sorted(built.ask.seat_pins):
        v, p = built.visit_place.get(challenge_id), built.peer_place.get(profile_id)
        if v is None or (p is not None and (v, p) in built.problem.pairs):
            continue
        name = next((person.name for person in built.facts.people if person.pk == profile_id), _("Somebody"))
        found.append(sentence % {"person": name, "council": _host(built, v)})
    return found


# --- what gave way ----------------------------------------------------------------------------------
def eased_words(built: Built) -> list[str]:
    """Where the rules gave way to people who were asked already; each sentence once."""
    sentences = {
        "shape": _("%(council)s: the agreed team is larger than its size (%(n)s more)."),
        "leads": _("%(council)s: too few on the agreed team can lead (%(n)s missing)."),
        "members": _("%(council)s: too few on the agreed team are member peers (%(n)s missing)."),
        "specialists": _("%(council)s: too few on the agreed team are cyber specialists (%(n)s missing)."),
        "theme": _("%(council)s: nobody on the agreed team knows “%(theme)s”."),
        "availability": _("%(council)s: %(person)s has been asked to come, but is not free in %(week)s."),
        "council": _("%(council)s: %(person)s is from the same council as somebody else on the agreed team."),
        "days": _("%(person)s has been asked for more days than they offered (%(n)s more)."),
        "load": _("%(person)s has been asked to go on more visits than they agreed to (%(n)s more)."),
        "spacing": _("%(council)s: %(person)s has another visit close to this one."),
    }
    told = (_sentence(sentences[reason.rule], _facts(built, reason)) for reason in built.eased)
    names = {person.pk: person.name for person in built.facts.people}
    kept = _("%(council)s: %(person)s has been asked already and stays. Take them off the team first.")
    stay = (
        kept % {"council": _host(built, built.visit_place[challenge_id]), "person": names[profile_id]}
        for challenge_id, profile_id in sorted(built.given & built.ask.forbidden)
        if profile_id in names
    )
    return list(dict.fromkeys([*told, *stay]))


# --- what no longer holds ---------------------------------------------------------------------------
def gone_words(gone: Gone, councils: dict[int, str], names: dict[int, str]) -> str:
    words = {
        "council": councils.get(gone.challenge_id, _("A council")),
        "person": names.get(gone.profile_id, _("Somebody")),
    }
    sentences = {
        "challenge": _("%(council)s is no longer in the plan."),
        "week": _("%(council)s: the week is no longer open for a visit."),
        "person": _("%(council)s: %(person)s can no longer be asked to come."),
        "away": _("%(council)s: %(person)s is no longer free in this week."),
        "days": _("%(council)s: %(person)s has fewer days left than the plan needs."),
        "load": _("%(council)s: %(person)s now has other visits, and this would be one more than they agreed to."),
    }
    return sentences[gone.kind] % words


# --- words of a plan --------------------------------------------------------------------------------
def later_words(weeks: int) -> str:
    """How late a visit is. Not from the window: there may be none, and its first weeks may be closed or too soon."""
    words = ngettext(
        "%(n)s week after the first in which it could be", "%(n)s weeks after the first in which it could be", weeks
    )
    return words % {"n": weeks}


def copy_title(title: str, known: Collection[str]) -> str:
    """A name for a copy that no plan has yet: "Autumn, changed", then "Autumn, changed 2" and so on."""
    changed = _("changed")
    first = re.sub(rf"(, {re.escape(changed)})+( \d+)?$", "", title)[:60]
    names = (f"{first}, {changed}" + (f" {number}" if number > 1 else "") for number in count(1))
    return next(name for name in names if name not in known)


# --- how good ---------------------------------------------------------------------------------------
def quality_words(cost: int | None, bound: int | None) -> str:
    """Never "the best" unless cost and bound are equal; the points beside the percentage, which alone can mislead."""
    if cost is None:
        return ""
    if bound is None:
        return _("The plan costs %(cost)s points. How far that is from the best possible is not known.") % {
            "cost": cost
        }
    if cost <= bound:
        return _("The plan costs %(cost)s points. No plan with these weights costs less.") % {"cost": cost}
    points = ngettext("%(n)s point", "%(n)s points", cost - bound) % {"n": cost - bound}
    words = {"cost": cost, "points": points, "bound": bound}
    if bound <= 0:
        return _("The plan costs %(cost)s points, at most %(points)s above the best possible plan.") % words
    words["percent"] = f"{100 * (cost - bound) / bound:.1f}"
    sentence = _(
        "The plan costs %(cost)s points. That is at most %(percent)s %% above the best possible plan for these weights "
        "(%(points)s)."
    )
    return sentence % words
