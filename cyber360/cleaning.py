"""Refusing what a service was given in words that a person can act on."""

from django.core.exceptions import ValidationError
from django.db import models

from cyber360.exceptions import BadInput


def clean(row: models.Model) -> None:
    """Raises BadInput with every message of `full_clean`."""
    try:
        row.full_clean()
    except ValidationError as wrong:
        raise BadInput(" ".join(wrong.messages)) from wrong


def needed(text: str, message: str) -> str:
    """`text` stripped. Raises BadInput with `message` when nothing is left."""
    stripped = text.strip()
    if not stripped:
        raise BadInput(message)
    return stripped
