"""The settings of the web server behind a real nginx: the product's middleware, and pages of these tests."""

import os

from cyber360.settings import MIDDLEWARE as OURS
from tests.cyber360.files.resumable.settings import *  # noqa: F403
from tests.cyber360.files.resumable.settings import MIDDLEWARE as PLAIN

ROOT_URLCONF = "tests.cyber360.files.proxied.urls"
WSGI_APPLICATION = "tests.cyber360.files.proxied.server.application"
MIDDLEWARE = ["cyber360.files.middleware.LeastRate", *PLAIN]
assert MIDDLEWARE[0] in OURS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
EVIDENCE_FILE_MB = int(os.environ.get("TEST_FILE_MB", 60))
