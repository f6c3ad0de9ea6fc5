"""What the tests ask of a process of its own: `python -m tests.cyber360.files.resumable.worker COMMAND [ARGUMENT...]`.

`prepare` makes tables, a person and a session; `finish UPLOAD STEP...` finishes in children that are killed at each
step, then unharmed, and sweeps as a day later; `sweep` does that alone. Each prints one object as JSON.
"""

import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402

from cyber360.files.models import Blob, StoredFile, Upload  # noqa: E402
from cyber360.files.resumable import finishing, registry, uploads  # noqa: E402
from cyber360.files.services import open_for_reading, sweep_orphans  # noqa: E402
from cyber360.files.storage import LocalVault  # noqa: E402
from tests.cyber360.files.resumable import urls  # noqa: E402


def prepare() -> dict:
    call_command("migrate", run_syncdb=True, verbosity=0)
    person = get_user_model().objects.create_user("sam.okoro@example.org", "Sam Okoro", "a long pass phrase 1")
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(person.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    return {"session": session.session_key}


def die(*args, **kwargs) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _before(module, name: str) -> None:
    setattr(module, name, die)


def _after(module, name: str) -> None:
    real: Callable = getattr(module, name)
    setattr(module, name, lambda *args, **kwargs: die(real(*args, **kwargs)))


STEPS: dict[str, Callable[[], None]] = {
    "begun": lambda: _after(finishing, "_begun"),
    "half-written": lambda: _after(finishing.Receipt, "take"),
    "written": lambda: _after(finishing, "_made"),
    "checked": lambda: _after(finishing, "check_plain"),
    "row written": lambda: _after(finishing, "keep_upload"),
    "handed over": lambda: registry.FINISHERS.update({urls.KIND: die}),
    "parts' rows deleted": lambda: _after(finishing, "delete_blobs"),
    "committed": lambda: _before(LocalVault, "delete"),  # of the parts' bytes, when there is nothing older to remove
}


def finish(upload_id: str, *steps: str) -> dict:
    """How each killed run left the rows, (state, stored files, parts), then what there is after the sweep."""
    found = {step: _in_child(upload_id, step) for step in steps}
    finishing.finish(upload_id)
    uploads.sweep()
    sweep_orphans(older_than=timedelta(0))
    return {"after": found, **_look()}


def sweep() -> dict:
    """As a day later: what there is then."""
    uploads.sweep()
    sweep_orphans(older_than=timedelta(0))
    return _look()


def _in_child(upload_id: str, step: str) -> list:
    connections.close_all()
    child = os.fork()
    if not child:
        STEPS[step]()
        finishing.finish(upload_id)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"nothing was killed at {step!r}"
    return [Upload.objects.get(pk=upload_id).state, StoredFile.objects.count(), Blob.objects.count()]


def _look() -> dict:
    kept = [hashlib.sha256(b"".join(open_for_reading(stored))).hexdigest() for stored in StoredFile.objects.all()]
    rows = [[upload.state, upload.offset, upload.refusal] for upload in Upload.objects.all()]
    return {"kept": kept, "uploads": rows, "parts": Blob.objects.count()}


COMMANDS = {command.__name__: command for command in (prepare, finish, sweep)}

if __name__ == "__main__":
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
