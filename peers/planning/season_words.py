"""Sentences about a season: why no plan exists and what would do, what no longer holds, how good a plan is."""

from collections.abc import Iterable
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peers.planning.plan_reading import Gone
from peers.planning.problem_building import Built
from peers.planning.season.problem import Reason

ReasonData = dict[str, str]


def week_words(monday: date) -> str:
    return _("the week of %(day)s") % {"day": date_format(monday, "j F Y")}


# --- why not ----------------------------------------------------------------------------------------
def reason_words(built: Built, reason: Reason) -> str:
    """One sentence: which challenge, which rule, how many are missing."""
    words = _facts(built, reason)
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
    return _sentence(sentences.get(reason.rule, _("%(council)s: the rules leave no team.")), words)


def relax_words(built: Built, reason: Reason) -> str:
    """One sentence: what would have to give, and by how much."""
    words = _facts(built, reason)
    sentences = {
        "shape": _("%(council)s: go with a smaller team (%(n)s fewer)."),
        "leads": _("%(council)s: go without somebody who can lead, or say of %(n)s more in the pool that they can."),
        "members": _("%(council)s: win %(n)s more for the pool as member peers near enough, or go without."),
        "specialists": _("%(council)s: win %(n)s more for the pool as cyber specialists near enough, or go without."),
        "theme": _("%(council)s: go without anybody who knows “%(theme)s”, or win somebody who does."),
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
    return _sentence(sentences.get(reason.rule, _("%(council)s: leave this visit out.")), words)


def _sentence(sentence: str, words: dict[str, object]) -> str:
    """Begins with a capital letter, whatever word stands first."""
    told = sentence % words
    return told[:1].upper() + told[1:]


def _facts(built: Built, reason: Reason) -> dict[str, object]:
    code = built.theme_codes[reason.theme] if reason.theme is not None else ""
    titles = (host.themes[code] for host in built.hosts if code in host.themes)
    return {
        "council": _host(built, reason.visit) if reason.visit is not None else _("the season"),
        "person": built.people[reason.peer].name if reason.peer is not None else _("somebody"),
        "week": week_words(built.monday(reason.week)) if reason.week is not None else _("one week"),
        "theme": next(titles, code),
        "n": reason.amount,
    }


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
