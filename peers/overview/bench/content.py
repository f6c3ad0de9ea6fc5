"""What a council and its team write: answers, evidence, the visit, scores, findings, the action plan."""

import hashlib
import uuid
from datetime import datetime, timedelta
from random import Random

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from cyber360.files.models import State as FileState
from cyber360.files.models import StoredFile, Verdict
from peers.answers.models import Answer, Assignment, PositionStatement, SelfAssessmentSignOff
from peers.evidence.models import EvidenceItem, EvidenceLink, EvidenceRequest, EvidenceVersion
from peers.onsite.models import Attendee, Conversation, ConversationPeer, KeyLine, Note, ReadingConfirmation
from peers.scoring.models import Score, ScoreSubmission
from peers.stages import Stage

from .frames import Frame, Questionnaire, at
from .outcome import Outcome, write
from .words import HEADLINES, text

ITEMS = 40
LINKS_AMONG = 8  # every eighth item is a link
CONVERSATIONS = 20
PDF = "application/pdf"


class Writer:
    """Writes the content of a chunk of challenges, each as far as it has come."""

    def __init__(self, rng: Random, asked: Questionnaire, now: datetime) -> None:
        self.rng, self.asked, self.now = rng, asked, now
        self.today = timezone.localdate(now)

    def chunk(self, frames: list[Frame]) -> None:
        self.self_assessment([frame for frame in frames if frame.has(Stage.PREPARATION)])
        self.evidence([frame for frame in frames if frame.has(Stage.PREPARATION)])
        self.visit([frame for frame in frames if frame.has(Stage.DESK_REVIEW)])
        Outcome(self.rng, self.asked, self.now, self.items_of, self.slots_of).chunk(frames)

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
