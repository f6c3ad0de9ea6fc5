"""What the services of this room share: rows under lock, and polite refusals."""

from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.cleaning import clean as clean
from cyber360.cleaning import needed as needed
from cyber360.exceptions import StaleVersion
from cyber360.notify.services import queue_mail
from peers.access import HOST
from peers.challenges.queries import coordinators_of, people_in_seat
from peers.challenges.services import lock_challenge
from peers.records.models import DisposalRun


def locked_run(run: DisposalRun, version: int | None = None) -> DisposalRun:
    """The run and its challenge as they stand, the challenge locked first, as everywhere."""
    challenge = lock_challenge(run.challenge)
    row = DisposalRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    row.challenge = challenge
    if version is not None and row.version != version:
        raise StaleVersion(_("Somebody else has dealt with this disposal while you were reading."), row)
    return row


def save(row: DisposalRun) -> None:
    row.version += 1
    clean(row)
    row.save()


def how_to_stop() -> str:
    """For every mail that announces a day."""
    return _(
        "A coordinator approves it first, on that day or later. To stop it, tell the coordinator before then: on the "
        "page of the disposal they can put it off, and under Records they can set a legal hold. The page says what "
        "goes and what stays."
    )


def tell(run: DisposalRun, subject: str, key: str, body: str = "") -> int:
    """Mail host lead, sponsor and coordinators once per key; how many people."""
    people: set[User] = set(people_in_seat(run.challenge, HOST)) | set(coordinators_of(run.challenge))
    for person in people:
        queue_mail(
            to=person,
            kind="disposal",
            subject=subject,
            body=body,
            link=run.get_absolute_url(),
            key=f"disposal:{run.pk}:{key}:{person.pk}",
        )
    return len(people)
