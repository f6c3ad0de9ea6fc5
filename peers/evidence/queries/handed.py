"""What one person is asked to find, in all challenges: for the page that lists all that waits for them."""

from cyber360.accounts.models import User
from peers.access import decide
from peers.acts import Act
from peers.answers.queries import seats_by_challenge
from peers.evidence.models import EvidenceRequest


def requests_handed_to(user: User) -> list[EvidenceRequest]:
    """Requests in the person's hands that they may read today; the open ones and the soonest first. One query beside
    that of the seats.
    """
    rows = EvidenceRequest.objects.filter(owner=user).select_related(
        "challenge__council", "challenge__programme", "question__theme"
    )
    seats = seats_by_challenge(user)
    readable = [row for row in rows if decide(user, Act.EVIDENCE_READ, row, seats=seats[row.challenge_id]).seat]
    return sorted(readable, key=lambda row: (not row.is_open, row.due_on is None, row.due_on or row.created_at.date()))
