"""The pages of tests/cyber360/ui/urls.py need the platform alone, so the domain's template parts are left out."""

import copy
from pathlib import Path

import pytest
from django.conf import settings as django_settings


@pytest.fixture
def platform_pages(settings):
    templates = copy.deepcopy(django_settings.TEMPLATES)
    options = templates[0]["OPTIONS"]
    for name in ("context_processors", "builtins"):
        options[name] = [path for path in options[name] if not path.startswith("peers.")]
    settings.TEMPLATES = templates
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    settings.ROOT_URLCONF = "tests.cyber360.ui.urls"
    settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if not path.startswith("cyber360.accounts")]
    return settings
