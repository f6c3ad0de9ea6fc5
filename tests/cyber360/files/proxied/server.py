"""The web process behind a real nginx: slow lines are given up after a second, not after half a minute.

`TEST_KILL_AFTER=received` or `kept`: it kills itself after a file of a form came in whole, or after its row was written
but not committed. The process that takes its place finds the mark that it left.
"""

import os
import signal
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from cyber360.files import patience, services  # noqa: E402 - models can be loaded only now
from cyber360.files.handler import VaultUploadHandler  # noqa: E402

patience.RATE_SECONDS = 1.0
_done = Path(settings.VAR_DIR) / "killed"


def _die_after(module, name: str) -> None:
    real = getattr(module, name)

    def work(*args, **kwargs):
        made = real(*args, **kwargs)
        if not _done.exists():
            _done.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    setattr(module, name, work)


if (step := os.environ.get("TEST_KILL_AFTER")) is not None:
    _die_after(*{"received": (VaultUploadHandler, "file_complete"), "kept": (services, "first_steps")}[step])
