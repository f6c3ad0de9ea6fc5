"""The same rows as a workbook. Views load this file when it is asked for: openpyxl brings numpy along."""

import io
from collections.abc import Iterable
from datetime import date

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from cyber360.ui.cells import safe_cell

from .sheets import Row


def as_xlsx(title: str, header: Row, rows: Iterable[Row]) -> bytes:
    """One sheet with a bold, frozen header row; dates stay dates."""
    book = Workbook()
    sheet = book.active
    sheet.title = title[:31]
    sheet.append([str(cell) for cell in header])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([cell if isinstance(cell, date | int) else safe_cell(str(cell)) for cell in row])
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for column in sheet.columns:
        sheet.column_dimensions[column[0].column_letter].width = 24
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
