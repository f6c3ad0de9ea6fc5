"""What comes of the visit: the moderated scores, the findings, the feedback, the action plan."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from django.db.models import Model
from django.utils import timezone

from peers.actionplans.models import Action, ActionPlan, CheckIn, ProgressNote, Response
from peers.evidence.models import EvidenceItem
from peers.findings.models import Feedback, Finding, FindingState
from peers.onsite.models import Conversation
from peers.scoring.models import AgreedScore
from peers.stages import Stage

from .frames import Frame, Questionnaire
from .words import HEADLINES, text

FINDINGS = 24


def write(model: type[Model], frames: list[Frame], rows_of: Callable[[Frame], list]) -> list:
    return model._default_manager.bulk_create([row for frame in frames for row in rows_of(frame)])


class Outcome:
    """Writes what follows the visit for a chunk of challenges, each as far as it has come."""

    def __init__(
        self,
        rng: Random,
        asked: Questionnaire,
        now: datetime,
        items_of: dict[int, list[EvidenceItem]],
        slots_of: dict[int, list[Conversation]],
    ) -> None:
        self.rng, self.asked, self.now = rng, asked, now
        self.items_of, self.slots_of = items_of, slots_of
        self.today = timezone.localdate(now)

    def chunk(self, frames: list[Frame]) -> None:
        self.moderation([frame for frame in frames if frame.has(Stage.MODERATION)])
        self.plan([frame for frame in frames if frame.has(Stage.ACTION_PLANNING)])

    # --- moderation --------------------------------------------------------------------------------------
    def moderation(self, frames: list[Frame]) -> None:
        write(AgreedScore, frames, self.agreed)
        findings = write(Finding, frames, self.findings)
        self.findings_of: dict[int, list[Finding]] = {}
        for row in findings:
            self.findings_of.setdefault(row.challenge_id, []).append(row)
        questions, papers, slots = Finding.questions.through, Finding.evidence.through, Finding.conversations.through
        questions.objects.bulk_create(
            [
                questions(finding_id=f.pk, question_id=q.pk)
                for f in findings
                for q in self.rng.sample(self.asked.questions, 2)
            ]
        )
        papers.objects.bulk_create(
            [
                papers(finding_id=f.pk, evidenceitem_id=i.pk)
                for f in findings
                for i in self.rng.sample(self.items_of[f.challenge_id], 2)
            ]
        )
        slots.objects.bulk_create(
            [
                slots(finding_id=f.pk, conversation_id=c.pk)
                for f in findings
                for c in self.rng.sample(self.slots_of[f.challenge_id], 2)
            ]
        )
        write(Feedback, [frame for frame in frames if frame.has(Stage.DRAFTING)], self.feedback)

    def agreed(self, frame: Frame) -> list[AgreedScore]:
        whole = frame.has(Stage.FEEDBACK)
        return [
            AgreedScore(
                challenge=frame.challenge,
                question=question,
                level=self.rng.randint(0, 4),
                reason=text(self.rng, 2),
                agreed_by=frame.peers[0],
            )
            for n, question in enumerate(self.asked.questions)
            if whole or n % 2
        ]

    def findings(self, frame: Frame) -> list[Finding]:
        """A third are recommendations, numbered once agreed; one in twelve is dropped."""
        whole = frame.has(Stage.FEEDBACK)
        kinds = ("recommendation", "strength", "consideration")
        rows, number = [], 0
        for n in range(FINDINGS):
            kind = kinds[n % 3]
            state = (
                FindingState.DROPPED if n % 12 == 11 else FindingState.AGREED if whole or n % 4 else FindingState.WORDED
            )
            agreed = kind == "recommendation" and state == FindingState.AGREED
            number += agreed
            rows.append(
                Finding(
                    challenge=frame.challenge,
                    theme=self.asked.themes[n % len(self.asked.themes)],
                    kind=kind,
                    headline=self.rng.choice(HEADLINES),
                    narrative=text(self.rng, 6),
                    confidence="medium",
                    owner_suggestion="Chief executive" if kind == "recommendation" else "",
                    urgency="soon" if kind == "recommendation" else "",
                    state=state,
                    drop_reason="Said in another finding." if state == FindingState.DROPPED else "",
                    number=number if agreed else None,
                    author=frame.peers[n % len(frame.peers)],
                )
            )
        return rows

    def feedback(self, frame: Frame) -> list[Feedback]:
        held = frame.challenge.visit_last_day or self.today
        return [Feedback(challenge=frame.challenge, held_on=held, attendee_roles="Chief executive, directors")]

    # --- the action plan -------------------------------------------------------------------------------------
    def plan(self, frames: list[Frame]) -> None:
        plans = {row.challenge_id: row for row in write(ActionPlan, frames, self.plans)}
        responses = write(Response, frames, lambda frame: self.responses(frame, plans[frame.challenge.pk]))
        following = {frame.challenge.pk for frame in frames if frame.has(Stage.FOLLOW_UP)}
        actions = Action.objects.bulk_create([row for answer in responses for row in self.actions(answer, following)])
        ProgressNote.objects.bulk_create(
            [
                ProgressNote(action=row, status=row.status, text=text(self.rng, 1), at=self.now)
                for row in actions
                if row.status != Action.Status.NOT_STARTED
            ]
        )
        write(CheckIn, [frame for frame in frames if frame.has(Stage.CLOSED)], self.check_ins)

    def plans(self, frame: Frame) -> list[ActionPlan]:
        approved = frame.has(Stage.FOLLOW_UP)
        who = {"approved_at": self.now, "approved_by": frame.sponsor} if approved else {}
        return [ActionPlan(challenge=frame.challenge, **who)]

    def responses(self, frame: Frame, plan: ActionPlan) -> list[Response]:
        numbered = [row for row in self.findings_of[frame.challenge.pk] if row.number]
        return [
            Response(
                plan=plan,
                finding=row,
                number=row.number or 0,
                recommendation=row.headline,
                narrative=row.narrative,
                answer="accept",
                answered_by=frame.lead,
                answered_at=self.now,
            )
            for row in numbered
        ]

    def actions(self, response: Response, following: set[int]) -> list[Action]:
        begun = response.plan.challenge_id in following
        states = (Action.Status.ON_TRACK, Action.Status.COMPLETE, Action.Status.AT_RISK)
        return [
            Action(
                response=response,
                title=f"{self.rng.choice(HEADLINES)}: step {n + 1}",
                lead_officer="Head of digital",
                due_on=self.day(n),
                success_measure="Seen in the next exercise.",
                status=self.rng.choice(states) if begun else Action.Status.NOT_STARTED,
            )
            for n in range(3)
        ]

    def day(self, number: int) -> date:
        return self.today + timedelta(days=self.rng.randint(-40, 120) + 30 * number)

    def check_ins(self, frame: Frame) -> list[CheckIn]:
        last = frame.challenge.visit_last_day or self.today
        return [
            CheckIn(
                challenge=frame.challenge,
                kind=kind,
                held_on=last + timedelta(days=days),
                attendee_roles="Chief executive",
                summary=text(self.rng, 4),
                recorded_by=frame.manager,
            )
            for kind, days in ((CheckIn.Kind.SIX_MONTHS, 182), (CheckIn.Kind.REVIEW, 330))
        ]
