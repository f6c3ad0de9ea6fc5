"""Finding Chromium, and the reason that a skipped test gives when something is missing."""

import os
import shutil
from pathlib import Path

from django.conf import settings

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage")
AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
STYLES = Path(settings.BASE_DIR) / "build" / "static" / "cyber360" / "govuk.css"


def chromium() -> str:
    """The program named by CHROMIUM, else the first that is installed; "" when there is none."""
    named = os.environ.get("CHROMIUM", "")
    return named or next((path for name in PROGRAMS if (path := shutil.which(name))), "")


def missing() -> str:
    """What the browser tests lack here, with what to type; "" when all is there."""
    if not chromium():
        return "Chromium is not installed. Type: sudo apt-get install chromium (or set CHROMIUM to the program)"
    if not AXE.exists() or not STYLES.exists():
        return "the front end is not built. Type: npm ci && npm run build"
    return ""
