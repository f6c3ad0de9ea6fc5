"""Charts as plain geometry: data in, a `Drawing` of SVG marks out, the same on the page and in the PDF.

Every drawing has a title that says the finding in words (WeasyPrint makes it the PDF's alternative text), a
description, and the table of its numbers. Shape, dash and lightness differ as well as colour.
"""

from cyber360.ui.charts.levels import LevelPair, dumbbell, radar, score_strip
from cyber360.ui.charts.marks import Drawing, Mark, Table
from cyber360.ui.charts.progress import Bar, Part, status_bar, timeline

__all__ = [
    "Bar",
    "Drawing",
    "LevelPair",
    "Mark",
    "Part",
    "Table",
    "dumbbell",
    "radar",
    "score_strip",
    "status_bar",
    "timeline",
]
