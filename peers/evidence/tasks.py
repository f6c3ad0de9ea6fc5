"""What the worker does with evidence."""

from cyber360.jobs.services import handler, sweeper
from peers.evidence import services
from peers.evidence.services.reuse import REUSE_KIND


@handler(REUSE_KIND)
def reuse(job) -> dict:
    """Payload: `{"reuse": <id>}`."""
    row = services.take_over(reuse_id=job.payload["reuse"])
    return {"state": row.state if row is not None else "gone"}


@sweeper
def remind() -> None:
    services.remind_before_due()
