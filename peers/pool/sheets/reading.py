"""Bytes of a CSV file to numbered rows of text: commas, semicolons or tabs, in the encodings of spreadsheets."""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from peers.councils.importer.reading import Problem, decoded

MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5000
MAX_COLUMNS = 100  # many times those that are known: a file of another kind is refused before it is looked at
DELIMITERS = ",;\t"


@dataclass
class Sheet:
    """`rows` are (line, {column: text}); `problems` in the order of lines; `note` says how the bytes were read."""

    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    columns: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    note: str = ""


def read_sheet(raw: bytes, *, required: Collection[str], known: Collection[str]) -> Sheet:
    """The rows of the file. A row of the wrong length is a problem and left out; blank lines are skipped."""
    if not raw.strip(b"\xef\xbb\xbf \r\n\t"):
        return _refused(_("The file is empty. Its first line names the columns; each other line is one person."))
    if len(raw) > MAX_BYTES:
        return _refused(_("The file is larger than 2 MB. Split it, or remove what is not a peer."))
    try:
        text, note = decoded(raw)
    except ValueError as error:
        return _refused(str(error))
    sheet = Sheet(note=note)
    try:
        _fill(sheet, text, required, known)
    except csv.Error as error:
        words = _("The line cannot be read (%(error)s). Look for a quotation mark that is never closed.")
        last = sheet.rows[-1][0] if sheet.rows else 1
        sheet.problems.append(Problem(last + 1, "", words % {"error": error}))
    return sheet


def _refused(message: str) -> Sheet:
    return Sheet(problems=[Problem(0, "", message)])


def _fill(sheet: Sheet, text: str, required: Collection[str], known: Collection[str]) -> None:
    lines = _numbered(text)
    header = next(lines, (1, []))[1]
    if len(header) > MAX_COLUMNS:
        words = _("The first line names %(found)s columns; the most is %(most)s. Look whether this is the right file.")
        sheet.problems.append(Problem(1, "", words % {"found": len(header), "most": MAX_COLUMNS}))
        return
    sheet.columns = tuple("_".join(name.strip().lower().split()) for name in header)
    sheet.problems += _header_problems(sheet.columns, required, known)
    if sheet.problems:
        return
    filled = (row for row in lines if any(cell.strip() for cell in row[1]))
    for number, (line, cells) in enumerate(filled):  # bad lines count too: each of them costs a problem
        if number == MAX_ROWS:
            words = _("The file has more than %(most)s people. Split it.") % {"most": MAX_ROWS}
            sheet.problems.append(Problem(line, "", words))
            return
        _take_row(sheet, line, cells)


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins: a quoted cell may run over several."""
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    # Lines end where a spreadsheet ends them; `splitlines` would break at U+2028 and others of its kind too.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before, begun = 0, False
    for cells in reader:
        begun = begun or any(cell.strip() for cell in cells)  # blank lines may stand above the header
        if begun:
            yield before + 1, cells
        before = reader.line_num


def _header_problems(columns: tuple[str, ...], required: Collection[str], known: Collection[str]) -> list[Problem]:
    problems = [
        Problem(1, name, _("This column is missing. Add it to the first line."))
        for name in required
        if name not in columns
    ]
    for name in sorted({*columns} - {*known}):
        words = _("This column is not known. The columns are: %(names)s.") % {"names": ", ".join(known)}
        problems.append(Problem(1, name or _("a column without a name"), words))
    twice = sorted(name for name, count in Counter(columns).items() if name and count > 1)
    return problems + [Problem(1, name, _("This column stands twice. Remove one.")) for name in twice]


def _take_row(sheet: Sheet, line: int, cells: list[str]) -> None:
    if len(cells) != len(sheet.columns):
        words = _(
            "The line has %(found)s cells and the first line has %(wanted)s. Look for a separator outside quotes."
        )
        counts = {"found": len(cells), "wanted": len(sheet.columns)}
        sheet.problems.append(Problem(line, "", words % counts))
        return
    sheet.rows.append((line, dict(zip(sheet.columns, cells, strict=True))))
