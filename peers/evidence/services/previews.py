"""Asking the worker for what the reading page lacks."""

from django.db import transaction

from cyber360.accounts.models import User
from cyber360.files.models import Verdict
from cyber360.jobs.services import enqueue
from peers.access import require
from peers.acts import Act
from peers.evidence.models import EvidenceVersion
from peers.evidence.queries.leaves import FOLLOW_KIND, follow_key


@transaction.atomic
def ask_for_preview(*, version: EvidenceVersion, by: User) -> None:
    """Somebody looks at a file whose pages are not made yet. While it is checked there is nothing to ask for."""
    require(by, Act.EVIDENCE_PREVIEW, version.item)
    stored = version.stored_file
    if stored.verdict != Verdict.PENDING:
        enqueue(kind=FOLLOW_KIND, key=follow_key(stored), payload={"file_id": str(stored.pk)}, scope=stored.scope)
