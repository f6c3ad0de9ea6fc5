"""A sheet for the council's own tracker; every cell is made safe against formulas."""

import csv
import io
from collections.abc import Iterable, Sequence

from cyber360.ui.cells import safe_cell

Row = Sequence[object]


def as_csv(header: Row, rows: Iterable[Row]) -> bytes:
    """UTF-8 with a byte-order mark, so that Excel reads accents and dashes."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows([[safe_cell(cell) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
