"""How soon a visit can be: what is still to be done before it takes as long as its deadlines say. No database."""

from collections.abc import Iterable
from datetime import date, timedelta

from peers.challenges.calendar.deadlines import Line
from peers.challenges.calendar.working_days import add_working_days
from peers.stages import Stage

ANCHOR = "visit_first"


def earliest_day(lines: Iterable[Line], stage: str, today: date, nation: str) -> date:
    """The first day of a visit on which no deadline of a stage that is not over yet has passed by `today`."""
    ahead = [
        line
        for line in lines
        if line.anchor == ANCHOR and line.days < 0 and Stage(line.stage).place >= Stage(stage).place
    ]
    return max((_first_in_time(line, today, nation) for line in ahead), default=today)


def _first_in_time(line: Line, today: date, nation: str) -> date:
    day = today - timedelta(days=line.days)
    if line.working_days:
        while add_working_days(day, line.days, nation) < today:
            day += timedelta(days=1)
    return day
