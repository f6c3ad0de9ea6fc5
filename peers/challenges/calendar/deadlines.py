"""From a deadline profile to due days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from .working_days import add_working_days


@dataclass(frozen=True)
class Line:
    stage: str
    anchor: str
    days: int
    working_days: bool


def due_days(lines: Iterable[Line], anchors: dict[str, date | None], nation: str) -> dict[str, date]:
    """The due day of each stage whose anchor day is known. `anchors` maps an anchor's name to its day."""
    due = {}
    for line in lines:
        anchor = anchors.get(line.anchor)
        if anchor is None:
            continue
        if line.working_days:
            due[line.stage] = add_working_days(anchor, line.days, nation)
        else:
            due[line.stage] = anchor + timedelta(days=line.days)
    return due
