"""Plain text and CSV: decodable, no binary in it, and not a page or program under another name."""

import codecs
import csv
import re
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from django.utils.translation import gettext as _

from cyber360.files.checks.base import Refused

PIECE = 1024 * 1024
_TAG = r"!doctype|html|head|body|script|svg|iframe|object|embed|style|meta|link|base|form|img|math|a\s+href|\?xml|\?php"
_PACKED = r"\(This file must be converted with BinHex|begin [0-7]{3,4} \S"
_OTHER = re.compile(rf"\s*(<\s*({_TAG})|%PDF-|\{{\\rtf|MZ|{_PACKED})", re.I)
_MAIL = re.compile(r"^(MIME-Version|Content-Transfer-Encoding): ", re.I | re.M)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_CONTROL_BYTES = bytes([*range(0x09), *range(0x0E, 0x1B), *range(0x1C, 0x20)])
_FORMULA = ("=", "+", "-", "@", "\t")
_NUMBER_ONLY = r"[+-]?[\d.,\s]*[%€£$]?"
_NUMBER = re.compile(rf"{_NUMBER_ONLY}$")
_BETWEEN = "\x01"  # stands between cells that are searched together
_IN_A_ROW = re.compile(rf"{_BETWEEN}(?=[=+@\t-])(?!{_NUMBER_ONLY}\n?{_BETWEEN})")
FIELD_LIMIT = 200_000
_START = 4096  # characters that show another format


def check_txt(file: BinaryIO) -> list[str]:
    for _text in _decoded(file):
        pass
    return []


def check_csv(file: BinaryIO) -> list[str]:
    """Also notes cells that a spreadsheet would run as a formula."""
    blocks, cells, formulas, number = _Blocks(file), list[str](), False, 0
    try:
        for row in csv.reader(chain.from_iterable(blocks), strict=False):
            if blocks.number != number:  # so that only the cells of one block of text are held
                formulas, number = formulas or _has_formula(cells), blocks.number
                cells.clear()
            if not formulas:
                cells += row
    except csv.Error as error:
        raise Refused(_("The rows cannot be read. Save it as CSV (UTF-8) from the spreadsheet again.")) from error
    return [_("contains cells that begin like a formula")] if formulas or _has_formula(cells) else []


def _has_formula(cells: list[str]) -> bool:
    """One search over all cells at once, which is several times as fast as one after the other."""
    joined = _BETWEEN + _BETWEEN.join(cells) + _BETWEEN
    if joined.count(_BETWEEN) > len(cells) + 1:  # a cell holds the mark itself
        return any(cell.startswith(_FORMULA) and not _NUMBER.match(cell) for cell in cells)
    return any(_BETWEEN + mark in joined for mark in _FORMULA) and bool(_IN_A_ROW.search(joined))


def plain_text(file: BinaryIO) -> Iterator[str]:
    """The text in pieces, for looking through it; a mail with NUL bytes or an unknown encoding is read as it comes."""
    file.seek(0)
    encoding = _encoding(file.read(2))
    file.seek(0)
    decoder, rest = codecs.getincrementaldecoder(encoding)("replace"), ""
    while data := file.read(PIECE):
        text = rest + decoder.decode(data)
        end = max(text.rfind("\n"), len(text) - FIELD_LIMIT) + 1  # a line is looked at whole
        yield text[:end]
        rest = text[end:]
    yield rest + decoder.decode(b"", final=True)


class TextGlance:
    """Looks at a text while it comes in, piece by piece, so that most need no second reading.

    `is_plain` only where `check_txt` would certainly accept the whole: UTF-8 throughout, no control character at all,
    and a beginning of no other format. False says nothing: the check itself decides, and finds the words to refuse.
    """

    def __init__(self) -> None:
        self.is_plain = True
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._first = True

    def take(self, data: bytes) -> None:
        if not self.is_plain:
            return
        try:
            self.is_plain = not _controls(data, "", "") and self._reads(data)
        except UnicodeDecodeError:
            self.is_plain = False

    def _reads(self, data: bytes) -> bool:
        if not self._first:
            if not data.isascii() or self._decoder.getstate()[0]:
                self._decoder.decode(data)
            return True
        self._first = False
        if _encoding(data[:2]) == "utf-16" or data.startswith(codecs.BOM_UTF8):
            return False
        start = self._decoder.decode(data)[:_START]
        # A piece too short to judge the beginning by is left to the check.
        return len(start) == _START and not _OTHER.match(start) and not _MAIL.search(start)

    def end(self) -> None:
        """The last byte was taken."""
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            self.is_plain = False
        self.is_plain = self.is_plain and not self._first


def _encoding(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-8-sig"


def _decoded(file: BinaryIO) -> Iterator[str]:
    """The text in pieces. UTF-8, UTF-16 with its mark, else Windows-1252. Raises Refused."""
    file.seek(0)
    encoding = _encoding(file.read(2))
    try:
        yield from _pieces(file, encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8-sig":
            raise _not_text() from error
    else:
        return
    try:
        # Pieces already given out were pure ASCII or UTF-8; whoever counts cells counts them again, harmlessly.
        yield from _pieces(file, "cp1252")
    except UnicodeDecodeError as error:
        raise _not_text() from error


def _pieces(file: BinaryIO, encoding: str) -> Iterator[str]:
    file.seek(0)
    decoder, first = codecs.getincrementaldecoder(encoding)(), True
    while data := file.read(PIECE):
        text = decoder.decode(data)
        if first and _OTHER.match(text[:_START]):
            raise Refused(_("The content is a web page, a program or another format. Save it as PDF and upload that."))
        if first and _MAIL.search(text[:_START]):
            raise Refused(_("The content is a saved mail. Save the mail as EML or MSG, or print it to PDF."))
        if "\x00" in text or _controls(data, text, encoding) > len(text) // 100:
            raise _not_text()
        first = False
        yield text
    decoder.decode(b"", final=True)


def _controls(data: bytes, text: str, encoding: str) -> int:
    """How many control characters; where each is one byte, counted five times as fast."""
    if encoding == "utf-16":
        return len(_CONTROLS.findall(text))
    return len(data) - len(data.translate(None, _CONTROL_BYTES))


class _Blocks:
    """The lines of a file in lists, one for each piece of text. `number` counts those handed out."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.number = 0

    def __iter__(self) -> Iterator[list[str]]:
        rest = ""
        for text in _decoded(self._file):
            *whole, rest = (rest + text).splitlines(keepends=True) or [""]
            self.number += 1
            yield whole
            if len(rest) > FIELD_LIMIT:
                raise Refused(_("It has a line of more than 200,000 characters. Save it as XLSX and upload that."))
        if rest:
            self.number += 1
            yield [rest]


def _not_text() -> Refused:
    return Refused(_("The content is not plain text. Save it as text (UTF-8), or upload it in its own format."))
