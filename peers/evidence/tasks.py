"""What the worker does with evidence."""

from uuid import UUID

from django.core.cache import cache

from cyber360.jobs.services import enqueue, handler, sweeper
from peers.challenges.models import Challenge
from peers.evidence import services
from peers.evidence.services import following
from peers.evidence.services.reuse import REUSE_KIND
from peers.evidence.services.unpacking import UNPACK_KIND

_DAY_SECONDS = 24 * 3600


@handler(REUSE_KIND)
def reuse(job) -> dict:
    """Payload: `{"reuse": <id>}`."""
    row = services.take_over(reuse_id=job.payload["reuse"])
    return {"state": row.state if row is not None else "gone"}


@handler(following.FOLLOW_KIND)
def follow(job) -> dict:
    """Payload: `{"file_id": "<uuid>"}`."""
    return {"pages": following.follow_file(file_id=UUID(job.payload["file_id"]))}


@handler(following.INDEX_KIND)
def build_index(job) -> dict:
    """Payload: `{"challenge_id": number}`."""
    challenge = Challenge.objects.get(pk=job.payload["challenge_id"])
    return {"files": following.rebuild_index(challenge=challenge)}


@handler(following.CATCH_UP_KIND)
def catch_up(job) -> dict:
    return {"files": following.catch_up()}


@handler(UNPACK_KIND)
def unpack(job) -> dict:
    """Payload: `{"unpacking": <id>}`."""
    row = services.unpack(unpacking_id=job.payload["unpacking"], show=job.show)
    return {"added": row.added, "left_out": len(row.left_out)}


@sweeper
def ask_to_catch_up() -> None:
    """Opening every index is dear: once a day is enough."""
    if cache.add("evidence.catch_up", 1, _DAY_SECONDS):
        enqueue(kind=following.CATCH_UP_KIND, key=following.CATCH_UP_KIND, payload={}, again=True)


@sweeper
def remind() -> None:
    services.remind_before_due()
