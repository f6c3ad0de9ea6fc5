"""After the visit: the report, the factual check, the action plan, the follow-up."""

from datetime import timedelta

from django.utils import timezone

from peers.actionplans.models import Action, CheckIn, Response
from peers.actionplans.services import add_action, record_check_in, report_progress, respond
from peers.stages import Stage

from .tale import Tale
from .texts import text

LATE_ENOUGH = 60  # days: what was due so long ago has had its second note


def plan_actions(tale: Tale) -> None:
    """In part: about half of the recommendations have a response and actions."""
    rows = list(Response.objects.filter(plan__challenge=tale.challenge).select_related("plan__challenge", "finding"))
    for response in rows if tale.whole(Stage.ACTION_PLANNING) else rows[: (len(rows) + 1) // 2]:
        entry = _entry(tale, response)
        respond(
            response=response, by=tale.lead, version=response.version, answer=entry.get("answer", "accept"),
            reason=tale.say(entry.get("reason", "")),
        )  # fmt: skip
        for action in entry["actions"]:
            _add(tale, response, action)


def _entry(tale: Tale, response: Response) -> dict:
    return next(one for one in text("plan")["responses"] if tale.say(one["to"]) == response.recommendation)


def _add(tale: Tale, response: Response, entry: dict) -> None:
    last = tale.calendar.last_day
    add_action(
        response=response, by=tale.lead, title=tale.say(entry["title"]), lead_officer=tale.say(entry["lead"]),
        portfolio_holder=entry.get("portfolio", ""), starts_on=last + timedelta(days=60),
        due_on=last + timedelta(days=entry["due"]), priority=entry["priority"], cost_band=entry.get("cost", ""),
        resources_secured=entry.get("resources", "yes"), budget_approved=entry.get("budget", "yes"),
        success_measure=tale.say(entry["measure"]), dependencies=tale.say(entry.get("needs", "")),
    )  # fmt: skip


# --- follow-up --------------------------------------------------------------------------------------------
def follow_up(tale: Tale) -> None:
    """In part: the 6-month check-in is recorded, the review is still to come, and one or two actions are late."""
    whole = tale.whole(Stage.FOLLOW_UP)
    for action in Action.objects.filter(response__plan__challenge=tale.challenge).select_related(
        "response__plan__challenge"
    ):
        _progress(tale, action, whole)
    _check_in(tale, CheckIn.Kind.SIX_MONTHS, 183)
    if whole:
        _check_in(tale, CheckIn.Kind.REVIEW, 305)


def _progress(tale: Tale, action: Action, whole: bool) -> None:
    entry = next(
        one for group in text("plan")["responses"] for one in group["actions"] if tale.say(one["title"]) == action.title
    )
    long_due = action.due_on < timezone.localdate() - timedelta(days=LATE_ENOUGH)
    for note in entry.get("progress", [])[: None if whole or long_due else 1]:
        report_progress(
            action=action, by=tale.lead, version=action.version, status=note["status"], text=tale.say(note["text"]),
            completion_evidence=tale.say(note.get("shown_by", "")),
        )  # fmt: skip
        action.refresh_from_db()


def _check_in(tale: Tale, kind: str, days: int) -> None:
    words = text("plan")["check_ins"][str(kind)]
    scores = {}
    if kind == CheckIn.Kind.REVIEW:
        agreed = tale.challenge.agreed_scores.filter(level__isnull=False).select_related("question")
        for place, row in enumerate(agreed):
            level = row.level or 0
            better = min(level + (place % 3 != 0), 4)
            scores[row.question] = (better, words["moved"] if better > level else words["same"])
    record_check_in(
        challenge=tale.challenge, by=tale.lead_peer, kind=kind, held_on=tale.calendar.last_day + timedelta(days=days),
        attendee_roles="\n".join(words["roles"]), summary=tale.say(words["summary"]), scores=scores,
    )  # fmt: skip
