"""The platform alone, with times short enough for a test: a real cluster on a database file of its own."""

from cyber360.settings import *  # noqa: F403
from cyber360.settings import Q_CLUSTER

INSTALLED_APPS = [
    "cyber360.ui",
    "cyber360.accounts",
    "cyber360.audit",
    "cyber360.jobs",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django_q",
    "tests.cyber360.jobs.work",
]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
MIDDLEWARE = []
TEMPLATES = []
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
ROOT_URLCONF = "tests.cyber360.jobs.work.urls"
MIGRATION_MODULES = {"accounts": None, "audit": None, "jobs": None, "ui": None}
JOB_ROOMS = []
JOB_LEASE_SECONDS = 1.5
JOB_BACK_OFF_SECONDS = 0.1
WORKER_SILENCE_SECONDS = 4
Q_CLUSTER = Q_CLUSTER | {"workers": 2, "poll": 0.1, "guard_cycle": 0.2, "sync": False}
