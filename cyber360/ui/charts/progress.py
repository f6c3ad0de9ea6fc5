"""Charts of work: how much is in which state, and what happens when."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

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
    diamond,
    label,
    line,
    rect,
    text,
)

# From dark to light, so that the order is readable in grey; a frame keeps the palest from vanishing.
TONES = {"done": BRAND, "doing": MIDDLE, "waiting": PALE, "none": PAPER}


@dataclass(frozen=True)
class Part:
    """One piece of a whole: its word, how many, and its tone (done, doing, waiting or none)."""

    label: str
    count: int
    tone: str = "none"


@dataclass(frozen=True)
class Bar:
    """One row of a timeline; `start == end` is a single day and drawn as a diamond."""

    label: str
    start: datetime.date
    end: datetime.date
    tone: str = "doing"


def shares(counts: Sequence[int], width: float) -> list[tuple[float, float]]:
    """Left edge and width of each piece; together they fill `width` exactly, or nothing when all are 0."""
    total, edge, out = sum(counts), 0, []
    for count in counts:
        left = width * edge / total if total else 0.0
        edge += count
        out.append((left, (width * edge / total if total else 0.0) - left))
    return out


def status_bar(parts: Sequence[Part], *, what: str, uid: str, width: float = 640) -> Drawing:
    """A stacked bar with its words below it. `what` is the counted thing in the plural: "actions"."""
    total = sum(part.count for part in parts)
    marks: list[Mark] = []
    for part, (left, wide) in zip(parts, shares([part.count for part in parts], width - 2), strict=True):
        if part.count:
            marks.append(rect(left + 1, 1, wide, 26, fill=TONES.get(part.tone, PAPER), stroke=INK))
    if not total:
        marks.append(rect(1, 1, width - 2, 26, fill=PAPER, stroke=LINE))
    x, y = 0.0, 46.0
    for part in parts:
        words = f"{part.count} {part.label}"
        needed = 22 + len(words) * 7.6 + 20
        if x and x + needed > width:
            x, y = 0.0, y + 22
        marks += [rect(x + 1, y - 11, 12, 12, fill=TONES.get(part.tone, PAPER), stroke=INK), text(x + 20, y, words)]
        x += needed
    listed = ", ".join(f"{part.count} {part.label}" for part in parts)
    title = _("%(total)s %(what)s: %(listed)s.") % {"total": total, "what": what, "listed": listed}
    rows = [[part.label, str(part.count)] for part in parts] + [[_("All"), str(total)]]
    table = Table(what.capitalize(), [_("State"), _("Number")], rows)
    return Drawing(uid, title, _("A bar divided by state."), width, y + 8, table, marks)


def on_axis(day: datetime.date, first: datetime.date, last: datetime.date, left: float, right: float) -> float:
    """The x of the beginning of a day; days outside stay on the edge."""
    days = max((last - first).days, 1)
    return left + min(max((day - first).days, 0), days) / days * (right - left)


def timeline(bars: Sequence[Bar], *, uid: str, today: datetime.date | None = None, width: float = 760) -> Drawing:
    """A row a bar, months above, a dashed line for today."""
    if not bars:
        empty = _("Nothing is planned yet.")
        return Drawing(uid, empty, empty, width, 30, Table(empty, [_("What")], []), [text(0, 20, empty)])
    first, last = min(bar.start for bar in bars), max(bar.end for bar in bars) + datetime.timedelta(days=1)
    left, right, top, row = 230.0, width - 70, 34.0, 30.0
    height = top + row * len(bars) + 24

    def place(day: datetime.date) -> float:
        return on_axis(day, first, last, left, right)

    marks = _months(first, last, place, top, height - 20)
    for index, bar in enumerate(bars):
        middle = top + row * (index + 0.5)
        marks += label(0, middle, bar.label, left - 20, size=13)
        marks += _bar(bar, middle, place)
    if today is not None and first <= today <= last:
        x = place(today)
        marks.append(line(x, top - 6, x, height - 18, stroke=INK, width=1.5, dash="4 3"))
        marks.append(text(x, height - 4, _("today"), size=12, anchor="middle", bold=True))
    rows = [[bar.label, date_format(bar.start, "j M Y"), date_format(bar.end, "j M Y")] for bar in bars]
    table = Table(_("Dates"), [_("What"), _("From"), _("Until")], rows)
    words = {
        "n": len(bars),
        "first": date_format(first, "j F Y"),
        "last": date_format(max(b.end for b in bars), "j F Y"),
    }
    title = _("%(n)s rows from %(first)s to %(last)s.") % words
    return Drawing(uid, title, _("One row for each piece of work."), width, height, table, marks)


def _months(first: datetime.date, last: datetime.date, place, top: float, bottom: float) -> list[Mark]:
    """A line at the first of each month, its name where there is room for it."""
    marks, month, free = [], first.replace(day=1), float("-inf")
    while month <= last:
        x = place(month)
        marks.append(line(x, top - 8, x, bottom))
        if x >= free:
            marks.append(text(x + 3, top - 14, date_format(month, "M Y"), size=12, fill=QUIET))
            free = x + 64
        month = (month + datetime.timedelta(days=32)).replace(day=1)
    return marks


def _bar(bar: Bar, middle: float, place) -> list[Mark]:
    if bar.start == bar.end:
        marks = [diamond(place(bar.start), middle, 8)]
        edge = place(bar.start) + 12
    else:
        right = place(bar.end + datetime.timedelta(days=1))
        marks = [
            rect(
                place(bar.start), middle - 8, right - place(bar.start), 16, fill=TONES.get(bar.tone, PAPER), stroke=INK
            )
        ]
        edge = right + 5
    return [*marks, text(edge, middle + 4, date_format(bar.end, "j M"), size=12, fill=QUIET)]
