"""What a new draft begins with, read from the challenge."""

from collections.abc import Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peers.challenges.models import Challenge
from peers.councils.models import Council
from peers.findings.models import Feedback, Finding, FindingType

from .contents import days_in_words, printable_findings

PROPER_KINDS = ("London", "Welsh", "City of London")
WITHOUT_THE = ("London", "Wales", "Yorkshire", "England")


def values_for(challenge: Challenge) -> dict[str, str | list[str]]:
    """What the first text of a section may name (`prefill.NAMES`)."""
    council = challenge.council
    findings = list(printable_findings(challenge))
    feedback = Feedback.objects.filter(challenge=challenge).first()
    told = _("We presented what we had found to you on %(day)s, before we wrote this report.")
    return {
        "council": council.name,
        "council_full_name": council.official_name or council.name,
        "council_kind": _kind_in_words(council),
        "reference": challenge.ref,
        "focus": challenge.focus,
        "themes": _listed([theme.title for theme in challenge.themes.order_by("place")]),
        "visit_dates": days_in_words(challenge.visit_first_day, challenge.visit_last_day) or _("dates to be fixed"),
        "feedback_sentence": told % {"day": date_format(feedback.held_on, "j F Y")} if feedback else "",
        "recommendation_count": _recommendations(sum(row.kind == FindingType.RECOMMENDATION for row in findings)),
        "strengths": _first(findings, FindingType.STRENGTH, _("No strength was agreed.")),
        "considerations": _first(findings, FindingType.CONSIDERATION, _("No area for consideration was agreed.")),
        "first_steps": _first(findings, FindingType.RECOMMENDATION, _("No recommendation was agreed.")),
    }


def _kind_in_words(council: Council) -> str:
    """Such as “a unitary council in the North West”."""
    kind = str(council.get_kind_display())
    kind = kind if kind.startswith(PROPER_KINDS) else kind[0].lower() + kind[1:]
    article = _("an") if kind[0].lower() in "aeio" else _("a")
    place = council.region or council.nation
    place = place if place.startswith(WITHOUT_THE) else _("the %(place)s") % {"place": place}
    return _("%(article)s %(kind)s in %(place)s") % {"article": article, "kind": kind, "place": place}


def _listed(words: list[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return _("%(most)s and %(last)s") % {"most": ", ".join(words[:-1]), "last": words[-1]}


def _recommendations(count: int) -> str:
    return ngettext("%(n)s recommendation", "%(n)s recommendations", count) % {"n": count}


def _first(findings: Sequence[Finding], kind: str, nothing: str) -> list[str]:
    """Three headlines of a type, a recommendation with the number under which it is found."""
    rows = sorted((row for row in findings if row.kind == kind), key=lambda row: (row.number or 0, row.pk))[:3]
    return [_numbered(row) for row in rows] or [nothing]


def _numbered(row: Finding) -> str:
    if row.number is None:
        return row.headline
    return _("%(headline)s (recommendation %(number)s)") % {"headline": row.headline, "number": row.number}
