"""The settings of the processes that these tests start and kill: the product's own, without pages."""

import os

from cyber360.settings import *  # noqa: F403


class _NoMigrations(dict):
    """Tables are made from the models at once."""

    def __contains__(self, label):
        return True

    def __getitem__(self, label):
        return None


MIGRATION_MODULES = _NoMigrations()
ROOT_URLCONF = "tests.cyber360.files.resumable.urls"
WSGI_APPLICATION = "tests.cyber360.files.resumable.server.application"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
FILES_DISK_FLOOR_MB = 1
PART_BYTES = int(os.environ.get("TEST_PART_BYTES", 256 * 1024))
HOLD_SECONDS = 1.5
