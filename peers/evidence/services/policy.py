"""What a council lets in, and what it lets readers take away."""

from django.db import transaction
from django.utils.translation import gettext as _

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.exceptions import BadInput, StaleVersion
from peers.access import require
from peers.acts import Act
from peers.challenges.models import Challenge
from peers.challenges.services import lock_challenge


@transaction.atomic
def set_policy(
    *, challenge: Challenge, by: User, evidence_policy: str, download_policy: str, version: int | None = None
) -> Challenge:
    """Files, links or both; and how readers may take things away. What is here stays, whatever is chosen.

    Raises StaleVersion, BadInput for a word that is none of the choices.
    """
    row = lock_challenge(challenge)
    seat = require(by, Act.EVIDENCE_POLICY_EDIT, row)
    before = (row.evidence_policy, row.download_policy)
    if before == (evidence_policy, download_policy):
        return row
    if version is not None and row.version != version:
        raise StaleVersion(_("Somebody else changed this challenge while you were choosing."), row)
    if evidence_policy not in Challenge.EvidencePolicy.values or download_policy not in Challenge.DownloadPolicy.values:
        raise BadInput(_("Choose one of the ways that are offered."))
    row.evidence_policy, row.download_policy = evidence_policy, download_policy
    row.version += 1
    row.save(update_fields=["evidence_policy", "download_policy", "version"])
    record(
        act=Act.EVIDENCE_POLICY_EDIT, by=by, seat=seat, obj=row, scope=row.scope,
        detail={"given": evidence_policy, "taken_away": download_policy, "before": list(before)},
    )  # fmt: skip
    return row
