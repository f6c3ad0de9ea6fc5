"""Peers as lines of a CSV file that a spreadsheet opens and the import reads again."""

import csv
import datetime
import io
from collections.abc import Iterable, Mapping
from typing import Any

from cyber360.ui.cells import safe_cell

from .columns import COLUMNS


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """`rows` by column name. Begins with the mark of UTF-8; a cell that a spreadsheet would run is made text."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([column.name for column in COLUMNS])
    for row in rows:
        writer.writerow([safe_cell(cell(row.get(column.name, ""))) for column in COLUMNS])
    return out.getvalue()


def cell(value: Any) -> str:
    """The value as the readers of `cells` take it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def skills(levels: Mapping[str, str]) -> str:
    return "; ".join(f"{theme} {level}" for theme, level in sorted(levels.items()))


def known(pairs: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{kind} {size}" for kind, size in sorted(pairs))


def template() -> str:
    """A file of nobody, to begin from: the columns that the import reads."""
    names = [column.name for column in COLUMNS if column.reader is not None]
    return "\ufeff" + ",".join(names) + "\r\n"
