"""What the queue and the sweep call."""

from cyber360.jobs.services import sweeper
from cyber360.notify import services


def send(mail_id: int) -> None:
    """The doorbell of one mail."""
    services.send_mail(mail_id=mail_id)


@sweeper
def sweep_outbox() -> None:
    services.queue_digests()
    services.ring_waiting()
