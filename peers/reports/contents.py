"""From the challenge's rows to the plain data of the document. Reads only, a constant number of queries."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from statistics import median_low

from django.db.models import Count, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cyber360.ui.charts import Drawing, LevelPair, dumbbell
from peers.challenges.models import Challenge
from peers.challenges.queries import seats_by_side
from peers.evidence.models import EvidenceItem
from peers.evidence.queries import released_items
from peers.findings.models import Finding, FindingType
from peers.findings.queries import agreed_findings
from peers.onsite.models import Attendee, Conversation
from peers.onsite.queries import counts_for_report
from peers.pool.models import PeerProfile
from peers.scoring.queries import levels_by_theme
from peers.seats import SeatName
from peers.stages import Stage

from .document import Annex, Document, FindingPart, LevelPart, Member, SectionPart, Step, sha256_of, to_html
from .models import Report, ReportSection, Source

# The order and the headings of a theme's findings.
GROUPS = (
    (FindingType.STRENGTH, gettext_lazy("Strengths")),
    (FindingType.CONSIDERATION, gettext_lazy("Areas for consideration")),
    (FindingType.QUICK_WIN, gettext_lazy("Quick wins")),
    (FindingType.RECOMMENDATION, gettext_lazy("Recommendations")),
    (FindingType.QUESTION, gettext_lazy("Questions for the council")),
)
ANNEXES = frozenset({Source.ANNEX_RECOMMENDATIONS, Source.ANNEX_ROLES, Source.ANNEX_DOCUMENTS})
WITH_FINDINGS = frozenset({Source.RECOMMENDATIONS, Source.ANNEX_RECOMMENDATIONS, Source.THEME, Source.GOOD_PRACTICE})
WITH_LEVELS = frozenset({Source.THEMES, Source.THEME})
WITH_DOCUMENTS = frozenset({Source.PROCESS, Source.ANNEX_DOCUMENTS})
SIX_MONTHS = timedelta(days=183)


# --- findings -------------------------------------------------------------------------------------------
def printable_findings(challenge: Challenge) -> QuerySet[Finding]:
    """The agreed findings that the report may hold: never those for the council's own annex."""
    return agreed_findings(challenge).filter(sensitive=False).order_by("theme__place", "number", "pk")


def annex_findings(challenge: Challenge) -> QuerySet[Finding]:
    """The agreed findings for the host alone."""
    return agreed_findings(challenge).filter(sensitive=True).order_by("theme__place", "number", "pk")


def part_of(finding: Finding) -> FindingPart:
    """`finding` comes from `agreed_findings`, which counts its sources."""
    documents, conversations = finding.document_count, finding.conversation_count  # type: ignore[attr-defined]
    sources = []
    if documents:
        sources.append(ngettext("%(n)s document", "%(n)s documents", documents) % {"n": documents})
    if conversations:
        sources.append(ngettext("%(n)s conversation", "%(n)s conversations", conversations) % {"n": conversations})
    return FindingPart(
        pk=finding.pk, kind=finding.kind, number=finding.number, headline=finding.headline,
        narrative=finding.narrative, owner=finding.owner_suggestion, urgency=str(finding.get_urgency_display()),
        caf=str(finding.caf_outcome or ""), rests_on=", ".join(sources), theme=finding.theme.title,
    )  # fmt: skip


def words_hash(report: Report) -> str:
    """SHA-256 over every word that the team answers for: the sections, and the agreed findings, sensitive ones too."""
    sections = report.sections.order_by("place", "pk").values_list("code", "title", "text")
    findings = agreed_findings(report.challenge).order_by("pk")
    rows = [
        [row.pk, row.kind, row.number, row.headline, row.narrative, row.owner_suggestion, row.urgency, row.sensitive]
        for row in findings
    ]
    facts = [report.marking, report.show_levels, [list(row) for row in sections], rows]
    return sha256_of(json.dumps(facts, ensure_ascii=False, separators=(",", ":")))


# --- levels ---------------------------------------------------------------------------------------------
def _level_words(challenge: Challenge) -> dict[int, str]:
    version = challenge.framework_version
    return dict(version.scale.values_list("level", "word")) if version else {}


def _middle(levels: Sequence[int]) -> int | None:
    """The middle one of a theme's levels (the lower of two): always a level that has a word, never an average."""
    return median_low(levels) if levels else None


def _shown(level: int | None, words: dict[int, str]) -> str:
    return "" if level is None else f"{level} {words.get(level, '')}".strip()


class _Levels:
    """A challenge's levels by theme, as words and as a picture."""

    def __init__(self, challenge: Challenge) -> None:
        self.words = _level_words(challenge)
        self.by_theme = {
            pk: (_middle(found["self"]), _middle(found["agreed"])) for pk, found in levels_by_theme(challenge).items()
        }

    def part(self, theme) -> LevelPart | None:
        if theme.pk not in self.by_theme:
            return None
        own, agreed = self.by_theme[theme.pk]
        return LevelPart(theme.title, _shown(own, self.words), _shown(agreed, self.words))

    def chart(self, themes: Sequence) -> Drawing | None:
        pairs = [LevelPair(theme.title, *self.by_theme[theme.pk]) for theme in themes if theme.pk in self.by_theme]
        if not pairs or not self.words:
            return None
        names = [self.words[level] for level in sorted(self.words)]
        return dumbbell(pairs, levels=names, uid="levels", low=min(self.words))


# --- the document ----------------------------------------------------------------------------------------
def document_of(
    report: Report, *, label: str, dated: datetime, is_issued: bool = False, only: str = "",
    sections: Sequence[ReportSection] | None = None,
) -> Document:  # fmt: skip
    """The report as plain data, sensitive findings left out.

    `only`: read no more than the section of this code needs. `sections`: the report's rows, when the caller has them.
    """
    challenge = report.challenge
    rows = list(report.sections.select_related("theme")) if sections is None else list(sections)
    needed = {row.source for row in rows if not only or row.code == only}
    agreed = list(agreed_findings(challenge).order_by("theme__place", "number", "pk")) if needed & WITH_FINDINGS else []
    findings = [part_of(row) for row in agreed if not row.sensitive]
    levels = _Levels(challenge) if report.show_levels and needed & WITH_LEVELS else None
    themes = [row.theme for row in rows if row.theme is not None]
    documents = list(documents_seen(challenge).values_list("title", "document_date")) if needed & WITH_DOCUMENTS else []
    return Document(
        title=_("Cyber 360 report: %(council)s") % {"council": challenge.council.name},
        council=challenge.council.official_name or challenge.council.name,
        ref=challenge.ref,
        marking=report.marking,
        label=label,
        visit=days_in_words(challenge.visit_first_day, challenge.visit_last_day),
        dated=date_format(localtime(dated).date(), "j F Y"),
        sections=_section_parts(rows, findings, levels),
        is_issued=is_issued,
        show_levels=report.show_levels,
        recommendations=_recommendations(findings),
        withheld=sum(row.sensitive and row.kind == FindingType.RECOMMENDATION for row in agreed),
        good_practice=[part for part in findings if part.kind == FindingType.GOOD_PRACTICE],
        levels=[part for theme in themes if levels and (part := levels.part(theme))],
        chart=levels.chart(themes) if levels else None,
        team=team_of(challenge) if Source.TEAM in needed else (),
        counts=counts_of(challenge, len(documents)) if Source.PROCESS in needed else (),
        steps=steps_of(challenge) if Source.NEXT_STEPS in needed else (),
        roles=roles_met(challenge) if Source.ANNEX_ROLES in needed else (),
        documents=documents,
    )


def _recommendations(findings: Sequence[FindingPart]) -> list[FindingPart]:
    rows = [part for part in findings if part.kind == FindingType.RECOMMENDATION]
    return sorted(rows, key=lambda part: part.number or 0)


def _section_parts(
    sections: Iterable[ReportSection], findings: Sequence[FindingPart], levels: _Levels | None
) -> list[SectionPart]:
    parts: list[SectionPart] = []
    chapter, below, annex = 0, 0, 0
    for row in sections:
        is_annex = row.source in ANNEXES or row.code.startswith("annex-")
        if row.theme is not None:
            below += 1
            number = f"{chapter}.{below}"
        elif is_annex:
            annex += 1
            number = _("Annex %(letter)s:") % {"letter": chr(ord("A") + (annex - 1) % 26)}
        else:
            chapter, below = chapter + 1, 0
            number = str(chapter)
        depth = 3 if row.theme is not None else 2
        parts.append(
            SectionPart(
                code=row.code, number=number, title=row.title, source=row.source, text=to_html(row.text, depth),
                depth=depth, is_annex=is_annex,
                groups=groups_of(findings, row.theme.title) if row.theme is not None else (),
                levels=levels.part(row.theme) if levels and row.theme is not None else None,
            )
        )  # fmt: skip
    return parts


def groups_of(findings: Sequence[FindingPart], theme: str) -> list[tuple[str, list[FindingPart]]]:
    """A theme's findings by type, without the types that have none; good practice has a section of its own."""
    here = [part for part in findings if part.theme == theme]
    groups = [(str(words), [part for part in here if part.kind == kind]) for kind, words in GROUPS]
    return [(words, parts) for words, parts in groups if parts]


def annex_of(report: Report, *, label: str) -> Annex:
    challenge = report.challenge
    return Annex(
        title=_("Annex for the council alone: %(council)s") % {"council": challenge.council.name},
        council=challenge.council.official_name or challenge.council.name,
        marking=report.marking,
        label=label,
        findings=[part_of(finding) for finding in annex_findings(challenge)],
    )


# --- parts -----------------------------------------------------------------------------------------------
def days_in_words(first: date | None, last: date | None) -> str:
    if first is None or last is None:
        return ""
    if first == last:
        return date_format(first, "j F Y")
    return _("%(first)s to %(last)s") % {
        "first": date_format(first, "j F" if first.year == last.year else "j F Y"),
        "last": date_format(last, "j F Y"),
    }


def team_of(challenge: Challenge) -> list[Member]:
    """The team and the challenge manager, named with what they do and for whom."""
    sides = seats_by_side(challenge)
    seats = [*sides["team"], *sides["lga"]]
    profiles = {
        row.user_id: row
        for row in PeerProfile.objects.filter(user__in=[seat.user_id for seat in seats]).select_related("council")
    }
    members = []
    for seat in seats:
        profile = profiles.get(seat.user_id)
        is_manager = seat.name == SeatName.CHALLENGE_MANAGER
        council = _("Local Government Association") if is_manager else profile.council.name if profile else ""
        job = (profile.job_title if profile else "") or seat.user.job_title
        members.append(Member(seat.user.full_name, str(seat.name.label), job, council))
    return members


def counts_of(challenge: Challenge, documents: int) -> list[tuple[str, int]]:
    """What the team did, in numbers."""
    met = counts_for_report(challenge)
    first, last = challenge.visit_first_day, challenge.visit_last_day
    return [
        (_("Conversations held"), met["conversations"]),
        (_("People met"), met["people"]),
        (_("Documents and links read"), documents),
        (_("Days of the visit"), (last - first).days + 1 if first and last else 0),
    ]


def documents_seen(challenge: Challenge) -> QuerySet[EvidenceItem]:
    return released_items(EvidenceItem.objects.filter(challenge=challenge)).order_by("title", "pk")


def roles_met(challenge: Challenge) -> list[tuple[str, int]]:
    """Roles with the number of conversations in which they were heard; never a name."""
    held = Conversation.objects.filter(
        challenge=challenge, state=Conversation.State.HELD, kind=Conversation.Kind.CONVERSATION
    )
    rows = Attendee.objects.filter(conversation__in=held).order_by("role").values_list("role")
    return [(role, count) for role, count in rows.annotate(count=Count("conversation", distinct=True))]


def steps_of(challenge: Challenge) -> list[Step]:
    due = {row.stage: row.due_on for row in challenge.key_dates.all()}
    last = challenge.visit_last_day
    month = date_format(last + SIX_MONTHS, "F Y") if last else ""
    return [
        Step(_("Action plan agreed by the council"), _by(due.get(Stage.ACTION_PLANNING))),
        Step(_("Six-month check-in"), _("in %(month)s") % {"month": month} if month else _("to be agreed")),
        Step(_("Progress review"), _by(due.get(Stage.FOLLOW_UP))),
    ]


def _by(day: date | None) -> str:
    return _("by %(day)s") % {"day": date_format(day, "j F Y")} if day else _("to be agreed")
