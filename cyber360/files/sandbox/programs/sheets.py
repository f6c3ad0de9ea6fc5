"""Spreadsheets of Office Open XML: shared texts, which numbers are dates, and the cells row by row."""

import re
import zipfile
from datetime import datetime, timedelta

from .collected import Collected
from .xml import Events, read_member

ROWS = 20_000  # of one sheet
_BUILT_IN_DATES = {*range(14, 23), *range(45, 48)}
_DATE_LETTERS = re.compile(r"[dmyhs]", re.IGNORECASE)
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|General', re.IGNORECASE)


class EnoughRows(Exception):
    """The rest of this sheet is not read."""


class Workbook(Events):
    """`sheets` is [(title, relationship id)]; `epoch` is the day that numbers of dates count from."""

    told = frozenset({"sheet", "workbookPr"})

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []
        self.epoch = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's dates have no zone

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            self.sheets.append((attributes.get("name", ""), attributes.get("id", "")))
        elif name == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
            self.epoch = datetime(1904, 1, 1)  # noqa: DTZ001 - as above


class SharedTexts(Events):
    """Texts that cells name by their number; readings in phonetic script are left out."""

    skipped = frozenset({"rPh"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._parts: list[str] = []
        self._in_text = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._in_text = name == "t"

    def end(self, name: str) -> None:
        self._in_text = False
        if name == "si":
            self.found.append("".join(self._parts))
            self._parts = []

    def text(self, data: str) -> None:
        if self._in_text:
            self._parts.append(data)


class Styles(Events):
    """`dates` holds the numbers of the cell styles that show a number as a date or time."""

    told = frozenset({"numFmt", "xf"})

    def __init__(self) -> None:
        super().__init__()
        self.dates: set[int] = set()
        self._formats = set(_BUILT_IN_DATES)
        self._in_cells, self._number = False, 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt" and _DATE_LETTERS.search(_NOT_FORMAT.sub("", attributes.get("formatCode", ""))):
            self._formats.add(int(attributes.get("numFmtId", 0)))
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            if int(attributes.get("numFmtId", 0)) in self._formats:
                self.dates.add(self._number)
            self._number += 1

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False


class SheetRows(Events):
    """Each row a line, its cells set apart by tabs."""

    told = frozenset({"c"})
    skipped = frozenset({"f", "rPh"})  # what is shown is wanted, not how it is worked out

    def __init__(self, words: Collected, texts: list[str], dates: set[int], epoch: datetime) -> None:
        super().__init__()
        self._words, self._texts, self._dates, self._epoch = words, texts, dates, epoch
        self._cells: list[str] = []
        self._value: list[str] = []
        self._kind, self._is_date, self._in_value, self._rows = "", False, False, 0

    def read(self, container: zipfile.ZipFile, name: str) -> None:
        try:
            read_member(container, name, self)
        except EnoughRows:
            self._words.cut = True

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._kind, self._value = attributes.get("t", "n"), []
            self._is_date = int(attributes.get("s", 0)) in self._dates
        elif name in {"v", "t"}:
            self._in_value = True

    def text(self, data: str) -> None:
        if self._in_value:
            self._value.append(data)

    def end(self, name: str) -> None:
        if name in {"v", "t"}:
            self._in_value = False
        elif name == "c":
            if shown := self._shown("".join(self._value)):
                self._cells.append(shown)
        elif name == "row":
            self._end_row()

    def _end_row(self) -> None:
        if self._cells:
            self._words.add("\t".join(self._cells) + "\n")
        self._cells, self._rows = [], self._rows + 1
        if self._rows >= ROWS:
            raise EnoughRows

    def _shown(self, value: str) -> str:
        if self._kind == "s":
            place = int(value) if value.isdigit() else -1
            return self._texts[place] if 0 <= place < len(self._texts) else ""
        if self._kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(value, value)
        return self._date(value) if self._kind == "n" and self._is_date and value else value

    def _date(self, value: str) -> str:
        try:
            moment = self._epoch + timedelta(days=float(value))
        except (ValueError, OverflowError):
            return value
        return moment.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
