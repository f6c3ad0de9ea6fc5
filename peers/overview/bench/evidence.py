"""The evidence store: what comes in and goes out, and what reading it costs."""

from . import reading, vault


def measure_evidence() -> dict[str, float]:
    """`evidence.*`."""
    return vault.measure_vault() | reading.measure_reading()
