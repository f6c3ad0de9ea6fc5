"""Pictures of a season: weeks against challenges, the search, the load of the pool. Plain data in, drawings out."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.ui.charts.marks import (
    BRAND,
    INK,
    LINE,
    MIDDLE,
    PALE,
    PAPER,
    QUIET,
    Drawing,
    Mark,
    Table,
    circle,
    diamond,
    line,
    rect,
    text,
)

LEFT, ROW, TOP = 214.0, 28.0, 50.0
PAGE = 1140.0  # about the width of a page's text: pictures fill it where they can
SMALL, TEXT = 13, 14


class SeasonRow(NamedTuple):
    """One challenge. `visit` is a number of a week, -1 for none; `window` the weeks in which it could be."""

    name: str
    window: frozenset[int]
    visit: int
    state: str
    team: str
    moved_from: int = -1


def season_picture(rows: Sequence[SeasonRow], mondays: Sequence[date], closed: frozenset[int], *, uid: str) -> Drawing:
    """Weeks from left to right, a row a challenge: pale where the visit could be, dark where it is planned."""
    wide = min(84.0, max(16.0, (PAGE - LEFT - 12) / max(1, len(mondays))))
    bottom = TOP + ROW * len(rows)
    marks = _week_lines(mondays, closed, wide, bottom)
    for number, row in enumerate(rows):
        marks += _season_row(row, TOP + ROW * (number + 0.5), wide)
    marks += _key(bottom + 26)
    width = max(LEFT + wide * len(mondays) + 12, 600)
    head = [_("Challenge"), _("Week that begins on"), _("State"), _("Team")]
    table = Table(_("Season by week"), head, [_season_cells(row, mondays) for row in rows])
    planned = sum(row.visit >= 0 for row in rows)
    used = len({row.visit for row in rows if row.visit >= 0})
    title = _("%(planned)s of %(all)s visits planned, in %(used)s of %(weeks)s weeks.") % {
        "planned": planned, "all": len(rows), "used": used, "weeks": len(mondays)}  # fmt: skip
    return Drawing(uid, title, _("One row a challenge, one column a week."), width, bottom + 40, table, marks)


def _week_lines(mondays: Sequence[date], closed: frozenset[int], wide: float, bottom: float) -> list[Mark]:
    marks: list[Mark] = []
    month = -1
    for week, monday in enumerate(mondays):
        x = LEFT + wide * week
        marks.append(line(x, TOP - 6, x, bottom))
        if week in closed:
            marks += [line(x + wide * n / 4, TOP, x + wide * n / 4, bottom, stroke=LINE, dash="1 3") for n in (1, 2, 3)]
        if monday.month != month:
            marks.append(text(x + 2, TOP - 24, date_format(monday, "M Y" if month < 0 else "M"), size=TEXT, bold=True))
            month = monday.month
        if wide >= 22 or week % 2 == 0:
            marks.append(text(x + 2, TOP - 9, str(monday.day), size=SMALL, fill=QUIET))
    return marks


def _season_row(row: SeasonRow, middle: float, wide: float) -> list[Mark]:
    marks = [text(0, middle + 4, row.name if len(row.name) < 28 else row.name[:27] + "…", size=TEXT)]
    for week in sorted(row.window):
        marks.append(rect(LEFT + wide * week + 1, middle - 8, wide - 2, 16, fill=PALE))
    if row.moved_from >= 0:
        marks.append(circle(LEFT + wide * (row.moved_from + 0.5), middle, 5, fill=PAPER, stroke=INK))
    if row.visit >= 0:
        x = LEFT + wide * (row.visit + 0.5)
        if row.state == "accepted":
            marks.append(rect(LEFT + wide * row.visit + 2, middle - 8, wide - 4, 16, fill=BRAND, stroke=INK))
        else:
            marks.append(diamond(x, middle, 8))
    return marks


def _key(y: float) -> list[Mark]:
    marks: list[Mark] = [rect(0, y - 9, 14, 12, fill=PALE), text(20, y + 2, _("could be"), size=TEXT)]
    marks += [diamond(114, y - 3, 7), text(127, y + 2, _("proposed"), size=TEXT)]
    marks += [rect(214, y - 9, 14, 12, fill=BRAND, stroke=INK), text(235, y + 2, _("accepted"), size=TEXT)]
    marks += [circle(324, y - 3, 5, fill=PAPER, stroke=INK), text(335, y + 2, _("was here before"), size=TEXT)]
    marks += [line(466 + 4 * n, y - 9, 466 + 4 * n, y + 3, stroke=QUIET, dash="1 3") for n in range(4)]
    return [*marks, text(487, y + 2, _("no visits"), size=TEXT)]


def _season_cells(row: SeasonRow, mondays: Sequence[date]) -> list[str]:
    week = date_format(mondays[row.visit], "j F Y") if row.visit >= 0 else _("Not planned")
    return [row.name, week, row.state and _STATE[row.state](), row.team]


_STATE = {
    "proposed": lambda: _("Proposed"),
    "accepted": lambda: _("Accepted"),
    "left": lambda: _("Left out"),
}


# --- the search -------------------------------------------------------------------------------------
class Moment(NamedTuple):
    second: int
    cost: int | None
    bound: int | None


def search_picture(moments: Sequence[Moment], *, uid: str, width: float = PAGE, height: float = 260) -> Drawing:
    """How the cost of the best plan fell and the bound rose; between the two lies what is not known yet."""
    values = [value for moment in moments for value in (moment.cost, moment.bound) if value is not None]
    head = [_("Seconds"), _("Best plan"), _("No plan can cost less than")]
    rows = [
        [str(m.second), "–" if m.cost is None else str(m.cost), "–" if m.bound is None else str(m.bound)]
        for m in moments
    ]
    table = Table(_("How the search went"), head, rows)
    if not values:
        words = _("No plan has been found yet.")
        return Drawing(uid, words, words, width, 30, table, [text(0, 20, words)])
    low, high = min(0, *values), max(values)
    last = max(1, moments[-1].second)

    def at(second: int, value: int) -> tuple[float, float]:
        return 56 + (width - 76) * second / last, 14 + (height - 50) * (high - value) / max(1, high - low)

    marks = [line(56, 10, 56, height - 32), line(56, height - 32, width - 16, height - 32)]
    marks += [text(50, at(0, high)[1] + 4, str(high), size=TEXT, anchor="end")]
    marks += [text(50, at(0, low)[1] + 4, str(low), size=TEXT, anchor="end")]
    marks += [text(width - 20, height - 14, _("%(n)s seconds") % {"n": last}, size=TEXT, anchor="end")]
    marks += _steps([(m.second, m.cost) for m in moments if m.cost is not None], at, BRAND, "")
    marks += _steps([(m.second, m.bound) for m in moments if m.bound is not None], at, INK, "5 4")
    marks += [
        line(56, height - 8, 84, height - 8, stroke=BRAND, width=3),
        text(90, height - 4, _("best plan"), size=TEXT),
    ]
    marks += [line(180, height - 8, 208, height - 8, stroke=INK, width=2, dash="5 4")]
    marks += [text(214, height - 4, _("no plan can cost less"), size=TEXT)]
    costs = [m.cost for m in moments if m.cost is not None]
    title = _("From %(first)s to %(last)s points in %(n)s seconds.") if costs else _("No plan has been found yet.")
    told = title % {"first": costs[0], "last": costs[-1], "n": last} if costs else title
    return Drawing(uid, told, _("Cost of the best plan and the bound, by second."), width, height, table, marks)


Place = Callable[[int, int], tuple[float, float]]


def _steps(points: Sequence[tuple[int, int]], at: Place, stroke: str, dash: str) -> list[Mark]:
    marks = []
    for (second, value), (then, after) in pairwise(points):
        x, y = at(second, value)
        to, below = at(then, after)
        marks.append(line(x, y, to, y, stroke=stroke, width=2.5, dash=dash))
        if below != y:
            marks.append(line(to, y, to, below, stroke=stroke, width=2.5, dash=dash))
    if len(points) == 1:
        marks.append(circle(*at(*points[0]), 4, fill=stroke, stroke=stroke))
    return marks


# --- load -------------------------------------------------------------------------------------------
class Load(NamedTuple):
    """One person: days that the plan takes, days used already, days offered a year, visits in the plan."""

    name: str
    planned: int
    used: int
    offered: int
    visits: int


MOST_BARS = 30


def load_picture(loads: Sequence[Load], *, uid: str, width: float = PAGE - 60) -> Drawing:
    """A bar a person, those nearest to their limit first: days used, days planned, a line at the days offered."""
    order = sorted(loads, key=lambda load: (-(load.planned + load.used) / max(1, load.offered), load.name))
    shown = order[:MOST_BARS]
    most = max([max(load.offered, load.planned + load.used) for load in shown], default=1) or 1
    room, marks = width - 230 - 60, list[Mark]()
    for number, load in enumerate(shown):
        top = 6 + 24.0 * number
        used, planned = room * load.used / most, room * load.planned / most
        marks += [text(0, top + 13, load.name[:27], size=TEXT), rect(230, top, used, 16, fill=MIDDLE, stroke=INK)]
        marks += [rect(230 + used, top, planned, 16, fill=BRAND, stroke=INK)]
        edge = 230 + room * load.offered / most
        marks.append(line(edge, top - 2, edge, top + 18, stroke=INK, width=2))
        words = _("%(n)s of %(offered)s") % {"n": load.used + load.planned, "offered": load.offered}
        marks.append(text(max(edge, 230 + used + planned) + 6, top + 13, words, size=TEXT, fill=QUIET))
    y = 6 + 24.0 * len(shown) + 14
    marks += [rect(0, y - 9, 12, 12, fill=MIDDLE, stroke=INK), text(18, y + 2, _("days used already"), size=TEXT)]
    marks += [rect(170, y - 9, 12, 12, fill=BRAND, stroke=INK), text(188, y + 2, _("days in this plan"), size=TEXT)]
    marks += [line(330, y - 10, 330, y + 4, stroke=INK, width=2), text(338, y + 2, _("days offered a year"), size=TEXT)]
    head = [_("Person"), _("Visits in the plan"), _("Days in the plan"), _("Days used already"), _("Days offered")]
    cells = [[x.name, str(x.visits), str(x.planned), str(x.used), str(x.offered)] for x in order]
    title = ngettext("%(n)s person goes on a visit", "%(n)s people go on a visit", len(order)) % {"n": len(order)}
    twice = sum(load.visits > 1 for load in order)
    title += _(", %(twice)s of them more than once.") % {"twice": twice}
    if len(order) > MOST_BARS:
        title += " " + _("Shown are the %(n)s nearest to the days they offered.") % {"n": MOST_BARS}
    desc = _("A bar a person, those nearest to the days they offered first.")
    return Drawing(uid, title, desc, width + 60, y + 12, Table(_("Load of the pool"), head, cells), marks)
