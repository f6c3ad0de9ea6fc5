"""The reference list of the Cyber Assessment Framework: ids and titles from CSV."""

import csv
from typing import NamedTuple

COLUMNS = ("version", "code", "title", "principle", "principle_title", "objective", "objective_title")


class CafRow(NamedTuple):
    version: str
    code: str
    title: str
    principle: str
    principle_title: str
    objective: str
    objective_title: str


def read_caf(text: str) -> list[CafRow]:
    """Raises ValueError with the line when the file is not in our form."""
    reader = csv.DictReader(text.splitlines())
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ValueError(f"line 1: the columns are {', '.join(COLUMNS)}")
    rows, seen = [], set()
    for record in reader:
        row = CafRow(**{name: (record[name] or "").strip() for name in COLUMNS})
        if not all(row) or not row.code.startswith(f"{row.principle}.") or (row.version, row.code) in seen:
            raise ValueError(f"line {reader.line_num}: an empty cell, a wrong id or one that stands twice")
        seen.add((row.version, row.code))
        rows.append(row)
    return rows
