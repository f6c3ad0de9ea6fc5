"""Charts of maturity levels: what the council says beside what the peers and the council agreed."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cyber360.ui.charts.marks import (
    BRAND,
    INK,
    LINE,
    MIDDLE,
    PAPER,
    QUIET,
    Drawing,
    Mark,
    Table,
    circle,
    diamond,
    label,
    line,
    num,
    polygon,
    rect,
    text,
    wrapped,
)

ROW = 40.0


@dataclass(frozen=True)
class LevelPair:
    """One theme or question: the council's own level and the agreed one; None where there is none (yet)."""

    label: str
    own: float | None
    agreed: float | None


def across(value: float, low: float, high: float, left: float, right: float) -> float:
    """The x of a level on a scale from `low` to `high`; values outside stay on the edge."""
    if high <= low:
        return left
    return left + (min(max(value, low), high) - low) / (high - low) * (right - left)


def shown(value: float | None) -> str:
    """A level as people read it: "2", "2.5", or "not scored"."""
    return _("not scored") if value is None else f"{value:.1f}".removesuffix(".0")


def dumbbell(
    rows: Sequence[LevelPair], *, levels: Sequence[str], uid: str, low: int = 0, width: float = 720
) -> Drawing:
    """Own against agreed level by theme. `levels` are the scale's names, the first for `low`."""
    left, right, top = 230.0, width - 40, 78.0
    high, height = low + len(levels) - 1, 78.0 + ROW * max(len(rows), 1) + 8
    marks = _legend(left)
    for number, name in enumerate(levels, low):
        x = across(number, low, high, left, right)
        marks.append(line(x, top - 14, x, height - 8))
        names = wrapped(f"{number} {name}", (right - left) / max(high - low, 1) - 6, size=12)
        first = top - 20 - 14 * (len(names) - 1)
        marks += [text(x, first + 14 * n, row, size=12, anchor="middle", fill=QUIET) for n, row in enumerate(names)]
    for index, row in enumerate(rows):
        middle = top + ROW * (index + 0.5)
        marks += label(0, middle, row.label, left - 24)
        marks += _pair(row, middle, lambda value: across(value, low, high, left, right))
    return Drawing(uid, _finding(rows), _("Each row is a theme."), width, height, _pair_table(rows), marks)


def _legend(left: float) -> list[Mark]:
    return [
        circle(left + 6, 14, 6),
        text(left + 18, 19, _("the council's own level")),
        diamond(left + 206, 14, 8),
        text(left + 220, 19, _("agreed level")),
    ]


def _pair(row: LevelPair, middle: float, place) -> list[Mark]:
    """Line, hollow circle (own) and diamond (agreed); when they meet the diamond stands inside the ring."""
    marks = []
    if row.own is not None and row.agreed is not None:
        marks.append(line(place(row.own), middle, place(row.agreed), middle, stroke=MIDDLE, width=4))
    same = row.own is not None and row.own == row.agreed
    if row.own is not None:
        marks.append(circle(place(row.own), middle, 11 if same else 7))
    if row.agreed is not None:
        marks.append(diamond(place(row.agreed), middle, 8))
    return marks


def _finding(rows: Sequence[LevelPair]) -> str:
    """The chart in one sentence."""
    both = [row for row in rows if row.own is not None and row.agreed is not None]
    if not both:
        return _("No levels to compare yet.")
    lower = sum(row.agreed < row.own for row in both)
    higher = sum(row.agreed > row.own for row in both)
    counts = {"lower": lower, "higher": higher, "same": len(both) - lower - higher, "all": len(both)}
    words = _(
        "Agreed level against the council's: lower in %(lower)s of %(all)s, higher in %(higher)s, equal in %(same)s."
    )
    return words % counts


def _pair_table(rows: Sequence[LevelPair]) -> Table:
    head = [_("Theme"), _("The council's own level"), _("Agreed level")]
    return Table(_("Own and agreed levels"), head, [[row.label, shown(row.own), shown(row.agreed)] for row in rows])


def score_strip(question: str, *, host: float | None, peers: Sequence[float | None], agreed: float | None,
                uid: str, low: int = 0, high: int = 4, width: float = 240) -> Drawing:  # fmt: skip
    """How far apart the scores of one question are. Peers are dots in the order of their levels, so nobody is known."""
    given = sorted(score for score in peers if score is not None)
    left, right, middle = 14.0, width - 14, 26.0

    def place(value: float) -> float:
        return across(value, low, high, left, right)

    marks = [line(left, middle, right, middle)]
    for number in range(low, high + 1):
        marks.append(line(place(number), middle - 5, place(number), middle + 5))
        marks.append(text(place(number), middle + 30, str(number), size=12, anchor="middle", fill=QUIET))
    if len(given) > 1:
        marks.append(line(place(given[0]), middle, place(given[-1]), middle, stroke=MIDDLE, width=4))
    if host is not None:
        marks.append(rect(place(host) - 9, middle - 9, 18, 18, fill=PAPER, stroke=INK))
    seen: Counter[float] = Counter()
    for score in given:
        marks.append(circle(place(score), middle - 11 * seen[score], 4.5, fill=QUIET, stroke=PAPER, width=1))
        seen[score] += 1
    if agreed is not None:
        marks.append(diamond(place(agreed), middle + 11, 7))
    highest = max(seen.values(), default=1)
    lift = max(0.0, 11.0 * (highest - 1) - 12)
    return _strip(question, host, given, agreed, uid, width, lift, marks)


def _strip(question: str, host: float | None, given: list[float], agreed: float | None, uid: str,
           width: float, lift: float, marks: list[Mark]) -> Drawing:  # fmt: skip
    """The strip with its words; `lift` is the room that a stack of equal dots needs above."""
    listed = ", ".join(shown(score) for score in given) or _("not scored")
    title = _("%(question)s: the council %(host)s; peers %(peers)s; agreed %(agreed)s.") % {
        "question": question, "host": shown(host), "peers": listed, "agreed": shown(agreed)}  # fmt: skip
    rows = [[_("The council"), shown(host)], [_("Peers"), listed], [_("Agreed"), shown(agreed)]]
    moved = [Mark(mark.name, _lowered(mark.attrs, lift), mark.text) for mark in marks] if lift else marks
    desc = _("Square: the council. Dots: peers, not named. Diamond: agreed.")
    return Drawing(uid, title, desc, width, 62 + lift, Table(question, [_("Who"), _("Level")], rows), moved)


def _lowered(attrs: dict[str, str], by: float) -> dict[str, str]:
    moved = {
        name: num(float(value) + by) if name in ("y", "y1", "y2", "cy") else value for name, value in attrs.items()
    }
    if "points" in moved:
        pairs = (pair.split(",") for pair in moved["points"].split())
        moved["points"] = " ".join(f"{x},{num(float(y) + by)}" for x, y in pairs)
    return moved


def radar(themes: Sequence[str], series: Sequence[tuple[str, Sequence[float | None]]], *, uid: str, low: float = 0,
          high: float = 4, size: float = 460) -> Drawing:  # fmt: skip
    """At most three series over at least three themes; a missing value stands at the centre."""
    if len(themes) < 3:
        raise ValueError("A radar needs at least three themes.")
    middle, radius = (size / 2 + 70, size / 2), size / 2 - 62
    marks: list[Mark] = []
    for ring in range(1, int(high - low) + 1):
        points = [spoke(n, len(themes), middle, radius * ring / (high - low)) for n in range(len(themes))]
        marks.append(polygon(points, fill="none", stroke=LINE))
    for number, theme in enumerate(themes):
        marks.append(line(*middle, *spoke(number, len(themes), middle, radius)))
        marks += _spoke_label(theme, spoke(number, len(themes), middle, radius + 16), middle[0])
    styles = [(BRAND, "", 0.12), (INK, "6 4", 0.0), (QUIET, "2 3", 0.0)]
    for (name, values), (stroke, dash, opacity) in zip(series, styles, strict=False):
        reach = [across(low if value is None else value, low, high, 0, radius) for value in values]
        points = [spoke(n, len(themes), middle, length) for n, length in enumerate(reach)]
        marks.append(polygon(points, fill=stroke, stroke=stroke, width=2.5, dash=dash, opacity=opacity))
        row = size + 14 + 22 * [item[0] for item in series].index(name)
        marks += [line(20, row - 5, 60, row - 5, stroke=stroke, width=2.5, dash=dash), text(70, row, name)]
    rows = [[theme, *(shown(values[n]) for _name, values in series)] for n, theme in enumerate(themes)]
    table = Table(_("Levels by theme"), [_("Theme"), *(name for name, _values in series)], rows)
    title = _radar_words(themes, series)
    return Drawing(uid, title, _("One spoke a theme."), size + 140, size + 10 + 22 * len(series), table, marks)


def spoke(number: int, of: int, middle: tuple[float, float], length: float) -> tuple[float, float]:
    """The point at `length` on a spoke; the first points up, the others follow clockwise."""
    angle = 2 * math.pi * number / of - math.pi / 2
    return middle[0] + length * math.cos(angle), middle[1] + length * math.sin(angle)


def _spoke_label(theme: str, at: tuple[float, float], middle: float) -> list[Mark]:
    side = at[0] - middle
    anchor = "middle" if abs(side) < 20 else "start" if side > 0 else "end"
    return label(at[0], at[1], theme, 130, size=13, anchor=anchor)


def _radar_words(themes: Sequence[str], series: Sequence[tuple[str, Sequence[float | None]]]) -> str:
    parts = []
    for name, values in series:
        known = [(value, theme) for value, theme in zip(values, themes, strict=True) if value is not None]
        if known:
            (least, lowest), (most, highest) = min(known), max(known)
            words = _("%(name)s: highest in %(high)s (%(most)s), lowest in %(low)s (%(least)s).")
            parts.append(
                words % {"name": name, "high": highest, "most": shown(most), "low": lowest, "least": shown(least)}
            )
    count = ngettext("%(n)s theme.", "%(n)s themes.", len(themes)) % {"n": len(themes)}
    return " ".join(parts) or _("No levels yet, %(count)s") % {"count": count}
