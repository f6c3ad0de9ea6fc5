"""Cells of CSV and XLSX exports."""

import unicodedata

STARTS = frozenset("=+-@\t\r")


def runs_in_a_spreadsheet(text: str) -> bool:
    """Whether a spreadsheet may take the text for a formula: also behind blanks, or written in wide or raised signs.

    Only the first sign is brought to its plain form: a mark that follows could make another sign of the two.
    """
    first = text.lstrip()[:1]
    return text[:1] in STARTS or first in STARTS or unicodedata.normalize("NFKC", first)[:1] in STARTS


def safe_cell(value: object) -> object:
    """The value as a cell that no spreadsheet takes for a formula; numbers and dates stay as they are."""
    return f"'{value}" if isinstance(value, str) and runs_in_a_spreadsheet(value) else value
