"""The web process of these tests.

`TEST_KILL_AT_COMMIT=2`: it kills itself between rename and commit of its second part, once: the process that takes its
place finds the mark that it left.
"""

import os
import signal
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from cyber360.files import cipher  # noqa: E402 - models can be loaded only now
from cyber360.files.resumable import parts  # noqa: E402

cipher.PIECE = settings.PART_BYTES // 4
parts.PART_BYTES = settings.PART_BYTES
parts.HOLD = timedelta(seconds=settings.HOLD_SECONDS)
_KILL_AT = int(os.environ.get("TEST_KILL_AT_COMMIT", 0))
_done = Path(settings.VAR_DIR) / "killed"
_real, _count = parts.Hold.commit, 0


def _commit(hold, made) -> None:
    global _count
    _count += 1
    if _count == _KILL_AT and not _done.exists():
        _done.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    _real(hold, made)


parts.Hold.commit = _commit
