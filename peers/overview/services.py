from django.db import transaction

from cyber360.accounts.models import User
from cyber360.audit.services import record
from peers.access import require
from peers.acts import Act


@transaction.atomic
def record_pipeline_export(*, by: User, rows: int) -> None:
    """An export leaves its trace: who took how many rows."""
    seat = require(by, Act.PIPELINE_READ)
    record(act=Act.PIPELINE_READ, by=by, seat=seat, label="pipeline.csv", detail={"rows": rows})
