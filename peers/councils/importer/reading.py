"""Bytes of a CSV file to numbered rows of text, in whatever encoding a spreadsheet left them."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

MAX_BYTES = 5 * 1024 * 1024
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong on a line and how to mend it. `line` counts from 1, the header included; 0 is the whole file."""

    line: int
    column: str
    message: str
    file: str = ""

    def __str__(self) -> str:
        place = ", ".join(filter(None, [self.file, f"line {self.line}" if self.line else "", self.column]))
        return f"{place}: {self.message}" if place else self.message


@dataclass
class Sheet:
    """`rows` are (line, {column: text}); `columns` the header. `note` says how the bytes were read."""

    columns: tuple[str, ...] = ()
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    note: str = ""


def decoded(raw: bytes) -> tuple[str, str]:
    """The text and a note. UTF-8 with or without a mark first, else Windows-1252. Raises ValueError with the reason."""
    if len(raw) > MAX_BYTES:
        raise ValueError(_("The file is larger than 5 MB. Remove what is not a council."))
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in raw:
        raise ValueError(_("This is not a CSV file in UTF-8. In the spreadsheet choose Save as, “CSV UTF-8”."))
    try:
        return raw.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        words = _("Line %(line)s holds letters in an unknown encoding. Save the file as “CSV UTF-8”.")
        raise ValueError(words % {"line": line}) from None
    return text, _("The file is not UTF-8; it was read as Windows-1252. Look at names with accents.")


def read_sheet(raw: bytes, *, required: Iterable[str], known: Iterable[str]) -> Sheet:
    """The rows of the file. A row of the wrong length is a problem and is left out; blank lines are skipped."""
    try:
        text, note = decoded(raw)
    except ValueError as error:
        return Sheet(problems=[Problem(0, "", str(error))])
    sheet = Sheet(note=note)
    lines = _numbered(text)
    try:
        header = next(lines, (1, []))[1]
        sheet.columns = tuple(name.strip().lower() for name in header)
        sheet.problems += _header_problems(sheet.columns, set(required), set(known))
        if sheet.problems:
            return sheet
        for line, cells in lines:
            _take_row(sheet, line, cells)
    except csv.Error as error:
        words = _("The line cannot be read (%(error)s). Look for a quotation mark that is never closed.")
        sheet.problems.append(Problem(len(sheet.rows) + 2, "", words % {"error": error}))
    return sheet


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins: a quoted cell may run over several."""
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    before = 0
    for cells in reader:
        yield before + 1, cells
        before = reader.line_num


def _header_problems(columns: tuple[str, ...], required: set[str], known: set[str]) -> list[Problem]:
    problems = [
        Problem(1, name, _("This column is missing. Add it to the first line."))
        for name in sorted(required - {*columns})
    ]
    for name in sorted({*columns} - known):
        words = _("This column is not known. The columns are: %(names)s.") % {"names": ", ".join(sorted(known))}
        problems.append(Problem(1, name, words))
    twice = sorted({name for name in columns if columns.count(name) > 1})
    return problems + [Problem(1, name, _("This column stands twice. Remove one.")) for name in twice]


def _take_row(sheet: Sheet, line: int, cells: list[str]) -> None:
    if not any(cell.strip() for cell in cells):
        return
    if len(cells) != len(sheet.columns):
        words = _("The line has %(found)s cells and the first line has %(wanted)s. Look for a comma outside quotes.")
        counts = {"found": len(cells), "wanted": len(sheet.columns)}
        sheet.problems.append(Problem(line, "", words % counts))
        return
    sheet.rows.append((line, dict(zip(sheet.columns, cells, strict=True))))


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run the cell instead of showing it."""
    return text.startswith(FORMULA_STARTS)
