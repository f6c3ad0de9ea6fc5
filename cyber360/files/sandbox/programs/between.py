"""Marks between the parts of a page's own content, where it leaves nothing open that would bend or hide them."""

from collections.abc import Iterator
from typing import Any

import pikepdf

POINTS = 8  # on a page
LARGEST, ALL = 400_000, 4_000_000  # bytes of content: of one page, and of the document; reading operators takes time
Matrix = tuple[float, float, float, float, float, float]
_START: Matrix = (1, 0, 0, 1, 0, 0)
_BUILDS = frozenset({"m", "l", "c", "v", "y", "h", "re"})
_PAINTS = frozenset({"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "n"})


class Work:
    """How much content was taken apart already."""

    def __init__(self) -> None:
        self.left = ALL

    def takes(self, size: int) -> bool:
        if size > LARGEST or size > self.left:
            return False
        self.left -= size
        return True


def marked_between(page: pikepdf.Page, data: bytes, marks: list[bytes], work: Work) -> bytes:
    """The page's content with the marks (at most POINTS) spread over it; `data` is that content, balanced.

    A mark before everything else too, which shows wherever the page is not painted over.
    """
    if not marks:
        return data
    if not work.takes(len(data)):
        return b"".join(marks) + data
    instructions: list[Any] = list(pikepdf.parse_content_stream(page))
    places = [(0, _START), *_places(instructions)]
    chosen = [places[len(places) * number // POINTS] for number in range(POINTS)] if len(places) > POINTS else places
    parts, done = [], 0
    for number, (index, matrix) in enumerate(chosen):
        here = marks[number :: len(chosen)]
        if here and (back := _undone(matrix)):
            parts += [pikepdf.unparse_content_stream(instructions[done:index]), b"q %b cm" % back, *here, b"Q"]
            done = index
    return b"\n".join([*parts, pikepdf.unparse_content_stream(instructions[done:])])


def _places(instructions: list[Any]) -> Iterator[tuple[int, Matrix]]:
    """After which instructions nothing is open and nothing clips, each with what the page has set to place things."""
    matrix, is_clipped, in_text, layers, in_path = _START, False, False, 0, False
    kept: list[tuple[Matrix, bool]] = []
    for number, instruction in enumerate(instructions, start=1):
        name = str(instruction.operator)
        if name == "q":
            kept.append((matrix, is_clipped))
        elif name == "Q":
            matrix, is_clipped = kept.pop() if kept else (matrix, True)
        elif name == "cm":
            matrix = _times([float(operand) for operand in instruction.operands], matrix)
        elif name in {"W", "W*"}:
            is_clipped = True
        elif name in {"BT", "ET"}:
            in_text = name == "BT"
        elif name in {"BMC", "BDC", "EMC"}:
            layers += -1 if name == "EMC" else 1
        in_path = name in _BUILDS or (in_path and name not in _PAINTS)
        if not (is_clipped or in_text or layers or in_path) and name in {"Q", "ET", "EMC", "Do"}:
            yield number, matrix


def _times(first: list[float], then: Matrix) -> Matrix:
    """`first` before `then`, as `cm` sets it."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _undone(matrix: Matrix) -> bytes:
    """What takes the page's settings back; empty when they cannot be taken back."""
    a, b, c, d, e, f = matrix
    size = a * d - b * c
    if abs(size) < 1e-9:
        return b""
    back = (d / size, -b / size, -c / size, a / size, (c * f - d * e) / size, (b * e - a * f) / size)
    return b"%.6f %.6f %.6f %.6f %.6f %.6f" % back
