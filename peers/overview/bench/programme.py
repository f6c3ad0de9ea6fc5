"""Making a programme of a given size: who, how many, in which order the rows are written."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from cyber360.audit.models import AuditEvent
from peers.answers.models import Answer
from peers.challenges.models import Challenge, Programme
from peers.councils.models import Council
from peers.evidence.models import EvidenceItem
from peers.frameworks.models import FrameworkVersion, State
from peers.pool.models import PeerProfile
from peers.scoring.models import Score

from .cast import make_cast
from .content import Writer
from .frames import PREFIX, TEAM, Framer, Questionnaire
from .trail import EVENTS, Clerk

CHUNK = 10  # challenges in one transaction
YEARLY = 40  # challenges
COUNCILS, POOL, FULL = 350, 2200, 400  # the ten-year size, to which other sizes are in proportion


class CannotMake(Exception):
    """The database is not one to fill; the message says why."""


@dataclass(frozen=True)
class Size:
    challenges: int
    years: int = 10
    events: int = EVENTS

    @property
    def councils(self) -> int:
        return max(10, round(COUNCILS * self.challenges / FULL))

    @property
    def peers(self) -> int:
        return max(3 * TEAM, round(POOL * self.challenges / FULL))


def refuse(force: bool) -> None:
    """Raises CannotMake when there is anything that a person may have made, or a generated programme already."""
    if Challenge.objects.filter(ref__startswith=f"{PREFIX}-").exists():
        raise CannotMake("A generated programme is here already.")
    if not force and Challenge.objects.exists():
        raise CannotMake("This database holds challenges that were not generated. Use --force to add to them.")


def questionnaire() -> Questionnaire:
    """The published version with the most questions."""
    versions = FrameworkVersion.objects.filter(state=State.PUBLISHED).annotate(size=Count("questions"))
    version = versions.order_by("-size", "pk").first()
    if version is None:
        raise CannotMake("There is no published questionnaire. Run `manage.py import_framework FILE --publish` first.")
    return Questionnaire.of(version)


def make(size: Size, *, seed: int = 1, force: bool = False, say: Callable[[str], None] = lambda line: None) -> dict:
    """Fill the database. Returns counts by name and `seconds`. Raises CannotMake."""
    begun = time.monotonic()
    refuse(force)
    asked, rng, now = questionnaire(), Random(seed), timezone.now()  # noqa: S311 - invented data, not a secret
    today = timezone.localdate(now)
    programme = Programme.objects.order_by("pk").first() or Programme.objects.create(title="Cyber 360")
    with transaction.atomic():
        cast = make_cast(
            rng, programme, challenges=size.challenges, councils=size.councils, peers=size.peers, today=today
        )
    framer = Framer(rng, cast, asked, total=size.challenges, years=size.years, today=today)
    writer, clerk = Writer(rng, asked, now), Clerk(rng, size.events)
    for start in range(0, size.challenges, CHUNK):
        with transaction.atomic():
            frames = framer.chunk(range(start, min(start + CHUNK, size.challenges)))
            writer.chunk(frames)
            clerk.chunk(frames)
        say(f"{start + len(frames)} of {size.challenges} challenges, {time.monotonic() - begun:.0f} s")
    settle()
    return counts() | {"seconds": round(time.monotonic() - begun, 1)}


def settle() -> None:
    """Let the database look at what it now holds, as PostgreSQL's autovacuum does by itself."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def counts() -> dict[str, int]:
    models = (Council, PeerProfile, Challenge, Answer, EvidenceItem, Score, AuditEvent)
    return {str(model._meta.verbose_name_plural): model._default_manager.count() for model in models}
