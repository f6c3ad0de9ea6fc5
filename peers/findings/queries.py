"""Reading findings, their warnings, and what blocks the moves around them."""

from collections.abc import Iterable

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.accounts.models import User
from peers.access import LEAD_PEER, LGA, MANAGER, PEERS, SeatName, may, seats_on
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.queries import Blocker, Task
from peers.stages import Stage

from .models import HEADLINE_WORDS, NARRATIVE_WORDS, Feedback, Finding, FindingState, FindingType

DECIDED = (FindingState.AGREED, FindingState.DROPPED)
FEW_ATTENDEES = 3


def findings_visible_to(user: User, challenge: Challenge) -> QuerySet[Finding]:
    """The only way to findings: the team and the challenge manager; the host meets them in the report."""
    rows = challenge.findings.select_related("theme", "author", "caf_outcome")
    return rows if may(user, Act.FINDING_READ, challenge) else rows.none()


def agreed_findings(challenge: Challenge) -> QuerySet[Finding]:
    """The agreed findings, which the report is written from; callers have the right to the report."""
    rows = challenge.findings.filter(state=FindingState.AGREED).select_related("theme", "caf_outcome")
    return rows.annotate(
        document_count=Count("evidence", distinct=True), conversation_count=Count("conversations", distinct=True)
    )


def recommendations_of(challenge: Challenge) -> QuerySet[Finding]:
    return agreed_findings(challenge).filter(kind=FindingType.RECOMMENDATION).order_by("number", "pk")


def source_kinds(finding: Finding) -> list[str]:
    """The kinds of source that a finding rests on, in words, each with its count."""
    conversations, documents = list(finding.conversations.all()), len(finding.evidence.all())
    kinds = []
    if documents:
        kinds.append(_("%(count)s documents") % {"count": documents} if documents > 1 else _("1 document"))
    if conversations:
        count = len(conversations)
        kinds.append(_("%(count)s conversations") % {"count": count} if count > 1 else _("1 conversation"))
    return kinds


def warnings_of(finding: Finding) -> list[str]:
    """What to look at before agreeing: one kind of source, too many words, a conversation of too few people."""
    kinds = source_kinds(finding)
    warnings = []
    if not kinds:
        warnings.append(_("Rests on no source yet. Link a document or a conversation."))
    elif len(kinds) == 1:
        warnings.append(_("Rests on one kind of source only (%(kind)s). Look for a second kind.") % {"kind": kinds[0]})
    if len(finding.headline.split()) > HEADLINE_WORDS:
        warnings.append(_("The headline has more than %(count)s words.") % {"count": HEADLINE_WORDS})
    if len(finding.narrative.split()) > NARRATIVE_WORDS:
        warnings.append(_("The text has more than %(count)s words.") % {"count": NARRATIVE_WORDS})
    if any(len(slot.attendees.all()) < FEW_ATTENDEES for slot in finding.conversations.all()):
        warnings.append(_("A conversation it rests on had fewer than 3 people: do not let anybody be traced."))
    return warnings


def board_of(findings: Iterable[Finding]) -> list[tuple[FindingState, list[Finding]]]:
    rows = list(findings)
    return [(state, [row for row in rows if row.state == state]) for state in FindingState]


# --- blockers ---------------------------------------------------------------------------------------
def undecided_findings(challenge: Challenge) -> list[Blocker]:
    """The sentence stands on the challenge's own page, so it names themes and never what a finding says."""
    waiting = challenge.findings.exclude(state__in=DECIDED).order_by("theme__place", "theme_id")
    themes = list(waiting.values_list("theme__title", flat=True))
    url = reverse("findings:board", args=[challenge.ref])
    who = frozenset(LEAD_PEER | MANAGER)
    if themes:
        sentence = ngettext(
            "%(count)s finding is neither agreed nor dropped (under %(themes)s). The lead peer or manager decides.",
            "%(count)s findings are neither agreed nor dropped (under %(themes)s). The lead peer or manager decides.",
            len(themes),
        )
        named = "; ".join(f"“{title}”" for title in dict.fromkeys(themes))
        return [Blocker(sentence % {"count": len(themes), "themes": named}, who, url)]
    if not challenge.findings.filter(state=FindingState.AGREED).exists():
        return [Blocker(_("No finding is agreed yet. The team drafts them and the lead peer agrees them."), who, url)]
    return []


def missing_feedback(challenge: Challenge) -> list[Blocker]:
    if Feedback.objects.filter(challenge=challenge).exists():
        return []
    sentence = _("The feedback presentation is not recorded. The lead peer or challenge manager can record it.")
    return [Blocker(sentence, frozenset(LEAD_PEER | LGA), reverse("findings:feedback", args=[challenge.ref]))]


def tasks_for(user: User, challenges: Iterable[Challenge]) -> list[Task]:
    """Deciding findings in moderation, recording the feedback: two queries for any number of challenges."""
    deciders = {SeatName.LEAD_PEER, SeatName.CHALLENGE_MANAGER}
    moderating = [
        row for row in challenges if row.stage == Stage.MODERATION and seats_on(user, row) & (PEERS | MANAGER)
    ]
    feeding = [row for row in challenges if row.stage == Stage.FEEDBACK and seats_on(user, row) & deciders]
    waiting = dict(
        Finding.objects.filter(challenge__in=moderating).exclude(state__in=DECIDED)
        .values_list("challenge").annotate(count=Count("pk"))
    )  # fmt: skip
    recorded = set(Feedback.objects.filter(challenge__in=feeding).values_list("challenge_id", flat=True))
    tasks = [
        _task(row, _to_decide(waiting[row.pk]), "findings:board", waiting[row.pk])
        for row in moderating
        if row.pk in waiting and seats_on(user, row) & deciders
    ]
    return tasks + [
        _task(row, _("Record the feedback presentation at %(council)s"), "findings:feedback")
        for row in feeding
        if row.pk not in recorded
    ]


def _to_decide(count: int) -> str:
    return ngettext(
        "Agree or drop %(count)s finding for %(council)s", "Agree or drop %(count)s findings for %(council)s", count
    )


def _task(challenge: Challenge, words: str, url_name: str, count: int = 0) -> Task:
    due = next((row.due_on for row in challenge.key_dates.all() if row.stage == challenge.stage), None)
    url = reverse(url_name, args=[challenge.ref])
    return Task(words % {"council": challenge.council.name, "count": count}, challenge, url, due, "finding")
