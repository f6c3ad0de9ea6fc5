"""Cells of CSV and XLSX exports."""


def safe_cell(value: object) -> object:
    """The value as a cell that no spreadsheet takes for a formula; numbers and dates stay as they are."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value
