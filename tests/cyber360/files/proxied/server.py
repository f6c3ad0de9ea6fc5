"""The web process behind a real nginx: slow lines are given up after a second, not after half a minute."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from cyber360.files import patience  # noqa: E402 - models can be loaded only now

patience.RATE_SECONDS = 1.0
