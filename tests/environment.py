"""The environment of every test run, set before cyber360.settings is read (pytest loads this with `-p`).

Nothing of the person's own environment reaches the tests, but DATABASE_URL, by which `make test-all` chooses
PostgreSQL. Data goes to a temporary folder, one for each worker of pytest-xdist, and is removed at the end.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_FROM_OUTSIDE = (
    "DEMO", "DEBUG", "SITE_URL", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "HTTPS", "SSL_REDIRECT", "BEHIND_PROXY",
    "CLAMD", "FILES_STORAGE", "S3_BUCKET", "SECOND_FACTOR_SEATS", "EVIDENCE_FILE_MB", "EVIDENCE_PACK_MB", "MAIL_FROM",
    "SECRET_KEY_FILE", "VAULT_KEYS_COPY", "FILES_SANDBOX", "VAULT_MASTER_KEYS_FILE", "SESSION_HOURS", "INVITATION_DAYS",
    "WORKERS",
)  # fmt: skip


def _set() -> None:
    for name in _FROM_OUTSIDE:
        os.environ.pop(name, None)
    folder = Path(tempfile.mkdtemp(prefix="cyber360-test-"))
    (folder / "static").mkdir()  # WhiteNoise warns of a folder that is missing
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="cyber360.settings",
        TESTING="1",
        SECRET_KEY="only-for-tests-" + "x" * 50,
        VAULT_MASTER_KEYS="1:" + "ab" * 32,
        VAR_DIR=str(folder),
        TEST_SQLITE=str(folder / "test.sqlite3"),
        EMAIL_URL="memorymail://",
        LOG_LEVEL="WARNING",
        # Persistent connections would outlive the live server's threads and keep the test database busy.
        CONN_MAX_AGE="0",
        # Playwright's synchronous interface runs an event loop in the test's own thread.
        DJANGO_ALLOW_ASYNC_UNSAFE="true",
    )


_set()
