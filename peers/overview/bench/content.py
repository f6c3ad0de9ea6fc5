"""What a council and its team write: answers, evidence, the visit, scores, findings, the action plan."""

import hashlib
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from django.db.models import Model, OuterRef, Subquery
from django.utils import timezone

from cyber360.files.models import State as FileState
from cyber360.files.models import StoredFile, Verdict
from peers.actionplans.models import Action, ActionPlan, CheckIn, ProgressNote, Response
from peers.answers.models import Answer, Assignment, PositionStatement, SelfAssessmentSignOff
from peers.evidence.models import EvidenceItem, EvidenceLink, EvidenceRequest, EvidenceVersion
from peers.findings.models import Feedback, Finding, FindingState
from peers.onsite.models import Attendee, Conversation, ConversationPeer, KeyLine, Note, ReadingConfirmation
from peers.scoring.models import AgreedScore, Score, ScoreSubmission
from peers.stages import Stage

from .frames import Frame, Questionnaire, at
from .words import HEADLINES, text

ITEMS = 40
LINKS_AMONG = 8  # every eighth item is a link
CONVERSATIONS = 20
FINDINGS = 24
PDF = "application/pdf"


def write(model: type[Model], frames: list[Frame], rows_of: Callable[[Frame], list]) -> list:
    return model._default_manager.bulk_create([row for frame in frames for row in rows_of(frame)])


class Writer:
    """Writes the content of a chunk of challenges, each as far as it has come."""

    def __init__(self, rng: Random, asked: Questionnaire, now: datetime) -> None:
        self.rng, self.asked, self.now = rng, asked, now
        self.today = timezone.localdate(now)

    def chunk(self, frames: list[Frame]) -> None:
        self.self_assessment([frame for frame in frames if frame.has(Stage.PREPARATION)])
        self.evidence([frame for frame in frames if frame.has(Stage.PREPARATION)])
        self.visit([frame for frame in frames if frame.has(Stage.DESK_REVIEW)])
        self.moderation([frame for frame in frames if frame.has(Stage.MODERATION)])
        self.plan([frame for frame in frames if frame.has(Stage.ACTION_PLANNING)])

    # --- the self-assessment -----------------------------------------------------------------------
    def self_assessment(self, frames: list[Frame]) -> None:
        write(Answer, frames, self.answers)
        write(Assignment, frames, self.assignments)
        write(
            PositionStatement,
            frames,
            lambda frame: [PositionStatement(challenge=frame.challenge, text=text(self.rng, 30))],
        )
        write(SelfAssessmentSignOff, frames, self.sign_off)

    def answers(self, frame: Frame) -> list[Answer]:
        """All of them from desk review on, four in five while they are being written."""
        share = 1.0 if frame.has(Stage.DESK_REVIEW) else 0.8
        rows = []
        for question in self.asked.questions:
            row = Answer(challenge=frame.challenge, question=question)
            if self.rng.random() < share:
                row.level, row.text, row.version = self.rng.randint(0, 4), text(self.rng, 7), 3
                row.updated_by, row.updated_at = self.rng.choice(frame.host[1:]), self.now
            rows.append(row)
        return rows

    def assignments(self, frame: Frame) -> list[Assignment]:
        done = frame.has(Stage.DESK_REVIEW)
        return [
            Assignment(
                challenge=frame.challenge,
                question=question,
                person=frame.contributors[n % len(frame.contributors)],
                due_on=self.today + timedelta(days=7),
                state="done" if done else "open",
                done_at=self.now if done else None,
                handed_by=frame.lead,
            )
            for n, question in enumerate(self.asked.questions[::5])
        ]

    def sign_off(self, frame: Frame) -> list[SelfAssessmentSignOff]:
        """Its hash is of the size of the real one; nothing generated asks what it was made of."""
        if not frame.has(Stage.DESK_REVIEW):
            return []
        who = {"by": frame.sponsor, "name": frame.sponsor.full_name, "job_title": "Chief executive"}
        words = {"declaration": "The answers are the council's own.", "answers_hash": "0" * 64}
        return [SelfAssessmentSignOff(challenge=frame.challenge, at=self.now, **who, **words)]

    # --- evidence --------------------------------------------------------------------------------------
    def evidence(self, frames: list[Frame]) -> None:
        requests = write(EvidenceRequest, frames, self.requests)
        asked: dict[int, list[EvidenceRequest]] = {}
        for row in requests:
            asked.setdefault(row.challenge_id, []).append(row)
        items = write(EvidenceItem, frames, lambda frame: self.items(frame, asked.get(frame.challenge.pk, [])))
        files = [row for row in items if row.kind == "file"]
        stored = StoredFile.objects.bulk_create([self.stored(row) for row in files])
        EvidenceVersion.objects.bulk_create(
            [
                EvidenceVersion(item=item, number=1, stored_file=file, uploaded_by_id=item.added_by_id)
                for item, file in zip(files, stored, strict=True)
            ]
        )
        first = EvidenceVersion.objects.filter(item=OuterRef("pk")).values("pk")[:1]
        EvidenceItem.objects.filter(challenge__in=[frame.challenge for frame in frames], kind="file").update(
            current=Subquery(first)
        )
        EvidenceLink.objects.bulk_create(
            [EvidenceLink(item=row, question=q) for row in items for q in self.rng.sample(self.asked.questions, 2)]
        )
        self.items_of: dict[int, list[EvidenceItem]] = {}
        for item in items:
            self.items_of.setdefault(item.challenge_id, []).append(item)

    def requests(self, frame: Frame) -> list[EvidenceRequest]:
        """One for each prompt, as the move to preparation makes them; a third still open while preparing."""
        settled = frame.has(Stage.DESK_REVIEW)
        return [
            EvidenceRequest(
                challenge=frame.challenge,
                question_id=prompt.question_id,
                prompt=prompt.prompt,
                good=prompt.good,
                kind=prompt.kind,
                owner=frame.host[1 + n % 4],
                due_on=self.today + timedelta(days=n % 20 - 3),
                state="open" if n % 3 == 0 and not settled else "met",
            )
            for n, prompt in enumerate(self.asked.prompts)
        ]

    def items(self, frame: Frame, requests: list[EvidenceRequest]) -> list[EvidenceItem]:
        rows = []
        for n in range(ITEMS):
            link = n % LINKS_AMONG == 0
            request = requests[n % len(requests)] if requests else None
            rows.append(
                EvidenceItem(
                    challenge=frame.challenge,
                    request=request,
                    title=f"Paper {n + 1}: {self.rng.choice(HEADLINES).lower()}",
                    shows=text(self.rng, 1),
                    kind="link" if link else "file",
                    url=f"https://intranet.example.org/papers/{n + 1}" if link else "",
                    where="Intranet" if link else "",
                    who_can_open="Officers" if link else "",
                    added_by=frame.host[1 + n % 4],
                    added_at=self.now - timedelta(days=n),
                )
            )
        return rows

    def stored(self, item: EvidenceItem) -> StoredFile:
        """The row of a file without bytes in the vault: lists and pages read rows only, a download would say "gone"."""
        return StoredFile(
            id=uuid.UUID(int=self.rng.getrandbits(128), version=4),
            scope=f"challenge:{item.challenge_id}",
            name=f"{item.title[:60]}.pdf",
            media_type=PDF,
            extension="pdf",
            size=self.rng.randint(20_000, 4_000_000),
            sha256=hashlib.sha256(item.title.encode()).hexdigest(),
            state=FileState.STORED,
            verdict=Verdict.CLEAN,
            scanned_at=self.now,
            uploaded_by_id=item.added_by_id,
        )

    # --- the visit -----------------------------------------------------------------------------------------
    def visit(self, frames: list[Frame]) -> None:
        write(ReadingConfirmation, frames, self.readings)
        write(KeyLine, frames, self.key_lines)
        slots = write(Conversation, frames, self.conversations)
        self.slots_of: dict[int, list[Conversation]] = {}
        for slot in slots:
            self.slots_of.setdefault(slot.challenge_id, []).append(slot)
        write(Attendee, frames, self.attendees)
        write(ConversationPeer, frames, self.speakers)
        write(Note, frames, self.notes)
        scores = write(Score, frames, self.scores)
        through = Score.evidence.through
        pairs = [(row, self.items_of[row.challenge_id]) for row in scores if row.pk % 2]
        through.objects.bulk_create(
            [through(score_id=row.pk, evidenceitem_id=self.rng.choice(items).pk) for row, items in pairs]
        )
        moderated = [frame for frame in frames if frame.has(Stage.MODERATION)]
        write(
            ScoreSubmission,
            moderated,
            lambda frame: [ScoreSubmission(challenge=frame.challenge, owner=peer) for peer in frame.peers],
        )

    def readings(self, frame: Frame) -> list[ReadingConfirmation]:
        peers = frame.peers if frame.has(Stage.ON_SITE) else frame.peers[:1]
        return [ReadingConfirmation(challenge=frame.challenge, owner=peer, at=self.now) for peer in peers]

    def key_lines(self, frame: Frame) -> list[KeyLine]:
        return [
            KeyLine(challenge=frame.challenge, theme=theme, text=self.rng.choice(HEADLINES), raised_by=frame.peers[0])
            for theme in self.asked.themes
        ]

    def conversations(self, frame: Frame) -> list[Conversation]:
        first = frame.challenge.visit_first_day or self.today
        held = frame.has(Stage.MODERATION)
        return [
            Conversation(
                challenge=frame.challenge,
                title=f"Conversation {n + 1}",
                starts_at=at(first + timedelta(days=n // 8), 9 + n % 8),
                place="Room 2",
                state="held" if held else "confirmed",
            )
            for n in range(CONVERSATIONS)
        ]

    def attendees(self, frame: Frame) -> list[Attendee]:
        roles = ("Chief executive", "Head of digital", "Service manager", "Elected member")
        slots = self.slots_of[frame.challenge.pk]
        return [Attendee(conversation=slot, role=role) for slot in slots for role in self.rng.sample(roles, 3)]

    def speakers(self, frame: Frame) -> list[ConversationPeer]:
        slots = self.slots_of[frame.challenge.pk]
        return [
            ConversationPeer(conversation=slot, user=peer, part=part)
            for slot in slots
            for peer, part in zip(self.rng.sample(frame.peers, 2), ("asks", "notes"), strict=True)
        ]

    def notes(self, frame: Frame) -> list[Note]:
        if not frame.has(Stage.ON_SITE):
            return []
        slots = self.slots_of[frame.challenge.pk]
        return [
            Note(
                challenge=frame.challenge, conversation=slot, owner=self.rng.choice(frame.peers), text=text(self.rng, 8)
            )
            for slot in slots
        ]

    def scores(self, frame: Frame) -> list[Score]:
        return [
            Score(
                challenge=frame.challenge,
                question=question,
                owner=peer,
                level=self.rng.randint(0, 4),
                confidence=self.rng.choice(("low", "medium", "high")),
                comment=text(self.rng, 2),
            )
            for question in self.asked.questions
            for peer in frame.peers
        ]

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
