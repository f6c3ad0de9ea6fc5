"""Challenges with what frames them: stage, dates, seats, team, agreements."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from random import Random

from django.db.models import Model
from django.utils import timezone

from cyber360.accounts.models import User
from peers.access import SeatName
from peers.agreements.models import TO_RETURN, Agreement, AgreementState, DocumentTemplate, TemplateState, text_hash
from peers.challenges.calendar.deadlines import Line, due_days
from peers.challenges.models import Challenge, DeadlineProfile, KeyDate, Seat, StageChange
from peers.frameworks.models import EvidencePrompt, FrameworkVersion, Question, Theme
from peers.planning.models import Placement, TeamAgreement
from peers.pool.models import PeerProfile
from peers.stages import Stage

from .cast import Cast
from .words import text

PREFIX = "GEN"
TEAM = 4  # a lead peer and three peers: the 4 private scores a question
# Days from today to the visit's last day, so that the present stage is due within days of today.
VISIT_IN = {
    Stage.INTEREST: 160, Stage.SCOPING: 125, Stage.SETUP: 75, Stage.PREPARATION: 24, Stage.DESK_REVIEW: 5,
    Stage.ON_SITE: 1, Stage.MODERATION: 0, Stage.FEEDBACK: -1, Stage.DRAFTING: -18, Stage.FACTUAL_CHECK: -33,
    Stage.ISSUED: -41, Stage.ACTION_PLANNING: -86, Stage.FOLLOW_UP: -260, Stage.CLOSED: -500, Stage.WITHDRAWN: -200,
}  # fmt: skip
# Nearly half are closed; each other stage holds an equal share, far more live ones than a real programme would.
CYCLE = (Stage.FOLLOW_UP, Stage.CLOSED, Stage.CLOSED, *(stage for stage in Stage if stage != Stage.FOLLOW_UP))
REGISTERED_BEFORE = 200  # days before the visit
LENGTH = 3  # days of a visit


@dataclass
class Questionnaire:
    """What every challenge of the run answers."""

    version: FrameworkVersion
    themes: list[Theme]
    questions: list[Question]
    prompts: list[EvidencePrompt]

    @classmethod
    def of(cls, version: FrameworkVersion) -> "Questionnaire":
        questions = list(version.questions.select_related("theme").order_by("theme__place", "place", "pk"))
        prompts = list(EvidencePrompt.objects.filter(question__in=questions).order_by("question_id", "place"))
        return cls(version, list(version.themes.all()), questions, prompts)


@dataclass
class Frame:
    """One challenge in the making, with its people. `reached` is the furthest stage whose content it holds."""

    challenge: Challenge
    reached: Stage
    host: list[User]
    manager: User
    team: list[PeerProfile]
    ended: date | None = None
    seats: list[tuple[User, SeatName]] = field(default_factory=list)

    @property
    def sponsor(self) -> User:
        return self.host[0]

    @property
    def lead(self) -> User:
        return self.host[1]

    @property
    def contributors(self) -> list[User]:
        return self.host[2:]

    @property
    def peers(self) -> list[User]:
        return [profile.user for profile in self.team]

    def has(self, stage: Stage) -> bool:
        return self.reached.place >= stage.place


def at(day: date, hour: int = 10) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


class Framer:
    """Makes the frames of a run. Rows of one chunk are written together."""

    def __init__(self, rng: Random, cast: Cast, asked: Questionnaire, *, total: int, years: int, today: date) -> None:
        self.rng, self.cast, self.asked, self.today = rng, cast, asked, today
        self.total, self.years = total, years
        self.profile = DeadlineProfile.objects.filter(is_default=True).first()
        lines = self.profile.lines.all() if self.profile else []
        self.lines = [Line(row.stage, row.anchor, row.days, row.working_days) for row in lines]
        kinds = DocumentTemplate.objects.filter(kind__in=TO_RETURN, state=TemplateState.CURRENT)
        self.documents = list(kinds)

    def chunk(self, numbers: range) -> list[Frame]:
        frames = [self.frame(number) for number in numbers]
        Challenge.objects.bulk_create([frame.challenge for frame in frames])
        through = Challenge.themes.through
        through.objects.bulk_create(
            [
                through(challenge_id=frame.challenge.pk, theme_id=theme.pk)
                for frame in frames
                for theme in self.asked.themes
                if frame.has(Stage.SETUP)
            ]
        )
        tables: tuple[tuple[type[Model], Callable[[Frame], Sequence[Model]]], ...] = (
            (KeyDate, self.key_dates), (Seat, self.seats), (StageChange, self.changes), (Placement, self.placements),
            (TeamAgreement, self.team_agreements), (Agreement, self.agreements),
        )  # fmt: skip
        for model, rows_of in tables:
            model._default_manager.bulk_create([row for frame in frames for row in rows_of(frame)])
        return frames

    def frame(self, number: int) -> Frame:
        stage = CYCLE[number % len(CYCLE)]
        visit = self.visit_of(number, stage)
        registered = visit - timedelta(days=REGISTERED_BEFORE)
        registered = min(registered, self.today - timedelta(days=3))
        reached = Stage.SETUP if stage == Stage.WITHDRAWN else stage
        scoped = reached.place >= Stage.SETUP.place
        challenge = Challenge(
            programme=self.cast.programme,
            ref=f"{PREFIX}-{registered.year}-{number + 1:03d}",
            council=self.cast.councils[number % len(self.cast.councils)],
            stage=stage,
            stage_since=at(min(self.today, visit)),
            registered_on=registered,
            interest_note=text(self.rng, 2),
            focus=text(self.rng, 2) if scoped else "",
            framework_version=self.asked.version if scoped else None,
            window_first=visit - timedelta(days=20) if scoped else None,
            window_last=visit + timedelta(days=20) if scoped else None,
            visit_first_day=visit - timedelta(days=LENGTH - 1) if reached.place >= Stage.PREPARATION.place else None,
            visit_last_day=visit if reached.place >= Stage.PREPARATION.place else None,
            visit_place="Council offices" if reached.place >= Stage.PREPARATION.place else "",
            deadline_profile=self.profile,
            pack_locked_at=at(visit - timedelta(days=21)) if reached.place >= Stage.DESK_REVIEW.place else None,
            withdrawn_reason="The council is being merged." if stage == Stage.WITHDRAWN else "",
        )
        if number % 37 == 36 and stage not in {Stage.CLOSED, Stage.WITHDRAWN}:
            challenge.on_hold_since, challenge.hold_reason = self.today - timedelta(days=9), "An election is called."
        ended = visit + timedelta(days=395) if stage == Stage.CLOSED else None
        manager = self.cast.managers[number % len(self.cast.managers)]
        return Frame(challenge, reached, self.cast.hosts[number], manager, self.team_of(number, challenge), ended)

    def visit_of(self, number: int, stage: Stage) -> date:
        """Closed ones lie back evenly over the years; live ones around the day on which their stage is due."""
        offset = VISIT_IN[stage] + self.rng.randint(-8, 8)
        if stage == Stage.CLOSED:
            offset -= int(number / self.total * max(0, self.years * 365 - 700))
        return self.today + timedelta(days=offset)

    def team_of(self, number: int, challenge: Challenge) -> list[PeerProfile]:
        """Peers of other councils, each as seldom as the pool allows."""
        pool, start = self.cast.peers, number * TEAM
        team: list[PeerProfile] = []
        while len(team) < TEAM:
            profile = pool[start % len(pool)]
            if profile.council_id != challenge.council_id and profile not in team:
                team.append(profile)
            start += 1
        return team

    def key_dates(self, frame: Frame) -> list[KeyDate]:
        challenge = frame.challenge
        days = {
            "registered": challenge.registered_on,
            "visit_first": challenge.visit_first_day or challenge.window_first,
            "visit_last": challenge.visit_last_day or challenge.window_last,
        }
        found = due_days(self.lines, days, challenge.council.nation)
        return [KeyDate(challenge=challenge, stage=stage, due_on=day) for stage, day in found.items()]

    def seats(self, frame: Frame) -> list[Seat]:
        frame.seats = [(frame.sponsor, SeatName.HOST_SPONSOR), (frame.lead, SeatName.HOST_LEAD)]
        if frame.has(Stage.SCOPING):
            frame.seats.append((frame.manager, SeatName.CHALLENGE_MANAGER))
        if frame.has(Stage.PREPARATION):
            frame.seats += [(person, SeatName.CONTRIBUTOR) for person in frame.contributors]
            roles = [SeatName.LEAD_PEER, *[SeatName.PEER] * (TEAM - 1)]
            frame.seats += list(zip(frame.peers, roles, strict=True))
        return [
            Seat(
                user=user,
                permission=self.cast.permissions[name],
                content_object=frame.challenge,
                starts_on=frame.challenge.registered_on,
                ends_on=frame.ended,
                granted_by=self.cast.coordinator,
            )
            for user, name in frame.seats
        ]

    def changes(self, frame: Frame) -> list[StageChange]:
        """One move for each stage passed, evenly from registration to the present stage."""
        stages = [stage for stage in Stage if stage.place <= frame.reached.place]
        if frame.challenge.stage == Stage.WITHDRAWN:
            stages.append(Stage.WITHDRAWN)
        begin, end = at(frame.challenge.registered_on), frame.challenge.stage_since
        step = (end - begin) / max(1, len(stages) - 1)
        return [
            StageChange(challenge=frame.challenge, from_stage=old, to_stage=new, at=begin + step * n, by=frame.manager)
            for n, (old, new) in enumerate(pairwise(stages), 1)
        ]

    def placements(self, frame: Frame) -> list[Placement]:
        if not frame.has(Stage.SETUP):
            return []
        begin = at(frame.challenge.registered_on + timedelta(days=20))
        accepted = frame.has(Stage.PREPARATION)
        return [
            Placement(
                challenge=frame.challenge,
                profile=profile,
                role="peer" if n else "lead_peer",
                state="accepted" if accepted else "invited",
                proposed_by=self.cast.coordinator,
                proposed_at=begin,
                invited_by=self.cast.coordinator,
                invited_at=begin,
                answer_by=timezone.localdate(begin) + timedelta(days=10),
                answered_at=begin + timedelta(days=3) if accepted else None,
            )
            for n, profile in enumerate(frame.team)
        ]

    def team_agreements(self, frame: Frame) -> list[TeamAgreement]:
        """A generated agreement names no team in its hash: the pages read only that one is in force."""
        if not frame.has(Stage.PREPARATION):
            return []
        when = at(frame.challenge.registered_on + timedelta(days=40))
        return [TeamAgreement(challenge=frame.challenge, agreed_by=frame.lead, at=when, team_hash="0" * 64)]

    def agreements(self, frame: Frame) -> list[Agreement]:
        if not frame.has(Stage.SETUP):
            return []
        returned = frame.has(Stage.PREPARATION)
        when = at(frame.challenge.registered_on + timedelta(days=30))
        signed = {
            "state": AgreementState.RETURNED, "signed_by": frame.sponsor, "signed_name": frame.sponsor.full_name,
            "signed_job_title": "Chief executive", "signed_at": when,
        }  # fmt: skip
        return [
            Agreement(
                challenge=frame.challenge,
                kind=document.kind,
                template=document,
                title=document.title,
                body=document.body,
                body_sha256=text_hash(document.body),
                issued_at=when,
                issued_by=frame.manager,
                **(signed if returned else {}),
            )
            for document in self.documents
        ]
