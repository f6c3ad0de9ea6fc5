"""The one place where the demo's past is made: rows written a moment ago get the day on which they would have come.

The services have no clock of their own to set, so `put_back` moves the rows' own times into the stage to which they
belong. The audit trail is left alone: its chain is the proof of what was really done, and every event of the demo
was really written when the demo was loaded. A demo challenge's timeline therefore shows the day of loading, while
the history of its stages (`StageChange`, which `advance` writes with the time it is given) shows the told days.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from peers.actionplans.models import ActionPlan, CheckIn, ProgressNote, Response
from peers.agreements.models import Agreement
from peers.answers.models import Answer, AnswerComment, Assignment, PositionStatement, SelfAssessmentSignOff
from peers.evidence.models import EvidenceItem, EvidenceVersion, Judgement, PackExport, ReadingReceipt, Release, Reuse
from peers.findings.models import Finding, FindingVersion
from peers.onsite.models import KeyLine, Note, ReadingConfirmation, TimetableConfirmation
from peers.planning.models import Placement, TeamAgreement
from peers.reports.models import DraftPdf, FactComment, ReportSection, SectionVersion, SignOff
from peers.scoring.models import AgreedScore, Score, ScoreSubmission
from peers.stages import Stage as S

from .tale import Tale

# model, way to the challenge, the stage in which the row was written, its times in order
TIMES: tuple[tuple[type[models.Model], str, S, tuple[str, ...]], ...] = (
    (Placement, "challenge", S.SETUP, ("proposed_at", "invited_at", "answered_at")),
    (Agreement, "challenge", S.SETUP, ("issued_at", "signed_at")),
    (TeamAgreement, "challenge", S.SETUP, ("at",)),
    (Assignment, "challenge", S.PREPARATION, ("handed_at", "done_at")),
    (Answer, "challenge", S.PREPARATION, ("updated_at",)),
    (AnswerComment, "answer__challenge", S.PREPARATION, ("at",)),
    (PositionStatement, "challenge", S.PREPARATION, ("updated_at",)),
    (SelfAssessmentSignOff, "challenge", S.PREPARATION, ("at",)),
    (EvidenceItem, "challenge", S.PREPARATION, ("added_at", "withdrawn_at")),
    (EvidenceVersion, "item__challenge", S.PREPARATION, ("uploaded_at",)),
    (Release, "version__item__challenge", S.PREPARATION, ("at",)),
    (Reuse, "challenge", S.PREPARATION, ("asked_at",)),
    (Judgement, "challenge", S.DESK_REVIEW, ("updated_at",)),
    (ReadingReceipt, "item__challenge", S.DESK_REVIEW, ("first_at", "last_at")),
    (PackExport, "challenge", S.DESK_REVIEW, ("started_at", "finished_at")),
    (ReadingConfirmation, "challenge", S.DESK_REVIEW, ("at",)),
    (TimetableConfirmation, "challenge", S.DESK_REVIEW, ("at",)),
    (KeyLine, "challenge", S.DESK_REVIEW, ("raised_at",)),
    (Note, "challenge", S.ON_SITE, ("created_at", "updated_at")),
    (Score, "challenge", S.ON_SITE, ("updated_at",)),
    (ScoreSubmission, "challenge", S.ON_SITE, ("at",)),
    (AgreedScore, "challenge", S.MODERATION, ("agreed_at",)),
    (Finding, "challenge", S.MODERATION, ("created_at", "updated_at")),
    (FindingVersion, "finding__challenge", S.MODERATION, ("at",)),
    (ReportSection, "report__challenge", S.DRAFTING, ("updated_at",)),
    (SectionVersion, "section__report__challenge", S.DRAFTING, ("at",)),
    (DraftPdf, "report__challenge", S.DRAFTING, ("made_at",)),
    (SignOff, "report__challenge", S.DRAFTING, ("at",)),
    (FactComment, "report__challenge", S.FACTUAL_CHECK, ("raised_at", "answered_at")),
    (ActionPlan, "challenge", S.ACTION_PLANNING, ("opened_at",)),
    (Response, "plan__challenge", S.ACTION_PLANNING, ("answered_at",)),
    (ProgressNote, "action__response__plan__challenge", S.FOLLOW_UP, ("at",)),
    (CheckIn, "challenge", S.FOLLOW_UP, ("recorded_at",)),
)


def put_back(tale: Tale) -> None:
    """Spread the rows of one challenge over the stages to which they belong, keeping their order."""
    for model, way, stage, fields in TIMES:
        rows = list(model._default_manager.filter(**{way: tale.challenge}).order_by("pk"))
        if rows:
            _spread(model, rows, fields, *_period(tale, stage))
    seats = tale.challenge.seats.all()
    for seat in seats.select_related("permission"):
        in_team = seat.permission.codename in {"lead_peer", "peer", "observer"}
        begin = _period(tale, S.SETUP)[0] if in_team else tale.calendar.period(S.INTEREST)[0]
        seats.filter(pk=seat.pk).update(starts_on=begin.date(), granted_at=begin)
    if tale.challenge.on_hold_since:
        tale.challenge.on_hold_since = (tale.calendar.now - timedelta(days=12)).date()
        tale.challenge.save(update_fields=["on_hold_since"])


def _period(tale: Tale, stage: S) -> tuple[datetime, datetime]:
    """The stage's own time; of what was done ahead of its stage (a first score, a draft), the last stage's."""
    reached = [one for one in tale.calendar.entered if one.place <= stage.place]
    return tale.calendar.period(stage if stage in tale.calendar.entered else reached[-1] if reached else S.INTEREST)


def _spread(model: type[models.Model], rows: list, fields: Iterable[str], begin: datetime, end: datetime) -> None:
    names = list(fields)
    step = (end - begin) / (len(rows) + 1) / len(names)
    for place, row in enumerate(rows):
        for number, name in enumerate(names, start=1):
            if getattr(row, name) is not None:
                setattr(row, name, max(begin, min(end, by_day(begin + step * (place * len(names) + number)))))
    model._default_manager.bulk_update(rows, names, batch_size=200)


def by_day(moment: datetime) -> datetime:
    """The same day between eight and six, in the same order: people do not read evidence at three in the morning."""
    local = timezone.localtime(moment)
    minutes = (local.hour * 60 + local.minute) * 10 // 24
    return local.replace(hour=8 + minutes // 60, minute=minutes % 60)
