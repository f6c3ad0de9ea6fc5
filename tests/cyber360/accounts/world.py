"""Fixtures for the platform's page tests: its own URLs, hooks that need no domain, and people to sign in."""

import pytest
from django.test import Client

from cyber360.accounts.models import User

HOOKS = "tests.cyber360.accounts.hooks"
PASSWORD = "a-long-walk-by-the-river"


def make_person(title, name="", *, password=PASSWORD, **fields):
    name = name or f"The {title}"
    return User.objects.create_user(
        f"{name.replace(' ', '.').lower()}@example.org", name, password, job_title=title, **fields
    )


def client_for(person):
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(autouse=True)
def platform(settings):
    settings.ROOT_URLCONF = "tests.cyber360.accounts.urls"
    settings.PLATFORM_GUARD = f"{HOOKS}.guard"
    settings.LINK_SIGN_IN_ALLOWED = f"{HOOKS}.link_sign_in_allowed"
    settings.NAME_IS_HELD = f"{HOOKS}.why_name_is_held"
    settings.DEMO_PEOPLE = f"{HOOKS}.demo_people"
    settings.SECOND_FACTOR_NEEDED = f"{HOOKS}.second_factor_needed"
    # The frame asks the domain for navigation and seats; these tests have none.
    [template] = settings.TEMPLATES
    processors = [name for name in template["OPTIONS"]["context_processors"] if not name.startswith("peers.")]
    builtins = [name for name in template["OPTIONS"]["builtins"] if not name.startswith("peers.")]
    settings.TEMPLATES = [
        template | {"OPTIONS": template["OPTIONS"] | {"context_processors": processors, "builtins": builtins}}
    ]


@pytest.fixture
def administrator():
    return make_person("administrator")


@pytest.fixture
def stranger():
    return make_person("stranger")
