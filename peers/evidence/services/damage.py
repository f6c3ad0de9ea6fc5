"""The audit event of a stored file that is no longer what was given."""

from django.db import transaction

from cyber360.accounts.models import User
from cyber360.audit.services import record
from cyber360.files.cipher import DamagedFile
from cyber360.files.models import StoredFile


@transaction.atomic
def record_damage(*, stored_file: StoredFile, by: User, damage: DamagedFile) -> None:
    record(act="file.damaged", by=by, obj=stored_file, scope=stored_file.scope, detail={"reason": damage.message})
