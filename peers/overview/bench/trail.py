"""The audit trail of generated challenges: whole chains, with the same hashes that `record()` would have made."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from django.db import connection

from cyber360.audit.models import AuditChain, AuditEvent
from cyber360.audit.services import event_hash
from peers.access import ACCESS, SeatName
from peers.acts import Act
from peers.stages import Stage

from .frames import Frame, at

EVENTS = 3000
COLUMNS = [field for field in AuditEvent._meta.concrete_fields if not field.primary_key]
# What people do all day; each only once the challenge has reached a stage in which it may be done.
EVERYDAY = (
    Act.CHALLENGE_DATES, Act.SEAT_GRANT, Act.TEAM_INVITE, Act.AGREEMENT_ISSUE, Act.ANSWER_EDIT, Act.ANSWER_EDIT,
    Act.ANSWER_EDIT, Act.QUESTION_HAND_OVER, Act.EVIDENCE_UPLOAD, Act.EVIDENCE_DOWNLOAD, Act.EVIDENCE_DOWNLOAD,
    Act.NOTE_WRITE, Act.SCORE_OWN, Act.SCORE_OWN, Act.SCORE_AGREE, Act.FINDING_WRITE, Act.FINDING_DECIDE,
    Act.REPORT_EDIT, Act.RESPONSE_EDIT, Act.ACTION_EDIT, Act.ACTION_PROGRESS,
)  # fmt: skip


def open_acts(reached: Stage) -> list[Act]:
    """The everyday acts that some stage up to `reached` allows."""
    passed = [stage for stage in Stage if stage.place <= reached.place]
    return [act for act in EVERYDAY if any(stage in row.stages for row in ACCESS[act] for stage in passed)]


def may_do(act: Act) -> frozenset[SeatName]:
    return frozenset().union(*(row.seats for row in ACCESS[act]))


class Clerk:
    """Writes the trail of a chunk with one statement run over plain tuples: 3,000 model saves would take seconds."""

    def __init__(self, rng: Random, events: int = EVENTS) -> None:
        self.rng, self.events = rng, events
        names = ", ".join(connection.ops.quote_name(str(field.column)) for field in COLUMNS)
        marks = ", ".join(["%s"] * len(COLUMNS))
        self.statement = (
            f"INSERT INTO {connection.ops.quote_name(AuditEvent._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608
        )
        self.doers = {act: may_do(act) for act in EVERYDAY}

    def chunk(self, frames: list[Frame]) -> int:
        chains = []
        for frame in frames:
            events = list(self.chain(frame))
            with connection.cursor() as cursor:
                cursor.executemany(self.statement, [self.row(event) for event in events])
            chains.append(AuditChain(scope=frame.challenge.scope, length=len(events), last_hash=events[-1].hash))
        AuditChain.objects.bulk_create(chains)
        return sum(chain.length for chain in chains)

    @staticmethod
    def row(event: AuditEvent) -> tuple:
        return tuple(field.get_db_prep_save(getattr(event, field.attname), connection) for field in COLUMNS)

    def chain(self, frame: Frame) -> Iterator[AuditEvent]:
        """Registration, then everyday acts by people whose seat may do them, evenly up to the present stage."""
        begin, end = at(frame.challenge.registered_on), frame.challenge.stage_since
        step = (end - begin) / self.events
        acts = open_acts(frame.reached)
        people = [(user.pk, user.full_name, seat) for user, seat in frame.seats]
        doers = {act: [who for who in people if who[2] in self.doers[act]] for act in acts}
        label, previous = str(frame.challenge), ""
        for number in range(1, self.events + 1):
            act = self.rng.choice(acts) if number > 1 else Act.CHALLENGE_REGISTER
            pk, name, seat = self.rng.choice(doers.get(act) or people)
            event = AuditEvent(
                scope=frame.challenge.scope,
                number=number,
                at=begin + step * number + timedelta(microseconds=number),
                act=act.value,
                actor_id=pk,
                actor_name=name,
                seat=seat.value,
                object_type="challenge",
                object_id=str(frame.challenge.pk),
                object_label=label,
                detail={"version": number},
                previous_hash=previous,
            )
            event.hash = previous = event_hash(event)
            yield event
