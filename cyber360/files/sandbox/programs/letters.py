"""Words as shapes: the outlines of a sans-serif font that comes with pdfium, so that no font is asked of the machine.

Shapes are no text: whoever copies the words out of a page, or has them read aloud, gets the document's and no others.
"""

import ctypes
import unicodedata
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium

Point = tuple[float, float]
UNIT = 64  # steps of the grid on which the outlines lie, to the height of a line
_NO_ACCENT = str.maketrans("ŁłĐđĦħŦŧı", "LlDdHhTti")  # letters that Unicode does not take apart


class Letters:
    def __init__(self) -> None:
        self._document = pypdfium2.PdfDocument.new()
        self._font = pdfium.FPDFText_LoadStandardFont(self._document.raw, b"Helvetica")

    def shapes(self, line: str) -> tuple[bytes, float]:
        """The operators that fill the line from the origin to the right, and how wide it is in heights of a line."""
        parts: list[bytes] = []
        right = 0.0
        for letter in self._written(line):
            parts.extend(self._outline(letter, right * UNIT))
            right += self._width(letter)
        return b" ".join([*parts, b"f"]) if parts else b"", right

    def _written(self, line: str) -> Iterator[str]:
        """In the letters that the font has: the others lose their accents or become a question mark."""
        for letter in unicodedata.normalize("NFC", line):
            if letter.isspace() or self._count(letter):
                yield letter
                continue
            plain = unicodedata.normalize("NFKD", letter.translate(_NO_ACCENT)).encode("ascii", "ignore").decode()
            yield from plain or ("" if unicodedata.combining(letter) else "?")

    def _glyph(self, letter: str):
        return pdfium.FPDFFont_GetGlyphPath(self._font, ord(letter), 1.0)

    def _count(self, letter: str) -> int:
        path = self._glyph(letter)
        return max(0, pdfium.FPDFGlyphPath_CountGlyphSegments(path)) if path else 0

    def _width(self, letter: str) -> float:
        width = ctypes.c_float()
        pdfium.FPDFFont_GetGlyphWidth(self._font, ord(letter), 1.0, width)
        return width.value

    def _outline(self, letter: str, right: float) -> Iterator[bytes]:
        """A curve becomes two straight lines: faint letters need no more, and curves are three times as long."""
        path, curve = self._glyph(letter), [(0.0, 0.0)]
        for number in range(self._count(letter)):
            segment = pdfium.FPDFGlyphPath_GetGlyphPathSegment(path, number)
            kind, place = pdfium.FPDFPathSegment_GetType(segment), _place(segment)
            curve.append(place)
            if kind == pdfium.FPDF_SEGMENT_MOVETO:
                yield _written(place, right) + b" m"
            elif kind == pdfium.FPDF_SEGMENT_LINETO:
                yield _written(place, right) + b" l"
            elif len(curve) == 4:
                yield _written(_halfway(curve), right) + b" l"
                yield _written(place, right) + b" l"
            if kind != pdfium.FPDF_SEGMENT_BEZIERTO or len(curve) == 4:
                curve = [place]
            if pdfium.FPDFPathSegment_GetClose(segment):
                yield b"h"


def _place(segment) -> Point:
    x, y = ctypes.c_float(), ctypes.c_float()
    pdfium.FPDFPathSegment_GetPoint(segment, x, y)
    return x.value, y.value


def _halfway(curve: list[Point]) -> Point:
    """The middle of a Bézier curve of four points."""
    x, y = (sum(share * point[axis] for share, point in zip((1, 3, 3, 1), curve, strict=True)) / 8 for axis in (0, 1))
    return x, y


def _written(place: Point, right: float) -> bytes:
    return b"%d %d" % (round(place[0] * UNIT + right), round(place[1] * UNIT))
