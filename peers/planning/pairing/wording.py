"""Terms, reasons and gaps in words: the same ones on the shortlist, the team page and the plan of a season."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peers.councils.models import Kind
from peers.planning.pairing.combining import Lack, has_role
from peers.planning.pairing.facts import Council, HostFacts, PersonFacts, km
from peers.planning.pairing.ranking import Why
from peers.planning.pairing.terms import Term, known_by
from peers.pool.models import Size

Titles = Mapping[str, str]


def listed(parts: Sequence[str]) -> str:
    """ "suppliers", "suppliers and recovery", "culture, suppliers and recovery"."""
    if len(parts) < 2:
        return "".join(parts)
    return _("%(most)s and %(last)s") % {"most": ", ".join(parts[:-1]), "last": parts[-1]}


def theme_words(codes: Iterable[str], titles: Titles) -> str:
    """Titles hold commas of their own, so each stands in quotation marks."""
    return listed([f"“{titles.get(code, code)}”" for code in codes])


def points(amount: int) -> str:
    """ "3 points", "1 point", "3 points taken off"."""
    if amount < 0:
        return ngettext("%(n)s point taken off", "%(n)s points taken off", -amount) % {"n": -amount}
    return ngettext("%(n)s point", "%(n)s points", amount) % {"n": amount}


def distance(kilometres: float) -> str:
    return _("%(km)s km") % {"km": round(kilometres)}


# --- terms ------------------------------------------------------------------------------------------
def term_words(term: Term, titles: Titles | None = None) -> str:
    """What the term stands for, without its points."""
    return _TERMS[term.name](dict(term.facts), titles or {})


def _covered(facts: dict, titles: Titles) -> str:
    themes = theme_words(facts["themes"], titles)
    return (_("covers %(themes)s") if facts.get("brought") else _("only one knows %(themes)s")) % {"themes": themes}


def _number(facts: dict, titles: Titles) -> str:
    return _("would be visit number %(number)s in the year") % facts


def _past(facts: dict, titles: Titles) -> str:
    return ngettext("%(visits)s visit before", "%(visits)s visits before", facts["visits"]) % facts


def _weeks(facts: dict, titles: Titles) -> str:
    words = ngettext("%(weeks)s week after the window opens", "%(weeks)s weeks after the window opens", facts["weeks"])
    return words % facts


def _kinds(facts: dict, titles: Titles) -> str:
    words = {"home": _group_words(facts["home"]), "host": _group_words(facts["host"])}
    return _("from %(home)s, the host is %(host)s") % words


def _group_words(group: str) -> str:
    return {
        "upper": _("a county council"),
        "lower": _("a district council"),
        "single": _("a unitary council"),
        "urban": _("a metropolitan or London borough"),
    }.get(group, _("another body"))


_TERMS: dict[str, Callable[[dict, Titles], str]] = {
    "travel": lambda facts, titles: distance(facts["km"]),
    "other_kind": _kinds,
    "past": _past,
    "travel_day": lambda facts, titles: _("the journey takes a day more"),
    "covered_once": _covered,
    "same_party": lambda facts, titles: _("%(members)s members of one party (%(party)s)") % facts,
    "good_pair": lambda facts, titles: _("%(first)s and %(second)s go well together") % facts,
    "bad_pair": lambda facts, titles: _("%(first)s and %(second)s are better kept apart") % facts,
    "no_welsh": lambda facts, titles: _("nobody speaks Welsh"),
    "week_later": _weeks,
    "second_visit": _number,
    "third_visit": _number,
    "party_share": lambda facts, titles: _("members of parties out of balance"),
}


# --- what speaks for somebody -----------------------------------------------------------------------
def person_words(person: PersonFacts, host: HostFacts, year: int, wanted: Iterable[str] | None = None) -> list[str]:
    """What speaks for this person at this host, plainest first. `wanted`: the themes still looked for."""
    themes = [code for code in (host.themes if wanted is None else wanted) if code in person.themes]
    words = [_("covers %(themes)s") % {"themes": theme_words(themes, host.themes)}] if themes else []
    words += experience_words(person, host.council)
    if person.can_lead:
        words.append(_("can lead"))
    if host.welsh and person.welsh:
        words.append(_("speaks Welsh"))
    words.append(distance(km(person.council.place, host.council.place)))
    words.append(days_words(person.days_used(year, besides=host.challenge_id), person.days_offered))
    if not person.has_met(host.council_id):
        words.append(_("has not met this host"))
    return words


def days_words(used: int, offered: int) -> str:
    return _("%(used)s of %(offered)s days used") % {"used": used, "offered": offered}


def kind_words(kind: str) -> str:
    return str(Kind(kind).label).lower() if kind in Kind.values else kind


def experience_words(person: PersonFacts, host: Council) -> list[str]:
    """At most one sentence: of this type and size, else of this type."""
    size = Size.of(host.population)
    words = {"kind": _with_article(kind_words(host.kind))}
    home = person.council
    if home.kind == host.kind:
        same_size = size is not None and Size.of(home.population) == size
        return [(_("works in %(kind)s of this size") if same_size else _("works in %(kind)s")) % words]
    if size is not None and (host.kind, size.value) in person.known_kinds:
        return [_("has worked in %(kind)s of this size") % words]
    if any(kind == host.kind for kind, _size in person.known_kinds):
        return [_("has worked in %(kind)s") % words]
    return []


def _with_article(words: str) -> str:
    # "a unitary council", "a London borough": no type of council begins with a sounded vowel.
    return words if words.startswith(("city", "council of")) else _("a %(kind)s") % {"kind": words}


def team_words(team: Sequence[PersonFacts], host: HostFacts) -> list[str]:
    """What the team is, in the words of the shortlist."""
    known = known_by(team, host.themes)
    words = [_cover_words(known)] if known else []
    councils = len({person.council_id for person in team})
    words.append(ngettext("%(n)s council", "%(n)s councils", councils) % {"n": councils})
    words += [role_count(role, sum(has_role(person, role) for person in team)) for role in ROLE_ORDER]
    if host.welsh and any(person.welsh for person in team):
        words.append(_("a Welsh speaker"))
    far = max((km(person.council.place, host.council.place) for person in team), default=0)
    words.append(_("longest journey %(km)s km") % {"km": round(far)})
    return words


def _cover_words(known: Mapping[str, int]) -> str:
    covered, twice = sum(number > 0 for number in known.values()), sum(number > 1 for number in known.values())
    facts = {"covered": covered, "total": len(known), "twice": twice}
    if covered < len(known):
        return _("covers %(covered)s of %(total)s themes") % facts
    if not twice:
        return ngettext("covers the one theme", "covers all %(total)s themes", len(known)) % facts
    return _("covers all %(total)s themes, %(twice)s of them twice") % facts


ROLE_ORDER = ("lead", "member", "specialist")


def role_count(role: str, number: int) -> str:
    if role == "lead":
        return ngettext("%(n)s who can lead", "%(n)s who can lead", number) % {"n": number}
    if role == "member":
        return ngettext("%(n)s member peer", "%(n)s member peers", number) % {"n": number}
    return ngettext("%(n)s cyber specialist", "%(n)s cyber specialists", number) % {"n": number}


# --- what speaks against, and what is not there -----------------------------------------------------
def why_words(why: Why) -> str:
    """Why a person cannot be asked."""
    facts = {
        name: date_format(value, "j F Y") if name in ("day", "first", "last") else value
        for name, value in why.facts.items()
    }
    return _WHY[why.name]() % facts if why.name in _WHY else why.name


_WHY: dict[str, Callable[[], str]] = {
    "resting": lambda: _("Resting: not to be asked for now."),
    "applied": lambda: _("Has applied to the pool and is not approved yet."),
    "training": lambda: _("Their training lasts until %(day)s only."),
    "declined": lambda: _("Has declined this visit."),
    "conflict": lambda: "%(sentence)s",
    "radius": lambda: _("%(km)s km away; travels up to %(radius)s km."),
    "busy": lambda: _("Not free on every day from %(first)s to %(last)s."),
    "window": lambda: _("Not free on three working days in a row between %(first)s and %(last)s."),
    "days": lambda: _(
        "%(used)s of %(offered)s days used in %(year)s; this visit takes %(needed)s."
    ),
    "visits": lambda: _("%(visits)s visits in %(year)s; wants at most %(most)s."),
}  # fmt: skip


def role_words(role: str) -> str:
    return {
        "lead": _("can lead a team"),
        "member": _("is a member peer"),
        "specialist": _("is a cyber specialist"),
    }[role]


def lack_words(lack: Lack, titles: Titles) -> str:
    """ "Nobody who can be asked knows “Recovery” and is a member peer." """
    parts = [_("knows %(themes)s") % {"themes": theme_words(lack.themes, titles)}] if lack.themes else []
    parts += [role_words(lack.role)] if lack.role else []
    return _("Nobody who can be asked %(what)s.") % {"what": listed(parts)}
