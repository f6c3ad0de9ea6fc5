"""The demo's words, read from fixtures/demo. The files are data: what a person may want to change stands there."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "demo"


@cache
def text(name: str) -> Any:
    """The content of fixtures/demo/<name>.yaml."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def raw(name: str) -> bytes:
    """A file of fixtures/demo as it stands."""
    return (FOLDER / name).read_bytes()


def fill(words: str, places: dict[str, str]) -> str:
    """`{council}` and the like in `words` become what they are called in one council."""
    for name, value in places.items():
        words = words.replace("{" + name + "}", value)
    sentence = words.strip()
    return sentence[:1].upper() + sentence[1:]
