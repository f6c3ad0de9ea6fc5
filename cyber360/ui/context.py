from django.conf import settings
from django.http import HttpRequest


def product(request: HttpRequest) -> dict[str, object]:
    """What every page may ask about the installation; the same for every reader."""
    return {
        "PRODUCT": "Cyber 360",
        "DEMO": settings.DEMO,
        "SCANNER_OFF": not settings.CLAMD,
        "SITE_URL": settings.SITE_URL,
    }
